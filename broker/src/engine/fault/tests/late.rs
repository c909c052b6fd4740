//! Rules that are mounted while a request waits.

use serde_json::{Value as Json, json};

use super::steps::secs;
use super::{Came, World};
use crate::wire::api::Api;

/// What a long poll gets that waited while a rule was mounted, once its time is up; and what the rule counted.
fn polled(rule: Json) -> (Vec<Came>, (u64, u64)) {
    let mut world = World::new();
    let partition = json!({ "partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1000 });
    let request = json!({
        "maxWaitMs": 1000, "minBytes": 1, "maxBytes": 1000,
        "topics": [{ "topic": "a", "partitions": [partition] }],
    });
    assert_eq!(world.send(1, Api::Fetch, 12, &request), []);
    let id = world.mount(rule);
    let came = world.pass_time(secs(1), (Api::Fetch, 12));
    let mounted = world.bench.engine.passage.faults.get(id).unwrap();
    (came, (mounted.matches, mounted.hits))
}

#[test]
fn it_is_too_late_for_what_comes_before_a_request() {
    for action in [
        json!("disconnect"),
        json!({ "error": "OFFSET_OUT_OF_RANGE" }),
    ] {
        let (came, counts) = polled(json!({ "api": "Fetch", "before_apply": action }));
        assert!(matches!(came.as_slice(), [Came::Answer(1, _)]), "{came:?}");
        assert_eq!(counts, (0, 0));
    }
    let (_, counts) = polled(json!({ "api": "Fetch", "observe": true }));
    assert_eq!(counts, (0, 0));
}

#[test]
fn its_answer_meets_them() {
    let after =
        |action: Json| polled(json!({ "api": "Fetch", "topic": "a", "after_apply": action }));
    assert_eq!(after(json!("disconnect")), (vec![Came::Closed(1)], (1, 1)));
    assert_eq!(after(json!("swallow")), (vec![], (1, 1)));
    assert_eq!(after(json!({ "delay": "1s" })), (vec![], (1, 1)));
    let (came, _) = after(json!({ "error": "OFFSET_OUT_OF_RANGE" }));
    let [Came::Answer(1, answer)] = came.as_slice() else {
        panic!("{came:?}");
    };
    assert_eq!(answer["responses"][0]["partitions"][0]["errorCode"], 1);
    let (came, counts) = after(json!({ "throttle": "3s" }));
    let [Came::Answer(1, answer)] = came.as_slice() else {
        panic!("{came:?}");
    };
    assert_eq!(
        (&answer["throttleTimeMs"], &answer["responses"]),
        (&json!(3000), &json!([]))
    );
    assert_eq!(counts, (1, 1), "it is asked about twice and counted once");
    let other = polled(json!({ "api": "Fetch", "topic": "b", "after_apply": "swallow" }));
    assert_eq!(other.1, (0, 0));
}

#[test]
fn a_join_that_waits_for_others_is_met_as_well() {
    for lost in [true, false] {
        let mut world = World::new();
        let found = world.send(
            9,
            Api::FindCoordinator,
            1,
            &json!({ "key": "g", "keyType": 0 }),
        );
        assert_eq!(found.len(), 1);
        let join = json!({
            "groupId": "g", "sessionTimeoutMs": 60_000, "rebalanceTimeoutMs": 60_000,
            "protocolType": "consumer", "protocols": [{ "name": "range", "metadata": "" }],
        });
        assert_eq!(world.send(1, Api::JoinGroup, 3, &join), [], "it waits");
        let group = if lost { "g" } else { "another" };
        let rule = json!({ "api": "JoinGroup", "group": group, "after_apply": "swallow" });
        let id = world.mount(rule);
        let came = world.pass_time(secs(1), (Api::JoinGroup, 3));
        assert_eq!(came.len(), usize::from(!lost), "{came:?}");
        assert_eq!(world.hits(id), u64::from(lost));
    }
}
