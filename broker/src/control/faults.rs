//! Fault rules: mounting, watching, releasing and removing them.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Refusal, Refused};
use crate::engine::Engine;
use crate::engine::fault::{FaultId, Mounted, Phase, Rule, UnknownRule, duration};
use crate::engine::passage::Passage;
use crate::server::shared::Shared;
use crate::wire::plain::plain;

/// How long `wait` waits unless it is told.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mounted fault rule.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FaultView {
    /// The rule's id.
    id: u64,
    /// Whether the rule still acts.
    state: FaultState,
    /// How often the rule has acted.
    hits: u64,
    /// The number of requests that the rule has matched.
    matches: u64,
    /// The number of requests and responses that the rule holds back now.
    kept: usize,
    /// The place in a program or file that mounted the rule. Absent if it came over HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// The rule itself.
    #[schema(value_type = Rule)]
    rule: serde_json::Value,
}

/// Whether a fault rule still acts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum FaultState {
    /// It acts on matching requests.
    Active,
    /// It has acted as often as it may.
    Spent,
    /// It was released or healed.
    Ended,
}

impl FaultView {
    fn new(passage: &Passage, mounted: &Mounted) -> Self {
        Self {
            id: mounted.id.0,
            state: match mounted.phase {
                Phase::Active => FaultState::Active,
                Phase::Spent => FaultState::Spent,
                Phase::Ended => FaultState::Ended,
            },
            hits: mounted.hits,
            matches: mounted.matches,
            kept: passage.kept_by(mounted.id),
            place: mounted.place.clone(),
            rule: mounted.rule.to_json(),
        }
    }
}

/// How often a rule must have acted, and how long to wait for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patience {
    /// How often it must have acted; by default what the rule expects, or once.
    hits: Option<u64>,
    /// Such as `5s`, in real time; `30s` by default.
    timeout: Option<String>,
}

/// The rule of that name or number.
fn named(shared: &Shared, rule: &str) -> Result<FaultId, Refusal> {
    let found = shared.look(|engine| engine.passage.faults.named(rule));
    found.map_err(|error| {
        let status = match error {
            UnknownRule::None { .. } => StatusCode::NOT_FOUND,
            UnknownRule::Several { .. } => StatusCode::CONFLICT,
        };
        Refusal::new(status, error)
    })
}

fn view(engine: &Engine, id: FaultId) -> Option<FaultView> {
    let mounted = engine.passage.faults.get(id)?;
    Some(FaultView::new(&engine.passage, mounted))
}

fn seen(shared: &Shared, id: FaultId) -> Result<Json<FaultView>, Refusal> {
    let view = shared.look(|engine| view(engine, id));
    view.map(Json).ok_or_else(gone)
}

/// Somebody else has removed the rule meanwhile.
fn gone() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "the rule has been removed")
}

/// Mount a fault rule
///
/// It comes after the rules that are already in force.
#[utoipa::path(
    post,
    path = "/v1/faults",
    tag = "faults",
    operation_id = "mount_fault",
    request_body = Rule,
    responses(
        (status = CREATED, body = FaultView, description = "The mounted rule"),
        (status = UNPROCESSABLE_ENTITY, body = Refused, description = "The rule is invalid"),
    ),
)]
pub(super) async fn mount(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Rule>, JsonRejection>,
) -> Result<(StatusCode, Json<FaultView>), Refusal> {
    let expected = r#"a rule such as {"api":"Produce","nth":2,"after_apply":"disconnect"}"#;
    let Json(rule) = body.map_err(|rejection| Refusal::body(rejection, expected))?;
    let mounted = shared
        .mount_fault(rule, None, view)
        .map_err(|error| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error))?;
    let view = mounted.ok_or_else(|| Refusal::new(StatusCode::GONE, "the rule is gone"))?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// List the fault rules, in the order they were mounted
#[utoipa::path(
    get,
    path = "/v1/faults",
    tag = "faults",
    operation_id = "list_faults",
    responses((status = OK, body = Vec<FaultView>, description = "The rules")),
)]
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<FaultView>> {
    Json(shared.look(|engine| {
        let passage = &engine.passage;
        let rules = passage.faults.iter();
        let views = rules.map(|mounted| FaultView::new(passage, mounted));
        views.collect()
    }))
}

/// End all fault rules
///
/// Requests and responses that they hold back go on. Rules with an expectation stay in the list.
#[utoipa::path(
    delete,
    path = "/v1/faults",
    tag = "faults",
    operation_id = "heal_faults",
    responses((status = NO_CONTENT, description = "All rules have ended")),
)]
pub(super) async fn heal(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.heal();
    StatusCode::NO_CONTENT
}

