//! The share coordinator: what was written down of share partitions, and who may write.
//!
//! The rules are those of Kafka's `ShareCoordinatorShard`. A state is written as a snapshot, then as updates, and after
//! some of those as a snapshot again.

use std::collections::BTreeMap;

use super::SharePartitionKey;
use super::kept::{Inverted, KeptState, StateBatch, UNSET, Update, combined};
use super::superfluous::Snapshots;
use crate::engine::api_error::ApiError;
use crate::wire::error::ErrorCode;
use crate::wire::state_records::{
    ShareSnapshotValue, ShareStateBatch, ShareStateKey, ShareUpdateValue, StateRecord,
};
use crate::wire::units::WallMillis;

/// What the coordinators know, by share partition.
#[derive(Debug, Default)]
pub(crate) struct ShareStates {
    by_key: BTreeMap<SharePartitionKey, Known>,
    /// By partition of the state topic, where snapshots lie.
    pub(super) snapshots: BTreeMap<i32, Snapshots>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    state: KeptState,
    /// The largest that was heard of.
    leader_epoch: i32,
    /// The same; none before a snapshot was written.
    state_epoch: Option<i32>,
    updates: i32,
}

/// What is known of a share partition once a record is written, if anything.
#[derive(Debug)]
pub(super) struct After(Option<Known>);

/// What a share partition's leader wants to have written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Write {
    pub(crate) state_epoch: i32,
    pub(crate) leader_epoch: i32,
    pub(crate) start: i64,
    pub(crate) done: i32,
    pub(crate) batches: Vec<StateBatch>,
}

/// A record of the coordinator's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    Snapshot(KeptState),
    Update(Update),
    Gone,
}

const NEGATIVE_PARTITION: &str = "The partition id cannot be a negative number.";
const NEGATIVE_LEADER_EPOCH: &str = "The leader epoch cannot be a negative number.";
const NEGATIVE_STATE_EPOCH: &str = "The state epoch cannot be a negative number.";
const READ_UNINITIALIZED: &str = "Read operation on uninitialized share partition not allowed.";
const WRITE_UNINITIALIZED: &str = "Write operation on uninitialized share partition not allowed.";

/// Oracle: what Kafka says of the exception that such a batch makes it throw.
const NOT_COMBINED: &str = "Unable to write share group state: Cannot invoke \"java.lang.Integer.intValue()\" because the return value of \"java.util.TreeMap.get(Object)\" is null";

impl From<Inverted> for ApiError {
    fn from(Inverted: Inverted) -> Self {
        Self::new(ErrorCode::UnknownServerError, NOT_COMBINED)
    }
}

/// An error in its usual words.
fn usual(code: ErrorCode) -> ApiError {
    match code.text() {
        Some(text) => ApiError::new(code, text),
        None => code.into(),
    }
}

fn check_number(number: i32, message: &str) -> Result<(), ApiError> {
    if number < 0 {
        return Err(ApiError::invalid_request(message));
    }
    Ok(())
}

