//! Nodes that stop and return, as the controller sees it: fenced and unfenced brokers (KIP-631), with
//! elections, in-sync replicas and eligible leader replicas (KIP-966).
//!
//! All replicas share one log, so a node that returns is in sync at once.

use super::cluster::configs::own_settings;
use super::cluster::{Node, Partition};
use super::listeners::{ListenerId, NodeAddress};
use super::state::State;
use super::time::Now;
use crate::wire::units::NodeId;

/// The feature by which in-sync replicas that leave stay eligible to lead.
const ELIGIBLE_LEADER_REPLICAS: &str = "eligible.leader.replicas.version";

/// What of a partition's topic an election goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    min_insync_replicas: usize,
    /// A replica that is out of sync may lead when nobody else can.
    unclean: bool,
    /// Replicas that leave the in-sync set stay eligible.
    eligible: bool,
}

impl State {
    /// Takes a node out of service: others lead its partitions, and coordinate what it coordinated.
    /// Says whether there is such a node.
    pub(super) fn stop_node(&mut self, now: Now, node: NodeId) -> bool {
        self.turn_node(now, node, false)
    }

    /// Brings a node back; it follows until it is elected again.
    pub(super) fn start_node(&mut self, now: Now, node: NodeId) -> bool {
        self.turn_node(now, node, true)
    }

    /// Adds a node, which runs and holds nothing yet.
    pub(super) fn add_node(
        &mut self,
        rack: Option<String>,
        places: Vec<(ListenerId, String, u16)>,
    ) -> NodeId {
        let all = self.cluster.all_ids();
        let id = NodeId(all.last().map_or(0, |last| last.0.saturating_add(1)));
        let places = places
            .into_iter()
            .map(|(listener, host, port)| NodeAddress {
                node: id,
                listener,
                host,
                port,
            });
        let places: Vec<_> = places.collect();
        let listeners = self.listeners.all();
        let own = own_settings(
            id,
            (listeners, &places),
            rack.as_deref(),
            self.configs.fixed(),
        );
        self.configs.add_node(id, own);
        let up = true;
        self.cluster.nodes.insert(id, Node { id, rack, up });
        places.into_iter().for_each(|at| self.endpoints.bind(at));
        self.tell_node(id, true);
        id
    }

    /// Takes a node out of the cluster for good. Replicas on it stay listed, as those that an
    /// unregistered broker had; partitions without another one have no leader any more.
    pub(super) fn remove_node(&mut self, now: Now, node: NodeId) {
        self.stop_node(now, node);
        self.cluster.forget_node(node);
    }

    /// Takes a broker out of the cluster, whose process goes on until it is stopped. Says whether it was in.
    pub(crate) fn unregister_broker(&mut self, now: Now, node: NodeId) -> bool {
        if !self.cluster.nodes.contains_key(&node) {
            return false;
        }
        let runs = self.cluster.runs(node);
        self.set_up(now, node, false);
        self.cluster.unregister(node, runs)
    }

    /// Lets every broker register that does not belong to the cluster and runs.
    pub(crate) fn register_all(&mut self, now: Now) {
        for node in self.cluster.outside() {
            let runs = self.cluster.runs(node);
            self.cluster.register(node);
            if runs {
                self.set_up(now, node, true);
            }
        }
    }

    fn turn_node(&mut self, now: Now, node: NodeId, up: bool) -> bool {
        if up {
            // A node that starts registers.
            self.cluster.register(node);
            self.cluster.register_controller(node);
        } else if self.cluster.stop_outside(node) {
            return true;
        }
        if !self.cluster.nodes.contains_key(&node) {
            return false;
        }
        self.set_up(now, node, up);
        true
    }

    /// Lets a registered node be in service or not.
    fn set_up(&mut self, now: Now, node: NodeId, up: bool) {
        let Some(known) = self.cluster.nodes.get_mut(&node) else {
            return;
        };
        if known.up == up {
            return;
        }
        known.up = up;
        self.publish_topics(now);
        let live = self.cluster.live_ids();
        let names: Vec<String> = self.cluster.topics().map(|t| t.name.clone()).collect();
        for name in names {
            if self.rearrange(&name, node, &live) {
                self.wake_topic(&name);
            }
        }
        self.tell_node(node, up);
        self.follow_leaders(now);
        if up {
            // Oracle: a node that stops still writes down what its clients give up as their connections close; once it is back,
            // it begins anew.
            self.shares.compare_leaders();
        } else {
            self.forget_errands_of(node);
        }
    }

    /// What elections of a topic go by.
    pub(super) fn terms(&self, topic: &str) -> Terms {
        let config = self.topic_config(topic);
        Terms {
            min_insync_replicas: config.min_insync_replicas,
            unclean: config.unclean_leader_election,
            eligible: self.features.level(ELIGIBLE_LEADER_REPLICAS) > 0,
        }
    }

