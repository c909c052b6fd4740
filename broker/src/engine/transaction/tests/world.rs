//! A cluster with clients that speak of transactions.

use std::time::Duration;

use crate::engine::context::Effect;
use crate::engine::testing::Bench;
use crate::engine::transaction::{Producer, TopicPartition};
use crate::wire::apis::{Request, Response};
use crate::wire::batch::BatchView;
use crate::wire::compression::Codec;
use crate::wire::ext::{OffsetFetchRequestTopic, TxnOffsetCommitRequestPartition};
use crate::wire::messages as m;
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::{NodeId, ProducerEpoch, ProducerId, Sequence, WallMillis};

/// A code that is not 0.
pub(super) type Refused = i16;

/// One node, and whatever its clients ask for.
pub(super) struct World {
    pub(super) bench: Bench,
}

/// Takes the one kind of response that can come.
macro_rules! expect {
    ($response:expr, $kind:ident) => {
        match $response {
            Response::$kind(response) => response,
            other => panic!("{other:?}"),
        }
    };
}

const fn checked<T>(code: i16, value: T) -> Result<T, Refused>
where
    T: Copy,
{
    if code == 0 { Ok(value) } else { Err(code) }
}

impl World {
    /// A cluster with topics `a` and `b` of two partitions each.
    pub(super) fn new(settings: &[(&str, &str)]) -> Self {
        let mut given = vec![
            ("transaction.state.log.replication.factor", "1"),
            ("transaction.state.log.min.isr", "1"),
            ("offsets.topic.replication.factor", "1"),
        ];
        given.extend(settings);
        let mut bench = Bench::new(&given);
        bench.topic("a", 2);
        bench.topic("b", 2);
        let find = m::FindCoordinatorRequest::default()
            .with_key("t".into())
            .with_key_type(1);
        bench.ask(3, find);
        bench.find_coordinator("g");
        Self { bench }
    }

    pub(super) fn init(
        &mut self,
        id: &str,
        timeout_ms: i32,
        expected: Option<Producer>,
    ) -> Result<Producer, Refused> {
        let (producer, epoch) = expected.map_or((-1, -1), |was| (was.id.0, was.epoch.0));
        let request = m::InitProducerIdRequest::default()
            .with_transactional_id(Some(m::StrBytes::from_string(id.to_owned()).into()))
            .with_transaction_timeout_ms(timeout_ms)
            .with_producer_id(producer.into())
            .with_producer_epoch(epoch);
        let answer = expect!(self.bench.ask(4, request), InitProducerId);
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
            .with_name(m::StrBytes::from_string(place.topic.clone()).into())
            .with_partitions(vec![place.partition]);
        let request = m::AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(m::StrBytes::from_string(id.to_owned()).into())
            .with_v3_and_below_producer_id(producer.id.0.into())
            .with_v3_and_below_producer_epoch(producer.epoch.0)
            .with_v3_and_below_topics(vec![topic]);
        let answer = expect!(self.bench.ask(3, request), AddPartitionsToTxn);
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
            .with_transactional_id(m::StrBytes::from_string(id.to_owned()).into())
            .with_producer_id(producer.id.0.into())
            .with_producer_epoch(producer.epoch.0)
            .with_committed(commit);
        let answer = expect!(self.bench.ask(version, request), EndTxn);
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
        let answer = expect!(self.ask_patiently(version, request), Produce);
        let row = &answer.responses[0].partition_responses[0];
        checked(row.error_code, row.base_offset)
    }

    /// Commits an offset for partition 0 of `a` in a transaction.
    pub(super) fn commit_offset(
        &mut self,
        (id, producer): (&str, Producer),
        group: &str,
        offset: i64,
        version: i16,
    ) -> Result<(), Refused> {
        let partition = TxnOffsetCommitRequestPartition {
            committed_offset: offset,
            ..TxnOffsetCommitRequestPartition::default()
        };
        let topic = m::TxnOffsetCommitRequestTopic {
            name: m::StrBytes::from_static_str("a").into(),
            partitions: vec![partition],
            ..m::TxnOffsetCommitRequestTopic::default()
        };
        let request = m::TxnOffsetCommitRequest {
            transactional_id: m::StrBytes::from_string(id.to_owned()).into(),
            group_id: m::StrBytes::from_string(group.to_owned()).into(),
            producer_id: producer.id.0.into(),
            producer_epoch: producer.epoch.0,
            topics: vec![topic],
            ..m::TxnOffsetCommitRequest::default()
        };
        let answer = expect!(self.bench.ask(version, request), TxnOffsetCommit);
        checked(answer.topics[0].partitions[0].error_code, ())
    }

