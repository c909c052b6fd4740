//! DescribeLogDirs (key 35), v1–v5 (KIP-113, KIP-827, KIP-1066).
//!
//! Oracle: the directory is listed whether or not it holds anything that was asked for; unknown
//! topics and partitions are left out. The size is that of the batches as they are stored.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::cluster::Partition;
use crate::engine::context::{Answer, Context};
use crate::wire::messages::describe_log_dirs_request::DescribableLogDirTopic;
use crate::wire::messages::{
    DescribeLogDirsPartition, DescribeLogDirsRequest, DescribeLogDirsResponse,
    DescribeLogDirsResult, DescribeLogDirsTopic, StrBytes, TopicName,
};

/// Where Kafka keeps its logs unless told otherwise.
const DEFAULT_DIRECTORY: &str = "/tmp/kafka-logs";

/// Answers at once.
#[expect(
    clippy::needless_pass_by_ref_mut,
    reason = "all handlers have one shape"
)]
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: DescribeLogDirsRequest,
) -> Answer<DescribeLogDirsResponse> {
    let topics = request.topics.map_or_else(
        || every_topic(cx),
        |asked| {
            let merged = merged(asked);
            let topics = merged.into_iter();
            topics
                .filter_map(|(name, indexes)| described(cx, &name, &indexes))
                .collect()
        },
    );
    let total = bytes(cx.engine.log_bytes_max());
    let used = bytes(cx.engine.log_bytes());
    let directory = DescribeLogDirsResult {
        log_dir: directory(cx),
        topics,
        total_bytes: total,
        usable_bytes: total.saturating_sub(used).max(0),
        ..DescribeLogDirsResult::default()
    };
    Answer::Reply(DescribeLogDirsResponse {
        results: vec![directory],
        ..DescribeLogDirsResponse::default()
    })
}

fn directory(cx: &Context<'_>) -> StrBytes {
    let text = |name| cx.engine.configs.broker_value(cx.call.node, name).to_text();
    let listed = text("log.dirs").or_else(|| text("log.dir"));
    let first = listed.and_then(|list| list.split(',').next().map(|dir| dir.trim().to_owned()));
    StrBytes::from_string(first.unwrap_or_else(|| DEFAULT_DIRECTORY.to_owned()))
}

/// What was asked for, each partition once.
fn merged(asked: Vec<DescribableLogDirTopic>) -> BTreeMap<TopicName, BTreeSet<i32>> {
    let mut merged = BTreeMap::<_, BTreeSet<_>>::new();
    for topic in asked {
        merged
            .entry(topic.topic)
            .or_default()
            .extend(topic.partitions);
    }
    merged
}

fn every_topic(cx: &Context<'_>) -> Vec<DescribeLogDirsTopic> {
    let rows = cx.engine.cluster.topics().filter_map(|topic| {
        let partitions = (0..).zip(&topic.partitions);
        let partitions = partitions.filter_map(|(index, partition)| row(cx, index, partition));
        let name = TopicName(StrBytes::from_string(topic.name.clone()));
        some_of(name, partitions.collect())
    });
    rows.collect()
}

fn described(
    cx: &Context<'_>,
    name: &TopicName,
    indexes: &BTreeSet<i32>,
) -> Option<DescribeLogDirsTopic> {
    let topic = cx.engine.cluster.topic(name)?;
    let indexes = indexes.iter().copied();
    let partitions = indexes.filter_map(|index| row(cx, index, topic.partition(index)?));
    some_of(name.clone(), partitions.collect())
}

fn some_of(
    name: TopicName,
    partitions: Vec<DescribeLogDirsPartition>,
) -> Option<DescribeLogDirsTopic> {
    (!partitions.is_empty()).then_some(DescribeLogDirsTopic { name, partitions })
}

fn row(cx: &Context<'_>, index: i32, partition: &Partition) -> Option<DescribeLogDirsPartition> {
    let here = partition.replicas.contains(&cx.call.node);
    here.then(|| DescribeLogDirsPartition {
        partition_index: index,
        partition_size: bytes(partition.log.size()),
        ..DescribeLogDirsPartition::default()
    })
}

fn bytes(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
