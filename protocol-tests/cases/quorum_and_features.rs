//! DescribeQuorum (key 55), v0–v2, and UpdateFeatures (key 57), v0–v2.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::Area;
use crate::context::Context;

pub(super) fn area() -> Area {
    Area::new("quorum_and_features")
        .versions("quorum", 0..=2, quorum)
        .versions("quorum_of_another_topic", 0..=2, |cx, version| {
            quorum_of(
                cx,
                version,
                json!([{"topicName": "other", "partitions": [{"partitionIndex": 0}]}]),
            )
        })
        .case("quorum_of_another_partition", |cx| {
            quorum_of(
                cx,
                2,
                json!([{"topicName": "__cluster_metadata", "partitions": [{"partitionIndex": 1}]}]),
            )
        })
        .case("quorum_of_no_topics", |cx| quorum_of(cx, 2, json!([])))
        .case("quorum_of_two_topics", quorum_of_two_topics)
        .versions("no_updates", 0..=2, |cx, version| {
            update(cx, version, json!([]), false)
        })
        .versions("unknown_feature", 0..=2, |cx, version| {
            update(
                cx,
                version,
                json!([{"feature": "no.such.feature", "maxVersionLevel": 1}]),
                false,
            )
        })
        .versions("level_too_high", 0..=2, |cx, version| {
            update(
                cx,
                version,
                json!([{"feature": "group.version", "maxVersionLevel": 99}]),
                false,
            )
        })
        .versions("same_level", 0..=2, |cx, version| {
            update(
                cx,
                version,
                json!([{"feature": "group.version", "maxVersionLevel": 1}]),
                false,
            )
        })
        .versions("downgrade_not_allowed", 0..=2, |cx, version| {
            update(
                cx,
                version,
                json!([{"feature": "group.version", "maxVersionLevel": 0}]),
                false,
            )
        })
        .versions("negative_level", 0..=2, |cx, version| {
            update(
                cx,
                version,
                json!([{"feature": "group.version", "maxVersionLevel": -1}]),
                false,
            )
        })
        .versions("downgrade_validated_only", 1..=2, |cx, version| {
            update(
                cx,
                version,
                json!([{"feature": "group.version", "maxVersionLevel": 0, "upgradeType": 2}]),
                true,
            )
        })
        .case("unknown_upgrade_type", |cx| {
            update(
                cx,
                2,
                json!([{"feature": "group.version", "maxVersionLevel": 1, "upgradeType": 9}]),
                true,
            )
        })
        .case("upgrade_type_zero", |cx| {
            update(
                cx,
                2,
                json!([{"feature": "group.version", "maxVersionLevel": 1, "upgradeType": 0}]),
                true,
            )
        })
        .case("downgrade_that_is_an_upgrade", |cx| {
            update(
                cx,
                2,
                json!([{"feature": "group.version", "maxVersionLevel": 1, "upgradeType": 3}]),
                true,
            )
        })
        .case("metadata_version_too_high", |cx| {
            update(
                cx,
                2,
                json!([{"feature": "metadata.version", "maxVersionLevel": 99}]),
                true,
            )
        })
        .case("metadata_version_too_low", |cx| {
            update(
                cx,
                2,
                json!([{"feature": "metadata.version", "maxVersionLevel": 1, "upgradeType": 3}]),
                true,
            )
        })
        .case("feature_twice", feature_twice)
        .case("one_good_one_bad", one_good_one_bad)
        .case("empty_feature_name", |cx| {
            update(cx, 2, json!([{"feature": "", "maxVersionLevel": 1}]), true)
        })
}

fn quorum(cx: &mut Context, version: i16) -> Result<()> {
    quorum_of(
        cx,
        version,
        json!([{"topicName": "__cluster_metadata", "partitions": [{"partitionIndex": 0}]}]),
    )
}

fn quorum_of(cx: &mut Context, version: i16, topics: Value) -> Result<()> {
    cx.labels.hidden = vec![
        "leaderEpoch",
        "highWatermark",
        "logEndOffset",
        "lastFetchTimestamp",
        "lastCaughtUpTimestamp",
        "replicaDirectoryId",
    ];
    cx.call("DescribeQuorum", version, json!({"topics": topics}))?;
    Ok(())
}

fn quorum_of_two_topics(cx: &mut Context) -> Result<()> {
    let partitions = json!([{"partitionIndex": 0}]);
    quorum_of(
        cx,
        2,
        json!([{"topicName": "__cluster_metadata", "partitions": partitions}, {"topicName": "a", "partitions": partitions}]),
    )
}

fn update(cx: &mut Context, version: i16, updates: Value, validate_only: bool) -> Result<()> {
    cx.call(
        "UpdateFeatures",
        version,
        json!({"timeoutMs": 10000, "featureUpdates": updates, "validateOnly": validate_only}),
    )?;
    Ok(())
}

fn feature_twice(cx: &mut Context) -> Result<()> {
    let twice = json!([{"feature": "group.version", "maxVersionLevel": 1}, {"feature": "group.version", "maxVersionLevel": 0, "upgradeType": 2}]);
    update(cx, 2, twice, true)
}

fn one_good_one_bad(cx: &mut Context) -> Result<()> {
    let both = json!([{"feature": "group.version", "maxVersionLevel": 1}, {"feature": "no.such.feature", "maxVersionLevel": 1}]);
    update(cx, 1, both.clone(), true)?;
    update(cx, 2, both, true)
}
