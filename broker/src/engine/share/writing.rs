//! What is asked of the share coordinator: by nodes that lead partitions, by group coordinators, and by requests.

use super::SharePartitionKey;
use super::coordinator::{ShareStates, Write, Written};
use super::kept::KeptState;
use crate::engine::api_error::ApiError;
use crate::engine::group::wanted_states::WantedStates;
use crate::engine::state::State;
use crate::engine::state_topic::{self, StateTopic, partition_of};
use crate::engine::time::Now;
use crate::wire::error::ErrorCode;
use crate::wire::units::NodeId;

impl State {
    /// Whether share groups are in use, by the cluster's feature.
    pub(crate) fn has_share_groups(&self) -> bool {
        self.features.level("share.version") > 0
    }

    /// `share.coordinator.snapshot.update.records.per.snapshot`.
    pub(super) fn share_updates_max(&self) -> i32 {
        let node = self.cluster.controller();
        self.broker_config(node)
            .share_coordinator_updates_per_snapshot
    }

    fn has_partition(&self, key: &SharePartitionKey) -> bool {
        let topic = self.cluster.topic_by_id(key.topic);
        topic.is_some_and(|topic| topic.partition(key.partition).is_some())
    }

    /// Who coordinates a share partition, if that one is ready; makes the topic if there is none yet.
    fn ready_share_coordinator(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
    ) -> Result<NodeId, ApiError> {
        let text = key.text();
        let node = self.cluster.controller();
        let unavailable = || ApiError::from(ErrorCode::CoordinatorNotAvailable);
        let leader = state_topic::leader_in(self, now, node, StateTopic::Shares, &text);
        let leader = leader.ok_or_else(unavailable)?;
        let ready = self.check_coordinator(leader, StateTopic::Shares, &text);
        ready.map_err(|_| unavailable())?;
        Ok(leader)
    }

    /// Reads what is written down of a share partition, for a leader that begins.
    pub(super) fn read_share_state(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        leader_epoch: i32,
    ) -> Result<KeptState, ApiError> {
        self.ready_share_coordinator(now, key)?;
        let read = self.read_kept(now, key, leader_epoch);
        read.map_err(|error| asked("read", error))
    }

    /// The same at the coordinator.
    pub(crate) fn read_kept(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        leader_epoch: i32,
    ) -> Result<KeptState, ApiError> {
        let exists = self.has_partition(key);
        let states = &self.shares.states;
        let state = states.check_read(key, leader_epoch, exists)?.clone();
        if states.is_new_leader(key, leader_epoch) {
            let write = Write {
                state_epoch: state.state_epoch,
                leader_epoch,
                start: state.start,
                done: state.done,
                batches: Vec::new(),
            };
            let limits = (true, self.share_updates_max());
            let written = self.shares.states.written(key, &write, limits, now.wall);
            self.put(now, key, &written?)?;
        }
        Ok(state)
    }

    /// Has a change of a share partition written down.
    pub(super) fn write_share_state(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        write: &Write,
    ) -> Result<(), ApiError> {
        self.ready_share_coordinator(now, key)?;
        let written = self.write_kept(now, key, write);
        written.map_err(|error| asked("write", error))
    }

    /// The same at the coordinator.
    pub(crate) fn write_kept(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        write: &Write,
    ) -> Result<(), ApiError> {
        let exists = self.has_partition(key);
        self.shares.states.check_write(key, write, exists)?;
        let limits = (false, self.share_updates_max());
        let written = self.shares.states.written(key, write, limits, now.wall);
        self.put(now, key, &written?)
    }

    /// Begins a state, in the place of one that there is.
    pub(crate) fn begin_kept(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        (state_epoch, start): (i32, i64),
    ) -> Result<(), ApiError> {
        let exists = self.has_partition(key);
        self.shares.states.check_begin(key, state_epoch, exists)?;
        let begun = self
            .shares
            .states
            .begun(key, (state_epoch, start), now.wall);
        self.put(now, key, &begun)
    }

    /// Ends a state; there need not be one.
    pub(crate) fn end_kept(&mut self, now: Now, key: &SharePartitionKey) -> Result<(), ApiError> {
        ShareStates::check_partition(key, self.has_partition(key))?;
        if self.shares.states.get(key).is_none() {
            return Ok(());
        }
        self.put(now, key, &Written::Gone)
    }

