//! What a group's machine sees and changes besides itself, while it takes one input.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use smallvec::SmallVec;

use super::wanted_states::WantedStates;
use crate::engine::authorizer::{Access, Operation, ResourceType};
use crate::engine::cluster::Cluster;
use crate::engine::cluster::configs::{BrokerConfig, Configs, Value};
use crate::engine::context::Ticket;
use crate::engine::journal::Event;
use crate::engine::rng::Rng;
use crate::engine::state_log::{BatchTerms, TransactionalProducer};
use crate::engine::time::Now;
use crate::wire::error::ErrorCode;
use crate::wire::state_records::StateRecord;
use crate::wire::units::NodeId;

/// Why a group's epoch rose: a test asked for a rebalance.
pub(crate) const WANTED: &str = "a test wants it";

/// Why tasks or partitions are assigned, where the coordinator does not know: no record tells it.
pub(super) const UNKNOWN_REASON: &str = "the epoch rose before the coordinator loaded the group";

/// One input's circumstances, and what comes of it.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pub(crate) now: Now,
    /// The group's coordinator.
    pub(crate) node: NodeId,
    /// The settings of the group's coordinator.
    pub(crate) config: &'a BrokerConfig,
    /// All settings, for those of groups.
    pub(crate) configs: &'a Configs,
    pub(crate) cluster: &'a Cluster,
    pub(crate) rng: &'a mut Rng,
    /// What the client may do whose request this is, if it is one's.
    pub(crate) access: Option<Access<'a>>,
    pub(super) batch_terms: BatchTerms,
    pub(super) outcome: Outcome,
}

/// What a turn leaves to be done, in order.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(super) replies: Vec<(Ticket, Reply)>,
    pub(super) abandoned: Vec<Ticket>,
    pub(super) notes: Vec<Note>,
    /// Rows of the journal about assignments, which follow the notes.
    pub(super) assigned: Vec<Event>,
    pub(super) timers: SmallVec<[TimerChange; 1]>,
    pub(crate) records: Vec<Written>,
    /// States of share partitions that are to begin once the records are written.
    pub(super) wanted: Vec<WantedStates>,
}

/// A record of a group.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) group: Arc<str>,
    pub(crate) record: StateRecord,
    /// Set if it is part of a transaction.
    pub(crate) producer: Option<TransactionalProducer>,
}

#[derive(Debug)]
pub(super) enum TimerChange {
    Schedule(GroupTimer, Duration),
    Cancel(GroupTimer),
}

/// A timer of a group; there is one of each key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct GroupTimer {
    pub(crate) group: Arc<str>,
    pub(crate) kind: GroupTimerKind,
}

/// What becomes due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum GroupTimerKind {
    /// A member has not been heard of for its session.
    Session(Arc<str>),
    /// A member of a consumer group has not given up what it was told to.
    Revocation(Arc<str>),
    /// A streams group without members has waited for further ones.
    InitialRebalance,
    /// The join phase of a classic group ends.
    Join,
    /// Members of a classic group have not asked for their assignment.
    Sync,
    /// A member of a consumer group that speaks the classic protocol has not joined again.
    ClassicRejoin(Arc<str>),
    /// Such a member has not asked for its assignment.
    ClassicSync(Arc<str>),
    /// From then on a share or streams group may assign again: its members' next heartbeats have it do so.
    Assignment,
}

