//! What the share coordinator does for who asks: nodes that lead partitions, group coordinators, and requests.

use super::SharePartitionKey;
use super::coordinator::{ShareStates, Write, Written};
use super::kept::KeptState;
use crate::engine::api_error::ApiError;
use crate::engine::state::State;
use crate::engine::state_topic::{StateTopic, end_of, partition_of};
use crate::engine::time::Now;
use crate::wire::error::ErrorCode;

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

    /// Reads what is written down of a share partition, for a leader that begins.
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

    /// Writes down a change of a share partition.
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
        let offset = end_of(&self.cluster, StateTopic::Shares, &key.text()).0;
        let record = written.record(key);
        let appended = self.append_state(now, (StateTopic::Shares, index), &[record], None);
        appended.map_err(|_| unavailable())?;
        let states = &mut self.shares.states;
        states.apply((index, offset), (key, written), after);
        Ok(())
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
