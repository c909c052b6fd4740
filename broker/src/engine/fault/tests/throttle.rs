//! Answers that say that they throttle, and connections that are.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::steps::{heartbeat, secs};
use super::{Came, World};
use crate::engine::commands::heartbeats::Passing;
use crate::engine::context::{ConnectionId, Effect, Effects};
use crate::engine::fault::FaultId;
use crate::engine::input::Input;
use crate::wire::api::Api;

/// The connection and the time of each answer.
#[track_caller]
fn throttled(came: &[Came]) -> Vec<(u64, i64)> {
    let read = |came: &Came| match came {
        Came::Answer(to, answer) => (*to, answer["throttleTimeMs"].as_i64().unwrap()),
        other @ (Came::Nothing(_) | Came::Closed(_)) => panic!("{other:?}"),
    };
    came.iter().map(read).collect()
}

/// A world that throttles the first heartbeats.
fn throttling(count: u64) -> (World, FaultId) {
    let mut world = World::new();
    let id = world.mount(json!({
        "name": "quota", "api": "Heartbeat", "count": count, "after_apply": { "throttle": "2s" },
    }));
    (world, id)
}

#[test]
fn the_answer_comes_at_once_and_the_next_request_waits() {
    let (mut world, id) = throttling(1);
    assert_eq!(throttled(&heartbeat(&mut world, 1)), [(1, 2000)]);
    let due: Vec<_> = world.bench.engine.deadlines().map(|due| due.what).collect();
    let words = r#"throttling of client "client" by fault rule 1 (quota)"#;
    assert!(due.iter().any(|what| what == words), "{due:?}");
    assert_eq!(world.bench.engine.passage.kept_by(id), 0);
    assert_eq!(heartbeat(&mut world, 1), []);
    assert_eq!(world.bench.engine.passage.kept_by(id), 1);
    assert_eq!(throttled(&heartbeat(&mut world, 2)), [(2, 0)], "another's");
    assert_eq!(world.pass(Duration::from_millis(1999)), []);
    assert_eq!(throttled(&world.pass(Duration::from_millis(1))), [(1, 0)]);
    assert_eq!(throttled(&heartbeat(&mut world, 1)), [(1, 0)]);
}

#[test]
fn a_request_that_comes_later_waits_for_nothing() {
    let (mut world, _) = throttling(2);
    assert_eq!(throttled(&heartbeat(&mut world, 1)), [(1, 2000)]);
    assert_eq!(world.pass(secs(2)), []);
    assert_eq!(throttled(&heartbeat(&mut world, 1)), [(1, 2000)]);
    assert_eq!(heartbeat(&mut world, 1), []);
    assert_eq!(throttled(&world.pass(secs(2))), [(1, 0)]);
}

#[test]
fn what_waits_is_not_looked_at() {
    let (mut world, _) = throttling(1);
    heartbeat(&mut world, 1);
    assert_eq!(world.produce(1, &[0]), []);
    assert_eq!(world.stored(0), 0);
    let later = world.mount(json!({ "api": "Produce", "before_apply": "swallow" }));
    assert_eq!(world.pass(secs(2)), []);
    assert_eq!((world.stored(0), world.hits(later)), (0, 1));
}

#[test]
fn release_and_heal_end_it_in_the_order_of_requests() {
    for heals in [false, true] {
        let (mut world, id) = throttling(9);
        for connection in [1, 2, 3] {
            heartbeat(&mut world, connection);
        }
        for connection in [3, 1] {
            assert_eq!(heartbeat(&mut world, connection), []);
        }
        let came = if heals {
            world.heal()
        } else {
            world.release(id)
        };
        assert_eq!(throttled(&came), [(3, 0), (1, 0)]);
        assert_eq!(throttled(&heartbeat(&mut world, 2)), [(2, 0)]);
        assert_eq!(world.bench.engine.next_event(&Passing::default()), None);
    }
}

#[test]
fn a_connection_that_closes_drops_it() {
    let (mut world, _) = throttling(1);
    heartbeat(&mut world, 1);
    assert_eq!(heartbeat(&mut world, 1), []);
    let (connection, why) = (ConnectionId(1), "it left".to_owned());
    world.bench.handle(Input::Closed { connection, why });
    assert_eq!(world.bench.engine.next_event(&Passing::default()), None);
    assert_eq!(world.pass(secs(9)), []);
}

