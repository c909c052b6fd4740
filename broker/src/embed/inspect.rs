//! What a cluster holds, from a test: no consumer is needed to look, and nothing changes.

use std::future::{Ready, ready};
use std::sync::Arc;

use bytes::Bytes;

use super::{Broker, CommandError, Group, Partition, Topic, Transaction};
use crate::engine::commands::Command;
use crate::engine::commands::Refused;
use crate::engine::commands::produce::RecordToWrite;
use crate::engine::inspect::{
    self, Batch, CommitView, Fate, GroupView, PartitionView, Record, TopicView, TransactionView,
};
use crate::server::shared::Shared;
use crate::wire::batch::BatchView;

impl Broker {
    /// Every topic, by name.
    #[must_use]
    pub fn topics(&self) -> Vec<TopicView> {
        self.started
            .shared
            .look(|engine| engine.state.topic_views())
    }

    /// Every group, by id.
    #[must_use]
    pub fn groups(&self) -> Vec<GroupView> {
        self.started
            .shared
            .look(|engine| engine.state.group_views())
    }

    /// Every transactional id, by name.
    #[must_use]
    pub fn transactions(&self) -> Vec<TransactionView> {
        let shared = &self.started.shared;
        shared.look(|engine| engine.state.transaction_views())
    }

    /// A topic to create: one partition and one replica, unless told otherwise.
    ///
    /// ```
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let broker = fauxka::Broker::builder().nodes(3).start().await?;
    /// broker.create_topic("orders").partitions(24).replication(3).await?;
    /// assert_eq!(broker.topics()[0].partitions.len(), 24);
    /// assert!(broker.create_topic("orders").await.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn create_topic(&self, name: &str) -> CreateTopic {
        CreateTopic {
            shared: Arc::clone(&self.started.shared),
            name: name.to_owned(),
            partitions: 1,
            replication: 1,
        }
    }

    /// A record to write to a topic, as a producer would: to partition 0 with an empty value, unless
    /// told otherwise.
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
            shared: Arc::clone(&self.started.shared),
            topic: topic.to_owned(),
            partition: 0,
            record: RecordToWrite {
                value: Some(Vec::new()),
                ..RecordToWrite::default()
            },
        }
    }
}

/// A topic to create; from [`Broker::create_topic`].
#[derive(Debug)]
#[must_use = "nothing is created until it is awaited, or `create` is called"]
pub struct CreateTopic {
    shared: Arc<Shared>,
    name: String,
    partitions: usize,
    replication: usize,
}

impl CreateTopic {
    /// How many partitions it has.
    pub const fn partitions(mut self, partitions: usize) -> Self {
        self.partitions = partitions;
        self
    }

    /// How many nodes hold each of them.
    pub const fn replication(mut self, replication: usize) -> Self {
        self.replication = replication;
        self
    }

    /// Creates it. Awaiting does the same; neither waits for anything.
    ///
    /// # Errors
    /// The topic is there already, or cannot be made so.
    pub fn create(self) -> Result<(), CommandError> {
        Ok(self.shared.carry_out(Command::CreateTopic {
            topic: self.name,
            partitions: self.partitions,
            replication: self.replication,
        })?)
    }
}

impl IntoFuture for CreateTopic {
    type Output = Result<(), CommandError>;
    type IntoFuture = Ready<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        ready(self.create())
    }
}

/// A record to write; from [`Broker::produce`].
#[derive(Debug)]
#[must_use = "nothing is written until it is sent"]
pub struct Produce {
    shared: Arc<Shared>,
    topic: String,
    partition: i32,
    record: RecordToWrite,
}

impl Produce {
    /// Which partition.
    pub const fn partition(mut self, partition: i32) -> Self {
        self.partition = partition;
        self
    }

    /// The record's key.
    pub fn key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.record.key = Some(key.into());
        self
    }

    /// The record's value.
    pub fn value(mut self, value: impl Into<Vec<u8>>) -> Self {
        self.record.value = Some(value.into());
        self
    }

    /// A record without a value, which deletes its key from a compacted topic.
    pub fn tombstone(mut self) -> Self {
        self.record.value = None;
        self
    }

    /// A header; call it again for more.
    pub fn header(mut self, key: &str, value: impl Into<Vec<u8>>) -> Self {
        self.record.headers.push((key.to_owned(), value.into()));
        self
    }

    /// In milliseconds since 1970; the cluster's time of day by default.
    pub const fn timestamp(mut self, millis: i64) -> Self {
        self.record.timestamp = Some(millis);
        self
    }

    /// Writes the record, and says at which offset.
    ///
    /// # Errors
    /// There is no such partition, or its leader refuses the record.
    pub fn send(self) -> Result<i64, CommandError> {
        let written = self.shared.command(Command::WriteRecord {
            topic: self.topic,
            partition: self.partition,
            record: self.record,
        });
        Ok(written?.offset())
    }
}

impl Topic {
    /// What is known of it, if it is there.
    #[must_use]
    pub fn describe(&self) -> Option<TopicView> {
        self.shared
            .look(|engine| engine.state.topic_view(&self.name))
    }
}