    /// Brings a topic's partitions in line with who is there; says whether it has any on that node.
    fn rearrange(&mut self, name: &str, node: NodeId, live: &[NodeId]) -> bool {
        let terms = self.terms(name);
        let mut changed = false;
        for partition in self
            .cluster
            .topic_mut(name)
            .into_iter()
            .flat_map(|topic| &mut topic.partitions)
            .filter(|partition| partition.replicas.contains(&node))
        {
            changed = true;
            if live.contains(&node) {
                partition.welcome(node, live, terms);
            } else {
                partition.lose(node, live, terms);
            }
        }
        changed
    }
}

impl Partition {
    /// A replica's node has stopped.
    fn lose(&mut self, node: NodeId, live: &[NodeId], terms: Terms) {
        let was_in_sync = self.isr.contains(&node);
        if !was_in_sync {
            return;
        }
        let left: Vec<_> = self.isr.iter().copied().filter(|id| *id != node).collect();
        // Without eligible replicas the last one in sync stays, so that only it can lead again.
        if !left.is_empty() || terms.eligible {
            self.set_isr(left, terms);
        }
        if self.leader != Some(node) {
            return;
        }
        match self.candidate(live, terms) {
            Some(leader) => self.lead(leader, terms),
            None => self.resign(),
        }
    }

    /// A replica's node is back.
    fn welcome(&mut self, node: NodeId, live: &[NodeId], terms: Terms) {
        if self.leader.is_none() {
            let Some(leader) = self.candidate(live, terms) else {
                return;
            };
            self.lead(leader, terms);
        }
        // Replicas that are in place and were out of sync catch up with the leader, which then reports
        // all of them in order.
        let mut isr = self.isr.clone();
        let returned = self.replicas.iter().copied();
        isr.extend(returned.filter(|id| live.contains(id) && !self.isr.contains(id)));
        let is_behind =
            |id: &NodeId| self.lagging.contains(id) || self.reassignment.is_copying(*id);
        isr.retain(|id| !is_behind(id));
        isr.sort_unstable();
        debug_assert!(
            isr.contains(&node) || is_behind(&node),
            "a replica that is there is in sync"
        );
        self.set_isr(isr, terms);
    }

    /// A follower leaves the in-sync replicas, and stays away until it may catch up.
    pub(super) fn fall_behind(&mut self, node: NodeId, terms: Terms) {
        if !self.lagging.contains(&node) {
            self.lagging.push(node);
        }
        if self.isr.contains(&node) {
            let left = self.isr.iter().copied().filter(|id| *id != node).collect();
            self.set_isr(left, terms);
        }
    }

    /// A replica that is filled has all records.
    pub(super) fn join(&mut self, node: NodeId, terms: Terms) {
        self.reassignment.caught_up(node);
        if !self.isr.contains(&node) {
            let mut isr = self.isr.clone();
            isr.push(node);
            self.set_isr(isr, terms);
        }
    }

    /// A follower that was behind is in sync again.
    pub(super) fn catch_up(&mut self, node: NodeId, terms: Terms) {
        self.lagging.retain(|id| *id != node);
        self.reassignment.caught_up(node);
        if !self.isr.contains(&node) {
            let mut isr = self.isr.clone();
            isr.push(node);
            isr.sort_unstable();
            self.set_isr(isr, terms);
        }
    }

    /// Who may lead now: the first replica in sync, else the first that is eligible, else anybody if
    /// records may be lost.
    fn candidate(&self, live: &[NodeId], terms: Terms) -> Option<NodeId> {
        let there = |id: &&NodeId| live.contains(id);
        let mut replicas = self.replicas.iter().filter(there);
        let in_sync = replicas.clone().find(|id| self.isr.contains(id));
        let eligible = || replicas.clone().find(|id| self.elr.contains(id));
        let found = in_sync.or_else(eligible).copied();
        found.or_else(|| terms.unclean.then(|| replicas.next().copied())?)
    }

    /// Makes a replica leader, whether it is in sync or not.
    fn lead(&mut self, leader: NodeId, terms: Terms) {
        if !self.isr.contains(&leader) {
            self.set_isr(vec![leader], terms);
        }
        self.elect(leader);
    }

    /// Changes the in-sync replicas. Those that leave stay eligible while fewer are in sync than
    /// acknowledged records need (KIP-966); with the last one goes the leader, who is remembered.
    fn set_isr(&mut self, isr: Vec<NodeId>, terms: Terms) {
        let enough = isr.len() >= terms.min_insync_replicas.min(self.replicas.len());
        if enough || !terms.eligible {
            self.elr.clear();
            self.last_known_elr.clear();
        } else {
            self.elr.extend(&self.isr);
            self.elr.retain(|id| !isr.contains(id));
            self.elr.sort_unstable();
            self.elr.dedup();
        }
        if isr.is_empty() {
            self.last_known_elr = self.leader.into_iter().collect();
        }
        self.isr = isr;
    }
}
