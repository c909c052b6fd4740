//! How often records of share groups were delivered and acknowledged: counted for as long as the cluster runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Journal;

/// Types of acknowledgements, by Kafka's numbers.
const TYPES: [&str; 5] = ["gap", "accept", "release", "reject", "renew"];

/// A share partition, by the name of its topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SharePlace {
    pub(crate) group: Arc<str>,
    pub(crate) topic: String,
    pub(crate) partition: i32,
}

/// What became of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shared {
    /// So many were delivered, and of these so many not for the first time.
    Delivered(u64, u64),
    /// So many were acknowledged with this type, by Kafka's number.
    Acknowledged(i8, u64),
    /// The locks of so many ended.
    Expired(u64),
    /// So many were delivered as often as they may be.
    Exhausted(u64),
}

/// Numbers of records that only grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ShareCounted {
    pub(crate) deliveries: u64,
    pub(crate) redeliveries: u64,
    pub(crate) expired: u64,
    pub(crate) exhausted: u64,
    acknowledged: [u64; TYPES.len()],
}

/// Those of every share partition of which anything was delivered.
pub(crate) type ShareCounts = BTreeMap<SharePlace, ShareCounted>;

impl SharePlace {
    /// As labels of a metric; the partition's number is given as text.
    pub(crate) fn labels<'a>(&'a self, partition: &'a str) -> [(&'static str, &'a str); 3] {
        [
            ("group", &self.group),
            ("topic", &self.topic),
            ("partition", partition),
        ]
    }
}

impl ShareCounted {
    /// How many were acknowledged, by type.
    pub(crate) fn acknowledged(&self) -> impl Iterator<Item = (&'static str, u64)> {
        TYPES.into_iter().zip(self.acknowledged)
    }

    fn add(&mut self, what: Shared) {
        let grow = |count: &mut u64, by: u64| *count = count.saturating_add(by);
        match what {
            Shared::Delivered(all, again) => {
                grow(&mut self.deliveries, all);
                grow(&mut self.redeliveries, again);
            }
            Shared::Acknowledged(kind, by) => {
                let kind = usize::try_from(kind).ok();
                if let Some(count) = kind.and_then(|kind| self.acknowledged.get_mut(kind)) {
                    grow(count, by);
                }
            }
            Shared::Expired(by) => grow(&mut self.expired, by),
            Shared::Exhausted(by) => grow(&mut self.exhausted, by),
        }
    }
}

impl Journal {
    /// Something became of a share group's records.
    pub(crate) fn shared(&mut self, place: SharePlace, what: Shared) {
        self.counts.shares.entry(place).or_default().add(what);
    }
}
