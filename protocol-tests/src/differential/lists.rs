//! Lists that are not simply some elements.

use serde_json::{Value, json};

use super::bodies::Writer;
use super::configs::{GROUP_CONFIGS, TOPIC_CONFIGS, configs};
use crate::codec::schema::Field;

/// A list that is not simply some elements.
#[expect(clippy::too_many_lines, reason = "a table: a row for each field")]
pub(super) fn list(w: &mut Writer<'_>, owner: &str, field: &Field) -> Option<Value> {
    let wild = w.is_wild();
    Some(match (w.api, owner, field.name.as_str()) {
        // A replica assignment replaces the count.
        ("CreateTopics", "topics", "assignments")
            if w.theme != "placement" && !w.chance.percent(20) =>
        {
            json!([])
        }
        ("CreatePartitions", "topics", "assignments")
            if w.theme != "placement" && !w.chance.percent(40) =>
        {
            Value::Null
        }
        (_, _, "replicas" | "brokerIds") => {
            let nodes: &[Value] = &[
                json!([1]),
                json!([2]),
                json!([1, 2]),
                json!([3, 1]),
                json!([2, 3, 1]),
                json!([1, 2, 3]),
            ];
            let odd: &[Value] = &[
                json!([]),
                json!([1, 1]),
                json!([9]),
                json!([-1]),
                json!([1, 9]),
                json!([1, 2, 3, 1]),
            ];
            let single: &[Value] = &[json!([1])];
            let usual = if w.theme == "placement" {
                nodes
            } else {
                single
            };
            w.chance.pick(if wild { odd } else { usual }).clone()
        }
        (_, "resources", "configs") | ("CreateTopics", "topics", "configs") => configs(w),
        ("Fetch" | "ShareFetch", _, "forgottenTopicsData") if !w.chance.percent(20) => json!([]),
        (_, _, "acknowledgementBatches") => acknowledgements(w, wild),
        ("ConsumerGroupHeartbeat" | "ShareGroupHeartbeat", "", "subscribedTopicNames") => {
            let topics: &[Value] = &[
                json!([{"$topic": 0}]),
                json!([{"$topic": 0}, {"$topic": 1}]),
                json!([{"$topic": 1}]),
            ];
            let odd: &[Value] = &[
                json!([]),
                Value::Null,
                json!([{"$topic": 2}]),
                json!([{"$topic": 0}, {"$topic": 0}]),
                json!([""]),
            ];
            let is_odd = wild || (w.wildness > 0 && w.chance.percent(25));
            w.chance.pick(if is_odd { odd } else { topics }).clone()
        }
        ("ConsumerGroupHeartbeat", "", "topicPartitions") => match w.chance.below(10) {
            0..5 => json!([]),
            5 => Value::Null,
            6 | 7 => json!({"$owned": [w.focus.group, w.focus.member]}),
            _ => return None,
        },
        ("JoinGroup", "", "protocols") => {
            let mut names = vec!["range", "roundrobin", "cooperative-sticky"];
            names.truncate(1 + w.chance.below(3));
            if wild {
                names = vec![*w.chance.pick(&["", "other"])];
            }
            let rows: Vec<_> = names
                .iter()
                .map(|name| json!({"name": name, "metadata": subscription(w)}))
                .collect();
            if wild && w.chance.percent(30) {
                json!([])
            } else {
                json!(rows)
            }
        }
        ("SyncGroup", "", "assignments") if w.chance.percent(30) => json!([]),
        ("DescribeConfigs", _, "configurationKeys") => match w.chance.below(4) {
            0 => Value::Null,
            1 => json!([]),
            _ => json!([
                w.chance.pick(&TOPIC_CONFIGS).0,
                w.chance.pick(&GROUP_CONFIGS).0
            ]),
        },
        ("ListGroups", _, "statesFilter") => w
            .chance
            .pick(&[
                json!([]),
                json!(["Stable"]),
                json!(["empty", "Assigning"]),
                json!(["nonsense"]),
                json!(["PreparingRebalance", "Dead"]),
            ])
            .clone(),
        ("ListGroups", _, "typesFilter") => w
            .chance
            .pick(&[
                json!([]),
                json!(["classic"]),
                json!(["Consumer"]),
                json!(["x"]),
            ])
            .clone(),
        ("ListTransactions", _, "stateFilters") => w
            .chance
            .pick(&[
                json!([]),
                json!(["Ongoing"]),
                json!(["Empty", "x"]),
                json!(["CompleteCommit"]),
            ])
            .clone(),
        ("ListConfigResources", ..) => w
            .chance
            .pick(&[
                json!([]),
                json!([2]),
                json!([32]),
                json!([2, 99]),
                json!([2, 32]),
            ])
            .clone(),
        ("UpdateFeatures", _, "featureUpdates") if wild => json!([]),
        _ => return None,
    })
}

/// What became of some of the first records of a log.
fn acknowledgements(w: &mut Writer<'_>, wild: bool) -> Value {
    if w.api == "ShareFetch" && w.chance.percent(60) {
        return json!([]);
    }
    if wild {
        let odd: &[Value] = &[
            json!([]),
            json!([{"firstOffset": 2, "lastOffset": 1, "acknowledgeTypes": [1]}]),
            json!([{"firstOffset": 0, "lastOffset": 1, "acknowledgeTypes": [1, 1, 1]}]),
            json!([{"firstOffset": 0, "lastOffset": 0, "acknowledgeTypes": []}]),
            json!([{"firstOffset": 0, "lastOffset": 0, "acknowledgeTypes": [5]}]),
            json!([{"firstOffset": -1, "lastOffset": 0, "acknowledgeTypes": [1]}]),
            json!([{"firstOffset": 1, "lastOffset": 1, "acknowledgeTypes": [1]},
                   {"firstOffset": 0, "lastOffset": 0, "acknowledgeTypes": [1]}]),
            json!([{"firstOffset": 0, "lastOffset": i64::MAX, "acknowledgeTypes": [2]}]),
            json!([{"firstOffset": 100, "lastOffset": 101, "acknowledgeTypes": [1]}]),
        ];
        return w.chance.pick(odd).clone();
    }
    let first = w.chance.below(4);
    let length = 1 + w.chance.below(3);
    let kinds: &[i64] = if w.chance.percent(5) {
        &[4]
    } else {
        &[0, 1, 1, 1, 2, 2, 2, 3]
    };
    let count = if w.chance.percent(50) { 1 } else { length };
    let types: Vec<i64> = (0..count).map(|_| *w.chance.pick(kinds)).collect();
    json!([{"firstOffset": first, "lastOffset": first + length - 1, "acknowledgeTypes": types}])
}

fn subscription(w: &mut Writer<'_>) -> Value {
    if w.is_wild() {
        return json!(*w.chance.pick(&["", "0x00", "m"]));
    }
    let topics = w
        .chance
        .pick(&[json!([0]), json!([0, 1]), json!([1]), json!([2])])
        .clone();
    json!({"$subscription": {"version": w.chance.below(4), "topics": topics}})
}