    /// What is known of a share partition, if anything.
    pub(crate) fn kept_summary(
        &self,
        key: &SharePartitionKey,
    ) -> Result<Option<&KeptState>, ApiError> {
        ShareStates::check_partition(key, self.has_partition(key))?;
        Ok(self.shares.states.get(key))
    }

    /// Writes a record, and makes what it says so.
    fn put(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        written: &Written,
    ) -> Result<(), ApiError> {
        let unavailable = || ApiError::from(ErrorCode::CoordinatorNotAvailable);
        let after = self
            .shares
            .states
            .after(key, written, self.share_updates_max())?;
        let index = partition_of(&self.cluster, StateTopic::Shares, &key.text());
        let index = index.ok_or_else(unavailable)?;
        let record = written.record(key);
        let appended = self.append_state(now, (StateTopic::Shares, index), &[record], None);
        appended.map_err(|_| unavailable())?;
        self.shares.states.apply(key, after);
        Ok(())
    }

    /// Asks the share coordinators of a group's partitions; what each of them answers.
    pub(crate) fn begin_wanted(
        &mut self,
        now: Now,
        wanted: &WantedStates,
    ) -> Vec<(SharePartitionKey, Result<(), ApiError>)> {
        let states = wanted.states.iter().map(|state| {
            let key = SharePartitionKey {
                group: wanted.group.clone(),
                topic: state.topic,
                partition: state.partition,
            };
            let begun = self.ready_share_coordinator(now, &key);
            let begun = begun.and_then(|_| self.begin_kept(now, &key, (wanted.epoch, state.start)));
            let begun = begun.map_err(|error| asked("initialize", error));
            (key, begun)
        });
        states.collect()
    }

    /// Has a group's states begin that it wants for members, and tells it.
    pub(in crate::engine) fn begin_share_states(
        &mut self,
        now: Now,
        node: NodeId,
        wanted: &WantedStates,
    ) {
        let begun = self.begin_wanted(now, wanted);
        let all = begun.iter().all(|(_, begun)| begun.is_ok());
        let partitions = wanted.partitions();
        self.with_groups(now, node, |groups, turn| {
            groups.note_states(turn, &wanted.group, &partitions, all);
        });
    }

    /// Ends states of a group: by topic, whether all of it ended.
    pub(crate) fn end_share_states(
        &mut self,
        now: Now,
        group: &std::sync::Arc<str>,
        partitions: &crate::engine::group::share::TopicPartitions,
    ) -> Vec<(uuid::Uuid, Result<(), ApiError>)> {
        let mut ended = Vec::new();
        for (topic, partitions) in partitions {
            let mut outcome = Ok(());
            for partition in partitions {
                let key = SharePartitionKey {
                    group: group.clone(),
                    topic: *topic,
                    partition: *partition,
                };
                let one = self.ready_share_coordinator(now, &key).map(drop);
                let one = one.and_then(|()| self.end_kept(now, &key));
                let one = one.map_err(|error| asked("delete", error));
                outcome = outcome.and(one);
            }
            ended.push((*topic, outcome));
        }
        ended
    }

    /// A topic is gone, and with it what is known of its share partitions.
    pub(crate) fn forget_share_topic(&mut self, now: Now, topic: uuid::Uuid) {
        let states = self.shares.states.iter().map(|(key, _)| key);
        let gone: Vec<SharePartitionKey> =
            states.filter(|key| key.topic == topic).cloned().collect();
        for key in gone {
            // What cannot be written now is forgotten all the same: nobody asks for it any more.
            if self.put(now, &key, &Written::Gone).is_err() {
                self.shares.states.forget(|known| *known == key);
            }
        }
        let node = self.cluster.controller();
        self.with_groups(now, node, |groups, turn| {
            groups.forget_share_states(turn, topic)
        });
    }
}

/// An error as Kafka's nodes tell of it that asked the share coordinator to do something.
fn asked(verb: &str, error: ApiError) -> ApiError {
    let usual = || error.code.text().unwrap_or_default().to_owned();
    let message = error.message.clone().unwrap_or_else(usual);
    ApiError::new(error.code, format!("Error in {verb} state RPC. {message}"))
}
