//! DescribeQuorum (key 55), v0–v2.

use anyhow::Result;
use serde_json::json;

use crate::case::Area;
use crate::context::Context;

/// What depends on the controllers' past.
const VOLATILE: [&str; 6] = [
    "leaderEpoch",
    "highWatermark",
    "logEndOffset",
    "lastFetchTimestamp",
    "lastCaughtUpTimestamp",
    "replicaDirectoryId",
];

pub(super) fn area() -> Area {
    Area::new("describe_quorum")
        .versions("quorum", 0..=2, |cx, version| {
            of(cx, version, &[("__cluster_metadata", 0)])
        })
        .versions("another_topic", 0..=2, |cx, version| {
            of(cx, version, &[("other", 0)])
        })
        .versions("another_partition", 0..=2, |cx, version| {
            of(cx, version, &[("__cluster_metadata", 1)])
        })
        .versions("no_topics", 0..=2, |cx, version| of(cx, version, &[]))
        .case("two_topics", |cx| {
            of(cx, 2, &[("__cluster_metadata", 0), ("other", 0)])
        })
}

fn of(cx: &mut Context, version: i16, topics: &[(&str, i32)]) -> Result<()> {
    cx.labels.hidden = VOLATILE.to_vec();
    let topics: Vec<_> = topics
        .iter()
        .map(|(name, index)| json!({"topicName": name, "partitions": [{"partitionIndex": index}]}))
        .collect();
    cx.call("DescribeQuorum", version, json!({"topics": topics}))?;
    Ok(())
}
