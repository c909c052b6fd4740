//! Locks that end, on the cluster's clock.

use super::SharePartitionKey;
use super::errands::Why;
use crate::engine::state::{State, StateTimer};
use crate::engine::time::Now;

impl State {
    /// Has the first lock of a share partition end in time.
    pub(crate) fn schedule_share_locks(&mut self, key: &SharePartitionKey) {
        let partition = self.shares.partitions.get(key);
        let timer = StateTimer::ShareLock(key.clone());
        match partition.and_then(super::partition::SharePartition::first_lock) {
            Some(lock) => self.timers.schedule(timer, lock.until),
            None => self.timers.cancel(&timer),
        }
    }

    /// Ends the locks that are due. Each is written down by itself, as in Kafka, and nobody waits for that.
    pub(in crate::engine) fn end_share_locks(&mut self, now: Now, key: &SharePartitionKey) {
        let Some(partition) = self.shares.partitions.get(key) else {
            return;
        };
        let terms = self.share_terms(partition.node, &key.group);
        let mut has_changed = false;
        for ended in partition.ended_locks(now) {
            let Some(partition) = self.shares.partitions.get_mut(key) else {
                break;
            };
            let Some((change, expired)) = partition.expire(&terms, ended) else {
                continue;
            };
            has_changed = true;
            self.tell_expired(key, &expired);
            self.tell_exhausted(key, &change.steps);
            drop(self.write_share_change(now, key, change, Why::Expired));
        }
        self.schedule_share_locks(key);
        if has_changed && let Some(name) = self.cluster.topic_name(key.topic) {
            self.outbox.wake_partition(&name, key.partition);
        }
    }

    /// Whether a timer for a share partition's locks has a reason.
    pub(in crate::engine) fn has_share_locks(&self, key: &SharePartitionKey) -> bool {
        let partition = self.shares.partitions.get(key);
        partition.is_some_and(|partition| partition.first_lock().is_some())
    }
}
