//! DeleteTopics (key 20), v1–v6.
//!
//! Oracle: a topic asked for twice, in whatever way, stays. v6 takes ids (KIP-516).

use std::collections::BTreeMap;

use uuid::Uuid;

use super::create_topics::repeated;
use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::delete_topics_request::DeleteTopicState;
use crate::wire::messages::delete_topics_response::DeletableTopicResult;
use crate::wire::messages::{DeleteTopicsRequest, DeleteTopicsResponse, TopicName, str_bytes};

/// The first version that has an error of its own for a broker that does not delete.
const DISABLED_SINCE: i16 = 3;

/// The first version that is refused beyond a quota, not throttled (KIP-599).
const QUOTA_REFUSES_SINCE: i16 = 5;

const NAMED_BOTH_WAYS: &str = "The provided topic name maps to an ID that was already supplied.";

/// Answers at once: the topics are gone when the answer comes.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: DeleteTopicsRequest,
) -> Answer<DeleteTopicsResponse> {
    let names = request.topic_names.into_iter();
    let mut asked: Vec<_> = names.map(|name| (Some(name), Uuid::nil())).collect();
    let states = request.topics.into_iter();
    asked.extend(states.map(|DeleteTopicState { name, topic_id, .. }| (name, topic_id)));
    let results = match whole_request(cx, request.timeout_ms) {
        Some(error) => asked
            .into_iter()
            .map(|(name, id)| result(name, id, Err(error.clone())))
            .collect(),
        None => delete(cx, asked),
    };
    let response = DeleteTopicsResponse::default().with_responses(results);
    Answer::Reply(response.with_throttle_time_ms(cx.throttle_ms))
}

/// What spoils all of a request.
fn whole_request(cx: &Context<'_>, timeout_ms: i32) -> Option<ApiError> {
    let code = if !cx.state.configs.broker(cx.call.node).delete_topics {
        if cx.call.version < DISABLED_SINCE {
            ErrorCode::InvalidRequest
        } else {
            ErrorCode::TopicDeletionDisabled
        }
    } else if timeout_ms <= 0 {
        ErrorCode::RequestTimedOut
    } else {
        return None;
    };
    Some(ApiError::without_message(code))
}

/// What is asked for, sorted by how.
#[derive(Default)]
struct SortedRequest {
    names: Vec<TopicName>,
    ids: Vec<Uuid>,
    results: Vec<DeletableTopicResult>,
}

impl SortedRequest {
    fn sort(asked: Vec<(Option<TopicName>, Uuid)>) -> Self {
        let mut sorted = Self::default();
        for (name, id) in asked {
            match name {
                Some(name) if id.is_nil() => sorted.names.push(name),
                None if !id.is_nil() => sorted.ids.push(id),
                name => {
                    let why = if name.is_some() {
                        "You may not specify both topic name and topic id."
                    } else {
                        "Neither topic name nor id were specified."
                    };
                    sorted.results.push(result(name, id, malformed(why)));
                }
            }
        }
        sorted
    }
}

fn delete(
    cx: &mut Context<'_>,
    asked: Vec<(Option<TopicName>, Uuid)>,
) -> Vec<DeletableTopicResult> {
    let SortedRequest {
        names,
        ids,
        mut results,
    } = SortedRequest::sort(asked);
    let names_twice = repeated(names.iter().cloned());
    let ids_twice = repeated(ids.iter().copied());
    for name in &names_twice {
        let why = malformed("Duplicate topic name.");
        results.push(result(Some(name.clone()), Uuid::nil(), why));
    }
    for id in &ids_twice {
        results.push(result(None, *id, malformed("Duplicate topic id.")));
    }
    let deletes_all = cx.access().allows_cluster_quietly(Operation::Delete);
    let may = |cx: &Context<'_>, operation, name: &str| {
        if deletes_all {
            return Ok(());
        }
        let said = cx.access().topic(operation, name);
        said.map_err(ApiError::with_text)
    };
    let mut doomed = BTreeMap::new();
    for id in ids.into_iter().filter(|id| !ids_twice.contains(id)) {
        match cx.state.cluster.topic_by_id(id) {
            Some(topic) => {
                let name = topic_name(&topic.name);
                let may_see = may(cx, Operation::Describe, &name);
                match may(cx, Operation::Delete, &name) {
                    Ok(()) => drop(doomed.insert(id, name)),
                    Err(denied) => {
                        let shown = may_see.is_ok().then_some(name);
                        results.push(result(shown, id, Err(denied)));
                    }
                }
            }
            None => results.push(result(None, id, Err(unknown_id()))),
        }
    }
    let names = names.into_iter();
    for name in names.filter(|name| !names_twice.contains(name)) {
        let may_delete = may(cx, Operation::Delete, &name);
        if let Err(denied) = may(cx, Operation::Describe, &name) {
            results.push(result(Some(name), Uuid::nil(), Err(denied)));
            continue;
        }
        let Some(id) = cx.state.cluster.topic(&name).map(|topic| topic.id) else {
            results.push(result(Some(name), Uuid::nil(), Err(unknown_name())));
            continue;
        };
        if let Err(denied) = may_delete {
            results.push(result(Some(name), Uuid::nil(), Err(denied)));
            continue;
        }
        if ids_twice.contains(&id) || doomed.remove(&id).is_some() {
            results.push(result(Some(name), id, malformed(NAMED_BOTH_WAYS)));
        } else {
            doomed.insert(id, name);
        }
    }
    results.extend(doomed.into_iter().map(|(id, name)| {
        let deleted = delete_one(cx, id, &name);
        result(Some(name), id, deleted)
    }));
    results
}

fn delete_one(cx: &mut Context<'_>, id: Uuid, name: &str) -> Result<(), ApiError> {
    let topic = cx.state.cluster.topic_by_id(id);
    let partitions = topic.map_or(0, |topic| topic.partitions.len());
    cx.charge_mutations(partitions, QUOTA_REFUSES_SINCE)?;
    cx.state.delete_topic(cx.now, name);
    Ok(())
}

fn topic_name(name: &str) -> TopicName {
    str_bytes(name).into()
}

fn malformed(why: &str) -> Result<(), ApiError> {
    Err(ApiError::new(ErrorCode::InvalidRequest, why))
}

fn unknown_name() -> ApiError {
    ApiError::new(
        ErrorCode::UnknownTopicOrPartition,
        "This server does not host this topic-partition.",
    )
}

fn unknown_id() -> ApiError {
    ApiError::new(
        ErrorCode::UnknownTopicId,
        "This server does not host this topic ID.",
    )
}

fn result(
    name: Option<TopicName>,
    id: Uuid,
    outcome: Result<(), ApiError>,
) -> DeletableTopicResult {
    let result = DeletableTopicResult::default()
        .with_name(name)
        .with_topic_id(id);
    match outcome {
        Ok(()) => result,
        Err(error) => result
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message()),
    }
}
