//! A classic group and its members.

use super::reader::{Reader, Unreadable};
use super::writer::Writer;
use super::{StateKey, StateRecord};
use crate::wire::units::WallMillis;

/// A classic group after a rebalance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupMetadataValue<'a> {
    /// Empty if the group never had a member.
    pub(crate) protocol_type: &'a str,
    pub(crate) generation: i32,
    pub(crate) protocol: Option<&'a str>,
    pub(crate) leader: Option<&'a str>,
    /// When the group came into its state.
    pub(crate) current_state_timestamp: WallMillis,
    pub(crate) members: Vec<MemberMetadata<'a>>,
}

/// A member of a classic group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemberMetadata<'a> {
    pub(crate) member_id: &'a str,
    pub(crate) group_instance_id: Option<&'a str>,
    pub(crate) client_id: &'a str,
    pub(crate) client_host: &'a str,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) session_timeout_ms: i32,
    /// The metadata of the group's protocol.
    pub(crate) subscription: &'a [u8],
    pub(crate) assignment: &'a [u8],
}

impl<'a> GroupMetadataValue<'a> {
    /// Versions before 3 are those of Kafka before 2.3.
    pub(crate) fn read(value: &'a [u8]) -> Result<Self, Unreadable> {
        let (version, mut from) = Reader::of_version(value, 0..=3, i16::MAX)?;
        Ok(Self {
            protocol_type: from.string()?,
            generation: from.int32()?,
            protocol: from.nullable_string()?,
            leader: from.nullable_string()?,
            current_state_timestamp: WallMillis(if version >= 2 { from.int64()? } else { -1 }),
            members: from.array(|from| MemberMetadata::read(version, from))?,
        })
    }
}

impl<'a> MemberMetadata<'a> {
    fn read(version: i16, from: &mut Reader<'a>) -> Result<Self, Unreadable> {
        Ok(Self {
            member_id: from.string()?,
            group_instance_id: if version >= 3 {
                from.nullable_string()?
            } else {
                None
            },
            client_id: from.string()?,
            client_host: from.string()?,
            rebalance_timeout_ms: if version >= 1 { from.int32()? } else { -1 },
            session_timeout_ms: from.int32()?,
            subscription: from.bytes()?,
            assignment: from.bytes()?,
        })
    }
}

impl GroupMetadataValue<'_> {
    pub(crate) fn record(&self, group: &str) -> StateRecord {
        let mut to = Writer::plain(3);
        to.string(self.protocol_type)
            .int32(self.generation)
            .nullable_string(self.protocol)
            .nullable_string(self.leader)
            .int64(self.current_state_timestamp.0)
            .array(&self.members, |to, member| member.write(to));
        StateKey::GroupMetadata { group }.with(to.finish())
    }
}

impl MemberMetadata<'_> {
    fn write(&self, to: &mut Writer) {
        to.string(self.member_id)
            .nullable_string(self.group_instance_id)
            .string(self.client_id)
            .string(self.client_host)
            .int32(self.rebalance_timeout_ms)
            .int32(self.session_timeout_ms)
            .bytes(self.subscription)
            .bytes(self.assignment);
    }
}
