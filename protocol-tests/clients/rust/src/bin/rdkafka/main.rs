//! rust-rdkafka (librdkafka) under the contract of ../../../../README.md.

mod transactions;

use anyhow::{Result, anyhow};
use clap::Parser;
use fauxka_clients::{Command, DEADLINE, Trip};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

#[tokio::main]
async fn main() -> Result<()> {
    match Command::parse() {
        Command::Transactions(member) => transactions::transact(&member).await,
        Command::Successor(member) => transactions::succeed(&member).await,
        Command::Read {
            bootstrap,
            topic,
            isolation,
        } => transactions::read(&bootstrap, &topic, &isolation).await,
        command => fauxka_clients::round_trip(command, trip).await,
    }
}

async fn trip(trip: Trip) -> Result<Vec<Vec<u8>>> {
    create(&trip).await?;
    produce(&trip).await?;
    consume(&trip).await
}

fn config(trip: &Trip) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &trip.bootstrap);
    config
}

async fn create(trip: &Trip) -> Result<()> {
    let admin: AdminClient<DefaultClientContext> = config(trip).create()?;
    let topic = NewTopic::new(&trip.topic, 1, TopicReplication::Fixed(1));
    for answer in admin.create_topics([&topic], &AdminOptions::new()).await? {
        answer.map_err(|(name, code)| anyhow!("{name}: {code}"))?;
    }
    Ok(())
}

async fn produce(trip: &Trip) -> Result<()> {
    let producer: FutureProducer = config(trip).set("compression.type", &trip.codec).create()?;
    let mut sent = Vec::with_capacity(trip.lines.len());
    for line in &trip.lines {
        let record = FutureRecord::<(), Vec<u8>>::to(&trip.topic).payload(line);
        sent.push(producer.send_result(record).map_err(|(error, _)| error)?);
    }
    for delivery in sent {
        delivery.await?.map_err(|(error, _)| error)?;
    }
    Ok(producer.flush(DEADLINE)?)
}

async fn consume(trip: &Trip) -> Result<Vec<Vec<u8>>> {
    // librdkafka demands a group id even where no group is joined.
    let consumer: StreamConsumer = config(trip)
        .set("group.id", "none")
        .set("enable.auto.commit", "false")
        .create()?;
    let (_, end) = consumer.fetch_watermarks(&trip.topic, 0, DEADLINE)?;
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(&trip.topic, 0, Offset::Beginning)?;
    consumer.assign(&assignment)?;
    let mut values = Vec::new();
    let mut next = 0;
    while next < end {
        let message = consumer.recv().await?;
        values.push(message.payload().unwrap_or_default().to_vec());
        next = message.offset() + 1;
    }
    Ok(values)
}
