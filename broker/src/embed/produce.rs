//! Writing records, from a test.

use std::future::{Ready, ready};
use std::sync::Arc;

use super::broker::Broker;
use super::error::CommandError;
use crate::engine::commands::Command;
use crate::engine::commands::produce::{PlacedRecord, RecordToWrite};
use crate::engine::input::Reply;
use crate::server::shared::Shared;

/// A record that you are about to write; from [`Broker::produce`].
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").key("customer-42").value("first").send()?;
/// let record = &broker.partition("orders", 0).records()?[0];
/// assert_eq!(record.key.as_deref(), Some(b"customer-42".as_slice()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is written until it is awaited, or `send` is called"]
pub struct Produce {
    shared: Arc<Shared>,
    topic: String,
    partition: i32,
    record: RecordToWrite,
    transactional_id: Option<String>,
}

impl Broker {
    /// A record to write to a topic, as a producer would: to partition 0 with an empty value, unless
    /// you say otherwise.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 2, 1).start_blocking()?;
    /// let offset = broker.produce("orders").partition(1).key("a").value("first").send()?;
    /// assert_eq!(offset, 0);
    /// assert_eq!(broker.partition("orders", 1).values()?, ["first"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn produce(&self, topic: &str) -> Produce {
        Produce {
            shared: self.shared(),
            topic: topic.to_owned(),
            partition: 0,
            record: RecordToWrite {
                value: Some(Vec::new()),
                ..RecordToWrite::default()
            },
            transactional_id: None,
        }
    }
}

impl Produce {
    /// Which partition, by its index; 0 by default.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 2, 1).start_blocking()?;
    /// broker.produce("orders").partition(1).send()?;
    /// assert_eq!(broker.partition("orders", 1).records()?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn partition(mut self, partition: i32) -> Self {
        self.partition = partition;
        self
    }

    /// The record's key; none by default.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").key("a").send()?;
    /// assert_eq!(broker.partition("orders", 0).records()?[0].key.as_deref(), Some(b"a".as_slice()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.record.key = Some(key.into());
        self
    }

    /// The record's value; empty by default.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").value("first").send()?;
    /// assert_eq!(broker.partition("orders", 0).values()?, ["first"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn value(mut self, value: impl Into<Vec<u8>>) -> Self {
        self.record.value = Some(value.into());
        self
    }

    /// Leaves the value out, which deletes the key from a compacted topic.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").key("a").tombstone().send()?;
    /// assert_eq!(broker.partition("orders", 0).records()?[0].value, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tombstone(mut self) -> Self {
        self.record.value = None;
        self
    }

    /// Adds a header; call it again for more.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").header("trace", "7").header("source", "shop").send()?;
    /// assert_eq!(broker.partition("orders", 0).records()?[0].headers[1].key, "source");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn header(mut self, key: &str, value: impl Into<Vec<u8>>) -> Self {
        self.record.headers.push((key.to_owned(), value.into()));
        self
    }

    /// The record's timestamp, in milliseconds since 1970; the cluster's time of day by default.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").timestamp(1_700_000_000_000).send()?;
    /// assert_eq!(broker.partition("orders", 0).records()?[0].timestamp, 1_700_000_000_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn timestamp(mut self, millis: i64) -> Self {
        self.record.timestamp = Some(millis);
        self
    }

    /// Writes the record in a transaction of this id, which stays open: readers of committed data do not see it until
    /// a producer with this id starts over, the transaction times out (after a minute), or you
    /// [fence](crate::cluster::Transaction::fence) the id. Each of these aborts the transaction.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").value("pending").in_open_transaction("orders-1").send()?;
    /// use fauxka::inspect::Fate;
    ///
    /// let record = &broker.partition("orders", 0).records()?[0];
    /// assert_eq!(record.transaction, Some(Fate::Open));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn in_open_transaction(mut self, transactional_id: impl Into<String>) -> Self {
        self.transactional_id = Some(transactional_id.into());
        self
    }

    /// Writes the record and returns its offset. Awaiting does the same; neither waits for anything.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// assert_eq!(broker.produce("orders").value("first").send()?, 0);
    /// assert_eq!(broker.produce("orders").value("second").send()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition, or its leader refuses the record.
    pub fn send(self) -> Result<i64, CommandError> {
        let record = PlacedRecord {
            partition: Some(self.partition),
            record: self.record,
        };
        let written = self.shared.command(Command::WriteRecords {
            topic: self.topic,
            records: vec![record],
            transactional_id: self.transactional_id,
        });
        let places = written.map(Reply::written)?;
        Ok(places.first().map_or(-1, |(_, offset)| *offset))
    }
}

impl IntoFuture for Produce {
    type Output = Result<i64, CommandError>;
    type IntoFuture = Ready<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        ready(self.send())
    }
}
