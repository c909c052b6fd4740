//! Setting the stage for members of groups: waiting for what requests on other connections did.

use anyhow::Result;
use serde_json::{Value, json};

use crate::context::{Conn, Context};

impl Context {
    /// What DescribeGroups says of a group, without a trace in the transcript.
    ///
    /// # Errors
    /// When the request cannot be written or the answer cannot be read.
    pub fn look_at_group(&mut self, conn: Conn, group: &str) -> Result<Value> {
        self.quietly(|cx| {
            let mut answer = cx.call_on(conn, "DescribeGroups", 5, json!({"groups": [group]}))?;
            Ok(answer["groups"][0].take())
        })
    }

    /// Waits until a classic group is in this state: requests on other connections have no order otherwise.
    ///
    /// # Errors
    /// When it is not within the bound.
    pub fn await_state(&mut self, conn: Conn, group: &str, state: &str) -> Result<()> {
        self.until(state, |cx| {
            Ok(cx.look_at_group(conn, group)?["groupState"] == state)
        })
    }

    /// Waits until a classic group has so many members.
    ///
    /// # Errors
    /// When it has not within the bound.
    pub fn await_members(&mut self, conn: Conn, group: &str, count: usize) -> Result<()> {
        self.until("the members", |cx| {
            let members = cx.look_at_group(conn, group)?["members"].take();
            Ok(members.as_array().map_or(0, Vec::len) == count)
        })
    }

    /// Creates a topic and waits until the coordinator of `Profile::Groups` knows it, which is later than the leader does.
    ///
    /// # Errors
    /// When the broker refuses, or the bound is reached.
    pub fn create_topic_for_consumers(&mut self, short: &str, partitions: i32) -> Result<String> {
        let topic = self.create_topic(short, partitions)?;
        self.await_topic_at_coordinator(&topic, partitions)?;
        Ok(topic)
    }

    /// Waits until a member that subscribes to the topic is assigned so many partitions of it.
    ///
    /// # Errors
    /// When it is not within the bound.
    pub fn await_topic_at_coordinator(&mut self, topic: &str, partitions: i32) -> Result<()> {
        let group = self.group("scout")?;
        self.await_topic_in_group(&group, topic, partitions)
    }

    /// The same with a group whose coordinator has answered.
    ///
    /// # Errors
    /// When it is not within the bound.
    pub fn await_topic_in_group(
        &mut self,
        group: &str,
        topic: &str,
        partitions: i32,
    ) -> Result<()> {
        let topics = json!([topic]);
        let mut epoch = json!(0);
        self.until("the topic at the coordinator", |cx| {
            let body = json!({"groupId": group, "memberId": "scout", "memberEpoch": epoch, "rebalanceTimeoutMs": 30_000,
                "subscribedTopicNames": topics, "topicPartitions": []});
            let answer = cx.call("ConsumerGroupHeartbeat", 1, body)?;
            epoch = answer["memberEpoch"].clone();
            let assigned = answer.pointer("/assignment/topicPartitions/0/partitions");
            let count = assigned.and_then(Value::as_array).map_or(0, Vec::len);
            Ok(i32::try_from(count)? == partitions)
        })?;
        let leave = json!({"groupId": group, "memberId": "scout", "memberEpoch": -1});
        self.ask("ConsumerGroupHeartbeat", 1, leave)?;
        Ok(())
    }

    /// Deletes a topic and waits until the coordinator of `Profile::Groups` knows, by what it says about the group.
    ///
    /// # Errors
    /// When the broker refuses, or the bound is reached.
    pub fn delete_topic_of_consumers(&mut self, topic: &str, group: &str) -> Result<()> {
        let body = json!({"topicNames": [topic], "timeoutMs": 10_000});
        let answer = self.ask("DeleteTopics", 5, body)?;
        let error = &answer["responses"][0]["errorCode"];
        anyhow::ensure!(*error == 0, "DeleteTopics answered {answer}");
        self.until("the coordinator without the topic", |cx| {
            let body = json!({"groupIds": [group]});
            let described = cx.call("ConsumerGroupDescribe", 1, body)?;
            let members = described["groups"][0]["members"].to_string();
            let owned = format!("\"topicName\":\"{topic}\"");
            Ok(!members.contains(&owned))
        })?;
        self.note(&format!("{topic} is deleted"));
        Ok(())
    }

    /// Deletes a topic and waits until a group has no offset in it.
    ///
    /// # Errors
    /// When the broker refuses, or the bound is reached.
    pub fn delete_topic_of_offsets(&mut self, topic: &str, group: &str) -> Result<()> {
        let body = json!({"topicNames": [topic], "timeoutMs": 10_000});
        let answer = self.ask("DeleteTopics", 5, body)?;
        let error = &answer["responses"][0]["errorCode"];
        anyhow::ensure!(*error == 0, "DeleteTopics answered {answer}");
        self.note(&format!("{topic} is deleted"));
        self.until("the offsets are deleted, too", |cx| {
            let body = json!({"groups": [{"groupId": group, "topics": null}]});
            let answer = cx.call("OffsetFetch", 8, body)?;
            let topics = answer["groups"][0]["topics"].as_array();
            Ok(topics.is_some_and(Vec::is_empty))
        })
    }

    /// Adds partitions to a topic and waits until the coordinator of `Profile::Groups` knows.
    ///
    /// # Errors
    /// When the broker refuses, or the bound is reached.
    pub fn grow_topic_of_consumers(&mut self, topic: &str, partitions: i32) -> Result<()> {
        let row = json!({"name": topic, "count": partitions, "assignments": null});
        let body = json!({"topics": [row], "timeoutMs": 10_000, "validateOnly": false});
        let answer = self.ask("CreatePartitions", 3, body)?;
        let error = &answer["results"][0]["errorCode"];
        anyhow::ensure!(*error == 0, "CreatePartitions answered {answer}");
        self.await_topic_at_coordinator(topic, partitions)?;
        self.note(&format!("{topic} has {partitions} partitions"));
        Ok(())
    }
}
