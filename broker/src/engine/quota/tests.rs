//! Quotas at virtual time.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "one kind of answer or row is looked at among many"
)]

use std::time::Duration;

use proptest::prelude::*;

use super::limits::Tags;
use super::usage::{Measure, Usage};
use super::{Alteration, Entity, Windows, key::ClientQuota};
use crate::engine::context::{ConnectionId, Effect};
use crate::engine::journal::Event;
use crate::engine::testing::Bench;
use crate::property;
use crate::wire::apis::{Request, Response};
use crate::wire::messages::create_topics_request::CreatableTopic;
use crate::wire::messages::fetch_request::{FetchPartition, FetchTopic};
use crate::wire::messages::{
    CreateTopicsRequest, FetchRequest, HeartbeatRequest, ProduceRequest, StrBytes, str_bytes,
};
use crate::wire::units::NodeId;

const WINDOWS: Windows = Windows {
    count: 11,
    length: Duration::from_secs(1),
};

/// A cluster of two nodes whose client `c` has quotas.
fn bench(quotas: &[(&str, f64)]) -> Bench {
    let mut bench = Bench::of_nodes(2, &[]);
    bench.topic("a", 1);
    set(&mut bench, &[("client-id", Some("c"))], quotas);
    bench
}

fn set(bench: &mut Bench, names: &[(&str, Option<&str>)], quotas: &[(&str, f64)]) {
    let names = names.iter();
    let names = names.map(|(kind, name)| ((*kind).to_owned(), name.map(str::to_owned)));
    let ops = quotas.iter();
    let ops = ops.map(|(key, value)| ((*key).to_owned(), (*value > 0.0).then_some(*value)));
    let alteration = Alteration {
        entity: Entity::new(names),
        ops: ops.collect(),
    };
    let answered = bench
        .engine
        .state
        .quotas
        .alter(vec![alteration], false)
        .unwrap();
    assert!(
        answered.iter().all(|(_, result)| result.is_ok()),
        "{answered:?}"
    );
}

