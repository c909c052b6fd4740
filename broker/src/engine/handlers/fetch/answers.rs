//! What Fetch answers.

use std::collections::BTreeSet;

use super::reading;
use crate::engine::context::Context;
use crate::engine::fetch::sessions::{
    FetchedPartition, Mode, PartitionResponse, RequestedPartitions,
};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;
use crate::wire::ext::fetch_size;
use crate::wire::messages::fetch_response::{
    FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
};
use crate::wire::messages::{FetchRequest, FetchResponse, str_bytes};

/// Kafka's cache of sessions has that many parts of one size; what is left over is not used.
const CACHE_PARTS: usize = 8;

/// The first version that says who leads (KIP-951).
const LEADER_HINTS_SINCE: i16 = 16;

/// The first version with an error of the whole request.
const TOP_LEVEL_ERROR_SINCE: i16 = 7;

/// A request without a usable session gets nothing but the error.
pub(super) fn no_session(cx: &mut Context<'_>, code: ErrorCode) -> FetchResponse {
    let response = FetchResponse {
        error_code: code.code(),
        ..FetchResponse::default()
    };
    if is_throttled(cx) || is_over_quota(cx, &response) {
        return throttled(cx, Mode::Sessionless);
    }
    response
}

fn is_throttled(cx: &mut Context<'_>) -> bool {
    cx.throttles.will_throttle(cx.state, cx.call, Api::Fetch)
}

/// Who is throttled gets nothing (KIP-219), not even the session that it asked for; a session that it has
/// is left as it was, so that the next answer says what this one does not.
fn throttled(cx: &Context<'_>, mode: Mode) -> FetchResponse {
    let id = match mode {
        Mode::Incremental(id) => id,
        Mode::Sessionless | Mode::Full => 0,
    };
    FetchResponse {
        session_id: id,
        throttle_time_ms: cx.throttle_ms,
        ..FetchResponse::default()
    }
}

/// The same error everywhere. Versions with topic ids are told of no partitions.
pub(super) fn failed(request: &FetchRequest, version: i16, code: ErrorCode) -> FetchResponse {
    let told = version < super::TOPIC_IDS_SINCE;
    let topics = request.topics.iter().filter(|_| told).map(|topic| {
        let rows = topic.partitions.iter().map(|asked| PartitionData {
            aborted_transactions: Some(Vec::new()),
            ..reading::failed(asked.partition, code)
        });
        FetchableTopicResponse {
            topic: topic.topic.clone(),
            partitions: rows.collect(),
            ..FetchableTopicResponse::default()
        }
    });
    FetchResponse {
        error_code: code.code(),
        session_id: request.session_id,
        responses: topics.collect(),
        ..FetchResponse::default()
    }
}

/// The answer as the request's session wants it: what is not there comes last.
pub(super) fn answer(
    cx: &mut Context<'_>,
    request: &FetchRequest,
    mode: Mode,
    partitions: RequestedPartitions,
    rows: Vec<(PartitionData, PartitionResponse)>,
) -> FetchResponse {
    if is_throttled(cx) {
        return throttled(cx, mode);
    }
    let (rows, answered): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let keys: Vec<_> = partitions
        .iter()
        .map(|(partition, _)| partition.clone())
        .collect();
    let told = match mode {
        Mode::Sessionless | Mode::Full => vec![true; rows.len()],
        Mode::Incremental(id) => cx.state.fetch_sessions.news(id, &answered),
    };
    let all = keys.iter().zip(rows).zip(told);
    let told = all.filter(|(_, told)| *told).map(|(row, _)| row);
    let mut told: Vec<_> = told.collect();
    told.sort_by_key(|(_, row)| place_of(row));
    // Oracle: behind a topic that has neither name nor id, Kafka fails.
    let mut before_last = told.iter().rev().skip(1);
    if cx.call.version >= super::TOPIC_IDS_SINCE && before_last.any(|(key, _)| key.is_nameless()) {
        keep(cx, mode, partitions, &answered);
        return failed(request, cx.call.version, ErrorCode::UnknownServerError);
    }
    let mut response = FetchResponse::default();
    let mut leaders = BTreeSet::new();
    for (key, row) in told {
        let row = with_hint(cx, key, row, &mut response, &mut leaders);
        add(&mut response, key, row);
    }
    if is_over_quota(cx, &response) {
        return throttled(cx, mode);
    }
    response.session_id = keep(cx, mode, partitions, &answered);
    response
}

