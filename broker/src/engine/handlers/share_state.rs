//! What the five requests of share group state (keys 83 to 87, KIP-932) have in common: Kafka's nodes send them to share
//! coordinators, which answer anyone who asks.
//!
//! Oracle: without a group, a topic or, but for one of them, a partition nothing is answered. Each partition is answered
//! by itself, and a partition that is named twice once.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::engine::api_error::ApiError;
use crate::engine::context::{Answer, Context, Parking};
use crate::engine::share::SharePartitionKey;
use crate::engine::share::gathering::Asked;
use crate::engine::state_topic::StateTopic;
use crate::wire::apis::Request;

/// Answers by topic and partition.
pub(crate) type Rows<T> = BTreeMap<Uuid, BTreeMap<i32, Result<T, ApiError>>>;

/// Asks about each partition at its coordinator, if that is this node; `verb` is what the answer says failed.
pub(crate) fn ask<T, P>(
    cx: &mut Context<'_>,
    (group, verb): (&str, &str),
    asked: Vec<(Uuid, i32, P)>,
    act: impl Fn(&mut Context<'_>, &SharePartitionKey, P) -> Result<T, ApiError>,
) -> Rows<T> {
    let group: Arc<str> = group.into();
    let mut rows: Rows<T> = BTreeMap::new();
    for (topic, partition, what) in asked {
        let key = SharePartitionKey {
            group: Arc::clone(&group),
            topic,
            partition,
        };
        let node = cx.call.node;
        let checked = cx
            .state
            .check_coordinator(node, StateTopic::Shares, &key.text());
        let outcome = match checked {
            Ok(()) => act(cx, &key, what),
            Err(code) => {
                let text = code.text().unwrap_or_default();
                let message = format!("Unable to {verb}: {text}");
                Err(ApiError::new(code, message))
            }
        };
        rows.entry(topic).or_default().insert(partition, outcome);
    }
    rows
}

/// Has a request about a group wait until the share coordinator has said what it is asked.
pub(crate) fn wait<R>(
    cx: &mut Context<'_>,
    asked: Asked,
    request: impl Into<Request>,
) -> Answer<R> {
    let ticket = cx.call.ticket;
    cx.state.shares.asking.insert(ticket, asked);
    Answer::Park(Parking::until_told(ticket), Box::new(request.into()))
}

/// Whether a request is answered with nothing at all.
pub(crate) fn is_void(group: &str, mut partitions: impl Iterator<Item = usize>) -> bool {
    let mut has_topics = false;
    let lacks = partitions.any(|count| {
        has_topics = true;
        count == 0
    });
    group.is_empty() || !has_topics || lacks
}
