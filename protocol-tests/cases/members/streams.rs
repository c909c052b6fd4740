//! Members of KIP-1071 streams groups.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::context::{Conn, Context};

/// A member of a streams group.
#[derive(Debug, Clone)]
pub(in crate::cases) struct Streams {
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
    /// The tasks it last heard of.
    pub tasks: [Value; 3],
}

/// The names of the kinds of tasks.
const KINDS: [&str; 3] = ["activeTasks", "standbyTasks", "warmupTasks"];

impl Streams {
    /// One that has not joined.
    pub(in crate::cases) fn new(group: &str, id: &str) -> Self {
        Self {
            conn: Context::A,
            group: group.to_owned(),
            id: id.to_owned(),
            instance: None,
            epoch: 0,
            tasks: [json!([]), json!([]), json!([])],
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

    /// A StreamsGroupHeartbeat at the newest version with these fields beside group, member and epoch.
    pub(in crate::cases) fn beat(&mut self, cx: &mut Context, fields: Value) -> Result<Value> {
        self.beat_at(cx, 1, fields)
    }

    /// The same at another version.
    pub(in crate::cases) fn beat_at(
        &mut self,
        cx: &mut Context,
        version: i16,
        fields: Value,
    ) -> Result<Value> {
        let mut body =
            json!({"groupId": self.group, "memberId": self.id, "memberEpoch": self.epoch});
        if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
            if self.instance.is_some() {
                body.insert("instanceId".to_owned(), json!(self.instance));
            }
            body.extend(fields);
        }
        let answer = cx.call_on(self.conn, "StreamsGroupHeartbeat", version, body)?;
        if answer["errorCode"] == 0 {
            self.epoch = answer["memberEpoch"].as_i64().unwrap_or(-1);
        }
        for (tasks, kind) in self.tasks.iter_mut().zip(KINDS) {
            if answer[kind].is_array() {
                *tasks = answer[kind].clone();
            }
        }
        Ok(answer)
    }

    /// Joins with this topology, in a process of its own.
    pub(in crate::cases) fn join(&mut self, cx: &mut Context, topology: &Value) -> Result<Value> {
        let process = format!("process-{}", self.id);
        self.join_in(cx, &process, topology)
    }

    /// The same in this process.
    pub(in crate::cases) fn join_in(
        &mut self,
        cx: &mut Context,
        process: &str,
        topology: &Value,
    ) -> Result<Value> {
        self.epoch = 0;
        self.beat(cx, joining(process, topology))
    }

    /// A heartbeat that says nothing new.
    pub(in crate::cases) fn idle(&mut self, cx: &mut Context) -> Result<Value> {
        self.beat(cx, json!({}))
    }

    /// A heartbeat that has the tasks it was last told: it took what is new and gave up what is not.
    pub(in crate::cases) fn own(&mut self, cx: &mut Context) -> Result<Value> {
        let [active, standby, warmup] = self.tasks.clone();
        self.beat(
            cx,
            json!({"activeTasks": active, "standbyTasks": standby, "warmupTasks": warmup}),
        )
    }

    /// Leaves: epoch -1, or -2 for a static member that will come back.
    pub(in crate::cases) fn leave(&mut self, cx: &mut Context, epoch: i64) -> Result<Value> {
        self.epoch = epoch;
        self.beat(cx, json!({}))
    }
}

/// What a member sends to join.
fn joining(process: &str, topology: &Value) -> Value {
    json!({"rebalanceTimeoutMs": 30_000, "topology": topology, "processId": process,
        "activeTasks": [], "standbyTasks": [], "warmupTasks": [], "clientTags": []})
}

/// A topology of these subtopologies, in epoch 0.
pub(in crate::cases) fn topology(subtopologies: &[Value]) -> Value {
    json!({"epoch": 0, "subtopologies": subtopologies})
}

/// A subtopology that reads topics and has these fields beside that.
pub(in crate::cases) fn subtopology(id: &str, sources: &[&str], fields: Value) -> Value {
    let mut row = json!({"subtopologyId": id, "sourceTopics": sources, "sourceTopicRegex": [],
        "stateChangelogTopics": [], "repartitionSinkTopics": [], "repartitionSourceTopics": [], "copartitionGroups": []});
    if let (Some(row), Value::Object(fields)) = (row.as_object_mut(), fields) {
        row.extend(fields);
    }
    row
}

/// A topology of one subtopology without state that reads these topics.
pub(in crate::cases) fn reads(topics: &[&str]) -> Value {
    topology(&[subtopology("0", topics, json!({}))])
}

/// What the newest StreamsGroupDescribe says of the group.
pub(in crate::cases) fn describe_streams(cx: &mut Context, group: &str) -> Result<Value> {
    cx.call("StreamsGroupDescribe", 1, json!({"groupIds": [group]}))
}

/// Waits until a field of the group is that.
pub(in crate::cases) fn await_streams(
    cx: &mut Context,
    group: &str,
    field: &str,
    wanted: &Value,
) -> Result<()> {
    cx.until(&format!("{field} {wanted}"), |cx| {
        Ok(describe_streams(cx, group)?["groups"][0][field] == *wanted)
    })
}

/// Waits until the group has so many members.
pub(in crate::cases) fn await_streams_count(
    cx: &mut Context,
    group: &str,
    count: usize,
) -> Result<()> {
    cx.until("the members", |cx| {
        let described = describe_streams(cx, group)?;
        let members = described["groups"][0]["members"].as_array();
        Ok(members.map_or(0, Vec::len) == count)
    })
}

/// Waits until the member is told this heartbeat interval, which proves that the coordinator has the settings.
pub(in crate::cases) fn await_streams_heartbeat(
    cx: &mut Context,
    member: &mut Streams,
    interval: i32,
) -> Result<()> {
    cx.until("the settings at the coordinator", |cx| {
        Ok(member.idle(cx)?["heartbeatIntervalMs"] == interval)
    })
}

/// Lets them heartbeat, without a trace in the transcript, until all have what they are to have.
pub(in crate::cases) fn settle_streams(
    cx: &mut Context,
    members: &mut [&mut Streams],
) -> Result<()> {
    cx.until("a settled group", |cx| {
        let mut still = true;
        for member in members.iter_mut() {
            let before = (member.epoch, member.tasks.clone());
            let answer = member.own(cx)?;
            ensure!(answer["errorCode"] == 0, "a heartbeat answered {answer}");
            still &=
                before == (member.epoch, member.tasks.clone()) && answer["status"] == json!([]);
        }
        let described = describe_streams(cx, &members[0].group)?;
        Ok(still && described["groups"][0]["groupState"] == "Stable")
    })
}

/// A settled group of one member that reads a new topic `t`, and that topic.
pub(in crate::cases) fn streams_of_one(
    cx: &mut Context,
    group: &str,
    partitions: i32,
) -> Result<(Streams, String)> {
    let t = cx.create_topic_for_consumers("t", partitions)?;
    let mut m = Streams::new(group, "m");
    cx.quietly(|cx| m.join(cx, &reads(&[&t])))?;
    settle_streams(cx, &mut [&mut m])?;
    Ok((m, t))
}

/// The same with a second member.
pub(in crate::cases) fn streams_of_two(
    cx: &mut Context,
    group: &str,
    partitions: i32,
) -> Result<(Streams, Streams, String)> {
    let (mut m, t) = streams_of_one(cx, group, partitions)?;
    let mut n = Streams::new(group, "n");
    cx.quietly(|cx| n.join(cx, &reads(&[&t])))?;
    settle_streams(cx, &mut [&mut m, &mut n])?;
    Ok((m, n, t))
}

/// A topic of the application as a topology has it; 0 partitions are as many as there are tasks.
pub(in crate::cases) fn internal_topic(name: &str, partitions: i32) -> Value {
    json!({"name": name, "partitions": partitions, "replicationFactor": 0, "topicConfigs": []})
}

/// A topology of one subtopology that reads a topic and keeps state in this changelog.
pub(in crate::cases) fn counts(topic: &str, changelog: &str) -> Value {
    let logs = json!({"stateChangelogTopics": [internal_topic(changelog, 0)]});
    topology(&[subtopology("0", &[topic], logs)])
}
