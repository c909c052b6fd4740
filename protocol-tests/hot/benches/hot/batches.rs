//! Produced batches of 1 MiB: checksum, verification with a survey of the records, unfolding.

use criterion::Criterion;
use fauxka::benching::Batch;

use crate::bytes;

const CODECS: [&str; 4] = ["gzip", "snappy", "lz4", "zstd"];

/// Names, numbers of records and sizes of their values.
const SIZES: [(&str, u32, usize); 2] = [("100 B", 10_486, 100), ("1 KiB", 1024, 1024)];

pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("batch");
    let plain = Batch::new("none", 1024, 1024);
    group.throughput(bytes(plain.sent_bytes()));
    group.bench_function("CRC-32C/1 MiB", |bencher| bencher.iter(|| plain.crc()));
    let small = Batch::new("none", 1, 100);
    group.throughput(bytes(small.sent_bytes()));
    group.bench_function("CRC-32C/1 x 100 B", |bencher| bencher.iter(|| small.crc()));
    for (size, records, value_bytes) in SIZES {
        for codec in ["none"].iter().chain(&CODECS) {
            let batch = Batch::new(codec, records, value_bytes);
            group.throughput(bytes(batch.unfolded_bytes()));
            let name = format!("verify/{codec} of {size}");
            group.bench_function(name, |bencher| bencher.iter(|| batch.verify()));
        }
    }
    for codec in CODECS {
        let batch = Batch::new(codec, 1024, 1024);
        group.throughput(bytes(batch.unfolded_bytes()));
        let name = format!("unfold/{codec}");
        group.bench_function(name, |bencher| bencher.iter(|| batch.unfold()));
    }
    group.finish();
}
