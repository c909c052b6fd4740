//! Records written without a client.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::producers::OwnProducer;
use super::{CommandFailure, partitioner};
use crate::engine::Engine;
use crate::engine::context::Effects;
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::apis::Response;
use crate::wire::compression::Codec;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    PartitionProduceData, ProduceRequest, TopicName, TopicProduceData, str_bytes,
};
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::{Sequence, WallMillis};

/// A version that names topics, and to which partitions of a transaction must have been added before.
const VERSION: i16 = 11;

/// A record to be.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RecordToWrite {
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    /// By default the cluster's time of day.
    pub(crate) timestamp: Option<i64>,
}

/// A record and the partition that it is meant for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PlacedRecord {
    /// By default the one that Kafka's producers choose for the key, and 0 without a key.
    pub(crate) partition: Option<i32>,
    pub(crate) record: RecordToWrite,
}

/// What a producer sends of one partition at once.
type Lot<'a> = Vec<(usize, &'a RecordToWrite)>;

impl Engine {
    /// Writes records to a topic as a producer with `acks=1` does, one batch a partition, and says where each lies: its
    /// partition and offset. With a transactional id a new producer begins a transaction for them, which stays open.
    ///
    /// # Errors
    /// What the first partition that takes no records answers. Those in lower partitions are written then.
    pub(in crate::engine) fn produce_records(
        &mut self,
        now: Now,
        (topic, transactional_id): (&str, Option<&str>),
        records: &[PlacedRecord],
        effects: &mut Effects,
    ) -> Result<Vec<(i32, i64)>, CommandFailure> {
        let lots = self.lots(topic, records)?;
        let producer = match transactional_id {
            Some(id) => {
                let partitions = lots.keys().copied().collect();
                Some(self.begin_transaction(now, id, (topic, partitions), effects)?)
            }
            None => None,
        };
        let mut places = vec![(0, 0); records.len()];
        for (partition, lot) in lots {
            let at = TopicPartition::at(topic, partition);
            let request = request(at, now, &lot, producer.as_ref())?;
            let base = self.produce(now, at, request, effects)?;
            for ((place, _), offset) in lot.into_iter().zip(base..) {
                if let Some(place) = places.get_mut(place) {
                    *place = (partition, offset);
                }
            }
        }
        Ok(places)
    }

    /// The records of each partition in order, and the place of each among all of them.
    fn lots<'a>(
        &self,
        topic: &str,
        records: &'a [PlacedRecord],
    ) -> Result<BTreeMap<i32, Lot<'a>>, CommandFailure> {
        let unknown = || CommandFailure::by_kafka(ErrorCode::UnknownTopicOrPartition.code(), None);
        let found = self.state.cluster.topic(topic).ok_or_else(unknown)?;
        let count = found.partitions.len();
        let mut lots: BTreeMap<i32, Lot<'_>> = BTreeMap::new();
        for (at, placed) in records.iter().enumerate() {
            let by_key = |key: &Vec<u8>| partitioner::partition(key, count);
            let of_key = || placed.record.key.as_ref().map(by_key);
            let partition = placed.partition.or_else(of_key).unwrap_or_default();
            found.partition(partition).ok_or_else(unknown)?;
            lots.entry(partition)
                .or_default()
                .push((at, &placed.record));
        }
        Ok(lots)
    }

    /// Sends one batch to the leader of its partition, and says where it begins.
    fn produce(
        &mut self,
        now: Now,
        place: TopicPartition<&str>,
        request: ProduceRequest,
        effects: &mut Effects,
    ) -> Result<i64, CommandFailure> {
        let TopicPartition { topic, partition } = place;
        let found = self.state.cluster.topic(topic);
        let partition = found.and_then(|topic| topic.partition(partition));
        let Some(leader) = partition.and_then(|partition| partition.leader) else {
            let code = ErrorCode::LeaderNotAvailable.code();
            return Err(CommandFailure::by_kafka(code, None));
        };
        let answer = self.ask_itself(now, (leader, VERSION), request.into(), effects);
        let mut refused = CommandFailure::by_kafka(ErrorCode::UnknownServerError.code(), None);
        if let Some(Response::Produce(answer)) = answer {
            let topics = answer.responses.iter();
            let mut said = topics.flat_map(|topic| &topic.partition_responses);
            if let Some(said) = said.next() {
                if said.error_code == 0 {
                    return Ok(said.base_offset);
                }
                refused = CommandFailure::by_kafka(said.error_code, said.error_message.as_deref());
            }
        }
        Err(refused)
    }
}

