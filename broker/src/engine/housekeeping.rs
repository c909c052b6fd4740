//! What a broker does from time to time: retention, compaction, forgetting idle producers and old
//! offsets, ending late transactions, tidying what is written down of share groups.

use std::time::Duration;

use super::group::Groups;
use super::log::{LogConfig, PartitionLog};
use super::state::{State, StateTimer};
use super::time::Now;
use crate::engine::topic_partition::TopicPartition;

/// A recurring piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Chore {
    Retention,
    Compaction,
    ProducerExpiry,
    TransactionTimeouts,
    TransactionalIdExpiry,
    OffsetExpiry,
    SharePruning,
    ShareSnapshots,
    TokenExpiry,
}

impl Chore {
    const ALL: [Self; 9] = [
        Self::Retention,
        Self::Compaction,
        Self::ProducerExpiry,
        Self::TransactionTimeouts,
        Self::TransactionalIdExpiry,
        Self::OffsetExpiry,
        Self::SharePruning,
        Self::ShareSnapshots,
        Self::TokenExpiry,
    ];
}

/// Keeps a chore whose interval is set to next to nothing from filling all time.
const INTERVAL_MIN: Duration = Duration::from_millis(1);

impl State {
    /// Plans every chore whose interval is new. What keeps its interval keeps its turn, too, however
    /// often settings change.
    pub(super) fn schedule_chores(&mut self, now: Now) {
        for chore in Chore::ALL {
            // Nobody looks for tokens where there are none.
            if chore == Chore::TokenExpiry && !self.tokens.is_enabled() {
                continue;
            }
            let interval = self.interval_of(chore);
            let known = self.chore_intervals.insert(chore, interval);
            if known != Some(interval) {
                let wait = known.map_or_else(|| self.first_wait(chore), |_| interval);
                self.schedule_chore(chore, now, wait);
            }
        }
    }

    fn interval_of(&self, chore: Chore) -> Duration {
        let config = self.broker_config(self.cluster.controller());
        let interval = match chore {
            Chore::Retention => config.log_retention_check_interval,
            Chore::Compaction => config.log_cleaner_backoff,
            Chore::ProducerExpiry => config.producer_id_expiration_check_interval,
            Chore::TransactionTimeouts => config.transaction_abort_interval,
            Chore::TransactionalIdExpiry => config.transaction_remove_interval,
            Chore::OffsetExpiry => config.offsets_retention_check_interval,
            Chore::SharePruning => config.share_coordinator_prune_interval,
            Chore::ShareSnapshots => config.share_coordinator_cold_snapshot_interval,
            Chore::TokenExpiry => config.token_expiry_check_interval,
        };
        interval.max(INTERVAL_MIN)
    }

    /// Logs are looked at first a while after a broker has started, whatever the interval is.
    fn first_wait(&self, chore: Chore) -> Duration {
        match chore {
            Chore::Retention => {
                let config = self.broker_config(self.cluster.controller());
                config.log_initial_task_delay
            }
            Chore::Compaction
            | Chore::ProducerExpiry
            | Chore::TransactionTimeouts
            | Chore::TransactionalIdExpiry
            | Chore::OffsetExpiry
            | Chore::SharePruning
            | Chore::ShareSnapshots
            | Chore::TokenExpiry => self.interval_of(chore),
        }
    }

    fn schedule_chore(&mut self, chore: Chore, now: Now, wait: Duration) {
        let at = now.plus(wait).elapsed;
        self.timers.schedule(StateTimer::Chore(chore), at);
    }

