//! Which replicas are throttled, and how much of it brokers have used up: Kafka's `ReplicationQuotaManager`.
//!
//! Oracle: a broker measures what throttled replicas take from it (as their leader) and what they bring it (as their
//! follower), each over eleven windows of a second or as many as have begun. Nothing is taken while that is more than
//! the rate, but what is taken then is as large as a fetch: so a small log is there at once, and at a rate of 1 a
//! megabyte comes every eleven seconds.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::engine::quota::rate::{Rate, Windows};
use crate::engine::state::State;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::units::NodeId;

/// The side of a broker that throttles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Leader,
    Follower,
}

impl Side {
    const fn rate(self) -> &'static str {
        match self {
            Self::Leader => "leader.replication.throttled.rate",
            Self::Follower => "follower.replication.throttled.rate",
        }
    }

    const fn replicas(self) -> &'static str {
        match self {
            Self::Leader => "leader.replication.throttled.replicas",
            Self::Follower => "follower.replication.throttled.replicas",
        }
    }
}

/// What brokers have used up.
#[derive(Debug, Default)]
pub(super) struct Throttles(BTreeMap<(NodeId, Side), Rate>);

/// A broker's limit that a copy falls under.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    node: NodeId,
    side: Side,
    windows: Windows,
    bytes_per_second: f64,
}

impl Throttles {
    /// When a broker may go on, if nothing comes to it meanwhile.
    pub(super) fn free_at(&mut self, limit: Limit, now: Duration) -> Duration {
        let rate = self.0.entry((limit.node, limit.side)).or_default();
        rate.free_at(limit.windows, now, limit.bytes_per_second)
    }

    pub(super) fn record(&mut self, limit: Limit, now: Duration, bytes: f64) {
        let rate = self.0.entry((limit.node, limit.side)).or_default();
        rate.record(limit.windows, now, bytes);
    }
}

impl State {
    /// The limits that a copy of the partition from `leader` to `follower` falls under.
    pub(super) fn limits_of(
        &self,
        place: TopicPartition<&str>,
        leader: NodeId,
        follower: NodeId,
    ) -> Vec<Limit> {
        let sides = [(Side::Leader, leader), (Side::Follower, follower)];
        let throttled = sides.into_iter().filter(|(side, node)| {
            let topic = self.cluster.topic(place.topic);
            let list = topic.and_then(|topic| topic.overrides.get(side.replicas()));
            list.is_some_and(|list| names(list, place.partition, *node))
        });
        throttled
            .map(|(side, node)| self.limit(side, node))
            .collect()
    }

    fn limit(&self, side: Side, node: NodeId) -> Limit {
        let number = |name: &str| -> Option<u64> {
            self.configs
                .broker_value(node, name)
                .to_text()?
                .parse()
                .ok()
        };
        let seconds = number("replication.quota.window.size.seconds").unwrap_or(1);
        let count = number("replication.quota.window.num").unwrap_or(11);
        let rate = number(side.rate()).unwrap_or(u64::MAX);
        Limit {
            node,
            side,
            windows: Windows {
                count: u32::try_from(count).unwrap_or(u32::MAX),
                length: Duration::from_secs(seconds),
            },
            bytes_per_second: as_float(rate),
        }
    }
}

/// Whether a topic's list has this partition on this broker: `*`, or `PARTITION:BROKER,…`.
fn names(list: &str, index: i32, node: NodeId) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let one = |entry: &str| {
        let (partition, broker) = entry.trim().split_once(':')?;
        Some((partition.parse().ok()?, broker.parse().ok()?))
    };
    let mut entries = list.split(',').filter_map(one);
    entries.any(|entry: (i32, i32)| entry == (index, node.0))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bytes of which the last do not matter when they are that many"
)]
pub(super) const fn as_float(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_are_throttled_by_name() {
        for (list, index, node, expected) in [
            ("*", 3, 1, true),
            ("0:1,1:2", 1, 2, true),
            ("0:1,1:2", 1, 1, false),
            ("0:1", 1, 1, false),
            ("", 0, 1, false),
        ] {
            assert_eq!(names(list, index, NodeId(node)), expected, "{list}");
        }
    }
}
