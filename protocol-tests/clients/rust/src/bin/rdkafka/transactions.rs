//! The transactions of ../../../../README.md.

use std::future;

use anyhow::{Context, Result};
use fauxka_clients::{DEADLINE, Member};
use rdkafka::ClientConfig;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

const BLOCK: usize = 10;
const INPUT_RECORDS: usize = 3 * BLOCK;
const LAST: &str = "last";

enum End {
    Commit,
    Abort,
    Open,
}

/// The block of the input that a transaction copies, `None` for records of its own, and how it ends.
const TRANSACTIONS: [(Option<usize>, End); 7] = [
    (None, End::Commit),
    (None, End::Abort),
    (Some(0), End::Commit),
    (Some(1), End::Abort),
    (Some(1), End::Commit),
    (Some(2), End::Abort),
    (Some(2), End::Open),
];

pub async fn transact(member: &Member) -> Result<()> {
    let (consumer, consumed) = consume_in_group(member, INPUT_RECORDS).await?;
    let producer = initialised(member, "")?;
    for (at, (block, end)) in TRANSACTIONS.iter().enumerate() {
        let values = match block {
            Some(block) => consumed[block * BLOCK..(block + 1) * BLOCK].to_vec(),
            None => own(),
        };
        begin(&producer, member, at + 1, &values).await?;
        if let Some(block) = block {
            send_offset(&producer, member, &consumer, (block + 1) * BLOCK)?;
        }
        match end {
            End::Commit => producer.commit_transaction(DEADLINE)?,
            End::Abort => producer.abort_transaction(DEADLINE)?,
            End::Open => {
                println!("OPEN");
                future::pending::<()>().await;
            }
        }
    }
    Ok(())
}

pub async fn succeed(member: &Member) -> Result<()> {
    let producer = initialised(member, "")?;
    let (consumer, consumed) = consume_in_group(member, BLOCK).await?;
    let mut number = TRANSACTIONS.len() + 1;
    begin(&producer, member, number, &consumed).await?;
    send_offset(&producer, member, &consumer, INPUT_RECORDS)?;
    producer.commit_transaction(DEADLINE)?;
    for attempt in ["produce", "offsets", "commit"] {
        let zombie = initialised(member, attempt)?;
        begin(&zombie, member, number + 1, &own()).await?;
        let heir = initialised(member, attempt)?;
        begin(&heir, member, number + 2, &own()).await?;
        heir.commit_transaction(DEADLINE)?;
        number += 2;
        let tried = match attempt {
            "produce" => send(&zombie, member, "zombie".to_owned()).await,
            "offsets" => send_offset(&zombie, member, &consumer, 0),
            _ => zombie.commit_transaction(DEADLINE),
        };
        match tried {
            Ok(()) => println!("ALLOWED {attempt}"),
            Err(error) => {
                let code = error
                    .rdkafka_error_code()
                    .context("an error without a code")?;
                println!("REFUSED {attempt} {code:?}");
            }
        }
    }
    Ok(())
}

/// Prints all values until the last.
pub async fn read(bootstrap: &str, topic: &str, isolation: &str) -> Result<()> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "none")
        .set("enable.auto.commit", "false")
        .set("isolation.level", isolation)
        .create()?;
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(topic, 0, Offset::Beginning)?;
    consumer.assign(&assignment)?;
    loop {
        let value = next(&consumer).await?;
        println!("{value}");
        if value == LAST {
            return Ok(());
        }
    }
}

/// A producer whose transactional id is the member's, or one with a suffix.
fn initialised(member: &Member, suffix: &str) -> Result<FutureProducer> {
    let id = [&member.transactional_id, suffix].join(if suffix.is_empty() { "" } else { "-" });
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", &member.bootstrap)
        .set("transactional.id", id)
        .create()?;
    producer.init_transactions(DEADLINE)?;
    Ok(producer)
}

async fn begin(
    producer: &FutureProducer,
    member: &Member,
    number: usize,
    values: &[String],
) -> Result<()> {
    producer.begin_transaction()?;
    for value in values {
        send(producer, member, format!("{number}:{value}")).await?;
    }
    Ok(())
}

async fn send(producer: &FutureProducer, member: &Member, value: String) -> Result<(), KafkaError> {
    let record = FutureRecord::<(), String>::to(&member.output).payload(&value);
    producer
        .send(record, DEADLINE)
        .await
        .map_err(|(error, _)| error)?;
    Ok(())
}

fn send_offset(
    producer: &FutureProducer,
    member: &Member,
    consumer: &StreamConsumer,
    offset: usize,
) -> Result<(), KafkaError> {
    let mut offsets = TopicPartitionList::new();
    offsets.add_partition_offset(&member.input, 0, Offset::Offset(offset as i64))?;
    let group = consumer.group_metadata().expect("a member of the group");
    producer.send_offsets_to_transaction(&offsets, &group, DEADLINE)
}

fn own() -> Vec<String> {
    (0..BLOCK).map(|at| format!("own-{at}")).collect()
}

/// The consumer, still a member of the group, and the next values.
async fn consume_in_group(member: &Member, count: usize) -> Result<(StreamConsumer, Vec<String>)> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", &member.bootstrap)
        .set("group.id", &member.group)
        .set("session.timeout.ms", member.session_ms.to_string())
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&[&member.input])?;
    let mut values = Vec::new();
    while values.len() < count {
        values.push(next(&consumer).await?);
    }
    Ok((consumer, values))
}

async fn next(consumer: &StreamConsumer) -> Result<String> {
    let message = consumer.recv().await?;
    Ok(String::from_utf8(
        message.payload().unwrap_or_default().to_vec(),
    )?)
}
