//! Requests as their clients send them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::Batch;
use crate::wire::api::Api;
use crate::wire::apis::Request;
use crate::wire::dynamic::Shape;
use crate::wire::frame;

/// A topic that is there wherever one is asked for.
pub(super) const TOPIC: &str = "orders";

/// A request's body, at a version.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) api: Api,
    pub(super) version: i16,
    pub(super) bytes: Bytes,
}

impl Body {
    /// From the JSON of Kafka's own definitions.
    pub(super) fn new(api: Api, version: i16, json: &Value) -> Self {
        let shape = Shape::request(api.key(), version).unwrap();
        let bytes = shape.encode(&shape.read_json(json).unwrap()).unwrap();
        Self {
            api,
            version,
            bytes,
        }
    }

    pub(super) fn request(&self) -> Request {
        let decoded = Request::decode(self.api.key(), self.version, self.bytes.clone());
        decoded.unwrap().unwrap()
    }

    /// A member's heartbeat, in a classic group.
    pub(super) fn heartbeat(member_id: &str, generation_id: i32) -> Self {
        let json = json!({"groupId": "g", "memberId": member_id, "generationId": generation_id});
        Self::new(Api::Heartbeat, 4, &json)
    }

    /// A member commits the offset of one partition.
    pub(super) fn offset_commit(member_id: &str, generation_id: i32) -> Self {
        let partition = json!({"partitionIndex": 0, "committedOffset": 1});
        let json = json!({
            "groupId": "g",
            "memberId": member_id,
            "generationIdOrMemberEpoch": generation_id,
            "topics": [{"name": TOPIC, "partitions": [partition]}],
        });
        Self::new(Api::OffsetCommit, 9, &json)
    }

    /// What all topics look like.
    pub(super) fn metadata() -> Self {
        Self::new(Api::Metadata, 12, &json!({"topics": null}))
    }

    /// One batch for each of so many partitions, in a transaction if its id is given.
    pub(super) fn produce(transactional_id: Option<&str>, batch: &Batch, partitions: i32) -> Self {
        let records = BASE64_STANDARD.encode(batch.bytes());
        let partition = |index| json!({"index": index, "records": records});
        let partitions: Vec<_> = (0..partitions).map(partition).collect();
        let json = json!({
            "transactionalId": transactional_id,
            "acks": -1,
            "timeoutMs": 30_000,
            "topicData": [{"name": TOPIC, "partitionData": partitions}],
        });
        Self::new(Api::Produce, 12, &json)
    }

    /// The records of so many partitions from an offset on, without a session.
    pub(super) fn fetch(partitions: i32, offset: i64) -> Self {
        let partition = |index| json!({"partition": index, "fetchOffset": offset, "partitionMaxBytes": 1 << 20});
        let partitions: Vec<_> = (0..partitions).map(partition).collect();
        let json = json!({
            "maxWaitMs": 500,
            "minBytes": 1,
            "maxBytes": 50 << 20,
            "sessionEpoch": -1,
            "topics": [{"topic": TOPIC, "partitions": partitions}],
        });
        Self::new(Api::Fetch, 12, &json)
    }
}

/// A whole request as it comes from a socket, without its size.
#[derive(Debug, Clone)]
pub struct Frame(Bytes);

impl Frame {
    fn of(body: &Body) -> Self {
        let header = (body.api.key(), body.version, 7);
        let frame = frame::request(header, "producer-1", &body.bytes);
        Self(Bytes::from(frame).slice(4..))
    }

    /// A heartbeat in a classic group.
    pub fn heartbeat() -> Self {
        Self::of(&Body::heartbeat(
            "consumer-1-2f6b6e9c-6bd4-4c2c-9a53-6a5a7e3d1f0e",
            3,
        ))
    }

    /// A commit of one partition's offset.
    pub fn offset_commit() -> Self {
        Self::of(&Body::offset_commit(
            "consumer-1-2f6b6e9c-6bd4-4c2c-9a53-6a5a7e3d1f0e",
            3,
        ))
    }

    /// A question for all topics.
    pub fn metadata() -> Self {
        Self::of(&Body::metadata())
    }

    /// A fetch of so many partitions, without a session.
    pub fn fetch(partitions: i32) -> Self {
        Self::of(&Body::fetch(partitions, 1000))
    }

    /// A batch for each of so many partitions.
    pub fn produce(batch: &Batch, partitions: i32) -> Self {
        Self::of(&Body::produce(None, batch, partitions))
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }

    /// Walks it, decodes it, and verifies and surveys what it produces.
    pub fn decode(&self) -> impl Sized + use<> {
        frame::decode(self.0.clone(), None).unwrap()
    }
}
