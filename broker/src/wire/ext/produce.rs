//! The Produce request, whose batches are looked over while it is decoded: nobody else waits for
//! checksums and unfolding then, as all would inside the engine.

use anyhow::Result;
use bytes::Bytes;
use kafka_protocol::messages::{TopicName, TransactionalId};
use kafka_protocol::protocol::buf::ByteBuf;
use uuid::Uuid;

use super::codec::{Field, Layout};
use super::structs::{message, structs};
use crate::wire::batch::ProducedRecords;
use crate::wire::rope::RopeMut;

structs! {
    struct ProduceRequest {
        transactional_id: Option<TransactionalId> = None, 3..=13;
        acks: i16 = 0, 3..=13;
        timeout_ms: i32 = 0, 3..=13;
        topic_data: Vec<TopicProduceData> = Vec::new(), 3..=13;
    }

    struct TopicProduceData {
        name: TopicName = TopicName::default(), 3..=12;
        topic_id: Uuid = Uuid::nil(), 13..=13;
        partition_data: Vec<PartitionProduceData> = Vec::new(), 3..=13;
    }

    struct PartitionProduceData {
        index: i32 = 0, 3..=13;
        records: ProducedRecords = ProducedRecords::default(), 3..=13;
    }
}
message!(ProduceRequest, 3..=13, flexible from 9);

impl Field for ProducedRecords {
    fn read<B: ByteBuf>(from: &mut B, at: Layout) -> Result<Self> {
        let bytes: Option<Bytes> = Field::read(from, at)?;
        Ok(bytes.into())
    }
    fn write(&self, to: &mut RopeMut, at: Layout) -> Result<()> {
        self.bytes().cloned().write(to, at)
    }
}
