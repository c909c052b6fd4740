use proptest::prelude::*;

use super::*;
use crate::wire::guard::sample::{Fill, Sample};
use crate::wire::guard::{GuardError, admit};

/// Every request and response at every version that it has.
fn shapes() -> impl Iterator<Item = Shape> {
    let messages = guard::requests().flat_map(|(message, version)| {
        let request = Shape::request(message.key, version).unwrap();
        [Some(request), Shape::response(message.key, version).ok()]
    });
    messages.flatten()
}

fn sample(shape: Shape, fill: Fill) -> Bytes {
    Sample::new(shape.message, shape.version, fill).bytes.into()
}

#[test]
fn every_message_comes_back_byte_for_byte() {
    let mut count = 0;
    for shape in shapes() {
        for fill in [Fill::Empty, Fill::Full] {
            let body = sample(shape, fill);
            let value = shape.decode(&body).unwrap();
            assert_eq!(shape.encode(&value).unwrap(), body, "{shape:?} {fill:?}");
            let text = serde_json::to_string(&value.to_json()).unwrap();
            let read = shape.read_json(&serde_json::from_str(&text).unwrap());
            assert_eq!(read.unwrap(), value, "{text}");
            count += 1;
        }
    }
    assert_eq!(count, 4 * 284);
}

#[test]
fn what_nobody_has_set_encodes_and_comes_back() {
    for shape in shapes() {
        let initial = shape.initial();
        let body = shape.encode(&initial).unwrap();
        assert_eq!(shape.decode(&body).unwrap(), initial, "{shape:?}");
        let nothing = shape.read_json(&serde_json::json!({})).unwrap();
        assert_eq!(nothing, initial);
        assert_eq!(shape.encode(&Value::Struct(Row::default())).unwrap(), body);
    }
}

#[test]
fn json_is_kafkas() {
    let shape = Shape::response(1, 16).unwrap();
    let mut body = shape.initial();
    let topic = shape.element("responses").unwrap();
    shape
        .set(&mut body, "responses", Value::Array(vec![topic]))
        .unwrap();
    let partition = shape.element("responses.partitions").unwrap();
    let at = "responses[0].partitions";
    shape
        .set(&mut body, at, Value::Array(vec![partition]))
        .unwrap();
    let leader = "responses[0].partitions[0].currentLeader.leaderId";
    shape.set(&mut body, leader, Value::Int(3)).unwrap();
    assert_eq!(
        body.to_json(),
        serde_json::json!({
            "throttleTimeMs": 0, "errorCode": 0, "sessionId": 0,
            "responses": [{
                "topicId": "AAAAAAAAAAAAAAAAAAAAAA",
                "partitions": [{
                    "partitionIndex": 0, "errorCode": 0, "highWatermark": 0,
                    "lastStableOffset": -1, "logStartOffset": -1, "abortedTransactions": [],
                    "preferredReadReplica": -1, "records": "",
                    "currentLeader": {"leaderId": 3, "leaderEpoch": -1},
                }],
            }],
        })
    );
    let encoded = shape.encode(&body).unwrap();
    assert_eq!(shape.decode(&encoded).unwrap(), body);
}

#[test]
fn values_are_found_by_path() {
    let shape = Shape::request(3, 12).unwrap();
    let body = shape.decode(&sample(shape, Fill::Full)).unwrap();
    let name = body.get("topics[1].name").unwrap();
    assert_eq!(name.as_text(), Some("abc"));
    assert_eq!(body.get("Topics[1].Name"), Some(name));
    for missing in [
        "topics[2]",
        "topics.name",
        "topics[0].nam",
        "name",
        "topics[",
    ] {
        assert_eq!(body.get(missing), None, "{missing}");
        let mut copy = body.clone();
        let refused = shape.set(&mut copy, missing, Value::Null).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("{missing}: there is no such value")
        );
    }
    assert!(shape.element("topics").is_some());
    assert!(shape.element("topics.name").is_none());
    assert!(
        shape
            .element("includeClusterAuthorizedOperations")
            .is_none()
    );
}

#[test]
fn what_does_not_fit_says_where_and_why() {
    let shape = Shape::request(3, 12).unwrap();
    let full = shape.decode(&sample(shape, Fill::Full)).unwrap();
    #[track_caller]
    fn check(shape: Shape, body: &Value, path: &str, value: Value, expected: &str) {
        let mut body = body.clone();
        shape.set(&mut body, path, value).unwrap();
        assert_eq!(shape.encode(&body).unwrap_err().to_string(), expected);
    }
    let text = |text: &str| Value::Text(text.to_owned());
    check(
        shape,
        &full,
        "topics[1].name",
        Value::Int(1),
        "topics[1].name: a whole number where a string is expected",
    );
    check(
        shape,
        &full,
        "topics[0]",
        text("a"),
        "topics[0]: a string where a struct is expected",
    );
    check(
        shape,
        &full,
        "allowAutoTopicCreation",
        Value::Null,
        "allowAutoTopicCreation: null where a boolean is expected",
    );
    check(
        shape,
        &full,
        "topics[0].name",
        text(&"a".repeat(32768)),
        "topics[0].name: 32768 bytes are more than a string may have",
    );
    let heartbeat = Shape::request(12, 0).unwrap();
    check(
        heartbeat,
        &heartbeat.initial(),
        "groupId",
        Value::Null,
        "groupId: may not be null in this version",
    );
    check(
        heartbeat,
        &heartbeat.initial(),
        "generationId",
        Value::Int(1 << 31),
        "generationId: 2147483648 does not fit into its field",
    );
    let newer = Shape::request(12, 4).unwrap().initial();
    assert_eq!(
        heartbeat.encode(&newer).unwrap_err().to_string(),
        "groupInstanceId: this version has no such field",
    );
}

