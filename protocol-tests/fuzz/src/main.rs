//! libFuzzer's program: the target that `FUZZ_TARGET` names, as libFuzzer calls it.

#![no_main]

use std::sync::OnceLock;

use fauxka::fuzzing::TARGETS;
use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<fn(&[u8])> = OnceLock::new();

/// The target that is meant. Each has the same name in `fixtures/fuzz`.
fn target() -> fn(&[u8]) {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    match found {
        Some((_, take)) => *take,
        None => {
            let all: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
            panic!("FUZZ_TARGET names one of: {}", all.join(" "));
        }
    }
}

fuzz_target!(|bytes: &[u8]| TARGET.get_or_init(target)(bytes));
