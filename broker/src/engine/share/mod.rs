//! What nodes and coordinators know of share groups' partitions (KIP-932).
//!
//! - [`coordinator`] is the share coordinator: it keeps what was written down of a share partition, in
//!   `__share_group_state`.
//! - [`partition`] is what the node that leads a partition knows of it: who has which record, and until when. It begins
//!   with what the share coordinator says, and has it write down every change that lasts.
//! - [`sessions`] are the share sessions of consumers with a node.
//!
//! Where Kafka's nodes ask each other and wait, everything happens at once here: a write that the share coordinator
//! cannot take fails at once, too, where Kafka tries again for a while.

pub(crate) mod coordinator;
mod dead_letters;
mod deadlines;
pub(crate) mod kept;
pub(crate) mod leading;
mod loading;
pub(crate) mod partition;
mod retries;
pub(crate) mod sessions;
#[cfg(test)]
mod simulation;
mod telling;
#[cfg(test)]
mod tests;
pub(crate) mod waiting;
mod writing;

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::context::Ticket;
use super::time::Now;
use crate::wire::units::NodeId;

use coordinator::ShareStates;
use partition::SharePartition;
use retries::{Retries, Retry};
use sessions::ShareSessions;
use waiting::WaitingShareFetch;

/// A partition of a share group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SharePartitionKey {
    pub(crate) group: Arc<str>,
    pub(crate) topic: Uuid,
    pub(crate) partition: i32,
}

impl SharePartitionKey {
    /// As FindCoordinator takes it: the coordinator's partition follows from it.
    pub(crate) fn text(&self) -> String {
        let topic = Self::topic_text(self.topic);
        format!("{}:{topic}:{}", self.group, self.partition)
    }

    /// A topic's id as Kafka writes it.
    pub(crate) fn topic_text(topic: Uuid) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(topic.as_bytes())
    }
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    pub(crate) states: ShareStates,
    pub(crate) partitions: BTreeMap<SharePartitionKey, SharePartition>,
    pub(crate) sessions: ShareSessions,
    /// ShareFetch requests that wait for records, with what was done for them already.
    pub(crate) waiting: BTreeMap<Ticket, WaitingShareFetch>,
    pub(crate) retries: Retries,
    /// The cluster's metadata that the partitions' leaders were compared with.
    seen: Option<u64>,
}

impl Shares {
    /// Leaders may have changed: share partitions are compared with them again.
    pub(super) const fn compare_leaders(&mut self) {
        self.seen = None;
    }

    /// Whether a node keeps a share partition.
    pub(crate) fn has_begun(&self, key: &SharePartitionKey, node: NodeId) -> bool {
        let known = self.partitions.get(key);
        known.is_some_and(|known| known.node == node)
    }
}

impl SharePartitionKey {
    /// Its locks, in words for people; by the topic's name if that is known.
    pub(crate) fn describe_locks(&self, topic: Option<&str>) -> String {
        let topic = topic.map_or_else(|| self.topic.to_string(), str::to_owned);
        format!(
            "record locks of group {:?} in {topic}-{}",
            self.group, self.partition
        )
    }
}

impl super::state::State {
    /// Forgets what nodes and clients know of share groups; what is written down is the state topic's.
    pub(in crate::engine) fn forget_shares(&mut self) {
        let all: Vec<_> = self.shares.partitions.keys().cloned().collect();
        all.iter().for_each(|key| self.forget_share_partition(key));
        self.shares.sessions.clear();
    }

    /// Tries again what has failed before.
    pub(super) fn try_share_again(&mut self, now: Now, number: u64) {
        match self.due_again(number) {
            Some((Retry::DeadLetter(letter), attempt)) => {
                let key = letter.key.clone();
                self.send_letters(now, &key, vec![(letter, attempt)]);
            }
            None => {}
        }
    }
}
