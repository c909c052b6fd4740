//! As fast as librdkafka can.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::producer::{
    BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer,
};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use crate::{Records, Values};

/// Until there is room in librdkafka's queue.
const FULL: Duration = Duration::from_millis(1);

/// How many were acknowledged, and how many refused.
#[derive(Default)]
struct Answered {
    all: AtomicUsize,
    refused: AtomicUsize,
}

impl ClientContext for Answered {}

impl ProducerContext for Answered {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        self.all.fetch_add(1, Ordering::Relaxed);
    }
}

/// Every record acknowledged, or an error. Each partition gets one more before.
pub(crate) fn produce(load: &Records) -> Result<String> {
    let producer: ThreadedProducer<Answered> =
        load.producer().create_with_context(Answered::default())?;
    let values = Values::new(load.record_bytes);
    // Connections and a producer's number, which librdkafka may wait for, are there before the clock runs.
    send_all(&producer, load, &values, load.partitions)?;
    let started = Instant::now();
    send_all(&producer, load, &values, load.records)?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(format!("{{\"seconds\": {seconds:.6}}}"))
}

/// Returns when so many records were acknowledged.
fn send_all(
    producer: &ThreadedProducer<Answered>,
    load: &Records,
    values: &Values,
    count: usize,
) -> Result<()> {
    let answered = producer.context();
    let before = answered.all.load(Ordering::Relaxed);
    let started = Instant::now();
    let is_late = || started.elapsed().as_secs() >= load.seconds;
    for index in 0..count {
        let mut record = BaseRecord::<(), [u8]>::to(&load.topic)
            .payload(values.at(index))
            .partition(load.partition(index)?);
        while let Err((error, same)) = producer.send(record) {
            if error != KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) {
                return Err(error.into());
            }
            ensure!(!is_late(), "the broker is too slow");
            thread::sleep(FULL);
            record = same;
        }
    }
    // The wrapper's own flush takes tenths of a second.
    while answered.all.load(Ordering::Relaxed) < before + count {
        ensure!(!is_late(), "the broker is too slow");
        thread::sleep(FULL);
    }
    let refused = answered.refused.load(Ordering::Relaxed);
    ensure!(refused == 0, "{refused} records were refused");
    Ok(())
}

/// From the first record's arrival to the last's.
pub(crate) fn consume(load: &Records) -> Result<String> {
    let consumer: BaseConsumer = load
        .client()
        .set("group.id", &load.topic)
        .set("enable.auto.commit", "false")
        .create()?;
    let mut from = TopicPartitionList::new();
    for partition in 0..load.partitions {
        from.add_partition_offset(&load.topic, i32::try_from(partition)?, Offset::Offset(0))?;
    }
    consumer.assign(&from)?;
    let deadline = Instant::now() + Duration::from_secs(load.seconds);
    let (mut left, mut first) = (load.records, None);
    while left > 0 {
        match consumer.poll(Duration::from_millis(100)) {
            Some(record) => {
                let bytes = record?.payload_len();
                ensure!(bytes == load.record_bytes, "a record of {bytes} bytes");
                first.get_or_insert_with(Instant::now);
                left -= 1;
            }
            None if Instant::now() > deadline => {
                bail!("{left} of {} records did not come", load.records)
            }
            None => {}
        }
    }
    let seconds = first.context("no record")?.elapsed().as_secs_f64();
    Ok(format!("{{\"seconds\": {seconds:.6}}}"))
}
