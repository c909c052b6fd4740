//! What a row of the journal says.

use std::sync::Arc;

use bytes::Bytes;

use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Row {
    /// Its place among all rows; the first is 1.
    pub sequence: u64,
    /// When it happened, in milliseconds of the cluster's clock since the start.
    pub elapsed_ms: u64,
    /// The cluster's time of day then, in milliseconds since 1970.
    pub wall_ms: i64,
    /// What it was.
    #[cfg_attr(feature = "server", serde(flatten))]
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "server", serde(tag = "kind", rename_all = "snake_case"))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "the names of the fields are Kafka's terms")]
#[expect(
    clippy::large_enum_variant,
    reason = "rows are kept behind a pointer, and most are requests"
)]
#[non_exhaustive]
pub enum Event {
    /// A request and what became of it, noted when that was known.
    Request(Exchange),
    /// A client connected.
    ConnectionOpened {
        connection: u64,
        node: i32,
        client_host: String,
    },
    /// A connection ended, and why.
    ConnectionClosed {
        connection: u64,
        node: i32,
        client_id: Option<String>,
        why: String,
    },
    /// A group came from one state into another, or into a new generation.
    GroupState {
        group: String,
        from: &'static str,
        to: &'static str,
        /// The generation, or the group's epoch.
        generation: i32,
        why: String,
    },
    /// A transactional id came into another state, or to another producer.
    TransactionState {
        transactional_id: String,
        from: Option<&'static str>,
        to: &'static str,
        producer_id: i64,
        producer_epoch: i16,
    },
    /// A partition has another leader, or none.
    LeaderMoved {
        topic: String,
        partition: i32,
        from: Option<i32>,
        to: Option<i32>,
        leader_epoch: i32,
    },
    /// The groups or transactional ids of one partition of the state topic have another coordinator.
    CoordinatorMoved {
        /// The state topic.
        topic: String,
        partition: i32,
        from: Option<i32>,
        to: Option<i32>,
        coordinator_epoch: i32,
    },
    /// A node went out of service.
    NodeStopped { node: i32 },
    /// A node is back in service.
    NodeStarted { node: i32 },
    /// The cluster is again what it was when a snapshot was taken, at that time of its day. What became other by it is
    /// told before.
    Restored { taken_at_ms: i64 },
    /// A recording of the cluster began, for which every coordinator loaded again.
    RecordingBegan,
    /// A topic came to be.
    TopicCreated { topic: String, partitions: usize },
    /// A topic has more partitions.
    PartitionsAdded { topic: String, partitions: usize },
    /// A topic is gone.
    TopicDeleted { topic: String },
    /// Records were deleted from the beginning of a partition.
    LogStartMoved {
        topic: String,
        partition: i32,
        from: i64,
        to: i64,
    },
    /// Records were cut off the end of a partition.
    LogTruncated {
        topic: String,
        partition: i32,
        from: i64,
        to: i64,
    },
}

/// A request and what became of it.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Exchange {
    /// The node that was asked.
    pub node: i32,
    /// The connection; each has a number of its own.
    pub connection: u64,
    /// What the client calls itself.
    pub client_id: String,
    /// Who it is, as Kafka writes it: `User:alice`, and `User:ANONYMOUS` for a client that has not logged in.
    #[cfg_attr(feature = "control", schema(value_type = String))]
    pub principal: Arc<str>,
    /// What the connection's ApiVersions said the client's software is.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "control", schema(value_type = Option<Software>))]
    pub software: Option<Arc<Software>>,
    /// The kind of request.
    #[cfg_attr(feature = "server", serde(serialize_with = "name_of"))]
    #[cfg_attr(feature = "control", schema(value_type = String))]
    pub api: Api,
    /// The request's version.
    pub version: i16,
    /// The number by which the client tells its requests apart.
    pub correlation_id: i32,
    /// What it was about.
    #[cfg_attr(feature = "server", serde(flatten))]
    pub keys: Keys,
    /// What became of it.
    #[cfg_attr(feature = "server", serde(flatten))]
    pub outcome: Outcome,
    /// Every error in the answer.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub errors: Vec<Failure>,
    /// How long it waited in the broker, in milliseconds of the cluster's clock.
    pub waited_ms: u64,
    /// For how long the connection was throttled after it, in milliseconds of the cluster's clock.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "is_none"))]
    #[cfg_attr(feature = "control", schema(default = 0))]
    pub throttled_ms: u64,
    /// The fault rule that acted on it.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "control", schema(value_type = Option<String>))]
    pub rule: Option<Arc<str>>,
    /// The client had closed its side of the connection before it was answered, or all of it: then the answer went nowhere.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "std::ops::Not::not"))]
    #[cfg_attr(feature = "control", schema(required = false))]
    pub departed: bool,
    /// The whole request, if the journal keeps bodies.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "control", schema(value_type = Option<Object>))]
    pub request: Option<Body>,
    /// The whole answer, if the journal keeps bodies.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "control", schema(value_type = Option<Object>))]
    pub response: Option<Body>,
}

