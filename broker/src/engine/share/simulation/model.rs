//! What may be known of records, by what clients were told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::consumer::{ACCEPT, Asked, At, Consumer, GAP, REJECT, RELEASE, RENEW, Said};
use crate::engine::share::kept::KeptState;
use crate::engine::share::partition::SharePartition;
use crate::engine::time::Now;
use crate::wire::apis::Response;
use crate::wire::error::ErrorCode;
use crate::wire::units::NodeId;

const LOCK: Duration = Duration::from_secs(30);
const DELIVERIES_MAX: i32 = 5;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) group: &'static str,
    pub(super) partition: i32,
}

/// Whose a record is, by which node, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hold {
    consumer: String,
    node: NodeId,
    until: Duration,
}

/// A share partition as clients know it.
#[derive(Debug, Clone, Default)]
struct Share {
    /// Who serves it, since when.
    served: Option<(NodeId, i32, u64)>,
    start: i64,
    /// The start that is written down.
    kept_start: i64,
    holds: BTreeMap<i64, Hold>,
    /// How often each record was delivered while this node served it.
    deliveries: BTreeMap<i64, i32>,
    /// What was acknowledged for good, and was told so.
    done: BTreeSet<i64>,
    /// What may have been, or came as often as it may.
    may_be_done: BTreeSet<i64>,
    /// What happened, for who reads of a failure.
    history: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    shares: BTreeMap<Place, Share>,
}

impl Model {
    fn share(&mut self, group: &'static str, partition: i32) -> &mut Share {
        self.shares.entry(Place { group, partition }).or_default()
    }

    /// Nodes know nothing any more but what is written down.
    pub(super) fn start_over(&mut self) {
        for share in self.shares.values_mut() {
            share.forget();
        }
    }

    /// A consumer asks; what it says of records may be so from now on.
    pub(super) fn asked(&mut self, _now: Now, consumer: &Consumer, asked: &Asked) {
        let (Asked::Fetch(said, _) | Asked::Acknowledge(said, _)) = asked else {
            return;
        };
        for Said { at, kind } in said {
            let share = self.share(consumer.group, at.0);
            if *kind != RENEW {
                share.holds.remove(&at.1);
            }
            if ![RELEASE, RENEW].contains(kind) {
                share.may_be_done.insert(at.1);
            }
            let what = format!("{} says {kind} of {}", consumer.name, at.1);
            share.history.push(what);
        }
        // Who ends its session gives up what it has.
        if let Asked::Fetch(_, true) | Asked::Acknowledge(_, true) = asked {
            self.release(consumer, None);
        }
    }

    /// A consumer has no connection to a node any more.
    pub(super) fn gone(&mut self, consumer: &Consumer, node: NodeId) {
        self.release(consumer, Some(node));
    }

    fn release(&mut self, consumer: &Consumer, node: Option<NodeId>) {
        let shares = self.shares.iter_mut();
        for (_, share) in shares.filter(|(place, _)| place.group == consumer.group) {
            share.holds.retain(|_, hold| {
                let is_there = node.is_none_or(|node| node == hold.node);
                hold.consumer != consumer.name || !is_there
            });
        }
    }

