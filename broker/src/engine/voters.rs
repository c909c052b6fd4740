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

#[cfg(test)]
mod tests {
    use super::directory;
    use crate::engine::commands::Command;
    use crate::engine::features::KRAFT_VERSION;
    use crate::engine::testing::Bench;
    use crate::wire::apis::Response;
    use crate::wire::error::ErrorCode;
    use crate::wire::messages::{
        AddRaftVoterListener, AddRaftVoterRequest, RemoveRaftVoterRequest,
    };
    use crate::wire::units::NodeId;

    const NODE: NodeId = NodeId(1);

    fn removed(bench: &mut Bench) -> ErrorCode {
        let request = RemoveRaftVoterRequest::default()
            .with_cluster_id(None)
            .with_voter_id(NODE.0)
            .with_voter_directory_id(directory(NODE));
        let Response::RemoveRaftVoter(response) = bench.ask(0, request) else {
            panic!("another answer");
        };
        ErrorCode::of(response.error_code)
    }

    fn added(bench: &mut Bench) -> ErrorCode {
        let listener = AddRaftVoterListener {
            name: "CONTROLLER".into(),
            ..AddRaftVoterListener::default()
        };
        let request = AddRaftVoterRequest {
            voter_id: NODE.0,
            voter_directory_id: directory(NODE),
            listeners: vec![listener],
            ..AddRaftVoterRequest::default()
        };
        let Response::AddRaftVoter(response) = bench.ask(1, request) else {
            panic!("another answer");
        };
        ErrorCode::of(response.error_code)
    }

    #[test]
    fn voters_change_as_far_as_the_feature_allows() {
        let mut bench = Bench::of_nodes(3, &[]);
        let level = bench.engine.state.features.level(KRAFT_VERSION);
        bench.engine.state.features.set(KRAFT_VERSION, 0);
        assert_eq!(removed(&mut bench), ErrorCode::UnsupportedVersion);
        assert_eq!(added(&mut bench), ErrorCode::UnsupportedVersion);
        bench.engine.state.features.set(KRAFT_VERSION, level);
        assert_eq!(removed(&mut bench), ErrorCode::None);
        assert_eq!(bench.engine.state.cluster.voters(), [NodeId(0), NodeId(2)]);
        assert_eq!(added(&mut bench), ErrorCode::None);
        assert_eq!(added(&mut bench), ErrorCode::DuplicateVoter);
    }

    #[test]
    fn a_snapshot_knows_who_does_not_vote() {
        let mut bench = Bench::of_nodes(3, &[]);
        assert_eq!(removed(&mut bench), ErrorCode::None);
        let snapshot = bench.engine.state.snapshot(bench.now);
        assert_eq!(added(&mut bench), ErrorCode::None);
        bench.command(Command::Restore { snapshot }).unwrap();
        assert_eq!(bench.engine.state.cluster.observers(), [NODE]);
    }
}