impl Turn<'_> {
    /// Answers a held request.
    pub(crate) fn reply(&mut self, ticket: Ticket, reply: Reply) {
        self.outcome.replies.push((ticket, reply));
    }

    /// Gives up a held request without an answer, as Kafka loses those whose member has another.
    pub(crate) fn abandon(&mut self, ticket: Ticket) {
        self.outcome.abandoned.push(ticket);
    }

    /// Says that a group's state changed, and why.
    pub(crate) fn note(&mut self, note: Note) {
        self.outcome.notes.push(note);
    }

    /// Says what a group assigns to a member, and why.
    pub(crate) fn note_assigned(&mut self, assigned: Event) {
        self.outcome.assigned.push(assigned);
    }

    /// Has the share coordinator begin states, once what the group wrote is there.
    pub(crate) fn want_states(&mut self, wanted: WantedStates) {
        self.outcome.wanted.push(wanted);
    }

    /// Lets a timer fire after `wait`, and no longer when it was to before.
    pub(crate) fn schedule(&mut self, timer: GroupTimer, wait: Duration) {
        self.outcome.timers.push(TimerChange::Schedule(timer, wait));
    }

    pub(crate) fn cancel(&mut self, timer: GroupTimer) {
        self.outcome.timers.push(TimerChange::Cancel(timer));
    }

    /// The id of a member that did not make one.
    pub(crate) fn new_member_id(&mut self) -> Arc<str> {
        BASE64_URL_SAFE_NO_PAD
            .encode(self.rng.next_uuid().as_bytes())
            .into()
    }

    /// Whether a regular expression of this client's finds a topic.
    pub(crate) fn may_find(&self, topic: &str) -> bool {
        let may = |access: Access<'_>| {
            access.allows_quietly(Operation::Describe, ResourceType::Topic, topic)
        };
        self.access.is_none_or(may)
    }

    /// A number that is set on the group itself, or for all groups.
    pub(crate) fn group_setting(&self, group: &str, name: &str) -> i64 {
        let value = self.configs.group_value(self.node, group, name);
        value.number().unwrap_or_default()
    }

    /// How long it takes until a group may assign again: an interval after it last did, by this setting; it never did at 0.
    pub(super) fn assignment_wait(&self, group: &str, setting: &str, assigned_at: i64) -> Duration {
        let interval = self.group_setting(group, setting);
        if assigned_at == 0 || interval == 0 {
            return Duration::ZERO;
        }
        let due = assigned_at.saturating_add(interval);
        millis(due.saturating_sub(self.now.wall.0))
    }

    /// Has an assignment that members wait for be seen among the deadlines.
    pub(super) fn expect_assignment(&mut self, group: &Arc<str>, is_awaited: bool, wait: Duration) {
        let timer = GroupTimer {
            group: Arc::clone(group),
            kind: GroupTimerKind::Assignment,
        };
        if is_awaited && !wait.is_zero() {
            self.schedule(timer, wait);
        } else {
            self.cancel(timer);
        }
    }

    /// A list that is set on the group itself, or for all groups.
    pub(crate) fn group_list(&self, group: &str, name: &str) -> Vec<String> {
        match self.configs.group_value(self.node, group, name) {
            Value::List(list) => list,
            Value::Null
            | Value::Boolean(_)
            | Value::Number(_)
            | Value::Double(_)
            | Value::Text(_) => Vec::new(),
        }
    }

    /// Refuses records that `__consumer_offsets` does not take, together with those that were added before.
    /// Oracle: Kafka finds no words of its own for it.
    pub(crate) fn check_size(&self, records: &[StateRecord]) -> Result<(), ErrorCode> {
        let before = self.outcome.records.iter().map(|written| &written.record);
        if self.batch_terms.allow(before.chain(records)) {
            Ok(())
        } else {
            Err(ErrorCode::UnknownServerError)
        }
    }

    /// Adds a record of the group to `__consumer_offsets`.
    pub(crate) fn append(&mut self, group: &str, record: StateRecord) {
        self.append_for(group.into(), record, None);
    }

    /// Adds a record of the group to `__consumer_offsets`, pending if it is part of a transaction.
    pub(crate) fn append_for(
        &mut self,
        group: Arc<str>,
        record: StateRecord,
        producer: Option<TransactionalProducer>,
    ) {
        self.outcome.records.push(Written {
            group,
            record,
            producer,
        });
    }
}

/// A wait; none if it is negative.
pub(super) fn millis(wait: i64) -> Duration {
    Duration::from_millis(u64::try_from(wait).unwrap_or_default())
}

/// A change of a group's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) group: Arc<str>,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) generation: i32,
    pub(crate) why: String,
}

/// A held request's answer, before its version is looked at.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Join(JoinReply),
    Sync(SyncReply),
}

/// What JoinGroup tells a member.
#[derive(Debug, Clone)]
pub(crate) struct JoinReply {
    pub(crate) error: ErrorCode,
    pub(crate) generation: i32,
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) leader: Option<Arc<str>>,
    /// The leader is to leave the assignment as it is (KIP-814).
    pub(crate) skip_assignment: bool,
    pub(crate) member: Arc<str>,
    /// For the leader: everyone.
    pub(crate) members: Vec<JoinedMember>,
}

/// A member as its leader sees it.
#[derive(Debug, Clone)]
pub(crate) struct JoinedMember {
    pub(crate) id: Arc<str>,
    pub(crate) instance_id: Option<Arc<str>>,
    pub(crate) metadata: Bytes,
}

impl JoinReply {
    /// One that tells of no generation.
    pub(crate) const fn refused(error: ErrorCode, member: Arc<str>) -> Self {
        Self {
            error,
            generation: -1,
            protocol_type: None,
            protocol: None,
            leader: None,
            skip_assignment: false,
            member,
            members: Vec::new(),
        }
    }
}

/// What SyncGroup tells a member.
#[derive(Debug, Clone)]
pub(crate) struct SyncReply {
    pub(crate) error: ErrorCode,
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) assignment: Bytes,
}

impl SyncReply {
    /// One without an assignment.
    pub(crate) const fn refused(error: ErrorCode) -> Self {
        Self {
            error,
            protocol_type: None,
            protocol: None,
            assignment: Bytes::new(),
        }
    }
}
