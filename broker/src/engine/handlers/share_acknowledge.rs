//! ShareAcknowledge (key 79), v1–v2 (KIP-932, KIP-1222).
//!
//! Oracle: nothing asks whether a partition is one of the session's. An epoch of 0 is no session's. The answer waits
//! until acknowledgements are written down. The group and each topic take READ.

use crate::engine::context::{Answer, Context, Parking};
use crate::engine::handlers::share_fetch::{
    Leaders, acknowledge, check_names, has_error, session_of,
};
use crate::engine::share::partition::AcknowledgementBatch;
use crate::engine::share::sessions::{FINAL_EPOCH, INITIAL_EPOCH, SessionKey};
use crate::engine::share::waiting::Acknowledged;
use crate::wire::error::ErrorCode;
use crate::wire::messages::share_acknowledge_response::{
    LeaderIdAndEpoch, NodeEndpoint, PartitionData, ShareAcknowledgeTopicResponse,
};
use crate::wire::messages::{ShareAcknowledgeRequest, ShareAcknowledgeResponse, str_bytes};

/// Answers, or waits for acknowledgements to be written down.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    mut request: ShareAcknowledgeRequest,
) -> Answer<ShareAcknowledgeResponse> {
    let group = request.group_id.as_ref().map(|group| &*group.0);
    let session = session_of(cx, group, request.member_id.as_deref());
    if let Some(rows) = cx.state.shares.acknowledging.remove(&cx.call.ticket) {
        return match session {
            Ok(session) => conclude(cx, &session, rows, request),
            // Share groups went out of use meanwhile.
            Err(code) => Answer::Reply(refused(code)),
        };
    }
    let begun = session.and_then(|session| {
        step(cx, &session, request.share_session_epoch)?;
        let topics = request.topics.iter();
        let topics = topics.filter(|topic| !topic.partitions.is_empty());
        check_names(cx, topics.map(|topic| topic.topic_id))?;
        Ok(session)
    });
    let session = match begun {
        Ok(session) => session,
        Err(code) => return Answer::Reply(refused(code)),
    };
    // They are not needed while it waits.
    let topics = std::mem::take(&mut request.topics).into_iter();
    let batches = topics.flat_map(|topic| {
        topic.partitions.into_iter().map(move |partition| {
            let batches = partition.acknowledgement_batches.into_iter();
            let batches = batches.map(|batch| AcknowledgementBatch {
                first: batch.first_offset,
                last: batch.last_offset,
                types: batch.acknowledge_types,
            });
            (
                (topic.topic_id, partition.partition_index),
                batches.collect(),
            )
        })
    });
    let rows = match acknowledge(cx, &session, batches.collect(), request.is_renew_ack) {
        Ok(rows) => rows,
        Err(code) => return Answer::Reply(refused(code)),
    };
    conclude(cx, &session, rows, request)
}

/// Answers, once it is known what came of all acknowledgements. Only then does the session end, if it is to.
fn conclude(
    cx: &mut Context<'_>,
    session: &SessionKey,
    rows: Vec<Acknowledged>,
    request: ShareAcknowledgeRequest,
) -> Answer<ShareAcknowledgeResponse> {
    if rows.iter().any(Acknowledged::is_awaited) {
        let ticket = cx.call.ticket;
        cx.state.shares.acknowledging.insert(ticket, rows);
        return Answer::Park(Parking::until_told(ticket), Box::new(request.into()));
    }
    if request.share_session_epoch == FINAL_EPOCH {
        cx.state.end_share_session(cx.now, session);
    }
    Answer::Reply(answer(cx, session, &rows))
}

fn refused(code: ErrorCode) -> ShareAcknowledgeResponse {
    ShareAcknowledgeResponse {
        error_code: code.code(),
        ..ShareAcknowledgeResponse::default()
    }
}

fn step(cx: &mut Context<'_>, session: &SessionKey, epoch: i32) -> Result<(), ErrorCode> {
    let sessions = &mut cx.state.shares.sessions;
    match epoch {
        INITIAL_EPOCH => Err(ErrorCode::InvalidShareSessionEpoch),
        FINAL_EPOCH if sessions.contains(session) => Ok(()),
        FINAL_EPOCH => Err(ErrorCode::ShareSessionNotFound),
        _ => sessions.step(session, epoch),
    }
}

fn answer(
    cx: &Context<'_>,
    session: &SessionKey,
    rows: &[Acknowledged],
) -> ShareAcknowledgeResponse {
    let mut leaders = Leaders::default();
    let mut topics: Vec<ShareAcknowledgeTopicResponse> = Vec::new();
    for row in rows {
        let mut data = PartitionData {
            partition_index: row.partition,
            ..PartitionData::default()
        };
        if let Some(error) = has_error(row) {
            data.error_code = error.code.code();
            data.error_message = error.wire_message();
            let place = (row.name.as_deref(), row.partition);
            if let Some(hint) = leaders.hint(cx, error.code, place) {
                data.current_leader = LeaderIdAndEpoch {
                    leader_id: hint.leader_id,
                    leader_epoch: hint.leader_epoch,
                };
            }
        }
        // Rows come by topic.
        match topics
            .last_mut()
            .filter(|topic| topic.topic_id == row.topic)
        {
            Some(topic) => topic.partitions.push(data),
            None => topics.push(ShareAcknowledgeTopicResponse {
                topic_id: row.topic,
                partitions: vec![data],
            }),
        }
    }
    let lock = cx
        .state
        .share_terms(cx.call.node, &session.group)
        .lock_duration;
    let endpoints = leaders
        .endpoints
        .into_iter()
        .map(|(node, place)| NodeEndpoint {
            node_id: node.0.into(),
            host: str_bytes(place.host),
            port: place.port,
            rack: place.rack.map(str_bytes),
        });
    ShareAcknowledgeResponse {
        acquisition_lock_timeout_ms: i32::try_from(lock.as_millis()).unwrap_or(i32::MAX),
        responses: topics,
        node_endpoints: endpoints.collect(),
        ..ShareAcknowledgeResponse::default()
    }
}
