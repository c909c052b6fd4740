//! Reassignments (KIP-455): a partition gets the replicas that are to hold it beside those that do, and loses the
//! latter once the former have its records and are in sync.
//!
//! What each step does to a partition is here, by the rules of Kafka's controller; `copying` has the bytes move.

mod copying;
#[cfg(test)]
mod tests;
mod throttles;

use serde::{Deserialize, Serialize};

use super::cluster::Partition;
use crate::wire::units::{NodeId, Offset};

pub(crate) use copying::Reassignments;

/// What a partition has of a reassignment that is under way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Reassignment {
    /// Replicas that it is to get, by id.
    pub(crate) adding: Vec<NodeId>,
    /// Replicas that it is to lose, by id.
    pub(crate) removing: Vec<NodeId>,
    /// Replicas that have not all of its records yet.
    pub(crate) copying: Vec<Copying>,
    /// A test keeps them from going on.
    pub(crate) held: bool,
}

/// A replica that is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Copying {
    pub(crate) node: NodeId,
    /// The offset up to which it has the records.
    pub(crate) end: Offset,
}

/// Going back would lose records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unclean;

impl Reassignment {
    /// Whether one is under way.
    pub(crate) const fn is_under_way(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }

    /// Whether anything is left to do.
    pub(crate) const fn is_idle(&self) -> bool {
        !self.is_under_way() && self.copying.is_empty()
    }

    /// Whether there is nothing to keep.
    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a replica lacks records that the others have.
    pub(crate) fn is_copying(&self, node: NodeId) -> bool {
        self.copying.iter().any(|copying| copying.node == node)
    }

    /// A replica has what there is.
    pub(crate) fn caught_up(&mut self, node: NodeId) {
        self.copying.retain(|copying| copying.node != node);
    }
}

impl Partition {
    /// How many replicas it has, those that go not counted: what a new reassignment is compared with (KIP-860).
    pub(crate) fn replication_factor(&self) -> usize {
        let goes = |node: &&NodeId| self.reassignment.removing.contains(node);
        self.replicas.iter().filter(|node| !goes(node)).count()
    }

    /// Begins to move it to these replicas. Oracle: it is the present replicas that are compared with them, also those
    /// that another reassignment adds or takes away; a list that comes out empty leaves the one that there is.
    pub(crate) fn reassign(&mut self, target: Vec<NodeId>) {
        let removing = difference(&self.replicas, &target);
        let adding = difference(&target, &self.replicas);
        for node in target.iter().filter(|node| adding.contains(node)) {
            let (node, end) = (*node, Offset(0));
            self.reassignment.copying.push(Copying { node, end });
        }
        self.replicas = target;
        self.replicas.extend(&removing);
        if !removing.is_empty() {
            self.reassignment.removing = removing;
        }
        if !adding.is_empty() {
            self.reassignment.adding = adding;
        }
    }

    /// Leaves the replicas that the reassignment was to take away, if the new ones are in sync. Says whether it did. Oracle:
    /// those that stay must be in sync, too, if there are to be fewer than before; and one that an earlier
    /// reassignment added and this one takes away keeps it under way, until it is cancelled or asked for again.
    pub(crate) fn complete_reassignment(&mut self, live: &[NodeId]) -> bool {
        let under_way = &self.reassignment;
        if !under_way.is_under_way() || under_way.held {
            return false;
        }
        let stays = |node: &NodeId| !under_way.removing.contains(node);
        let mut replicas = self.replicas.clone();
        replicas.retain(stays);
        let mut isr = self.isr.clone();
        isr.retain(stays);
        let in_sync = |nodes: &[NodeId]| nodes.iter().all(|node| isr.contains(node));
        let shrinks = under_way.adding.len() < under_way.removing.len();
        let is_enough = in_sync(&under_way.adding) && (!shrinks || in_sync(&replicas));
        if replicas.is_empty() || isr.is_empty() || !is_enough {
            return false;
        }
        self.settle_on(replicas, isr, live);
        true
    }

    /// Goes back to the replicas from before the reassignment.
    ///
    /// # Errors
    /// None of them is in sync, and `unclean` does not say that they may lead all the same.
    pub(crate) fn cancel_reassignment(
        &mut self,
        live: &[NodeId],
        unclean: bool,
    ) -> Result<(), Unclean> {
        let stays = |node: &NodeId| !self.reassignment.adding.contains(node);
        let mut replicas = self.replicas.clone();
        replicas.retain(stays);
        let mut isr = self.isr.clone();
        isr.retain(stays);
        if isr.is_empty() {
            if !unclean {
                return Err(Unclean);
            }
            isr.extend(replicas.first());
        }
        self.settle_on(replicas, isr, live);
        Ok(())
    }

    /// The reassignment is over. A leader that stays goes on; oracle: in a new epoch if a replica goes.
    fn settle_on(&mut self, replicas: Vec<NodeId>, isr: Vec<NodeId>, live: &[NodeId]) {
        let someone_leaves = replicas.len() < self.replicas.len();
        self.elr.retain(|node| replicas.contains(node));
        self.lagging.retain(|node| replicas.contains(node));
        let reassignment = &mut self.reassignment;
        reassignment.adding.clear();
        reassignment.removing.clear();
        reassignment
            .copying
            .retain(|copying| replicas.contains(&copying.node));
        let may_lead = |node: &NodeId| isr.contains(node) && live.contains(node);
        let leader = self.leader.filter(may_lead);
        let next = leader.or_else(|| replicas.iter().copied().find(may_lead));
        let changes = next != self.leader;
        self.replicas = replicas;
        self.isr = isr;
        match next {
            Some(next) if someone_leaves || changes => self.elect(next),
            None if changes => self.resign(),
            _ => {}
        }
    }
}

/// The nodes that are in one list and not in the other, by id.
fn difference(these: &[NodeId], those: &[NodeId]) -> Vec<NodeId> {
    let mut left = these.to_vec();
    left.retain(|node| !those.contains(node));
    left.sort_unstable();
    left
}
