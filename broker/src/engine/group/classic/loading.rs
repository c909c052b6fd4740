//! A classic group as the records of `__consumer_offsets` tell of it, and its end at a coordinator that is
//! none any more.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{ClassicGroup, ErrorCode, Member, Protocol, State, Turn};
use crate::engine::time::Now;
use crate::wire::state_records::{GroupMetadataValue, MemberMetadata};
use crate::wire::units::WallMillis;

impl ClassicGroup {
    /// The group that a record tells of: it is stable if it has members, who offer nothing but the protocol
    /// that their generation uses.
    pub(crate) fn restored(id: Arc<str>, value: &GroupMetadataValue<'_>, now: Now) -> Self {
        let mut group = Self::new(id, now);
        group.generation = value.generation;
        group.protocol = value.protocol.map(Arc::from);
        group.leader = value.leader.map(Arc::from);
        if value.current_state_timestamp != WallMillis(-1) {
            group.since = value.current_state_timestamp;
        }
        let kind: Arc<str> = value.protocol_type.into();
        group.protocol_type = (!kind.is_empty()).then(|| Arc::clone(&kind));
        if !value.members.is_empty() {
            group.state = State::Stable(Default::default());
        }
        for member in &value.members {
            let protocol = Arc::from(value.protocol.unwrap_or_default());
            group.add(restored(member, protocol), Arc::clone(&kind));
        }
        group.subscribed_topics = group.topics_of_members();
        group
    }

    /// Expects to hear of everyone. A group that is larger than may be by now begins a rebalance.
    pub(crate) fn on_loaded(&mut self, turn: &mut Turn<'_>) {
        for member in self.members.values() {
            self.expect(turn, &member.id, member.session_timeout);
        }
        if self.members.len() > turn.config.group_max_size {
            self.prepare_rebalance(turn, "the group was loaded and is over capacity");
        }
    }

    /// Tells who waits that this is the coordinator no longer.
    pub(crate) fn unload(&mut self, turn: &mut Turn<'_>) {
        self.refuse_all(turn, ErrorCode::NotCoordinator);
        self.enter(turn, State::Dead, "its coordinator is another");
    }
}

fn restored(member: &MemberMetadata<'_>, protocol: Arc<str>) -> Member {
    let millis = |millis: i32| Duration::from_millis(u64::try_from(millis).unwrap_or_default());
    let rebalance_timeout_ms = match member.rebalance_timeout_ms {
        -1 => member.session_timeout_ms,
        given => given,
    };
    Member {
        id: member.member_id.into(),
        instance_id: member.group_instance_id.map(Arc::from),
        client_id: member.client_id.into(),
        client_host: member.client_host.into(),
        connection: None,
        rebalance_timeout: millis(rebalance_timeout_ms),
        session_timeout: millis(member.session_timeout_ms),
        protocols: vec![Protocol {
            name: protocol,
            metadata: Bytes::copy_from_slice(member.subscription),
        }],
        assignment: Bytes::copy_from_slice(member.assignment),
        waiting_join: None,
        waiting_sync: None,
        is_new: false,
    }
}
