//! Snapshots taken of a cluster in which something of everything has happened.

#![expect(clippy::wildcard_enum_match_arm, reason = "one answer is expected")]

mod files;
mod whole;

use bytes::Bytes;

use super::Snapshot;
use crate::engine::cluster::configs::Overrides;
use crate::engine::commands::Command;
use crate::engine::context::{ConnectionId, Effect, Effects};
use crate::engine::quota::{Alteration, Entity};
use crate::engine::testing::Bench;
use crate::engine::time::Now;
use crate::wire::apis::Response;
use crate::wire::batch::BatchView;
use crate::wire::compression::Codec;
use crate::wire::messages as m;
use crate::wire::messages::str_bytes;
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::{NodeId, Offset, ProducerEpoch, ProducerId, Sequence};

const GROUP: &str = "g";
const ID: &str = "tx";
const KEY: &str = "k";

/// Two nodes with topics `t` and, compacted, `c`; node 1 leads what a producer writes to.
fn bench() -> Bench {
    let settings = [
        ("offsets.topic.num.partitions", "3"),
        ("transaction.state.log.num.partitions", "3"),
    ];
    let mut bench = Bench::of_nodes(2, &settings);
    bench.topic("t", 2);
    let replicas = vec![vec![NodeId(0), NodeId(1)]];
    let compacted = ("cleanup.policy".to_owned(), "compact".to_owned());
    let settings = Overrides::from([
        compacted,
        ("segment.bytes".to_owned(), "1048576".to_owned()),
    ]);
    bench
        .engine
        .state
        .create_topic(bench.now, "c", replicas, settings, false);
    bench.find_coordinator(GROUP);
    let find = m::FindCoordinatorRequest::default()
        .with_key(str_bytes(ID))
        .with_key_type(1);
    bench.ask(1, find);
    bench
}

/// A cluster in which something of everything has happened.
fn used() -> Bench {
    let mut bench = bench();
    for value in ["a", "b", "c"] {
        bench.append("t", 0, value);
        keyed(&mut bench, value);
    }
    commit(&mut bench, 2);
    heartbeat(&mut bench);
    let producer = init(&mut bench);
    write(&mut bench, producer, 0);
    end(&mut bench, producer, false);
    let producer = init(&mut bench);
    write(&mut bench, producer, 0);
    configure(&mut bench, "log.retention.ms", "700000000");
    limit(&mut bench, 7_000_000.0);
    bench.engine.state.features.set("transaction.version", 1);
    let first = bench.engine.state.cluster.partition_mut("t", 0).unwrap();
    first.log.delete_records(Offset(1)).unwrap();
    bench.engine.state.count_log_bytes("t", 0);
    bench
}

/// Writes a record with a key to `c`.
fn keyed(bench: &mut Bench, value: &str) {
    let mut builder = BatchBuilder::default();
    let record = NewRecord::new(Some(KEY.as_bytes()), Some(value.as_bytes()));
    builder.append(0, bench.now.wall, &record);
    produce(bench, ("c", 0), None, &builder.build(Codec::None).unwrap());
}

