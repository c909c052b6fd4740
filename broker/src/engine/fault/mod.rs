//! Fault rules: what a test wants to go wrong.
//!
//! A rule is about certain requests, acts on some of them, and does something before the request is
//! done or to its answer. Rules are looked at in the order in which they were mounted; what the first
//! takes for itself the later ones do not see. Their time is the engine's and their chance a stream of
//! their own from its seed, so they are as repeatable as everything else and change nothing besides
//! what they say. While no rule is in force a request costs a look at an empty list.

mod carried;
mod case;
mod check;
mod edit;
mod entities;
mod hints;
mod json;
mod keep;
mod late;
mod leave;
mod meet;
mod mounted;
mod named;
mod pattern;
mod refusal;
mod rule;
mod select;
mod silence;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::transcripts;
mod throttle;
mod values;

pub(crate) use carried::CarriedFaults;
pub use check::BadRule;
pub(crate) use json::duration;
pub(crate) use keep::Kept;
pub(in crate::engine) use keep::LetGo;
pub(in crate::engine) use leave::Left;
pub(in crate::engine) use meet::Met;
pub(crate) use mounted::{FaultId, Mounted, Phase, Unmet};
pub use named::UnknownRule;
pub(crate) use pattern::Pattern;
pub(in crate::engine) use refusal::error_answer;
pub use rule::Cut;
pub(crate) use rule::{Action, ByteAction, Rule, Towards};
pub(in crate::engine) use silence::Heartbeats;
pub(crate) use values::{Delay, Expected};

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::applied::Applied;
use super::context::{ConnectionId, Ticket};
use leave::Plan;

/// All rules, and the requests and answers that they keep.
#[derive(Debug)]
pub(crate) struct Faults {
    /// In the order in which they were mounted.
    rules: Vec<Mounted>,
    last_id: FaultId,
    seed: u64,
    /// Requests and answers that wait; a connection has one at most.
    kept: BTreeMap<Ticket, Kept>,
    /// What happens to answers that are yet to come.
    plans: HashMap<Ticket, Plan>,
    /// The rule that acted last, and the connection on which it did.
    acted: Option<(ConnectionId, Arc<str>)>,
    /// The connection of whose request a rule kept something from being done, and how much of it was left at most.
    curbed: Option<(ConnectionId, Applied)>,
    /// What clients say that their software is.
    software: HashMap<ConnectionId, String>,
    /// How often a rule's count or phase has changed.
    news: u64,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rules: Vec::new(),
            last_id: FaultId(0),
            seed,
            kept: BTreeMap::new(),
            plans: HashMap::new(),
            acted: None,
            curbed: None,
            software: HashMap::new(),
            news: 0,
        }
    }

    /// Puts a rule into force, after those that are.
    pub(crate) fn mount(&mut self, rule: Rule, place: Option<String>) -> Result<FaultId, BadRule> {
        check::check(&rule)?;
        let id = FaultId(self.last_id.0.saturating_add(1));
        self.last_id = id;
        self.changed();
        self.rules.push(Mounted::new(id, rule, place, self.seed));
        Ok(id)
    }

    /// The rule that was mounted last.
    pub(in crate::engine) const fn last_id(&self) -> FaultId {
        self.last_id
    }

    /// Every rule, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mounted> {
        self.rules.iter()
    }

    pub(crate) fn get(&self, id: FaultId) -> Option<&Mounted> {
        self.rules.iter().find(|mounted| mounted.id == id)
    }

    fn get_mut(&mut self, id: FaultId) -> Option<&mut Mounted> {
        self.rules.iter_mut().find(|mounted| mounted.id == id)
    }

    /// Whether no rule acts on requests that come.
    pub(crate) fn is_idle(&self) -> bool {
        let mut rules = self.rules.iter();
        rules.all(|mounted| mounted.phase != Phase::Active || mounted.rule.bytes.is_some())
    }

    /// Whether what a rule began is over.
    fn is_over(&self, id: FaultId) -> bool {
        self.get(id)
            .is_none_or(|mounted| mounted.phase == Phase::Ended)
    }

    /// Whether a rule about bytes takes a connection.
    pub(crate) fn takes_connection(&mut self, id: FaultId) -> bool {
        self.changed();
        self.get_mut(id).is_some_and(Mounted::takes_connection)
    }

    /// Counts that a rule about bytes has acted.
    pub(crate) fn hit(&mut self, id: FaultId) {
        self.changed();
        if let Some(mounted) = self.get_mut(id) {
            mounted.hits = mounted.hits.saturating_add(1);
        }
    }

    /// What rules should have done and have not.
    pub(crate) fn unmet(&self) -> Vec<Unmet> {
        self.rules.iter().filter_map(Mounted::unmet).collect()
    }

    /// How often a count or phase has changed.
    pub(crate) const fn news(&self) -> u64 {
        self.news
    }

    /// Says that a count or phase has changed.
    const fn changed(&mut self) {
        self.news = self.news.wrapping_add(1);
    }

    /// What a client says in ApiVersions that its software is.
    pub(crate) fn introduce(&mut self, connection: ConnectionId, software: &str) {
        if !software.is_empty() {
            self.software.insert(connection, software.to_owned());
        }
    }

    /// What waits under a ticket, in words.
    pub(crate) fn describe_kept(&self, ticket: Ticket) -> String {
        let kept = self.kept.get(&ticket);
        kept.map_or_else(String::new, |kept| kept.describe(self))
    }

    /// Whether something waits under a ticket.
    pub(in crate::engine) fn keeps_ticket(&self, ticket: Ticket) -> bool {
        self.kept.contains_key(&ticket)
    }

    /// Whose requests or answers rules keep.
    pub(in crate::engine) fn kept(&self) -> impl Iterator<Item = ConnectionId> {
        self.kept.values().map(|kept| kept.call.connection)
    }

    /// Takes out which rule acted last, and on which connection.
    pub(in crate::engine) fn take_acted(&mut self) -> Option<(ConnectionId, Arc<str>)> {
        self.acted.take()
    }

    /// Notes that a rule keeps something of a connection's request from being done.
    fn curb(&mut self, connection: ConnectionId, most: Applied) {
        let earlier = self.curbed.filter(|(of, _)| *of == connection);
        let most = earlier.map_or(most, |(_, earlier)| earlier.at_most(most));
        self.curbed = Some((connection, most));
    }

    /// Takes out of whose request rules have kept something from being done, and how much they left at most.
    pub(in crate::engine) fn take_curbed(&mut self) -> Option<(ConnectionId, Applied)> {
        self.curbed.take()
    }

    /// Forgets all rules, with what they expected and what they keep.
    pub(crate) fn clear(&mut self) {
        self.rules.clear();
        self.kept.clear();
        self.plans.clear();
        self.changed();
    }

    /// How many requests and answers a rule keeps, those of connections that it throttles not counted.
    pub(in crate::engine) fn kept_by(&self, id: FaultId) -> usize {
        self.kept.values().filter(|kept| kept.by == id).count()
    }
}
