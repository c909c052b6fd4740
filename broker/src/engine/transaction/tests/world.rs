//! A cluster with clients that speak of transactions.

use super::write::Write;
use crate::engine::cluster::configs::Overrides;
use crate::engine::context::{ConnectionId, Effect};
use crate::engine::group::coordinator;
use crate::engine::snapshot::Snapshot;
use crate::engine::testing::Bench;
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::Producer;
use crate::wire::apis::{Request, Response};
use crate::wire::ext::{OffsetFetchRequestTopic, TxnOffsetCommitRequestPartition};
use crate::wire::messages as m;
use crate::wire::messages::str_bytes;
use crate::wire::units::{NodeId, ProducerEpoch, ProducerId};

/// A code that is not 0.
pub(super) type Refused = i16;

/// A cluster, and whatever its clients ask for. Each request goes to the node that serves it.
pub(super) struct World {
    pub(super) bench: Bench,
    /// What others were answered meanwhile.
    pub(super) inbox: Vec<(ConnectionId, Response)>,
    /// What the cluster can be again.
    pub(super) kept: Option<Snapshot>,
}

/// Who asks when nobody else is named.
const OWN: ConnectionId = ConnectionId(u64::MAX);

/// Takes the one kind of response that can come.
macro_rules! only {
    ($response:expr, $kind:ident) => {
        match $response {
            Response::$kind(response) => response,
            other => panic!("{other:?}"),
        }
    };
}
pub(super) use only;

const fn checked<T>(code: i16, value: T) -> Result<T, Refused>
where
    T: Copy,
{
    if code == 0 { Ok(value) } else { Err(code) }
}

impl World {
    /// One node with topics `a` and `b` of two partitions each.
    pub(super) fn new(settings: &[(&str, &str)]) -> Self {
        let mut world = Self::of_nodes(1, settings);
        world.bench.topic("a", 2);
        world.bench.topic("b", 2);
        world
    }

    /// So many nodes without topics; all of them have every partition.
    pub(super) fn of_nodes(count: usize, settings: &[(&str, &str)]) -> Self {
        let replicas = count.to_string();
        let mut given = vec![
            ("transaction.state.log.replication.factor", &*replicas),
            ("transaction.state.log.min.isr", "1"),
            ("offsets.topic.replication.factor", &*replicas),
        ];
        given.extend(settings);
        let mut bench = Bench::of_nodes(count, &given);
        let find = m::FindCoordinatorRequest::default()
            .with_key("t".into())
            .with_key_type(1);
        bench.ask(3, find);
        bench.find_coordinator("g");
        let inbox = Vec::new();
        let kept = None;
        Self { bench, inbox, kept }
    }

    /// A topic that every node has, and each leads a part of.
    pub(super) fn spread_topic(&mut self, name: &str, partitions: i32) {
        let engine = &mut self.bench.engine;
        let mut nodes = engine.state.cluster.node_ids();
        let replicas = (0..partitions).map(|_| {
            nodes.rotate_left(1);
            nodes.clone()
        });
        let replicas = replicas.collect();
        engine
            .state
            .create_topic(self.bench.now, name, replicas, Overrides::new(), false);
    }

    /// What the next request is asked for is at this node, if at any.
    pub(super) fn turn_to(&mut self, node: Option<NodeId>) {
        let live = self.bench.engine.state.cluster.live_ids();
        self.bench.node = node.or_else(|| live.first().copied()).unwrap();
    }

    fn turn_to_transaction(&mut self, id: &str) {
        let node = self.bench.engine.state.transaction_coordinator(id);
        self.turn_to(node);
    }

    /// The node that coordinates a group.
    pub(super) fn group_coordinator(&self, group: &str) -> Option<NodeId> {
        coordinator::leader(&self.bench.engine.state.cluster, group)
    }

    fn turn_to_group(&mut self, group: &str) {
        let node = self.group_coordinator(group);
        self.turn_to(node);
    }

    pub(super) fn turn_to_leader(&mut self, place: &TopicPartition) {
        let topic = self.bench.engine.state.cluster.topic(&place.topic);
        let node = topic.and_then(|topic| topic.partition(place.partition)?.leader);
        self.turn_to(node);
    }

