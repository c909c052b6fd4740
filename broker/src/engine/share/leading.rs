//! What the node that leads a partition does about its share partitions: it begins them, and lets go of them.

use std::sync::Arc;
use std::time::Duration;

use super::SharePartitionKey;
use super::coordinator::Write;
use super::kept::UNSET;
use super::partition::{AcknowledgementBatch, Change, Refusal, SharePartition, Terms};
use super::sessions::SessionKey;
use crate::engine::api_error::ApiError;
use crate::engine::cluster::Partition;
use crate::engine::cluster::configs::OffsetReset;
use crate::engine::context::ConnectionId;
use crate::engine::replica::{self, Serves};
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::units::{NodeId, WallMillis};

/// Why there is no share partition to fetch from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unready {
    /// The node does not lead the partition.
    Refused(ErrorCode),
    /// Its state cannot be read. Oracle: who asks learns of it when its wait is over.
    Failed(ApiError),
}

impl State {
    /// What settings say of a group's share partitions.
    pub(crate) fn share_terms(&self, node: NodeId, group: &str) -> Terms {
        let value = |name: &str| self.configs.group_value(node, group, name);
        let number = |name: &str| value(name).number().unwrap_or_default();
        let small = |name: &str| i32::try_from(number(name)).unwrap_or(i32::MAX);
        let lock = u64::try_from(number("share.record.lock.duration.ms")).unwrap_or_default();
        Terms {
            deliveries_max: small("share.delivery.count.limit"),
            locks_max: small("share.partition.max.record.locks"),
            lock_duration: Duration::from_millis(lock),
            may_renew: value("share.renew.acknowledge.enable").is_true(),
            dead_letters: self.has_dead_letters(node, group),
        }
    }

    /// The partition that a share partition is about, by the name that its topic had.
    pub(crate) fn shared_partition(
        &self,
        node: NodeId,
        name: &str,
        partition: i32,
    ) -> Result<&Partition, ErrorCode> {
        let place = TopicPartition::at(name, partition);
        replica::find(&self.cluster, place, node, Serves::Leader, None)
    }

    /// Begins a share partition, unless the node has it already.
    pub(crate) fn begin_share_partition(
        &mut self,
        now: Now,
        node: NodeId,
        (key, name): (&SharePartitionKey, &str),
    ) -> Result<(), Unready> {
        if self.shares.has_begun(key, node) {
            return Ok(());
        }
        let partition = self
            .shared_partition(node, name, key.partition)
            .map_err(Unready::Refused)?;
        let leader_epoch = partition.leader_epoch;
        if key.group.is_empty() {
            // Oracle: nobody keeps anything of it.
            return Err(Unready::Failed(ErrorCode::UnknownServerError.into()));
        }
        let failed = |error: &ApiError| Unready::Failed(persister_error(error));
        let kept = self.read_share_state(now, key, leader_epoch.0);
        let kept = kept.map_err(|error| failed(&error))?;
        let start = if kept.start == UNSET {
            self.first_shared_offset(now, node, (key, name))?
        } else {
            kept.start
        };
        let begun = SharePartition::new((node, leader_epoch), start, &kept);
        let begun = begun.map_err(|_| {
            let text = format!(
                "Failed to initialize the share partition {}-{name}-{}",
                key.group, key.partition
            );
            Unready::Failed(ApiError::new(ErrorCode::UnknownServerError, text))
        })?;
        let dead = begun.archiving(&self.share_terms(node, &key.group));
        self.shares.partitions.insert(key.clone(), begun);
        self.bury(now, key, dead);
        Ok(())
    }

