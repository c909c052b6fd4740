//! A member's heartbeat: join, changed fields, the topology, reconciliation.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::change::{Change, Epoch};
use super::current::{self, Step};
use super::endpoints::PartitionsByEndpoint;
use super::member::{Current, Description, LEAVING_STATIC, Member, MemberState};
use super::status::{self, Status};
use super::target::Target;
use super::tasks::{ActiveTasks, TaskIds, Tasks};
use super::topics::{Configured, InternalTopic};
use super::topology::Topology;
use super::{Offsets, StreamsGroup, TaskOffsets};
use crate::engine::api_error::ApiError;
use crate::engine::context::Call;
use crate::engine::group::classic::ClassicGroup;
use crate::engine::group::consumer::hash;
use crate::engine::group::turn::{GroupTimerKind, Turn, millis};
use crate::engine::state_topic::{self, StateTopic};
use crate::wire::error::ErrorCode;
use crate::wire::state_records::StreamsGroupTopologyValue;

/// The setting by which standby tasks are spread, as the group's record names it.
const RACK_TAGS: &str = "rack.aware.assignment.tags";

/// The first version that may say that tags are missing.
const TAGS_SINCE: i16 = 1;

/// The fields of a heartbeat; none where it has not changed since the last one.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeartbeatUpdate {
    pub(crate) member: Arc<str>,
    pub(crate) epoch: i32,
    pub(crate) instance_id: Option<String>,
    pub(crate) rack_id: Option<String>,
    pub(crate) rebalance_timeout_ms: Option<i32>,
    pub(crate) topology: Option<StreamsGroupTopologyValue>,
    pub(crate) process_id: Option<String>,
    pub(crate) endpoint: Option<(String, u16)>,
    pub(crate) client_tags: Option<Vec<(String, String)>>,
    /// What it says that it runs.
    pub(crate) reported: Option<Reported>,
    pub(crate) task_offsets: Option<Vec<TaskOffset>>,
    pub(crate) task_end_offsets: Option<Vec<TaskOffset>>,
    pub(crate) shuts_down: bool,
    pub(crate) endpoint_epoch: i32,
}

/// Tasks as a member lists them.
pub(crate) type TaskList = Vec<(String, Vec<i32>)>;

/// Active, standby and warm-up tasks.
pub(crate) type Reported = [TaskList; 3];

/// How far a task's state has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaskOffset {
    pub(crate) subtopology: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
}

/// The answer to a heartbeat.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HeartbeatReply {
    pub(crate) member: Arc<str>,
    pub(crate) epoch: i32,
    pub(crate) heartbeat_interval_ms: i32,
    pub(crate) task_offset_interval_ms: i32,
    pub(crate) acceptable_recovery_lag: i64,
    pub(crate) statuses: Vec<Status>,
    /// None if they have not changed.
    pub(crate) tasks: Option<Tasks>,
    pub(crate) endpoint_epoch: i32,
    /// None if the member knows it.
    pub(crate) endpoints: Option<Vec<PartitionsByEndpoint>>,
    /// Internal topics to be made.
    pub(crate) missing: Vec<InternalTopic>,
}

/// What stood in the group's place before a heartbeat.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'a> {
    New,
    Known,
    /// A classic group without members.
    Replaces(&'a ClassicGroup),
}

/// What a heartbeat has come to.
struct Heard {
    old: Member,
    new: Member,
    /// The member whose instance id it has, under another id.
    replaced: Option<Arc<str>>,
    /// Whether tasks are to be assigned anew.
    recompute: bool,
    statuses: Vec<Status>,
}

