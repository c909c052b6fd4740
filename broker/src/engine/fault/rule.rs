//! The grammar: what a rule says. The Rust API builds these values, HTTP and files read them as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::json::one_or_many;
use super::pattern::Pattern;
use super::values::{Delay, Expected};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

/// A fault rule: which requests it matches, which of those it acts on, and what it does to them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rule {
    /// A name, for messages and the journal.
    pub(crate) name: Option<String>,
    /// The API of the request: a name, or a list of names. Default: any.
    #[cfg_attr(feature = "control", schema(value_type = Apis, required = false))]
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) api: Vec<Api>,
    /// The id of the node that gets the request.
    pub(crate) node: Option<i32>,
    /// The client id.
    pub(crate) client_id: Option<Pattern>,
    /// The client software's name, as its ApiVersions request says, such as `apache-kafka-java`.
    pub(crate) software: Option<Pattern>,
    /// The client's principal; `User:ANONYMOUS` if it has not logged in. While it logs in: who it says that it is.
    pub(crate) principal: Option<Pattern>,
    /// The SASL mechanism by which the client logs in. Such a rule matches SaslHandshake and SaslAuthenticate alone.
    pub(crate) mechanism: Option<Pattern>,
    /// A topic in the request, by name or id.
    pub(crate) topic: Option<Pattern>,
    /// A partition in the request.
    pub(crate) partition: Option<i32>,
    /// A group in the request.
    pub(crate) group: Option<Pattern>,
    /// A transactional id in the request.
    pub(crate) transactional_id: Option<Pattern>,
    /// A member in the request, by member id or group instance id.
    pub(crate) member: Option<Pattern>,
    /// Act from the n-th matching request on; only on that one unless `count`, `every`, `probability` or
    /// `until_released` says otherwise.
    pub(crate) nth: Option<u64>,
    /// Act at most this many times.
    pub(crate) count: Option<u64>,
    /// Act on every n-th matching request.
    pub(crate) every: Option<u64>,
    /// Act with this probability, decided by the cluster's seed: 0.1 is one request in ten.
    pub(crate) probability: Option<f64>,
    /// Act until the rule is released.
    pub(crate) until_released: bool,
    /// What to do instead of the request, or before it is done. A list has one action per hit.
    #[cfg_attr(feature = "control", schema(value_type = Actions, required = false))]
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) before_apply: Vec<Action>,
    /// What to do to the response once the request is done. A list has one action per hit.
    #[cfg_attr(feature = "control", schema(value_type = Actions, required = false))]
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) after_apply: Vec<Action>,
    /// What to do to the bytes between clients and nodes. Such a rule matches connections instead of requests, and only
    /// by node and client id.
    pub(crate) bytes: Option<ByteAction>,
    /// With `bytes`: the direction it acts on. Default: both.
    pub(crate) to: Option<Towards>,
    /// Only count matching requests.
    pub(crate) observe: bool,
    /// Allow errors that Kafka never gives for the API.
    pub(crate) unchecked: bool,
    /// How often the rule must have acted by the time the cluster stops.
    pub(crate) expect: Option<Expected>,
}

/// An API, or a list of APIs.
#[cfg(feature = "control")]
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what one_or_many reads")]
pub(crate) enum Apis {
    /// One API.
    One(Api),
    /// Several APIs.
    Many(Vec<Api>),
}

/// An action, or a list of actions.
#[cfg(feature = "control")]
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what one_or_many reads")]
pub(crate) enum Actions {
    /// The same action for each hit.
    One(Action),
    /// One action per hit.
    Many(Vec<Action>),
}

/// What a rule does to a request or its response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// Do nothing: a placeholder in a list of actions.
    Pass,
    /// Respond with an error, by name: what the rule names fails, and the rest of the request is done. In `after_apply`
    /// all of it is done, and the response has the error all the same.
    Error(ErrorCode),
    /// Wait, by the cluster's clock: `"5s"`, or `{"for": "5s", "jitter": "1s"}`.
    Delay(Delay),
    /// Respond at once with this throttle time, and leave the connection's next request unread until it is over, as quotas
    /// do since KIP-219.
    Throttle(Delay),
    /// Wait until the rule is released.
    Hold,
    /// Never respond; the connection stays open.
    Swallow,
    /// Close the connection.
    Disconnect,
    /// Change fields of the response: their paths, such as `responses.partitionResponses.baseOffset`, with their new values.
    /// Every element of an array on the path is changed, unless the rule names some.
    Edit(BTreeMap<String, serde_json::Value>),
}

/// The direction of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Towards {
    /// From the client to the broker.
    Broker,
    /// From the broker to the client.
    Client,
}

/// What a rule does to the bytes of a connection, in real time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ByteAction {
    /// Delay them, and keep their order: `"20ms"`, or `{"for": "20ms", "jitter": "5ms"}`.
    Latency(Delay),
    /// Let this many pass per second.
    Bandwidth(u64),
    /// Cut them into pieces, with a pause after each.
    Slice {
        /// The size of a piece.
        bytes: usize,
        /// The pause.
        pause: Delay,
    },
    /// Flip all bits of the byte at this position, counted from 0 from the moment the rule takes hold.
    Corrupt(u64),
    /// Cut the connection.
    Cut {
        /// After this many bytes; at once for 0.
        after: u64,
        /// How.
        how: Cut,
    },
    /// Hold all of them back until the rule is released or removed.
    Silence,
    /// Refuse new connections; open ones stay.
    Refuse,
}

/// How a connection is cut.
///
/// ```
/// # use fauxka::Broker;
/// use fauxka::fault::Cut;
///
/// let broker = Broker::builder().start_blocking()?;
/// let torn = broker.on_any().client_id("shop").bytes().to_client().cut(6, Cut::Reset).mount();
/// assert!(torn.is_active());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cut {
    /// As if the other side had closed it.
    Close,
    /// With a TCP reset.
    Reset,
    /// The client reads the end, and can still send.
    HalfClose,
}

impl Rule {
    /// The actions, and whether they come after the request is done. None for a rule that only counts.
    pub(crate) fn actions(&self) -> (&[Action], bool) {
        if self.after_apply.is_empty() {
            (&self.before_apply, false)
        } else {
            (&self.after_apply, true)
        }
    }

    /// How often it acts at most.
    pub(crate) fn limit(&self) -> Option<u64> {
        let (actions, _) = self.actions();
        let open = self.every.is_some() || self.probability.is_some() || self.until_released;
        match (self.count, actions.len()) {
            (Some(count), _) => Some(count),
            (None, listed @ 2..) => u64::try_from(listed).ok(),
            (None, _) => (self.nth.is_some() && !open).then_some(1),
        }
    }

    /// What happens at the hit of this number, counted from 1.
    pub(crate) fn action(&self, hit: u64) -> Option<&Action> {
        let (actions, _) = self.actions();
        let place = usize::try_from(hit.saturating_sub(1)).unwrap_or(usize::MAX);
        actions.get(place).or_else(|| actions.last())
    }

    /// The rule as JSON, without what it does not say.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        if let Some(object) = json.as_object_mut() {
            object.retain(|_, value| {
                !value.is_null() && *value != false && *value != serde_json::json!([])
            });
        }
        json
    }
}