    /// AddOffsetsToTxn.
    pub(super) fn add_offsets(
        &mut self,
        (id, producer): (&str, Producer),
        group: &str,
    ) -> Result<(), Refused> {
        let request = m::AddOffsetsToTxnRequest::default()
            .with_transactional_id(m::StrBytes::from_string(id.to_owned()).into())
            .with_producer_id(producer.id.0.into())
            .with_producer_epoch(producer.epoch.0)
            .with_group_id(m::StrBytes::from_string(group.to_owned()).into());
        let answer = expect!(self.bench.ask(3, request), AddOffsetsToTxn);
        checked(answer.error_code, ())
    }

    /// The offset that a group has committed for partition 0 of `a`.
    pub(super) fn offset(&mut self, group: &str, stable: bool) -> Result<i64, Refused> {
        let topic = OffsetFetchRequestTopic {
            name: m::StrBytes::from_static_str("a").into(),
            partition_indexes: vec![0],
        };
        let request = m::OffsetFetchRequest {
            group_id: m::StrBytes::from_string(group.to_owned()).into(),
            topics: Some(vec![topic]),
            require_stable: stable,
            ..m::OffsetFetchRequest::default()
        };
        let answer = expect!(self.bench.ask(7, request), OffsetFetch);
        let row = &answer.topics[0].partitions[0];
        checked(row.error_code, row.committed_offset)
    }

    /// What the node answers, if need be after a while.
    fn ask_patiently(&mut self, version: i16, request: impl Into<Request>) -> Response {
        let mut effects = self.bench.send(version, request);
        while effects.0.is_empty() {
            let at = self.bench.engine.next_deadline().unwrap();
            let wait = at.saturating_sub(self.bench.now.elapsed);
            self.bench.now = self.bench.now.plus(wait);
            self.bench.engine.on_deadline(self.bench.now, &mut effects);
        }
        match effects.0.pop() {
            Some(Effect::Reply { response, .. }) => response,
            other => panic!("no reply but {other:?}"),
        }
    }

