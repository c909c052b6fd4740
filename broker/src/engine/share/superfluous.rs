//! Which records of a partition of `__share_group_state` nobody needs any more: those before the oldest of the latest
//! snapshots. Kafka's `ShareCoordinatorOffsetsManager`.

use std::collections::{BTreeMap, BTreeSet};

use super::SharePartitionKey;

/// Where the latest snapshots lie.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    by_key: BTreeMap<SharePartitionKey, i64>,
    offsets: BTreeSet<i64>,
    needed_from: Option<i64>,
    /// Up to where records were deleted.
    pub(super) pruned_to: Option<i64>,
}

impl Snapshots {
    /// A snapshot was written, or the record that ends a state: that, too, is needed until the next one comes.
    pub(super) fn note(&mut self, key: &SharePartitionKey, offset: i64, is_end: bool) {
        if let Some(before) = self.by_key.insert(key.clone(), offset) {
            self.offsets.remove(&before);
        }
        self.offsets.insert(offset);
        self.needed_from = self.offsets.first().copied();
        if is_end {
            self.by_key.remove(key);
            self.offsets.remove(&offset);
        }
    }

    /// The first record that is needed, if there are others before it.
    pub(super) fn needed_from(&self) -> Option<i64> {
        self.needed_from.filter(|offset| *offset > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(partition: i32) -> SharePartitionKey {
        SharePartitionKey {
            group: "g".into(),
            topic: uuid::Uuid::nil(),
            partition,
        }
    }

    /// Cases of Kafka's `ShareCoordinatorOffsetsManagerTest`: partition, offset, whether it ends; then from where on
    /// records are needed.
    #[test]
    fn what_lies_before_all_snapshots_is_superfluous() {
        type Step = ((i32, i64, bool), Option<i64>);
        let cases: [&[Step]; 5] = [
            &[((0, 0, false), None), ((0, 10, false), Some(10))],
            &[
                ((0, 10, false), Some(10)),
                ((1, 15, false), Some(10)),
                ((0, 20, false), Some(15)),
                ((1, 25, false), Some(20)),
            ],
            &[
                ((0, 10, false), Some(10)),
                ((1, 11, false), Some(10)),
                ((0, 15, true), Some(11)),
                ((1, 18, true), Some(18)),
                ((2, 20, false), Some(20)),
            ],
            &[((0, 10, false), Some(10)), ((0, 15, true), Some(15))],
            &[
                ((0, 10, false), Some(10)),
                ((1, 11, false), Some(10)),
                ((2, 12, false), Some(10)),
                ((1, 20, false), Some(10)),
                ((0, 21, false), Some(12)),
                ((2, 22, true), Some(20)),
            ],
        ];
        for steps in cases {
            let mut snapshots = Snapshots::default();
            for ((partition, offset, is_end), expected) in steps {
                snapshots.note(&key(*partition), *offset, *is_end);
                assert_eq!(snapshots.needed_from(), *expected, "{steps:?} at {offset}");
            }
        }
    }
}