impl ShareStates {
    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&SharePartitionKey, &KeptState)> {
        self.by_key.iter().map(|(key, known)| (key, &known.state))
    }

    /// What is known of a share partition.
    pub(crate) fn get(&self, key: &SharePartitionKey) -> Option<&KeptState> {
        self.by_key.get(key).map(|known| &known.state)
    }

    /// Refuses who may not write, or what contradicts itself. `exists` says whether there is such a partition.
    pub(super) fn check_write(
        &self,
        key: &SharePartitionKey,
        write: &Write,
        exists: bool,
    ) -> Result<(), ApiError> {
        check_number(key.partition, NEGATIVE_PARTITION)?;
        check_number(write.leader_epoch, NEGATIVE_LEADER_EPOCH)?;
        check_number(write.state_epoch, NEGATIVE_STATE_EPOCH)?;
        let known = self.by_key.get(key);
        let known = known.ok_or_else(|| ApiError::invalid_request(WRITE_UNINITIALIZED))?;
        if known.leader_epoch > write.leader_epoch {
            return Err(usual(ErrorCode::FencedLeaderEpoch));
        }
        if known
            .state_epoch
            .is_some_and(|epoch| epoch > write.state_epoch)
        {
            return Err(usual(ErrorCode::FencedStateEpoch));
        }
        check_exists(exists)
    }

    /// Refuses who may not read.
    pub(super) fn check_read(
        &self,
        key: &SharePartitionKey,
        leader_epoch: i32,
        exists: bool,
    ) -> Result<&KeptState, ApiError> {
        check_number(key.partition, NEGATIVE_PARTITION)?;
        check_number(leader_epoch, NEGATIVE_LEADER_EPOCH)?;
        let known = self.by_key.get(key);
        let known = known.ok_or_else(|| ApiError::invalid_request(READ_UNINITIALIZED))?;
        if known.leader_epoch > leader_epoch {
            return Err(usual(ErrorCode::FencedLeaderEpoch));
        }
        check_exists(exists)?;
        Ok(&known.state)
    }

    /// Refuses a state that is older than the one there is.
    pub(super) fn check_begin(
        &self,
        key: &SharePartitionKey,
        state_epoch: i32,
        exists: bool,
    ) -> Result<(), ApiError> {
        check_number(key.partition, NEGATIVE_PARTITION)?;
        check_number(state_epoch, NEGATIVE_STATE_EPOCH)?;
        let known = self.by_key.get(key).and_then(|known| known.state_epoch);
        if known.is_some_and(|known| known > state_epoch) {
            return Err(usual(ErrorCode::FencedStateEpoch));
        }
        check_exists(exists)
    }

    /// Refuses a partition that cannot be.
    pub(super) fn check_partition(key: &SharePartitionKey, exists: bool) -> Result<(), ApiError> {
        check_number(key.partition, NEGATIVE_PARTITION)?;
        check_exists(exists)
    }

    /// The record that begins a state.
    pub(super) fn begun(
        &self,
        key: &SharePartitionKey,
        (state_epoch, start): (i32, i64),
        now: WallMillis,
    ) -> Written {
        let snapshot_epoch = self
            .get(key)
            .map_or(0, |known| known.snapshot_epoch.saturating_add(1));
        Written::Snapshot(KeptState {
            snapshot_epoch,
            state_epoch,
            leader_epoch: 0,
            start,
            done: if start == UNSET { -1 } else { 0 },
            batches: Vec::new(),
            created_at: now,
            written_at: now,
        })
    }

    /// The record of a write that may be; `updates_max` of them come between snapshots.
    ///
    /// # Errors
    /// There is no state, or its batches cannot be combined.
    pub(super) fn written(
        &self,
        key: &SharePartitionKey,
        write: &Write,
        (renews_leader, updates_max): (bool, i32),
        now: WallMillis,
    ) -> Result<Written, ApiError> {
        let known = self.by_key.get(key);
        let known = known.ok_or(ErrorCode::CoordinatorNotAvailable)?;
        let state = &known.state;
        let leader_epoch = if renews_leader {
            write.leader_epoch
        } else {
            state.leader_epoch
        };
        let start = write.start.max(state.start);
        let done = match write.start.cmp(&state.start) {
            std::cmp::Ordering::Equal => write.done.max(state.done),
            std::cmp::Ordering::Less => state.done,
            std::cmp::Ordering::Greater => write.done,
        };
        if known.updates < updates_max {
            return Ok(Written::Update(Update {
                snapshot_epoch: state.snapshot_epoch,
                leader_epoch,
                start,
                done,
                batches: combined(&[], &write.batches, start)?,
            }));
        }
        Ok(Written::Snapshot(KeptState {
            snapshot_epoch: state.snapshot_epoch.saturating_add(1),
            state_epoch: state.state_epoch,
            leader_epoch,
            start,
            done,
            batches: combined(&state.batches, &write.batches, start)?,
            created_at: now,
            written_at: now,
        }))
    }

    /// Whether the leader's epoch is not the one that was heard of last.
    pub(super) fn is_new_leader(&self, key: &SharePartitionKey, leader_epoch: i32) -> bool {
        self.by_key
            .get(key)
            .is_none_or(|known| known.leader_epoch != leader_epoch)
    }

    /// What is known once a record is written.
    ///
    /// # Errors
    /// Its batches cannot be combined with those that there are.
    pub(super) fn after(
        &self,
        key: &SharePartitionKey,
        written: &Written,
        updates_max: i32,
    ) -> Result<After, Inverted> {
        let known = self.by_key.get(key);
        Ok(After(match written {
            Written::Gone => None,
            Written::Snapshot(state) => {
                let epochs = known.map(|known| (known.leader_epoch, known.state_epoch));
                let (leader_epoch, state_epoch) = epochs.unwrap_or((i32::MIN, None));
                let updates = known.map_or(0, |known| known.updates);
                Some(Known {
                    leader_epoch: leader_epoch.max(state.leader_epoch),
                    state_epoch: state_epoch.max(Some(state.state_epoch)),
                    updates: if updates >= updates_max { 0 } else { updates },
                    state: state.clone(),
                })
            }
            Written::Update(update) => Some(updated(known, update)?),
        }))
    }

    /// Makes what a record says so, which lies at an offset of a partition of the state topic.
    pub(super) fn apply(
        &mut self,
        (index, offset): (i32, i64),
        (key, written): (&SharePartitionKey, &Written),
        After(known): After,
    ) {
        let snapshots = self.snapshots.entry(index).or_default();
        match written {
            Written::Snapshot(_) => snapshots.note(key, offset, false),
            Written::Gone => snapshots.note(key, offset, true),
            Written::Update(_) => {}
        }
        match known {
            Some(known) => drop(self.by_key.insert(key.clone(), known)),
            None => drop(self.by_key.remove(key)),
        }
    }

    /// Forgets those that are meant.
    pub(super) fn forget(&mut self, is_meant: impl Fn(&SharePartitionKey) -> bool) {
        self.by_key.retain(|key, _| !is_meant(key));
    }
}

