//! Setting the stage: topics that are there and usable before the case's own first call.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::context::{Conn, Context};

impl Context {
    /// Creates a topic of this many partitions with one replica each, and waits until it is usable.
    ///
    /// # Errors
    /// When the broker refuses.
    pub fn create_topic(&mut self, short: &str, partitions: i32) -> Result<String> {
        self.create_topic_with(short, partitions, json!({}))
    }

    /// The same with configs.
    ///
    /// # Errors
    /// When the broker refuses.
    pub fn create_topic_with(
        &mut self,
        short: &str,
        partitions: i32,
        configs: Value,
    ) -> Result<String> {
        let name = self.topic(short);
        let listed: Vec<_> = configs
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        let topic = json!({"name": name, "numPartitions": partitions, "replicationFactor": 1, "configs": listed});
        self.create(&name, topic, partitions)?;
        let configs = if listed.is_empty() {
            String::new()
        } else {
            format!(", {configs}")
        };
        self.note(&format!("topic {short}: {partitions} partitions{configs}"));
        Ok(name)
    }

    /// Creates a topic whose partitions have these replicas (nodes counted from 1), and waits until it is
    /// usable.
    ///
    /// # Errors
    /// When the broker refuses.
    pub fn create_topic_on(&mut self, short: &str, replicas: &[&[usize]]) -> Result<String> {
        let name = self.topic(short);
        let mut assignments = Vec::new();
        for (partition, nodes) in replicas.iter().enumerate() {
            let ids = nodes
                .iter()
                .map(|node| self.node(*node))
                .collect::<Result<Vec<_>>>()?;
            assignments.push(json!({"partitionIndex": partition, "brokerIds": ids}));
        }
        let topic = json!({"name": name, "numPartitions": -1, "replicationFactor": -1, "assignments": assignments});
        self.create(&name, topic, i32::try_from(replicas.len())?)?;
        self.note(&format!("topic {short}: replicas {replicas:?}"));
        Ok(name)
    }

    fn create(&mut self, name: &str, topic: Value, partitions: i32) -> Result<()> {
        let answer = self.ask(
            "CreateTopics",
            7,
            json!({"topics": [topic], "timeoutMs": 15000}),
        )?;
        let error = &answer["topics"][0]["errorCode"];
        ensure!(*error == 0, "CreateTopics answered {answer}");
        self.await_topic(name, partitions)
    }

    /// Makes the first of these nodes (from 1) lead the first partition, whose replicas they all are, and
    /// waits until every node knows.
    ///
    /// # Errors
    /// When the broker refuses, or the bound is reached.
    pub fn lead(&mut self, name: &str, nodes: &[usize]) -> Result<()> {
        let ids = nodes
            .iter()
            .map(|node| self.node(*node))
            .collect::<Result<Vec<_>>>()?;
        let partitions = json!([{"partitionIndex": 0, "replicas": ids}]);
        let body =
            json!({"timeoutMs": 10000, "topics": [{"name": name, "partitions": partitions}]});
        self.ask("AlterPartitionReassignments", 0, body)?;
        let metadata = json!({"topics": [{"name": name}]});
        self.until("the replicas' order", |cx| {
            let answer = cx.call("Metadata", 9, metadata.clone())?;
            Ok(answer["topics"][0]["partitions"][0]["replicaNodes"] == json!(ids))
        })?;
        let body = json!({"electionType": 0, "topicPartitions": [{"topic": name, "partitions": [0]}], "timeoutMs": 10000});
        self.ask("ElectLeaders", 2, body)?;
        for node in 1..=self.node_count() {
            let conn = self.connect(node)?;
            self.until("the new leader", |cx| {
                let answer = cx.call_on(conn, "Metadata", 9, metadata.clone())?;
                Ok(answer["topics"][0]["partitions"][0]["leaderId"] == json!(ids[0]))
            })?;
            self.forget_connections(self.connection_count() - 1);
        }
        // The leader itself may learn it last.
        let conn = self.connect(nodes[0])?;
        let partitions = json!([{"partitionIndex": 0, "timestamp": -1}]);
        let body = json!({"replicaId": -1, "topics": [{"name": name, "partitions": partitions}]});
        self.until("the leader leads", |cx| {
            let answer = cx.call_on(conn, "ListOffsets", 4, body.clone())?;
            Ok(answer["topics"][0]["partitions"][0]["errorCode"] == 0)
        })?;
        self.forget_connections(self.connection_count() - 1);
        self.note(&format!("led by {}", nodes[0]));
        Ok(())
    }

    /// Waits until each node knows the topic and each leader serves it: Kafka's metadata reaches the brokers
    /// after the controller has answered.
    ///
    /// # Errors
    /// When that does not happen within the bound.
    pub fn await_topic(&mut self, name: &str, partitions: i32) -> Result<()> {
        let before = self.connection_count();
        for node in 1..=self.node_count() {
            let conn = if node == 1 {
                Self::A
            } else {
                self.connect(node)?
            };
            self.until("the topic in this node's metadata", |cx| {
                cx.serves(conn, node, name, partitions)
            })?;
        }
        self.forget_connections(before);
        Ok(())
    }

    fn serves(&mut self, conn: Conn, node: usize, name: &str, partitions: i32) -> Result<bool> {
        let request = json!({"topics": [{"name": name}], "allowAutoTopicCreation": false});
        let metadata = self.call_on(conn, "Metadata", 9, request)?;
        let here = self.node(node)?;
        let found = metadata["topics"][0]["partitions"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        if i32::try_from(found.len())? != partitions || found.iter().any(|p| p["errorCode"] != 0) {
            return Ok(false);
        }
        let led = found.iter().filter(|p| p["leaderId"] == here);
        let wanted: Vec<_> = led
            .map(|p| json!({"partitionIndex": p["partitionIndex"], "timestamp": -1}))
            .collect();
        if wanted.is_empty() {
            return Ok(true);
        }
        let request = json!({"replicaId": -1, "topics": [{"name": name, "partitions": wanted}]});
        let offsets = self.call_on(conn, "ListOffsets", 1, request)?;
        let answered = offsets["topics"][0]["partitions"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        Ok(!answered.is_empty() && answered.iter().all(|p| p["errorCode"] == 0))
    }

    /// The id of a topic.
    ///
    /// # Errors
    /// When the topic is not known.
    pub fn topic_id(&mut self, name: &str) -> Result<String> {
        let request = json!({"topics": [{"name": name}], "allowAutoTopicCreation": false});
        let metadata = self.ask("Metadata", 10, request)?;
        let id = metadata["topics"][0]["topicId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let label = format!("<id of {}>", self.labels.replaced(name));
        self.labels.text(&id, &label);
        Ok(id)
    }
}
