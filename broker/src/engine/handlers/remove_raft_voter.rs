//! RemoveRaftVoter (key 81), v0 (KIP-853).
//!
//! Oracle: the cluster is asked after first, then whether the request names anybody, then whether that
//! one votes from that directory. Who votes no more observes.

use uuid::Uuid;

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::features::KRAFT_VERSION;
use crate::engine::voters::{replica_key, voter_set};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{RemoveRaftVoterRequest, RemoveRaftVoterResponse, StrBytes};
use crate::wire::units::NodeId;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: RemoveRaftVoterRequest,
) -> Answer<RemoveRaftVoterResponse> {
    let may_remove = cx.access().cluster(Operation::Alter);
    let may_remove = may_remove.map_err(ApiError::with_text);
    let removed = may_remove
        .and_then(|()| check_cluster(cx, request.cluster_id.as_ref()))
        .and_then(|()| remove(cx, request.voter_id, request.voter_directory_id));
    let response = RemoveRaftVoterResponse::default();
    Answer::Reply(match removed {
        Ok(()) => response,
        Err(error) => response
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message()),
    })
}

/// Whether the request is for this cluster, or says for none.
pub(super) fn check_cluster(cx: &Context<'_>, id: Option<&StrBytes>) -> Result<(), ApiError> {
    let own = &cx.state.cluster.id;
    match id {
        Some(id) if id.as_str() != own => Err(ApiError::new(
            ErrorCode::InconsistentClusterId,
            format!("The given id \"{id}\" doesn't match the cluster id \"{own}\""),
        )),
        _ => Ok(()),
    }
}

/// Whether an id and a directory are a voter's.
pub(super) fn is_valid(id: i32, directory: Uuid) -> bool {
    id >= 0 && !directory.is_nil()
}

/// Whether the cluster's voters can change.
pub(super) fn check_version(cx: &Context<'_>, what: &str) -> Result<(), ApiError> {
    let level = cx.state.features.level(KRAFT_VERSION);
    if level > 0 {
        return Ok(());
    }
    let message = format!(
        "Cluster doesn't support {what} voter because the {KRAFT_VERSION} feature is {level}"
    );
    Err(ApiError::new(ErrorCode::UnsupportedVersion, message))
}

fn remove(cx: &mut Context<'_>, id: i32, directory: Uuid) -> Result<(), ApiError> {
    if !is_valid(id, directory) {
        let message = "Remove voter request didn't include a valid voter";
        return Err(ApiError::new(ErrorCode::InvalidRequest, message));
    }
    check_version(cx, "removing")?;
    let cluster = &mut cx.state.cluster;
    if cluster.remove_voter(NodeId(id), directory) {
        return Ok(());
    }
    let message = format!(
        "Cannot remove voter {} from the set of voters {}",
        replica_key(NodeId(id), directory),
        voter_set(cluster),
    );
    Err(ApiError::new(ErrorCode::VoterNotFound, message))
}
