//! Why internal topics could not be made. A broker remembers that for a while, tells it to members, and does not try again meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::engine::time::Now;
use crate::wire::units::NodeId;

/// Reasons by broker and topic.
#[derive(Debug, Default)]
pub(crate) struct TopicFaults {
    by_topic: BTreeMap<(NodeId, String), Fault>,
}

#[derive(Debug)]
struct Fault {
    why: String,
    /// On the engine's elapsed time.
    until: Duration,
}

impl TopicFaults {
    /// Remembers for `wait` that a broker could not make a topic.
    pub(crate) fn note(
        &mut self,
        now: Now,
        (node, topic): (NodeId, &str),
        why: &str,
        wait: Duration,
    ) {
        self.by_topic.retain(|_, fault| fault.until > now.elapsed);
        let fault = Fault {
            why: why.to_owned(),
            until: now.plus(wait).elapsed,
        };
        self.by_topic.insert((node, topic.to_owned()), fault);
    }

    /// Why a broker could not make a topic a while ago.
    pub(crate) fn of(&self, now: Now, node: NodeId, topic: &str) -> Option<&str> {
        let fault = self.by_topic.get(&(node, topic.to_owned()))?;
        (fault.until > now.elapsed).then_some(fault.why.as_str())
    }
}
