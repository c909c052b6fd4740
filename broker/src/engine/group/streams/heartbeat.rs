//! A member's heartbeat: join, changed fields, the topology, reconciliation.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::StreamsGroup;
use super::change::{Change, Epoch};
use super::current::{self, Step};
use super::endpoints::PartitionsByEndpoint;
use super::member::{Member, MemberState};
use super::speaking::Heard;
use super::status::{self, Status};
use super::target::{Basis, Target};
use super::tasks::Tasks;
use super::topics::{Configured, InternalTopic};
use super::topology::Topology;
use super::words::{HeartbeatUpdate, as_tasks, check_tasks};
use crate::engine::api_error::ApiError;
use crate::engine::context::Call;
use crate::engine::group::classic::ClassicGroup;
use crate::engine::group::consumer::hash;
use crate::engine::group::turn::{GroupTimerKind, Turn, millis};
use crate::engine::state_topic::{self, StateTopic};
use crate::wire::error::ErrorCode;

/// The setting by which standby tasks are spread, as the group's record names it.
const RACK_TAGS: &str = "rack.aware.assignment.tags";

/// The first version that may say that tags are missing.
const TAGS_SINCE: i16 = 1;

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

impl StreamsGroup {
    /// Takes a heartbeat of a member that joins or stays.
    pub(super) fn heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        call: &Call,
        update: &HeartbeatUpdate,
        origin: Origin<'_>,
    ) -> Result<HeartbeatReply, ApiError> {
        let taken = self.take(turn, call, update, origin);
        if taken.is_err() && !self.members.contains_key(&update.member) {
            self.soft.offsets.remove(&update.member);
        }
        // A group that does not come to be waits for nobody.
        if taken.is_err() && !matches!(origin, Origin::Known) {
            self.cancel_delay(turn);
        }
        taken
    }

    fn take(
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
        let settings = self.assignment_settings(turn);
        let basis = Basis {
            epoch: self.next_epoch(
                (metadata_hash, &settings, &configured),
                &heard,
                &mut changes,
            ),
            settings: &settings,
            configured: &configured,
        };
        self.delay_first(turn);
        let target = self.target_for(turn, &basis, Some(&heard.new), &mut changes)?;
        heard.statuses.extend(target.status.clone());
        let member = self.step(turn, &heard.new, &target, update, &mut changes)?;
        if update.shuts_down {
            self.shut_down(&member.id);
        }
        heard.statuses.extend(Status::of_topics(&configured));
        heard.statuses.extend(self.shutdown());
        if call.version >= TAGS_SINCE {
            let tags = settings.get(RACK_TAGS).map_or("", String::as_str);
            heard.statuses.extend(status::missing_tags(tags, &member));
        }
        self.check_size(turn, &changes)?;
        let mut reply = self.reply(turn, update, heard, member)?;
        reply.missing.clone_from(&configured.missing);
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

    /// The epoch that follows from what was said and found: one more if tasks are to be assigned anew, which is written down.
    fn next_epoch(
        &self,
        (metadata_hash, settings, configured): (i64, &BTreeMap<String, String>, &Configured),
        heard: &Heard,
        changes: &mut Vec<Change>,
    ) -> i32 {
        let validated = if configured.is_ready() {
            configured.epoch
        } else {
            -1
        };
        let is_next = heard.recompute
            || validated != self.validated_topology_epoch
            || *settings != self.assignment_settings;
        let epoch = self.epoch.saturating_add(i32::from(is_next));
        if is_next {
            changes.push(Change::Epoch(Epoch {
                metadata_hash,
                validated_topology_epoch: validated,
                assignment_settings: settings.clone(),
                ..self.at_epoch(epoch)
            }));
        }
        epoch
    }

    /// The group's topology, which the first member that has one sets for good.
    fn renewed_topology(
        &self,
        update: &HeartbeatUpdate,
        changes: &mut Vec<Change>,
    ) -> Result<Arc<Topology>, ApiError> {
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
                Ok(Arc::new(sent))
            }
            Some(known) if known.epoch > sent.epoch || **known == sent => Ok(Arc::clone(known)),
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
    ) -> Result<(Arc<Configured>, i64), ApiError> {
        let version = turn.cluster.version();
        let is_new = self.topology.is_none();
        if let (false, Some(configured)) = (is_new, &self.soft.configured)
            && self.soft.metadata_seen == Some(version)
        {
            return Ok((Arc::clone(configured), self.metadata_hash));
        }
        let topics = topology.required_topics();
        let metadata_hash = hash::of_topics(turn.cluster, topics.iter());
        let changed = metadata_hash != self.metadata_hash;
        heard.recompute |= changed;
        let configured = match &self.soft.configured {
            Some(configured) if !changed && !is_new => Arc::clone(configured),
            _ => Arc::new(Configured::of(topology, turn.cluster)?),
        };
        let end = state_topic::end_of(turn.cluster, StateTopic::Groups, &self.id);
        self.soft.configure(Arc::clone(&configured), end);
        self.soft.metadata_seen = Some(version);
        Ok((configured, metadata_hash))
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
        *self.soft = super::Soft::default();
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
