//! What ShareFetch answers.

use std::collections::BTreeMap;

use super::acknowledging::has_error;
use crate::engine::context::{Context, Endpoint};
use crate::engine::share::sessions::{FINAL_EPOCH, INITIAL_EPOCH};
use crate::engine::share::waiting::{Acknowledged, Row, WaitingShareFetch};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;
use crate::wire::ext::share_fetch_size;
use crate::wire::messages::share_fetch_response::{
    AcquiredRecords, LeaderIdAndEpoch, NodeEndpoint, PartitionData, ShareFetchableTopicResponse,
};
use crate::wire::messages::{ShareFetchResponse, str_bytes};
use crate::wire::units::NodeId;

/// Who leads a partition, for a client that asked the wrong node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LeaderHint {
    pub(crate) leader_id: i32,
    pub(crate) leader_epoch: i32,
}

/// The nodes that an answer names.
#[derive(Debug, Default)]
pub(crate) struct Leaders {
    pub(crate) endpoints: BTreeMap<NodeId, Endpoint>,
}

impl Leaders {
    /// What is said of who leads, if an error asks for it.
    pub(crate) fn hint(
        &mut self,
        cx: &Context<'_>,
        code: ErrorCode,
        (name, partition): (Option<&str>, i32),
    ) -> Option<LeaderHint> {
        if !matches!(
            code,
            ErrorCode::NotLeaderOrFollower | ErrorCode::FencedLeaderEpoch
        ) {
            return None;
        }
        let topic = name.and_then(|name| cx.state.cluster.topic(name));
        let Some(partition) = topic.and_then(|topic| topic.partition(partition)) else {
            return Some(LeaderHint {
                leader_id: -1,
                leader_epoch: -1,
            });
        };
        if let Some(leader) = partition.leader
            && let Some(endpoint) = cx.read_only().endpoint(leader)
        {
            self.endpoints.insert(leader, endpoint);
        }
        Some(LeaderHint {
            leader_id: partition.leader.map_or(-1, |leader| leader.0),
            leader_epoch: partition.leader_epoch.0,
        })
    }
}

/// The answer as the session wants it, with what came of acknowledgements. A session that is closed ends after it.
pub(super) fn answer(
    cx: &mut Context<'_>,
    waiting: WaitingShareFetch,
    rows: Vec<Row>,
) -> ShareFetchResponse {
    let is_stale = is_stale(cx, &waiting);
    let mut leaders = Leaders::default();
    let mut topics = Topics::default();
    let rows = if is_stale {
        Vec::new()
    } else {
        told(cx, &waiting, rows)
    };
    for row in rows {
        let place = (row.name.as_deref(), row.data.partition_index);
        let mut data = row.data;
        if let Some(hint) = leaders.hint(cx, row.code, place) {
            data.current_leader = LeaderIdAndEpoch {
                leader_id: hint.leader_id,
                leader_epoch: hint.leader_epoch,
            };
        }
        topics.add(row.topic, data);
    }
    let lock = cx
        .state
        .share_terms(cx.call.node, &waiting.session.group)
        .lock_duration;
    let mut response = ShareFetchResponse {
        acquisition_lock_timeout_ms: i32::try_from(lock.as_millis()).unwrap_or(i32::MAX),
        error_code: if is_stale {
            ErrorCode::InvalidShareSessionEpoch.code()
        } else {
            0
        },
        responses: topics.rows,
        ..ShareFetchResponse::default()
    };
    let version = cx.call.version;
    let throttled = cx
        .throttles
        .will_throttle(cx.state, cx.call, Api::ShareFetch)
        || cx.charge_fetch(|| share_fetch_size(&response, version));
    if throttled {
        response.responses.clear();
        response.throttle_time_ms = cx.throttle_ms;
    } else {
        let endpoints = leaders.endpoints.into_iter();
        response.node_endpoints = endpoints
            .map(|(node, place)| endpoint(node, place))
            .collect();
    }
    note(&mut response.responses, &waiting.acknowledged);
    if waiting.epoch == FINAL_EPOCH {
        cx.state.end_share_session(cx.now, &waiting.session);
    }
    response
}

/// Whether another request has taken the session further while this one waited.
fn is_stale(cx: &Context<'_>, waiting: &WaitingShareFetch) -> bool {
    let goes_on = waiting.epoch != INITIAL_EPOCH && waiting.epoch != FINAL_EPOCH;
    goes_on
        && !cx
            .state
            .shares
            .sessions
            .is_last(&waiting.session, waiting.epoch)
}

