//! Which connections have something done to their bytes, and what.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::engine::Engine;
use crate::engine::fault::{ByteAction, Cut, Delay, FaultId, Pattern, Phase, Rule, Towards};
use crate::engine::input::Input;
use crate::engine::rng::Rng;
use crate::wire::units::NodeId;

/// What is done to the bytes of which connections.
#[derive(Debug, Clone)]
pub(crate) struct LinkSpec {
    /// The fault rule that says so; none where a node stands still.
    fault: Option<FaultId>,
    /// All nodes, if none.
    node: Option<NodeId>,
    /// All clients, if none. A connection's client is known from its first request on.
    client_id: Option<Pattern>,
    to: Option<Towards>,
    pub(super) action: ByteAction,
}

impl LinkSpec {
    /// What a fault rule says, if it is about bytes.
    pub(crate) fn of(fault: FaultId, rule: &Rule) -> Option<Self> {
        Some(Self {
            fault: Some(fault),
            node: rule.node.map(NodeId),
            client_id: rule.client_id.clone(),
            to: rule.to,
            action: rule.bytes?,
        })
    }

    /// A node that stands still.
    pub(crate) const fn pause(node: NodeId) -> Self {
        Self {
            fault: None,
            node: Some(node),
            client_id: None,
            to: None,
            action: ByteAction::Silence,
        }
    }

    /// Whether it is about what goes there; half of a connection is closed by the broker's side.
    pub(super) fn is_about(&self, way: Towards) -> bool {
        let is_half = matches!(
            self.action,
            ByteAction::Cut {
                how: Cut::HalfClose,
                ..
            }
        );
        let to = if is_half {
            Some(Towards::Client)
        } else {
            self.to
        };
        to.is_none_or(|to| to == way)
    }

    fn concerns(&self, node: NodeId, client: Option<&str>) -> bool {
        let of_client = |wanted: &Pattern| client.is_some_and(|client| wanted.matches(client));
        self.node.is_none_or(|own| own == node) && self.client_id.as_ref().is_none_or(of_client)
    }
}

/// A rule about bytes that is in force.
#[derive(Debug)]
pub(crate) struct LinkRule {
    pub(crate) id: u64,
    pub(super) spec: LinkSpec,
    chance: Mutex<Rng>,
}

impl LinkRule {
    /// Whether it takes a connection that it could be about.
    fn takes_connection(&self, tell: impl Fn(Input) -> bool) -> bool {
        let fault = self.spec.fault;
        fault.is_none_or(|id| tell(Input::LinkOffered(id)))
    }

    /// How long to wait this time: with jitter by chance.
    pub(super) fn draw(&self, delay: Delay) -> Duration {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        delay.draw(&mut chance)
    }

    /// Counts that it has acted.
    pub(super) fn hit(&self, tell: impl Fn(Input) -> bool) {
        if let Some(id) = self.spec.fault {
            tell(Input::LinkActed(id));
        }
    }
}

/// The rules in force, in the order in which they were mounted.
pub(super) type InForce = Arc<[Arc<LinkRule>]>;

/// The rule, if any, because of which a node does not listen.
pub(super) fn refusal(in_force: &InForce, node: NodeId) -> Option<Arc<LinkRule>> {
    let refuses = |rule: &&Arc<LinkRule>| {
        rule.spec.action == ByteAction::Refuse && rule.spec.concerns(node, None)
    };
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
            chance: Mutex::new(Rng::stream(self.seed, id)),
        });
        self.in_force.send_modify(|rules| {
            *rules = rules.iter().cloned().chain([Arc::clone(&rule)]).collect();
        });
        rule
    }

    /// Takes rules out of force; what they held back passes.
    pub(crate) fn retain(&self, stays: impl Fn(&LinkRule) -> bool) {
        self.in_force.send_if_modified(|rules| {
            let left: InForce = rules.iter().filter(|rule| stays(rule)).cloned().collect();
            let goes = left.len() < rules.len();
            *rules = left;
            goes
        });
    }

    /// Has those fault rules in force that are said to go on, each with whether it takes hold of further connections;
    /// such a rule is put in force if it is not.
    pub(super) fn follow(&self, going_on: &[(LinkSpec, bool)]) {
        let is_in_force = |fault| {
            let in_force = self.in_force.borrow();
            in_force.iter().any(|rule| rule.spec.fault == fault)
        };
        self.retain(|rule| {
            let mut still = going_on.iter();
            rule.spec.fault.is_none() || still.any(|(spec, _)| spec.fault == rule.spec.fault)
        });
        for (spec, takes_more) in going_on {
            if *takes_more && !is_in_force(spec.fault) {
                self.mount(spec.clone());
            }
        }
    }

    /// Whether a rule has the node refuse connections.
    pub(super) fn refuses(&self, node: NodeId) -> bool {
        refusal(&self.in_force.borrow(), node).is_some()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<InForce> {
        self.in_force.subscribe()
    }

    /// The rules in force.
    #[cfg(test)]
    pub(super) fn list(&self) -> InForce {
        self.in_force.borrow().clone()
    }
}

/// Which rules a connection has met, so that each is asked once.
#[derive(Debug, Default)]
pub(super) struct Met(Vec<u64>);

impl Met {
    /// The rules that now take hold of a connection.
    pub(super) fn meet(
        &mut self,
        tell: impl Fn(Input) -> bool,
        in_force: &InForce,
        (node, client): (NodeId, Option<&str>),
    ) -> Vec<Arc<LinkRule>> {
        self.0
            .retain(|id| in_force.iter().any(|rule| rule.id == *id));
        let mut taken = Vec::new();
        for rule in in_force.iter() {
            if !self.0.contains(&rule.id) && rule.spec.concerns(node, client) {
                self.0.push(rule.id);
                if rule.takes_connection(&tell) {
                    taken.push(Arc::clone(rule));
                }
            }
        }
        taken
    }
}

/// What the links between clients and nodes do by the rules of an engine. A rule that takes no more connections goes
/// on with those that it took, until it ends.
pub(super) fn specs(engine: &Engine) -> Vec<(LinkSpec, bool)> {
    let rules = engine.passage.faults.iter();
    let going_on = rules.filter(|mounted| mounted.phase != Phase::Ended);
    let specs = going_on.filter_map(|mounted| {
        let spec = LinkSpec::of(mounted.id, &mounted.rule)?;
        Some((spec, mounted.phase == Phase::Active))
    });
    specs.collect()
}
