//! Stands for the application under test: the least that a producer is. Yours uses any client of Kafka's.

use std::io;

use bytes::Bytes;
use kafka_protocol::messages::produce_request::{
    PartitionProduceData, ProduceRequest, TopicProduceData,
};
use kafka_protocol::messages::{RequestHeader, TopicName};
use kafka_protocol::protocol::{Encodable as _, HeaderVersion as _, Request as _, StrBytes};
use kafka_protocol::records::{
    Compression, Record, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

const VERSION: i16 = 9;

/// Writes a record to the first partition of a topic, and waits for the answer.
pub(crate) async fn produce(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    topic: &str,
    value: &str,
) -> io::Result<()> {
    let frame = request(topic, value).map_err(io::Error::other)?;
    stream
        .write_u32(u32::try_from(frame.len()).map_err(io::Error::other)?)
        .await?;
    stream.write_all(&frame).await?;
    let mut answer = vec![0; usize::try_from(stream.read_u32().await?).map_err(io::Error::other)?];
    stream.read_exact(&mut answer).await?;
    Ok(())
}

fn request(topic: &str, value: &str) -> anyhow::Result<Vec<u8>> {
    let partition = PartitionProduceData::default().with_records(Some(batch(value)?));
    let topic = TopicProduceData::default()
        .with_name(TopicName(StrBytes::from_string(topic.to_owned())))
        .with_partition_data(vec![partition]);
    let request = ProduceRequest::default()
        .with_acks(-1)
        .with_timeout_ms(30_000)
        .with_topic_data(vec![topic]);
    let header = RequestHeader::default()
        .with_request_api_key(ProduceRequest::KEY)
        .with_request_api_version(VERSION)
        .with_client_id(Some(StrBytes::from_static_str("shop")));
    let mut frame = Vec::new();
    header.encode(&mut frame, ProduceRequest::header_version(VERSION))?;
    request.encode(&mut frame, VERSION)?;
    Ok(frame)
}

fn batch(value: &str) -> anyhow::Result<Bytes> {
    let record = Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: -1,
        producer_id: -1,
        producer_epoch: -1,
        timestamp_type: TimestampType::Creation,
        offset: 0,
        sequence: -1,
        timestamp: 0,
        key: None,
        value: Some(Bytes::copy_from_slice(value.as_bytes())),
        headers: Default::default(),
    };
    let options = RecordEncodeOptions {
        version: 2,
        compression: Compression::None,
    };
    let mut batch = bytes::BytesMut::new();
    RecordBatchEncoder::encode(&mut batch, [&record], &options)?;
    Ok(batch.freeze())
}