    pub(super) fn init(
        &mut self,
        id: &str,
        timeout_ms: i32,
        expected: Option<Producer>,
    ) -> Result<Producer, Refused> {
        let (producer, epoch) = expected.map_or((-1, -1), |was| (was.id.0, was.epoch.0));
        let request = m::InitProducerIdRequest::default()
            .with_transactional_id(Some(str_bytes(id).into()))
            .with_transaction_timeout_ms(timeout_ms)
            .with_producer_id(producer.into())
            .with_producer_epoch(epoch);
        self.turn_to_transaction(id);
        let answer = only!(self.ask(4, request), InitProducerId);
        let producer = Producer {
            id: ProducerId(answer.producer_id.0),
            epoch: ProducerEpoch(answer.producer_epoch),
        };
        checked(answer.error_code, producer)
    }

    pub(super) fn add(
        &mut self,
        id: &str,
        producer: Producer,
        place: &TopicPartition,
    ) -> Result<(), Refused> {
        let topic = m::add_partitions_to_txn_request::AddPartitionsToTxnTopic::default()
            .with_name(str_bytes(place.topic.clone()).into())
            .with_partitions(vec![place.partition]);
        let request = m::AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(str_bytes(id).into())
            .with_v3_and_below_producer_id(producer.id.0.into())
            .with_v3_and_below_producer_epoch(producer.epoch.0)
            .with_v3_and_below_topics(vec![topic]);
        self.turn_to_transaction(id);
        let answer = only!(self.ask(3, request), AddPartitionsToTxn);
        let topic = &answer.results_by_topic_v3_and_below[0];
        checked(topic.results_by_partition[0].partition_error_code, ())
    }

    /// EndTxn; the producer's next identity if the version tells it.
    pub(super) fn end(
        &mut self,
        (id, producer): (&str, Producer),
        commit: bool,
        version: i16,
    ) -> Result<Producer, Refused> {
        let request = m::EndTxnRequest::default()
            .with_transactional_id(str_bytes(id).into())
            .with_producer_id(producer.id.0.into())
            .with_producer_epoch(producer.epoch.0)
            .with_committed(commit);
        self.turn_to_transaction(id);
        let answer = only!(self.ask(version, request), EndTxn);
        let next = Producer {
            id: ProducerId(answer.producer_id.0),
            epoch: ProducerEpoch(answer.producer_epoch),
        };
        let next = if version < 5 { producer } else { next };
        checked(answer.error_code, next)
    }

    /// Writes one record; its offset.
    pub(super) fn produce(&mut self, write: &Write<'_>, version: i16) -> Result<i64, Refused> {
        let request = write.request(self.bench.now.wall);
        self.turn_to_leader(&write.place);
        let answer = only!(self.ask(version, request), Produce);
        let row = &answer.responses[0].partition_responses[0];
        checked(row.error_code, row.base_offset)
    }

    /// Commits an offset for partition 0 of `a` in a transaction.
    pub(super) fn commit_offset(
        &mut self,
        by: (&str, Producer),
        group: &str,
        offset: i64,
        version: i16,
    ) -> Result<(), Refused> {
        let place = TopicPartition::new("a", 0);
        self.commit_offset_of(by, (group, "", -1), (&place, offset), version)
    }

    /// Commits an offset in a transaction, as a member of a group in its generation or epoch.
    pub(super) fn commit_offset_of(
        &mut self,
        (id, producer): (&str, Producer),
        (group, member, generation): (&str, &str, i32),
        (place, offset): (&TopicPartition, i64),
        version: i16,
    ) -> Result<(), Refused> {
        let partition = TxnOffsetCommitRequestPartition {
            partition_index: place.partition,
            committed_offset: offset,
            ..TxnOffsetCommitRequestPartition::default()
        };
        let topic = m::TxnOffsetCommitRequestTopic {
            name: str_bytes(place.topic.clone()).into(),
            partitions: vec![partition],
            ..m::TxnOffsetCommitRequestTopic::default()
        };
        let request = m::TxnOffsetCommitRequest {
            transactional_id: str_bytes(id).into(),
            group_id: str_bytes(group).into(),
            member_id: str_bytes(member),
            generation_id_or_member_epoch: generation,
            producer_id: producer.id.0.into(),
            producer_epoch: producer.epoch.0,
            topics: vec![topic],
            ..m::TxnOffsetCommitRequest::default()
        };
        self.turn_to_group(group);
        let answer = only!(self.ask(version, request), TxnOffsetCommit);
        checked(answer.topics[0].partitions[0].error_code, ())
    }