fn request(
    place: TopicPartition<&str>,
    now: Now,
    lot: &Lot<'_>,
    producer: Option<&OwnProducer>,
) -> Result<ProduceRequest, CommandFailure> {
    let mut builder = BatchBuilder::default();
    if let Some(producer) = producer {
        let header = &mut builder.header;
        header.attributes = header.attributes.with_transactional();
        (header.producer_id, header.producer_epoch) = (producer.id, producer.epoch);
        header.base_sequence = Sequence(0);
    }
    for (delta, (_, record)) in (0..).zip(lot) {
        let headers = NewRecord::raw_headers(&record.headers);
        let timestamp = WallMillis(record.timestamp.unwrap_or(now.wall.0));
        let new = NewRecord::new(record.key.as_deref(), record.value.as_deref());
        builder.append(delta, timestamp, &new.with_headers(&headers));
    }
    let batch = builder.build(Codec::None);
    let batch = batch.map_err(|error| CommandFailure::Impossible(error.to_string()))?;
    let data = PartitionProduceData {
        index: place.partition,
        records: Some(batch.to_bytes()).into(),
    };
    let name = TopicName(str_bytes(place.topic));
    let topic = TopicProduceData {
        name,
        partition_data: vec![data],
        ..TopicProduceData::default()
    };
    let id = producer.map(|producer| str_bytes(&producer.transactional_id));
    Ok(ProduceRequest {
        transactional_id: id.map(Into::into),
        acks: 1,
        timeout_ms: 30_000,
        topic_data: vec![topic],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::Command;
    use crate::engine::input::Reply;
    use crate::engine::testing::Bench;

    fn record(partition: Option<i32>, key: Option<&str>, value: &str) -> PlacedRecord {
        PlacedRecord {
            partition,
            record: RecordToWrite {
                key: key.map(|key| key.as_bytes().to_vec()),
                value: Some(value.as_bytes().to_vec()),
                ..RecordToWrite::default()
            },
        }
    }

    fn write(
        bench: &mut Bench,
        records: Vec<PlacedRecord>,
        transactional_id: Option<&str>,
    ) -> Result<Vec<(i32, i64)>, String> {
        let written = bench.command(Command::WriteRecords {
            topic: "t".to_owned(),
            records,
            transactional_id: transactional_id.map(str::to_owned),
        });
        written
            .map(Reply::written)
            .map_err(|refused| refused.to_string())
    }

    #[test]
    fn each_record_goes_to_its_partition_in_order() {
        let mut bench = Bench::of_nodes(3, &[]);
        bench.topic("t", 3);
        let by_key = partitioner::partition(b"customer-42", 3);
        let records = vec![
            record(Some(2), None, "a"),
            record(None, Some("customer-42"), "b"),
            record(Some(2), None, "c"),
            record(None, None, "d"),
        ];
        let places = write(&mut bench, records, None).unwrap();
        assert_eq!(places[0], (2, 0));
        assert_eq!(places[1].0, by_key);
        assert_eq!(places[2].0, 2);
        assert_eq!(places[3].0, 0);
        let mut different = places.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 4, "{places:?}");
    }

    #[test]
    fn a_transaction_stays_open_until_the_next_begins() {
        let mut bench = Bench::of_nodes(3, &[]);
        bench.topic("t", 2);
        let records = vec![record(Some(0), None, "a"), record(Some(1), None, "b")];
        write(&mut bench, records, Some("x")).unwrap();
        let view = bench.engine.state.partition_view("t", 1).unwrap();
        assert_eq!((view.last_stable_offset, view.high_watermark), (0, 1));
        let open = bench.engine.state.transaction_view("x").unwrap();
        assert_eq!(open.state, "Ongoing");
        // Another one of this id aborts it.
        let places = write(&mut bench, vec![record(Some(1), None, "c")], Some("x")).unwrap();
        assert_eq!(places, [(1, 2)], "after the marker");
        let view = bench.engine.state.partition_view("t", 1).unwrap();
        assert_eq!((view.last_stable_offset, view.high_watermark), (2, 3));
        let view = bench.engine.state.partition_view("t", 0).unwrap();
        assert_eq!((view.last_stable_offset, view.high_watermark), (2, 2));
    }

    #[test]
    fn what_is_not_taken_is_said_in_kafkas_words() {
        #[track_caller]
        fn check(bench: &mut Bench, new: PlacedRecord, id: Option<&str>, words: &str) {
            let why = write(bench, vec![new], id).unwrap_err();
            assert!(why.starts_with(words), "{why}");
        }
        let mut bench = Bench::new(&[("message.max.bytes", "100")]);
        bench.topic("t", 1);
        let long = "x".repeat(200);
        check(
            &mut bench,
            record(None, None, &long),
            None,
            "MESSAGE_TOO_LARGE: ",
        );
        let nowhere = "UNKNOWN_TOPIC_OR_PARTITION: ";
        check(&mut bench, record(Some(1), None, "a"), None, nowhere);
        check(
            &mut bench,
            record(None, None, "a"),
            Some(""),
            "INVALID_REQUEST: ",
        );
    }
}
