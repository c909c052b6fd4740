//! Setting the stage for groups and transactions: ids of a case's own, whose coordinators have loaded.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::context::{Conn, Context};
use crate::coordinator_records::{CoordinatorTopic, partition_for};

/// What a coordinator answers while it is being made or loads, and what a client asks again after.
const LOADING: [i64; 3] = [14, 15, 16];

/// FindCoordinator's number for share partitions.
const SHARE: i8 = 2;

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

    /// A group or transactional id of this case's own, shown as `short`, whose partition has replicas as wanted,
    /// led by the first of them. Its coordinator answers.
    ///
    /// # Errors
    /// When there is none.
    pub fn key_led_by(
        &mut self,
        topic: CoordinatorTopic,
        short: &str,
        wanted: impl Fn(&[i64]) -> bool,
    ) -> Result<String> {
        let base = self.topic(short);
        // Makes the topic.
        self.coordinating(topic, &base)?;
        self.lead_as_preferred(topic)?;
        let partitions = self.state_partitions(topic)?;
        let count = i32::try_from(partitions.len())?;
        let suitable = |key: &String| {
            let row = usize::try_from(partition_for(key, count)).unwrap_or_default();
            partitions.get(row).is_some_and(|row| wanted(&row.1))
        };
        let mut keys = (0..2000).map(|k| format!("{base}-{k}"));
        let key = keys.find(suitable).context("no such key")?;
        self.labels.topic(&key, short);
        self.coordinating(topic, &key)?;
        Ok(key)
    }

    /// The node (from 1) that coordinates a key of this topic: a group, a transactional id, or a share partition as
    /// FindCoordinator names it; it answers.
    ///
    /// # Errors
    /// When it does not within the bound.
    pub fn coordinating(&mut self, topic: CoordinatorTopic, key: &str) -> Result<usize> {
        match topic {
            CoordinatorTopic::Groups => self.group_coordinator(key),
            CoordinatorTopic::Transactions => self.transaction_coordinator(key),
            CoordinatorTopic::Shares => self.share_coordinator(key),
        }
    }

    /// The node (from 1) that keeps the state of a share partition (`group:topic id:partition`); it answers.
    ///
    /// # Errors
    /// When it does not within the bound.
    pub fn share_coordinator(&mut self, key: &str) -> Result<usize> {
        let mut parts = key.rsplitn(3, ':');
        let partition = parts.next().and_then(|part| part.parse::<i32>().ok());
        let (id, group) = (parts.next(), parts.next());
        let rows = json!([{"partition": partition, "leaderEpoch": -1}]);
        let body = json!({"groupId": group, "topics": [{"topicId": id, "partitions": rows}]});
        self.coordinator(SHARE, key, |cx, conn| {
            let answer = cx.call_on(conn, "ReadShareGroupStateSummary", 1, body.clone())?;
            Ok(answer["results"][0]["partitions"][0]["errorCode"].clone())
        })
    }

    /// A group of this case's own, shown as `short`, with replicas as wanted for its partition, and for the one that
    /// holds its state of a topic's partition 0. Its coordinators answer.
    ///
    /// # Errors
    /// When there is none.
    pub fn share_group_led_by(
        &mut self,
        short: &str,
        topic_id: &str,
        groups: impl Fn(&[i64]) -> bool,
        shares: impl Fn(&[i64]) -> bool,
    ) -> Result<String> {
        let base = self.topic(short);
        let state_of = |group: &str| format!("{group}:{topic_id}:0");
        self.group_coordinator(&base)?;
        self.share_coordinator(&state_of(&base))?;
        let mut placed = Vec::new();
        for topic in [CoordinatorTopic::Groups, CoordinatorTopic::Shares] {
            self.lead_as_preferred(topic)?;
            placed.push(self.state_partitions(topic)?);
        }
        let replicas = |rows: &[(i64, Vec<i64>)], key: &str| {
            let count = i32::try_from(rows.len()).unwrap_or(i32::MAX);
            let row = usize::try_from(partition_for(key, count)).unwrap_or_default();
            rows.get(row).map(|row| row.1.clone()).unwrap_or_default()
        };
        let mut names = (0..5000).map(|k| format!("{base}-{k}"));
        let suitable = |group: &String| {
            groups(&replicas(&placed[0], group)) && shares(&replicas(&placed[1], &state_of(group)))
        };
        let group = names.find(suitable).context("no such group")?;
        self.labels.topic(&group, short);
        self.group_coordinator(&group)?;
        self.share_coordinator(&state_of(&group))?;
        Ok(group)
    }

    /// Lets the first replica of every partition lead, as when the cluster was new.
    fn lead_as_preferred(&mut self, topic: CoordinatorTopic) -> Result<()> {
        let led = |row: &(i64, Vec<i64>)| row.1.first() == Some(&row.0);
        if self.state_partitions(topic)?.iter().all(led) {
            return Ok(());
        }
        let body = json!({"electionType": 0, "timeoutMs": 10_000, "topicPartitions": null});
        self.until("the preferred leaders", |cx| {
            cx.call("ElectLeaders", 2, body.clone())?;
            Ok(cx.state_partitions(topic)?.iter().all(led))
        })
    }

    /// Gives the partition of a key these replicas (nodes from 1) and lets the first of them lead.
    ///
    /// # Errors
    /// When the broker refuses, or the bound is reached.
    pub fn hand_over(&mut self, topic: CoordinatorTopic, key: &str, nodes: &[usize]) -> Result<()> {
        let ids = nodes.iter().map(|node| self.node(*node));
        let ids = ids.collect::<Result<Vec<_>>>()?;
        let count = i32::try_from(self.state_partitions(topic)?.len())?;
        let index = partition_for(key, count);
        let partitions = json!([{"partitionIndex": index, "replicas": ids}]);
        let body = json!({"timeoutMs": 10_000, "topics": [{"name": topic.name(), "partitions": partitions}]});
        self.ask("AlterPartitionReassignments", 0, body)?;
        let row = usize::try_from(index)?;
        self.until("the replicas' order", |cx| {
            let partitions = cx.state_partitions(topic)?;
            Ok(partitions.get(row).is_some_and(|row| row.1 == ids))
        })?;
        let partitions = json!([{"topic": topic.name(), "partitions": [index]}]);
        let body = json!({"electionType": 0, "timeoutMs": 10_000, "topicPartitions": partitions});
        self.ask("ElectLeaders", 2, body)?;
        self.note(&format!("led by {}", nodes[0]));
        Ok(())
    }

    /// The leader and the replicas of each partition.
    fn state_partitions(&mut self, topic: CoordinatorTopic) -> Result<Vec<(i64, Vec<i64>)>> {
        let body = json!({"topics": [{"name": topic.name()}]});
        let answer = self.ask("Metadata", 9, body)?;
        let rows = answer["topics"][0]["partitions"].as_array();
        let mut rows = rows.cloned().unwrap_or_default();
        rows.sort_by_key(|row| row["partitionIndex"].as_i64());
        let number = |value: &Value| value.as_i64().unwrap_or(-1);
        let replicas = |row: &Value| row["replicaNodes"].as_array().cloned().unwrap_or_default();
        let row = |row: &Value| {
            let replicas = replicas(row).iter().map(number).collect();
            (number(&row["leaderId"]), replicas)
        };
        Ok(rows.iter().map(row).collect())
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
            // The first version that knows share partitions.
            let version = if kind == SHARE { 6 } else { 4 };
            let answer = cx.call("FindCoordinator", version, body.clone())?;
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
