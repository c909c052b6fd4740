//! What nodes and coordinators know of share groups' partitions (KIP-932).
//!
//! - [`coordinator`] is the share coordinator: it keeps what was written down of a share partition, in
//!   `__share_group_state`.
//! - [`partition`] is what the node that leads a partition knows of it: who has which record, and until when. It begins
//!   with what the share coordinator says, and has it write down every change that lasts.
//! - [`sessions`] are the share sessions of consumers with a node.
//!
//! - [`errands`] are what nodes and group coordinators ask of the share coordinator. Where Kafka's nodes ask each other,
//!   everything happens at once here, unless the share coordinator is not there or not ready: then whoever asked
//!   waits, and asks again.

mod beginning;
mod changes;
pub(crate) mod coordinator;
mod dead_letters;
mod deadlines;
pub(crate) mod errands;
pub(crate) mod gathering;
pub(crate) mod kept;
pub(crate) mod leading;
mod loading;
pub(crate) mod partition;
mod persister;
mod retries;
pub(crate) mod sessions;
#[cfg(test)]
mod simulation;
mod superfluous;
mod telling;
#[cfg(test)]
mod tests;
mod tidying;
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

pub(crate) use beginning::Unready;
use coordinator::ShareStates;
use errands::Beginning;
use gathering::{Asked, Gathering};
use partition::SharePartition;
use retries::{Retries, Retry};
use sessions::ShareSessions;
use waiting::{Acknowledged, WaitingShareFetch};

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
    /// Share partitions whose state is asked for.
    beginning: BTreeMap<SharePartitionKey, Beginning>,
    pub(crate) sessions: ShareSessions,
    /// ShareFetch requests that wait for records, with what was done for them already.
    pub(crate) waiting: BTreeMap<Ticket, WaitingShareFetch>,
    /// ShareAcknowledge requests whose acknowledgements wait to be written down.
    pub(crate) acknowledging: BTreeMap<Ticket, Vec<Acknowledged>>,
    /// Requests about groups that wait for the share coordinator.
    pub(crate) asking: BTreeMap<Ticket, Asked>,
    gatherings: BTreeMap<u64, Gathering>,
    pub(crate) retries: Retries,
    /// The last number that was given to something here.
    numbered: u64,
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

    /// A number that nothing else here has.
    const fn next_number(&mut self) -> u64 {
        self.numbered = self.numbered.wrapping_add(1);
        self.numbered
    }

    /// Share partitions by the node that has them, or is about to.
    fn by_node(&self) -> impl Iterator<Item = (&SharePartitionKey, NodeId)> {
        let begun = self.partitions.iter().map(|(key, begun)| (key, begun.node));
        let beginning = self.beginning.iter();
        begun.chain(beginning.map(|(key, begins)| (key, begins.node)))
    }

    /// The tickets of requests that wait for the share coordinator.
    pub(crate) fn askers(&self) -> impl Iterator<Item = Ticket> {
        let fetches = self.waiting.iter();
        let fetches = fetches.filter(|(_, fetch)| fetch.has_open_outcomes());
        let fetches = fetches.map(|(ticket, _)| *ticket);
        let others = self.acknowledging.keys().chain(self.asking.keys());
        fetches.chain(others.copied())
    }

    /// All tickets under which something is kept.
    pub(crate) fn tickets(&self) -> impl Iterator<Item = Ticket> {
        let others = self.acknowledging.keys().chain(self.asking.keys());
        self.waiting.keys().chain(others).copied()
    }

    /// Nobody waits for the answer of a request any more.
    pub(crate) fn forget_ticket(&mut self, ticket: Ticket) {
        self.waiting.remove(&ticket);
        self.acknowledging.remove(&ticket);
        self.asking.remove(&ticket);
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
        let all: Vec<_> = self.shares.by_node().map(|(key, _)| key.clone()).collect();
        all.iter().for_each(|key| self.forget_share_partition(key));
        self.shares.sessions.clear();
    }

    /// Forgets what the share coordinator is asked; nobody waits for that any more.
    pub(in crate::engine) fn forget_errands(&mut self) {
        self.forget_share_retries();
        self.shares.gatherings.clear();
    }

    /// Tries again what has failed before.
    pub(super) fn try_share_again(&mut self, now: Now, number: u64) {
        match self.due_again(number) {
            Some(Retry::DeadLetter(letter, attempt)) => {
                let key = letter.key.clone();
                self.send_letters(now, &key, vec![(letter, attempt)]);
            }
            Some(Retry::Errand(errand, tries, then)) => {
                self.ask_again(now, *errand, tries, then);
            }
            None => {}
        }
    }
}
