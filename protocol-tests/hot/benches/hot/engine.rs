//! The engine: a request that is decoded, and all that follows it.

use std::cell::RefCell;

use criterion::{BatchSize, Criterion};
use fauxka::benching::{FetchSession, Scene};

use crate::READY;

pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("engine");
    let scenes = [
        ("Heartbeat", Scene::heartbeat(), READY),
        (
            "ConsumerGroupHeartbeat",
            Scene::consumer_group_heartbeat(),
            READY,
        ),
        ("OffsetCommit", Scene::offset_commit(), READY),
        ("Metadata/10 x 24", Scene::metadata(10, 24), READY),
        ("Metadata/1000 x 1", Scene::metadata(1000, 1), READY),
        ("Produce/1 x 100 B", Scene::produce(100), READY),
        ("Produce/1 x 1 KiB", Scene::produce(1024), READY),
        ("Fetch/1 x 1 KiB", Scene::fetch(1, 1), READY),
        ("Fetch/24 x 100 x 1 KiB", Scene::fetch(100, 24), READY),
        // Only one transaction of a producer is open at a time.
        ("EndTxn", Scene::commit(), BatchSize::PerIteration),
    ];
    for (name, scene, ready) in scenes {
        let scene = RefCell::new(scene.checked());
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || scene.borrow_mut().ready(),
                |asked| scene.borrow_mut().handle(asked),
                ready,
            );
        });
    }
    for partitions in [1, 100] {
        let mut session = FetchSession::open(partitions);
        let name = format!("fetch session/{partitions} partitions");
        group.bench_function(name, |bencher| bencher.iter(|| session.go_on()));
    }
    group.finish();
}