fn produce(bench: &mut Bench, (topic, index): (&str, i32), id: Option<&str>, batch: &BatchView) {
    let data = m::PartitionProduceData {
        index,
        records: Some(batch.to_bytes()).into(),
    };
    let topic_data = m::TopicProduceData {
        name: str_bytes(topic).into(),
        partition_data: vec![data],
        ..Default::default()
    };
    let request = m::ProduceRequest {
        acks: -1,
        timeout_ms: 1000,
        transactional_id: id.map(|id| str_bytes(id).into()),
        topic_data: vec![topic_data],
    };
    let found = bench.engine.state.cluster.topic(topic).unwrap();
    let leader = found.partition(index).unwrap().leader;
    match bench.ask_node(leader.unwrap(), 12, request) {
        Response::Produce(answer) => {
            let row = &answer.responses[0].partition_responses[0];
            assert_eq!(row.error_code, 0, "{answer:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// Changes whatever can be changed.
fn change(bench: &mut Bench) {
    bench.append("t", 0, "later");
    bench.append("t", 1, "later");
    commit(bench, 3);
    bench.engine.state.delete_topic(bench.now, "c");
    bench.topic("u", 3);
    bench.append("u", 2, "later");
    let producer = init(bench);
    write(bench, producer, 0);
    configure(bench, "log.retention.ms", "900000000");
    limit(bench, 9_000_000.0);
    bench.engine.state.features.set("transaction.version", 2);
    bench.turn_node(NodeId(1), false);
    bench.advance(std::time::Duration::from_secs(100));
}

fn commit(bench: &mut Bench, offset: i64) {
    let partition = m::OffsetCommitRequestPartition {
        committed_offset: offset,
        ..Default::default()
    };
    let topic = m::OffsetCommitRequestTopic {
        name: str_bytes("t").into(),
        partitions: vec![partition],
        ..Default::default()
    };
    let request = m::OffsetCommitRequest {
        group_id: str_bytes(GROUP).into(),
        generation_id_or_member_epoch: -1,
        retention_time_ms: -1,
        topics: vec![topic],
        ..Default::default()
    };
    let node = super::super::group::coordinator::leader(&bench.engine.state.cluster, GROUP);
    bench.ask_node(node.unwrap(), 2, request);
}

/// A consumer group (KIP-848) with a member.
fn heartbeat(bench: &mut Bench) {
    let request = m::ConsumerGroupHeartbeatRequest::default()
        .with_group_id(str_bytes("k848").into())
        .with_member_id(str_bytes("m"))
        .with_rebalance_timeout_ms(60_000)
        .with_subscribed_topic_names(Some(vec![str_bytes("t").into()]))
        .with_topic_partitions(Some(Vec::new()));
    let node = super::super::group::coordinator::leader(&bench.engine.state.cluster, "k848");
    match bench.ask_node(node.unwrap(), 0, request) {
        Response::ConsumerGroupHeartbeat(answer) => assert_eq!(answer.error_code, 0, "{answer:?}"),
        other => panic!("{other:?}"),
    }
}

type Producer = (ProducerId, ProducerEpoch);

fn init(bench: &mut Bench) -> Producer {
    let request = m::InitProducerIdRequest::default()
        .with_transactional_id(Some(str_bytes(ID).into()))
        .with_transaction_timeout_ms(600_000);
    let node = bench.engine.state.transaction_coordinator(ID).unwrap();
    match bench.ask_node(node, 4, request) {
        Response::InitProducerId(answer) => (
            ProducerId(answer.producer_id.0),
            ProducerEpoch(answer.producer_epoch),
        ),
        other => panic!("{other:?}"),
    }
}

/// Writes a record to `t-1` in the producer's transaction.
fn write(bench: &mut Bench, (id, epoch): Producer, sequence: i32) {
    let mut builder = BatchBuilder::default();
    builder.header.producer_id = id;
    builder.header.producer_epoch = epoch;
    builder.header.base_sequence = Sequence(sequence);
    builder.header.attributes = builder.header.attributes.with_transactional();
    let record = NewRecord::new(Some(KEY.as_bytes()), Some(b"in a transaction"));
    builder.append(0, bench.now.wall, &record);
    let batch = builder.build(Codec::Lz4).unwrap();
    produce(bench, ("t", 1), Some(ID), &batch);
}

fn end(bench: &mut Bench, (id, epoch): Producer, commit: bool) {
    let request = m::EndTxnRequest::default()
        .with_transactional_id(str_bytes(ID).into())
        .with_producer_id(id.0.into())
        .with_producer_epoch(epoch.0)
        .with_committed(commit);
    let node = bench.engine.state.transaction_coordinator(ID).unwrap();
    bench.ask_node(node, 5, request);
}

fn configure(bench: &mut Bench, name: &str, value: &str) {
    let config = m::incremental_alter_configs_request::AlterableConfig::default()
        .with_name(str_bytes(name))
        .with_value(Some(str_bytes(value)));
    let resource = m::incremental_alter_configs_request::AlterConfigsResource::default()
        .with_resource_type(4)
        .with_configs(vec![config]);
    let request = m::IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
    match bench.ask(1, request) {
        Response::IncrementalAlterConfigs(answer) => {
            assert_eq!(answer.responses[0].error_code, 0, "{answer:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// Sets a client's quota.
fn limit(bench: &mut Bench, rate: f64) {
    let name = |text: &str| Some(text.to_owned());
    let alteration = Alteration {
        entity: Entity::new([("client-id".to_owned(), name("other"))]),
        ops: vec![("producer_byte_rate".to_owned(), Some(rate))],
    };
    let altered = bench
        .engine
        .state
        .quotas
        .alter(vec![alteration], false)
        .unwrap();
    assert!(altered.iter().all(|(_, result)| result.is_ok()));
}

/// Everything that a snapshot keeps, as it is seen from outside: what is equal before and after.
fn shown(bench: &Bench) -> Vec<String> {
    let engine = &bench.engine;
    let mut topics = engine.state.topic_views();
    for partition in topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
        // Grows where clients knew more than is there again.
        partition.leader_epoch = 0;
    }
    let all = engine.state.cluster.topics();
    let kept = all.map(|topic| {
        let logs = topic.partitions.iter().map(|partition| {
            let log = &partition.log;
            log.check_invariants();
            let bytes: Vec<Bytes> = log.batches().map(BatchView::to_bytes).collect();
            let aborted = log.aborted_transactions(Offset(0), log.end());
            format!(
                "{bytes:?} {aborted:?} {:?} {:?}",
                partition.elr, partition.lagging
            )
        });
        let logs: Vec<_> = logs.collect();
        format!("{} {:?} {logs:?}", topic.name, topic.overrides)
    });
    let kept: Vec<_> = kept.collect();
    let nodes: Vec<_> = engine.state.cluster.nodes.values().collect();
    let mut shown = vec![
        format!("{:?}", engine.state.cluster.id),
        format!("{nodes:?}"),
        format!("{:?}", engine.state.group_views(bench.now)),
        format!("{:?}", engine.state.transaction_views()),
        format!(
            "{:?} {:?}",
            engine.state.configs.changes(),
            engine.state.quotas.keep()
        ),
        format!("{:?}", engine.state.features.all()),
        format!("{}", engine.state.log_bytes()),
    ];
    shown.extend(topics.iter().map(|topic| format!("{topic:?}")));
    shown.extend(kept);
    shown
}

/// The same snapshot, read from the bytes of a file.
fn saved(snapshot: &Snapshot) -> Snapshot {
    Snapshot::from_bytes(snapshot.to_bytes().unwrap()).unwrap()
}

fn restore(bench: &mut Bench, snapshot: &Snapshot) -> Effects {
    let snapshot = snapshot.clone();
    let (restored, effects) = bench.tell(Command::Restore { snapshot });
    assert!(restored.is_ok(), "{restored:?}");
    effects
}