/// Show a fault rule
#[utoipa::path(
    get,
    path = "/v1/faults/{rule}",
    tag = "faults",
    operation_id = "get_fault",
    params(("rule" = String, Path, description = "The rule's name or id")),
    responses(
        (status = OK, body = FaultView, description = "The rule"),
        (status = NOT_FOUND, body = Refused, description = "The rule does not exist"),
        (status = CONFLICT, body = Refused, description = "Several rules have that name"),
    ),
)]
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    Path(rule): Path<String>,
) -> Result<Json<FaultView>, Refusal> {
    let id = named(&shared, &rule)?;
    seen(&shared, id)
}

/// End a fault rule and forget it
///
/// Requests and responses that it holds back go on.
#[utoipa::path(
    delete,
    path = "/v1/faults/{rule}",
    tag = "faults",
    operation_id = "remove_fault",
    params(("rule" = String, Path, description = "The rule's name or id")),
    responses(
        (status = NO_CONTENT, description = "The rule is gone"),
        (status = NOT_FOUND, body = Refused, description = "The rule does not exist"),
        (status = CONFLICT, body = Refused, description = "Several rules have that name"),
    ),
)]
pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    Path(rule): Path<String>,
) -> Result<StatusCode, Refusal> {
    let id = named(&shared, &rule)?;
    if shared.remove_fault(id) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(gone())
    }
}

/// End a fault rule
///
/// Requests and responses that it holds back go on in the order they came. The rule stays in the list.
#[utoipa::path(
    post,
    path = "/v1/faults/{rule}/release",
    tag = "faults",
    operation_id = "release_fault",
    params(("rule" = String, Path, description = "The rule's name or id")),
    responses(
        (status = OK, body = FaultView, description = "The rule, which has ended"),
        (status = NOT_FOUND, body = Refused, description = "The rule does not exist"),
        (status = CONFLICT, body = Refused, description = "Several rules have that name"),
    ),
)]
pub(super) async fn release(
    State(shared): State<Arc<Shared>>,
    Path(rule): Path<String>,
) -> Result<Json<FaultView>, Refusal> {
    let id = named(&shared, &rule)?;
    shared.release_fault(id);
    seen(&shared, id)
}

/// Wait until a fault rule has acted
#[utoipa::path(
    get,
    path = "/v1/faults/{rule}/wait",
    tag = "faults",
    operation_id = "wait_for_fault",
    params(
        ("rule" = String, Path, description = "The rule's name or id"),
        (
            "hits" = Option<u64>,
            Query,
            description = "How often the rule must have acted. Default: what the rule expects, or once",
        ),
        (
            "timeout" = Option<String>,
            Query,
            description = "How long to wait in real time, such as `5s`. Default: `30s`",
        ),
    ),
    responses(
        (status = OK, body = FaultView, description = "The rule, which has acted often enough"),
        (status = BAD_REQUEST, body = Refused, description = "A parameter is not a number or a duration"),
        (status = NOT_FOUND, body = Refused, description = "The rule does not exist"),
        (status = CONFLICT, body = Refused, description = "Several rules have that name"),
        (status = REQUEST_TIMEOUT, body = Refused, description = "The rule did not act often enough in time"),
    ),
)]
pub(super) async fn wait(
    State(shared): State<Arc<Shared>>,
    Path(rule): Path<String>,
    query: Result<Query<Patience>, QueryRejection>,
) -> Result<Json<FaultView>, Refusal> {
    let refuse = |error: String| Refusal::new(StatusCode::BAD_REQUEST, error);
    let Query(query) = query.map_err(|rejection| {
        let why = plain(&rejection.body_text());
        refuse(format!("expected wait?hits=1&timeout=5s: {why}"))
    })?;
    let timeout = query.timeout.as_deref().map(duration).transpose();
    let patience = timeout.map_err(refuse)?.unwrap_or(PATIENCE);
    let wanted = move |mounted: &Mounted| {
        let least = mounted.rule.expect.map_or(1, |expected| expected.at_least);
        mounted.hits >= query.hits.unwrap_or(least)
    };
    let id = named(&shared, &rule)?;
    let came = tokio::time::timeout(patience, shared.fault_until(id, wanted)).await;
    let view = seen(&shared, id)?;
    if came.is_ok() {
        return Ok(view);
    }
    let error = format!(
        "fault rule {rule} acted {} times on {} requests within {}",
        view.hits,
        view.matches,
        humantime::format_duration(patience),
    );
    Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, error))
}
