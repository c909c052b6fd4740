//! What the report of a failed test ends with.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::fault::Mounted;
use crate::server::shared::Shared;

/// What somebody needs to know of a cluster when a test fails.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Report {
    /// The seed. A cluster with the same seed does the same.
    seed: u64,
    /// The fault rules that have not acted as often as they were expected to, in words. A test that leaves some has failed.
    unmet: Vec<String>,
    /// All fault rules, and how often they have acted, in words.
    rules: Vec<String>,
    /// The last 20 rows of the journal, oldest first, in words.
    journal: Vec<String>,
}

/// Report what a failed test should show: the seed, the fault rules and the end of the journal
///
/// Ask for it at the end of each test, before a reset, and let the test fail if any rule is unmet.
#[utoipa::path(
    get,
    path = "/v1/report",
    tag = "cluster",
    operation_id = "get_report",
    responses((status = OK, body = Report, description = "The report")),
)]
pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Json<Report> {
    Json(shared.look(|engine| {
        let faults = &engine.passage.faults;
        let journal = engine.passage.journal.ending();
        Report {
            seed: engine.state.seed(),
            unmet: faults.unmet().iter().map(ToString::to_string).collect(),
            rules: faults.iter().map(Mounted::told).collect(),
            journal: journal.map(ToString::to_string).collect(),
        }
    }))
}