/// What a client says that it is (KIP-511).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Software {
    /// Such as `apache-kafka-java`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What a request was about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Keys {
    /// Topics, and partitions of them.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub topics: Vec<TopicKeys>,
    /// Groups; most requests are about one.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub groups: Vec<String>,
    /// The member that asks, or that is to leave.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub member: Option<String>,
    /// Its group instance id.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub instance: Option<String>,
    /// The generation that it believes in, or its member epoch.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub generation: Option<i32>,
    /// Transactional ids; most requests are about one.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub transactional_ids: Vec<String>,
    /// The producer's id.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub producer_id: Option<i64>,
    /// The producer's epoch.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub producer_epoch: Option<i16>,
    /// Whether an EndTxn commits.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub committed: Option<bool>,
}

/// A topic, and partitions of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct TopicKeys {
    /// Its name, or its id if no topic has that.
    pub topic: String,
    /// None where the request is about the topic as a whole.
    pub partitions: Vec<i32>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "server", serde(tag = "outcome", rename_all = "snake_case"))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum Outcome {
    /// It was answered, be it with errors.
    Answered,
    /// It wants no answer, and had none: Produce with `acks=0`.
    Unanswered,
    /// The broker closed the connection instead.
    Refused {
        /// What the broker says to that.
        why: String,
    },
    /// The connection was gone before there was an answer.
    Abandoned,
}

/// An error in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Failure {
    /// Which.
    #[cfg_attr(feature = "server", serde(serialize_with = "name_of"))]
    #[cfg_attr(feature = "control", schema(value_type = String))]
    pub error: ErrorCode,
    /// The topic that has it, if it is one's.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub topic: Option<String>,
    /// The partition that has it, if it is one's.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub partition: Option<i32>,
    /// Why, where the answer does not say so: what is wrong with records that cannot be unfolded.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub reason: Option<String>,
}

/// A message as it was on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub(super) api: Api,
    pub(super) version: i16,
    pub(super) is_request: bool,
    pub(super) bytes: Bytes,
}

#[cfg(feature = "server")]
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_none(millis: &u64) -> bool {
    *millis == 0
}

#[cfg(feature = "server")]
fn name_of<T: std::fmt::Display, S: serde::Serializer>(
    value: &T,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

#[cfg(feature = "server")]
impl Body {
    /// The message as Kafka's tools print it: bytes in base 64.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use crate::wire::dynamic::Shape;
        let key = self.api.key();
        let shape = if self.is_request {
            Shape::request(key, self.version)
        } else {
            Shape::response(key, self.version)
        };
        let tree = shape.and_then(|shape| shape.decode(&self.bytes));
        tree.map_or_else(
            |error| serde_json::json!({ "_unreadable": error.to_string() }),
            |tree| tree.to_json(),
        )
    }
}

#[cfg(feature = "server")]
impl serde::Serialize for Body {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        serde::Serialize::serialize(&self.to_json(), to)
    }
}

impl Row {
    /// The row as one line of JSON.
    #[cfg(feature = "server")]
    #[must_use]
    pub fn to_json_line(&self) -> String {
        // Its keys are strings and its values plain, so it can always be written.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }

    /// The request, if it is one.
    #[must_use]
    pub const fn exchange(&self) -> Option<&Exchange> {
        if let Event::Request(exchange) = &self.event {
            Some(exchange)
        } else {
            None
        }
    }

    /// Roughly what it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        let Event::Request(exchange) = &self.event else {
            return size_of::<Self>() + 64;
        };
        let Keys {
            topics,
            groups,
            member,
            instance,
            transactional_ids,
            ..
        } = &exchange.keys;
        let topics = topics.iter().map(|keys| {
            size_of::<TopicKeys>() + keys.topic.len() + size_of_val(keys.partitions.as_slice())
        });
        let names = groups.iter().chain(transactional_ids);
        let names = names.chain(member).chain(instance);
        let names = names.map(|name| size_of::<String>() + name.len());
        let reasons = exchange.errors.iter().flat_map(|failure| &failure.reason);
        let reasons = reasons.map(String::len);
        let bodies = [&exchange.request, &exchange.response];
        let bodies = bodies.into_iter().flatten().map(|body| body.bytes.len());
        size_of::<Self>()
            + exchange.client_id.len()
            + topics.sum::<usize>()
            + names.sum::<usize>()
            + bodies.sum::<usize>()
            + exchange.errors.len() * size_of::<Failure>()
            + reasons.sum::<usize>()
    }
}
