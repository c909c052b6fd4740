//! Share partitions: where they start, and who has which records until when.

use std::collections::BTreeSet;

use crate::engine::share::SharePartitionKey;
use crate::engine::share::kept::{KeptState, UNSET};
use crate::engine::share::partition::{RecordState, SharePartition};
use crate::engine::state::State;
use crate::engine::state_topic::{StateTopic, known_leader};
use crate::engine::time::Now;
use crate::wire::units::NodeId;

/// A partition of a share group (KIP-932): as the node that serves it knows it, or as it is written down while none does.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// // … the application runs …
/// for group in broker.groups() {
///     for share in &group.share_partitions {
///         println!("{}-{} starts at {:?}", share.topic, share.partition, share.start_offset);
///     }
/// }
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct SharePartitionView {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The id of the node that serves it to members; none before one of them has fetched.
    pub leader: Option<i32>,
    /// The id of the node that keeps what is written down of it: its share coordinator.
    pub coordinator: Option<i32>,
    /// The first offset that is not done with; none before the group has begun in this partition.
    pub start_offset: Option<i64>,
    /// How many records up to the high watermark are not done with; none without a start offset.
    pub lag: Option<i64>,
}

/// Records of a share partition that are alike: they have been delivered, or are done with.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// // … the application runs …
/// for group in broker.groups() {
///     for run in &group.share_records {
///         println!("{} to {}: {}", run.first_offset, run.last_offset, run.state);
///     }
/// }
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct ShareRecordsView {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The first record's offset.
    pub first_offset: i64,
    /// The last record's offset.
    pub last_offset: i64,
    /// The state: `available`, `acquired`, `acknowledged`, `archiving` while they are on their way to a dead-letter topic, or
    /// `archived`.
    pub state: String,
    /// How often they were delivered.
    pub deliveries: i32,
    /// The member that has them.
    pub member: Option<String>,
    /// When their lock ends, in milliseconds since the cluster started, by its clock.
    pub locked_until_ms: Option<u64>,
    /// How long their lock still holds, in milliseconds by the cluster's clock.
    pub lock_left_ms: Option<u64>,
}

impl State {
    /// What is known of a group's share partitions, and of their records, by topic and partition.
    pub(super) fn share_views(
        &self,
        now: Now,
        group: &str,
    ) -> (Vec<SharePartitionView>, Vec<ShareRecordsView>) {
        let written = self.shares.states.iter().map(|(key, _)| key);
        let all: BTreeSet<_> = self.shares.partitions.keys().chain(written).collect();
        let named = all.into_iter().filter(|key| *key.group == *group);
        let mut named: Vec<_> = named.map(|key| (self.shared_topic(key), key)).collect();
        named.sort_by(|(one, key), (other, another)| {
            (one, key.partition).cmp(&(other, another.partition))
        });
        let (mut partitions, mut records) = (Vec::new(), Vec::new());
        for (topic, key) in named {
            let served = self.shares.partitions.get(key);
            let served = served.filter(|served| self.leads_shared(key, served.node));
            let view = match (served, self.shares.states.get(key)) {
                (Some(served), _) => {
                    served_records(&mut records, now, (&topic, key.partition), served);
                    let start = Some(served.start);
                    self.share_view(key, Some(served.node), start, served.done)
                }
                (None, Some(kept)) => {
                    kept_records(&mut records, (&topic, key.partition), kept);
                    let start = (kept.start != UNSET).then_some(kept.start);
                    self.share_view(key, None, start, kept.done.max(0))
                }
                (None, None) => continue,
            };
            partitions.push(SharePartitionView { topic, ..view });
        }
        (partitions, records)
    }

    /// The topic's name, or its id if it is gone.
    fn shared_topic(&self, key: &SharePartitionKey) -> String {
        let name = self.cluster.topic_name(key.topic);
        name.unwrap_or_else(|| key.topic.to_string())
    }

    /// The node that keeps what is written down.
    fn share_coordinator(&self, key: &SharePartitionKey) -> Option<NodeId> {
        known_leader(&self.cluster, StateTopic::Shares, &key.text())
    }

    fn share_view(
        &self,
        key: &SharePartitionKey,
        node: Option<NodeId>,
        start: Option<i64>,
        done: i32,
    ) -> SharePartitionView {
        let topic = self.cluster.topic_by_id(key.topic);
        let log = topic.and_then(|topic| topic.partition(key.partition));
        let end = log.map(|partition| partition.log.high_watermark().0);
        let lag = start.zip(end).map(|(start, end)| {
            let open = end.saturating_sub(start);
            open.saturating_sub(done.into()).max(0)
        });
        SharePartitionView {
            topic: String::new(),
            partition: key.partition,
            leader: node.map(|node| node.0),
            coordinator: self.share_coordinator(key).map(|node| node.0),
            start_offset: start,
            lag,
        }
    }
}

/// The records of a partition that a node serves.
fn served_records(
    records: &mut Vec<ShareRecordsView>,
    now: Now,
    (topic, partition): (&str, i32),
    served: &SharePartition,
) {
    let runs = served.in_flight().flat_map(|in_flight| in_flight.runs());
    for ((first, last), delivery) in runs {
        let until = delivery.lock().map(|lock| lock.until);
        let left = until.map(|until| until.saturating_sub(now.elapsed));
        let millis =
            |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let run = ShareRecordsView {
            topic: topic.to_owned(),
            partition,
            first_offset: first.max(served.start),
            last_offset: last,
            state: delivery.state.name().to_owned(),
            deliveries: delivery.count,
            member: delivery.member.as_deref().map(str::to_owned),
            locked_until_ms: until.map(millis),
            lock_left_ms: left.map(millis),
        };
        if last >= served.start {
            add(records, run);
        }
    }
}

/// The records of a partition that nobody serves: nobody has them.
fn kept_records(
    records: &mut Vec<ShareRecordsView>,
    (topic, partition): (&str, i32),
    kept: &KeptState,
) {
    for batch in &kept.batches {
        let state = RecordState::numbered(batch.state);
        let run = ShareRecordsView {
            topic: topic.to_owned(),
            partition,
            first_offset: batch.first,
            last_offset: batch.last,
            state: state.map_or_else(|| batch.state.to_string(), |state| state.name().to_owned()),
            deliveries: batch.count.into(),
            member: None,
            locked_until_ms: None,
            lock_left_ms: None,
        };
        add(records, run);
    }
}

/// Adds a run, or makes the one before it longer if it goes on in it.
fn add(all: &mut Vec<ShareRecordsView>, run: ShareRecordsView) {
    if let Some(before) = all.last_mut()
        && before.last_offset.checked_add(1) == Some(run.first_offset)
    {
        let joined = ShareRecordsView {
            first_offset: before.first_offset,
            last_offset: before.last_offset,
            ..run.clone()
        };
        if joined == *before {
            before.last_offset = run.last_offset;
            return;
        }
    }
    all.push(run);
}
