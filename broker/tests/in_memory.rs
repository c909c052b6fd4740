//! A cluster in memory on a paused runtime: everything takes its exact time, and none of it is real.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "in_memory/answers.rs"]
mod answers;
#[path = "in_memory/client.rs"]
mod client;
#[path = "in_memory/recorded.rs"]
mod recorded;
#[path = "in_memory/rules.rs"]
mod rules;

#[path = "in_memory/time.rs"]
mod time;

use std::io::ErrorKind;
use std::time::{Duration, SystemTime};

use client::{Client, GROUP, TOPIC, TRANSACTIONAL_ID};
use fauxka::clock::Clock;
use fauxka::fault::Cut;
use fauxka::in_memory::InMemory;
use fauxka::journal::Event;
use fauxka::{Api, Broker, Builder};
use kafka_protocol::messages::MetadataRequest;
use recorded::Cluster;
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

const UNKNOWN_MEMBER_ID: i16 = 25;
const INVALID_PRODUCER_EPOCH: i16 = 47;

fn described() -> Builder {
    let began = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    Broker::builder()
        .seed(7)
        .clock(Clock::real().starting_at(began))
        .topic(TOPIC, 1, 1)
}

fn start() -> Cluster {
    recorded::start(described()).unwrap()
}

/// The moments in the journal, in milliseconds, at which what is meant happened.
fn moments(cluster: &InMemory, is_meant: impl Fn(&Event) -> bool) -> Vec<u64> {
    let rows = cluster.journal().rows();
    let rows = rows.iter().filter(|row| is_meant(&row.event));
    rows.map(|row| row.elapsed_ms).collect()
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_asked_for_is_there_after_its_delay() {
    for (said, expected) in [(None, 30 * MILLI), (Some(SECOND), SECOND)] {
        let mut described = described();
        if let Some(delay) = said {
            described = described.auto_create_delay(delay);
        }
        let cluster = recorded::start(described).unwrap();
        let mut client = Client::connect(&cluster, "client").await;
        sleep(SECOND).await;
        let began = Instant::now();
        while client.find_topic("new").await != 0 {
            assert!(cluster.topics().iter().all(|topic| topic.name != "new"));
            sleep(MILLI).await;
        }
        assert!(expected <= began.elapsed() && began.elapsed() <= expected + MILLI);
        let created =
            |event: &Event| matches!(event, Event::TopicCreated { topic, .. } if topic == "new");
        let due = u64::try_from((SECOND + expected).as_millis()).unwrap();
        assert_eq!(moments(&cluster, created), [due]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_silent_is_missed_after_its_session() {
    // As on a Kafka that nobody has set up for tests.
    let patient = described().config("group.initial.rebalance.delay.ms", "3000");
    let cluster = recorded::start(patient).unwrap();
    let mut first = Client::connect(&cluster, "first").await;
    let mut second = Client::connect(&cluster, "second").await;
    first.find_coordinator(GROUP, 0).await;
    let began = Instant::now();
    let joined = first.join().await;
    assert_eq!(began.elapsed(), 3 * SECOND, "the initial rebalance delay");
    first.sync(&joined).await;
    sleep(20 * SECOND).await;
    assert_eq!(first.heartbeat(&joined).await, 0);
    let latest = Instant::now();
    assert_eq!(latest - began, 23 * SECOND);
    let others = second.join().await;
    assert_eq!(latest.elapsed(), 45 * SECOND, "the first one's session");
    assert_eq!(others.generation_id, joined.generation_id + 1);
    assert_eq!(first.heartbeat(&joined).await, UNKNOWN_MEMBER_ID);
    second.sync(&others).await;
    let empty = |event: &Event| matches!(event, Event::GroupState { to: "Empty", .. });
    sleep(45 * SECOND - MILLI).await;
    assert!(moments(&cluster, empty).is_empty());
    // At the very moment itself this test is the first to run.
    sleep(2 * MILLI).await;
    assert_eq!(moments(&cluster, empty), [113_000]);
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_ends_when_it_may_or_when_there_is_something() {
    let cluster = start();
    let mut client = Client::connect(&cluster, "c").await;
    let began = Instant::now();
    assert_eq!(client.fetch(0, 500).await.unwrap(), 0);
    assert_eq!(began.elapsed(), 500 * MILLI);
    let began = Instant::now();
    let produce = async {
        sleep(123 * MILLI).await;
        cluster.produce(TOPIC).value("first").send().unwrap();
    };
    let (fetched, ()) = tokio::join!(client.fetch(0, 500), produce);
    assert!(fetched.unwrap() > 0);
    assert_eq!(began.elapsed(), 123 * MILLI);
    let stamped = cluster.partition(TOPIC, 0).records().unwrap()[0].timestamp;
    assert_eq!(stamped, 1_700_000_000_623, "the cluster's time of day");
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_takes_too_long_is_aborted() {
    let cluster = start();
    let mut client = Client::connect(&cluster, "c").await;
    client.find_coordinator(TRANSACTIONAL_ID, 1).await;
    let end = client.begin(15_000).await;
    // The coordinator looks for such transactions every ten seconds.
    sleep(20 * SECOND + MILLI).await;
    let aborted = |event: &Event| {
        matches!(
            event,
            Event::TransactionState {
                to: "CompleteAbort",
                ..
            }
        )
    };
    assert_eq!(moments(&cluster, aborted), [20_000]);
    let ended = client.ask(1, end).await.unwrap();
    assert_eq!(ended.error_code, INVALID_PRODUCER_EPOCH);
}

#[tokio::test(start_paused = true)]
async fn records_are_kept_for_their_time() {
    let cluster = described().config("log.retention.ms", "3600000");
    let cluster = recorded::start(cluster).unwrap();
    cluster.produce(TOPIC).value("first").send().unwrap();
    sleep(7200 * SECOND).await;
    let deleted = |event: &Event| matches!(event, Event::LogStartMoved { from: 0, to: 1, .. });
    // The broker looks after half a minute, and then every five minutes.
    assert_eq!(moments(&cluster, deleted), [3_630_000]);
}

#[tokio::test(start_paused = true)]
async fn nodes_are_where_metadata_says_and_stop() {
    let cluster = recorded::start(described().nodes(3)).unwrap();
    let (_, address) = cluster.bootstrap().split_once(',').unwrap();
    let (address, _) = address.split_once(',').unwrap();
    let mut open = cluster.dial(address).await.unwrap();
    cluster.node(2).stop().await.unwrap();
    assert_eq!(open.read(&mut [0]).await.unwrap(), 0, "closed, not reset");
    for refused in [
        cluster.dial(address).await,
        cluster.connect(2).await,
        cluster.connect(9).await,
        cluster.dial("127.0.0.1:9999").await,
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }
    assert_eq!(
        cluster.dial("nowhere").await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    cluster.node(2).start().await.unwrap();
    let mut client = Client::over(cluster.dial(address).await.unwrap(), "c");
    client.hello().await.unwrap();
    let asked = cluster.journal().api(Api::ApiVersions).node(2);
    asked.expect_count(1).unwrap();
    let added = cluster.add_node(None).await.unwrap();
    assert_eq!(added.id(), 4);
    let stream = cluster.dial("127.0.0.1:9095").await.unwrap();
    Client::over(stream, "c").hello().await.unwrap();
    assert_eq!(cluster.clock().elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn clients_follow_an_address_that_is_advertised_later() {
    let cluster = described().nodes(2).start_in_memory().unwrap();
    let mut client = Client::connect(&cluster, "client").await;
    cluster.advertise(2, "kafka.test", 32768).unwrap();
    let nodes = client.ask(12, MetadataRequest::default()).await.unwrap();
    let second = nodes.brokers.iter().find(|node| node.node_id.0 == 2);
    let second = second.unwrap();
    assert_eq!((second.host.as_str(), second.port), ("kafka.test", 32768));
    let there = cluster.dial("kafka.test:32768").await.unwrap();
    let mut client = Client::over(there, "client");
    client.hello().await.unwrap();
    let advertised = cluster.journal().kind("advertised").rows();
    let row = advertised[0].to_string();
    assert!(
        row.ends_with("node 2 is advertised at PLAINTEXT://kafka.test:32768"),
        "{row}"
    );
    assert!(cluster.advertise(3, "kafka.test", 32769).is_err());
    assert!(cluster.dial("kafka.test:32769").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn connections_wait_as_the_rate_says() {
    let rate = ("max.connection.creation.rate", "1");
    let cluster = described().config(rate.0, rate.1);
    let cluster = cluster.config("quota.window.num", "2");
    let cluster = recorded::start(cluster).unwrap();
    let mut waited = Vec::new();
    for _ in 0..4 {
        let began = Instant::now();
        let mut client = Client::connect(&cluster, "c").await;
        client.hello().await.unwrap();
        waited.push(began.elapsed().as_millis());
    }
    assert_eq!(waited, [0, 1000, 1000, 1000]);
}

#[tokio::test(start_paused = true)]
async fn connections_are_cut_and_refused() {
    let cluster = start();
    let mut open = cluster.connect(1).await.unwrap();
    let cut = cluster.on_any().count(1).bytes().cut(0, Cut::Reset);
    let cut = cut.expect(1).mount();
    let error = open.read(&mut [0]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    cut.remove();
    let mut open = Client::connect(&cluster, "c").await;
    open.hello().await.unwrap();
    let refuses = cluster.on_any().bytes().refuse().expect(1).mount();
    for _ in 0..2 {
        let refused = cluster.connect(1).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(refuses.hits(), 1);
    }
    open.hello().await.unwrap();
    refuses.release();
    let silent = cluster.on_any().bytes().silence().mount();
    let mut late = Client::connect(&cluster, "c").await;
    let ends = async {
        sleep(5 * SECOND).await;
        silent.release();
    };
    let (answered, ()) = tokio::join!(late.hello(), ends);
    answered.unwrap();
    assert_eq!(cluster.clock().elapsed(), 5 * SECOND);
    let none = cluster.on_any().nth(9).observe().mount();
    assert!(none.wait_for_hits(1, SECOND).await.is_err());
    assert_eq!(cluster.clock().elapsed(), 6 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_paused_node_that_restarts_runs() {
    let cluster = start();
    let node = cluster.node(1);
    node.pause().unwrap();
    node.stop().await.unwrap();
    node.start().await.unwrap();
    Client::connect(&cluster, "c").await.hello().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_dropped_closes_its_connections() {
    let cluster = start();
    let network = cluster.network();
    let mut open = network.connect(1).await.unwrap();
    drop(cluster);
    assert!(matches!(open.read(&mut [0]).await, Ok(0) | Err(_)));
    assert!(network.connect(1).await.is_err());
    assert!(network.dial("127.0.0.1:9092").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_manual_clock_is_moved_by_the_test_alone() {
    let cluster = recorded::start(described().clock(Clock::manual()));
    let cluster = cluster.unwrap();
    let mut client = Client::connect(&cluster, "c").await;
    cluster.on_any().before_apply().delay(SECOND).mount();
    assert!(timeout(60 * SECOND, client.hello()).await.is_err());
    assert_eq!(cluster.clock().elapsed(), Duration::ZERO);
    assert_eq!(cluster.clock().advance(SECOND).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "await it instead")]
async fn blocking_its_only_thread_is_refused() {
    let cluster = described().start_in_memory().unwrap();
    let _ = cluster.node(1).stop_blocking();
}

#[test]
fn it_needs_a_runtime() {
    let error = recorded::start(described()).err().unwrap().to_string();
    assert!(error.contains("no reactor running"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threads_may_share_it() {
    let cluster = recorded::start(described().nodes(2)).unwrap();
    let mut client = Client::connect(&cluster, "c").await;
    client.hello().await.unwrap();
    cluster.node(2).stop_blocking().unwrap();
    assert!(cluster.connect(2).await.is_err());
    client.hello().await.unwrap();
}

/// Members that come and go, delays by chance, and a node that stops; the journal of it.
async fn eventful(seed: u64) -> String {
    let cluster = described().nodes(3).seed(seed);
    let cluster = recorded::start(cluster).unwrap();
    let jitter = cluster.on_any().before_apply();
    jitter.delay_with_jitter(20 * MILLI, 15 * MILLI).mount();
    let jitter = cluster.on_any().probability(0.5).bytes();
    jitter.latency_with_jitter(9 * MILLI, 5 * MILLI).mount();
    let member = async |name| {
        let mut client = Client::connect(&cluster, name).await;
        client.find_coordinator(GROUP, 0).await;
        for _ in 0..5 {
            client.hello().await.unwrap();
            client.fetch(0, 250).await.unwrap();
        }
    };
    let restart = async {
        sleep(100 * MILLI).await;
        cluster.node(3).stop().await.unwrap();
        cluster.produce(TOPIC).value("first").send().unwrap();
        sleep(SECOND).await;
        cluster.node(3).start().await.unwrap();
    };
    tokio::join!(member("a"), member("b"), member("c"), restart);
    cluster.journal().to_json_lines()
}

#[test]
fn two_runs_are_the_same_to_the_byte() {
    let run = |seed| {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let mut runtime = { runtime };
        let runtime = runtime.enable_all().start_paused(true).build().unwrap();
        runtime.block_on(eventful(seed))
    };
    let first = run(7);
    assert!(first.lines().count() > 40, "{first}");
    assert_eq!(first, run(7));
    assert_ne!(first, run(8));
}
