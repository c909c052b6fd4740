//! Access keys and policies, as values to show.

use crate::engine::state::State;

/// An access key of AWS's, without its secret.
///
/// ```
/// let broker = fauxka::Broker::builder().start_blocking()?;
/// assert!(broker.access_keys().is_empty());
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct AccessKeyView {
    /// The access key id.
    pub id: String,
    /// Whose it is: an ARN. The principal is `User:` followed by it.
    pub principal: String,
    /// Whether requests must carry a session token.
    pub has_session_token: bool,
    /// When its session is over, in milliseconds since 1970.
    pub expires: Option<i64>,
}

/// A policy of IAM's, and who has it.
///
/// ```
/// let broker = fauxka::Broker::builder().start_blocking()?;
/// assert!(broker.policies().is_empty());
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct PolicyView {
    /// The name.
    pub name: String,
    /// The ARNs of those who have it.
    pub principals: Vec<String>,
    /// The policy itself, in IAM's JSON.
    pub document: String,
}

impl State {
    /// All access keys, by their ids.
    pub(crate) fn access_keys(&self) -> Vec<AccessKeyView> {
        let all = self.sasl.aws.keys.iter().map(|key| AccessKeyView {
            id: key.id.clone(),
            principal: key.arn.clone(),
            has_session_token: key.session_token.is_some(),
            expires: key.expires.map(|at| at.0),
        });
        all.collect()
    }

    /// All policies, by their names.
    pub(crate) fn policies(&self) -> Vec<PolicyView> {
        let all = self.policies.keep().into_iter().map(|kept| PolicyView {
            name: kept.name,
            principals: kept.principals,
            document: kept.document,
        });
        all.collect()
    }
}
