//! The end of transactions, as `__consumer_offsets` learns of it.

use crate::engine::log::MarkerKind;
use crate::engine::state::State;
use crate::engine::state_topic::{StateTopic, partition_of};
use crate::engine::topic_partition::TopicPartition;
use crate::wire::units::ProducerId;

impl State {
    /// Ends a transaction for the offsets of the groups whose partition its marker was written to.
    pub(in crate::engine) fn end_pending_offsets(
        &mut self,
        place: &TopicPartition,
        producer: ProducerId,
        kind: MarkerKind,
    ) {
        if place.topic != StateTopic::Groups.name() {
            return;
        }
        let cluster = &self.cluster;
        let concerns =
            |group: &str| partition_of(cluster, StateTopic::Groups, group) == Some(place.partition);
        self.groups
            .offsets
            .end_transaction(producer, kind, concerns);
    }
}
