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
}
