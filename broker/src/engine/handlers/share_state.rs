//! What the five requests of share group state (keys 83 to 87, KIP-932) have in common: Kafka's nodes send them to share
//! coordinators.
//!
//! Oracle: they take CLUSTER_ACTION. Without a group, a topic or, but for one of them, a partition nothing is answered. Each partition is answered
//! by itself, and a partition that is named twice once.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context, Parking};
use crate::engine::share::SharePartitionKey;
use crate::engine::share::gathering::Asked;
use crate::engine::state_topic::StateTopic;
use crate::wire::apis::Request;

/// What is asked about partitions, by topic, as the request has it.
pub(crate) type Wanted<P> = Vec<(Uuid, Vec<(i32, P)>)>;

/// Answers by topic and partition.
pub(crate) type Rows<T> = Vec<(Uuid, Vec<(i32, Result<T, ApiError>)>)>;

/// Asks about each partition at its coordinator, if that is this node; `verb` is what the answer says failed.
pub(crate) fn ask<T, P>(
    cx: &mut Context<'_>,
    (group, verb): (&str, &str),
    asked: Wanted<P>,
    act: impl Fn(&mut Context<'_>, &SharePartitionKey, P) -> Result<T, ApiError>,
) -> Rows<T> {
    let group: Arc<str> = group.into();
    let mut rows: BTreeMap<Uuid, BTreeMap<i32, _>> = BTreeMap::new();
    for (topic, partitions) in asked {
        for (partition, what) in partitions {
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
    }
    let rows = rows.into_iter();
    rows.map(|(topic, rows)| (topic, rows.into_iter().collect()))
        .collect()
}

/// What is said to who is no broker: one error for whatever was asked.
pub(crate) fn refuse<T, P>(cx: &Context<'_>, asked: &Wanted<P>) -> Option<Rows<T>> {
    let code = cx.access().cluster(Operation::ClusterAction).err()?;
    let error = || Err(ApiError::with_text(code));
    let rows = asked.iter().map(|(topic, partitions)| {
        let rows = partitions.iter();
        (*topic, rows.map(|(index, _)| (*index, error())).collect())
    });
    Some(rows.collect())
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
pub(crate) fn is_void<P>(group: &str, asked: &Wanted<P>) -> bool {
    let lacks = asked.iter().any(|(_, partitions)| partitions.is_empty());
    group.is_empty() || asked.is_empty() || lacks
}
