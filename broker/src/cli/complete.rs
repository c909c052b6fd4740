//! What a shell offers for a word: names of APIs and errors, and of what a running cluster has.

use std::ffi::OsStr;

use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use fauxka::{Api, ErrorCode};
use serde_json::Value as Json;

use super::http;

/// Kafka's names for kinds of requests.
pub(super) fn apis() -> ArgValueCompleter {
    completer(|| Api::ALL.iter().map(|api| api.name().to_owned()).collect())
}

/// Kafka's names for errors.
pub(super) fn errors() -> ArgValueCompleter {
    completer(|| ErrorCode::ALL.iter().map(|code| code.name()).collect())
}

/// What a rule does to a request or an answer.
pub(super) fn actions() -> ArgValueCompleter {
    completer(|| {
        let errors = ErrorCode::ALL.iter();
        let errors = errors.map(|code| format!("error={}", code.name()));
        let others = [
            "hold",
            "swallow",
            "disconnect",
            "pass",
            "delay=",
            "throttle=",
            "edit=",
        ];
        others
            .into_iter()
            .map(str::to_owned)
            .chain(errors)
            .collect()
    })
}

/// Topics of the cluster that answers.
pub(super) fn topics() -> ArgValueCompleter {
    completer(|| named("/v1/topics", &["name"]))
}

/// Groups of the cluster that answers.
pub(super) fn groups() -> ArgValueCompleter {
    completer(|| named("/v1/groups", &["id"]))
}

/// Transactional ids of the cluster that answers.
pub(super) fn transactions() -> ArgValueCompleter {
    completer(|| named("/v1/transactions", &["transactional_id"]))
}

/// Rules of the cluster that answers that have a name.
pub(super) fn rules() -> ArgValueCompleter {
    completer(|| named("/v1/faults", &["rule", "name"]))
}

fn completer(names: impl Fn() -> Vec<String> + Send + Sync + 'static) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let Some(current) = current.to_str() else {
            return Vec::new();
        };
        let current = current.to_ascii_lowercase();
        let names = names().into_iter();
        let meant = names.filter(|name| name.to_ascii_lowercase().starts_with(&current));
        meant.map(CompletionCandidate::new).collect()
    })
}

/// The names in a list of the cluster that commands ask when nothing is said; none if it does not answer.
fn named(path: &str, field: &[&str]) -> Vec<String> {
    let control = std::env::var("FAUXKA_CONTROL");
    let control = control.unwrap_or_else(|_| super::DEFAULT_CONTROL.to_owned());
    let answer = http::ask(&control, "GET", path, None).unwrap_or_default();
    let name = |row: &Json| {
        let value = field.iter().try_fold(row, |value, name| value.get(name));
        value?.as_str().map(str::to_owned)
    };
    answer
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(name)
        .collect()
}
