//! ApiVersions: the request's fifth version, and the answer to versions that are too new.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::ApiVersionsResponse;
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::protocol::StrBytes;

use super::structs::{message, structs};

structs! {
    struct ApiVersionsRequest {
        client_software_name: StrBytes = StrBytes::new(), 3..=5;
        client_software_version: StrBytes = StrBytes::new(), 3..=5;
        // Whom the client thinks it has reached (KIP-1242).
        cluster_id: Option<StrBytes> = None, 5..=5;
        node_id: i32 = -1, 5..=5;
    }
}
message!(ApiVersionsRequest, 0..=5, flexible from 3);

/// An ApiVersions request of a version to come. Its body cannot be read; it is answered in the layout of version 0, which
/// any client can read (KIP-511).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooNew {
    /// The version that the client asked in.
    pub(crate) asked: i16,
    /// The newest that is served.
    pub(crate) newest: i16,
}

impl TooNew {
    /// The client tries again with a version that it finds here.
    pub(crate) fn answer(self) -> ApiVersionsResponse {
        let row = ApiVersion::default()
            .with_api_key(18)
            .with_min_version(0)
            .with_max_version(self.newest);
        ApiVersionsResponse::default()
            .with_error_code(ResponseError::UnsupportedVersion.code())
            .with_api_keys(vec![row])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::protocol::Encodable as _;

    #[test]
    fn the_answer_to_a_too_new_version_has_one_row() {
        let mut bytes = Vec::new();
        let too_new = TooNew {
            asked: 6,
            newest: 5,
        };
        too_new.answer().encode(&mut bytes, 0).unwrap();
        assert_eq!(bytes, b"\0\x23\0\0\0\x01\0\x12\0\0\0\x05");
    }
}
