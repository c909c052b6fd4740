//! AddRaftVoter (key 80), v0–v1 (KIP-853, KIP-1186).
//!
//! Oracle: after the cluster and the voter itself, its listener for controllers is asked for, by a name
//! without case; then whether somebody votes by that id. Then the leader calls there: a controller that
//! is not one of this cluster's nodes is not reached.

use uuid::Uuid;

use super::remove_raft_voter::{check_cluster, check_version, is_valid};
use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::java::hash_map;
use crate::engine::voters::{replica_key, voter_set};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{AddRaftVoterListener, AddRaftVoterRequest, AddRaftVoterResponse};
use crate::wire::units::NodeId;

/// The listener of controllers.
const CONTROLLER: &str = "CONTROLLER";

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: AddRaftVoterRequest,
) -> Answer<AddRaftVoterResponse> {
    if request.listeners.iter().any(|at| is_blank(&at.name)) {
        return Answer::Close("AddRaftVoter with a listener without a name".to_owned());
    }
    let may_add = cx.access().cluster(Operation::Alter);
    let may_add = may_add.map_err(ApiError::with_text);
    let added = may_add.and_then(|()| check_cluster(cx, request.cluster_id.as_ref()));
    let added = added.and_then(|()| add(cx, &request));
    let response = AddRaftVoterResponse::default();
    Answer::Reply(match added {
        Ok(()) => response,
        Err(error) => response
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message()),
    })
}

/// Kafka's node ends itself over such a name.
fn is_blank(name: &str) -> bool {
    name.trim().is_empty()
}

fn add(cx: &mut Context<'_>, request: &AddRaftVoterRequest) -> Result<(), ApiError> {
    let (id, directory) = (request.voter_id, request.voter_directory_id);
    if !is_valid(id, directory) {
        let message = "Add voter request didn't include a valid voter";
        return Err(ApiError::new(ErrorCode::InvalidRequest, message));
    }
    let endpoints = endpoints(&request.listeners);
    if !endpoints.iter().any(|(name, _)| name == CONTROLLER) {
        let shown: Vec<_> = endpoints
            .iter()
            .map(|(name, at)| format!("ListenerName({name})={}/<unresolved>:{}", at.host, at.port))
            .collect();
        let message = format!(
            "Add voter request didn't include the endpoint (Endpoints(endpoints={{{}}})) for the default \
             listener ListenerName({CONTROLLER})",
            shown.join(", ")
        );
        return Err(ApiError::new(ErrorCode::InvalidRequest, message));
    }
    check_version(cx, "adding")?;
    join(cx, NodeId(id), directory)
}

fn join(cx: &mut Context<'_>, id: NodeId, directory: Uuid) -> Result<(), ApiError> {
    let cluster = &mut cx.state.cluster;
    if cluster.is_voter(id) {
        let message = format!(
            "The voter id for {} is already part of the set of voters {}.",
            replica_key(id, directory),
            voter_set(cluster),
        );
        return Err(ApiError::new(ErrorCode::DuplicateVoter, message));
    }
    if cluster.add_voter(id, directory) {
        return Ok(());
    }
    let message = "Aborted add voter operation for since API_VERSIONS returned an error \
                   BROKER_NOT_AVAILABLE";
    Err(ApiError::new(ErrorCode::RequestTimedOut, message))
}

/// Each name once, with what was said last, as a table of Java's has them.
fn endpoints(listeners: &[AddRaftVoterListener]) -> Vec<(String, &AddRaftVoterListener)> {
    let mut found: Vec<(String, &AddRaftVoterListener)> = Vec::new();
    for listener in listeners {
        let name = listener.name.to_uppercase();
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = listener,
            None => found.push((name, listener)),
        }
    }
    hash_map::sort_made_for(&mut found, |(name, _)| name);
    found
}
