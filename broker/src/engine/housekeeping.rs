//! What a broker does from time to time: retention, compaction, forgetting idle producers and old
//! offsets, ending late transactions.

use std::time::Duration;

use super::group::Groups;
use super::log::{LogConfig, PartitionLog};
use super::time::Now;
use super::{Engine, TimerKey};

/// A recurring piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Chore {
    Retention,
    Compaction,
    ProducerExpiry,
    TransactionTimeouts,
    TransactionalIdExpiry,
    OffsetExpiry,
}

/// Keeps a chore whose interval is set to next to nothing from filling all time.
const INTERVAL_MIN: Duration = Duration::from_millis(1);

impl Engine {
    /// Plans every chore anew, by the intervals in force.
    pub(super) fn schedule_chores(&mut self, now: Now) {
        for chore in [
            Chore::Retention,
            Chore::Compaction,
            Chore::ProducerExpiry,
            Chore::OffsetExpiry,
        ] {
            self.schedule_chore(chore, now);
        }
    }

    /// Plans the chores whose intervals do not change while the broker runs.
    pub(super) fn schedule_transaction_chores(&mut self, now: Now) {
        for chore in [Chore::TransactionTimeouts, Chore::TransactionalIdExpiry] {
            self.schedule_chore(chore, now);
        }
    }

    fn schedule_chore(&mut self, chore: Chore, now: Now) {
        let config = self.broker_config(self.cluster.controller());
        let interval = match chore {
            Chore::Retention => config.log_retention_check_interval,
            Chore::Compaction => config.log_cleaner_backoff,
            Chore::ProducerExpiry => config.producer_id_expiration_check_interval,
            Chore::TransactionTimeouts => config.transaction_abort_interval,
            Chore::TransactionalIdExpiry => config.transaction_remove_interval,
            Chore::OffsetExpiry => config.offsets_retention_check_interval,
        };
        let at = now.plus(interval.max(INTERVAL_MIN)).elapsed;
        self.timers.schedule(TimerKey::Chore(chore), at);
    }

    pub(super) fn do_chore(&mut self, chore: Chore, now: Now) {
        let node = self.cluster.controller();
        let idle = self.broker_config(node).producer_id_expiration;
        match chore {
            Chore::Retention => self.each_log(|log, config| {
                log.apply_retention(config, now);
            }),
            Chore::Compaction => self.each_log(|log, config| {
                log.compact_if_due(config, now);
            }),
            Chore::ProducerExpiry => self.each_log(|log, _| {
                log.expire_producers(now, idle);
            }),
            Chore::TransactionTimeouts => self.abort_timed_out_transactions(now),
            Chore::TransactionalIdExpiry => self.expire_transactional_ids(now),
            Chore::OffsetExpiry => self.with_groups(now, node, Groups::expire_offsets),
        }
        self.schedule_chore(chore, now);
    }

    fn each_log(&mut self, act: impl Fn(&mut PartitionLog, &LogConfig)) {
        let names: Vec<String> = self.cluster.topics().map(|t| t.name.clone()).collect();
        for name in names {
            let config = self.topic_config(&name);
            let Some(topic) = self.cluster.topic_mut(&name) else {
                continue;
            };
            for partition in &mut topic.partitions {
                act(&mut partition.log, &config.log);
            }
            self.count_topic(&name);
        }
    }

    fn count_topic(&mut self, name: &str) {
        let partitions = self.cluster.topic(name).map_or(0, |t| t.partitions.len());
        for index in (0_i32..).take(partitions) {
            self.count_log_bytes(name, index);
        }
    }
}
