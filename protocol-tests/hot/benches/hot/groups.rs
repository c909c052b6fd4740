//! The assignors of consumer groups: a whole assignment at once, and one more member.

use criterion::{Criterion, Throughput};
use fauxka::benching::Members;

pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("assignor");
    for (members, partitions) in [(4, 24), (50, 1000)] {
        let new = |assignor| Members::new(assignor, members, partitions);
        let cases = [
            ("uniform", new("uniform")),
            ("uniform, joined", new("uniform").joined()),
            ("uniform, mixed", new("uniform").mixed()),
            ("uniform, mixed, joined", new("uniform").mixed().joined()),
            ("range", new("range")),
        ];
        for (name, case) in cases {
            group.throughput(Throughput::Elements(u64::try_from(partitions).unwrap()));
            let name = format!("{name}/{partitions} among {members}");
            group.bench_function(name, |bencher| bencher.iter(|| case.assign()));
        }
    }
    group.finish();
}
