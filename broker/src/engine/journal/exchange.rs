//! A request and what became of it, as its row has it.

use std::sync::Arc;

use bytes::Bytes;

use crate::engine::applied::Applied;
use crate::engine::authorizer::Denied;
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

/// A request with its outcome.
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
    /// The node that got the request.
    pub node: i32,
    /// The connection's number.
    pub connection: u64,
    /// The client id.
    pub client_id: String,
    /// The client's principal: `User:alice`, or `User:ANONYMOUS` if it has not logged in.
    #[cfg_attr(feature = "control", schema(value_type = String))]
    pub principal: Arc<str>,
    /// The client's software, as its ApiVersions request says.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "control", schema(value_type = Option<Software>))]
    pub software: Option<Arc<Software>>,
    /// The API.
    #[cfg_attr(feature = "server", serde(serialize_with = "name_of"))]
    #[cfg_attr(feature = "control", schema(value_type = String))]
    pub api: Api,
    /// The API version.
    pub version: i16,
    /// The correlation id.
    pub correlation_id: i32,
    /// What the request names.
    #[cfg_attr(feature = "server", serde(flatten))]
    pub keys: Keys,
    /// The outcome.
    #[cfg_attr(feature = "server", serde(flatten))]
    pub outcome: Outcome,
    /// How much of it was carried out, by the broker's own answer, whether or not the client got that.
    pub applied: Applied,
    /// The errors in the response.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub errors: Vec<Failure>,
    /// What the client was denied, and by what: an ACL, or the lack of one.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub denied: Vec<Denied>,
    /// How many bytes of records a Fetch or ShareFetch got: 0 when there was nothing to read.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub fetched_bytes: Option<usize>,
    /// How long the request waited in the broker, in milliseconds by the cluster's clock.
    pub waited_ms: u64,
    /// How long the connection was throttled afterwards, in milliseconds by the cluster's clock.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "is_none"))]
    #[cfg_attr(feature = "control", schema(default = 0))]
    pub throttled_ms: u64,
    /// The fault rule that acted on the request.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "control", schema(value_type = Option<String>))]
    pub rule: Option<Arc<str>>,
    /// Whether the client had closed its side of the connection, or all of it, before the response.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "std::ops::Not::not"))]
    #[cfg_attr(feature = "control", schema(required = false))]
    pub departed: bool,
    /// The whole request, if the journal keeps bodies.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "control", schema(value_type = Option<Object>))]
    pub request: Option<Body>,
    /// The whole response, if the journal keeps bodies.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "control", schema(value_type = Option<Object>))]
    pub response: Option<Body>,
}

/// A client's software (KIP-511).
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
    /// The name, such as `apache-kafka-java`.
    pub name: String,
    /// The version.
    pub version: String,
}

/// What a request names.
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
    /// Topics and their partitions.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub topics: Vec<TopicKeys>,
    /// Groups; most requests name one.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub groups: Vec<String>,
    /// The member that sends the request, or that is to leave.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub member: Option<String>,
    /// The member's group instance id.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub instance: Option<String>,
    /// The generation or member epoch in the request.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub generation: Option<i32>,
    /// Transactional ids; most requests name one.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub transactional_ids: Vec<String>,
    /// The producer id.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub producer_id: Option<i64>,
    /// The producer epoch.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub producer_epoch: Option<i16>,
    /// Whether EndTxn commits.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub committed: Option<bool>,
}

/// A topic and its partitions.
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
    /// The topic's name, or its id if there is no topic with that id.
    pub topic: String,
    /// The partitions; none if the request is about the whole topic.
    pub partitions: Vec<i32>,
}

/// The outcome of a request.
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
#[non_exhaustive]
pub enum Outcome {
    /// There was a response, perhaps with errors.
    Answered,
    /// It expects no response: Produce with `acks=0`.
    Unanswered,
    /// The broker closed the connection instead of answering. Whether the request was carried out before is what
    /// [`Exchange::applied`] says.
    Disconnected {
        /// The reason.
        why: String,
    },
    /// The connection was gone before there was a response. So it is with an answer that a rule swallowed.
    Abandoned,
}

/// As fields of a row, since generators of clients do not add the fields of one of several.
#[cfg(feature = "control")]
impl utoipa::PartialSchema for Outcome {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::{ObjectBuilder, schema::Type};
        let outcome = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["answered", "unanswered", "disconnected", "abandoned"]))
            .description(Some(
                "`answered`: there was a response, perhaps with errors. `unanswered`: it expects none (Produce with \
                `acks=0`). `disconnected`: the broker closed the connection instead of answering; `applied` says whether \
                the request was carried out before. `abandoned`: the connection was gone before there was a response, or \
                a rule swallowed it.",
            ));
        let why = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "Why the broker closed the connection. Absent otherwise.",
            ));
        ObjectBuilder::new()
            .property("outcome", outcome)
            .property("why", why)
            .required("outcome")
            .description(Some("The outcome of a request."))
            .into()
    }
}

#[cfg(feature = "control")]
impl utoipa::ToSchema for Outcome {}

/// An error in a response.
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
    /// The error, by Kafka's name.
    #[cfg_attr(feature = "server", serde(serialize_with = "name_of"))]
    #[cfg_attr(feature = "control", schema(value_type = String))]
    pub error: ErrorCode,
    /// The topic it is about, if any.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub topic: Option<String>,
    /// The partition it is about, if any.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub partition: Option<i32>,
    /// The reason, if the response does not say it: what is wrong with records that cannot be decompressed.
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
