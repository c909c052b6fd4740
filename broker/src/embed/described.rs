//! A description that a fuzzer has written, for a cluster that leaves the machine alone.

use super::builder::Builder;
use crate::server::clock::Clock;

/// Larger clusters take longer, and say nothing else.
const NODES_MAX: usize = 5;
const PARTITIONS_MAX: usize = 50;

/// Reads a description, and makes the cluster if it would not write to the disk and is small.
pub(crate) fn read(text: &str) {
    let Ok(mut builder) = Builder::default().toml(text) else {
        return;
    };
    let partitions = builder.origin.topics.iter();
    let partitions = partitions
        .map(|topic| topic.what.partitions)
        .fold(0, usize::saturating_add);
    if builder.nodes > NODES_MAX || partitions > PARTITIONS_MAX || builder.tls.is_some() {
        return;
    }
    builder.record = None;
    builder.journal_file = None;
    builder.control = None;
    builder.check_invariants = true;
    builder.clock.manual = true;
    let clock = || Clock::manual(None);
    let _ = super::run::make(&builder, clock, super::placing::in_memory);
}