    /// Where a group begins that has begun nowhere: `share.auto.offset.reset`. Oracle: with a duration there must be a
    /// record since then.
    fn first_shared_offset(
        &self,
        now: Now,
        node: NodeId,
        (key, name): (&SharePartitionKey, &str),
    ) -> Result<i64, Unready> {
        let partition = self
            .shared_partition(node, name, key.partition)
            .map_err(Unready::Refused)?;
        let log = &partition.log;
        let reset = self
            .configs
            .group_value(node, &key.group, "share.auto.offset.reset");
        let reset = OffsetReset::parse(&reset.to_text().unwrap_or_default());
        let ago = match reset {
            Some(OffsetReset::Ago(millis)) => millis,
            Some(OffsetReset::Earliest) => return Ok(log.start().0),
            Some(OffsetReset::Latest) | None => return Ok(log.high_watermark().0),
        };
        let at = WallMillis(now.wall.0.saturating_sub(ago));
        let found = log.offset_at(at).map(|found| found.offset);
        let found = found.filter(|found| *found < log.high_watermark());
        let missing = || Unready::Failed(ErrorCode::OffsetNotAvailable.into());
        Ok(found.ok_or_else(missing)?.0)
    }

    /// Has a change written down; what is said if it cannot be.
    pub(crate) fn keep_share_change(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        change: &Change,
    ) -> Result<(), ApiError> {
        let Some(partition) = self.shares.partitions.get(key) else {
            return Ok(());
        };
        let write = Write {
            state_epoch: partition.state_epoch,
            leader_epoch: partition.leader_epoch.0,
            start: change.start,
            done: change.done,
            batches: change.steps.iter().map(|step| step.written).collect(),
        };
        let written = self.write_share_state(now, key, &write);
        written.map_err(|error| persister_error(&error))
    }

    /// Takes a member's acknowledgements; what came of them.
    ///
    /// # Errors
    /// The whole request fails.
    pub(crate) fn acknowledge_shared(
        &mut self,
        now: Now,
        node: NodeId,
        (key, name): (&SharePartitionKey, &str),
        (member, batches): (&str, &[AcknowledgementBatch]),
    ) -> Result<Result<(), ApiError>, ErrorCode> {
        let terms = self.share_terms(node, &key.group);
        let known = self
            .shares
            .partitions
            .get_mut(key)
            .filter(|known| known.node == node);
        let Some(partition) = known else {
            let text = ErrorCode::UnknownTopicOrPartition
                .text()
                .unwrap_or_default();
            let unknown = ApiError::new(ErrorCode::UnknownTopicOrPartition, text);
            return Ok(Err(unknown));
        };
        let start = partition.start;
        let change = partition.acknowledge(now, &terms, member, batches);
        let outcome = match change {
            Ok(change) => self.make_share_change(now, key, change),
            Err(Refusal::Partition { code, message }) => Err(ApiError::new(code, message)),
            Err(Refusal::Request) => {
                // Renewals stay. Oracle: so do the acknowledgements before, neither done nor undone, for good.
                self.after_share_change(name, key);
                return Err(ErrorCode::UnknownServerError);
            }
        };
        if outcome.is_ok() {
            self.tell_acknowledged((key, name), start, batches);
        }
        self.after_share_change(name, key);
        Ok(outcome)
    }

    /// Has a change that was begun written down, or takes it back.
    fn make_share_change(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        change: Change,
    ) -> Result<(), ApiError> {
        if change.steps.is_empty() {
            return Ok(());
        }
        let written = self.keep_share_change(now, key, &change);
        let Some(partition) = self.shares.partitions.get_mut(key) else {
            return written;
        };
        match &written {
            Ok(()) => {
                let dead = partition.commit(&change.steps);
                partition.advance();
                self.tell_exhausted(key, &change.steps);
                self.bury(now, key, dead);
            }
            Err(error) => {
                partition.roll_back(&change.steps);
                if fences(error.code) {
                    self.forget_share_partition(key);
                }
            }
        }
        written
    }

    /// Ends a session, if there is one; its member gives up what it has.
    pub(crate) fn end_share_session(&mut self, now: Now, session: &SessionKey) {
        let partitions = self.shares.sessions.remove(session);
        let terms = self.share_terms(session.node, &session.group);
        for held in partitions.into_iter().flatten() {
            let key = SharePartitionKey {
                group: Arc::clone(&session.group),
                topic: held.topic,
                partition: held.partition,
            };
            let known = self.shares.partitions.get_mut(&key);
            let Some(partition) = known.filter(|known| known.node == session.node) else {
                continue;
            };
            let change = partition.release(&terms, &session.member);
            drop(self.make_share_change(now, &key, change));
            self.after_share_change(held.name.as_deref().unwrap_or_default(), &key);
        }
    }

