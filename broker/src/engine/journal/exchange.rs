//! A request and what became of it, as its row has it.

use std::sync::Arc;

use bytes::Bytes;

use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

/// A request and what became of it; from `Row::exchange`.
///
/// ```
/// use fauxka::{Api, Broker};
///
/// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").send()?;
/// let row = broker.journal().api(Api::Produce).last().unwrap();
/// let exchange = row.exchange().unwrap();
/// assert_eq!((exchange.node, exchange.errors.len()), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// The client's software, as its ApiVersions request says.
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
    /// How many bytes of records a Fetch got: 0 when there was nothing to read.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub fetched_bytes: Option<usize>,
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
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// // … the application runs …
/// for row in broker.journal().rows() {
///     if let Some(software) = row.exchange().and_then(|exchange| exchange.software.as_ref()) {
///         println!("{} {}", software.name, software.version);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use fauxka::{Api, Broker};
///
/// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").send()?;
/// let row = broker.journal().api(Api::Produce).last().unwrap();
/// let keys = &row.exchange().unwrap().keys;
/// assert_eq!((keys.topics.len(), keys.groups.len()), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// Whether an EndTxn commits (or aborts).
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub committed: Option<bool>,
}

/// A topic, and partitions of it.
///
/// ```
/// use fauxka::{Api, Broker};
///
/// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").send()?;
/// let row = broker.journal().api(Api::Produce).last().unwrap();
/// let keys = &row.exchange().unwrap().keys.topics[0];
/// assert_eq!((keys.topic.as_str(), keys.partitions.as_slice()), ("orders", [0].as_slice()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct TopicKeys {
    /// Its name, or its id if no topic has that.
    pub topic: String,
    /// Empty if the request is about the topic as a whole.
    pub partitions: Vec<i32>,
}

/// What became of a request.
///
/// ```
/// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
/// # use client::hello;
/// use fauxka::{Api, Broker};
///
/// use fauxka::journal::Outcome;
///
/// let broker = Broker::builder().start_blocking()?;
/// hello(&broker)?;
/// let row = broker.journal().api(Api::ApiVersions).last().unwrap();
/// assert_eq!(row.exchange().unwrap().outcome, Outcome::Answered);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "server", serde(tag = "outcome", rename_all = "snake_case"))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum Outcome {
    /// It was answered, perhaps with errors.
    Answered,
    /// It wants no answer and got none: Produce with `acks=0`.
    Unanswered,
    /// The broker closed the connection instead.
    Refused {
        /// Why, in words.
        why: String,
    },
    /// The connection was gone before there was an answer.
    Abandoned,
}

/// An error in an answer.
///
/// ```
/// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
/// # use client::hello;
/// use fauxka::{Api, Broker};
///
/// use fauxka::ErrorCode;
///
/// let broker = Broker::builder().start_blocking()?;
/// broker.on(Api::ApiVersions).before_apply().error(ErrorCode::UnsupportedVersion).mount();
/// hello(&broker)?;
/// let row = broker.journal().with_errors().last().unwrap();
/// assert_eq!(row.exchange().unwrap().errors[0].error, ErrorCode::UnsupportedVersion);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Failure {
    /// Which error.
    #[cfg_attr(feature = "server", serde(serialize_with = "name_of"))]
    #[cfg_attr(feature = "control", schema(value_type = String))]
    pub error: ErrorCode,
    /// The topic that has it, if it is about one.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub topic: Option<String>,
    /// The partition that has it, if it is about one.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub partition: Option<i32>,
    /// Why, if the answer does not say so: what is wrong with records that cannot be unfolded.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub reason: Option<String>,
}

/// A message as it was on the wire, if the [journal keeps bodies](crate::Builder::journal_bodies).
///
/// ```
/// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
/// # use client::hello;
/// use fauxka::{Api, Broker};
///
/// let broker = Broker::builder().journal_bodies(true).start_blocking()?;
/// hello(&broker)?;
/// let row = broker.journal().api(Api::ApiVersions).last().unwrap();
/// let answer = row.exchange().unwrap().response.as_ref().unwrap().to_json();
/// assert_eq!(answer["errorCode"], 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// The message as Kafka's tools print it, with bytes in base 64.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// use fauxka::{Api, Broker};
    ///
    /// let broker = Broker::builder().journal_bodies(true).start_blocking()?;
    /// hello(&broker)?;
    /// let row = broker.journal().api(Api::ApiVersions).last().unwrap();
    /// let answer = row.exchange().unwrap().response.as_ref().unwrap().to_json();
    /// assert_eq!(answer["apiKeys"][0]["apiKey"], 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
