//! Which streams group takes a request, and what is said where there is none.

use std::sync::Arc;

use super::heartbeat::Origin;
use super::{HeartbeatReply, HeartbeatUpdate, StreamsGroup};
use crate::engine::api_error::ApiError;
use crate::engine::context::{Call, ReadContext};
use crate::engine::group::classic::State;
use crate::engine::group::refusals::{no_group, no_group_of_kind, not_a_member, other_kind};
use crate::engine::group::turn::Turn;
use crate::engine::group::{Group, Groups};

/// Whether streams groups are in use: by the broker's settings, and by the cluster's feature.
pub(crate) fn is_enabled(cx: ReadContext<'_>) -> bool {
    let protocols = &cx.state.broker_config(cx.call.node).group_protocols;
    protocols.iter().any(|name| name == "streams") && cx.state.features.level("streams.version") > 0
}

impl Groups {
    /// Takes a heartbeat of a member that joins or stays. Who joins may make the group, also of an empty classic one.
    pub(crate) fn streams_heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        call: &Call,
        id: &Arc<str>,
        update: &HeartbeatUpdate,
    ) -> Result<HeartbeatReply, ApiError> {
        let joins = update.epoch == 0;
        if joins {
            self.former.returned(id, &update.member);
        }
        let is_former = self.former.has(id, &update.member);
        match self.get_mut(id) {
            Some(Group::Streams(group)) => group.heartbeat(turn, call, update, Origin::Known),
            Some(Group::Classic(classic)) if joins && *classic.state() == State::Empty => {
                let mut group = StreamsGroup::new(Arc::clone(id));
                let origin = Origin::Replaces(classic);
                let reply = group.heartbeat(turn, call, update, origin)?;
                group.forget_unwritten();
                self.insert(Arc::clone(id), Group::Streams(group));
                Ok(reply)
            }
            Some(_) | None if is_former => Err(not_a_member(id, &update.member)),
            Some(_) => Err(other_kind(id, "streams")),
            None if joins => {
                let mut group = StreamsGroup::new(Arc::clone(id));
                let reply = group.heartbeat(turn, call, update, Origin::New)?;
                group.forget_unwritten();
                self.insert(Arc::clone(id), Group::Streams(group));
                Ok(reply)
            }
            None => Err(no_group_of_kind(id, "Streams")),
        }
    }

    /// Takes a member's good-bye: its epoch, and whether the application is to be shut down.
    pub(crate) fn streams_leave(
        &mut self,
        turn: &mut Turn<'_>,
        id: &str,
        member: &str,
        instance: Option<&str>,
        farewell: (i32, bool),
    ) -> Result<(), ApiError> {
        let is_former = self.former.has(id, member);
        match self.get_mut(id) {
            Some(Group::Streams(group)) => group.leave(turn, member, instance, farewell),
            Some(_) | None if is_former => Err(not_a_member(id, member)),
            Some(_) => Err(other_kind(id, "streams")),
            None => Err(no_group(id)),
        }
    }

    /// The streams group of that name.
    pub(crate) fn streams(&self, id: &str) -> Result<&StreamsGroup, ApiError> {
        match self.get(id) {
            Some(Group::Streams(group)) => Ok(group),
            Some(_) => Err(other_kind(id, "streams")),
            None => Err(no_group(id)),
        }
    }
}
