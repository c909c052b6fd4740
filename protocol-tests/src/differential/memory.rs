//! What a sequence learns while it runs, and what stands for it in bodies.
//!
//! `{"$member": [group, member]}` in a body is the id that this member was given, and so on: the same sequence says
//! the same things to two brokers which give out different ids.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use super::Step;
use super::batches::changed;
use crate::clock;
use crate::context::Context;
use crate::records::{Batch, Codec, Record};
use crate::subscriptions;

/// The id of a producer that nobody was given.
const UNKNOWN_PRODUCER: i64 = 4_000_000;

/// Names, and what answers said.
#[derive(Debug, Default)]
pub(super) struct Memory {
    topics: Vec<String>,
    ids: Vec<String>,
    groups: Vec<String>,
    transactional_ids: Vec<String>,
    members: BTreeMap<(usize, usize), String>,
    epochs: BTreeMap<(usize, usize), i64>,
    /// The epoch that a member of a streams group had before its last.
    epochs_before: BTreeMap<(usize, usize), i64>,
    owned: BTreeMap<(usize, usize), Value>,
    /// What members of streams groups run, by kind.
    tasks: BTreeMap<(usize, usize, String), Value>,
    generations: BTreeMap<usize, i64>,
    protocols: BTreeMap<usize, String>,
    producers: BTreeMap<usize, (i64, i64)>,
    /// The next sequence number of a producer in a partition of a topic.
    sequences: BTreeMap<(i64, usize, i64), i64>,
    /// The batches of the last request: producer, topic, partition, next sequence number.
    sent: Vec<(i64, usize, i64, i64)>,
    session: (i64, i64),
    /// The epoch of a member's share session that comes next.
    share_sessions: BTreeMap<(usize, usize), i64>,
}

/// Whether members choose their ids in requests of an API.
fn chooses_ids(api: &str) -> bool {
    api == "ConsumerGroupHeartbeat" || api.starts_with("Share") || api.starts_with("Streams")
}

impl Memory {
    /// Makes the pool: two topics that exist, others that do not, two groups, two transactional ids.
    pub(super) fn new(cx: &mut Context) -> Result<Self> {
        let mut memory = Self::default();
        let compacted = json!({"cleanup.policy": "compact"});
        // Several nodes place replicas by chance unless they are told.
        if cx.node_count() == 1 {
            memory.topics.push(cx.create_topic("t", 2)?);
            memory.topics.push(cx.create_topic_with("u", 1, compacted)?);
        } else {
            let placed: [&[usize]; 2] = [&[1, 2, 3], &[1, 3, 2]];
            memory.topics.push(cx.create_topic_on("t", &placed)?);
            memory.topics.push(cx.create_topic_on("u", &[&[1]])?);
        }
        for topic in memory.topics.clone() {
            memory.ids.push(cx.topic_id(&topic)?);
        }
        for short in ["missing", "new", "newer"] {
            memory.topics.push(cx.topic(short));
        }
        for short in ["g", "h"] {
            memory.groups.push(cx.group(short)?);
        }
        for short in ["x", "y"] {
            memory.transactional_ids.push(cx.transactional_id(short)?);
        }
        memory.groups.push(cx.topic("unknown"));
        memory.transactional_ids.push(cx.topic("z"));
        Ok(memory)
    }

    /// The topics that may exist, to be deleted afterwards.
    pub(super) fn topics(&self) -> &[String] {
        &self.topics
    }

    /// Closes the share sessions that were opened, a body for each: Kafka keeps all but the last of a connection.
    pub(super) fn closings(&mut self) -> Result<Vec<Value>> {
        let keys: Vec<_> = self.share_sessions.keys().copied().collect();
        let close = |(group, member): (usize, usize)| {
            let body = json!({"groupId": {"$group": group}, "memberId": {"$member": [group, member]},
                "shareSessionEpoch": -1, "topics": []});
            self.resolve("ShareAcknowledge", &body)
        };
        keys.into_iter().map(close).collect()
    }

    /// The transactional ids.
    pub(super) fn transactional_ids(&self) -> &[String] {
        &self.transactional_ids
    }

    /// The body with everything filled in that only the run knows.
    pub(super) fn resolve(&mut self, api: &str, value: &Value) -> Result<Value> {
        Ok(match value {
            Value::Array(items) => items
                .iter()
                .map(|item| self.resolve(api, item))
                .collect::<Result<_>>()?,
            Value::Object(map) => match map.iter().next() {
                Some((name, of)) if name.starts_with('$') => self.known(api, name, of)?,
                _ => {
                    let fields = map
                        .iter()
                        .map(|(name, value)| Ok((name.clone(), self.resolve(api, value)?)));
                    Value::Object(fields.collect::<Result<_>>()?)
                }
            },
            other => other.clone(),
        })
    }