#[test]
fn a_reset_ends_it() {
    let (mut world, _) = throttling(2);
    heartbeat(&mut world, 1);
    heartbeat(&mut world, 2);
    assert_eq!(heartbeat(&mut world, 1), []);
    let waiting: Vec<_> = world.bench.engine.passage.waiting().into_iter().collect();
    assert_eq!(waiting, [ConnectionId(1)]);
    let mut effects = Effects::default();
    world
        .bench
        .engine
        .reset(world.bench.now, &mut effects)
        .unwrap();
    assert!(
        matches!(effects.0.as_slice(), [Effect::Close { connection, .. }] if *connection == ConnectionId(1)),
        "{effects:?}"
    );
    assert_eq!(throttled(&heartbeat(&mut world, 2)), [(2, 0)]);
}

#[test]
fn an_answer_without_the_field_throttles_too() {
    let (mut world, _) = throttling(1);
    let request = json!({ "groupId": "g", "generationId": 1, "memberId": "m" });
    let came = world.send(1, Api::Heartbeat, 0, &request);
    assert!(
        matches!(came.as_slice(), [Came::Answer(1, answer)] if answer.get("throttleTimeMs").is_none()),
        "{came:?}"
    );
    assert_eq!(heartbeat(&mut world, 1), []);
    // Produce that wants no answer is under quota as well.
    let mut world = World::new();
    world.mount(json!({ "api": "Produce", "after_apply": { "throttle": "2s" } }));
    assert_eq!(world.produce(0, &[0]), [Came::Nothing(1)]);
    assert_eq!((world.produce(0, &[0]), world.stored(0)), (vec![], 1));
}

#[test]
fn the_longest_of_several_counts_from_when_the_answer_goes() {
    let mut world = World::new();
    for action in [
        json!({ "throttle": "3s" }),
        json!({ "throttle": "2s" }),
        json!({ "delay": "5s" }),
    ] {
        world.mount(json!({ "api": "Heartbeat", "count": 1, "after_apply": action }));
    }
    assert_eq!(heartbeat(&mut world, 1), []);
    assert_eq!(throttled(&world.pass(secs(5))), [(1, 3000)]);
    assert_eq!(heartbeat(&mut world, 1), []);
    assert_eq!(world.pass(Duration::from_millis(2999)), []);
    assert_eq!(throttled(&world.pass(Duration::from_millis(1))), [(1, 0)]);
}

#[test]
fn rules_that_cannot_throttle_are_refused() {
    #[track_caller]
    fn check(rule: Json, words: &str) {
        let refused = World::new().refused(rule);
        assert!(refused.contains(words), "{refused}");
    }
    let throttle =
        |api: &str, stage: &str, time: &str| json!({ "api": api, stage: { "throttle": time } });
    check(throttle("Heartbeat", "before_apply", "2s"), "`after_apply`");
    check(throttle("Heartbeat", "after_apply", "0s"), "millisecond");
    check(throttle("Heartbeat", "after_apply", "30d"), "2147483647");
    check(
        throttle("WriteTxnMarkers", "after_apply", "2s"),
        "no throttleTimeMs",
    );
    World::new().mount(json!({ "client_id": "c", "after_apply": { "throttle": "2s" } }));
}

/// A Fetch of the first partition: where its session is, and how many records come.
fn fetch(world: &mut World, session: (i64, i64)) -> (i64, usize) {
    let partition = json!({ "partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1000 });
    let request = json!({
        "maxBytes": 1000, "sessionId": session.0, "sessionEpoch": session.1,
        "topics": [{ "topic": "a", "partitions": [partition] }],
    });
    let came = world.send(1, Api::Fetch, 12, &request);
    let [Came::Answer(1, answer)] = came.as_slice() else {
        panic!("{came:?}");
    };
    let rows = answer["responses"].as_array().unwrap().iter();
    let records = rows.filter(|row| row["partitions"][0]["records"] != Json::Null);
    (answer["sessionId"].as_i64().unwrap(), records.count())
}

#[test]
fn a_throttled_fetch_is_empty_and_the_next_has_the_records() {
    let mut world = World::new();
    world.produce(1, &[0]);
    let throttle = json!({ "api": "Fetch", "count": 1, "after_apply": { "throttle": "2s" } });
    let mute_passes = |world: &mut World| assert_eq!(world.pass(secs(2)), []);
    world.mount(throttle.clone());
    assert_eq!(fetch(&mut world, (0, 0)), (0, 0), "no session is opened");
    mute_passes(&mut world);
    let (id, records) = fetch(&mut world, (0, 0));
    assert!(id != 0 && records == 1);
    world.mount(throttle.clone());
    assert_eq!(fetch(&mut world, (id, 1)), (id, 0), "the session stays");
    mute_passes(&mut world);
    assert_eq!(fetch(&mut world, (id, 2)), (id, 1), "and goes on");
    world.mount(throttle);
    let wrong = fetch(&mut world, (id, 9));
    assert_eq!(wrong, (0, 0), "its errors are not told either");
    mute_passes(&mut world);
    assert_eq!(fetch(&mut world, (id, 3)), (id, 1));
}
