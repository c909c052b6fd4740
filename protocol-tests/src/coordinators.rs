//! Setting the stage for groups and transactions: ids of a case's own, whose coordinators have loaded.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::context::{Conn, Context};

/// What a coordinator answers while it is being made or loads, and what a client asks again after.
const LOADING: [i64; 3] = [14, 15, 16];

impl Context {
    /// A group of this case's own, shown as `short`, whose coordinator answers. It is the node of the first
    /// connection on one node.
    ///
    /// # Errors
    /// When no coordinator answers within the bound.
    pub fn group(&mut self, short: &str) -> Result<String> {
        let group = self.topic(short);
        self.group_coordinator(&group)?;
        Ok(group)
    }

    /// The node (from 1) that coordinates a group; it answers.
    ///
    /// # Errors
    /// When it does not within the bound.
    pub fn group_coordinator(&mut self, group: &str) -> Result<usize> {
        let body = json!({"groupId": group, "topics": null});
        self.coordinator(0, group, |cx, conn| {
            let answer = cx.call_on(conn, "OffsetFetch", 5, body.clone())?;
            Ok(answer["errorCode"].clone())
        })
    }

    /// A transactional id of this case's own, shown as `short`, whose coordinator answers.
    ///
    /// # Errors
    /// When no coordinator answers within the bound.
    pub fn transactional_id(&mut self, short: &str) -> Result<String> {
        let id = self.topic(short);
        self.transaction_coordinator(&id)?;
        Ok(id)
    }

    /// The node (from 1) that coordinates a transactional id; it answers.
    ///
    /// # Errors
    /// When it does not within the bound.
    pub fn transaction_coordinator(&mut self, id: &str) -> Result<usize> {
        // Producer ids that only pass by get no numbers in the transcript.
        let numbers = self.labels.numbers.clone();
        let node = self.answering_transaction_coordinator(id)?;
        self.labels.numbers = numbers;
        Ok(node)
    }

    fn answering_transaction_coordinator(&mut self, id: &str) -> Result<usize> {
        let body = json!({"transactionalIds": [id]});
        let node = self.coordinator(1, id, |cx, conn| {
            let answer = cx.call_on(conn, "DescribeTransactions", 0, body.clone())?;
            Ok(answer["transactionStates"][0]["errorCode"].clone())
        })?;
        // A broker that has just started has no producer ids yet.
        let body = json!({"transactionalId": null, "transactionTimeoutMs": 60000});
        let conn = self.connect(node)?;
        self.until("producer ids", |cx| {
            let answer = cx.call_on(conn, "InitProducerId", 1, body.clone())?;
            Ok(answer["errorCode"] == 0)
        })?;
        self.forget_connections(self.connection_count() - 1);
        Ok(node)
    }

    fn coordinator(
        &mut self,
        kind: i8,
        key: &str,
        ask: impl Fn(&mut Self, Conn) -> Result<Value>,
    ) -> Result<usize> {
        let body = json!({"keyType": kind, "coordinatorKeys": [key]});
        let mut found = Value::Null;
        self.until("the coordinator", |cx| {
            let answer = cx.call("FindCoordinator", 4, body.clone())?;
            found = answer["coordinators"][0].clone();
            Ok(found["errorCode"] == 0)
        })?;
        let node = usize::try_from(found["nodeId"].as_i64().context("a node")?)?;
        ensure!((1..=self.node_count()).contains(&node), "node {node}");
        let conn = self.connect(node)?;
        self.until("the coordinator answers", |cx| {
            let error = ask(cx, conn)?;
            Ok(error
                .as_i64()
                .is_some_and(|error| !LOADING.contains(&error)))
        })?;
        self.forget_connections(self.connection_count() - 1);
        Ok(node)
    }
}

/// A partition of OffsetCommit or TxnOffsetCommit.
#[must_use]
pub fn committed(partition: i32, offset: i64) -> Value {
    json!({"partitionIndex": partition, "committedOffset": offset})
}

/// The same with metadata.
#[must_use]
pub fn committed_with(partition: i32, offset: i64, metadata: &str) -> Value {
    json!({"partitionIndex": partition, "committedOffset": offset, "committedMetadata": metadata})
}

/// The body of OffsetFetch for one group: each topic by name, id and partitions; null asks for all.
#[must_use]
pub fn offset_fetch(version: i16, group: &str, topics: Option<&[(&str, &str, &[i32])]>) -> Value {
    let topics = topics.map(|topics| {
        let rows = topics.iter().map(|(name, id, partitions)| match version {
            ..8 => json!({"name": name, "partitionIndexes": partitions}),
            _ => json!({"name": name, "topicId": id, "partitionIndexes": partitions}),
        });
        rows.collect::<Vec<_>>()
    });
    match version {
        ..8 => json!({"groupId": group, "topics": topics}),
        _ => json!({"groups": [{"groupId": group, "topics": topics}]}),
    }
}
