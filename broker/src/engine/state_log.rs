//! Writing to the state topics, as Kafka's coordinator runtime does.
//!
//! Oracle: the records of one operation are one batch with the coordinator's time on each, without a
//! producer id unless they belong to a transaction; the base sequence is 0 even so, but not in
//! `__transaction_state`. What a request leads to is one batch or nothing: a request whose batch would be larger
//! than the topic allows is refused. What time leads to is cut instead.

use super::log::{AppendContext, AppendError, Origin};
use super::state::State;
use super::state_topic::StateTopic;
use super::time::Now;
use crate::wire::batch::{BatchView, HEADER_BYTES};
use crate::wire::compression::Codec;
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::state_records::StateRecord;
use crate::wire::units::{ProducerEpoch, ProducerId, Sequence, WallMillis};

/// Bytes that a record takes at most besides its key and value.
const RECORD_OVERHEAD: usize = 36;

/// Why records of a coordinator were not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StateLogError {
    #[error("the state topic has no such partition")]
    NoPartition,
    #[error(transparent)]
    Append(#[from] AppendError),
}

/// The producer whose transaction the records belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TransactionalProducer {
    pub(crate) id: ProducerId,
    pub(crate) epoch: ProducerEpoch,
}

/// How a topic takes a coordinator's batches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchTerms {
    /// `max.message.bytes`
    bytes_max: usize,
    codec: Codec,
}

impl BatchTerms {
    /// Whether these records may be one batch.
    pub(crate) fn allow<'a>(self, records: impl Iterator<Item = &'a StateRecord> + Clone) -> bool {
        let sizes = records.clone().map(size_at_most);
        let at_most = sizes.fold(HEADER_BYTES, usize::saturating_add);
        if at_most <= self.bytes_max {
            return true;
        }
        let built = batch(WallMillis(0), records, None, (self.codec, Sequence::NONE));
        built.is_ok_and(|batch| batch.size() <= self.bytes_max)
    }
}

impl State {
    /// How a state topic takes batches.
    pub(super) fn batch_terms(&self, topic: StateTopic) -> BatchTerms {
        BatchTerms {
            bytes_max: self.topic_config(topic.name()).log.max_message_bytes,
            codec: self.state_codec(topic),
        }
    }

    /// Appends a coordinator's records, pending if they belong to a transaction, and wakes who waits
    /// for them.
    pub(crate) fn append_state(
        &mut self,
        now: Now,
        (topic, index): (StateTopic, i32),
        records: &[StateRecord],
        producer: Option<TransactionalProducer>,
    ) -> Result<(), StateLogError> {
        let name = topic.name();
        let config = self.topic_config(name);
        let terms = self.batch_terms(topic);
        // The transaction coordinator has no runtime in Kafka, and writes as it always did.
        let first_sequence = match topic {
            StateTopic::Transactions => Sequence::NONE,
            StateTopic::Groups | StateTopic::Shares => Sequence(0),
        };
        for records in batches(records, terms) {
            let format = (terms.codec, first_sequence);
            let batch = batch(now.wall, records.iter(), producer, format)?;
            let partition = self.cluster.partition_mut(name, index);
            let partition = partition.ok_or(StateLogError::NoPartition)?;
            let context = AppendContext {
                config: &config.log,
                topic: name,
                partition: index,
                leader_epoch: partition.leader_epoch,
                origin: Origin::Coordinator,
                now,
                record_bytes_max: config.max_decompressed_message_bytes,
                transaction_v2: true,
            };
            let end = partition.log.end();
            partition.log.append(batch, &context)?;
            partition.log.tidy(&config.log, now, end);
        }
        self.count_log_bytes(name, index);
        self.outbox.wake_partition(name, index);
        Ok(())
    }

    /// `offsets.topic.compression.codec`; the other state topics are never compressed.
    fn state_codec(&self, topic: StateTopic) -> Codec {
        if topic != StateTopic::Groups {
            return Codec::None;
        }
        let node = self.cluster.controller();
        let id = self.broker_config(node).offsets_topic_compression_codec;
        Codec::from_id(id).unwrap_or_default()
    }
}

/// What a record takes at most in a batch.
fn size_at_most(record: &StateRecord) -> usize {
    let value = record.value.as_ref().map_or(0, bytes::Bytes::len);
    let bytes = record.key.len().saturating_add(value);
    bytes.saturating_add(RECORD_OVERHEAD)
}

/// The records in runs that make batches as the topic wants them; one that is too large stands alone.
fn batches(records: &[StateRecord], terms: BatchTerms) -> impl Iterator<Item = &[StateRecord]> {
    let mut rest = records;
    let is_one = terms.allow(records.iter());
    std::iter::from_fn(move || {
        if is_one && !rest.is_empty() {
            return Some(std::mem::take(&mut rest));
        }
        let mut size = HEADER_BYTES;
        let fits = rest.iter().take_while(|record| {
            size = size.saturating_add(size_at_most(record));
            size <= terms.bytes_max
        });
        let count = fits.count().clamp(1, rest.len().max(1));
        let (batch, tail) = rest.split_at_checked(count)?;
        rest = tail;
        Some(batch)
    })
}

