//! What is only counted, for as long as the cluster runs, whatever rows had to make room.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::exchange::Exchange;
use super::shares::ShareCounts;
use crate::engine::group::turn::Note;
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

/// Numbers that only grow.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Requests by kind.
    pub(crate) requests: BTreeMap<Api, u64>,
    /// Errors in answers, by kind of request and the error's number.
    errors: BTreeMap<(Api, i16), u64>,
    /// New generations or epochs, by group.
    pub(crate) rebalances: BTreeMap<Arc<str>, u64>,
    generations: BTreeMap<Arc<str>, i32>,
    pub(crate) connections: u64,
    /// Requests that a fault rule acted on, by the rule's name.
    pub(crate) rule_hits: BTreeMap<Arc<str>, u64>,
    /// What became of records of share groups, by share partition.
    pub(crate) shares: ShareCounts,
    /// What an authorizer denied.
    pub(crate) denials: u64,
    /// Whom quotas or fault rules throttled, by client id.
    pub(crate) throttled: BTreeMap<String, Throttled>,
}

/// How often a client was throttled, and for how long in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Throttled {
    pub(crate) requests: u64,
    pub(crate) millis: u64,
}

fn grow<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(1);
}

impl Counts {
    pub(crate) fn errors(&self) -> impl Iterator<Item = (Api, ErrorCode, u64)> {
        let all = self.errors.iter();
        all.map(|((api, code), count)| (*api, ErrorCode::of(*code), *count))
    }

    pub(super) fn request(&mut self, exchange: &Exchange) {
        grow(&mut self.requests, exchange.api);
        for failure in &exchange.errors {
            grow(&mut self.errors, (exchange.api, failure.error.code()));
        }
        if exchange.throttled_ms > 0 {
            let client_id = exchange.client_id.as_str();
            if !self.throttled.contains_key(client_id) {
                self.throttled
                    .insert(client_id.to_owned(), Throttled::default());
            }
            if let Some(throttled) = self.throttled.get_mut(client_id) {
                throttled.requests = throttled.requests.saturating_add(1);
                throttled.millis = throttled.millis.saturating_add(exchange.throttled_ms);
            }
        }
        if let Some(rule) = &exchange.rule {
            grow(&mut self.rule_hits, Arc::clone(rule));
        }
    }

    pub(super) fn denied(&mut self, denials: usize) {
        let denials = u64::try_from(denials).unwrap_or(u64::MAX);
        self.denials = self.denials.saturating_add(denials);
    }

    pub(super) const fn opened(&mut self) {
        self.connections = self.connections.saturating_add(1);
    }

    /// A group that is in another generation than at its last note has been through a rebalance.
    pub(super) fn group(&mut self, note: &Note) {
        let known = self
            .generations
            .insert(Arc::clone(&note.group), note.generation);
        if known.unwrap_or_default() < note.generation {
            grow(&mut self.rebalances, Arc::clone(&note.group));
        }
    }
}