impl StreamsGroup {
    /// Takes a heartbeat of a member that joins or stays.
    pub(super) fn heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        call: &Call,
        update: &HeartbeatUpdate,
        origin: Origin<'_>,
    ) -> Result<HeartbeatReply, ApiError> {
        let mut changes = Vec::new();
        let mut heard = self.hear(turn, call, update, &mut changes)?;
        let topology = self.renewed_topology(update, &mut changes)?;
        heard.statuses.extend(self.stale_topology(&heard.new));
        let (configured, metadata_hash) = self.configured(turn, &topology, &mut heard)?;
        check_tasks(&configured, update)?;
        self.note_offsets(update)?;
        let validated = if configured.is_ready() {
            topology.epoch
        } else {
            -1
        };
        let settings = self.assignment_settings(turn);
        let bump = heard.recompute
            || validated != self.validated_topology_epoch
            || settings != self.assignment_settings;
        let epoch = self.epoch.saturating_add(i32::from(bump));
        if bump {
            changes.push(Change::Epoch(Epoch {
                metadata_hash,
                validated_topology_epoch: validated,
                assignment_settings: settings.clone(),
                ..self.at_epoch(epoch)
            }));
        }
        self.delay_first(turn);
        let target = self.target_for(
            turn,
            epoch,
            &settings,
            &configured,
            Some(&heard.new),
            &mut changes,
        )?;
        heard.statuses.extend(target.status.clone());
        let member = self.step(turn, &heard.new, &target, update, &mut changes)?;
        if update.shuts_down && self.soft.shutdown_by.is_none() {
            self.soft.shutdown_by = Some(Arc::clone(&member.id));
        }
        heard.statuses.extend(Status::of_topics(&configured));
        heard.statuses.extend(self.shutdown());
        let tags = settings.get(RACK_TAGS).map_or("", String::as_str);
        if call.version >= TAGS_SINCE {
            heard.statuses.extend(status::missing_tags(tags, &member));
        }
        self.check_size(turn, &changes)?;
        let mut reply = self.reply(turn, update, heard, member)?;
        reply.missing = configured.missing;
        // Oracle: a group that is not kept yet has no epoch to tell.
        if !matches!(origin, Origin::New) {
            reply.endpoint_epoch = self.soft.endpoint_epoch;
        }
        if let Origin::Replaces(classic) = origin {
            classic.dissolve(turn);
        }
        self.commit(turn, changes);
        self.expect_heartbeat(turn, &reply.member);
        Ok(reply)
    }

    /// The member before and after what it says of itself.
    fn hear(
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
        let message =
            format!("The streams group has reached its maximum capacity of {most} members.");
        Err(ApiError::new(ErrorCode::GroupMaxSizeReached, message))
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

    /// The group's topology, which the first member that has one sets for good.
    fn renewed_topology(
        &self,
        update: &HeartbeatUpdate,
        changes: &mut Vec<Change>,
    ) -> Result<Topology, ApiError> {
        let Some(value) = &update.topology else {
            return self
                .topology
                .clone()
                .ok_or_else(|| ErrorCode::UnknownServerError.into());
        };
        let sent = Topology::of(value)?;
        match &self.topology {
            None => {
                changes.push(Change::Topology(value.clone()));
                Ok(sent)
            }
            Some(known) if known.epoch > sent.epoch || *known == sent => Ok(known.clone()),
            Some(_) => Err(ApiError::new(
                ErrorCode::InvalidRequest,
                "Topology updates are not supported yet.",
            )),
        }
    }

    /// The topology with its topics, looked up again if they have changed; and their hash.
    fn configured(
        &mut self,
        turn: &Turn<'_>,
        topology: &Topology,
        heard: &mut Heard,
    ) -> Result<(Configured, i64), ApiError> {
        let version = turn.cluster.version();
        let is_new = self.topology.is_none();
        if let (false, Some(configured)) = (is_new, &self.soft.configured)
            && self.soft.metadata_seen == Some(version)
        {
            return Ok((configured.clone(), self.metadata_hash));
        }
        let topics = topology.required_topics();
        let metadata_hash = hash::of_topics(turn.cluster, topics.iter());
        let changed = metadata_hash != self.metadata_hash;
        heard.recompute |= changed;
        let configured = match &self.soft.configured {
            Some(configured) if !changed && !is_new => configured.clone(),
            _ => Configured::of(topology, turn.cluster)?,
        };
        let end = state_topic::end_of(turn.cluster, StateTopic::Groups, &self.id);
        self.soft.configure(configured.clone(), end);
        self.soft.metadata_seen = Some(version);
        Ok((configured, metadata_hash))
    }

    /// Notes how far the member's state has come. Oracle: that is noted though the heartbeat then fails.
    fn note_offsets(&mut self, update: &HeartbeatUpdate) -> Result<(), ApiError> {
        if update.task_offsets.is_none() && update.task_end_offsets.is_none() {
            return Ok(());
        }
        let mut offsets = self.offsets_of(&update.member);
        if let Some(reached) = &update.task_offsets {
            offsets.reached = by_task(reached)?;
        }
        if let Some(ends) = &update.task_end_offsets {
            offsets.ends = by_task(ends)?;
        }
        self.soft
            .offsets
            .insert(Arc::clone(&update.member), offsets);
        Ok(())
    }

    /// How far a member said that its state has come.
    pub(crate) fn offsets_of(&self, member: &str) -> Offsets {
        self.soft.offsets.get(member).cloned().unwrap_or_default()
    }

    /// The settings that the assignment depends on, as the group's record has them.
    fn assignment_settings(&self, turn: &Turn<'_>) -> BTreeMap<String, String> {
        let replicas = turn.group_setting(&self.id, "streams.num.standby.replicas");
        let mut settings = BTreeMap::new();
        settings.insert("num.standby.replicas".to_owned(), replicas.to_string());
        let tags = turn.group_list(&self.id, "streams.rack.aware.assignment.tags");
        if !tags.is_empty() {
            settings.insert(RACK_TAGS.to_owned(), tags.join(","));
        }
        settings
    }

    /// A group without members waits for further ones before its tasks are assigned.
    fn delay_first(&mut self, turn: &mut Turn<'_>) {
        let delay = turn.group_setting(&self.id, "streams.initial.rebalance.delay.ms");
        if self.members.is_empty() && delay > 0 && !self.is_delayed {
            self.is_delayed = true;
            turn.schedule(self.timer(GroupTimerKind::InitialRebalance), millis(delay));
        }
    }

    /// A step of the member towards its target, with its record and the timer of its revocation.
    fn step(
        &self,
        turn: &mut Turn<'_>,
        member: &Member,
        target: &Target,
        update: &HeartbeatUpdate,
        changes: &mut Vec<Change>,
    ) -> Result<Member, ApiError> {
        if member.is_reconciled_to(target.epoch) {
            return Ok(member.clone());
        }
        let reported = update.reported.as_ref().map(as_tasks).transpose()?;
        let step = Step {
            owners: &self.owners,
            target_epoch: target.epoch,
            target: &target.tasks,
            reported: reported.as_ref(),
        };
        let after = current::reconciled(member, &step)?;
        if after == *member {
            return Ok(after);
        }
        changes.push(Change::Current(
            Arc::clone(&after.id),
            after.current.clone(),
        ));
        if after.current.state == MemberState::UnrevokedTasks {
            self.expect_revocation(turn, &after);
        } else {
            turn.cancel(self.timer(GroupTimerKind::Revocation(Arc::clone(&after.id))));
        }
        Ok(after)
    }

    fn reply(
        &mut self,
        turn: &Turn<'_>,
        update: &HeartbeatUpdate,
        heard: Heard,
        member: Member,
    ) -> Result<HeartbeatReply, ApiError> {
        let (before, after) = (&heard.old, &member);
        let tasks_changed = before.current.assigned != after.current.assigned;
        let endpoint_changed = before.description.endpoint != after.description.endpoint;
        if endpoint_changed || (tasks_changed && after.description.endpoint.is_some()) {
            self.soft.endpoint_epoch = self.soft.endpoint_epoch.saturating_add(1);
        }
        let endpoints = (self.soft.endpoint_epoch != update.endpoint_epoch)
            .then(|| self.partitions_by_endpoint(turn.cluster, after, heard.replaced.as_deref()))
            .transpose()?;
        let setting = |name: &str| turn.group_setting(&self.id, name);
        let number = |name: &str| i32::try_from(setting(name)).unwrap_or(i32::MAX);
        Ok(HeartbeatReply {
            epoch: member.current.epoch,
            heartbeat_interval_ms: number("streams.heartbeat.interval.ms"),
            task_offset_interval_ms: number("streams.task.offset.interval.ms"),
            acceptable_recovery_lag: setting("streams.acceptable.recovery.lag"),
            statuses: heard.statuses,
            tasks: (update.epoch == 0 || tasks_changed).then(|| {
                let assigned = &member.current.assigned;
                Tasks {
                    active: assigned.active_ids(),
                    standby: assigned.standby.clone(),
                    warmup: assigned.warmup.clone(),
                }
            }),
            endpoint_epoch: 0,
            endpoints,
            missing: Vec::new(),
            member: member.id,
        })
    }

    /// Forgets what no record tells, as the group that answered the first heartbeat is not the one that is kept.
    pub(super) fn forget_unwritten(&mut self) {
        self.soft = super::Soft::default();
    }

    /// Expects a member to give up what it was told to.
    pub(super) fn expect_revocation(&self, turn: &mut Turn<'_>, member: &Member) {
        let timer = self.timer(GroupTimerKind::Revocation(Arc::clone(&member.id)));
        let timeout = member.description.rebalance_timeout_ms;
        turn.schedule(timer, millis(timeout.into()));
    }

    /// Expects to hear of a member within its session.
    pub(super) fn expect_heartbeat(&self, turn: &mut Turn<'_>, member: &Arc<str>) {
        let session = turn.group_setting(&self.id, "streams.session.timeout.ms");
        let timer = self.timer(GroupTimerKind::Session(Arc::clone(member)));
        turn.schedule(timer, millis(session));
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

fn is_within(reported: Option<&Reported>, member: &Member) -> bool {
    let Some([active, standby, warmup]) = reported else {
        return false;
    };
    let assigned = &member.current.assigned;
    let has_all = |tasks: &TaskIds, list: &TaskList| {
        list.iter().all(|(id, indexes)| {
            let known = tasks.get(id);
            known.is_some_and(|known| indexes.iter().all(|index| known.contains(index)))
        })
    };
    let has_active = |tasks: &ActiveTasks| {
        active.iter().all(|(id, indexes)| {
            let known = tasks.get(id);
            known.is_some_and(|known| indexes.iter().all(|index| known.contains_key(index)))
        })
    };
    has_active(&assigned.active)
        && has_all(&assigned.standby, standby)
        && has_all(&assigned.warmup, warmup)
}

/// What a member reports, as tasks. Oracle: Kafka has no words for a subtopology that comes twice.
fn as_tasks(reported: &Reported) -> Result<Tasks, ApiError> {
    let [active, standby, warmup] = reported.each_ref().map(|list| {
        let tasks: TaskIds = list
            .iter()
            .map(|(id, indexes)| (id.clone(), indexes.iter().copied().collect()))
            .collect();
        (tasks.len() == list.len()).then_some(tasks)
    });
    match (active, standby, warmup) {
        (Some(active), Some(standby), Some(warmup)) => Ok(Tasks {
            active,
            standby,
            warmup,
        }),
        _ => Err(ErrorCode::UnknownServerError.into()),
    }
}

/// Refuses tasks that the topology does not have.
fn check_tasks(configured: &Configured, update: &HeartbeatUpdate) -> Result<(), ApiError> {
    let (true, Some(subtopologies)) = (configured.is_ready(), &configured.subtopologies) else {
        return Ok(());
    };
    let invalid = |message: String| Err(ApiError::new(ErrorCode::InvalidRequest, message));
    for (id, indexes) in update.reported.iter().flatten().flatten() {
        let Some(subtopology) = subtopologies.get(id) else {
            return invalid(format!("Subtopology {id} does not exist in the topology."));
        };
        let tasks = subtopology.tasks;
        if let Some(index) = indexes.iter().find(|index| !(0..tasks).contains(*index)) {
            return invalid(format!(
                "Task {index} for subtopology {id} is invalid. Number of tasks for this \
                 subtopology: {tasks}"
            ));
        }
    }
    Ok(())
}

fn by_task(list: &[TaskOffset]) -> Result<TaskOffsets, ApiError> {
    let mut offsets = TaskOffsets::new();
    for TaskOffset {
        subtopology,
        partition,
        offset,
    } in list
    {
        let known = offsets.entry(subtopology.clone()).or_default();
        if known.insert(*partition, *offset).is_some() {
            let message = format!(
                "Task offsets contain a duplicate entry for subtopology {subtopology} and \
                 partition {partition}."
            );
            return Err(ApiError::new(ErrorCode::InvalidRequest, message));
        }
    }
    Ok(offsets)
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
        client_id: call.client_id.clone(),
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
