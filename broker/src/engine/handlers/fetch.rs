//! Fetch (key 1), v4–v18.
//!
//! Oracle: partitions are served in order until the bytes are used up; the first batch of the first
//! partition that has records comes whole (KIP-74). The request waits for its minimum of bytes; an
//! error, a diverging epoch or a preferred replica ends the wait at once, but a partition that no
//! topic has does not, nor does one that the client may not read: a topic takes READ, or of who says to follow the cluster
//! takes CLUSTER_ACTION.

mod answers;
mod reading;
#[cfg(test)]
mod tests;

use std::time::Duration;

use reading::{FetchBudget, Reading};
use uuid::Uuid;

use crate::engine::context::{Answer, Context, Parking, WakeOn};
use crate::engine::fetch::sessions::{
    FetchedPartition, PartitionRequest, RequestedPartitions, SessionError, SessionRequest,
};
use crate::engine::replica;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{FetchRequest, FetchResponse};
use crate::wire::units::Offset;

/// The first version that names topics by id (KIP-516).
const TOPIC_IDS_SINCE: i16 = 13;

/// Answers, or waits for records.
pub(crate) fn handle(cx: &mut Context<'_>, request: FetchRequest) -> Answer<FetchResponse> {
    let session = SessionRequest {
        id: request.session_id,
        epoch: request.session_epoch,
        by_id: cx.call.version >= TOPIC_IDS_SINCE,
        ticket: cx.call.ticket.0,
    };
    let (wanted, forgotten) = (wanted(cx, &request), forgotten(cx, &request));
    let begun = cx
        .state
        .fetch_sessions
        .begin(cx.now, session, wanted, &forgotten);
    let (mode, partitions) = match begun {
        Ok(begun) => begun,
        Err(error) => return Answer::Reply(answers::no_session(cx, session_code(error))),
    };
    let readings = read_all(cx, &request, &partitions);
    // Oracle: an isolation level that does not exist matters once there is something to read.
    if !matches!(request.isolation_level, 0 | 1)
        && readings.iter().any(Reading::is_of_known_partition)
    {
        let code = ErrorCode::UnknownServerError;
        return Answer::Reply(answers::failed(&request, cx.call.version, code));
    }
    if must_wait(cx, &request, &readings) {
        let wake = partitions
            .iter()
            .filter_map(|(partition, _)| wake_on(partition))
            .collect();
        let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or_default());
        cx.state.fetch_sessions.wait(mode, cx.call.ticket.0);
        let parking = Parking {
            until: Some(cx.call.arrived.plus(wait)),
            wake,
        };
        return Answer::Park(parking, Box::new(request.into()));
    }
    let rows: Vec<_> = readings.into_iter().map(Reading::into_row).collect();
    Answer::Reply(answers::answer(cx, &request, mode, partitions, rows))
}

const fn session_code(error: SessionError) -> ErrorCode {
    match error {
        SessionError::NotFound => ErrorCode::FetchSessionIdNotFound,
        SessionError::InvalidEpoch => ErrorCode::InvalidFetchSessionEpoch,
        SessionError::TopicId => ErrorCode::FetchSessionTopicIdError,
    }
}

/// A topic as a session knows it: both its name and its id where there is such a topic.
fn identify(cx: &Context<'_>, name: &str, id: Uuid) -> (Option<String>, Uuid) {
    let cluster = &cx.state.cluster;
    if cx.call.version >= TOPIC_IDS_SINCE {
        (
            cluster.topic_by_id(id).map(|topic| topic.name.to_string()),
            id,
        )
    } else {
        (
            Some(name.to_owned()),
            cluster.topic(name).map_or(Uuid::nil(), |topic| topic.id),
        )
    }
}

fn wanted(cx: &Context<'_>, request: &FetchRequest) -> RequestedPartitions {
    let mut wanted = Vec::new();
    for asked in &request.topics {
        let (topic, topic_id) = identify(cx, &asked.topic, asked.topic_id);
        for asked in &asked.partitions {
            let partition = FetchedPartition {
                topic: topic.clone(),
                topic_id,
                partition: asked.partition,
            };
            let what = PartitionRequest {
                offset: Offset(asked.fetch_offset),
                max_bytes: asked.partition_max_bytes,
                current_leader_epoch: replica::stated(asked.current_leader_epoch),
                last_fetched_epoch: replica::stated(asked.last_fetched_epoch),
            };
            wanted.push((partition, what));
        }
    }
    wanted
}

fn forgotten(cx: &Context<'_>, request: &FetchRequest) -> Vec<FetchedPartition> {
    let mut forgotten = Vec::new();
    for gone in &request.forgotten_topics_data {
        let (topic, topic_id) = identify(cx, &gone.topic, gone.topic_id);
        forgotten.extend(gone.partitions.iter().map(|&partition| FetchedPartition {
            topic: topic.clone(),
            topic_id,
            partition,
        }));
    }
    forgotten
}

fn read_all<'a>(
    cx: &'a Context<'_>,
    request: &FetchRequest,
    partitions: &RequestedPartitions,
) -> Vec<Reading<'a>> {
    let mut budget = FetchBudget {
        bytes: bytes_max(cx, request),
        must_progress: true,
    };
    let reader = reading::Reader::new(cx, request);
    partitions
        .iter()
        .map(|(partition, wanted)| reader.read(partition, wanted, &mut budget))
        .collect()
}

/// Whether the request is to wait: nothing it must be told, and fewer bytes than it wants.
fn must_wait(cx: &Context<'_>, request: &FetchRequest, readings: &[Reading<'_>]) -> bool {
    if request.max_wait_ms <= 0 || cx.call.expired {
        return false;
    }
    let mut known = readings
        .iter()
        .filter(|reading| reading.is_of_known_partition())
        .peekable();
    if known.peek().is_none() {
        return false;
    }
    let wanted = i64::from(request.min_bytes.min(bytes_max(cx, request)));
    let mut bytes = 0_i64;
    for reading in known {
        if reading.is_urgent() {
            return false;
        }
        bytes = bytes.saturating_add(i64::try_from(reading.bytes()).unwrap_or(i64::MAX));
    }
    bytes < wanted
}

/// How much an answer holds at most: what the client, the broker and a quota allow.
fn bytes_max(cx: &Context<'_>, request: &FetchRequest) -> i32 {
    let broker = cx.state.broker_config(cx.call.node);
    let broker = i32::try_from(broker.fetch_max_bytes).unwrap_or(i32::MAX);
    let quota = cx.fetch_bytes_max().unwrap_or(i32::MAX);
    request.max_bytes.min(broker).min(quota)
}

fn wake_on(partition: &FetchedPartition) -> Option<WakeOn> {
    let topic = partition.topic.as_deref()?;
    let place = TopicPartition::new(topic, partition.partition);
    Some(WakeOn::Partition(place))
}
