mod members;

use std::time::Duration;

use super::*;
use crate::engine::cluster::configs::Overrides;
use crate::engine::commands::Command;
use crate::engine::commands::produce::RecordToWrite;
use crate::engine::fault::Rule;
use crate::engine::origin::{Located, NewCommit, NewRecord, NewTopic};
use crate::engine::state::StateTimer;
use crate::engine::testing::Bench;
use crate::wire::messages as m;
use crate::wire::messages::StrBytes;

const ALL: [Kind; 6] = [
    Kind::Topics,
    Kind::Groups,
    Kind::Transactions,
    Kind::Configs,
    Kind::Faults,
    Kind::Journal,
];

fn said<T>(what: T) -> Located<T> {
    Located { what, place: None }
}

fn rule(json: &str) -> Rule {
    serde_json::from_str(json).unwrap()
}

fn origin() -> Origin {
    let topic = NewTopic {
        name: "t".to_owned(),
        partitions: 2,
        replication: None,
        overrides: Overrides::new(),
    };
    let record = NewRecord {
        topic: "t".to_owned(),
        partition: Some(1),
        record: RecordToWrite::default(),
    };
    let commit = NewCommit {
        group: "g".to_owned(),
        topic: "t".to_owned(),
        partition: 0,
        offset: 0,
        metadata: String::new(),
    };
    Origin {
        snapshot: None,
        users: Vec::new(),
        acls: Vec::new(),
        access_keys: Vec::new(),
        policies: Vec::new(),
        topics: vec![said(topic)],
        records: vec![said(record)],
        commits: vec![said(commit)],
        faults: vec![said(rule(r#"{"api":"Heartbeat","observe":true}"#))],
    }
}

/// What there is, by the kind that it belongs to.
fn shown(bench: &Bench) -> [String; 6] {
    let engine = &bench.engine;
    let all = engine
        .state
        .cluster
        .topics()
        .filter(|topic| !topic.internal);
    let topics: Vec<_> = all
        .map(|topic| {
            let ends = topic.partitions.iter().map(|p| p.log.end());
            (topic.name.clone(), ends.collect::<Vec<_>>())
        })
        .collect();
    let groups = engine.state.group_views(bench.now).into_iter();
    let groups: Vec<_> = groups
        .map(|group| (group.id, group.offsets.len(), group.members.len()))
        .collect();
    let rules = engine
        .passage
        .faults
        .iter()
        .map(|mounted| mounted.rule.to_json());
    [
        format!("{topics:?}"),
        format!("{groups:?}"),
        format!("{:?}", engine.state.transactions.iter().collect::<Vec<_>>()),
        format!("{:?}", engine.state.configs.all_brokers()),
        format!("{:?}", rules.collect::<Vec<_>>()),
        format!("{}", engine.passage.journal.rows().count() < 10),
    ]
}

fn started() -> Bench {
    let mut bench = Bench::new(&[]);
    bench.engine.furnish(bench.now, &origin()).unwrap();
    bench
}

/// A cluster in which something of everything has happened, and three clients wait.
fn used() -> Bench {
    let mut bench = started();
    bench.topic("u", 1);
    for _ in 0..10 {
        bench.append("t", 1, "v");
        bench.append("u", 0, "v");
    }
    let fetched = m::fetch_request::FetchPartition::default()
        .with_partition(0)
        .with_partition_max_bytes(1)
        .with_fetch_offset(0);
    let topic = m::fetch_request::FetchTopic::default()
        .with_topic(StrBytes::from_static_str("t").into())
        .with_partitions(vec![fetched]);
    let fetch = m::FetchRequest::default()
        .with_max_wait_ms(60_000)
        .with_min_bytes(1)
        .with_max_bytes(1000)
        .with_topics(vec![topic]);
    let waits = bench.send_from(ConnectionId(1), "c", 12, fetch);
    assert!(waits.0.is_empty(), "{waits:?}");
    let protocol = m::join_group_request::JoinGroupRequestProtocol::default()
        .with_name(StrBytes::from_static_str("p"));
    let join = m::JoinGroupRequest::default()
        .with_group_id(StrBytes::from_static_str("h").into())
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(10_000)
        .with_protocol_type(StrBytes::from_static_str("consumer"))
        .with_protocols(vec![protocol]);
    bench.find_coordinator("h");
    let waits = bench.send_from(ConnectionId(2), "c", 1, join);
    assert!(waits.0.is_empty(), "{waits:?}");
    let id = StrBytes::from_static_str("tx");
    let find = m::FindCoordinatorRequest::default()
        .with_key(id.clone())
        .with_key_type(1);
    bench.ask(1, find);
    let init = m::InitProducerIdRequest::default()
        .with_transactional_id(Some(id.into()))
        .with_transaction_timeout_ms(60_000);
    bench.ask(4, init);
    let mut settings = bench.engine.state.configs.all_brokers().clone();
    settings.insert("num.partitions".to_owned(), "9".to_owned());
    bench.engine.state.configs.set_brokers(None, settings);
    let held = rule(r#"{"api":"ApiVersions","before_apply":"hold"}"#);
    bench.engine.passage.faults.mount(held, None).unwrap();
    let waits = bench.send_from(ConnectionId(3), "c", 0, m::ApiVersionsRequest::default());
    assert!(waits.0.is_empty(), "{waits:?}");
    bench
}

fn closed(effects: &Effects) -> Vec<u64> {
    let closes = effects.0.iter().filter_map(|effect| match effect {
        Effect::Close { connection, .. } => Some(connection.0),
        Effect::Reply { .. } | Effect::Encoded { .. } | Effect::Nothing { .. } => None,
    });
    closes.collect()
}

#[test]
fn after_a_reset_the_cluster_is_what_it_was_at_its_start() {
    let before = shown(&started());
    let mut bench = used();
    for (before, used) in before.iter().zip(shown(&bench)) {
        assert_ne!(*before, used);
    }
    let old_id = bench.engine.state.cluster.topic("t").unwrap().id;
    let old_bytes = started().engine.state.log_bytes();
    let waiting = bench.engine.passage.waiting().into_iter().map(|c| c.0);
    assert_eq!(waiting.collect::<Vec<_>>(), [1, 2, 3]);
    let (reset, effects) = bench.tell(Command::Reset { only: None });
    reset.unwrap();
    // The JoinGroup is answered.
    assert_eq!(closed(&effects), [1, 3]);
    assert!(bench.engine.passage.waiting().is_empty());
    assert_eq!(shown(&bench), before);
    assert_eq!(bench.engine.state.log_bytes(), old_bytes);
    assert_ne!(bench.engine.state.cluster.topic("t").unwrap().id, old_id);
    assert!(bench.engine.passage.parked.is_empty());
    assert_eq!(bench.engine.passage.held.tickets().count(), 0);
    assert_eq!(bench.engine.passage.timers.next(), None);
    for (_, key) in bench.engine.state.timers.iter() {
        assert!(matches!(key, StateTimer::Chore(_)), "{key:?}");
    }
    let end = bench.now.plus(Duration::from_secs(120));
    while let Some(effects) = bench.next_until(end) {
        assert!(effects.is_empty(), "{effects:?}");
    }
}

#[test]
fn a_connection_that_a_rule_throttled_is_throttled_no_more() {
    let mut bench = started();
    let throttle = rule(r#"{"api":"ListGroups","after_apply":{"throttle":"30s"}}"#);
    bench.engine.passage.faults.mount(throttle, None).unwrap();
    let waits = |bench: &mut Bench, connection| {
        let versions = m::ApiVersionsRequest::default();
        let effects = bench.send_from(ConnectionId(connection), "c", 0, versions);
        effects.0.is_empty()
    };
    for connection in [1, 2] {
        let groups = m::ListGroupsRequest::default();
        bench.send_from(ConnectionId(connection), "c", 4, groups);
    }
    assert!(waits(&mut bench, 2));
    let (reset, effects) = bench.tell(Command::Reset { only: None });
    reset.unwrap();
    assert_eq!(closed(&effects), [2]);
    assert!(!waits(&mut bench, 1));
}

#[test]
fn resets_hang_on_the_seed_alone() {
    let id = |mut bench: Bench| {
        bench.command(Command::Reset { only: None }).unwrap();
        bench.engine.state.cluster.topic("t").unwrap().id
    };
    assert_eq!(id(started()), id(used()));
}

#[test]
fn producer_ids_are_not_given_out_again() {
    let mut bench = used();
    let next = bench.engine.state.producer_ids.next();
    bench.command(Command::Reset { only: None }).unwrap();
    assert!(bench.engine.state.producer_ids.next().0 > next.0);
}

#[test]
fn one_kind_is_reset_and_the_others_stay() {
    let start = shown(&started());
    for (index, kind) in ALL.into_iter().enumerate() {
        let mut bench = used();
        let before = shown(&bench);
        let only = Some(vec![kind]);
        bench.command(Command::Reset { only }).unwrap();
        let after = shown(&bench);
        for other in 0..ALL.len() {
            let expected = if other == index { &start } else { &before };
            // The groups' offsets go with the topics that they are about.
            if (kind, other) != (Kind::Topics, 1) {
                assert_eq!(after[other], expected[other], "{kind:?}");
            }
        }
    }
}

#[test]
fn open_transactions_do_not_hold_back_readers_after_a_reset_of_transactions() {
    let mut bench = used();
    let [name, id] = ["t", "tx"].map(StrBytes::from_static_str);
    let (producer, epoch) = {
        let mut known = bench.engine.state.transactions.iter();
        let producer = known.next().unwrap().1.producer();
        (producer.id, producer.epoch)
    };
    let topic = m::add_partitions_to_txn_request::AddPartitionsToTxnTopic::default()
        .with_name(name.into())
        .with_partitions(vec![1]);
    let add = m::AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(id.into())
        .with_v3_and_below_producer_id(producer.0.into())
        .with_v3_and_below_producer_epoch(epoch.0)
        .with_v3_and_below_topics(vec![topic]);
    bench.ask(3, add);
    let only = Some(vec![Kind::Transactions]);
    bench.command(Command::Reset { only }).unwrap();
    assert_eq!(bench.engine.state.transactions.iter().count(), 0);
    let last = bench.batches("t", 1).pop().unwrap();
    assert!(last.is_control());
}
