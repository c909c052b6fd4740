//! What a fuzzer does to the broker: functions of bytes, which panic if the broker is wrong. `protocol-tests/fuzz` has libFuzzer call
//! them; tests call them with what it once found, and with the inputs that it has kept, in `fixtures/fuzz`.
//!
//! It is compiled for these two alone, and no part of the library that others use.

#![expect(clippy::expect_used, reason = "a fuzzer finds what panics")]

mod batches;
mod choices;
mod cluster;
mod commands;
mod control;
mod engine;
mod files;
mod frames;
mod logins;
mod metadata;
#[cfg(test)]
mod tests;
mod words;
mod world;

/// What takes a fuzzer's bytes.
pub type Target = fn(&[u8]);

/// Every target, by its name.
pub const TARGETS: [(&str, Target); 7] = [
    ("frames", frames::frames),
    ("batches", batches::batches),
    ("metadata", metadata::metadata),
    ("logins", logins::logins),
    ("control", control::control),
    ("files", files::files),
    ("engine", engine::engine),
];

/// Has a target take bytes.
///
/// # Panics
/// The broker is wrong, or there is no such target.
pub fn run(target: &str, bytes: &[u8]) {
    let found = TARGETS.iter().find(|(name, _)| *name == target);
    let (_, take) = found.expect("a target of that name");
    take(bytes);
}