    /// A consumer is told: what it acquires by that.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "nothing else is about records"
    )]
    pub(super) fn told(
        &mut self,
        now: Now,
        (consumer, node): (&Consumer, NodeId),
        asked: &Asked,
        response: &Response,
    ) -> Vec<At> {
        let (Asked::Fetch(said, _) | Asked::Acknowledge(said, _)) = asked else {
            return Vec::new();
        };
        let mut outcomes = BTreeMap::new();
        let mut acquired = Vec::new();
        let none = ErrorCode::None.code();
        match response {
            Response::ShareFetch(told) if told.error_code == none => {
                for row in told.responses.iter().flat_map(|topic| &topic.partitions) {
                    outcomes.insert(row.partition_index, row.acknowledge_error_code);
                    for run in &row.acquired_records {
                        for offset in run.first_offset..=run.last_offset {
                            let count = i32::from(run.delivery_count);
                            let share = self.share(consumer.group, row.partition_index);
                            share.acquire(now, (consumer, node), offset, count);
                            acquired.push((row.partition_index, offset));
                        }
                    }
                }
            }
            Response::ShareAcknowledge(told) if told.error_code == none => {
                for row in told.responses.iter().flat_map(|topic| &topic.partitions) {
                    outcomes.insert(row.partition_index, row.error_code);
                }
            }
            _ => {}
        }
        for Said { at, kind } in said {
            if outcomes.get(&at.0) == Some(&none) {
                let share = self.share(consumer.group, at.0);
                let is_immediate = matches!(asked, Asked::Acknowledge(..));
                share.acknowledged(now, at.1, *kind, is_immediate);
            }
        }
        acquired
    }

    /// Compares with what nodes and the coordinator know.
    pub(super) fn follow(
        &mut self,
        place: &Place,
        served: Option<&SharePartition>,
        kept: Option<&KeptState>,
    ) {
        let share = self.shares.entry(place.clone()).or_default();
        if let Some(kept) = kept {
            // A state that was just begun has no start yet.
            let (before, start) = (share.kept_start, kept.start.max(0));
            assert!(
                before <= start,
                "{place:?} is written to start at {start} after {before}"
            );
            share.kept_start = start;
        }
        let Some(served) = served else {
            share.forget();
            return;
        };
        let (node, epoch, locks) = share.served.unwrap_or((served.node, -1, u64::MAX));
        if node != served.node || epoch != served.leader_epoch.0 || locks > served.locks_given() {
            share.forget();
            let what = format!("{:?} begins at {} with {kept:?}", served.node, served.start);
            share.history.push(what);
            share.start = served.start;
        }
        share.served = Some((served.node, served.leader_epoch.0, served.locks_given()));
        assert!(
            served.start >= share.start,
            "{place:?} starts at {} after {}",
            served.start,
            share.start
        );
        share.start = served.start;
        for offset in 0..served.start {
            assert!(
                share.may_be_done.contains(&offset),
                "{place:?} starts at {} but nobody is done with {offset}",
                served.start
            );
        }
    }
}

impl Share {
    fn forget(&mut self) {
        self.served = None;
        self.holds.clear();
        self.deliveries.clear();
    }

    fn acquire(
        &mut self,
        now: Now,
        (consumer, node): (&Consumer, NodeId),
        offset: i64,
        count: i32,
    ) {
        let name = &consumer.name;
        self.history
            .push(format!("{name} gets {offset} from {node:?}, time {count}"));
        let history = || self.history.join("\n");
        assert!(
            !self.done.contains(&offset),
            "{name} gets {offset} once more:\n{}",
            history()
        );
        if let Some(hold) = self.holds.get(&offset) {
            let is_over = hold.until <= now.elapsed;
            assert!(
                is_over,
                "{name} gets {offset}, which {hold:?} has:\n{}",
                history()
            );
        }
        assert!(count <= DELIVERIES_MAX, "{offset} comes for time {count}");
        if let Some(before) = self.deliveries.insert(offset, count) {
            assert_eq!(count, before + 1, "{offset} was delivered before");
        }
        if count == DELIVERIES_MAX {
            self.may_be_done.insert(offset);
        }
        let hold = Hold {
            consumer: name.clone(),
            node,
            until: now.elapsed + LOCK,
        };
        self.holds.insert(offset, hold);
    }

    fn acknowledged(&mut self, now: Now, offset: i64, kind: i8, is_immediate: bool) {
        match kind {
            RENEW => {
                if let Some(hold) = self.holds.get_mut(&offset).filter(|_| is_immediate) {
                    hold.until = now.elapsed + LOCK;
                }
            }
            RELEASE => {}
            GAP | ACCEPT | REJECT => {
                self.history.push(format!("{offset} is done with"));
                self.done.insert(offset);
            }
            other => panic!("{other} is no type"),
        }
    }
}
