//! A record that a producer writes.

use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::Producer;
use crate::wire::batch::BatchView;
use crate::wire::compression::Codec;
use crate::wire::messages as m;
use crate::wire::messages::str_bytes;
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::{Sequence, WallMillis};

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
            name: str_bytes(self.place.topic.clone()).into(),
            partition_data: vec![data],
            ..m::TopicProduceData::default()
        };
        let id = self.id;
        m::ProduceRequest {
            acks: -1,
            timeout_ms: 1000,
            transactional_id: id.map(|id| str_bytes(id).into()),
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
