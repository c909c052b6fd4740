//! What `__consumer_offsets` keeps of a classic group.

use std::time::Duration;

use super::{ClassicGroup, ErrorCode, Member, Turn};
use crate::wire::state_records::{GroupMetadataValue, MemberMetadata};

impl ClassicGroup {
    /// Writes the group as it stands, unless that is larger than it may be.
    pub(crate) fn persist(&self, turn: &mut Turn<'_>) -> Result<(), ErrorCode> {
        let protocol = self.protocol().unwrap_or_default();
        let subscription = |member: &Member| member.metadata(protocol);
        let members = self.members_as_kept();
        let subscriptions: Vec<_> = members.iter().copied().map(subscription).collect();
        let members = members.into_iter().zip(&subscriptions);
        let members = members.map(|(member, subscription)| MemberMetadata {
            member_id: &member.id,
            group_instance_id: member.instance_id.as_deref(),
            client_id: &member.client_id,
            client_host: &member.client_host,
            rebalance_timeout_ms: millis(member.rebalance_timeout),
            session_timeout_ms: millis(member.session_timeout),
            subscription,
            assignment: &member.assignment,
        });
        let value = GroupMetadataValue {
            protocol_type: self.protocol_type().unwrap_or_default(),
            generation: self.generation,
            protocol: self.protocol(),
            leader: self.leader(),
            current_state_timestamp: self.since,
            members: members.collect(),
        };
        let record = value.record(&self.id);
        turn.check_size(std::slice::from_ref(&record))?;
        turn.append(&self.id, record);
        Ok(())
    }
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
