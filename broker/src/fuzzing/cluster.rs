//! What the clusters of a fuzzer are made of.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use crate::engine::cluster::configs::{Overrides, StaticConfig};
use crate::engine::journal::JournalSettings;
use crate::engine::{
    Advertise, Listener, ListenerId, NodeAddress, NodeSettings, Protocol, Settings,
};
use crate::wire::messages::{PartitionProduceData, ProduceRequest, TopicProduceData, str_bytes};
use crate::wire::units::NodeId;

/// State topics of a partition each, and nothing that merely recurs every few seconds.
const SMALL: &[(&str, &str)] = &[
    ("offsets.topic.num.partitions", "1"),
    ("transaction.state.log.num.partitions", "1"),
    ("share.coordinator.state.topic.num.partitions", "1"),
    ("log.retention.check.interval.ms", "86400000"),
    ("log.cleaner.backoff.ms", "86400000"),
    ("producer.id.expiration.check.interval.ms", "86400000"),
    ("offsets.retention.check.interval.ms", "86400000"),
    (
        "transaction.remove.expired.transaction.cleanup.interval.ms",
        "86400000",
    ),
    ("delegation.token.expiry.check.interval.ms", "86400000"),
    (
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
        "86400000",
    ),
    (
        "share.coordinator.cold.partition.snapshot.interval.ms",
        "86400000",
    ),
    (
        "share.coordinator.state.topic.prune.interval.ms",
        "86400000",
    ),
];

/// A way in without a log-in.
pub(super) fn plain() -> Listener {
    Listener::new(
        "PLAINTEXT",
        Protocol::Plaintext,
        Vec::new(),
        Advertise::Bound,
    )
}

/// What a cluster is made of whose nodes are 0 and those after it.
pub(super) fn settings(nodes: usize, own: &[(&str, &str)], listeners: Vec<Listener>) -> Settings {
    let given = SMALL.iter().chain(own);
    let given: Vec<_> = given
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let (fixed, _) = StaticConfig::read(&[], &given, nodes).expect("Kafka's own settings");
    let ids = || (0..).map(NodeId).take(nodes);
    let node = |id| NodeSettings {
        id,
        rack: None,
        own: Overrides::new(),
    };
    let place = |node| NodeAddress {
        node,
        listener: ListenerId::default(),
        host: "localhost".to_owned(),
        port: 9092,
    };
    Settings {
        nodes: ids().map(node).collect(),
        fixed,
        seed: 7,
        max_log_bytes: 1 << 24,
        listeners,
        places: ids().map(place).collect(),
        release: None,
        msk: None,
        oauth: None,
        jwks: BTreeMap::new(),
        journal: JournalSettings::default(),
        auto_create_delay: Duration::ZERO,
        check_invariants: true,
    }
}

/// A request that writes one batch to the first partition of a topic.
pub(super) fn produce(topic: &str, batch: Bytes) -> ProduceRequest {
    let data = PartitionProduceData {
        records: Some(batch).into(),
        ..PartitionProduceData::default()
    };
    let data = TopicProduceData {
        name: str_bytes(topic).into(),
        partition_data: vec![data],
        ..TopicProduceData::default()
    };
    ProduceRequest {
        acks: -1,
        timeout_ms: 1000,
        topic_data: vec![data],
        ..ProduceRequest::default()
    }
}
