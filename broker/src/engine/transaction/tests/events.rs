//! What happens to the cluster while transactions are under way, and what its partitions hold.

use std::time::Duration;

use super::world::World;
use crate::engine::commands::Command;
use crate::engine::snapshot::Snapshot;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::units::NodeId;

impl World {
    pub(super) fn last_stable_offset(&self, place: &TopicPartition) -> i64 {
        let topic = self.bench.engine.state.cluster.topic(&place.topic).unwrap();
        let log = &topic.partition(place.partition).unwrap().log;
        log.last_stable_offset().0
    }

    pub(super) fn end_offset(&self, place: &TopicPartition) -> i64 {
        let topic = self.bench.engine.state.cluster.topic(&place.topic).unwrap();
        topic.partition(place.partition).unwrap().log.end().0
    }

    pub(super) fn pass(&mut self, millis: u64) {
        let end = self.bench.now.plus(Duration::from_millis(millis));
        while let Some(effects) = self.bench.next_until(end) {
            assert!(self.take(effects).is_none());
        }
    }

    /// The level of `transaction.version`.
    pub(super) fn set_level(&mut self, level: i16) {
        self.bench
            .engine
            .state
            .features
            .set("transaction.version", level);
    }

    /// Where the state topic keeps an id of one letter.
    pub(super) fn partition_of(id: &str) -> i32 {
        i32::from(id.as_bytes()[0]) % 50
    }

    pub(super) fn elect(&mut self, place: &TopicPartition) {
        let cluster = &mut self.bench.engine.state.cluster;
        let partition = cluster.partition_mut(&place.topic, place.partition);
        partition.unwrap().elect(NodeId(0));
        self.bench.engine.state.follow_leaders(self.bench.now);
    }

    pub(super) fn lose_leader(&mut self, place: &TopicPartition) {
        let cluster = &mut self.bench.engine.state.cluster;
        let partition = cluster.partition_mut(&place.topic, place.partition);
        partition.unwrap().leader = None;
        self.bench.engine.state.follow_leaders(self.bench.now);
    }

    /// Keeps markers back, or lets them be written.
    pub(super) fn hold_markers(&mut self, hold: bool) {
        let (done, effects) = self.bench.tell(Command::HoldMarkers { hold });
        done.unwrap();
        assert!(self.take(effects.0).is_none());
    }

    /// Makes the cluster what was kept, read from the bytes of a file.
    pub(super) fn restore(&mut self) {
        let bytes = self.kept.as_ref().unwrap().to_bytes().unwrap();
        let snapshot = Snapshot::from_bytes(bytes).unwrap();
        let (restored, effects) = self.bench.tell(Command::Restore { snapshot });
        restored.unwrap();
        assert!(self.take(effects.0).is_none());
    }

    /// Takes a node out of service, or brings it back.
    pub(super) fn turn_node(&mut self, node: NodeId, up: bool) {
        let effects = self.bench.turn_node(node, up);
        assert!(self.take(effects.0).is_none());
    }
}
