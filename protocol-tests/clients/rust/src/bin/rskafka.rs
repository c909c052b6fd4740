//! rskafka under the contract of ../../../README.md.

use anyhow::{Result, bail};
use chrono::Utc;
use fauxka_clients::Trip;
use rskafka::client::ClientBuilder;
use rskafka::client::partition::{Compression, OffsetAt, PartitionClient, UnknownTopicHandling};
use rskafka::record::Record;

const RECORDS_PER_BATCH: usize = 5000;
const FETCH_BYTES: i32 = 10 * 1024 * 1024;
const WAIT_MS: i32 = 1000;

#[tokio::main]
async fn main() -> Result<()> {
    fauxka_clients::main(trip).await
}

async fn trip(trip: Trip) -> Result<Vec<Vec<u8>>> {
    let client = ClientBuilder::new(vec![trip.bootstrap.clone()])
        .build()
        .await?;
    client
        .controller_client()?
        .create_topic(&trip.topic, 1, 1, 5000)
        .await?;
    let partition = client
        .partition_client(&trip.topic, 0, UnknownTopicHandling::Retry)
        .await?;
    produce(&partition, &trip).await?;
    consume(&partition).await
}

fn compression(codec: &str) -> Result<Compression> {
    Ok(match codec {
        "none" => Compression::NoCompression,
        "gzip" => Compression::Gzip,
        "snappy" => Compression::Snappy,
        "lz4" => Compression::Lz4,
        "zstd" => Compression::Zstd,
        other => bail!("unknown codec {other}"),
    })
}

/// Its batching producer keeps no order among records that wait for it, so each batch is sent by hand.
async fn produce(partition: &PartitionClient, trip: &Trip) -> Result<()> {
    let compression = compression(&trip.codec)?;
    for lines in trip.lines.chunks(RECORDS_PER_BATCH) {
        let records = lines.iter().cloned().map(record).collect();
        partition.produce(records, compression).await?;
    }
    Ok(())
}

fn record(line: Vec<u8>) -> Record {
    Record {
        key: None,
        value: Some(line),
        headers: [].into(),
        timestamp: Utc::now(),
    }
}

async fn consume(partition: &PartitionClient) -> Result<Vec<Vec<u8>>> {
    let end = partition.get_offset(OffsetAt::Latest).await?;
    let mut next = partition.get_offset(OffsetAt::Earliest).await?;
    let mut values = Vec::new();
    while next < end {
        let (records, _) = partition
            .fetch_records(next, 1..FETCH_BYTES, WAIT_MS)
            .await?;
        for record in records {
            next = record.offset + 1;
            values.push(record.record.value.unwrap_or_default());
        }
    }
    Ok(values)
}
