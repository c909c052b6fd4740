//! Creating, altering and deleting topics, as an admin client does.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Refusal, Refused, refusal::read};
use crate::engine::commands::{Command, TopicCommand};
use crate::engine::inspect::TopicView;
use crate::server::shared::Shared;

/// A topic to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTopic {
    /// The topic's name.
    name: String,
    /// The number of partitions. Default: the broker's `num.partitions`.
    partitions: Option<i32>,
    /// The number of replicas of each partition. Default: the broker's `default.replication.factor`.
    replication: Option<i16>,
    /// Topic configs, such as `cleanup.policy`.
    #[serde(default)]
    configs: BTreeMap<String, String>,
}

/// Changes to a topic. Either all of them are made or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TopicChanges {
    /// The new total number of partitions, which must be greater than the current one.
    partitions: Option<i32>,
    /// Topic configs to set. A config set to `null` returns to its default.
    #[serde(default)]
    configs: BTreeMap<String, Option<String>>,
}

/// Create a topic
///
/// The request is checked as Kafka checks CreateTopics. The topic exists once this answers.
#[utoipa::path(
    post,
    path = "/v1/topics",
    tag = "topics",
    operation_id = "create_topic",
    request_body = NewTopic,
    responses(
        (status = CREATED, body = TopicView, description = "The new topic"),
        (status = BAD_REQUEST, body = Refused, description = "The name, a number or a config is invalid"),
        (status = CONFLICT, body = Refused, description = "The topic already exists"),
    )
)]
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<NewTopic>, JsonRejection>,
) -> Result<(StatusCode, Json<TopicView>), Refusal> {
    let expected = r#"{"name":"orders","partitions":3,"replication":1,"configs":{"cleanup.policy":"compact"}}"#;
    let NewTopic {
        name,
        partitions,
        replication,
        configs,
    } = read(body, expected)?;
    let act = TopicCommand::Create {
        partitions,
        replication,
        configs,
    };
    Ok((StatusCode::CREATED, changed(&shared, name, act)?))
}

/// Alter a topic's partitions and configs
///
/// The changes are checked as Kafka checks CreatePartitions and IncrementalAlterConfigs.
#[utoipa::path(
    patch,
    path = "/v1/topics/{topic}",
    tag = "topics",
    operation_id = "alter_topic",
    params(("topic" = String, Path, description = "The topic's name")),
    request_body = TopicChanges,
    responses(
        (status = OK, body = TopicView, description = "The topic after the change"),
        (status = BAD_REQUEST, body = Refused, description = "The number of partitions or a config is invalid"),
        (status = NOT_FOUND, body = Refused, description = "The topic does not exist"),
    )
)]
pub(super) async fn alter(
    State(shared): State<Arc<Shared>>,
    Path(topic): Path<String>,
    body: Result<Json<TopicChanges>, JsonRejection>,
) -> Result<Json<TopicView>, Refusal> {
    let expected =
        r#"{"partitions":6} or {"configs":{"retention.ms":"60000","cleanup.policy":null}}"#;
    let TopicChanges {
        partitions,
        configs,
    } = read(body, expected)?;
    if partitions.is_none() && configs.is_empty() {
        let why = format!("nothing to change: expected {expected}");
        return Err(Refusal::new(StatusCode::BAD_REQUEST, why));
    }
    let act = TopicCommand::Alter {
        partitions,
        configs,
    };
    changed(&shared, topic, act)
}

/// Delete a topic
#[utoipa::path(
    delete,
    path = "/v1/topics/{topic}",
    tag = "topics",
    operation_id = "delete_topic",
    params(("topic" = String, Path, description = "The topic's name")),
    responses(
        (status = NO_CONTENT, description = "The topic is deleted"),
        (status = NOT_FOUND, body = Refused, description = "The topic does not exist"),
    )
)]
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(topic): Path<String>,
) -> Result<StatusCode, Refusal> {
    let act = TopicCommand::Delete;
    shared.carry_out(Command::Topic { topic, act })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Does it, and looks at the topic before anything else happens to it.
fn changed(shared: &Shared, topic: String, act: TopicCommand) -> Result<Json<TopicView>, Refusal> {
    let name = topic.clone();
    let command = Command::Topic { topic, act };
    let view = shared.command_and_look(command, |engine, _| engine.state.topic_view(&name))?;
    let gone = || {
        Refusal::new(
            StatusCode::GONE,
            format!("there is no topic {name} any more"),
        )
    };
    view.map(Json).ok_or_else(gone)
}
