//! Members of KIP-848 consumer groups.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::context::{Conn, Context};

/// A member of a consumer group. It chooses its own id, as clients do from version 1 on.
#[derive(Debug, Clone)]
pub(in crate::cases) struct Consumer {
    /// The connection it uses.
    pub conn: Conn,
    /// Its group.
    pub group: String,
    /// Its id.
    pub id: String,
    /// The id of a static member.
    pub instance: Option<String>,
    /// The epoch it last heard of.
    pub epoch: i64,
    /// The assignment it last heard of, as `topicPartitions`.
    pub assigned: Value,
}

impl Consumer {
    /// One that has not joined.
    pub(in crate::cases) fn new(group: &str, id: &str) -> Self {
        Self {
            conn: Context::A,
            group: group.to_owned(),
            id: id.to_owned(),
            instance: None,
            epoch: 0,
            assigned: json!([]),
        }
    }

    /// A static one that has not joined.
    pub(in crate::cases) fn fixed(group: &str, id: &str, instance: &str) -> Self {
        let instance = Some(instance.to_owned());
        Self {
            instance,
            ..Self::new(group, id)
        }
    }

    /// A ConsumerGroupHeartbeat with these fields beside group, member and epoch.
    pub(in crate::cases) fn beat(&mut self, cx: &mut Context, fields: Value) -> Result<Value> {
        let mut body =
            json!({"groupId": self.group, "memberId": self.id, "memberEpoch": self.epoch});
        if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
            if self.instance.is_some() {
                body.insert("instanceId".to_owned(), json!(self.instance));
            }
            body.extend(fields);
        }
        let answer = cx.call_on(self.conn, "ConsumerGroupHeartbeat", 1, body)?;
        if answer["errorCode"] == 0 {
            self.epoch = answer["memberEpoch"].as_i64().unwrap_or(-1);
        }
        if answer["assignment"].is_object() {
            self.assigned = answer["assignment"]["topicPartitions"].clone();
        }
        Ok(answer)
    }

    /// Joins with these topics.
    pub(in crate::cases) fn join(&mut self, cx: &mut Context, topics: &[&str]) -> Result<Value> {
        self.epoch = 0;
        self.beat(
            cx,
            json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicNames": topics, "topicPartitions": []}),
        )
    }

    /// A heartbeat that says nothing new.
    pub(in crate::cases) fn idle(&mut self, cx: &mut Context) -> Result<Value> {
        self.beat(cx, json!({}))
    }

    /// A heartbeat that owns what was last assigned: it took what is new and gave up what is not.
    pub(in crate::cases) fn own(&mut self, cx: &mut Context) -> Result<Value> {
        let assigned = self.assigned.clone();
        self.beat(cx, json!({"topicPartitions": assigned}))
    }

    /// Leaves: epoch -1, or -2 for a static member that will come back.
    pub(in crate::cases) fn leave(&mut self, cx: &mut Context, epoch: i64) -> Result<Value> {
        self.epoch = epoch;
        self.beat(cx, json!({}))
    }
}

/// Lets them heartbeat, without a trace in the transcript, until all are in one epoch and nothing changes any more.
pub(in crate::cases) fn settle(cx: &mut Context, members: &mut [&mut Consumer]) -> Result<()> {
    cx.until("a settled group", |cx| {
        let mut still = true;
        for member in members.iter_mut() {
            let answer = member.own(cx)?;
            ensure!(answer["errorCode"] == 0, "a heartbeat answered {answer}");
        }
        let described = cx.call(
            "ConsumerGroupDescribe",
            0,
            json!({"groupIds": [members[0].group]}),
        )?;
        let group = &described["groups"][0];
        still &= group["groupState"] == "Stable";
        for member in members.iter_mut() {
            let before = (member.epoch, member.assigned.clone());
            member.own(cx)?;
            still &= before == (member.epoch, member.assigned.clone());
        }
        Ok(still)
    })
}
