//! Every target over the inputs that are kept, and over what the fuzzer once found.

mod seeds;

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{TARGETS, run};

/// Takes the inputs of a target that are kept in `fixtures/fuzz`.
fn kept(target: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/fuzz");
    let path = Path::new(path).join(format!("{target}.txt"));
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(
        lines.len() > 20,
        "{}: nearly nothing is kept",
        path.display()
    );
    for line in lines {
        run(target, &BASE64_STANDARD.decode(line).unwrap());
    }
}

/// Takes what the fuzzer once found.
#[track_caller]
fn found(target: &str, input: &str) {
    run(target, &BASE64_STANDARD.decode(input).unwrap());
}

#[test]
fn frames_that_are_kept() {
    kept("frames");
}

#[test]
fn batches_that_are_kept() {
    kept("batches");
}

#[test]
fn metadata_that_is_kept() {
    kept("metadata");
}

#[test]
fn logins_that_are_kept() {
    kept("logins");
}

#[test]
fn control_requests_that_are_kept() {
    kept("control");
}

#[test]
fn files_that_are_kept() {
    kept("files");
}

#[test]
fn operations_that_are_kept() {
    kept("engine");
}

/// The settings of a node that is gone are Kafka's own: chores recur as often as there, and a wait took all the turns that it may.
#[test]
fn time_passes_where_the_last_node_was_removed() {
    found("engine", "wrwFnoA=");
}

#[test]
fn nothing_at_all_is_taken_by_every_target() {
    for (name, _) in TARGETS {
        found(name, "");
    }
}