/// What is known after an update; nothing need be known before.
fn updated(known: Option<&Known>, update: &Update) -> Result<Known, Inverted> {
    let begun = || Known {
        state: KeptState {
            snapshot_epoch: update.snapshot_epoch,
            state_epoch: 0,
            leader_epoch: update.leader_epoch,
            start: update.start,
            done: update.done,
            batches: Vec::new(),
            created_at: WallMillis(0),
            written_at: WallMillis(0),
        },
        leader_epoch: update.leader_epoch,
        state_epoch: None,
        updates: 0,
    };
    let mut known = known.cloned().unwrap_or_else(begun);
    known.leader_epoch = known.leader_epoch.max(update.leader_epoch);
    known.state.merge(update)?;
    known.updates = known.updates.saturating_add(1);
    Ok(known)
}

fn check_exists(exists: bool) -> Result<(), ApiError> {
    if exists {
        return Ok(());
    }
    Err(usual(ErrorCode::UnknownTopicOrPartition))
}

impl Written {
    pub(super) fn record(&self, key: &SharePartitionKey) -> StateRecord {
        let place = (&*key.group, key.topic, key.partition);
        match self {
            Self::Snapshot(state) => ShareSnapshotValue {
                snapshot_epoch: state.snapshot_epoch,
                state_epoch: state.state_epoch,
                leader_epoch: state.leader_epoch,
                start_offset: state.start,
                delivery_complete_count: state.done,
                create_timestamp: state.created_at,
                write_timestamp: state.written_at,
                state_batches: state.batches.iter().map(to_wire).collect(),
            }
            .record(place),
            Self::Update(update) => ShareUpdateValue {
                snapshot_epoch: update.snapshot_epoch,
                leader_epoch: update.leader_epoch,
                start_offset: update.start,
                delivery_complete_count: update.done,
                state_batches: update.batches.iter().map(to_wire).collect(),
            }
            .record(place),
            Self::Gone => ShareStateKey::Snapshot {
                group: &key.group,
                topic_id: key.topic,
                partition: key.partition,
            }
            .tombstone(),
        }
    }

    pub(super) fn of_snapshot(value: &ShareSnapshotValue) -> Self {
        Self::Snapshot(KeptState {
            snapshot_epoch: value.snapshot_epoch,
            state_epoch: value.state_epoch,
            leader_epoch: value.leader_epoch,
            start: value.start_offset,
            done: value.delivery_complete_count,
            batches: value.state_batches.iter().map(of_wire).collect(),
            created_at: value.create_timestamp,
            written_at: value.write_timestamp,
        })
    }

    pub(super) fn of_update(value: &ShareUpdateValue) -> Self {
        Self::Update(Update {
            snapshot_epoch: value.snapshot_epoch,
            leader_epoch: value.leader_epoch,
            start: value.start_offset,
            done: value.delivery_complete_count,
            batches: value.state_batches.iter().map(of_wire).collect(),
        })
    }
}

const fn to_wire(batch: &StateBatch) -> ShareStateBatch {
    ShareStateBatch {
        first_offset: batch.first,
        last_offset: batch.last,
        delivery_state: batch.state,
        delivery_count: batch.count,
    }
}

const fn of_wire(batch: &ShareStateBatch) -> StateBatch {
    StateBatch {
        first: batch.first_offset,
        last: batch.last_offset,
        state: batch.delivery_state,
        count: batch.delivery_count,
    }
}
