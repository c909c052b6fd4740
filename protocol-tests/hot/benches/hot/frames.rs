//! A request's frame: the guard's walk, decoding, and what is found out of produced batches meanwhile.

use criterion::Criterion;
use fauxka::benching::{Batch, Frame};

use crate::bytes;

pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frame");
    let frames = [
        ("Heartbeat", Frame::heartbeat()),
        ("OffsetCommit", Frame::offset_commit()),
        ("Metadata", Frame::metadata()),
        ("Fetch/24 partitions", Frame::fetch(24)),
        (
            "Produce/1 x 100 B",
            Frame::produce(&Batch::new("none", 1, 100), 1),
        ),
        (
            "Produce/24 x 1 KiB",
            Frame::produce(&Batch::new("none", 1, 1024), 24),
        ),
        (
            "Produce/1 x 1 MiB",
            Frame::produce(&Batch::new("none", 1024, 1024), 1),
        ),
    ];
    for (name, frame) in frames {
        group.throughput(bytes(frame.bytes()));
        group.bench_function(name, |bencher| bencher.iter(|| frame.decode()));
    }
    group.finish();
}