    /// How far the transaction is, as DescribeTransactions says it.
    pub(super) fn describe(&mut self, id: &str) -> Result<String, Refused> {
        let id = m::StrBytes::from_string(id.to_owned()).into();
        let request = m::DescribeTransactionsRequest::default().with_transactional_ids(vec![id]);
        let answer = expect!(self.bench.ask(0, request), DescribeTransactions);
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

    /// What a reader gets: the values, those of aborted transactions left out if it wants none.
    pub(super) fn read(&mut self, place: &TopicPartition, committed: bool) -> Vec<String> {
        use m::fetch_request::{FetchPartition, FetchTopic};
        let partition = FetchPartition::default()
            .with_partition(place.partition)
            .with_partition_max_bytes(1 << 20);
        let topic = FetchTopic::default()
            .with_topic(m::StrBytes::from_string(place.topic.clone()).into())
            .with_partitions(vec![partition]);
        let request = m::FetchRequest::default()
            .with_max_bytes(1 << 20)
            .with_isolation_level(i8::from(committed))
            .with_session_epoch(-1)
            .with_topics(vec![topic]);
        let answer = expect!(self.bench.ask(12, request), Fetch);
        let row = &answer.responses[0].partitions[0];
        assert_eq!(row.error_code, 0);
        let aborted = row.aborted_transactions.iter().flatten();
        let aborted = aborted.map(|row| (row.producer_id.0, row.first_offset));
        let records = row.records.clone().unwrap_or_default();
        visible(
            &BatchView::parse_all(&records).unwrap(),
            &aborted.collect::<Vec<_>>(),
        )
    }

    pub(super) fn last_stable_offset(&self, place: &TopicPartition) -> i64 {
        let topic = self.bench.engine.cluster.topic(&place.topic).unwrap();
        let log = &topic.partition(place.partition).unwrap().log;
        log.last_stable_offset().0
    }

    pub(super) fn end_offset(&self, place: &TopicPartition) -> i64 {
        let topic = self.bench.engine.cluster.topic(&place.topic).unwrap();
        topic.partition(place.partition).unwrap().log.end().0
    }

    pub(super) fn pass(&mut self, millis: u64) {
        self.bench.advance(Duration::from_millis(millis));
    }

    /// The level of `transaction.version`.
    pub(super) fn set_level(&mut self, level: i16) {
        self.bench.engine.features.set("transaction.version", level);
    }

    /// Where the state topic keeps an id of one letter.
    pub(super) fn partition_of(id: &str) -> i32 {
        i32::from(id.as_bytes()[0]) % 50
    }

    pub(super) fn elect(&mut self, place: &TopicPartition) {
        let cluster = &mut self.bench.engine.cluster;
        let partition = cluster.partition_mut(&place.topic, place.partition);
        partition.unwrap().elect(NodeId(0));
    }

    pub(super) fn lose_leader(&mut self, place: &TopicPartition) {
        let cluster = &mut self.bench.engine.cluster;
        let partition = cluster.partition_mut(&place.topic, place.partition);
        partition.unwrap().leader = None;
    }

    /// Keeps markers back, or lets them be written.
    pub(super) fn hold_markers(&mut self, hold: bool) {
        self.bench.engine.transactions.hold_markers(hold);
        let request = m::ApiVersionsRequest::default();
        self.bench.ask(0, request);
    }
}

/// One record to write.
pub(super) struct Write<'a> {
    /// None for a producer that is idempotent only.
    pub(super) id: Option<&'a str>,
    pub(super) producer: Producer,
    pub(super) sequence: i32,
    pub(super) place: TopicPartition,
    pub(super) value: &'a str,
}

impl Write<'_> {
    pub(super) fn request(&self, now: WallMillis) -> m::ProduceRequest {
        let data = m::PartitionProduceData {
            index: self.place.partition,
            records: Some(self.batch(now).to_bytes()).into(),
        };
        let topic = m::TopicProduceData {
            name: m::StrBytes::from_string(self.place.topic.clone()).into(),
            partition_data: vec![data],
            ..m::TopicProduceData::default()
        };
        let id = self.id;
        m::ProduceRequest {
            acks: -1,
            timeout_ms: 1000,
            transactional_id: id.map(|id| m::StrBytes::from_string(id.to_owned()).into()),
            topic_data: vec![topic],
        }
    }

    fn batch(&self, now: WallMillis) -> BatchView {
        let mut builder = BatchBuilder::default();
        builder.header.producer_id = self.producer.id;
        builder.header.producer_epoch = self.producer.epoch;
        builder.header.base_sequence = Sequence(self.sequence);
        if self.id.is_some() {
            builder.header.attributes = builder.header.attributes.with_transactional();
        }
        let record = NewRecord::new(None, Some(self.value.as_bytes()));
        builder.append(0, now, &record);
        builder.build(Codec::None).unwrap()
    }
}

/// What is left after a client's own filter: a producer's records are dropped from where its aborted
/// transaction begins up to the abort marker.
fn visible(batches: &[BatchView], aborted: &[(i64, i64)]) -> Vec<String> {
    let mut dropping: Vec<i64> = Vec::new();
    let mut values = Vec::new();
    for batch in batches {
        let id = batch.header().producer_id.0;
        let begins =
            |(producer, first): &&(i64, i64)| *producer == id && *first == batch.base_offset().0;
        if aborted.iter().any(|entry| begins(&entry)) {
            dropping.push(id);
        }
        if batch.is_control() {
            dropping.retain(|producer| *producer != id);
            continue;
        }
        if batch.is_transactional() && dropping.contains(&id) {
            continue;
        }
        let unfolded = batch.unfold().unwrap();
        for record in unfolded.iter() {
            let value = record.unwrap().value.unwrap_or_default();
            values.push(String::from_utf8(value.to_vec()).unwrap());
        }
    }
    values
}
