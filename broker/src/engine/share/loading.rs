//! A share coordinator knows what its partition of `__share_group_state` says, and nothing once another one
//! coordinates.

use super::SharePartitionKey;
use super::coordinator::Written;
use super::kept::Inverted;
use crate::engine::cluster::Cluster;
use crate::engine::coordinators::LoadError;
use crate::engine::state::State;
use crate::engine::state_topic::{StateTopic, partition_of};
use crate::wire::batch::BatchView;
use crate::wire::state_records::{ShareSnapshotValue, ShareStateKey, ShareUpdateValue};

impl State {
    /// Forgets the states of a partition.
    pub(in crate::engine) fn unload_shares(&mut self, index: i32) {
        let cluster = &self.cluster;
        self.shares.states.forget(|key| is_in(cluster, index, key));
        self.shares.states.snapshots.remove(&index);
    }

    /// Reads the states of a partition.
    pub(in crate::engine) fn load_shares(
        &mut self,
        index: i32,
        batches: &[BatchView],
    ) -> Result<(), LoadError> {
        let updates_max = self.share_updates_max();
        for batch in batches.iter().filter(|batch| !batch.is_control()) {
            let unfolded = batch.unfold()?;
            for record in unfolded.iter() {
                let record = record?;
                let key = record.key.ok_or(LoadError::NoKey)?;
                // What a later Kafka has written means nothing here.
                let Some(key) = ShareStateKey::read(key)? else {
                    continue;
                };
                let (key, written) = match (key, record.value) {
                    (
                        ShareStateKey::Snapshot {
                            group,
                            topic_id,
                            partition,
                        },
                        None,
                    ) => (place(group, topic_id, partition), Written::Gone),
                    (
                        ShareStateKey::Snapshot {
                            group,
                            topic_id,
                            partition,
                        },
                        Some(value),
                    ) => {
                        let value = ShareSnapshotValue::read(value)?;
                        (
                            place(group, topic_id, partition),
                            Written::of_snapshot(&value),
                        )
                    }
                    (ShareStateKey::Update { .. }, None) => continue,
                    (
                        ShareStateKey::Update {
                            group,
                            topic_id,
                            partition,
                        },
                        Some(value),
                    ) => {
                        let value = ShareUpdateValue::read(value)?;
                        (
                            place(group, topic_id, partition),
                            Written::of_update(&value),
                        )
                    }
                };
                let after = self.shares.states.after(&key, &written, updates_max);
                let after = after.map_err(|Inverted| LoadError::InvertedBatch)?;
                let at = (index, batch.offset_of(&record).0);
                self.shares.states.apply(at, (&key, &written), after);
            }
        }
        Ok(())
    }
}

fn place(group: &str, topic: uuid::Uuid, partition: i32) -> SharePartitionKey {
    SharePartitionKey {
        group: group.into(),
        topic,
        partition,
    }
}

/// Whether a partition holds what is known of a share partition.
pub(super) fn is_in(cluster: &Cluster, index: i32, key: &SharePartitionKey) -> bool {
    partition_of(cluster, StateTopic::Shares, &key.text()) == Some(index)
}
