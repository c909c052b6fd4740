//! Settings of topics and groups, and what depends on several fields of a request.

use serde_json::{Value, json};

use super::bodies::Writer;

pub(super) const TOPIC_CONFIGS: [(&str, &[&str]); 14] = [
    ("retention.ms", &["1000000", "-1", "-2", "x", ""]),
    (
        "cleanup.policy",
        &[
            "compact",
            "delete",
            "compact,delete",
            "none",
            "",
            "delete,delete",
        ],
    ),
    ("segment.bytes", &["1048576", "13", "0", "1e3"]),
    (
        "max.message.bytes",
        &["200", "1000", "-1", "0", "2147483648"],
    ),
    ("compression.type", &["gzip", "producer", "brotli", "GZIP"]),
    ("min.insync.replicas", &["1", "2", "0"]),
    (
        "message.timestamp.type",
        &["LogAppendTime", "CreateTime", "later"],
    ),
    ("min.cleanable.dirty.ratio", &["0.5", "1.5", "0", "NaN"]),
    (
        "unclean.leader.election.enable",
        &["true", "false", "yes", " True"],
    ),
    (
        "message.timestamp.before.max.ms",
        &["1000", "-1", "9223372036854775807"],
    ),
    (
        "follower.replication.throttled.replicas",
        &["*", "", "0:1,1:1", "x", "0:1,"],
    ),
    ("no.such.config", &["1"]),
    ("", &["1"]),
    ("flush.messages", &["1", "0", " 7 "]),
];
pub(super) const GROUP_CONFIGS: [(&str, &[&str]); 8] = [
    (
        "consumer.session.timeout.ms",
        &["45000", "1", "60001", "x", "100"],
    ),
    (
        "consumer.heartbeat.interval.ms",
        &["5000", "1", "50000", "100"],
    ),
    (
        "share.auto.offset.reset",
        &["earliest", "latest", "by_duration:PT1H", "none"],
    ),
    ("streams.num.standby.replicas", &["0", "2", "3", "-1"]),
    ("no.such.config", &["1"]),
    (
        "share.isolation.level",
        &["read_committed", "READ_UNCOMMITTED", "x"],
    ),
    ("share.delivery.count.limit", &["2", "3", "0", "x"]),
    (
        "share.record.lock.duration.ms",
        &["30000", "60000", "1", "x"],
    ),
];

/// Settings by number: [`tame`] names them when it knows whose they are.
pub(super) fn configs(w: &mut Writer<'_>) -> Value {
    let count = *w.chance.weighted(&[(2, 0), (6, 1), (2, 2)]);
    let rows = (0..count).map(|_| {
        let value = if w.is_wild() {
            Value::Null
        } else {
            json!(w.chance.below(1000))
        };
        let mut row = json!({"name": w.chance.below(1000), "value": value});
        if w.api == "IncrementalAlterConfigs" {
            row["configOperation"] = json!(*w.chance.pick(&[0, 0, 0, 1, 2, 3]));
        }
        row
    });
    rows.collect()
}

/// The elements of a list, if it is there.
fn rows<'a>(owner: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    owner
        .get_mut(name)
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

/// Names the settings that were chosen by number.
fn name_configs(kind: i64, owner: &mut Value) {
    let number = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
    for row in rows(owner, "configs") {
        let at = number(&row["name"]).unwrap_or(0);
        let (name, values) = match kind {
            32 => GROUP_CONFIGS[at % GROUP_CONFIGS.len()],
            _ => TOPIC_CONFIGS[at % TOPIC_CONFIGS.len()],
        };
        if let Some(at) = number(&row["value"]) {
            row["value"] = json!(values[at % values.len()]);
        }
        row["name"] = json!(name);
    }
}

/// Fills in what depends on other fields, and takes out what Kafka never answers or what would change the oracle for later
/// sequences.
pub(super) fn tame(api: &str, body: &mut Value) {
    for row in rows(body, "resources") {
        let kind = row["resourceType"].as_i64().unwrap_or(0);
        name_configs(kind, row);
        let chosen = row["resourceName"]["$resource"].clone();
        if !chosen.is_null() {
            row["resourceName"] = match kind {
                32 => json!({"$group": chosen[1]}),
                4 => json!(if chosen[0] == 0 { "" } else { "1" }),
                _ => json!({"$topic": chosen[0]}),
            };
        }
    }
    match api {
        "AlterConfigs" | "IncrementalAlterConfigs" => {
            let own =
                |row: &Value| matches!(row["resourceType"].as_i64(), Some(2 | 32 | 0 | 1 | 3 | 99));
            if let Some(rows) = body.get_mut("resources").and_then(Value::as_array_mut) {
                rows.dedup_by(|a, b| {
                    a["resourceType"] == b["resourceType"] && a["resourceName"] == b["resourceName"]
                });
                rows.truncate(2);
                if !rows.iter().all(own) {
                    body["validateOnly"] = json!(true);
                }
            }
        }
        "CreateTopics" => {
            for row in rows(body, "topics") {
                name_configs(2, row);
            }
        }
        // Both or none, mostly.
        "InitProducerId" if body["producerId"] == -1 && body["producerEpoch"].is_object() => {
            body["producerEpoch"] = json!(-1)
        }
        "AddPartitionsToTxn"
            if body
                .get("transactions")
                .is_some_and(|rows| rows == &json!([])) =>
        {
            body["transactions"] = json!([{}])
        }
        // Of a partition that is not there Kafka asks its coordinator for longer than anybody waits here.
        "DescribeShareGroupOffsets" => {
            for group in rows(body, "groups") {
                for topic in rows(group, "topics") {
                    let last = i64::from(topic["topicName"]["$topic"] == 0);
                    if let Some(partitions) = topic["partitions"].as_array_mut() {
                        partitions.retain(|index| index.as_i64().is_some_and(|at| at <= last));
                    }
                }
                if let Some(topics) = group.get_mut("topics").and_then(Value::as_array_mut) {
                    topics.dedup_by(|a, b| a["topicName"] == b["topicName"]);
                }
            }
        }
        "UpdateFeatures" => body["validateOnly"] = json!(true),
        "WriteTxnMarkers" => {
            for marker in rows(body, "markers") {
                if let Some(topics) = marker.get_mut("topics").and_then(Value::as_array_mut) {
                    topics.truncate(1);
                }
                if let Some(partitions) = marker
                    .pointer_mut("/topics/0/partitionIndexes")
                    .and_then(Value::as_array_mut)
                {
                    partitions.dedup();
                }
            }
        }
        _ => {}
    }
}
