//! What a member of a streams group says: what it runs, and what its application is made of.
//!
//! Whether it joins or stays is known to the run alone: `{"$joining": [group, member, joining, staying]}` is one of the two.

use serde_json::{Value, json};

use super::bodies::Writer;

/// The body of a StreamsGroupHeartbeat.
pub(super) fn heartbeat(w: &mut Writer<'_>) -> Value {
    let (group, member) = (w.focus.group, w.focus.member);
    let is =
        |joining: Value, staying: Value| json!({"$joining": [group, member, joining, staying]});
    let topology = topology(w);
    let again = if w.chance.percent(10) {
        topology.clone()
    } else {
        Value::Null
    };
    let kinds = ["active", "standby", "warmup"];
    let tasks = kinds.map(|kind| tasks(w, kind));
    let process = process(w);
    let timeout = *w.chance.pick(&[30_000, 40_000]);
    let mut body = json!({
        "groupId": {"$group": group},
        "memberId": {"$member": [group, member]},
        "memberEpoch": epoch(w),
        "endpointInformationEpoch": *w.chance.pick(&[0, 0, 1, 2, -1]),
        "instanceId": if w.chance.percent(75) { Value::Null } else { json!(format!("i{member}")) },
        "rackId": w.chance.pick(&[Value::Null, Value::Null, json!("a")]).clone(),
        "rebalanceTimeoutMs": is(json!(timeout), json!(-1)),
        "topology": is(topology, again),
        "processId": is(process, Value::Null),
        "userEndpoint": endpoint(w),
        "clientTags": tags(w),
        "taskOffsets": offsets(w),
        "taskEndOffsets": offsets(w),
        "shutdownApplication": w.chance.percent(4),
    });
    let is_told = w.chance.percent(70);
    for (kind, tasks) in ["activeTasks", "standbyTasks", "warmupTasks"]
        .iter()
        .zip(tasks)
    {
        let staying = if is_told { tasks } else { Value::Null };
        body[*kind] = is(json!([]), staying);
    }
    distort(w, &mut body);
    body
}

/// Takes some of a member's words for others.
fn distort(w: &mut Writer<'_>, body: &mut Value) {
    let odd: [(&str, &[Value]); 12] = [
        ("groupId", &[json!({"$group": 2}), json!("")]),
        (
            "memberId",
            &[json!(""), json!("nobody"), json!("x".repeat(40))],
        ),
        ("instanceId", &[json!(""), json!("i0"), Value::Null]),
        (
            "rebalanceTimeoutMs",
            &[json!(-1), json!(0), json!(-2), json!(1)],
        ),
        ("topology", &[Value::Null]),
        ("processId", &[Value::Null, json!("")]),
        ("activeTasks", &[Value::Null, json!([])]),
        ("standbyTasks", &[Value::Null, json!([])]),
        ("warmupTasks", &[Value::Null, json!([])]),
        ("userEndpoint", &[json!({"host": "", "port": 0})]),
        (
            "clientTags",
            &[
                json!([{"key": "", "value": ""}]),
                json!([{"key": "k", "value": "1"}, {"key": "k", "value": "2"}]),
            ],
        ),
        ("rackId", &[json!("")]),
    ];
    for (field, values) in odd {
        if w.is_wild() {
            body[field] = w.chance.pick(values).clone();
        }
    }
}

fn epoch(w: &mut Writer<'_>) -> Value {
    let delta = if w.is_wild() {
        *w.chance.pick(&[-1, 1, -100, 100])
    } else {
        0
    };
    match w.chance.below(12) {
        8 if w.wildness > 0 => json!(-1),
        9 if w.wildness > 0 => json!(*w.chance.pick(&[-2, 0, 0, -3])),
        // As a member that has lost the last answer.
        10 => json!({"$epochBefore": [w.focus.group, w.focus.member]}),
        _ => json!({"$epoch": [w.focus.group, w.focus.member, delta]}),
    }
}

/// Two members of three share a process, mostly.
fn process(w: &mut Writer<'_>) -> Value {
    let shared = w.chance.percent(30);
    let of = if shared { 0 } else { w.focus.member };
    json!(format!("process-{of}"))
}

/// What the member has, or something near it.
fn tasks(w: &mut Writer<'_>, kind: &str) -> Value {
    let odd: &[Value] = &[
        json!([]),
        json!([{"subtopologyId": "0", "partitions": [0, 1]}]),
        json!([{"subtopologyId": "0", "partitions": [0]}, {"subtopologyId": "0", "partitions": [1]}]),
        json!([{"subtopologyId": "0", "partitions": [0, 0]}]),
        json!([{"subtopologyId": "0", "partitions": []}]),
        json!([{"subtopologyId": "0", "partitions": [7]}]),
        json!([{"subtopologyId": "0", "partitions": [-1]}]),
        json!([{"subtopologyId": "none", "partitions": [0]}]),
    ];
    if w.is_wild() {
        return w.chance.pick(odd).clone();
    }
    json!({"$tasks": [w.focus.group, w.focus.member, kind]})
}

fn endpoint(w: &mut Writer<'_>) -> Value {
    if w.chance.percent(70) {
        return Value::Null;
    }
    json!({"host": *w.chance.pick(&["a", "b"]), "port": 8000 + w.focus.member})
}

fn tags(w: &mut Writer<'_>) -> Value {
    w.chance
        .pick(&[
            Value::Null,
            Value::Null,
            json!([]),
            json!([{"key": "zone", "value": "a"}]),
            json!([{"key": "zone", "value": "b"}, {"key": "cluster", "value": "c"}]),
        ])
        .clone()
}

