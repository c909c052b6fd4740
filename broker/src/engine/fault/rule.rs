//! The grammar: what a rule says. The Rust API builds these values, HTTP and files read them as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::json::one_or_many;
use super::pattern::Pattern;
use super::values::{Delay, Expected};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

/// A fault rule: which requests it is about, which of them it acts on, and what it does to them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rule {
    /// What to call it in messages.
    pub(crate) name: Option<String>,
    /// The kinds of request: a name or a list of names; every kind if there is none.
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) api: Vec<Api>,
    /// The id of the node that is asked.
    pub(crate) node: Option<i32>,
    /// The client's id.
    pub(crate) client_id: Option<Pattern>,
    /// What the client said in ApiVersions that its software is, such as `apache-kafka-java`.
    pub(crate) software: Option<Pattern>,
    /// Who the client is; `User:ANONYMOUS` where nobody logs in.
    pub(crate) principal: Option<Pattern>,
    /// A topic that the request names, by name or id.
    pub(crate) topic: Option<Pattern>,
    /// A partition that the request names.
    pub(crate) partition: Option<i32>,
    /// A group that the request names.
    pub(crate) group: Option<Pattern>,
    /// A transactional id that the request names.
    pub(crate) transactional_id: Option<Pattern>,
    /// A member that the request names, by its id or its group instance id.
    pub(crate) member: Option<Pattern>,
    /// Only from the n-th matching request on; that one alone unless `count`, `every`, `probability`
    /// or `until_released` says more.
    pub(crate) nth: Option<u64>,
    /// At most so many times.
    pub(crate) count: Option<u64>,
    /// Only every so many matching requests.
    pub(crate) every: Option<u64>,
    /// Only by chance, from the cluster's seed: 0.1 is one request in ten.
    pub(crate) probability: Option<f64>,
    /// Until the rule is released, which is what ends any rule.
    pub(crate) until_released: bool,
    /// What happens instead of the request, or before it is done. A list is one action per hit.
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) before_apply: Vec<Action>,
    /// What happens to the answer once the request is done. A list is one action per hit.
    #[serde(deserialize_with = "one_or_many")]
    pub(crate) after_apply: Vec<Action>,
    /// What happens to the bytes between clients and nodes. Such a rule is about connections, which
    /// it selects by node and client id alone: it acts on them, and counts them, as on requests.
    pub(crate) bytes: Option<ByteAction>,
    /// With `bytes`: only what goes to the broker, or to the client.
    pub(crate) to: Option<Towards>,
    /// Only counts.
    pub(crate) observe: bool,
    /// Allows errors that Kafka never answers there.
    pub(crate) unchecked: bool,
    /// How often it must have acted when the cluster stops.
    pub(crate) expect: Option<Expected>,
}

/// What a rule does to a request or its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// Nothing: a place in a list of actions.
    Pass,
    /// Answers with an error, by its name: what the rule names fails, the rest of the request is
    /// done. After it is done, the answer says so all the same.
    Error(ErrorCode),
    /// Waits, on the cluster's clock: `"5s"`, or `{"for": "5s", "jitter": "1s"}`.
    Delay(Delay),
    /// Answers at once, says in the answer for how long it throttles, and looks at the connection's next
    /// request no sooner, as quotas do since KIP-219.
    Throttle(Delay),
    /// Waits until the rule is released.
    Hold,
    /// Never answers; the connection goes on waiting.
    Swallow,
    /// Closes the connection.
    Disconnect,
    /// Puts values in the answer: from their paths, such as `responses.partitionResponses.baseOffset`,
    /// to what they become. Every element of an array on the way is changed, of those that the rule
    /// names.
    Edit(BTreeMap<String, serde_json::Value>),
}

/// Where bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Towards {
    Broker,
    Client,
}

/// What happens to the bytes of a connection, in the network's own time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ByteAction {
    /// They arrive later: `"20ms"`, or `{"for": "20ms", "jitter": "5ms"}`; in order.
    Latency(Delay),
    /// No more of them pass in a second.
    Bandwidth(u64),
    /// They arrive in pieces of so many, with a pause between two.
    Slice { bytes: usize, pause: Delay },
    /// The byte at this place, counted from 0 when the rule takes hold, arrives with all its bits turned.
    Corrupt(u64),
    /// The connection is cut when so many have passed; at once for 0.
    Cut { after: u64, how: Cut },
    /// None passes until the rule is released or removed; then all of them do.
    Silence,
    /// The node does not listen; open connections stay.
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
