//! A transactional producer, request by request.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::context::Context;
use crate::records::Batch;

/// A transactional id with the producer id and epoch that it claims; cases change them at will.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are those of Kafka's requests")]
pub struct Producer {
    pub transactional_id: String,
    pub id: i64,
    pub epoch: i64,
}

impl Producer {
    /// A producer with a transactional id of the case's own, shown as `short`. It is there already: the
    /// transcript starts with its epoch.
    ///
    /// # Errors
    /// When the coordinator refuses.
    pub fn new(cx: &mut Context, short: &str) -> Result<Self> {
        let mut producer = Self {
            transactional_id: cx.transactional_id(short)?,
            id: -1,
            epoch: -1,
        };
        let answer = cx.quietly(|cx| producer.init(cx, 4))?;
        producer.follow(&answer)?;
        let shown = json!({"producerId": producer.id});
        let shown = cx.labels.message(&[], &shown, true).line();
        cx.note(&format!("{short}: {shown}, epoch {}", producer.epoch));
        Ok(producer)
    }

    /// Takes the producer id and the epoch of an answer.
    ///
    /// # Errors
    /// When it has none.
    pub fn follow(&mut self, answer: &Value) -> Result<()> {
        self.id = answer["producerId"].as_i64().context("a producer id")?;
        self.epoch = answer["producerEpoch"].as_i64().context("an epoch")?;
        Ok(())
    }

    /// The producer with an epoch so much higher.
    #[must_use]
    pub fn later(&self, by: i64) -> Self {
        Self {
            epoch: self.epoch + by,
            ..self.clone()
        }
    }

    /// The producer with another producer id.
    #[must_use]
    pub fn with_id(&self, id: i64) -> Self {
        Self { id, ..self.clone() }
    }

    /// InitProducerId that claims nothing, with a timeout of a minute.
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn init(&self, cx: &mut Context, version: i16) -> Result<Value> {
        self.init_with(cx, version, 60_000)
    }

    /// InitProducerId that claims nothing.
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn init_with(&self, cx: &mut Context, version: i16, timeout: i32) -> Result<Value> {
        let body =
            json!({"transactionalId": self.transactional_id, "transactionTimeoutMs": timeout});
        cx.call("InitProducerId", version, body)
    }

    /// InitProducerId that claims the producer id and the epoch (KIP-360).
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn init_again(&self, cx: &mut Context, version: i16) -> Result<Value> {
        let body = json!({"transactionalId": self.transactional_id, "transactionTimeoutMs": 60_000,
            "producerId": self.id, "producerEpoch": self.epoch});
        cx.call("InitProducerId", version, body)
    }

    /// AddPartitionsToTxn for partitions of one topic, as clients send it.
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn add(
        &self,
        cx: &mut Context,
        version: i16,
        topic: &str,
        partitions: &[i32],
    ) -> Result<Value> {
        self.add_topics(
            cx,
            version,
            json!([{"name": topic, "partitions": partitions}]),
        )
    }

    /// AddPartitionsToTxn, as clients send it (v0–v3).
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn add_topics(&self, cx: &mut Context, version: i16, topics: Value) -> Result<Value> {
        let body = json!({"v3AndBelowTransactionalId": self.transactional_id, "v3AndBelowProducerId": self.id,
            "v3AndBelowProducerEpoch": self.epoch, "v3AndBelowTopics": topics});
        cx.call("AddPartitionsToTxn", version, body)
    }

    /// AddOffsetsToTxn.
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn add_offsets(&self, cx: &mut Context, version: i16, group: &str) -> Result<Value> {
        let body = json!({"transactionalId": self.transactional_id, "producerId": self.id,
            "producerEpoch": self.epoch, "groupId": group});
        cx.call("AddOffsetsToTxn", version, body)
    }

    /// TxnOffsetCommit without a member.
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn commit_offsets(
        &self,
        cx: &mut Context,
        version: i16,
        group: &str,
        topics: Value,
    ) -> Result<Value> {
        cx.call("TxnOffsetCommit", version, self.offsets(group, topics))
    }

    /// The body of TxnOffsetCommit without a member.
    #[must_use]
    pub fn offsets(&self, group: &str, topics: Value) -> Value {
        json!({"transactionalId": self.transactional_id, "groupId": group, "producerId": self.id,
            "producerEpoch": self.epoch, "topics": topics})
    }

    /// A transactional batch that starts with this sequence number.
    #[must_use]
    pub fn batch(&self, sequence: i64, values: &[&str]) -> Batch {
        Batch {
            attributes: 0x10,
            ..Batch::of(values).from_producer(self.id, self.epoch, sequence)
        }
    }

    /// Produces a batch to the first partition. From v12 on that adds the partition to the transaction.
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn produce(
        &self,
        cx: &mut Context,
        version: i16,
        topic: &str,
        batch: &Batch,
    ) -> Result<Value> {
        self.produce_to(cx, version, topic, 0, batch)
    }

