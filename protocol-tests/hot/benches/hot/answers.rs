//! Answers to what a socket is given. Records are referred to, so their size makes no difference.

use criterion::{Criterion, Throughput};
use fauxka::benching::Scene;

use crate::READY;

pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("answer");
    let answers = [
        ("Heartbeat", Scene::heartbeat(), 1),
        ("Fetch/1 x 1 KiB", Scene::fetch(1, 1), 1),
        ("Fetch/24 x 100 x 1 KiB", Scene::fetch(100, 24), 2400),
        ("Metadata/10 x 24", Scene::metadata(10, 24), 240),
        ("Metadata/1000 x 1", Scene::metadata(1000, 1), 1000),
    ];
    for (name, mut scene, parts) in answers {
        let answer = scene.answer();
        group.throughput(Throughput::Elements(parts));
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| answer.ready(), |ready| answer.encode(ready), READY);
        });
    }
    group.finish();
}