    fn known(&mut self, api: &str, name: &str, of: &Value) -> Result<Value> {
        let at = |index: usize| {
            of[index]
                .as_u64()
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(0)
        };
        let one = of
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(0);
        let key = (at(0), at(1));
        let delta = |index: usize| of[index].as_i64().unwrap_or(0);
        Ok(match name {
            "$topic" => json!(self.topics[one]),
            "$id" => json!(
                self.ids
                    .get(one)
                    .map_or("c29tZXRoaW5nIHVua25vdw", String::as_str)
            ),
            "$group" => json!(self.groups[one]),
            "$tid" => json!(self.transactional_ids[one]),
            "$member" => match self.members.get(&key) {
                Some(id) => json!(id),
                None if chooses_ids(api) => json!(format!("member-{}", key.1)),
                None => json!(""),
            },
            "$generation" => json!(self.generations.get(&key.0).unwrap_or(&-1) + delta(1)),
            "$protocol" => json!(self.protocols.get(&key.0).map_or("range", String::as_str)),
            "$epoch" => {
                let known = self
                    .epochs
                    .get(&key)
                    .or_else(|| self.generations.get(&key.0));
                let none = if chooses_ids(api) { &0 } else { &-1 };
                json!(known.unwrap_or(none) + delta(2))
            }
            "$epochBefore" => json!(self.epochs_before.get(&key).unwrap_or(&0)),
            "$joining" => {
                let joins = self.epochs.get(&key).is_none_or(|epoch| *epoch <= 0);
                self.resolve(api, &of[if joins { 2 } else { 3 }])?
            }
            "$tasks" => {
                let kind = of[2].as_str().unwrap_or_default().to_owned();
                let known = self.tasks.get(&(key.0, key.1, kind)).cloned();
                known.unwrap_or_else(|| json!([]))
            }
            "$owned" => self.owned.get(&key).cloned().unwrap_or_else(|| json!([])),
            "$producer" => json!(self.producers.get(&one).map_or(-1, |producer| producer.0)),
            "$producerEpoch" => {
                json!(self.producers.get(&key.0).map_or(-1, |producer| producer.1) + delta(1))
            }
            "$session" => json!(self.session.0),
            "$sessionEpoch" => json!(self.session.1 + of.as_i64().unwrap_or(0)),
            "$shareSession" => json!(self.share_sessions.get(&key).unwrap_or(&0)),
            "$base" => json!(clock::base_millis() + of.as_i64().unwrap_or(0)),
            "$subscription" => self.subscription(of)?,
            "$assignment" => {
                let topic = &self.topics[of["topic"]
                    .as_u64()
                    .and_then(|n| usize::try_from(n).ok())
                    .unwrap_or(0)];
                let version = i16::try_from(of["version"].as_i64().unwrap_or(0))?;
                subscriptions::assignment(
                    version,
                    &json!({"assignedPartitions": [{"topic": topic, "partitions": of["partitions"]}]}),
                )?
            }
            "$batch" => self.batch(of),
            other => anyhow::bail!("nothing is known as {other}"),
        })
    }

    fn subscription(&self, of: &Value) -> Result<Value> {
        let names = of["topics"].as_array().into_iter().flatten();
        let names: Vec<_> = names
            .map(|k| {
                &self.topics[k
                    .as_u64()
                    .and_then(|n| usize::try_from(n).ok())
                    .unwrap_or(0)]
            })
            .collect();
        let version = i16::try_from(of["version"].as_i64().unwrap_or(0))?;
        subscriptions::subscription(version, &json!({"topics": names}))
    }

    fn batch(&mut self, of: &Value) -> Value {
        let number = |name: &str| of[name].as_i64().unwrap_or(0);
        let count = number("records");
        let record = |k: i64| Record {
            key: of["keyed"]
                .as_bool()
                .unwrap_or(false)
                .then(|| b"k".to_vec()),
            ..Record::of(&format!("v{k}")).after(k)
        };
        let mut batch = Batch::new((0..count).map(record).collect());
        batch.codec = [
            Codec::None,
            Codec::Gzip,
            Codec::Snappy,
            Codec::Lz4,
            Codec::Zstd,
        ][usize::try_from(number("codec")).unwrap_or(0) % 5];
        if let Some(slot) = of["producer"]
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
        {
            let (id, epoch) = self
                .producers
                .get(&slot)
                .copied()
                .unwrap_or((UNKNOWN_PRODUCER, 0));
            let topic = usize::try_from(number("topic")).unwrap_or(0);
            let partition = number("partition");
            let next = self
                .sequences
                .get(&(id, topic, partition))
                .copied()
                .unwrap_or(0);
            let sequence = match of["sequence"].as_str() {
                Some("next") => next,
                Some("again") => (next - count).max(0),
                Some(_) => next + 1,
                None => number("sequence"),
            };
            self.sent.push((id, topic, partition, sequence + count));
            batch = batch.from_producer(id, epoch + number("epoch"), sequence);
            if of["transactional"] == true {
                batch.attributes |= 0x10;
            }
        }
        changed(batch, of["change"].as_str().unwrap_or_default()).json()
    }

