//! Who belongs to the cluster: brokers that are registered or not (KIP-631), controllers that are, and
//! who votes among them (KIP-853). Each node is a broker and a controller in one process.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Cluster, Node};
use crate::engine::voters::directory;
use crate::wire::units::NodeId;

/// What is not as at the start, where every node is registered as both and votes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Membership {
    /// Nodes whose brokers are not registered; `up` says whether they run.
    outside: BTreeMap<NodeId, Node>,
    /// Nodes whose controllers do not vote.
    observers: BTreeSet<NodeId>,
    /// Stopped nodes whose controllers are not registered.
    unregistered_controllers: BTreeSet<NodeId>,
}

impl Cluster {
    /// Who is not registered, or does not vote.
    pub(crate) const fn membership(&self) -> &Membership {
        &self.membership
    }

    /// Makes these, and no others, those who are not registered or do not vote.
    pub(crate) fn set_membership(&mut self, membership: Membership) {
        for node in membership.outside.keys() {
            self.nodes.remove(node);
        }
        self.membership = membership;
        self.changed();
    }

    /// All nodes there are, those as well whose brokers are not registered.
    pub(crate) fn all_ids(&self) -> BTreeSet<NodeId> {
        let outside = self.membership.outside.keys();
        self.nodes.keys().chain(outside).copied().collect()
    }

    /// The rack of a node, registered or not.
    pub(crate) fn rack_of_any(&self, node: NodeId) -> Option<String> {
        let outside = self.membership.outside.get(&node);
        self.nodes.get(&node).or(outside)?.rack.clone()
    }

    /// Whether a node's process runs, registered or not.
    pub(crate) fn runs(&self, node: NodeId) -> bool {
        let outside = self.membership.outside.get(&node);
        let known = self.nodes.get(&node).or(outside);
        known.is_some_and(|node| node.up)
    }

    /// Takes a broker out of the cluster while its process goes on, if it does. Says whether it was in.
    pub(crate) fn unregister(&mut self, node: NodeId, runs: bool) -> bool {
        let Some(known) = self.nodes.remove(&node) else {
            return false;
        };
        let outside = Node { up: runs, ..known };
        self.membership.outside.insert(node, outside);
        self.changed();
        true
    }

    /// Takes a broker in that registers again, as one that is stopped. Says whether it was out.
    pub(crate) fn register(&mut self, node: NodeId) -> bool {
        let Some(known) = self.membership.outside.remove(&node) else {
            return false;
        };
        self.nodes.insert(node, Node { up: false, ..known });
        self.changed();
        true
    }

    /// The process of a broker that is not registered has stopped. Says whether there is such a broker.
    pub(crate) fn stop_outside(&mut self, node: NodeId) -> bool {
        let outside = self.membership.outside.get_mut(&node);
        outside.map(|outside| outside.up = false).is_some()
    }

    /// Brokers that are not registered.
    pub(crate) fn outside(&self) -> Vec<NodeId> {
        self.membership.outside.keys().copied().collect()
    }

    /// Forgets a node that is gone for good.
    pub(crate) fn forget_node(&mut self, node: NodeId) {
        self.nodes.remove(&node);
        self.membership.outside.remove(&node);
        self.membership.observers.remove(&node);
        self.membership.unregistered_controllers.remove(&node);
        self.changed();
    }

    /// Who votes in the quorum, stopped or not.
    pub(crate) fn voters(&self) -> Vec<NodeId> {
        let observers = &self.membership.observers;
        let all = self.all_ids().into_iter();
        all.filter(|node| !observers.contains(node)).collect()
    }

    /// Whose controllers only observe.
    pub(crate) fn observers(&self) -> Vec<NodeId> {
        self.membership.observers.iter().copied().collect()
    }

    pub(crate) fn is_voter(&self, node: NodeId) -> bool {
        self.voters().contains(&node)
    }

    /// The controller that is active: the first voter that runs.
    pub(crate) fn active_controller(&self) -> NodeId {
        let voters = self.voters();
        let running = voters.iter().find(|node| self.runs(**node));
        let leader = running.or_else(|| voters.first());
        leader.copied().unwrap_or_else(|| self.controller())
    }

    /// Lets a voter vote no more; the last one stays. Says whether it did.
    pub(crate) fn remove_voter(&mut self, node: NodeId, from: Uuid) -> bool {
        let voters = self.voters();
        let can_go = voters.len() > 1 && voters.contains(&node) && directory(node) == from;
        can_go && self.membership.observers.insert(node)
    }

    /// Lets a node that runs vote again. Says whether that was possible.
    pub(crate) fn add_voter(&mut self, node: NodeId, from: Uuid) -> bool {
        let is_there = self.runs(node) && directory(node) == from;
        is_there && self.membership.observers.remove(&node)
    }

    /// Makes these, and no others, observers.
    pub(crate) fn set_observers(&mut self, observers: &[NodeId]) {
        let all = self.all_ids();
        let known = observers.iter().filter(|node| all.contains(node));
        self.membership.observers = known.copied().collect();
    }

    /// Forgets a controller, which registers again if its node runs. Says whether it was registered.
    pub(crate) fn unregister_controller(&mut self, node: NodeId) -> bool {
        let gone = &mut self.membership.unregistered_controllers;
        if gone.contains(&node) || !self.all_ids().contains(&node) {
            return false;
        }
        if !self.runs(node) {
            self.membership.unregistered_controllers.insert(node);
        }
        true
    }

    /// The controller of a node that has started registers.
    pub(crate) fn register_controller(&mut self, node: NodeId) {
        self.membership.unregistered_controllers.remove(&node);
    }
}