/// A row before it is known who leads.
struct Told {
    topic: uuid::Uuid,
    name: Option<String>,
    code: ErrorCode,
    data: PartitionData,
}

/// The rows that the client must be told.
fn told(cx: &mut Context<'_>, waiting: &WaitingShareFetch, rows: Vec<Row>) -> Vec<Told> {
    let failed = waiting.failed.iter().map(|failed| Told {
        topic: failed.topic,
        name: failed.name.clone(),
        code: failed.code,
        data: PartitionData {
            partition_index: failed.partition,
            error_code: failed.code.code(),
            ..PartitionData::default()
        },
    });
    let read = rows.into_iter().map(|row| Told {
        topic: row.share.key.topic,
        name: Some(row.share.name),
        code: row.code,
        data: PartitionData {
            partition_index: row.share.key.partition,
            error_code: row.code.code(),
            records: row.records,
            acquired_records: row.acquired.iter().map(acquired_row).collect(),
            ..PartitionData::default()
        },
    });
    let mut all: Vec<Told> = read.chain(failed).collect();
    if waiting.epoch != INITIAL_EPOCH && waiting.epoch != FINAL_EPOCH {
        let sessions = &mut cx.state.shares.sessions;
        all.retain(|row| {
            let place = (row.topic, row.data.partition_index);
            let has_records = !row.data.records.is_empty();
            let is_error = row.code != ErrorCode::None;
            sessions.tell(&waiting.session, place, has_records, is_error)
        });
    }
    all
}

fn acquired_row(acquired: &crate::engine::share::partition::Acquired) -> AcquiredRecords {
    AcquiredRecords {
        first_offset: acquired.first,
        last_offset: acquired.last,
        delivery_count: i16::try_from(acquired.deliveries).unwrap_or(i16::MAX),
    }
}

fn endpoint(node: NodeId, place: Endpoint) -> NodeEndpoint {
    NodeEndpoint {
        node_id: node.0.into(),
        host: str_bytes(place.host),
        port: place.port,
        rack: place.rack.map(str_bytes),
    }
}

/// Adds what came of acknowledgements to the rows of their partitions, or rows for them.
fn note(topics: &mut Vec<ShareFetchableTopicResponse>, acknowledged: &[Acknowledged]) {
    let mut by_topic = Topics {
        places: (0..)
            .zip(&*topics)
            .map(|(place, topic)| (topic.topic_id, place))
            .collect(),
        rows: std::mem::take(topics),
    };
    let mut by_partition = BTreeMap::new();
    for topic in &by_topic.rows {
        for (place, row) in topic.partitions.iter().enumerate() {
            by_partition.insert((topic.topic_id, row.partition_index), place);
        }
    }
    for said in acknowledged {
        let mut row = PartitionData {
            partition_index: said.partition,
            ..PartitionData::default()
        };
        if let Some(error) = has_error(said) {
            row.acknowledge_error_code = error.code.code();
            row.acknowledge_error_message = error.wire_message();
        }
        match by_partition.get(&(said.topic, said.partition)) {
            None => by_topic.add(said.topic, row),
            Some(place) => {
                if let Some(known) = by_topic.row(said.topic, *place) {
                    known.acknowledge_error_code = row.acknowledge_error_code;
                    known.acknowledge_error_message = row.acknowledge_error_message;
                }
            }
        }
    }
    *topics = by_topic.rows;
}

/// Rows by topic, each topic where it came first.
#[derive(Default)]
struct Topics {
    rows: Vec<ShareFetchableTopicResponse>,
    places: BTreeMap<uuid::Uuid, usize>,
}

impl Topics {
    fn row(&mut self, topic: uuid::Uuid, place: usize) -> Option<&mut PartitionData> {
        let topic = self.rows.get_mut(*self.places.get(&topic)?)?;
        topic.partitions.get_mut(place)
    }

    fn add(&mut self, topic: uuid::Uuid, row: PartitionData) {
        let next = self.rows.len();
        let place = *self.places.entry(topic).or_insert(next);
        if place == next {
            self.rows.push(ShareFetchableTopicResponse {
                topic_id: topic,
                ..ShareFetchableTopicResponse::default()
            });
        }
        if let Some(known) = self.rows.get_mut(place) {
            known.partitions.push(row);
        }
    }
}
