//! What lies in a partition's log.

use bytes::Bytes;

use super::Partition;
use crate::embed::error::CommandError;
use crate::engine::commands::CommandFailure;
use crate::engine::inspect::{self, Batch, Fate, Record};
use crate::wire::batch::BatchView;

impl Partition {
    /// Its batches, in order.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").value("first").send()?;
    /// let batches = broker.partition("orders", 0).batches()?;
    /// assert_eq!((batches[0].records, batches[0].codec.as_str()), (1, "none"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition.
    pub fn batches(&self) -> Result<Vec<Batch>, CommandError> {
        Ok(inspect::batches(&self.log()?.0))
    }

    /// Its records, in order, with transaction markers among them. Each says what became of its transaction.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").key("a").value("first").send()?;
    /// let records = broker.partition("orders", 0).records()?;
    /// assert_eq!(records[0].offset, 0);
    /// assert_eq!(records[0].transaction, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition.
    pub fn records(&self) -> Result<Vec<Record>, CommandError> {
        let (log, start) = self.log()?;
        Ok(inspect::records(&log, start, usize::MAX))
    }

    /// The values of all records of clients, in order: what a consumer of uncommitted data reads. The value of a
    /// tombstone is empty here.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").value("first").send()?;
    /// assert_eq!(broker.partition("orders", 0).values()?, ["first"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition.
    pub fn values(&self) -> Result<Vec<Bytes>, CommandError> {
        let records = self.records()?.into_iter();
        let clients = records.filter(|record| record.marker.is_none());
        Ok(clients
            .map(|record| record.value.unwrap_or_default())
            .collect())
    }

    /// The values of committed records, in order: those of transactions that are open or were aborted are left out.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// // … the application places each order once …
    /// # broker.produce("orders").value("order-1").send()?;
    /// assert_eq!(broker.partition("orders", 0).committed_values()?, ["order-1"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such partition.
    pub fn committed_values(&self) -> Result<Vec<Bytes>, CommandError> {
        let records = self.records()?.into_iter();
        let certain = records.filter(|record| {
            let fate = record.transaction;
            record.marker.is_none() && fate.is_none_or(|fate| fate == Fate::Committed)
        });
        Ok(certain
            .map(|record| record.value.unwrap_or_default())
            .collect())
    }

    /// The batches are taken out of the engine first, and unfolded while others go on.
    fn log(&self) -> Result<(Vec<BatchView>, i64), CommandError> {
        let log = self
            .shared
            .look(|engine| engine.state.log_of(&self.topic, self.index));
        let place = format!("{}-{}", self.topic, self.index);
        let unknown = || CommandFailure::Unknown(format!("there is no partition {place}"));
        Ok(log.ok_or_else(unknown)?)
    }
}
