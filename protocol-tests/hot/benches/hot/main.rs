//! How long single functions of Fauxka take; `make hot` runs this.

mod answers;
mod batches;
mod engine;
mod frames;
mod groups;
mod logs;

use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

/// How many inputs are made before as many are measured.
const READY: BatchSize = BatchSize::NumIterations(256);

fn bytes(count: usize) -> Throughput {
    Throughput::Bytes(u64::try_from(count).unwrap())
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
}

criterion_group! {
    name = hot;
    config = config();
    targets = frames::benches, batches::benches, logs::benches, answers::benches, engine::benches, groups::benches
}
criterion_main!(hot);