    /// A client is gone, and with it the session that its connection opened. The last of a group's takes the node's
    /// share partitions with it.
    pub(in crate::engine) fn share_client_gone(&mut self, now: Now, connection: ConnectionId) {
        let Some((session, has_ended)) = self.shares.sessions.disconnected(connection) else {
            return;
        };
        if !has_ended {
            self.end_share_session(now, &session);
        }
        if !self.shares.sessions.has_any(session.node, &session.group) {
            let partitions = self.shares.partitions.iter();
            let of_group = partitions.filter(|(key, partition)| {
                key.group == session.group && partition.node == session.node
            });
            let gone: Vec<_> = of_group.map(|(key, _)| key.clone()).collect();
            for key in gone {
                self.forget_share_partition(&key);
            }
        }
    }

    /// Lets go of a share partition.
    pub(crate) fn forget_share_partition(&mut self, key: &SharePartitionKey) {
        self.shares.partitions.remove(key);
        self.forget_share_retries(key);
        self.schedule_share_locks(key);
        if let Some(name) = self.cluster.topic_name(key.topic) {
            self.outbox.wake_partition(&name, key.partition);
        }
    }

    /// What follows a change: locks have their timer, and who waits may have what is free.
    pub(crate) fn after_share_change(&mut self, name: &str, key: &SharePartitionKey) {
        self.schedule_share_locks(key);
        self.outbox.wake_partition(name, key.partition);
    }

    /// Whether a node leads the partition that a share partition is about.
    pub(in crate::engine) fn leads_shared(&self, key: &SharePartitionKey, node: NodeId) -> bool {
        let topic = self.cluster.topic_by_id(key.topic);
        let partition = topic.and_then(|topic| topic.partition(key.partition));
        partition.is_some_and(|partition| partition.leader == Some(node))
    }

    /// Lets go of share partitions that their nodes lead no longer, and of all of them once share groups are out of
    /// use.
    pub(in crate::engine) fn follow_share_leaders(&mut self) {
        if self.shares.partitions.is_empty() && self.shares.sessions.is_empty() {
            // This is asked after every input: where nobody shares, it costs nothing.
            return;
        }
        if !self.has_share_groups() {
            self.forget_shares();
            return;
        }
        let version = self.cluster.version();
        if self.shares.seen.replace(version) == Some(version) {
            return;
        }
        let partitions = self.shares.partitions.iter();
        let gone = partitions.filter(|(key, partition)| !self.leads_shared(key, partition.node));
        let gone: Vec<_> = gone.map(|(key, _)| key.clone()).collect();
        for key in gone {
            self.forget_share_partition(&key);
        }
        let nodes = self.cluster.node_ids();
        self.shares
            .sessions
            .keep_nodes(|node| nodes.contains(&node) && self.cluster.is_up(node));
    }
}

/// Whether an error means that another one leads, or nobody.
const fn fences(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NotLeaderOrFollower
            | ErrorCode::FencedStateEpoch
            | ErrorCode::GroupIdNotFound
            | ErrorCode::UnknownTopicOrPartition
    )
}

/// What a consumer hears of the share coordinator's answers, as Kafka's `fetchPersisterError` has it.
fn persister_error(error: &ApiError) -> ApiError {
    let is_away = matches!(
        error.code,
        ErrorCode::NotCoordinator
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::CoordinatorLoadInProgress
    );
    let code = if is_away {
        ErrorCode::CoordinatorNotAvailable
    } else if error.code == ErrorCode::FencedLeaderEpoch
        || error.code == ErrorCode::FencedStateEpoch
    {
        ErrorCode::NotLeaderOrFollower
    } else if error.code == ErrorCode::GroupIdNotFound
        || error.code == ErrorCode::UnknownTopicOrPartition
    {
        error.code
    } else {
        ErrorCode::UnknownServerError
    };
    ApiError {
        code,
        message: error.message.clone(),
    }
}
