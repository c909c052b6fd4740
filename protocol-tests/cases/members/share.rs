//! Members of share groups (KIP-932).

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{Consumer, configure};
use crate::context::{Conn, Context};

/// A member of a share group, with its share session.
#[derive(Debug, Clone)]
pub(in crate::cases) struct Sharer {
    /// The connection it uses.
    pub conn: Conn,
    /// Its group.
    pub group: String,
    /// Its id.
    pub id: String,
    /// The epoch it last heard of.
    pub epoch: i64,
    /// The assignment it last heard of, as `topicPartitions`.
    pub assigned: Value,
    /// The epoch of its session that comes next.
    pub session: i64,
}

/// A topic by its name and its id.
#[derive(Debug, Clone)]
pub(in crate::cases) struct Shared {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
}

impl Sharer {
    /// One that has not joined.
    pub(in crate::cases) fn new(group: &str, id: &str) -> Self {
        Self {
            conn: Context::A,
            group: group.to_owned(),
            id: id.to_owned(),
            epoch: 0,
            assigned: json!([]),
            session: 0,
        }
    }

    /// A ShareGroupHeartbeat with these fields beside group, member and epoch.
    pub(in crate::cases) fn beat(&mut self, cx: &mut Context, fields: Value) -> Result<Value> {
        let mut body =
            json!({"groupId": self.group, "memberId": self.id, "memberEpoch": self.epoch});
        extend(&mut body, fields);
        let answer = cx.call_on(self.conn, "ShareGroupHeartbeat", 1, body)?;
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
        self.beat(cx, json!({"subscribedTopicNames": topics}))
    }

    /// A heartbeat that says nothing new.
    pub(in crate::cases) fn idle(&mut self, cx: &mut Context) -> Result<Value> {
        self.beat(cx, json!({}))
    }

    /// Leaves.
    pub(in crate::cases) fn leave(&mut self, cx: &mut Context) -> Result<Value> {
        self.epoch = -1;
        self.beat(cx, json!({}))
    }

    /// How many partitions it has.
    pub(in crate::cases) fn count(&self) -> usize {
        let topics = self.assigned.as_array().into_iter().flatten();
        topics
            .filter_map(|topic| topic["partitions"].as_array())
            .map(Vec::len)
            .sum()
    }

    /// Heartbeats without a trace until it has so many partitions.
    pub(in crate::cases) fn await_partitions(
        &mut self,
        cx: &mut Context,
        count: usize,
    ) -> Result<()> {
        cx.until("the partitions", |cx| {
            let answer = self.idle(cx)?;
            ensure!(answer["errorCode"] == 0, "a heartbeat answered {answer}");
            Ok(self.count() == count)
        })
    }

    /// The next ShareFetch of the session, of these partitions, with these fields beside the usual ones.
    pub(in crate::cases) fn fetch(
        &mut self,
        cx: &mut Context,
        topics: Value,
        fields: Value,
    ) -> Result<Value> {
        self.fetch_at(cx, 2, topics, fields)
    }

    /// The same in a version of the request.
    pub(in crate::cases) fn fetch_at(
        &mut self,
        cx: &mut Context,
        version: i16,
        topics: Value,
        fields: Value,
    ) -> Result<Value> {
        let body = self.fetch_body(topics, fields);
        let answer = cx.call_on(self.conn, "ShareFetch", version, body)?;
        self.step(&answer);
        Ok(answer)
    }

    /// What a ShareFetch says.
    pub(in crate::cases) fn fetch_body(&self, topics: Value, fields: Value) -> Value {
        let mut body = json!({"groupId": self.group, "memberId": self.id, "shareSessionEpoch": self.session,
            "maxWaitMs": 10_000, "minBytes": 1, "maxBytes": 1_000_000, "maxRecords": 100, "batchSize": 100,
            "topics": topics, "forgottenTopicsData": []});
        extend(&mut body, fields);
        body
    }

    /// The next ShareAcknowledge of the session, with these fields beside the usual ones.
    pub(in crate::cases) fn acknowledge(
        &mut self,
        cx: &mut Context,
        topics: Value,
        fields: Value,
    ) -> Result<Value> {
        self.acknowledge_at(cx, 2, topics, fields)
    }

    /// The same in a version of the request.
    pub(in crate::cases) fn acknowledge_at(
        &mut self,
        cx: &mut Context,
        version: i16,
        topics: Value,
        fields: Value,
    ) -> Result<Value> {
        let mut body = json!({"groupId": self.group, "memberId": self.id, "shareSessionEpoch": self.session,
            "topics": topics});
        extend(&mut body, fields);
        let answer = cx.call_on(self.conn, "ShareAcknowledge", version, body)?;
        self.step(&answer);
        Ok(answer)
    }

