//! Share partitions: where they start, and who has which records until when.

use crate::engine::state::State;

/// A partition of a share group (KIP-932), as the node that leads the partition knows it.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// // … the application runs …
/// for group in broker.groups() {
///     for share in &group.share_partitions {
///         println!("{}-{} starts at {}", share.topic, share.partition, share.start_offset);
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
    /// The id of the node that leads it.
    pub leader: i32,
    /// The first offset that is not done with.
    pub start_offset: i64,
    /// How many records up to the high watermark are not done with.
    pub lag: i64,
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
    /// The state, such as `acquired` or `available`.
    pub state: String,
    /// How often they were delivered.
    pub deliveries: i32,
    /// The member that has them.
    pub member: Option<String>,
    /// When their lock ends, in milliseconds since the cluster started, by its clock.
    pub locked_until_ms: Option<u64>,
}

impl State {
    /// What nodes know of a group's share partitions, and of their records.
    pub(super) fn share_views(
        &self,
        group: &str,
    ) -> (Vec<SharePartitionView>, Vec<ShareRecordsView>) {
        let (mut partitions, mut records) = (Vec::new(), Vec::new());
        for (key, share) in &self.shares.partitions {
            if *key.group != *group {
                continue;
            }
            let topic = self.cluster.topic_name(key.topic);
            let topic = topic.unwrap_or_else(|| key.topic.to_string());
            let runs = share.in_flight().flat_map(|in_flight| in_flight.runs());
            for ((first_offset, last_offset), delivery) in runs {
                let until = delivery.lock.map(|lock| lock.until.as_millis());
                add(
                    &mut records,
                    ShareRecordsView {
                        topic: topic.clone(),
                        partition: key.partition,
                        first_offset,
                        last_offset,
                        state: delivery.state.name().to_owned(),
                        deliveries: delivery.count,
                        member: delivery.member.as_deref().map(str::to_owned),
                        locked_until_ms: until.and_then(|until| u64::try_from(until).ok()),
                    },
                );
            }
            let known = self.cluster.topic_by_id(key.topic);
            let known = known.and_then(|topic| topic.partition(key.partition));
            let end = known.map_or(share.start, |known| known.log.high_watermark().0);
            let open = end.saturating_sub(share.start);
            partitions.push(SharePartitionView {
                topic,
                partition: key.partition,
                leader: share.node.0,
                start_offset: share.start,
                lag: open.saturating_sub(share.done.into()).max(0),
            });
        }
        (partitions, records)
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
