//! Voters of the quorum as Kafka writes them (KIP-853).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::cluster::Cluster;
use crate::wire::units::NodeId;

/// First half of the directory ids that nodes show; the second is the node's id.
const DIRECTORY: u64 = 0x6B72_6166_742D_4000;

/// The id of the directory in which a node keeps the cluster's metadata.
pub(crate) fn directory(node: NodeId) -> Uuid {
    Uuid::from_u64_pair(DIRECTORY, (1 << 63) | u64::from(node.0.cast_unsigned()))
}

/// A voter, by its id and its directory.
pub(crate) fn replica_key(node: NodeId, directory: Uuid) -> String {
    let directory = BASE64_URL_SAFE_NO_PAD.encode(directory.as_bytes());
    format!("ReplicaKey(id={node}, directoryId={directory})")
}

/// All of them.
pub(crate) fn voter_set(cluster: &Cluster) -> String {
    let voters = cluster.voters().into_iter();
    let keys: Vec<_> = voters
        .map(|node| replica_key(node, directory(node)))
        .collect();
    format!("[{}]", keys.join(", "))
}
