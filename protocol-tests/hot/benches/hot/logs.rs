//! A partition's log: appending a batch that is verified, and reading.

use std::cell::RefCell;

use criterion::Criterion;
use fauxka::benching::{Batch, Log};

use crate::{READY, bytes};

pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("log");
    for (name, records) in [("1 x 1 KiB", 1), ("24 x 1 KiB", 24)] {
        let batch = Batch::new("none", records, 1024);
        group.throughput(bytes(batch.sent_bytes()));
        let log = RefCell::new(Log::new(batch));
        group.bench_function(format!("append/{name}"), |bencher| {
            bencher.iter_batched(
                || log.borrow_mut().ready(),
                |batch| log.borrow_mut().append(batch),
                READY,
            );
        });
    }
    let batch = Batch::new("none", 1, 1024);
    let one = batch.sent_bytes();
    let log = Log::filled(batch, 10_000);
    for (name, batches) in [("1 batch", 1), ("1000 batches", 1000)] {
        group.throughput(bytes(batches * one));
        group.bench_function(format!("read/{name}"), |bencher| {
            bencher.iter(|| log.read(5_000, batches * one));
        });
    }
    group.finish();
}
