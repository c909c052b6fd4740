//! The programs in `examples/` print what they are there to show.

#![allow(clippy::panic, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::process::Command;

/// Cargo builds examples beside the folder of tests.
fn program(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().unwrap_or_else(|why| panic!("{why}"));
    folder.pop();
    folder.pop();
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    folder.join("examples").join(name)
}

fn printed(name: &str) -> String {
    let path = program(name);
    let run = Command::new(&path).output();
    let run = run.unwrap_or_else(|why| {
        panic!(
            "{}: {why}; cargo build -p fauxka --examples",
            path.display()
        )
    });
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{name}: {errors}");
    String::from_utf8_lossy(&run.stdout).into_owned()
}

#[test]
fn embedded() {
    let expected = "in the log: order-1\nnodes: 3, Produce requests: 1\n";
    assert_eq!(printed("embedded"), expected);
}

#[test]
fn faults() {
    let expected = "order-2: UnexpectedEof, trying again\nanswers lost: 1\nin the log: order-1\n\
                    in the log: order-2\nin the log: order-2\nin the log: order-3\n";
    assert_eq!(printed("faults"), expected);
}

#[test]
fn clock() {
    let expected = "at once: 1 records\nafter half an hour: 1 records\n\
                    after an hour and a half: 0 records\nthe cluster's clock: 5400s\n";
    assert_eq!(printed("clock"), expected);
}

#[test]
fn in_memory() {
    let expected = "order-1 took 0 s\norder-2 took 60 s\n";
    assert_eq!(printed("in_memory"), expected);
}

#[test]
fn snapshots() {
    let expected = "in the first test: order-1, first test\n\
                    in the second test: order-1, second test\nin another cluster: order-1\n";
    assert_eq!(printed("snapshots"), expected);
}