fn offsets(w: &mut Writer<'_>) -> Value {
    if w.chance.percent(70) {
        return Value::Null;
    }
    let row = |partition: i64, offset: i64| json!({"subtopologyId": "0", "partition": partition, "offset": offset});
    let usual: &[Value] = &[
        json!([]),
        json!([row(0, 3)]),
        json!([row(0, 10), row(1, 20_000)]),
        json!([row(1, 0)]),
    ];
    let odd: &[Value] = &[
        json!([row(0, -1)]),
        json!([row(0, 1), row(0, 2)]),
        json!([row(-1, 1)]),
        json!([row(9, 1)]),
        json!([{"subtopologyId": "none", "partition": 0, "offset": 1}]),
        json!([{"subtopologyId": "", "partition": 0, "offset": 1}]),
    ];
    let wild = w.is_wild();
    w.chance.pick(if wild { odd } else { usual }).clone()
}

/// An application that reads one topic or two, perhaps with state, perhaps by way of a topic of its own.
///
/// Of the pool, topics 0 and 1 are there with two partitions and one, 2 never is, and 3 and 4 are there once somebody made them.
fn topology(w: &mut Writer<'_>) -> Value {
    let row = |fields: Value| {
        let mut row = json!({
            "subtopologyId": "0", "sourceTopics": [], "sourceTopicRegex": [], "stateChangelogTopics": [],
            "repartitionSinkTopics": [], "repartitionSourceTopics": [], "copartitionGroups": [],
        });
        for (name, value) in fields.as_object().into_iter().flatten() {
            row[name] = value.clone();
        }
        row
    };
    let topic = |index: usize| json!({"$topic": index});
    let info = |index: usize, partitions: i64| json!({"name": topic(index), "partitions": partitions, "replicationFactor": 1, "topicConfigs": []});
    let reads = w.focus.topic;
    let plain = json!([row(json!({"sourceTopics": [topic(reads)]}))]);
    let counts = json!([row(
        json!({"sourceTopics": [topic(reads)], "stateChangelogTopics": [info(3, 0)]})
    )]);
    let by_way = json!([
        row(json!({"sourceTopics": [topic(reads)], "repartitionSinkTopics": [topic(4)]})),
        row(
            json!({"subtopologyId": "1", "repartitionSourceTopics": [info(4, 0)], "stateChangelogTopics": [info(3, 0)]})
        ),
    ]);
    let joins = json!([row(json!({
        "sourceTopics": [topic(0), topic(1)],
        "copartitionGroups": [{"sourceTopics": [0, 1], "sourceTopicRegex": [], "repartitionSourceTopics": []}],
    }))]);
    let both = json!([
        row(json!({"sourceTopics": [topic(0)]})),
        row(
            json!({"subtopologyId": "1", "sourceTopics": [topic(1)], "stateChangelogTopics": [info(3, 0)]})
        ),
    ]);
    let usual = [
        plain,
        counts.clone(),
        counts,
        by_way.clone(),
        by_way,
        joins,
        both,
    ];
    let odd = odd_topologies(&row, &topic, &info);
    let is_odd = w.is_wild();
    let rows = w.chance.pick(if is_odd { &odd } else { &usual }).clone();
    let epoch = if w.is_wild() {
        *w.chance.pick(&[1, -1, 0])
    } else {
        0
    };
    json!({"epoch": epoch, "subtopologies": rows})
}

fn odd_topologies(
    row: &dyn Fn(Value) -> Value,
    topic: &dyn Fn(usize) -> Value,
    info: &dyn Fn(usize, i64) -> Value,
) -> Vec<Value> {
    let one = |fields: Value| json!([row(fields)]);
    let copartitioned = |sources: Value, repartitions: Value| json!([{"sourceTopics": sources, "sourceTopicRegex": [], "repartitionSourceTopics": repartitions}]);
    let read = || json!({"sourceTopics": [topic(0)]});
    vec![
        json!([]),
        one(json!({})),
        json!([row(read()), row(read())]),
        one(json!({"subtopologyId": "", "sourceTopics": [topic(0)]})),
        one(json!({"sourceTopics": [topic(0), topic(0)]})),
        one(json!({"sourceTopics": [topic(2)]})),
        one(json!({"sourceTopics": ["a/b"]})),
        one(json!({"sourceTopics": [topic(0)], "sourceTopicRegex": ["t.*"]})),
        one(json!({"sourceTopics": [topic(0)], "stateChangelogTopics": [info(3, 3)]})),
        one(json!({"sourceTopics": [topic(0)], "stateChangelogTopics": [info(3, -1)]})),
        one(json!({"sourceTopics": [topic(0)], "stateChangelogTopics": [info(0, 0)]})),
        one(
            json!({"sourceTopics": [topic(0)], "repartitionSourceTopics": [info(4, 3)], "copartitionGroups": copartitioned(json!([0]), json!([0]))}),
        ),
        one(json!({"sourceTopics": [topic(0)], "repartitionSourceTopics": [info(4, 2)]})),
        one(json!({"repartitionSourceTopics": [info(4, 0)]})),
        one(json!({"repartitionSourceTopics": [info(4, 0)], "repartitionSinkTopics": [topic(4)]})),
        one(json!({"sourceTopics": [topic(0)], "repartitionSinkTopics": [topic(4)]})),
        one(
            json!({"sourceTopics": [topic(0)], "copartitionGroups": copartitioned(json!([7]), json!([]))}),
        ),
        one(
            json!({"sourceTopics": [topic(0)], "copartitionGroups": copartitioned(json!([-1]), json!([]))}),
        ),
        one(
            json!({"sourceTopics": [topic(0), topic(1)], "copartitionGroups": copartitioned(json!([1, 0]), json!([]))}),
        ),
    ]
}
