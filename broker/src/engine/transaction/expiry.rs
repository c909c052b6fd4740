//! Transactions that take too long, and transactional ids that nobody uses.

use std::collections::BTreeMap;
use std::time::Duration;

use super::decisions::Decision;
use super::metadata::{Transaction, TransactionState};
use crate::engine::state::State;
use crate::engine::state_topic::{StateTopic, partition_of};
use crate::engine::time::Now;
use crate::wire::state_records::tombstone;
use crate::wire::units::WallMillis;

impl State {
    /// Aborts, with an epoch that their producers do not have, the transactions that are open for
    /// longer than `transaction.timeout.ms`.
    pub(in crate::engine) fn abort_timed_out_transactions(&mut self, now: Now) {
        self.abort_transactions(now, |transaction| transaction.is_timed_out(now.wall));
    }

    /// Aborts all that are open, and ends them in their partitions.
    pub(in crate::engine) fn abort_open_transactions(&mut self, now: Now) {
        self.transactions.hold_markers(false);
        self.abort_transactions(now, |transaction| {
            matches!(transaction.state(), TransactionState::Ongoing(_))
        });
        self.write_due_markers(now);
    }

    fn abort_transactions(&mut self, now: Now, is_meant: impl Fn(&Transaction) -> bool) {
        let server = self.transaction_version();
        let meant = self.transactions.iter();
        let meant = meant.filter(|(_, transaction)| is_meant(transaction));
        let meant: Vec<String> = meant.map(|(id, _)| id.to_owned()).collect();
        for id in meant {
            let Some(node) = self.transaction_coordinator(&id) else {
                continue;
            };
            // One that the state topic does not take now is aborted the next time.
            let _ = self.decide((now, node), &id, |transaction, ids| {
                transaction.fence(server, ids, now.wall);
                Ok(Decision::Fenced)
            });
        }
    }

    /// Forgets transactional ids that have been idle for `transactional.id.expiration.ms`.
    pub(in crate::engine) fn expire_transactional_ids(&mut self, now: Now) {
        let after = self
            .broker_config(self.cluster.controller())
            .transactional_id_expiration;
        let mut expired: BTreeMap<i32, Vec<String>> = BTreeMap::new();
        for (id, transaction) in self.transactions.iter() {
            if transaction.is_expired(now.wall, after)
                && let Some(index) = partition_of(&self.cluster, StateTopic::Transactions, id)
            {
                expired.entry(index).or_default().push(id.to_owned());
            }
        }
        for ids in expired.into_values() {
            let Some(place) = ids.first().and_then(|id| {
                let node = self.transaction_coordinator(id)?;
                self.state_partition_of(node, id).ok()
            }) else {
                continue;
            };
            let tombstones: Vec<_> = ids.iter().map(|id| tombstone(id)).collect();
            let appended = self.append_transaction_records(now, place, &tombstones);
            if appended.is_ok() {
                for id in &ids {
                    self.transactions.bury(id);
                }
            }
        }
    }
}

impl super::Transactions {
    fn bury(&mut self, id: &str) {
        if let Some(mut transaction) = self.by_id.remove(id) {
            transaction.enter(TransactionState::Dead);
        }
    }
}

impl Transaction {
    fn is_expired(&self, now: WallMillis, after: Duration) -> bool {
        let is_idle = matches!(
            self.state(),
            TransactionState::Empty
                | TransactionState::CompleteCommit(_)
                | TransactionState::CompleteAbort(_)
        );
        let after = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
        is_idle && !self.is_stuck && self.updated.0 <= now.0.saturating_sub(after)
    }
}