    pub(super) fn do_chore(&mut self, chore: Chore, now: Now) {
        let node = self.cluster.controller();
        let idle = self.broker_config(node).producer_id_expiration;
        match chore {
            Chore::Retention => self.apply_retention(now),
            Chore::Compaction => self.each_log(|log, config| {
                log.compact_if_due(config, now);
            }),
            Chore::ProducerExpiry => self.each_log(|log, _| {
                log.expire_producers(now, idle);
            }),
            Chore::TransactionTimeouts => self.abort_timed_out_transactions(now),
            Chore::TransactionalIdExpiry => self.expire_transactional_ids(now),
            Chore::OffsetExpiry => self.with_groups(now, node, Groups::expire_offsets),
            Chore::SharePruning => self.prune_share_states(),
            Chore::ShareSnapshots => self.snapshot_cold_shares(now),
            Chore::TokenExpiry => self.tokens.sweep(now),
        }
        self.schedule_chore(chore, now, self.interval_of(chore));
    }

    /// Lets go of what the topics do not retain.
    pub(super) fn apply_retention(&mut self, now: Now) {
        self.each_log(|log, config| {
            log.apply_retention(config, now);
        });
    }

    /// Compacts all that coordinators have written, to its end.
    pub(super) fn compact_state_topics(&mut self, now: Now) {
        let topics = self.cluster.topics().filter(|topic| topic.internal);
        let names = topics.map(|topic| topic.name.clone()).collect();
        self.each_log_of(names, |log, config| log.compact_whole(config, now));
    }

    fn each_log(&mut self, act: impl Fn(&mut PartitionLog, &LogConfig)) {
        let names = self.cluster.topics().map(|t| t.name.clone()).collect();
        self.each_log_of(names, act);
    }

    fn each_log_of(&mut self, names: Vec<String>, act: impl Fn(&mut PartitionLog, &LogConfig)) {
        for name in names {
            let config = self.topic_config(&name);
            let Some(topic) = self.cluster.topic_mut(&name) else {
                continue;
            };
            for (index, partition) in (0_i32..).zip(&mut topic.partitions) {
                let start = partition.log.start();
                act(&mut partition.log, &config.log);
                let moved = (start.0, partition.log.start().0);
                let place = TopicPartition::at(&name, index);
                self.outbox.log_start_moved(place, moved);
            }
            self.count_topic(&name);
        }
    }

    /// Brings the total of log bytes up to date with a topic.
    pub(super) fn count_topic(&mut self, name: &str) {
        let partitions = self.cluster.topic(name).map_or(0, |t| t.partitions.len());
        for index in (0_i32..).take(partitions) {
            self.count_log_bytes(name, index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::*;
    use crate::wire::messages::StrBytes;
    use crate::wire::messages::incremental_alter_configs_request::{
        AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
    };

    /// Changes a setting of all brokers.
    fn alter(bench: &mut Bench, name: &'static str, value: &'static str) {
        let config = AlterableConfig::default()
            .with_name(StrBytes::from_static_str(name))
            .with_value(Some(StrBytes::from_static_str(value)));
        let resource = AlterConfigsResource::default()
            .with_resource_type(4)
            .with_configs(vec![config]);
        let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
        bench.ask(1, request);
    }

    /// When each chore is next due, in seconds, after settings changed at second 100.
    fn check(name: &'static str, value: &'static str, compaction: u64) {
        let mut bench = Bench::new(&[
            ("log.cleaner.backoff.ms", "120000"),
            ("log.retention.check.interval.ms", "150000"),
            ("log.initial.task.delay.ms", "20000"),
        ]);
        bench.advance(Duration::from_secs(100));
        alter(&mut bench, name, value);
        let due = |chore| {
            let mut timers = bench.engine.state.timers.iter();
            let timer = timers.find(|(_, key)| *key == StateTimer::Chore(chore));
            timer.map(|(at, _)| at.as_secs())
        };
        assert_eq!(due(Chore::Retention), Some(170), "{name}");
        assert_eq!(due(Chore::Compaction), Some(compaction), "{name}");
    }

    #[test]
    fn a_change_of_settings_moves_only_what_has_a_new_interval() {
        check("log.retention.ms", "5000", 120);
        check("log.cleaner.backoff.ms", "120000", 120);
        check("log.cleaner.backoff.ms", "30000", 130);
    }
}