    fn learn_written(&mut self, answer: &Value) {
        let rows = answer["responses"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|row| row["partitionResponses"].as_array())
            .flatten();
        let written: Vec<_> = rows
            .filter(|row| row["errorCode"] == 0)
            .map(|row| row["index"].as_i64())
            .collect();
        for (id, topic, partition, next) in &self.sent {
            if written.contains(&Some(*partition)) {
                self.sequences.insert((*id, *topic, *partition), *next);
            }
        }
    }

    /// A share session goes on with each request of it that is taken, and ends with one of epoch -1.
    fn learn_share_session(&mut self, step: &Step, key: (usize, usize), answer: &Value) {
        let next = self.share_sessions.entry(key).or_insert(0);
        let sent = step.body["shareSessionEpoch"].as_i64().unwrap_or(*next);
        match answer["errorCode"].as_i64() {
            Some(0) if sent < 0 => *next = 0,
            Some(0) => *next = sent + 1,
            // There is no such session.
            Some(122) => *next = 0,
            _ => {}
        }
    }

    /// A member of a streams group runs what it is told, and joins again once it is told to go.
    fn learn_tasks(&mut self, key: (usize, usize), answer: &Value) {
        /// The member is none, or is fenced.
        const OUT: [i64; 3] = [25, 69, 110];
        match answer["errorCode"].as_i64() {
            Some(0) => {
                let epoch = answer["memberEpoch"].as_i64().unwrap_or(0).max(0);
                if let Some(before) = self.epochs.insert(key, epoch).filter(|it| *it != epoch) {
                    self.epochs_before.insert(key, before);
                }
                for kind in ["active", "standby", "warmup"] {
                    if let Some(rows) = answer[format!("{kind}Tasks")].as_array() {
                        let known = (key.0, key.1, kind.to_owned());
                        self.tasks.insert(known, json!(rows));
                    }
                }
            }
            Some(error) if OUT.contains(&error) => {
                self.epochs.insert(key, 0);
            }
            _ => {}
        }
    }

    /// Takes from an answer what later requests may say.
    pub(super) fn learn(&mut self, step: &Step, answer: &Value) {
        let key = (step.focus.group, step.focus.member);
        let number = |name: &str| answer[name].as_i64();
        let ok = answer["errorCode"] == 0;
        match step.api {
            "JoinGroup" => {
                if let Some(id) = answer["memberId"].as_str().filter(|id| !id.is_empty()) {
                    self.members.insert(key, id.to_owned());
                }
                if ok {
                    self.generations
                        .insert(key.0, number("generationId").unwrap_or(-1));
                    self.protocols.insert(
                        key.0,
                        answer["protocolName"]
                            .as_str()
                            .unwrap_or_default()
                            .to_owned(),
                    );
                }
            }
            "ShareFetch" | "ShareAcknowledge" => self.learn_share_session(step, key, answer),
            "StreamsGroupHeartbeat" => self.learn_tasks(key, answer),
            "ConsumerGroupHeartbeat" | "ShareGroupHeartbeat" if ok => {
                if let Some(id) = answer["memberId"].as_str().filter(|id| !id.is_empty()) {
                    self.members.insert(key, id.to_owned());
                }
                self.epochs
                    .insert(key, number("memberEpoch").unwrap_or(0).max(0));
                if let Some(rows) = answer["assignment"].get("topicPartitions") {
                    let mut rows = rows.as_array().cloned().unwrap_or_default();
                    rows.sort_by_key(|row| self.ids.iter().position(|id| row["topicId"] == **id));
                    self.owned.insert(key, json!(rows));
                }
            }
            "InitProducerId" if ok => {
                let producer = (
                    number("producerId").unwrap_or(-1),
                    number("producerEpoch").unwrap_or(-1),
                );
                self.producers.insert(step.focus.producer, producer);
            }
            "EndTxn" if ok && number("producerId").is_some_and(|id| id >= 0) => {
                let producer = (
                    number("producerId").unwrap_or(-1),
                    number("producerEpoch").unwrap_or(-1),
                );
                self.producers.insert(step.focus.producer, producer);
            }
            "Fetch" if ok => {
                let session = number("sessionId").unwrap_or(0);
                let next = if self.session.0 == session {
                    self.session.1 + 1
                } else {
                    1
                };
                self.session = (session, next);
            }
            "Produce" => self.learn_written(answer),
            _ => {}
        }
        self.sent.clear();
    }
}