    /// Produces a batch.
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn produce_to(
        &self,
        cx: &mut Context,
        version: i16,
        topic: &str,
        partition: i32,
        batch: &Batch,
    ) -> Result<Value> {
        let id = match version {
            13.. => cx.topic_id(topic)?,
            _ => "A".repeat(22),
        };
        let partition = json!({"index": partition, "records": batch.json()});
        let topic = json!({"name": topic, "topicId": id, "partitionData": [partition]});
        let body = json!({"transactionalId": self.transactional_id, "acks": -1, "timeoutMs": 10_000, "topicData": [topic]});
        cx.call("Produce", version, body)
    }

    /// Produces a batch of its own to the first partition, without a trace.
    ///
    /// # Errors
    /// When the broker refuses.
    pub fn write(
        &self,
        cx: &mut Context,
        topic: &str,
        sequence: i64,
        values: &[&str],
    ) -> Result<()> {
        let batch = self.batch(sequence, values);
        let answer = cx.quietly(|cx| self.produce(cx, 12, topic, &batch))?;
        let row = &answer["responses"][0]["partitionResponses"][0];
        anyhow::ensure!(row["errorCode"] == 0, "Produce answered {answer}");
        let short = cx.labels.replaced(topic);
        let by = cx.labels.replaced(&self.transactional_id);
        cx.note(&format!(
            "{by} produces {} records to {short} at {}",
            values.len(),
            row["baseOffset"]
        ));
        Ok(())
    }

    /// EndTxn; the transaction may still be completing when it is answered.
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn end(&self, cx: &mut Context, version: i16, commits: bool) -> Result<Value> {
        let body = json!({"transactionalId": self.transactional_id, "producerId": self.id,
            "producerEpoch": self.epoch, "committed": commits});
        cx.call("EndTxn", version, body)
    }

    /// EndTxn v5, then waits until the markers are written; the producer takes the new epoch.
    ///
    /// # Errors
    /// When the broker refuses.
    pub fn complete(&mut self, cx: &mut Context, commits: bool) -> Result<()> {
        let answer = self.end(cx, 5, commits)?;
        anyhow::ensure!(answer["errorCode"] == 0, "EndTxn answered {answer}");
        self.follow(&answer)?;
        self.settle(cx)
    }

    /// Waits until no transaction is being completed.
    ///
    /// # Errors
    /// When that does not happen within the bound.
    pub fn settle(&self, cx: &mut Context) -> Result<()> {
        cx.await_markers(&self.transactional_id)
    }

    /// DescribeTransactions.
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn describe(&self, cx: &mut Context) -> Result<Value> {
        let body = json!({"transactionalIds": [self.transactional_id]});
        cx.call("DescribeTransactions", 0, body)
    }
}

impl Context {
    /// Waits until no transaction of a transactional id is being completed.
    ///
    /// # Errors
    /// When that does not happen within the bound.
    pub fn await_markers(&mut self, transactional_id: &str) -> Result<()> {
        let numbers = self.labels.numbers.clone();
        let body = json!({"transactionalIds": [transactional_id]});
        self.until("the markers", |cx| {
            let answer = cx.call("DescribeTransactions", 0, body.clone())?;
            let state = answer["transactionStates"][0]["transactionState"].as_str();
            Ok(state.is_some_and(|state| !state.starts_with("Prepare")))
        })?;
        self.labels.numbers = numbers;
        Ok(())
    }

    /// Fetch v12 of the first partition from an offset on; 1 reads only what is committed.
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn fetch_isolated(&mut self, topic: &str, offset: i64, isolation: i8) -> Result<Value> {
        let partition =
            json!({"partition": 0, "fetchOffset": offset, "partitionMaxBytes": 1_000_000});
        let body = json!({"maxWaitMs": 0, "minBytes": 0, "isolationLevel": isolation,
            "topics": [{"topic": topic, "partitions": [partition]}]});
        self.call("Fetch", 12, body)
    }

    /// The last offset of the first partition as ListOffsets v5 tells it, for readers of everything and for
    /// those of what is committed.
    ///
    /// # Errors
    /// When there is no answer to read.
    pub fn note_ends(&mut self, topic: &str) -> Result<()> {
        let mut ends = Vec::new();
        for isolation in [0, 1] {
            let rows = json!([{"partitionIndex": 0, "timestamp": -1}]);
            let body = json!({"replicaId": -1, "isolationLevel": isolation, "topics": [{"name": topic, "partitions": rows}]});
            let answer = self.ask("ListOffsets", 5, body)?;
            ends.push(answer["topics"][0]["partitions"][0]["offset"].to_string());
        }
        let short = self.labels.replaced(topic);
        self.note(&format!(
            "{short} ends at {}, for readers of what is committed at {}",
            ends[0], ends[1]
        ));
        Ok(())
    }
}
