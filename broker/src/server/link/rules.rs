//! Which connections have something done to their bytes, and what.

use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::engine::rng::Rng;
use crate::wire::units::NodeId;

/// Where bytes go that a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ToBroker,
    ToClient,
    Both,
}

/// How a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// As if the other side had closed it.
    Close,
    /// With a TCP reset.
    Reset,
    /// The client sees the end, and may still send.
    HalfClose,
}

/// What is done to the bytes of a connection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum LinkEffect {
    /// They arrive later, by `by` and a random share of `jitter`; in order.
    Latency { by: Duration, jitter: Duration },
    /// No more of them pass in a second.
    Bandwidth { bytes_per_second: NonZeroU64 },
    /// They arrive in pieces of this size, with a pause between two.
    Slice {
        bytes: NonZeroUsize,
        pause: Duration,
    },
    /// The byte at this place, counted from 0 when the rule takes hold, arrives with all its bits turned.
    Corrupt { at: u64 },
    /// The connection is cut when so many have passed; at once for 0.
    Cut { after: u64, how: Cut },
    /// None passes until the rule goes; then all of them do.
    Silence,
    /// The node does not listen.
    Refuse,
}

/// Which of the connections that it could be about a rule takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Which {
    All,
    /// The one with this number, from 1.
    Nth(u64),
    First(u64),
    /// The one with this number, and every multiple of it.
    Every(NonZeroU64),
    /// Each with this probability.
    Chance(f64),
}

/// What a test wants done to bytes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinkSpec {
    /// All nodes, if none.
    pub(crate) node: Option<NodeId>,
    /// All clients, if none. A connection's client is known from its first request on.
    pub(crate) client_id: Option<String>,
    pub(crate) direction: Direction,
    pub(crate) which: Which,
    pub(crate) effect: LinkEffect,
}

impl LinkSpec {
    /// Which bytes it is about; half of a connection is closed by the broker's side.
    pub(super) const fn direction(&self) -> Direction {
        if matches!(
            self.effect,
            LinkEffect::Cut {
                how: Cut::HalfClose,
                ..
            }
        ) {
            Direction::ToClient
        } else {
            self.direction
        }
    }
}

/// A rule about bytes that is in force.
#[derive(Debug)]
pub(crate) struct LinkRule {
    pub(crate) id: u64,
    pub(crate) spec: LinkSpec,
    /// How many connections it has acted on.
    hits: watch::Sender<u64>,
    chance: Mutex<Chance>,
}

#[derive(Debug)]
struct Chance {
    connections: u64,
    rng: Rng,
}

impl LinkRule {
    /// Whether it takes the next connection that it could be about.
    fn takes(&self) -> bool {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        chance.connections = chance.connections.saturating_add(1);
        let number = chance.connections;
        match self.spec.which {
            Which::All => true,
            Which::Nth(nth) => number == nth,
            Which::First(count) => number <= count,
            Which::Every(every) => number.is_multiple_of(every.get()),
            Which::Chance(probability) => chance.rng.fraction() < probability,
        }
    }

    /// A random share of a duration.
    pub(super) fn share_of(&self, most: Duration) -> Duration {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        most.mul_f64(chance.rng.fraction())
    }

    pub(super) fn hit(&self) {
        self.hits.send_modify(|hits| *hits = hits.saturating_add(1));
    }

    /// How many connections it has acted on; the receiver learns of more.
    pub(crate) fn hits(&self) -> watch::Receiver<u64> {
        self.hits.subscribe()
    }

    fn is_about(&self, node: NodeId, client: Option<&str>) -> bool {
        let spec = &self.spec;
        spec.node.is_none_or(|own| own == node)
            && spec
                .client_id
                .as_deref()
                .is_none_or(|own| Some(own) == client)
    }
}

/// The rules in force, in the order in which they were mounted.
pub(super) type InForce = Arc<[Arc<LinkRule>]>;

/// The rule, if any, because of which a node does not listen.
pub(super) fn refusal(in_force: &InForce, node: NodeId) -> Option<Arc<LinkRule>> {
    let refuses =
        |rule: &&Arc<LinkRule>| rule.spec.effect == LinkEffect::Refuse && rule.is_about(node, None);
    in_force.iter().find(refuses).cloned()
}

/// All rules about bytes.
#[derive(Debug)]
pub(crate) struct LinkRules {
    in_force: watch::Sender<InForce>,
    last_id: AtomicU64,
    seed: u64,
}

impl LinkRules {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            in_force: watch::Sender::new(Arc::default()),
            last_id: AtomicU64::new(0),
            seed,
        }
    }

    /// Puts a rule in force, for connections that are open and those to come.
    pub(crate) fn mount(&self, spec: LinkSpec) -> Arc<LinkRule> {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let rule = Arc::new(LinkRule {
            id,
            spec,
            hits: watch::Sender::new(0),
            chance: Mutex::new(Chance {
                connections: 0,
                rng: Rng::new(self.seed.wrapping_add(id)),
            }),
        });
        self.replace(|rules| rules.chain([Arc::clone(&rule)]).collect());
        rule
    }

    /// Takes a rule out of force; what it held back passes. Says whether there was one.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let before = self.in_force.borrow().len();
        self.replace(|rules| rules.filter(|rule| rule.id != id).collect());
        self.in_force.borrow().len() < before
    }

    /// The rules in force.
    #[cfg(test)]
    pub(crate) fn list(&self) -> InForce {
        self.in_force.borrow().clone()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<InForce> {
        self.in_force.subscribe()
    }

    fn replace(&self, change: impl FnOnce(&mut dyn Iterator<Item = Arc<LinkRule>>) -> InForce) {
        self.in_force.send_modify(|rules| {
            let new = change(&mut rules.iter().cloned());
            *rules = new;
        });
    }
}

/// Which rules a connection has met, so that each is asked once.
#[derive(Debug, Default)]
pub(super) struct Met(Vec<u64>);

impl Met {
    /// The rules that now take hold of a connection.
    pub(super) fn meet(
        &mut self,
        in_force: &InForce,
        node: NodeId,
        client: Option<&str>,
    ) -> Vec<Arc<LinkRule>> {
        self.0
            .retain(|id| in_force.iter().any(|rule| rule.id == *id));
        let mut taken = Vec::new();
        for rule in in_force.iter() {
            if !self.0.contains(&rule.id) && rule.is_about(node, client) {
                self.0.push(rule.id);
                if rule.takes() {
                    taken.push(Arc::clone(rule));
                }
            }
        }
        taken
    }
}