    /// AddOffsetsToTxn.
    pub(super) fn add_offsets(
        &mut self,
        (id, producer): (&str, Producer),
        group: &str,
    ) -> Result<(), Refused> {
        let request = m::AddOffsetsToTxnRequest::default()
            .with_transactional_id(str_bytes(id).into())
            .with_producer_id(producer.id.0.into())
            .with_producer_epoch(producer.epoch.0)
            .with_group_id(str_bytes(group).into());
        self.turn_to_transaction(id);
        let answer = only!(self.ask(3, request), AddOffsetsToTxn);
        checked(answer.error_code, ())
    }

    /// The offset that a group has committed for partition 0 of `a`.
    pub(super) fn offset(&mut self, group: &str, stable: bool) -> Result<i64, Refused> {
        self.offset_of(group, &TopicPartition::new("a", 0), stable)
    }

    /// The offset that a group has committed; -1 if none.
    pub(super) fn offset_of(
        &mut self,
        group: &str,
        place: &TopicPartition,
        stable: bool,
    ) -> Result<i64, Refused> {
        let topic = OffsetFetchRequestTopic {
            name: str_bytes(place.topic.clone()).into(),
            partition_indexes: vec![place.partition],
        };
        let request = m::OffsetFetchRequest {
            group_id: str_bytes(group).into(),
            topics: Some(vec![topic]),
            require_stable: stable,
            ..m::OffsetFetchRequest::default()
        };
        self.turn_to_group(group);
        let answer = only!(self.ask(7, request), OffsetFetch);
        if answer.error_code != 0 {
            return Err(answer.error_code);
        }
        let row = &answer.topics[0].partitions[0];
        checked(row.error_code, row.committed_offset)
    }

    /// What the node answers, if need be after a while. What others are answered is kept.
    pub(super) fn ask(&mut self, version: i16, request: impl Into<Request>) -> Response {
        let effects = self.bench.send(version, request);
        let mut answer = self.take(effects.0);
        while answer.is_none() {
            let at = self.bench.engine.next_deadline().unwrap();
            let wait = at.saturating_sub(self.bench.now.elapsed);
            self.bench.now = self.bench.now.plus(wait);
            let now = self.bench.now;
            let effects = self.bench.next_until(now).unwrap();
            answer = self.take(effects);
        }
        answer.unwrap()
    }

    /// Sends a request of somebody else to a node; what comes of it is in the inbox.
    pub(super) fn send_from(
        &mut self,
        connection: ConnectionId,
        node: NodeId,
        (version, request): (i16, Request),
    ) {
        self.bench.node = node;
        let effects = self.bench.send_from(connection, "test", version, request);
        assert!(self.take(effects.0).is_none());
    }

    /// Puts what others are answered into the inbox; what is left is the own answer.
    pub(super) fn take(&mut self, effects: Vec<Effect>) -> Option<Response> {
        let mut own = None;
        for effect in effects {
            match effect {
                Effect::Reply {
                    connection,
                    response,
                } if connection == OWN => own = Some(response),
                Effect::Reply {
                    connection,
                    response,
                } => self.inbox.push((connection, response)),
                other
                @ (Effect::Encoded { .. } | Effect::Nothing { .. } | Effect::Close { .. }) => {
                    panic!("no reply but {other:?}")
                }
            }
        }
        own
    }

    /// How far the transaction is, as DescribeTransactions says it.
    pub(super) fn describe(&mut self, id: &str) -> Result<String, Refused> {
        self.turn_to_transaction(id);
        let id = str_bytes(id).into();
        let request = m::DescribeTransactionsRequest::default().with_transactional_ids(vec![id]);
        let answer = only!(self.ask(0, request), DescribeTransactions);
        let row = &answer.transaction_states[0];
        if row.error_code != 0 {
            return Err(row.error_code);
        }
        let mut words = vec![
            row.transaction_state.to_string(),
            format!("{}@{}", row.producer_id.0, row.producer_epoch),
        ];
        for topic in &row.topics {
            let partitions = topic.partitions.iter();
            words.extend(partitions.map(|partition| format!("{}-{partition}", *topic.topic)));
        }
        Ok(words.join(" "))
    }
}
