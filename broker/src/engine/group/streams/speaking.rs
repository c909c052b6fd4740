//! Who speaks in a heartbeat: somebody new, a member in its epoch, or a static member that is back.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::StreamsGroup;
use super::change::Change;
use super::member::{Current, Description, LEAVING_STATIC, Member};
use super::status::Status;
use super::words::{HeartbeatUpdate, is_within};
use crate::engine::api_error::ApiError;
use crate::engine::context::Call;
use crate::engine::group::refusals::full;
use crate::engine::group::turn::Turn;
use crate::wire::error::ErrorCode;

/// What a heartbeat has come to.
pub(super) struct Heard {
    pub(super) old: Member,
    pub(super) new: Member,
    /// The member whose instance id it has, under another id.
    pub(super) replaced: Option<Arc<str>>,
    /// Whether tasks are to be assigned anew.
    pub(super) recompute: bool,
    pub(super) statuses: Vec<Status>,
}

impl StreamsGroup {
    /// The member before and after what it says of itself.
    pub(super) fn hear(
        &self,
        turn: &Turn<'_>,
        call: &Call,
        update: &HeartbeatUpdate,
        changes: &mut Vec<Change>,
    ) -> Result<Heard, ApiError> {
        if update.epoch == 0 {
            self.check_room(turn, update)?;
        }
        let instance = update.instance_id.as_deref();
        let holder = instance.and_then(|instance| self.static_member(instance));
        let replaced = holder.filter(|holder| holder.id != update.member);
        let replaced = replaced.map(|holder| Arc::clone(&holder.id));
        let old = self.speaking(update, changes)?;
        let description = described(&old.description, call, update)?;
        let new = Member {
            description,
            ..old.clone()
        };
        let mut recompute = false;
        if new.description != old.description {
            let id = Arc::clone(&new.id);
            changes.push(Change::Description(id, new.description.clone()));
            recompute = instance.is_none() || moves_tasks(&old.description, &new.description);
        }
        let statuses = Vec::new();
        Ok(Heard {
            old,
            new,
            replaced,
            recompute,
            statuses,
        })
    }

    fn check_room(&self, turn: &Turn<'_>, update: &HeartbeatUpdate) -> Result<(), ApiError> {
        let instance = update.instance_id.as_ref();
        let known = instance.is_some_and(|instance| self.static_members.contains_key(instance))
            || self.members.contains_key(&update.member);
        let most = turn.config.streams_group_max_size;
        if known || self.members.len() < most {
            return Ok(());
        }
        Err(full("streams", most))
    }

    /// The member that speaks, made if it joins.
    fn speaking(
        &self,
        update: &HeartbeatUpdate,
        changes: &mut Vec<Change>,
    ) -> Result<Member, ApiError> {
        let joins = update.epoch == 0;
        let new = || Member::new(Arc::clone(&update.member));
        let known = || {
            self.members
                .get(&update.member)
                .cloned()
                .unwrap_or_else(new)
        };
        let Some(instance) = update.instance_id.as_deref() else {
            if joins {
                return Ok(known());
            }
            let member = self.member(&update.member)?;
            check_epoch(member, update)?;
            return Ok(member.clone());
        };
        if !joins {
            let member = self.owner_of(instance, &update.member)?;
            check_epoch(member, update)?;
            return Ok(member.clone());
        }
        let Some(before) = self.static_member(instance) else {
            return Ok(known());
        };
        if before.current.epoch != LEAVING_STATIC {
            let message = format!(
                "Static member {} with instance id {instance} cannot join the group because the \
                 instance id is owned by {} member.",
                update.member, before.id
            );
            return Err(ApiError::new(ErrorCode::UnreleasedInstanceId, message));
        }
        Ok(self.replaced(before, &update.member, changes))
    }

    /// A static member under a new id, with all that it had under the old one.
    fn replaced(&self, before: &Member, id: &Arc<str>, changes: &mut Vec<Change>) -> Member {
        let current = Current {
            epoch: 0,
            previous_epoch: 0,
            ..before.current.clone()
        };
        let member = Member {
            id: Arc::clone(id),
            description: before.description.clone(),
            current,
        };
        changes.extend(super::leave::gone(&before.id));
        let target = self.target.get(&before.id).cloned().unwrap_or_default();
        changes.push(Change::Description(
            Arc::clone(id),
            member.description.clone(),
        ));
        changes.push(Change::Target(Arc::clone(id), target));
        changes.push(Change::Current(Arc::clone(id), member.current.clone()));
        member
    }
}

/// Whether a static member's new words may move tasks.
fn moves_tasks(old: &Description, new: &Description) -> bool {
    old.topology_epoch != new.topology_epoch
        || old.rack_id != new.rack_id
        || old.client_tags != new.client_tags
        || old.process_id != new.process_id
}

/// The member's own epoch is right, and so is the one before while it reports no more than it has: then the last answer was lost.
fn check_epoch(member: &Member, update: &HeartbeatUpdate) -> Result<(), ApiError> {
    let known = member.current.epoch;
    let lost_answer = || {
        update.epoch == member.current.previous_epoch && is_within(update.reported.as_ref(), member)
    };
    let compared = match update.epoch {
        0 => return Ok(()),
        epoch if epoch > known => "greater",
        epoch if epoch < known && !lost_answer() => "smaller",
        _ => return Ok(()),
    };
    let message = format!(
        "The streams group member has a {compared} member epoch ({}) than the one known by the \
         group coordinator ({known}). The member must abandon all its partitions and rejoin.",
        update.epoch
    );
    Err(ApiError::new(ErrorCode::FencedMemberEpoch, message))
}

fn described(
    old: &Description,
    call: &Call,
    update: &HeartbeatUpdate,
) -> Result<Description, ApiError> {
    let or = |new: &Option<String>, old: &Option<String>| new.clone().or_else(|| old.clone());
    let client_tags = match &update.client_tags {
        None => old.client_tags.clone(),
        Some(sent) => {
            let tags: BTreeMap<String, String> = sent.iter().cloned().collect();
            // Oracle: Kafka has no words for a tag that comes twice.
            if tags.len() != sent.len() {
                return Err(ErrorCode::UnknownServerError.into());
            }
            tags
        }
    };
    let topology = update.topology.as_ref();
    let endpoint = match &update.endpoint {
        None if update.epoch != 0 => old.endpoint.clone(),
        sent => sent.clone(),
    };
    Ok(Description {
        instance_id: or(&update.instance_id, &old.instance_id),
        rack_id: or(&update.rack_id, &old.rack_id),
        client_id: call.client_id.to_string(),
        client_host: call.client_host.clone(),
        rebalance_timeout_ms: update
            .rebalance_timeout_ms
            .unwrap_or(old.rebalance_timeout_ms),
        topology_epoch: topology.map_or(old.topology_epoch, |topology| topology.epoch),
        process_id: update
            .process_id
            .clone()
            .unwrap_or_else(|| old.process_id.clone()),
        endpoint,
        client_tags,
    })
}
