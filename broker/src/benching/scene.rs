//! A cluster that is asked the same again and again.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::bodies::{Body, TOPIC};
use super::{Answer, Batch};
use crate::engine::context::{ConnectionId, Effect, Effects};
use crate::engine::input::Input;
use crate::engine::testing::Bench;
use crate::wire::api::Api;
use crate::wire::apis::{Request, Response};
use crate::wire::dynamic::Shape;
use crate::wire::rope::RopeMut;
use crate::wire::units::{ProducerEpoch, ProducerId};

/// When a cluster begins anew, so that measuring takes no more memory the longer it lasts.
const ASKED_MAX: u32 = 20_000;

/// Who asks.
const CONNECTION: ConnectionId = ConnectionId(1);
const CLIENT: &str = "client";

/// What is asked of the cluster.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Heartbeat,
    ConsumerGroupHeartbeat,
    OffsetCommit,
    Metadata { topics: u32, partitions: usize },
    Produce { value_bytes: usize },
    Fetch { records: u32, partitions: i32 },
    Commit,
}

/// What is asked for next.
#[derive(Debug)]
enum Next {
    Same(Box<(Body, Request)>),
    /// A transaction begins before each of these is asked.
    EndTxn,
}

/// A cluster of one node, and what it is asked.
#[derive(Debug)]
pub struct Scene {
    kind: Kind,
    bench: Bench,
    next: Next,
    asked: u32,
}

/// A request that is decoded.
#[derive(Debug)]
pub struct Asked(Input);

impl Scene {
    /// A member of a classic group says that it lives.
    pub fn heartbeat() -> Self {
        Self::new(Kind::Heartbeat)
    }

    /// The same in a consumer group (KIP-848).
    pub fn consumer_group_heartbeat() -> Self {
        Self::new(Kind::ConsumerGroupHeartbeat)
    }

    /// A member of a classic group commits one partition's offset.
    pub fn offset_commit() -> Self {
        Self::new(Kind::OffsetCommit)
    }

    /// A client asks for all topics; there are so many, of so many partitions each.
    pub fn metadata(topics: u32, partitions: usize) -> Self {
        Self::new(Kind::Metadata { topics, partitions })
    }

    /// A producer sends one record.
    pub fn produce(value_bytes: usize) -> Self {
        Self::new(Kind::Produce { value_bytes })
    }

    /// A consumer without a session reads so many records of 1 KiB of each partition, a batch each.
    pub fn fetch(records: u32, partitions: i32) -> Self {
        Self::new(Kind::Fetch {
            records,
            partitions,
        })
    }

    /// A transaction of one record is committed, by the second protocol (KIP-890).
    pub fn commit() -> Self {
        Self::new(Kind::Commit)
    }

    fn new(kind: Kind) -> Self {
        let mut scene = Self {
            kind,
            bench: Bench::new(&[]),
            next: Next::EndTxn,
            asked: 0,
        };
        scene.bench.open(CONNECTION, "/127.0.0.1");
        let body = match kind {
            Kind::Heartbeat => {
                let (member_id, generation_id) = scene.join();
                Body::heartbeat(&member_id, generation_id)
            }
            Kind::ConsumerGroupHeartbeat => scene.join_consumer_group(),
            Kind::OffsetCommit => {
                let (member_id, generation_id) = scene.join();
                Body::offset_commit(&member_id, generation_id)
            }
            Kind::Metadata { topics, partitions } => {
                for number in 0..topics {
                    scene.bench.topic(&format!("topic-{number}"), partitions);
                }
                Body::metadata()
            }
            Kind::Produce { value_bytes } => {
                scene.bench.topic(TOPIC, 1);
                Body::produce(None, &Batch::new("none", 1, value_bytes), 1)
            }
            Kind::Fetch {
                records,
                partitions,
            } => scene.fill(records, partitions),
            Kind::Commit => {
                scene.bench.topic(TOPIC, 1);
                scene.find_coordinator("t", 1);
                return scene;
            }
        };
        let request = body.request();
        scene.next = Next::Same(Box::new((body, request)));
        scene
    }

    /// Makes the request, in a cluster that begins anew once in a while.
    pub fn ready(&mut self) -> Asked {
        self.asked += 1;
        if self.asked > ASKED_MAX {
            *self = Self::new(self.kind);
        }
        let (body, request) = match &self.next {
            Next::Same(same) => (&same.0, same.1.clone()),
            Next::EndTxn => {
                let body = self.begin_transaction();
                return Asked(self.input(&body, body.request()));
            }
        };
        Asked(self.input(body, request))
    }

    /// Has the engine do it, and all that follows.
    pub fn handle(&mut self, Asked(input): Asked) -> impl Sized + use<> {
        self.bench.handle(input)
    }

    /// Asks, and looks whether anything is wrong in the answer.
    #[must_use]
    pub fn checked(mut self) -> Self {
        let Asked(input) = self.ready();
        let Input::Request(call, request) = &input else {
            panic!("no request but {input:?}");
        };
        let (api, version) = (request.api(), call.version);
        answered(api, version, self.bench.handle(input));
        self
    }

    /// The answer to it.
    pub fn answer(&mut self) -> Answer {
        let Asked(input) = self.ready();
        let Input::Request(call, request) = &input else {
            panic!("no request but {input:?}");
        };
        let of = (request.api(), call.version);
        Answer::new(of, replied(self.bench.handle(input)))
    }

