//! Which protocol a generation uses, and what its members consume.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{ClassicGroup, Protocol, State};
use crate::engine::java::hash_map;
use crate::wire::consumer_protocol;

impl ClassicGroup {
    /// Whether a member with these protocols fits into the group: one of them must be supported by
    /// all who are there.
    pub(super) fn fits(&self, protocol_type: &str, protocols: &[Protocol]) -> bool {
        if self.state == State::Empty {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let shared = |protocol: &Protocol| self.is_candidate(&protocol.name);
        self.protocol_type() == Some(protocol_type) && protocols.iter().any(shared)
    }

    /// Whether as many offer a protocol as there are members. Kafka counts one that a member names
    /// twice as two, so that it is none that all have.
    fn is_candidate(&self, protocol: &str) -> bool {
        let offers = self.members().map(|member| member.offers_of(protocol));
        offers.sum::<usize>() == self.members.len()
    }

    /// The protocol that most members prefer among those that all support. Kafka counts in a hash
    /// table, whose order decides between equals.
    pub(super) fn elect_protocol(&self) -> Option<Arc<str>> {
        let mut votes: Vec<(Arc<str>, usize)> = Vec::new();
        for member in self.members() {
            let mut own = member.protocols.iter().map(|protocol| &protocol.name);
            let Some(vote) = own.find(|name| self.is_candidate(name)) else {
                continue;
            };
            match votes.iter_mut().find(|(name, _)| name == vote) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => votes.push((vote.clone(), 1)),
            }
        }
        hash_map::sort_by_name(&mut votes, |(name, _)| name);
        let mut elected: Option<(Arc<str>, usize)> = None;
        for vote in votes {
            if elected.as_ref().is_none_or(|(_, most)| vote.1 > *most) {
                elected = Some(vote);
            }
        }
        elected.map(|(name, _)| name)
    }

    /// What the members consume, if they are consumers that all say it in a way Kafka reads.
    pub(super) fn topics_of_members(&self) -> Option<BTreeSet<String>> {
        if !self.uses_consumer_protocol() {
            return None;
        }
        if self.members.is_empty() {
            return Some(BTreeSet::new());
        }
        let protocol = self.protocol.as_ref()?;
        let mut topics = BTreeSet::new();
        for member in self.members() {
            topics.extend(consumer_protocol::topics(&member.metadata(protocol))?);
        }
        Some(topics)
    }
}