    fn step(&mut self, answer: &Value) {
        if answer["errorCode"] == 0 && self.session >= 0 {
            self.session += 1;
        }
    }
}

impl Shared {
    /// A topic of so many partitions that the group coordinator knows.
    pub(in crate::cases) fn new(cx: &mut Context, short: &str, partitions: i32) -> Result<Self> {
        let name = cx.create_topic_for_consumers(short, partitions)?;
        let id = cx.topic_id(&name)?;
        Ok(Self { name, id })
    }

    /// Rows of these partitions, without acknowledgements.
    pub(in crate::cases) fn of(&self, partitions: &[i32]) -> Value {
        let rows = partitions
            .iter()
            .map(|partition| json!({"partitionIndex": partition, "acknowledgementBatches": []}));
        json!([{"topicId": self.id, "partitions": rows.collect::<Vec<_>>()}])
    }

    /// Acknowledgements of partition 0: first, last, types.
    pub(in crate::cases) fn said(&self, batches: &[(i64, i64, &[i8])]) -> Value {
        let rows = batches.iter().map(|(first, last, types)| {
            json!({"firstOffset": first, "lastOffset": last, "acknowledgeTypes": types})
        });
        let row = json!({"partitionIndex": 0, "acknowledgementBatches": rows.collect::<Vec<_>>()});
        json!([{"topicId": self.id, "partitions": [row]}])
    }
}

fn extend(body: &mut Value, fields: Value) {
    if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
        body.extend(fields);
    }
}

/// A group with these settings, whose coordinator has them. Its share partitions begin with the first record.
pub(in crate::cases) fn earliest(
    cx: &mut Context,
    short: &str,
    settings: &[(&str, &str)],
) -> Result<String> {
    let mut all = vec![("share.auto.offset.reset", "earliest")];
    all.extend(settings);
    configured(cx, short, &all)
}

/// A group with these settings, whose coordinator has them.
pub(in crate::cases) fn configured(
    cx: &mut Context,
    short: &str,
    settings: &[(&str, &str)],
) -> Result<String> {
    let group = cx.group(short)?;
    set(cx, &group, settings)?;
    Ok(group)
}

/// Changes settings of a group, and waits until its coordinator has them.
pub(in crate::cases) fn set(
    cx: &mut Context,
    group: &str,
    settings: &[(&str, &str)],
) -> Result<()> {
    configure(cx, group, settings)?;
    // Settings take effect in the order in which they were changed.
    cx.quietly(|cx| {
        let values: String = settings.iter().map(|(_, value)| *value).collect();
        let scout = cx.group(&format!("settings-{values}"))?;
        configure(cx, &scout, &[("consumer.heartbeat.interval.ms", "6001")])?;
        let mut member = Consumer::new(&scout, "scout");
        cx.until("the settings", |cx| {
            member.epoch = 0;
            let joined = member.join(cx, &[])?;
            Ok(joined["heartbeatIntervalMs"] == 6001)
        })
    })
}

/// A group whose only member, `m`, has all partitions of a topic `t`; its share partitions begin with the first
/// record.
pub(in crate::cases) fn sharing(
    cx: &mut Context,
    partitions: i32,
    settings: &[(&str, &str)],
) -> Result<(Sharer, Shared)> {
    let group = earliest(cx, "g", settings)?;
    let t = Shared::new(cx, "t", partitions)?;
    let m = member(cx, &group, "m", &t)?;
    Ok((m, t))
}

/// A member that has all partitions of a topic.
pub(in crate::cases) fn member(
    cx: &mut Context,
    group: &str,
    id: &str,
    topic: &Shared,
) -> Result<Sharer> {
    let mut member = Sharer::new(group, id);
    cx.quietly(|cx| member.join(cx, &[&topic.name]))?;
    let body = json!({"topics": [{"name": topic.name}]});
    let answer = cx.ask("Metadata", 9, body)?;
    let count = answer["topics"][0]["partitions"]
        .as_array()
        .map_or(0, Vec::len);
    member.await_partitions(cx, count)?;
    Ok(member)
}

/// Waits until the share group is in this state.
pub(in crate::cases) fn await_share_group(
    cx: &mut Context,
    group: &str,
    state: &str,
) -> Result<()> {
    cx.until(state, |cx| {
        let answer = cx.call("ShareGroupDescribe", 1, json!({"groupIds": [group]}))?;
        Ok(answer["groups"][0]["groupState"] == state)
    })
}
