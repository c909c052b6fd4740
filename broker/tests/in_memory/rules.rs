//! What rules delay takes exactly that time, on the runtime's clock and on one that is moved.

use std::time::Duration;

use fauxka::clock::Clock;
use fauxka::journal::Event;
use fauxka::{Api, Broker};
use tokio::time::{Instant, sleep, timeout};

use crate::client::Client;
use crate::{MILLI, SECOND, described, moments, recorded, start};

type Rule = fn(&Broker);

/// What a rule makes of the time that a request and its answer take, in milliseconds.
const DELAYS: &[(Rule, u64)] = &[
    (|_| {}, 0),
    (
        |broker| {
            broker.on_any().before_apply().delay(70 * MILLI).mount();
        },
        70,
    ),
    (
        |broker| {
            broker.on_any().after_apply().delay(90 * SECOND).mount();
        },
        90_000,
    ),
    (
        |broker| {
            broker.on_any().bytes().latency(20 * MILLI).mount();
        },
        40,
    ),
    (
        |broker| {
            let slow = broker.on_any().bytes().to_client();
            slow.latency(30 * MILLI).mount();
        },
        30,
    ),
    (
        |broker| {
            // 14 bytes come in two pieces.
            let torn = broker.on_any().bytes().to_broker();
            torn.slice(10, 9 * MILLI).mount();
        },
        9,
    ),
];

#[tokio::test(start_paused = true)]
async fn what_rules_delay_takes_that_time() {
    for (index, (rule, expected)) in DELAYS.iter().enumerate() {
        let cluster = start();
        let mut client = Client::connect(&cluster, "").await;
        rule(&cluster);
        let began = Instant::now();
        client.hello().await.unwrap();
        let expected = Duration::from_millis(*expected);
        assert_eq!(began.elapsed(), expected, "rule {index}");
        assert_eq!(cluster.clock().elapsed(), expected, "rule {index}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_client_waits_and_one_that_is_idle_is_let_go() {
    let cluster = start();
    let mut client = Client::connect(&cluster, "c").await;
    let slow = cluster.on(Api::ApiVersions).nth(1).after_apply();
    slow.throttle(7 * SECOND).mount();
    client.hello().await.unwrap();
    assert_eq!(cluster.clock().elapsed(), Duration::ZERO);
    client.hello().await.unwrap();
    assert_eq!(cluster.clock().elapsed(), 7 * SECOND);
    sleep(600 * SECOND - MILLI).await;
    assert!(client.hello().await.is_ok());
    sleep(601 * SECOND).await;
    assert!(client.hello().await.is_err());
    let closed = |event: &Event| matches!(event, Event::ConnectionClosed { .. });
    assert_eq!(moments(&cluster, closed), [1_206_999]);
}

/// Rules that have a Fetch begin to wait only when the clock is moved, or the rule released.
const LATE: &[Rule] = &[
    |broker| {
        broker.on(Api::Fetch).before_apply().delay(SECOND).mount();
    },
    |broker| {
        broker.on(Api::Fetch).before_apply().hold().mount();
    },
    |broker| {
        let throttled = broker.on(Api::ApiVersions).after_apply();
        throttled.throttle(SECOND).mount();
    },
];

#[tokio::test(start_paused = true)]
async fn a_long_poll_that_begins_late_under_a_manual_clock_ends_all_the_same() {
    for (index, rule) in LATE.iter().enumerate() {
        let cluster = recorded::start(described().clock(Clock::manual()));
        let cluster = cluster.unwrap();
        let mut client = Client::connect(&cluster, "c").await;
        let mut other = Client::connect(&cluster, "other").await;
        rule(&cluster);
        client.hello().await.unwrap();
        let began = Instant::now();
        let let_go = async {
            sleep(70 * MILLI).await;
            cluster.clock().advance(SECOND).await.unwrap();
            cluster.heal();
            // Another one's wait has no part in it.
            sleep(200 * MILLI).await;
            other.fetch(0, 10).await.unwrap();
        };
        let fetch = timeout(60 * SECOND, client.fetch(0, 500));
        let (fetched, ()) = tokio::join!(fetch, let_go);
        assert_eq!(fetched.unwrap().unwrap(), 0);
        assert_eq!(began.elapsed(), 570 * MILLI, "rule {index}");
        assert_eq!(cluster.clock().elapsed(), SECOND, "rule {index}");
    }
}
