//! The Metadata response, whose partitions keep their nodes without memory of their own: a cluster may have many.

use kafka_protocol::messages::{BrokerId, TopicName};
use kafka_protocol::protocol::StrBytes;
use smallvec::SmallVec;
use uuid::Uuid;

use super::structs::{message, structs};
use crate::wire::units::NodeId;

/// What stands for "no authorized operations asked for".
const NO_OPERATIONS: i32 = i32::MIN;

/// So many need no memory of their own.
const NODES_INLINE: usize = 4;

/// A partition's replicas, or some of them.
pub(crate) type Nodes = SmallVec<[BrokerId; NODES_INLINE]>;

/// These nodes as an answer lists them.
#[inline]
pub(crate) fn nodes_of(nodes: &[NodeId]) -> Nodes {
    if nodes.len() > NODES_INLINE {
        return nodes.iter().map(|node| BrokerId(node.0)).collect();
    }
    let mut few = [BrokerId(-1); NODES_INLINE];
    for (place, node) in few.iter_mut().zip(nodes) {
        place.0 = node.0;
    }
    SmallVec::from_buf_and_len(few, nodes.len())
}

structs! {
    struct MetadataResponse {
        throttle_time_ms: i32 = 0, 3..=13;
        brokers: Vec<MetadataResponseBroker> = Vec::new(), 0..=13;
        cluster_id: Option<StrBytes> = None, 2..=13;
        controller_id: BrokerId = BrokerId(-1), 1..=13;
        topics: Vec<MetadataResponseTopic> = Vec::new(), 0..=13;
        cluster_authorized_operations: i32 = NO_OPERATIONS, 8..=10;
        error_code: i16 = 0, 13..=13;
    }

    struct MetadataResponseBroker {
        node_id: BrokerId = BrokerId(0), 0..=13;
        host: StrBytes = StrBytes::new(), 0..=13;
        port: i32 = 0, 0..=13;
        rack: Option<StrBytes> = None, 1..=13;
    }

    struct MetadataResponseTopic {
        error_code: i16 = 0, 0..=13;
        name: Option<TopicName> = Some(TopicName::default()), 0..=13;
        topic_id: Uuid = Uuid::nil(), 10..=13;
        is_internal: bool = false, 1..=13;
        partitions: Vec<MetadataResponsePartition> = Vec::new(), 0..=13;
        topic_authorized_operations: i32 = NO_OPERATIONS, 8..=13;
    }

    struct MetadataResponsePartition {
        error_code: i16 = 0, 0..=13;
        partition_index: i32 = 0, 0..=13;
        leader_id: BrokerId = BrokerId(0), 0..=13;
        leader_epoch: i32 = -1, 7..=13;
        replica_nodes: Nodes = Nodes::new(), 0..=13;
        isr_nodes: Nodes = Nodes::new(), 0..=13;
        offline_replicas: Nodes = Nodes::new(), 5..=13;
    }
}
message!(MetadataResponse, 0..=13, flexible from 9);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_nodes_is_listed() {
        for count in 0..7 {
            let nodes: Vec<NodeId> = (1..=count).map(NodeId).collect();
            let listed: Vec<i32> = nodes_of(&nodes).iter().map(|node| node.0).collect();
            assert_eq!(listed, (1..=count).collect::<Vec<_>>());
        }
    }
}
