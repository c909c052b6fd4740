//! A record written without a client.

use serde::{Deserialize, Serialize};

use super::Refused;
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
use crate::wire::units::WallMillis;

/// The last version that names topics.
const VERSION: i16 = 12;

/// A record to be.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RecordToWrite {
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    /// By default the cluster's time of day.
    pub(crate) timestamp: Option<i64>,
}

impl Engine {
    /// Writes a record to a partition, as a producer with `acks=1` does, and says at which offset.
    ///
    /// # Errors
    /// The partition's leader refuses it, or there is none.
    pub(in crate::engine) fn write_record(
        &mut self,
        now: Now,
        place: TopicPartition<&str>,
        record: &RecordToWrite,
        effects: &mut Effects,
    ) -> Result<i64, Refused> {
        let partition = self
            .state
            .cluster
            .topic(place.topic)
            .and_then(|t| t.partition(place.partition));
        let unknown = || Refused::Unknown(format!("there is no partition {place}"));
        let leader = partition.ok_or_else(unknown)?.leader;
        let node =
            leader.ok_or_else(|| Refused::Impossible(format!("{place} has no leader now")))?;
        let request = request(place, now, record)?;
        let answer = self.ask_itself(now, (node, VERSION), request.into(), effects);
        let mut answer_of_partition = Err(ErrorCode::UnknownServerError);
        if let Some(Response::Produce(answer)) = answer {
            let topics = answer.responses.iter();
            let mut said = topics.flat_map(|topic| &topic.partition_responses);
            if let Some(said) = said.next() {
                answer_of_partition = match said.error_code {
                    0 => Ok(said.base_offset),
                    code => Err(ErrorCode::of(code)),
                };
            }
        }
        answer_of_partition
            .map_err(|code| Refused::Impossible(format!("{place} refuses the record: {code}")))
    }
}

fn request(
    place: TopicPartition<&str>,
    now: Now,
    record: &RecordToWrite,
) -> Result<ProduceRequest, Refused> {
    let mut builder = BatchBuilder::default();
    let headers = NewRecord::raw_headers(&record.headers);
    let timestamp = WallMillis(record.timestamp.unwrap_or(now.wall.0));
    let new = NewRecord::new(record.key.as_deref(), record.value.as_deref());
    builder.append(0, timestamp, &new.with_headers(&headers));
    let batch = builder.build(Codec::None);
    let batch = batch.map_err(|error| Refused::Impossible(error.to_string()))?;
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
    Ok(ProduceRequest {
        acks: 1,
        timeout_ms: 30_000,
        topic_data: vec![topic],
        ..ProduceRequest::default()
    })
}
