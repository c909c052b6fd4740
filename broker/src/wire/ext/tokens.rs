//! CreateDelegationToken's answer, which is larger than any other one by far: it is kept apart, so that
//! the others stay small.

use anyhow::Result;
use kafka_protocol::messages::CreateDelegationTokenResponse as Content;
use kafka_protocol::protocol::buf::ByteBufMut;
use kafka_protocol::protocol::{Encodable, Message, VersionRange};

/// The answer, in a place of its own.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct CreateDelegationTokenResponse(pub(crate) Box<Content>);

impl std::ops::Deref for CreateDelegationTokenResponse {
    type Target = Content;

    fn deref(&self) -> &Content {
        &self.0
    }
}

impl Message for CreateDelegationTokenResponse {
    const VERSIONS: VersionRange = Content::VERSIONS;
    const DEPRECATED_VERSIONS: Option<VersionRange> = Content::DEPRECATED_VERSIONS;
}

#[cfg(test)]
impl kafka_protocol::protocol::Decodable for CreateDelegationTokenResponse {
    fn decode<B: kafka_protocol::protocol::buf::ByteBuf>(
        from: &mut B,
        version: i16,
    ) -> Result<Self> {
        Content::decode(from, version).map(|content| Self(Box::new(content)))
    }
}

impl Encodable for CreateDelegationTokenResponse {
    fn encode<B: ByteBufMut>(&self, to: &mut B, version: i16) -> Result<()> {
        self.0.encode(to, version)
    }

    fn compute_size(&self, version: i16) -> Result<usize> {
        self.0.compute_size(version)
    }
}
