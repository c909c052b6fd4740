//! What requests of streams groups are about.

use super::Keys;
use crate::wire::apis::Request;

impl Keys {
    /// Requests of members of streams groups, and of their admin clients.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a few are about them")]
    pub(super) fn streams(&mut self, request: &Request) {
        match request {
            Request::StreamsGroupHeartbeat(r) => {
                self.member(&r.group_id, &r.member_id, r.instance_id.as_deref());
                self.generation = Some(r.member_epoch);
            }
            Request::StreamsGroupTopologyDescriptionUpdate(r) => {
                self.member(&r.group_id, &r.member_id, None);
            }
            Request::StreamsGroupDescribe(r) => r.group_ids.iter().for_each(|id| self.group(id)),
            _ => {}
        }
    }
}
