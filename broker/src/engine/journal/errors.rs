//! The errors in an answer: read from its typed form where answers are frequent or long, and found
//! by the schema everywhere else.

use bytes::Bytes;
use uuid::Uuid;

use super::keys::topic_name;
use super::row::Failure;
use crate::engine::cluster::Cluster;
use crate::wire::api::Api;
use crate::wire::apis::Response;
use crate::wire::dynamic::{Row, Shape, Value};
use crate::wire::error::ErrorCode;
use crate::wire::messages::*;
use crate::wire::rope::RopeMut;

/// The most errors that a row lists.
const FAILURES_MAX: usize = 1000;

/// Errors as they are found.
struct Found<'a> {
    cluster: &'a Cluster,
    failures: Vec<Failure>,
}

impl Found<'_> {
    fn add(&mut self, code: i16, place: Option<(&str, Uuid)>, partition: Option<i32>) {
        if code == 0 || self.failures.len() >= FAILURES_MAX {
            return;
        }
        let named = |(name, id): (&str, Uuid)| topic_name(self.cluster, name, id);
        self.failures.push(Failure {
            error: ErrorCode::of(code),
            topic: place.map(named).filter(|name| !name.is_empty()),
            partition,
            reason: None,
        });
    }
}

/// Every error in an answer to a request of that version.
pub(super) fn errors(
    api: Api,
    version: i16,
    response: &Response,
    cluster: &Cluster,
) -> Vec<Failure> {
    let mut found = Found {
        cluster,
        failures: Vec::new(),
    };
    match response {
        Response::Produce(response) => produce(response, &mut found),
        Response::Fetch(response) => fetch(response, &mut found),
        Response::Metadata(response) => metadata(response, &mut found),
        Response::Heartbeat(response) => found.add(response.error_code, None, None),
        Response::ConsumerGroupHeartbeat(response) => found.add(response.error_code, None, None),
        Response::OffsetCommit(response) => offset_commit(response, &mut found),
        // Nothing in it is worth the walk but the error at its top.
        Response::ApiVersions(response) => found.add(response.error_code, None, None),
        other => {
            if let Some(tree) = tree(api, version, other) {
                let nowhere = Place::default();
                search(&tree, nowhere, &mut found);
            }
        }
    }
    found.failures
}

/// Every error in an answer that is encoded already.
pub(super) fn errors_in(api: Api, version: i16, body: &Bytes, cluster: &Cluster) -> Vec<Failure> {
    let mut found = Found {
        cluster,
        failures: Vec::new(),
    };
    let shape = Shape::response(api.key(), version);
    if let Ok(Ok(tree)) = shape.map(|shape| shape.decode(body)) {
        search(&tree, Place::default(), &mut found);
    }
    found.failures
}

fn produce(response: &ProduceResponse, found: &mut Found<'_>) {
    for topic in &response.responses {
        for partition in &topic.partition_responses {
            let place = (topic.name.as_str(), topic.topic_id);
            found.add(partition.error_code, Some(place), Some(partition.index));
        }
    }
}

fn fetch(response: &FetchResponse, found: &mut Found<'_>) {
    found.add(response.error_code, None, None);
    for topic in &response.responses {
        for partition in &topic.partitions {
            let place = (topic.topic.as_str(), topic.topic_id);
            let index = partition.partition_index;
            found.add(partition.error_code, Some(place), Some(index));
        }
    }
}

fn metadata(response: &MetadataResponse, found: &mut Found<'_>) {
    found.add(response.error_code, None, None);
    for topic in &response.topics {
        let name = topic.name.as_ref().map_or("", |name| name.as_str());
        let place = (name, topic.topic_id);
        found.add(topic.error_code, Some(place), None);
        for partition in &topic.partitions {
            let index = partition.partition_index;
            found.add(partition.error_code, Some(place), Some(index));
        }
    }
}

fn offset_commit(response: &OffsetCommitResponse, found: &mut Found<'_>) {
    for topic in &response.topics {
        for partition in &topic.partitions {
            let place = (topic.name.as_str(), topic.topic_id);
            let index = partition.partition_index;
            found.add(partition.error_code, Some(place), Some(index));
        }
    }
}

/// The answer as it is sent, without its header.
pub(super) fn encoded(version: i16, response: &Response) -> Option<Bytes> {
    let mut bytes = RopeMut::default();
    // What cannot be encoded ends the connection, which the journal says.
    response.clone().encode(version, &mut bytes).ok()?;
    Some(bytes.freeze().to_bytes())
}

fn tree(api: Api, version: i16, response: &Response) -> Option<Value> {
    let bytes = encoded(version, response)?;
    let shape = Shape::response(api.key(), version).ok()?;
    shape.decode(&bytes).ok()
}

/// Where in a message the search is.
#[derive(Debug, Clone, Copy, Default)]
struct Place<'a> {
    topic: Option<(&'a str, Uuid)>,
    partition: Option<i32>,
}

fn search<'a>(value: &'a Value, place: Place<'a>, found: &mut Found<'_>) {
    match value {
        Value::Struct(row) => {
            let place = place.at(row);
            for (name, value) in row.iter() {
                match value.as_int() {
                    Some(code) if name.ends_with("ErrorCode") => {
                        let code = i16::try_from(code).unwrap_or_default();
                        found.add(code, place.topic, place.partition);
                    }
                    _ => search(value, place, found),
                }
            }
        }
        value => {
            for element in value.elements() {
                search(element, place, found);
            }
        }
    }
}

impl<'a> Place<'a> {
    fn at(mut self, row: &'a Row) -> Self {
        for name in ["TopicName", "Topic", "Name"] {
            if let Some(topic) = row.get(name).and_then(Value::as_text) {
                self.topic = Some((topic, Uuid::nil()));
                break;
            }
        }
        for name in ["PartitionIndex", "PartitionId", "Partition"] {
            let number = row.get(name).and_then(Value::as_int);
            if let Some(index) = number.and_then(|number| i32::try_from(number).ok()) {
                self.partition = Some(index);
                break;
            }
        }
        self
    }
}