    fn input(&self, body: &Body, request: Request) -> Input {
        let bench = &self.bench;
        let mut input = bench.request(CONNECTION, CLIENT, body.version, request);
        if let Input::Request(call, _) = &mut input {
            call.bytes = body.bytes.len();
            call.body = Bytes::clone(&body.bytes);
        }
        input
    }

    /// What the cluster answers; nothing in it is wrong.
    fn ask(&mut self, api: Api, version: i16, json: &Value) -> Value {
        let body = Body::new(api, version, json);
        self.ask_body(&body)
    }

    fn ask_body(&mut self, body: &Body) -> Value {
        let input = self.input(body, body.request());
        let mut effects = self.bench.handle(input);
        // A group waits for more members before its first generation.
        let end = self.bench.now.plus(Duration::from_secs(10));
        while effects.0.is_empty() {
            effects.0.extend(self.bench.next_until(end).unwrap());
        }
        answered(body.api, body.version, effects)
    }

    fn find_coordinator(&mut self, key: &str, key_type: i8) {
        let json = json!({"keyType": key_type, "coordinatorKeys": [key]});
        self.ask(Api::FindCoordinator, 4, &json);
    }

    /// Has a member join a classic group, alone. Says its id, and the generation.
    fn join(&mut self) -> (String, i32) {
        self.bench.topic(TOPIC, 1);
        self.find_coordinator("g", 0);
        let json = json!({
            "groupId": "g",
            "sessionTimeoutMs": 45_000,
            "rebalanceTimeoutMs": 300_000,
            "protocolType": "consumer",
            "protocols": [{"name": "range", "metadata": ""}],
        });
        let joined = self.ask(Api::JoinGroup, 3, &json);
        let member_id = joined["memberId"].as_str().unwrap().to_owned();
        let generation_id = joined["generationId"].as_i64().unwrap();
        let json = json!({
            "groupId": "g",
            "generationId": generation_id,
            "memberId": member_id,
            "assignments": [{"memberId": member_id, "assignment": ""}],
        });
        self.ask(Api::SyncGroup, 3, &json);
        (member_id, i32::try_from(generation_id).unwrap())
    }

    /// Has a member join a consumer group, alone. Says with what it stays there.
    fn join_consumer_group(&mut self) -> Body {
        self.bench.topic(TOPIC, 24);
        self.find_coordinator("g", 0);
        let member_id = "AAAAAAAAAAAAAAAAAAAAAQ";
        let json = json!({
            "groupId": "g",
            "memberId": member_id,
            "memberEpoch": 0,
            "rebalanceTimeoutMs": 300_000,
            "subscribedTopicNames": [TOPIC],
            "topicPartitions": [],
        });
        let joined = self.ask(Api::ConsumerGroupHeartbeat, 1, &json);
        let json = json!({
            "groupId": "g",
            "memberId": member_id,
            "memberEpoch": joined["memberEpoch"],
            "topicPartitions": joined["assignment"]["topicPartitions"],
        });
        self.ask(Api::ConsumerGroupHeartbeat, 1, &json);
        let json = json!({
            "groupId": "g",
            "memberId": member_id,
            "memberEpoch": joined["memberEpoch"],
        });
        Body::new(Api::ConsumerGroupHeartbeat, 1, &json)
    }

    /// Writes a thousand records before those that are fetched.
    fn fill(&mut self, records: u32, partitions: i32) -> Body {
        const BEFORE: u32 = 1000;
        self.bench
            .topic(TOPIC, usize::try_from(partitions).unwrap());
        let body = Body::produce(None, &Batch::new("none", 1, 1024), partitions);
        for _ in 0..BEFORE + records {
            self.ask_body(&body);
        }
        Body::fetch(partitions, BEFORE.into())
    }

    /// Writes a record in a new transaction. Says how to commit it.
    fn begin_transaction(&mut self) -> Body {
        let json = json!({"transactionalId": "t", "transactionTimeoutMs": 60_000, "producerId": -1, "producerEpoch": -1});
        let producer = self.ask(Api::InitProducerId, 5, &json);
        let (id, epoch) = (&producer["producerId"], &producer["producerEpoch"]);
        let batch = Batch::in_transaction(
            ProducerId(id.as_i64().unwrap()),
            ProducerEpoch(i16::try_from(epoch.as_i64().unwrap()).unwrap()),
        );
        self.ask_body(&Body::produce(Some("t"), &batch, 1));
        let json = json!({"transactionalId": "t", "producerId": id, "producerEpoch": epoch, "committed": true});
        Body::new(Api::EndTxn, 5, &json)
    }
}

fn replied(mut effects: Effects) -> Response {
    match effects.0.pop() {
        Some(Effect::Reply { response, .. }) => response,
        other => panic!("no reply but {other:?}"),
    }
}

/// An answer as JSON, in which nothing is wrong.
fn answered(api: Api, version: i16, effects: Effects) -> Value {
    let mut body = RopeMut::default();
    replied(effects).encode(version, &mut body).unwrap();
    let body = body.freeze().to_bytes();
    let shape = Shape::response(api.key(), version).unwrap();
    let answer = shape.decode(&body).unwrap().to_json();
    assert!(is_right(&answer), "{}: {answer}", api.name());
    answer
}

fn is_right(answer: &Value) -> bool {
    match answer {
        Value::Object(fields) => fields.iter().all(|(name, value)| {
            is_right(value) && (name != "errorCode" || value.as_i64() == Some(0))
        }),
        Value::Array(elements) => elements.iter().all(is_right),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}
