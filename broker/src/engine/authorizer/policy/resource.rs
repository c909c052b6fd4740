//! What is acted on, by its Amazon Resource Name.

use super::action::Kind;
use super::pattern::matches;
use crate::engine::msk::Place;

/// A name: `arn:PARTITION:kafka:REGION:ACCOUNT:KIND/CLUSTER/UUID/NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource(String);

impl Resource {
    /// The cluster, or something of that name in it.
    pub(crate) fn of(place: &Place, kind: Kind, name: &str) -> Self {
        let name = (kind != Kind::Cluster).then_some(name);
        Self(place.arn(kind.name(), name))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a pattern of a policy is about it. Wildcards in front of the last part stay between its colons.
    pub(super) fn is_in(&self, pattern: &str) -> bool {
        if pattern == "*" {
            return true;
        }
        let mut wanted = pattern.splitn(6, ':');
        let mut parts = self.0.splitn(6, ':');
        loop {
            match (wanted.next(), parts.next()) {
                (None, None) => return true,
                (Some(wanted), Some(part)) if matches(wanted, part) => {}
                _ => return false,
            }
        }
    }
}

/// What is wrong with a pattern for resources; nothing if it is in order.
pub(super) fn fault(pattern: &str) -> Option<String> {
    if pattern == "*" {
        return None;
    }
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let &["arn", _, service, _, _, rest] = parts.as_slice() else {
        return Some(format!(
            "the resource {pattern:?} is neither \"*\" nor an ARN such as \
             arn:aws:kafka:REGION:ACCOUNT:topic/CLUSTER/UUID/NAME"
        ));
    };
    let kind = rest.split('/').next().unwrap_or_default();
    let known = [
        "cluster",
        "topic",
        "group",
        "transactional-id",
        "configuration",
        "vpc-connection",
        "replicator",
    ];
    let is_known = |kind: &str| known.iter().any(|known| matches(kind, known));
    if service == "kafka" && !is_known(kind) {
        return Some(format!(
            "the resource {pattern:?} is of no kind that MSK has; cluster, topic, group and transactional-id are"
        ));
    }
    None
}
