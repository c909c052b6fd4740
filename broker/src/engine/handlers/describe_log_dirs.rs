//! DescribeLogDirs (key 35), v1–v5 (KIP-113, KIP-827, KIP-1066).
//!
//! Oracle: each directory is listed whether or not it holds anything that was asked for; unknown
//! topics and partitions are left out. The size is that of the batches as they are stored.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::authorizer::Operation;
use crate::engine::cluster::{Partition, Topic};
use crate::engine::context::{Answer, Context};
use crate::wire::messages::describe_log_dirs_request::DescribableLogDirTopic;
use crate::wire::messages::{
    DescribeLogDirsPartition, DescribeLogDirsRequest, DescribeLogDirsResponse,
    DescribeLogDirsResult, DescribeLogDirsTopic, TopicName, str_bytes,
};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: DescribeLogDirsRequest,
) -> Answer<DescribeLogDirsResponse> {
    if let Err(code) = cx.access().cluster(Operation::Describe) {
        return Answer::Reply(DescribeLogDirsResponse {
            error_code: code.code(),
            ..DescribeLogDirsResponse::default()
        });
    }
    let asked = request.topics.map(merged);
    let node = cx.call.node;
    cx.state.settle_log_dirs(node);
    let total = bytes(cx.state.log_bytes_max());
    let used = bytes(cx.state.log_bytes());
    let dirs = cx.state.log_dirs_of(node);
    let dirs = dirs.into_iter().map(|dir| DescribeLogDirsResult {
        topics: match &asked {
            None => every_topic(cx, &dir),
            Some(asked) => asked
                .iter()
                .filter_map(|(name, indexes)| described(cx, &dir, name, indexes))
                .collect(),
        },
        is_cordoned: cx.state.is_cordoned(node, &dir),
        log_dir: str_bytes(dir),
        total_bytes: total,
        usable_bytes: total.saturating_sub(used).max(0),
        ..DescribeLogDirsResult::default()
    });
    Answer::Reply(DescribeLogDirsResponse {
        results: dirs.collect(),
        ..DescribeLogDirsResponse::default()
    })
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

fn every_topic(cx: &Context<'_>, dir: &str) -> Vec<DescribeLogDirsTopic> {
    let rows = cx.state.cluster.topics().filter_map(|topic| {
        let partitions = (0..).zip(&topic.partitions);
        let partitions =
            partitions.filter_map(|(index, partition)| row(cx, dir, topic, (index, partition)));
        let name = topic.wire_name();
        some_of(name, partitions.collect())
    });
    rows.collect()
}

fn described(
    cx: &Context<'_>,
    dir: &str,
    name: &TopicName,
    indexes: &BTreeSet<i32>,
) -> Option<DescribeLogDirsTopic> {
    let topic = cx.state.cluster.topic(name)?;
    let indexes = indexes.iter().copied();
    let partitions =
        indexes.filter_map(|index| row(cx, dir, topic, (index, topic.partition(index)?)));
    some_of(name.clone(), partitions.collect())
}

fn some_of(
    name: TopicName,
    partitions: Vec<DescribeLogDirsPartition>,
) -> Option<DescribeLogDirsTopic> {
    (!partitions.is_empty()).then_some(DescribeLogDirsTopic { name, partitions })
}

/// A replica that lies in this directory.
fn row(
    cx: &Context<'_>,
    dir: &str,
    topic: &Topic,
    (index, partition): (i32, &Partition),
) -> Option<DescribeLogDirsPartition> {
    let node = cx.call.node;
    let place = cx.state.log_dir_of(node, topic.id, index);
    let here = partition.replicas.contains(&node) && place.is_none_or(|place| place == dir);
    here.then(|| DescribeLogDirsPartition {
        partition_index: index,
        partition_size: bytes(partition.size_at(cx.call.node)),
        ..DescribeLogDirsPartition::default()
    })
}

fn bytes(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
