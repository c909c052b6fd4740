//! Replicas that a request gives to partitions by hand.

use crate::engine::api_error::ApiError;
use crate::engine::state::State;
use crate::wire::error::ErrorCode;
use crate::wire::messages::BrokerId;
use crate::wire::units::NodeId;

/// The replicas of the partition with that index, the first of which will lead; `size` is how many
/// the partitions before it have.
pub(in crate::engine) fn check(
    state: &State,
    index: i32,
    brokers: &[BrokerId],
    size: Option<usize>,
) -> Result<Vec<NodeId>, ApiError> {
    let refuse = |message: String| Err(invalid(message));
    if brokers.is_empty() {
        return refuse("The manual partition assignment includes an empty replica list.".into());
    }
    let mut sorted: Vec<i32> = brokers.iter().map(|broker| broker.0).collect();
    sorted.sort_unstable();
    let mut before = None;
    for broker in sorted {
        if !state.cluster.nodes.contains_key(&NodeId(broker)) {
            return refuse(format!(
                "The manual partition assignment includes broker {broker}, but no such broker is \
                 registered."
            ));
        }
        if before == Some(broker) {
            return refuse(format!(
                "The manual partition assignment includes the broker {broker} more than once."
            ));
        }
        before = Some(broker);
    }
    if let Some(size) = size.filter(|size| *size != brokers.len()) {
        return refuse(format!(
            "The manual partition assignment includes a partition with {} replica(s), but this is \
             not consistent with previous partitions, which have {size} replica(s).",
            brokers.len()
        ));
    }
    if brokers
        .iter()
        .all(|broker| !state.cluster.is_up(NodeId(broker.0)))
    {
        return refuse(format!(
            "All brokers specified in the manual partition assignment for partition {index} are \
             fenced or in controlled shutdown."
        ));
    }
    Ok(brokers.iter().map(|broker| NodeId(broker.0)).collect())
}

/// INVALID_REPLICA_ASSIGNMENT
pub(in crate::engine) fn invalid(message: String) -> ApiError {
    ApiError::new(ErrorCode::InvalidReplicaAssignment, message)
}
