use std::collections::BTreeMap;
use std::time::Duration;

use super::{Head, Rerun};
use crate::engine::commands::{Command, CoordinatorCommand, TopicCommand};
use crate::engine::context::{ConnectionId, Effect, Effects};
use crate::engine::fault::Faults;
use crate::engine::fault::Rule;
use crate::engine::input::Input;
use crate::engine::journal::Journal;
use crate::engine::passage::warnings::Warnings;
use crate::engine::sasl::Sasl;
use crate::engine::state_topic::StateTopic;
use crate::engine::testing::{Bench, Tape};
use crate::engine::{AdvertisedAddress, Engine, ListenerId};
use crate::wire::messages as m;
use crate::wire::messages::StrBytes;
use crate::wire::units::NodeId;

fn rule(json: &str) -> Rule {
    serde_json::from_str(json).unwrap()
}

/// A cluster with a past: nodes were added, stopped and unregistered, rules have acted, a client is throttled, Metadata
/// is out of date, and it started over.
fn lived() -> Bench {
    let mut bench = Bench::of_nodes(3, &[("group.initial.rebalance.delay.ms", "0")]);
    bench.find_coordinator("g");
    let join = m::ConsumerGroupHeartbeatRequest::default()
        .with_group_id(StrBytes::from_static_str("g").into())
        .with_member_id(StrBytes::from_static_str("sent away"))
        .with_rebalance_timeout_ms(10_000)
        .with_subscribed_topic_names(Some(Vec::new()))
        .with_topic_partitions(Some(Vec::new()));
    bench.ask(1, join);
    bench.command(Command::Reset { only: None }).unwrap();
    assert!(bench.engine.state.groups.former.has("g", "sent away"));
    bench.topic("t", 2);
    bench.find_coordinator("g");
    for number in 0..20 {
        bench.append("t", number % 2, "value");
    }
    let command = |bench: &mut Bench, command| assert!(bench.command(command).is_ok());
    let (rack, at) = (
        Some("b".to_owned()),
        (ListenerId(0), "other".to_owned(), 1234),
    );
    let places = vec![at];
    command(&mut bench, Command::AddNode { rack, places });
    bench.turn_node(NodeId(2), false);
    let unregister = m::UnregisterBrokerRequest::default().with_broker_id(2.into());
    bench.ask(0, unregister);
    let quota = rule(r#"{"api":"ListGroups","after_apply":{"throttle":"30s"}}"#);
    let chance = rule(r#"{"api":"ApiVersions","probability":0.5,"observe":true}"#);
    for rule in [quota, chance] {
        let (rule, place) = (Box::new(rule), Some("here".to_owned()));
        command(&mut bench, Command::MountRule { rule, place });
    }
    for number in 1..=10 {
        let connection = ConnectionId(number);
        let (node, client_host) = (NodeId(0), "/10.0.0.1".into());
        bench.handle(Input::Opened {
            connection,
            node,
            listener: ListenerId::default(),
            client_host,
        });
        let versions = m::ApiVersionsRequest {
            client_software_name: StrBytes::from_static_str("librdkafka"),
            client_software_version: StrBytes::from_static_str("2.0"),
            ..m::ApiVersionsRequest::default()
        };
        bench.send_from(connection, "c", 3, versions);
    }
    bench.send_from(ConnectionId(1), "c", 4, m::ListGroupsRequest::default());
    command(&mut bench, Command::FreezeMetadata { answers: 3 });
    bench.advance(Duration::from_secs(10));
    bench
}

/// An engine's fields, sorted by line, but for what nobody's answers depend on. Maps of the standard library are walked
/// in any order.
fn fields(engine: &mut Engine) -> Vec<String> {
    engine.passage.journal = Journal::new(engine.passage.journal.settings());
    engine.state.sasl = Sasl::new(0);
    engine.passage.warnings = Warnings::default();
    engine.passage.faults.follow(&Faults::new(0));
    engine.state.group_notes.clear();
    engine.checks_invariants = false;
    let shown = format!("{engine:#?}");
    // Which records lie where in memory is nothing to be said in a file.
    let lines = shown.lines().filter(|line| !line.contains("scattered: "));
    let mut lines: Vec<_> = lines.map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

fn begin(bench: &mut Bench) -> (Head, Effects) {
    let mut effects = Effects::default();
    let head = bench.engine.begin_recording(bench.now, &mut effects);
    let written = serde_json::to_vec(&head.unwrap()).unwrap();
    (serde_json::from_slice(&written).unwrap(), effects)
}

#[test]
fn the_cluster_that_goes_on_is_the_one_that_the_file_says() {
    let mut bench = lived();
    let rows = bench.engine.passage.journal.rows().count();
    let last = bench.engine.passage.journal.last();
    let (head, _) = begin(&mut bench);
    assert_eq!(bench.engine.passage.journal.rows().count(), rows + 1);
    let mut again = Rerun::new(&head).unwrap().into_engine().1;
    assert_eq!(again.passage.journal.last(), last + 1);
    assert_eq!(
        again.passage.journal.connected(),
        bench.engine.passage.journal.connected()
    );
    let (here, there) = (fields(&mut bench.engine), fields(&mut again));
    for (here, there) in here.iter().zip(&there) {
        assert_eq!(here, there);
    }
    assert_eq!(here.len(), there.len());
}

#[test]
fn what_follows_happens_again() {
    let mut bench = lived();
    Tape::begin(&mut bench);
    let chance = bench.engine.passage.faults.iter().map(|known| known.hits);
    let hits: Vec<_> = chance.collect();
    for number in 11..=30 {
        bench.send_from(
            ConnectionId(number),
            "c",
            0,
            m::ApiVersionsRequest::default(),
        );
    }
    assert_ne!(
        bench.engine.passage.faults.iter().last().unwrap().hits,
        hits[1]
    );
    bench.send_from(ConnectionId(1), "c", 0, m::ApiVersionsRequest::default());
    for _ in 0..5 {
        let metadata = m::MetadataRequest::default().with_topics(None);
        bench.send_from(ConnectionId(5), "c", 1, metadata);
    }
    bench.advance(Duration::from_secs(30));
    let topic = "new".to_owned();
    let act = TopicCommand::Create {
        partitions: Some(3),
        replication: Some(2),
        configs: BTreeMap::new(),
    };
    bench.command(Command::Topic { topic, act }).unwrap();
    let nodes = vec![AdvertisedAddress {
        node: NodeId(0),
        listener: None,
        host: "kafka.test".to_owned(),
        port: 32768,
    }];
    bench.command(Command::Advertise { nodes }).unwrap();
    bench.turn_node(NodeId(1), false);
    bench.append("t", 0, "more");
    let init = m::InitProducerIdRequest::default();
    bench.ask(4, init);
    bench.command(Command::Reset { only: None }).unwrap();
    bench.append("t", 1, "anew");
    let mut again = bench.tape.take().unwrap().rerun();
    let (here, there) = (fields(&mut bench.engine), fields(&mut again));
    for (here, there) in here.iter().zip(&there) {
        assert_eq!(here, there);
    }
}

#[test]
fn whoever_waits_is_turned_away() {
    let mut bench = lived();
    let hold = rule(r#"{"api":"ApiVersions","before_apply":"hold"}"#);
    let (rule, place) = (Box::new(hold), None);
    bench.command(Command::MountRule { rule, place }).unwrap();
    bench.send_from(ConnectionId(7), "c", 0, m::ApiVersionsRequest::default());
    let (_, effects) = begin(&mut bench);
    let [Effect::Close { connection, reason }] = &*effects.0 else {
        panic!("{effects:?}");
    };
    assert_eq!(*connection, ConnectionId(7));
    assert_eq!(reason, "a recording of the cluster begins");
    assert!(bench.engine.passage.waiting().is_empty());
}

#[test]
fn a_load_that_is_held_keeps_a_recording_from_beginning() {
    let mut bench = lived();
    let act = CoordinatorCommand::Load(None);
    let (topic, key) = (StateTopic::Groups, "g".to_owned());
    bench
        .command(Command::Coordinator { topic, key, act })
        .unwrap();
    let refused = bench
        .engine
        .begin_recording(bench.now, &mut Effects::default());
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("release it first"), "{refused}");
}

#[test]
fn what_happened_on_a_bench_can_be_written_to_a_file_and_run_again() {
    let bench = lived();
    let happened = bench.happened().unwrap();
    happened.write().unwrap();
    let file = std::fs::File::open(happened.file()).unwrap();
    let lines = std::io::BufReader::new(flate2::read::GzDecoder::new(file));
    let mut lines = std::io::BufRead::lines(lines).map(Result::unwrap);
    let head = serde_json::from_str(&lines.next().unwrap()).unwrap();
    let mut rerun = Rerun::new(&head).unwrap();
    for line in lines {
        rerun.take(serde_json::from_str(&line).unwrap()).unwrap();
    }
    assert_eq!(
        rerun.step().inputs,
        u64::try_from(happened.steps()).unwrap()
    );
    let again = rerun.into_engine().1;
    assert!(
        again.state.cluster.topic("t").is_none(),
        "the test itself made it, after the first input"
    );
    assert_eq!(
        again.state.cluster.node_ids(),
        bench.engine.state.cluster.node_ids()
    );
    let file = happened.file().to_owned();
    drop(bench);
    assert!(!file.exists(), "the test passes");
}