#[test]
fn json_that_does_not_fit_says_where_and_why() {
    #[track_caller]
    fn check(json: serde_json::Value, expected: &str) {
        let shape = Shape::request(3, 12).unwrap();
        let refused = shape.read_json(&json).unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }
    check(serde_json::json!([]), "an object is expected");
    check(
        serde_json::json!({"topics": [{"name": 1}]}),
        "topics[0].name: a string is expected",
    );
    check(
        serde_json::json!({"topics": [{"topicId": "x"}]}),
        "topics[0].topicId: a uuid as Kafka writes it, of 22 letters, is expected",
    );
    check(
        serde_json::json!({"topic": []}),
        "topic: this version has no such field",
    );
    check(
        serde_json::json!({"allowAutoTopicCreation": null}),
        "allowAutoTopicCreation: a boolean is expected",
    );
}

#[test]
fn every_truncation_is_refused() {
    for shape in shapes() {
        let body = sample(shape, Fill::Full);
        for cut in 0..body.len() {
            let refused = shape.decode(&body.slice(..cut));
            assert!(refused.is_err(), "{shape:?} cut to {cut}");
        }
    }
}

#[test]
fn announced_lengths_are_not_believed() {
    for (message, version) in guard::requests() {
        let sample = Sample::new(message, version, Fill::Full);
        let shape = Shape::request(message.key, version).unwrap();
        for length in &sample.lengths {
            for announced in [1000, 10_000_000, u32::MAX / 2 - 1] {
                let body = sample.with_length(length, announced).into();
                assert!(shape.decode(&body).is_err(), "{length:?} {announced}");
            }
        }
    }
}

#[test]
fn a_tree_never_takes_more_than_the_limit() {
    let count = 1_000_000_u32;
    let mut body = count.to_be_bytes().to_vec();
    body.resize(body.len() + 2_000_000, 0);
    let refused = Shape::request(3, 1).unwrap().decode(&body.into());
    let GuardError { why, .. } = refused.unwrap_err();
    assert_eq!(
        why.to_string(),
        "decoding would take more than 67108864 bytes of memory"
    );
}

#[test]
fn unknown_tagged_fields_are_kept() {
    // FindCoordinator v3: empty key, type 0, then the tagged fields.
    let shape = Shape::request(10, 3).unwrap();
    let body = Bytes::from_static(&[1, 0, 2, 7, 1, b'x', 9, 0]);
    let value = shape.decode(&body).unwrap();
    assert_eq!(shape.encode(&value).unwrap(), body);
    let json = value.to_json();
    assert_eq!(json["_unknownTaggedFields"]["7"], "eA==");
    assert_eq!(shape.read_json(&json).unwrap(), value);
}

#[test]
fn tagged_fields_are_the_same_in_any_order() {
    // Found by the fuzzer: what was read in one order was written, and read again, in another.
    let shape = Shape::request(10, 3).unwrap();
    let disordered = Bytes::from_static(&[1, 0, 2, 9, 1, b'y', 7, 1, b'x']);
    let value = shape.decode(&disordered).unwrap();
    let written = shape.encode(&value).unwrap();
    assert_eq!(&*written, &[1, 0, 2, 7, 1, b'x', 9, 1, b'y']);
    assert_eq!(shape.decode(&written).unwrap(), value);
}

proptest! {
    #![proptest_config(crate::property::cases(256))]

    /// Whatever the guard admits is a tree, and the same again when it is read once more.
    #[test]
    fn damaged_bodies_do_no_harm(
        place in any::<prop::sample::Index>(),
        full in any::<bool>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let shapes: Vec<Shape> = shapes().collect();
        let shape = shapes[place.index(shapes.len())];
        let mut body = sample(shape, if full { Fill::Full } else { Fill::Empty }).to_vec();
        for (at, byte) in damage {
            if !body.is_empty() {
                let at = at.index(body.len());
                body[at] = byte;
            }
        }
        let body = Bytes::from(body);
        let decoded = shape.decode(&body);
        if let Ok(value) = &decoded {
            let again = shape.encode(value).unwrap();
            let twice = shape.encode(&shape.decode(&again).unwrap()).unwrap();
            prop_assert_eq!(twice, again);
        }
        let is_request = guard::request(shape.message.key).is_some_and(|m| std::ptr::eq(m, shape.message));
        if is_request && admit(shape.message.key, shape.version, body).is_ok() {
            prop_assert!(decoded.is_ok());
        }
    }
}
