//! At a pace that every broker keeps: how long each record took.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rdkafka::ClientContext;
use rdkafka::producer::{
    BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer,
};

use crate::{Records, Values};

/// Records before the measured ones: connections, a producer's number, caches.
const WARM_UP: usize = 100;

/// Microseconds from each call to the acknowledgement; nothing of a record that was refused.
#[derive(Default)]
struct Taken {
    all: Mutex<Vec<Option<u64>>>,
    more: Condvar,
}

impl ClientContext for Taken {}

impl ProducerContext for Taken {
    type DeliveryOpaque = Box<Instant>;

    fn delivery(&self, result: &DeliveryResult<'_>, called: Box<Instant>) {
        let taken = result.is_ok().then(|| micros(called.elapsed()));
        self.all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(taken);
        self.more.notify_all();
    }
}

impl Taken {
    /// Waits until so many records were answered. The wrapper's own flush takes tenths of a second.
    fn wait(producer: &Producer, count: usize, bound: Duration) -> Result<()> {
        let taken = producer.context();
        let all = taken.all.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = taken
            .more
            .wait_timeout_while(all, bound, |all| all.len() < count);
        let (all, _) = waited.unwrap_or_else(PoisonError::into_inner);
        ensure!(all.len() >= count, "{} of {count} were answered", all.len());
        drop(all);
        // What the callback was for is given back right after it.
        while producer.in_flight_count() > 0 {
            thread::yield_now();
        }
        Ok(())
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

type Producer = ThreadedProducer<Taken>;

fn send(producer: &Producer, load: &Records, values: &Values, index: usize) -> Result<()> {
    let partition = load.partition(index)?;
    let record = BaseRecord::<(), [u8], _>::with_opaque_to(&load.topic, Box::new(Instant::now()))
        .payload(values.at(index))
        .partition(partition);
    producer.send(record).map_err(|(error, _)| error.into())
}

/// So many records a second, each sent by itself.
pub(crate) fn records(load: &Records, rate: u32, commit_ms: Option<u64>) -> Result<String> {
    let mut config = load.producer();
    if commit_ms.is_some() {
        config.set("transactional.id", format!("{}-paced", load.topic));
    }
    let producer: Producer = config.create_with_context(Taken::default())?;
    let values = Values::new(load.record_bytes);
    let bound = Duration::from_secs(load.seconds);
    if commit_ms.is_some() {
        producer.init_transactions(bound)?;
        producer.begin_transaction()?;
    }
    let (mut begun, mut due) = (Instant::now(), Instant::now());
    for index in 0..WARM_UP + load.records {
        if let Some(commit_ms) = commit_ms
            && begun.elapsed().as_millis() >= u128::from(commit_ms)
        {
            Taken::wait(&producer, index, bound)?;
            producer.commit_transaction(bound)?;
            producer.begin_transaction()?;
            begun = Instant::now();
            // A record that waits for a commit was not called for yet.
            due = begun;
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        send(&producer, load, &values, index)?;
        due += Duration::from_secs(1) / rate;
    }
    Taken::wait(&producer, WARM_UP + load.records, bound)?;
    if commit_ms.is_some() {
        producer.commit_transaction(bound)?;
    }
    let all = producer.context().all.lock();
    let all = all.unwrap_or_else(PoisonError::into_inner).clone();
    summary(all.into_iter().skip(WARM_UP))
}

/// Each record in a transaction of its own: only the commits are timed.
pub(crate) fn commits(load: &Records) -> Result<String> {
    let producer: Producer = load
        .producer()
        .set("transactional.id", format!("{}-commits", load.topic))
        .create_with_context(Taken::default())?;
    let values = Values::new(load.record_bytes);
    let bound = Duration::from_secs(load.seconds);
    producer.init_transactions(bound)?;
    let mut taken = Vec::new();
    for index in 0..WARM_UP + load.records {
        producer.begin_transaction()?;
        send(&producer, load, &values, index)?;
        let called = Instant::now();
        Taken::wait(&producer, index + 1, bound)?;
        producer.commit_transaction(bound)?;
        taken.push(Some(micros(called.elapsed())));
    }
    summary(taken.into_iter().skip(WARM_UP))
}

fn summary(all: impl Iterator<Item = Option<u64>>) -> Result<String> {
    let mut all: Vec<u64> = all
        .map(|one| one.ok_or_else(|| anyhow::anyhow!("a record was refused")))
        .collect::<Result<_>>()?;
    ensure!(!all.is_empty(), "nothing was measured");
    all.sort_unstable();
    let percentile = |percent: usize| all[(all.len() - 1) * percent / 100];
    let mean = all.iter().sum::<u64>() / u64::try_from(all.len())?;
    Ok(format!(
        "{{\"p50_us\": {}, \"p99_us\": {}, \"mean_us\": {mean}}}",
        percentile(50),
        percentile(99)
    ))
}
