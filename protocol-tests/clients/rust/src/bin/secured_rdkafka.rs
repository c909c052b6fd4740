//! rust-rdkafka (librdkafka) on a listener with TLS, under the contract of ../../../README.md.

use anyhow::Result;
use fauxka_clients::secured::{self, PATIENCE, Secured, VALUES};
use rdkafka::ClientConfig;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio::time::timeout;

#[tokio::main]
async fn main() -> Result<()> {
    let told = Secured::arguments();
    timeout(PATIENCE, produce(&told)).await??;
    let values = timeout(PATIENCE, consume(&told)).await??;
    secured::done(&values)
}

fn config(told: &Secured) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &told.bootstrap)
        .set("security.protocol", &told.protocol)
        .set("ssl.ca.location", told.ca.display().to_string());
    if let Some(certificate) = &told.certificate {
        let certificate = certificate.display().to_string();
        config
            .set("ssl.certificate.location", &certificate)
            .set("ssl.key.location", &certificate);
    }
    if let (Some(mechanism), Some((user, password))) = (&told.mechanism, told.log_in()) {
        config
            .set("sasl.mechanism", mechanism)
            .set("sasl.username", user)
            .set("sasl.password", password);
    }
    config
}

async fn produce(told: &Secured) -> Result<()> {
    let producer: FutureProducer = config(told).create()?;
    for value in VALUES {
        let record = FutureRecord::<(), str>::to(&told.topic)
            .partition(0)
            .payload(value);
        let sent = producer.send(record, PATIENCE).await;
        sent.map_err(|(error, _)| error)?;
    }
    Ok(())
}

async fn consume(told: &Secured) -> Result<Vec<Vec<u8>>> {
    let consumer: StreamConsumer = config(told).set("group.id", "secured").create()?;
    let mut all = TopicPartitionList::new();
    all.add_partition_offset(&told.topic, 0, Offset::Beginning)?;
    consumer.assign(&all)?;
    let mut values = Vec::new();
    while values.len() < VALUES.len() {
        let record = consumer.recv().await?;
        values.push(record.payload().unwrap_or_default().to_vec());
    }
    Ok(values)
}