fn throttle_ms(effect: &Effect) -> i32 {
    match effect {
        Effect::Reply { response, .. } => match response {
            Response::Produce(response) => response.throttle_time_ms,
            Response::Fetch(response) => response.throttle_time_ms,
            Response::CreateTopics(response) => response.throttle_time_ms,
            Response::Heartbeat(response) => response.throttle_time_ms,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// The throttle time of the answer that comes at once, if one does.
fn ask(
    bench: &mut Bench,
    (connection, client): (u64, &str),
    version: i16,
    request: impl Into<Request>,
) -> Option<i32> {
    let effects = bench.send_from(ConnectionId(connection), client, version, request);
    effects.0.first().map(throttle_ms)
}

/// A Produce of so many bytes; nothing in it has to be written for that.
fn produce(bench: &mut Bench, from: (u64, &str), bytes: usize) -> Option<i32> {
    bench.request_bytes = bytes;
    let request = ProduceRequest {
        acks: 1,
        ..ProduceRequest::default()
    };
    ask(bench, from, 9, request)
}

/// What is answered within this time, and when.
fn pass(bench: &mut Bench, millis: u64) -> Vec<(u128, i32)> {
    let end = bench.now.plus(Duration::from_millis(millis));
    let mut came = Vec::new();
    while let Some(effects) = bench.next_until(end) {
        let now = bench.now.elapsed.as_millis();
        came.extend(effects.iter().map(|effect| (now, throttle_ms(effect))));
    }
    came
}

#[test]
fn produce_is_throttled_for_exactly_so_long() {
    let mut bench = bench(&[("producer_byte_rate", 1000.0)]);
    let c = (1, "c");
    assert_eq!(produce(&mut bench, c, 10_000), Some(0));
    // Twelve seconds' worth in windows of ten.
    assert_eq!(produce(&mut bench, c, 2000), Some(2000));
    assert_eq!(produce(&mut bench, c, 100), None, "it is not looked at");
    assert_eq!(produce(&mut bench, (2, "d"), 100_000), Some(0), "another's");
    let due: Vec<_> = bench.engine.deadlines().map(|due| due.what).collect();
    let words = r#"throttling of client "c" by a quota"#;
    assert!(due.iter().any(|what| what == words), "{due:?}");
    assert_eq!(pass(&mut bench, 1999), []);
    assert_eq!(pass(&mut bench, 1), [(2000, 2100)]);
    // After eleven windows the first is forgotten, and 10.9 seconds are measured.
    assert_eq!(pass(&mut bench, 10_900), []);
    assert_eq!(produce(&mut bench, c, 9900), Some(0));
    assert_eq!(produce(&mut bench, c, 1100), Some(200));
}

#[test]
fn connections_share_a_quota_and_wait_by_themselves() {
    let mut bench = bench(&[("producer_byte_rate", 1000.0)]);
    assert_eq!(produce(&mut bench, (1, "c"), 11_000), Some(1000));
    let heartbeat = HeartbeatRequest::default();
    assert_eq!(ask(&mut bench, (2, "c"), 4, heartbeat.clone()), Some(0));
    assert_eq!(produce(&mut bench, (2, "c"), 1000), Some(2000));
    assert_eq!(ask(&mut bench, (1, "c"), 4, heartbeat.clone()), None);
    assert_eq!(ask(&mut bench, (2, "c"), 4, heartbeat), None);
    assert_eq!(pass(&mut bench, 9000), [(1000, 0), (2000, 0)]);
}

#[test]
fn each_node_measures_for_itself() {
    let mut bench = bench(&[("producer_byte_rate", 1000.0)]);
    assert_eq!(produce(&mut bench, (1, "c"), 10_000), Some(0));
    bench.node = NodeId(1);
    assert_eq!(produce(&mut bench, (2, "c"), 10_000), Some(0));
    assert_eq!(produce(&mut bench, (2, "c"), 500), Some(500));
}

#[test]
fn produce_without_an_answer_throttles_too() {
    let mut bench = bench(&[("producer_byte_rate", 1000.0)]);
    bench.request_bytes = 11_000;
    let request = ProduceRequest {
        acks: 0,
        ..ProduceRequest::default()
    };
    let effects = bench.send_from(ConnectionId(1), "c", 9, request);
    assert!(matches!(effects.0.as_slice(), [Effect::Nothing { .. }]));
    assert_eq!(produce(&mut bench, (1, "c"), 1), None);
    assert_eq!(pass(&mut bench, 1000), [(1000, 1001)]);
}

fn fetch(bench: &mut Bench, connection: u64) -> (Option<i32>, usize) {
    let partition = FetchPartition::default().with_partition_max_bytes(1_000_000);
    let topic = FetchTopic::default()
        .with_topic(StrBytes::from_static_str("a").into())
        .with_partitions(vec![partition]);
    let request = FetchRequest::default()
        .with_max_bytes(1_000_000)
        .with_session_epoch(-1)
        .with_topics(vec![topic]);
    let mut effects = bench.send_from(ConnectionId(connection), "c", 12, request);
    match effects.0.pop() {
        Some(Effect::Reply {
            response: Response::Fetch(response),
            ..
        }) => (Some(response.throttle_time_ms), response.responses.len()),
        None => (None, 0),
        other => panic!("{other:?}"),
    }
}

/// What it leaves out counts for nothing, so that each throttles for as long.
#[test]
fn a_throttled_fetch_is_empty_and_counts_for_nothing() {
    let mut bench = bench(&[("consumer_byte_rate", 20.0)]);
    bench.append("a", 0, &"x".repeat(220));
    let (first, rows) = fetch(&mut bench, 1);
    assert!(first > Some(0) && rows == 0, "{first:?}");
    assert_eq!(fetch(&mut bench, 2), (first, 0));
    assert_eq!(fetch(&mut bench, 1), (None, 0));
    set(
        &mut bench,
        &[("client-id", Some("c"))],
        &[("consumer_byte_rate", 0.0)],
    );
    assert_eq!(fetch(&mut bench, 3), (Some(0), 1));
}

fn create(bench: &mut Bench, version: i16, name: &str, partitions: i32) -> (i16, i32) {
    let topic = CreatableTopic::default()
        .with_name(str_bytes(name).into())
        .with_num_partitions(partitions)
        .with_replication_factor(1);
    let request = CreateTopicsRequest::default()
        .with_timeout_ms(1000)
        .with_topics(vec![topic]);
    // Each on a connection of its own, since those that are throttled wait.
    let connection = bench.engine.passage.last_ticket.saturating_add(100);
    let mut effects = bench.send_from(ConnectionId(connection), "c", version, request);
    match effects.0.pop() {
        Some(Effect::Reply {
            response: Response::CreateTopics(response),
            ..
        }) => (response.topics[0].error_code, response.throttle_time_ms),
        other => panic!("{other:?}"),
    }
}

#[test]
fn mutations_are_refused_or_throttled_by_the_token() {
    const REFUSED: i16 = 89;
    let mut bench = bench(&[("controller_mutation_rate", 0.5)]);
    let b = &mut bench;
    // Five and a half tokens are saved up; a burst may overdraw them.
    assert_eq!(create(b, 7, "b", 5), (0, 0));
    assert_eq!(create(b, 7, "c", 2), (0, 0));
    assert_eq!(create(b, 7, "d", 1), (REFUSED, 3000));
    assert_eq!(create(b, 5, "d", 1), (0, 5000), "done, but throttled");
    b.advance(Duration::from_millis(4500));
    assert_eq!(create(b, 7, "e", 1), (REFUSED, 500));
    b.advance(Duration::from_millis(500));
    assert_eq!(
        create(b, 7, "e", 1),
        (0, 0),
        "nothing is left, nothing is owed"
    );
    assert_eq!(create(b, 7, "f", 1), (REFUSED, 2000));
    assert_eq!(create(b, 7, "e", 1), (36, 0), "what fails anyway is free");
}

#[test]
fn the_journal_says_who_was_throttled() {
    let mut bench = bench(&[("producer_byte_rate", 1000.0)]);
    produce(&mut bench, (1, "c"), 12_000);
    let rows: Vec<_> = bench.engine.passage.journal.rows().collect();
    let throttled = rows.iter().filter_map(|row| match &row.event {
        Event::Request(exchange) => Some((exchange.client_id.as_str(), exchange.throttled_ms)),
        _ => None,
    });
    assert_eq!(throttled.collect::<Vec<_>>(), [("c", 2000)]);
    let counts = bench.engine.passage.journal.counts();
    let counted = counts.throttled["c"];
    assert_eq!((counted.requests, counted.millis), (1, 2000));
}

#[test]
fn a_reset_forgets_quotas_and_what_was_used_of_them() {
    let mut bench = bench(&[("producer_byte_rate", 1000.0)]);
    produce(&mut bench, (1, "c"), 12_000);
    let reset = crate::engine::commands::Command::Reset { only: None };
    bench.command(reset).unwrap();
    assert_eq!(produce(&mut bench, (1, "c"), 12_000), Some(0));
    set(
        &mut bench,
        &[("client-id", None)],
        &[("producer_byte_rate", 1000.0)],
    );
    assert_eq!(produce(&mut bench, (1, "c"), 10_000), Some(0));
}

fn tags(client_id: &str) -> Tags {
    Tags {
        user: String::new(),
        client_id: client_id.to_owned(),
    }
}

fn measure(now_ms: u64, limit: f64) -> Measure {
    Measure {
        windows: WINDOWS,
        now: Duration::from_millis(now_ms),
        limit: Some(limit),
    }
}

/// Kafka wraps what does not fit into 32 bits.
#[test]
fn times_beyond_32_bits_wrap_as_the_oracles_do() {
    for (bytes, expected) in [
        (2_147_483_657.0, 2_147_483_647_000_i64),
        (4_294_977.296, 4_294_967_296),
        (1e300, i64::MAX),
    ] {
        let key = (NodeId(0), ClientQuota::Produce, tags("c"));
        let told = Usage::default().record(key, bytes, measure(0, 1.0));
        let [a, b, c, d, ..] = expected.to_le_bytes();
        assert_eq!(told, i32::from_le_bytes([a, b, c, d]), "{bytes}");
    }
}

#[test]
fn clients_that_come_once_are_forgotten() {
    let mut usage = Usage::default();
    for at in 0..20_000_u64 {
        let client = tags(&format!("client {at}"));
        let key = (NodeId(0), ClientQuota::Produce, client.clone());
        let by = measure(at * 1000, 1.0);
        usage.record(key, 1.0, by);
        usage.take_strictly(client, 1.0, by).unwrap();
    }
    let (rates, buckets) = usage.len();
    assert!(rates <= 1024 && buckets <= 7300, "{rates} {buckets}");
}

proptest! {
    #![proptest_config(property::cases(200))]

    /// A client that waits whenever it is told to sends no more than its quota in the time of all samples, but
    /// for what the oldest sample is longer, and for what is on its way while the waits grow.
    #[test]
    fn no_window_holds_more_than_the_quota(
        requests in proptest::collection::vec((0..400_u64, 1..=250_u32), 1..400),
    ) {
        const QUOTA: f64 = 1000.0;
        let mut usage = Usage::default();
        let mut now = 0_u64;
        let mut sent: Vec<(u64, f64)> = Vec::new();
        for (pause, bytes) in requests {
            now += pause;
            let key = (NodeId(0), ClientQuota::Produce, tags("c"));
            let throttle = usage.record(key, bytes.into(), measure(now, QUOTA));
            sent.push((now, bytes.into()));
            now += u64::try_from(throttle).unwrap();
        }
        for (at, (end, _)) in sent.iter().enumerate() {
            let window = sent[..at].iter().filter(|(then, _)| then + 10_000 > *end);
            let bytes: f64 = window.map(|(_, bytes)| bytes).sum();
            prop_assert!(bytes <= QUOTA * 12.0 + (20.0 * QUOTA * 250.0).sqrt(), "{bytes} until {end}");
        }
    }

    /// In any time no more is changed than comes in that time and was saved up before, and one request.
    #[test]
    fn no_more_is_changed_than_there_are_tokens(
        requests in proptest::collection::vec((0..3000_u64, 1..=50_u32), 1..200),
    ) {
        const RATE: f64 = 2.0;
        let mut usage = Usage::default();
        let mut now = 0_u64;
        let mut done: Vec<(u64, f64)> = Vec::new();
        for (pause, partitions) in requests {
            now += pause;
            if usage.take_strictly(tags("c"), partitions.into(), measure(now, RATE)).is_ok() {
                done.push((now, partitions.into()));
            }
        }
        for (first, (begin, _)) in done.iter().enumerate() {
            let mut changed = 0.0;
            for (then, partitions) in &done[first..] {
                let span = f64::from(u32::try_from(then - begin).unwrap()) / 1000.0;
                prop_assert!(changed <= RATE * (span + 11.0) + 1e-6, "{changed} in {span} s");
                changed += partitions;
            }
        }
    }
}