fn batch<'a>(
    time: WallMillis,
    records: impl Iterator<Item = &'a StateRecord>,
    producer: Option<TransactionalProducer>,
    (codec, first_sequence): (Codec, Sequence),
) -> Result<BatchView, AppendError> {
    let mut builder = BatchBuilder::default();
    builder.header.base_sequence = first_sequence;
    if let Some(TransactionalProducer { id, epoch }) = producer {
        builder.header.attributes = builder.header.attributes.with_transactional();
        builder.header.producer_id = id;
        builder.header.producer_epoch = epoch;
    }
    for (delta, record) in (0..).zip(records) {
        let record = NewRecord::new(Some(&record.key), record.value.as_deref());
        builder.append(delta, time, &record);
    }
    builder
        .build(codec)
        .map_err(|error| AppendError::Validation(error.into()))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::engine::testing::Bench;

    fn record(key: &'static [u8], value: &'static [u8]) -> StateRecord {
        StateRecord {
            key: Bytes::from_static(key),
            value: (!value.is_empty()).then_some(Bytes::from_static(value)),
        }
    }

    const PLACE: (StateTopic, i32) = (StateTopic::Groups, 0);

    fn bench(settings: &[(&str, &str)]) -> Bench {
        let mut bench = Bench::new(settings);
        bench.find_coordinator("g");
        bench
    }

    #[test]
    fn a_batch_is_what_the_oracle_writes() {
        let mut bench = bench(&[]);
        let key = b"\0\x01\0\x06simple\0\x05other\0\0\0\0";
        bench.now.wall.0 = 1_795_425_256_064;
        let records = [record(key, &[])];
        bench
            .engine
            .state
            .append_state(bench.now, PLACE, &records, None)
            .unwrap();
        let batches = bench.batches("__consumer_offsets", 0);
        let [batch] = &batches[..] else {
            panic!("{batches:?}");
        };
        let oracle = concat!(
            "00000000000000000000004d000000000234e66258000000000000000001a207af4280000001a207af42",
            "80ffffffffffffffffffff0000000000000001360000002a0001000673696d706c6500056f7468657200",
            "0000000100",
        );
        let written = batch.to_bytes();
        let digits: String = written.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digits, oracle);
    }

    #[test]
    fn a_transaction_is_pending_until_its_marker() {
        let mut bench = bench(&[]);
        let producer = TransactionalProducer {
            id: ProducerId(4),
            epoch: ProducerEpoch(2),
        };
        let records = [record(b"k", b"v"), record(b"k", &[])];
        bench
            .engine
            .state
            .append_state(bench.now, PLACE, &records, Some(producer))
            .unwrap();
        let batches = bench.batches("__consumer_offsets", 0);
        assert_eq!(batches.len(), 1);
        let header = batches[0].header();
        assert!(batches[0].is_transactional());
        assert_eq!(header.producer_id, ProducerId(4));
        assert_eq!(header.producer_epoch, ProducerEpoch(2));
        assert_eq!(
            (header.base_sequence, header.record_count),
            (Sequence(0), 2)
        );
        let topic = bench
            .engine
            .state
            .cluster
            .topic("__consumer_offsets")
            .unwrap();
        let log = &topic.partition(0).unwrap().log;
        assert_eq!((log.last_stable_offset().0, log.end().0), (0, 2));
    }

    #[test]
    fn batches_stay_within_the_topics_bound() {
        let records = vec![record(b"key", b"value"); 3];
        let terms = |bytes_max| BatchTerms {
            bytes_max,
            codec: Codec::None,
        };
        let sizes = |bytes_max| -> Vec<usize> {
            let batches = batches(&records, terms(bytes_max));
            batches.map(<[_]>::len).collect()
        };
        assert_eq!(sizes(1000), [3]);
        // A record of eight bytes takes fifteen.
        assert_eq!(sizes(61 + 3 * 15), [3]);
        assert_eq!(sizes(61 + 3 * 15 - 1), [1, 1, 1]);
        assert_eq!(sizes(1), [1, 1, 1]);
        assert_eq!(batches(&[], terms(1000)).count(), 0);
    }

    #[test]
    fn the_offsets_topic_may_be_compressed() {
        let mut bench = bench(&[("offsets.topic.compression.codec", "1")]);
        let records = [record(b"k", b"v")];
        bench
            .engine
            .state
            .append_state(bench.now, PLACE, &records, None)
            .unwrap();
        let batches = bench.batches("__consumer_offsets", 0);
        assert_eq!(batches[0].codec(), Codec::Gzip);
    }
}
