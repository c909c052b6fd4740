//! What AWS's SDKs ask Amazon MSK for an application to find its brokers: four operations of its REST API, version 2018-11-14,
//! for `AWS_ENDPOINT_URL_KAFKA`, `aws --endpoint-url` and the like. Signatures are not looked at: nothing here is secret.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use crate::engine::inspect::msk::Brokers;
use crate::server::shared::Shared;

/// What begins the paths of MSK's API.
pub(super) const PATHS: [&str; 2] = ["/v1/clusters", "/api/v2/clusters"];

/// Adds MSK's API.
pub(super) fn serve(router: Router<Arc<Shared>>) -> Router<Arc<Shared>> {
    router
        .route("/v1/clusters", get(list))
        .route("/v1/clusters/{arn}", get(describe))
        .route("/v1/clusters/{arn}/bootstrap-brokers", get(brokers))
        .route("/api/v2/clusters", get(list_v2))
        .route("/api/v2/clusters/{arn}", get(describe_v2))
}

async fn list(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({ "clusterInfoList": [info(&shared)] }))
}

async fn list_v2(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({ "clusterInfoList": [info_v2(&shared)] }))
}

async fn describe(State(shared): State<Arc<Shared>>, Path(arn): Path<String>) -> Response {
    found(
        &shared,
        &arn,
        |shared| json!({ "clusterInfo": info(shared) }),
    )
}

async fn describe_v2(State(shared): State<Arc<Shared>>, Path(arn): Path<String>) -> Response {
    found(
        &shared,
        &arn,
        |shared| json!({ "clusterInfo": info_v2(shared) }),
    )
}

async fn brokers(State(shared): State<Arc<Shared>>, Path(arn): Path<String>) -> Response {
    found(&shared, &arn, |shared| {
        let brokers = shared.look(|engine| engine.state.bootstrap_brokers());
        let strings = brokers
            .into_iter()
            .map(|Brokers { field, brokers }| (field.to_owned(), Value::String(brokers)));
        Value::Object(strings.collect::<Map<_, _>>())
    })
}

/// What there is to say of the cluster, if it is that one.
fn found(shared: &Shared, arn: &str, say: impl FnOnce(&Shared) -> Value) -> Response {
    let known = shared.look(|engine| engine.state.sasl.aws.place.cluster_arn());
    if arn == known {
        return Json(say(shared)).into_response();
    }
    let is_arn = arn.starts_with("arn:");
    let (status, error, why) = if is_arn {
        let why = format!("The cluster {arn} does not exist. There is {known}.");
        (StatusCode::NOT_FOUND, "NotFoundException", why)
    } else {
        let why = "One or more of the parameters are not valid.".to_owned();
        (StatusCode::BAD_REQUEST, "BadRequestException", why)
    };
    let kind = (
        HeaderName::from_static("x-amzn-errortype"),
        HeaderValue::from_static(error),
    );
    let body = json!({ "invalidParameter": "clusterArn", "message": why });
    (status, [kind], Json(body)).into_response()
}

fn info(shared: &Shared) -> Value {
    let (arn, name) = names(shared);
    let mut info = provisioned(shared);
    info.extend([
        ("clusterArn".to_owned(), arn.into()),
        ("clusterName".to_owned(), name.into()),
        ("state".to_owned(), "ACTIVE".into()),
        ("currentVersion".to_owned(), CURRENT_VERSION.into()),
    ]);
    info.into()
}

fn info_v2(shared: &Shared) -> Value {
    let (arn, name) = names(shared);
    json!({
        "clusterType": "PROVISIONED",
        "clusterArn": arn,
        "clusterName": name,
        "state": "ACTIVE",
        "currentVersion": CURRENT_VERSION,
        "provisioned": provisioned(shared),
    })
}

/// What MSK calls the version of a cluster's description.
const CURRENT_VERSION: &str = "K1";

fn names(shared: &Shared) -> (String, String) {
    shared.look(|engine| {
        let place = &engine.state.sasl.aws.place;
        (place.cluster_arn(), place.cluster.clone())
    })
}

fn provisioned(shared: &Shared) -> Map<String, Value> {
    let (nodes, version, auth) = shared.look(|engine| {
        let state = &engine.state;
        let version = state
            .release
            .as_ref()
            .map(|release| release.name().to_owned());
        (
            state.cluster.nodes.len(),
            version,
            state.client_authentication(),
        )
    });
    let version = version.unwrap_or_else(|| "4.4".to_owned());
    let authentication = json!({
        "sasl": { "iam": { "enabled": auth.iam }, "scram": { "enabled": auth.scram } },
        "tls": { "enabled": auth.tls },
        "unauthenticated": { "enabled": auth.nobody },
    });
    Map::from_iter([
        ("numberOfBrokerNodes".to_owned(), nodes.into()),
        (
            "currentBrokerSoftwareInfo".to_owned(),
            json!({ "kafkaVersion": version }),
        ),
        ("clientAuthentication".to_owned(), authentication),
        ("enhancedMonitoring".to_owned(), "DEFAULT".into()),
    ])
}
