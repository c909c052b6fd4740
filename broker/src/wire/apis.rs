//! What the table of APIs makes: the typed requests and responses, their decoding and encoding, the rows of
//! ApiVersions and the support table of docs/compatibility.md.

use bytes::Bytes;

use super::api::Api;
use super::api_table::for_each_api;
use super::ext::{self, DecodeError, EncodeError};
use super::messages::*;
use super::rope::RopeMut;

/// A row of ApiVersions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ApiRow {
    pub(crate) key: i16,
    pub(crate) name: &'static str,
    pub(crate) min: i16,
    pub(crate) max: i16,
}

macro_rules! define {
    ($(($key:literal, $name:ident, $module:ident, $access:ident, $request:ident, $response:ident, $min:literal, $max:literal),)*) => {
        /// What is served, by key. Produce names v0 to v2 that nobody serves, as Kafka does for
        /// old librdkafka (KAFKA-18659).
        const SERVED: &[ApiRow] = &[
            $(ApiRow { key: $key, name: stringify!($name), min: $min, max: $max }),*
        ];

        /// A decoded request.
        #[derive(Debug, Clone)]
        pub(crate) enum Request {
            $($name($request)),*
        }

        /// A response to encode.
        #[derive(Debug, Clone)]
        pub(crate) enum Response {
            $($name($response)),*
        }

        $(
            impl From<$request> for Request {
                fn from(request: $request) -> Self {
                    Self::$name(request)
                }
            }
            impl From<$response> for Response {
                fn from(response: $response) -> Self {
                    Self::$name(response)
                }
            }
        )*

        impl Response {
            /// Which API's it is.
            pub(crate) const fn api(&self) -> Api {
                match self {
                    $(Self::$name(_) => Api::$name),*
                }
            }
        }

        impl Request {
            /// The API's name.
            pub(crate) const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name)),*
                }
            }

            /// Which API it is.
            pub(crate) const fn api(&self) -> Api {
                match self {
                    $(Self::$name(_) => Api::$name),*
                }
            }

            /// Decodes a request's body; `None` for an API that is not served.
            pub(crate) fn decode(
                api_key: i16,
                version: i16,
                body: Bytes,
            ) -> Option<Result<Self, DecodeError>> {
                match api_key {
                    $($key if (0.max($min)..=$max).contains(&version) => {
                        Some(ext::decode(api_key, version, body).map(Self::$name))
                    })*
                    _ => None,
                }
            }
        }

        #[cfg(any(test, fuzzing))]
        impl Request {
            /// The body, as a client would send it; nothing if the version cannot say it.
            pub(crate) fn body(&self, version: i16) -> Option<Bytes> {
                match self {
                    $(Self::$name(request) => ext::encode_request($key, version, request)),*
                }
            }
        }

        impl Response {
            /// Encodes the body as the request's version asks.
            pub(crate) fn encode(
                &mut self,
                version: i16,
                to: &mut RopeMut,
            ) -> Result<(), EncodeError> {
                match self {
                    $(Self::$name(response) => ext::encode($key, version, response, to)),*
                }
            }
        }
    };
}
for_each_api!(define);

/// Client telemetry (KIP-714) is served without being offered, as Kafka does while no metrics reporter takes it.
const NOT_OFFERED: [i16; 2] = [
    Api::GetTelemetrySubscriptions.key(),
    Api::PushTelemetry.key(),
];

/// What ApiVersions lists, by key.
pub(crate) fn advertised() -> impl Iterator<Item = &'static ApiRow> {
    SERVED.iter().filter(|api| !NOT_OFFERED.contains(&api.key))
}

impl Request {
    /// Whether a broker hands it on to the controller, which does one thing after the other.
    pub(crate) const fn is_for_controller(&self) -> bool {
        matches!(
            self,
            Self::CreateTopics(_)
                | Self::DeleteTopics(_)
                | Self::CreatePartitions(_)
                | Self::AlterConfigs(_)
                | Self::IncrementalAlterConfigs(_)
                | Self::ElectLeaders(_)
                | Self::AlterPartitionReassignments(_)
                | Self::ListPartitionReassignments(_)
                | Self::AlterClientQuotas(_)
                | Self::AlterUserScramCredentials(_)
                | Self::UpdateFeatures(_)
                | Self::UnregisterBroker(_)
                | Self::UnregisterController(_)
                | Self::AddRaftVoter(_)
                | Self::RemoveRaftVoter(_)
        )
    }

    /// Whether other settings may be in force once it is answered.
    pub(crate) const fn changes_settings(&self) -> bool {
        matches!(
            self,
            Self::AlterConfigs(_) | Self::IncrementalAlterConfigs(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{SERVED, advertised};

    /// Rows of the support table of docs/compatibility.md, as they must stand there.
    fn table() -> String {
        let row = |api: &super::ApiRow| {
            let versions = if api.min == api.max {
                api.min.to_string()
            } else {
                format!("{}–{}", api.min, api.max)
            };
            format!("| {} | {} | {versions} |\n", api.key, api.name)
        };
        advertised().map(row).collect()
    }

    #[test]
    fn the_page_lists_what_is_advertised() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/compatibility.md");
        let page = std::fs::read_to_string(path).unwrap();
        assert!(
            page.contains(&table()),
            "put this into docs/compatibility.md:\n{}",
            table()
        );
    }

    #[test]
    fn keys_are_sorted_and_unique() {
        assert!(SERVED.windows(2).all(|pair| pair[0].key < pair[1].key));
    }
}
