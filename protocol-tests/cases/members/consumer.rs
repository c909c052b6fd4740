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

    /// Joins with a regular expression over topics, and no names.
    pub(in crate::cases) fn join_pattern(
        &mut self,
        cx: &mut Context,
        pattern: &str,
    ) -> Result<Value> {
        self.epoch = 0;
        self.beat(
            cx,
            json!({"rebalanceTimeoutMs": 30_000, "subscribedTopicRegex": pattern, "topicPartitions": []}),
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

/// What the newest ConsumerGroupDescribe says of the group.
pub(in crate::cases) fn describe(cx: &mut Context, group: &str) -> Result<Value> {
    describe_on(cx, Context::A, group)
}

/// The same, asked on another connection.
pub(in crate::cases) fn describe_on(cx: &mut Context, conn: Conn, group: &str) -> Result<Value> {
    cx.call_on(
        conn,
        "ConsumerGroupDescribe",
        1,
        json!({"groupIds": [group]}),
    )
}

/// Waits until ConsumerGroupDescribe says this in a field of the group.
pub(in crate::cases) fn await_group(
    cx: &mut Context,
    group: &str,
    field: &str,
    wanted: &Value,
) -> Result<()> {
    cx.until(&format!("{field} {wanted}"), |cx| {
        Ok(describe(cx, group)?["groups"][0][field] == *wanted)
    })
}

/// Waits until the group has so many members.
pub(in crate::cases) fn await_count(cx: &mut Context, group: &str, count: usize) -> Result<()> {
    cx.until("the members", |cx| {
        let described = describe(cx, group)?;
        let members = described["groups"][0]["members"].as_array();
        Ok(members.map_or(0, Vec::len) == count)
    })
}

/// Changes a group's settings. They reach the coordinator after the answer: wait for what they do.
pub(in crate::cases) fn configure(
    cx: &mut Context,
    group: &str,
    settings: &[(&str, &str)],
) -> Result<()> {
    let mut configs = Vec::new();
    for (name, value) in settings {
        cx.note(&format!("{group}: {name}={value}"));
        configs.push(json!({"name": name, "configOperation": 0, "value": value}));
    }
    let resources = json!([{"resourceType": 32, "resourceName": group, "configs": configs}]);
    let answer = cx.ask(
        "IncrementalAlterConfigs",
        1,
        json!({"resources": resources}),
    )?;
    ensure!(
        answer["responses"][0]["errorCode"] == 0,
        "IncrementalAlterConfigs answered {answer}"
    );
    Ok(())
}

/// A group whose targets stay as they are once there is one: its assignment interval is the longest. Its first
/// member is settled.
pub(in crate::cases) fn slow(cx: &mut Context, group: &str, topics: &[&str]) -> Result<Consumer> {
    let mut first = Consumer::new(group, "m");
    cx.quietly(|cx| first.join(cx, topics))?;
    settle(cx, &mut [&mut first])?;
    // The heartbeat interval shows that the coordinator has the settings.
    let settings = [
        ("consumer.assignment.interval.ms", "15000"),
        ("consumer.heartbeat.interval.ms", "6001"),
    ];
    configure(cx, group, &settings)?;
    await_heartbeat(cx, &mut first, 6001)?;
    Ok(first)
}

/// Waits until the member is told this heartbeat interval, which proves that the coordinator has the settings.
pub(in crate::cases) fn await_heartbeat(
    cx: &mut Context,
    member: &mut Consumer,
    interval: i32,
) -> Result<()> {
    cx.until("the settings at the coordinator", |cx| {
        Ok(member.idle(cx)?["heartbeatIntervalMs"] == interval)
    })
}

/// Lets them heartbeat, without a trace in the transcript, until all are in one epoch and nothing changes any more.
pub(in crate::cases) fn settle(cx: &mut Context, members: &mut [&mut Consumer]) -> Result<()> {
    cx.until("a settled group", |cx| {
        let mut still = true;
        for member in members.iter_mut() {
            let answer = member.own(cx)?;
            ensure!(answer["errorCode"] == 0, "a heartbeat answered {answer}");
        }
        let described = describe_on(cx, members[0].conn, &members[0].group)?;
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

/// Lets them heartbeat until they are settled and have so many partitions together, in case the coordinator has not heard
/// of the topics.
pub(in crate::cases) fn settle_all(
    cx: &mut Context,
    members: &mut [Consumer],
    partitions: usize,
) -> Result<()> {
    cx.until("all partitions", |cx| {
        let mut all: Vec<_> = members.iter_mut().collect();
        settle(cx, &mut all)?;
        let topics = members
            .iter()
            .filter_map(|member| member.assigned.as_array());
        let owned = topics
            .flatten()
            .filter_map(|topic| topic["partitions"].as_array());
        Ok(owned.map(Vec::len).sum::<usize>() == partitions)
    })
}