/// Has the request's session take note of what its client is told, and says which session that is.
fn keep(
    cx: &mut Context<'_>,
    mode: Mode,
    partitions: RequestedPartitions,
    answered: &[PartitionResponse],
) -> i32 {
    match mode {
        Mode::Sessionless => 0,
        Mode::Incremental(id) => {
            cx.state.fetch_sessions.answer(id, answered);
            id
        }
        Mode::Full => open(cx, partitions, answered),
    }
}

fn is_over_quota(cx: &mut Context<'_>, response: &FetchResponse) -> bool {
    let version = cx.call.version;
    cx.charge_fetch(|| fetch_size(response, version))
}

/// What can be read comes first, then what has no name, then what is not there.
fn place_of(row: &PartitionData) -> u8 {
    match row.error_code {
        code if code == ErrorCode::UnknownTopicId.code() => 1,
        code if code == ErrorCode::UnknownTopicOrPartition.code() => 2,
        _ => 0,
    }
}

fn open(
    cx: &mut Context<'_>,
    partitions: RequestedPartitions,
    answered: &[PartitionResponse],
) -> i32 {
    if cx.call.version < TOP_LEVEL_ERROR_SINCE {
        return 0;
    }
    let slots = cx.state.broker_config(cx.call.node).fetch_sessions_max;
    let slots = slots - slots % CACHE_PARTS;
    let by_id = cx.call.version >= super::TOPIC_IDS_SINCE;
    let state = &mut *cx.state;
    let mut draw = || state.rng.next_positive_i32();
    state
        .fetch_sessions
        .open(cx.now, by_id, partitions, answered, (slots, &mut draw))
}

/// Rows of one topic that follow each other share an entry.
fn add(response: &mut FetchResponse, key: &FetchedPartition, row: PartitionData) {
    let name = key.topic.as_deref().unwrap_or_default();
    let last = response.responses.last_mut();
    match last.filter(|last| last.topic.as_str() == name && last.topic_id == key.topic_id) {
        Some(topic) => topic.partitions.push(row),
        None => response.responses.push(FetchableTopicResponse {
            topic: str_bytes(name).into(),
            topic_id: key.topic_id,
            partitions: vec![row],
        }),
    }
}

/// Tells a client that asked the wrong node who leads.
fn with_hint(
    cx: &Context<'_>,
    key: &FetchedPartition,
    row: PartitionData,
    response: &mut FetchResponse,
    leaders: &mut BTreeSet<i32>,
) -> PartitionData {
    let misled = row.error_code == ErrorCode::NotLeaderOrFollower.code()
        || row.error_code == ErrorCode::FencedLeaderEpoch.code();
    let topic = key
        .topic
        .as_deref()
        .and_then(|name| cx.state.cluster.topic(name));
    let partition = topic.and_then(|topic| topic.partition(key.partition));
    let Some(partition) = partition.filter(|_| misled && cx.call.version >= LEADER_HINTS_SINCE)
    else {
        return row;
    };
    if let Some(leader) = partition.leader
        && leaders.insert(leader.0)
        && let Some(place) = cx.read_only().endpoint(leader)
    {
        response.node_endpoints.push(NodeEndpoint {
            node_id: leader.0.into(),
            host: str_bytes(place.host),
            port: place.port,
            rack: place.rack.map(str_bytes),
        });
    }
    let current_leader = LeaderIdAndEpoch {
        leader_id: partition.leader.map_or(-1, |leader| leader.0).into(),
        leader_epoch: partition.leader_epoch.0,
    };
    PartitionData {
        current_leader,
        ..row
    }
}
