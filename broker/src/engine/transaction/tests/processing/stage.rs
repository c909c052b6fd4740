//! What all clients share: the cluster, chance, the journal of inputs, and what became of each attempt.

use std::collections::BTreeMap;

use super::checks::Readers;
use super::{World, asks_again};
use crate::engine::context::ConnectionId;
use crate::engine::rng::Rng;
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::tests::world::Refused;
use crate::wire::units::NodeId;

/// One transaction, as its client sees it.
#[derive(Debug, Clone, Default)]
pub(super) struct Attempt {
    /// The group that it works for; none for the source.
    pub(super) group: Option<&'static str>,
    /// What it has written.
    pub(super) values: Vec<String>,
    /// Its commit was asked for.
    pub(super) may_be_committed: bool,
    /// Its commit was acknowledged.
    pub(super) is_committed: bool,
}

pub(super) struct Stage {
    pub(super) world: World,
    pub(super) rng: Rng,
    pub(super) journal: Vec<String>,
    pub(super) attempts: Vec<Attempt>,
    pub(super) readers: Readers,
    /// Nothing is lost, and nobody gives up a transaction without need.
    pub(super) is_gentle: bool,
    pub(super) rebalances_in_transactions: usize,
    connections: u64,
    /// Whether markers are held or a node is away, so that transactions may stay open.
    markers_are_held: bool,
}

impl Stage {
    pub(super) fn new(world: World, seed: u64) -> Self {
        Self {
            world,
            rng: Rng::new(seed),
            journal: Vec::new(),
            attempts: Vec::new(),
            readers: Readers::new(),
            is_gentle: false,
            rebalances_in_transactions: 0,
            connections: 0,
            markers_are_held: false,
        }
    }

    pub(super) fn note(&mut self, line: String) {
        let at = self.world.bench.now.elapsed.as_millis();
        self.journal.push(format!("{at:>8} {line}"));
    }

    pub(super) fn new_connection(&mut self) -> ConnectionId {
        self.connections += 1;
        ConnectionId(self.connections)
    }

    /// A new attempt's number.
    pub(super) fn begin(&mut self, group: Option<&'static str>) -> usize {
        self.attempts.push(Attempt {
            group,
            ..Attempt::default()
        });
        self.attempts.len() - 1
    }

    /// Whether something goes wrong that does so once in so many times.
    pub(super) fn happens(&mut self, once_in: usize) -> bool {
        self.rng.below(once_in) == 0 && !self.is_gentle
    }

    /// Sends a request that may be lost, or whose reply may be; none for what the client does not hear.
    pub(super) fn try_to<T>(
        &mut self,
        what: &str,
        request: impl FnOnce(&mut World) -> Result<T, Refused>,
    ) -> Option<Result<T, Refused>> {
        if self.happens(16) {
            self.note(format!("{what}: lost"));
            return None;
        }
        let reply_is_lost = self.happens(12);
        let result = request(&mut self.world);
        let code = result.as_ref().err().copied().unwrap_or_default();
        let lost = if reply_is_lost { ", reply lost" } else { "" };
        self.note(format!("{what}: {code}{lost}"));
        let is_heard = !reply_is_lost && !asks_again(code);
        is_heard.then_some(result)
    }

    pub(super) fn pass(&mut self, millis: u64) {
        self.note(format!("{millis} ms"));
        self.world.pass(millis);
    }

    pub(super) fn hold_markers(&mut self, hold: bool) {
        self.markers_are_held = hold;
        self.world.hold_markers(hold);
        self.readers.forgive();
    }

    pub(super) fn turn_node(&mut self, node: NodeId, up: bool) {
        self.note(format!("node {node} is up: {up}"));
        self.world.turn_node(node, up);
        self.readers.forgive();
    }

    pub(super) fn read_along(&mut self) {
        let mut readers = std::mem::take(&mut self.readers);
        if self.markers_are_held {
            readers.forgive();
        }
        readers.read(&mut self.world, &self.attempts);
        self.readers = readers;
    }

    pub(super) fn check_calm(&mut self) {
        self.readers.check_calm(&mut self.world, &self.attempts);
    }

    pub(super) fn is_all_done(&self) -> bool {
        self.readers.is_all_done()
    }
}

/// By partition, what comes next.
pub(super) type Sequences = BTreeMap<TopicPartition, i32>;
