//! Whom a row names that a rule has say that another node leads: as Kafka's does, the leader that the cluster knows (KIP-951, KIP-932).

use std::collections::BTreeMap;

use super::entities::put;
use crate::engine::cluster::Partition;
use crate::engine::context::{Call, Endpoint};
use crate::engine::state::State;
use crate::wire::api::Api;
use crate::wire::dynamic::{Misfit, Shape, Value};
use crate::wire::error::ErrorCode;
use crate::wire::units::NodeId;

/// A row, where it is in the answer, and the partition that it is about.
type Misled<'a> = (String, Option<&'a Partition>);

/// Whether an API's answers of this version name leaders beside this error.
pub(super) fn names_leaders(api: Api, version: i16, code: ErrorCode) -> bool {
    let is_of_shares = matches!(api, Api::ShareFetch | Api::ShareAcknowledge);
    let fenced = code == ErrorCode::FencedLeaderEpoch;
    let misleads = code == ErrorCode::NotLeaderOrFollower || fenced && api != Api::Produce;
    misleads
        && (is_of_shares
            || api == Api::Fetch && version >= 16
            || api == Api::Produce && version >= 10)
}

/// Names the leaders of all partitions whose rows have this error, and where this client reaches them.
pub(super) fn name_leaders(
    state: &State,
    call: &Call,
    (shape, code): (Shape, ErrorCode),
    answer: &mut Value,
) -> Result<(), Misfit> {
    let mut leaders = BTreeMap::new();
    for (path, partition) in misled(state, code, answer) {
        let leader = partition.and_then(|partition| partition.leader);
        let epoch = partition.map_or(-1, |partition| partition.leader_epoch.0);
        let id = leader.map_or(-1, |leader| leader.0);
        let field = |name| format!("{path}.CurrentLeader.{name}");
        shape.set(answer, &field("LeaderId"), Value::Int(id.into()))?;
        shape.set(answer, &field("LeaderEpoch"), Value::Int(epoch.into()))?;
        leaders.extend(leader.and_then(|leader| Some((leader, endpoint(state, call, leader)?))));
    }
    name_endpoints(shape, answer, leaders)
}

/// Adds the nodes that the answer does not say how to reach.
fn name_endpoints(
    shape: Shape,
    answer: &mut Value,
    leaders: BTreeMap<NodeId, Endpoint>,
) -> Result<(), Misfit> {
    let known = answer.get("NodeEndpoints").map(Value::elements);
    let mut rows = known.unwrap_or_default().to_vec();
    for (node, place) in leaders {
        let id = Value::Int(node.0.into());
        let is_known = rows.iter().any(|row| row.get("NodeId") == Some(&id));
        if let Some(mut row) = shape.element("NodeEndpoints").filter(|_| !is_known) {
            let rack = place.rack.map_or(Value::Null, Value::Text);
            put(&mut row, "NodeId", id);
            put(&mut row, "Host", Value::Text(place.host));
            put(&mut row, "Port", Value::Int(place.port.into()));
            put(&mut row, "Rack", rack);
            rows.push(row);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    shape.set(answer, "NodeEndpoints", Value::Array(rows))
}

fn misled<'a>(state: &'a State, code: ErrorCode, answer: &Value) -> Vec<Misled<'a>> {
    let code = Value::Int(code.code().into());
    let mut found = Vec::new();
    let topics = answer.get("Responses").map(Value::elements);
    for (at, topic) in topics.unwrap_or_default().iter().enumerate() {
        let known = match topic.get("TopicId") {
            Some(Value::Uuid(id)) if !id.is_nil() => state.cluster.topic_by_id(*id),
            _ => first(topic, &["Topic", "Name"])
                .and_then(Value::as_text)
                .and_then(|name| state.cluster.topic(name)),
        };
        for list in ["Partitions", "PartitionResponses"] {
            let rows = topic.get(list).map(Value::elements).unwrap_or_default();
            for (row_at, row) in rows.iter().enumerate() {
                if row.get("ErrorCode") == Some(&code) {
                    let index = first(row, &["PartitionIndex", "Index"]).and_then(Value::as_int);
                    let index = index.and_then(|index| i32::try_from(index).ok());
                    let partition = known.zip(index);
                    let partition = partition.and_then(|(topic, index)| topic.partition(index));
                    found.push((format!("Responses[{at}].{list}[{row_at}]"), partition));
                }
            }
        }
    }
    found
}

fn first<'a>(row: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| row.get(name))
}

/// Where the client reaches a node that is in service.
fn endpoint(state: &State, call: &Call, node: NodeId) -> Option<Endpoint> {
    let listener = state.listeners.id_of(call.connection);
    let is_up = state.cluster.is_up(node);
    let place = is_up.then(|| state.endpoint(node, listener, &call.dialled_host));
    place.flatten()
}