impl Partition {
    /// What is known of it, if it is there: its leader, where its log begins and ends, its producers.
    #[must_use]
    pub fn describe(&self) -> Option<PartitionView> {
        self.shared
            .look(|engine| engine.state.partition_view(&self.topic, self.index))
    }

    /// Its batches, in order.
    ///
    /// # Errors
    /// There is no such partition.
    pub fn batches(&self) -> Result<Vec<Batch>, CommandError> {
        Ok(inspect::batches(&self.log()?.0))
    }

    /// Its records in order, transaction markers among them. Each says what became of its transaction.
    ///
    /// # Errors
    /// There is no such partition.
    pub fn records(&self) -> Result<Vec<Record>, CommandError> {
        let (log, start) = self.log()?;
        Ok(inspect::records(&log, start, usize::MAX))
    }

    /// The values of all records of clients, in order: what a consumer of uncommitted data reads. A
    /// tombstone is empty.
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

    /// The values of records that are certain, in order: without those of transactions that are open or
    /// were aborted.
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
        let unknown = || Refused::Unknown(format!("there is no partition {place}"));
        Ok(log.ok_or_else(unknown)?)
    }
}

impl Group {
    /// What is known of it, if it is there: its state, members, assignments, committed offsets and lag.
    #[must_use]
    pub fn describe(&self) -> Option<GroupView> {
        self.shared.look(|engine| engine.state.group_view(&self.id))
    }

    /// Its latest commits, from the oldest on; the cluster remembers 10,000 of all groups.
    #[must_use]
    pub fn commits(&self) -> Vec<CommitView> {
        self.shared
            .look(|engine| engine.state.commit_views(&self.id))
    }

    /// What it has committed for a partition.
    #[must_use]
    pub fn committed(&self, topic: &str, partition: i32) -> Option<i64> {
        let offsets = self.describe()?.offsets;
        let mut offsets = offsets.iter();
        let found = offsets.find(|found| found.topic == topic && found.partition == partition);
        Some(found?.offset)
    }

    /// How many records it has not read of the partitions that it has committed for.
    #[must_use]
    pub fn lag(&self) -> i64 {
        let offsets = self.describe().map(|group| group.offsets);
        let lags = offsets.iter().flatten().filter_map(|offset| offset.lag);
        lags.sum()
    }
}

impl Transaction {
    /// What is known of it, if anything is: its state, producer, partitions.
    #[must_use]
    pub fn describe(&self) -> Option<TransactionView> {
        self.shared
            .look(|engine| engine.state.transaction_view(&self.id))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    /// Status and body of what the control port answers to a GET.
    fn get(broker: &Broker, path: &str) -> (u16, String) {
        let address = broker.control().unwrap().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (
            head.split(' ').nth(1).unwrap().parse().unwrap(),
            body.to_owned(),
        )
    }

    #[track_caller]
    fn check(broker: &Broker, path: &str, status: u16, words: &str) {
        let answer = get(broker, path);
        assert_eq!(answer.0, status, "{path}: {answer:?}");
        assert!(answer.1.contains(words), "{path}: {answer:?}");
    }

    #[test]
    fn http_shows_what_the_cluster_holds_and_did() {
        let builder = Broker::builder().control("127.0.0.1:0").topic("t", 1, 1);
        let broker = builder.start_blocking().unwrap();
        broker.produce("t").value("hello").send().unwrap();
        check(&broker, "/v1/topics", 200, r#""name":"t""#);
        check(&broker, "/v1/topics/t", 200, r#""high_watermark":1"#);
        check(&broker, "/v1/topics/u", 404, "there is no topic u");
        check(
            &broker,
            "/v1/topics/t/0/records?from=0&max=1",
            200,
            r#""value":"hello""#,
        );
        check(
            &broker,
            "/v1/topics/t/7/records",
            404,
            "there is no partition t-7",
        );
        check(&broker, "/v1/topics/t/0/records?form=0", 400, "form");
        check(&broker, "/v1/groups", 200, "[]");
        check(&broker, "/v1/groups/g", 404, "there is no group g");
        check(&broker, "/v1/transactions", 200, "[]");
        check(&broker, "/v1/transactions/x", 404, "x");
        check(
            &broker,
            "/v1/journal?api=produce&topic=t",
            200,
            r#""api":"Produce""#,
        );
        check(
            &broker,
            "/v1/journal?kind=topic_created&format=jsonl",
            200,
            "\"topic\":\"t\"",
        );
        check(
            &broker,
            "/v1/journal?api=Prodcue",
            400,
            "did you mean Produce?",
        );
        check(&broker, "/v1/journal?topics=t", 400, "did you mean topic?");
        check(&broker, "/v1/journal?kind=x", 400, "group_state");
        check(
            &broker,
            "/v1/journal/wait?api=Produce&timeout=5s",
            200,
            r#""last":"#,
        );
        check(
            &broker,
            "/v1/journal/wait?api=Fetch&timeout=0s",
            408,
            "and 0 found",
        );
        let produced = "fauxka_requests_total{api=\"Produce\"} 1\n";
        check(&broker, "/metrics", 200, produced);
        let watermark = "fauxka_partition_high_watermark{topic=\"t\",partition=\"0\"} 1\n";
        check(&broker, "/metrics", 200, watermark);
        check(&broker, "/metrics", 200, "fauxka_connections 0\n");
    }
}
