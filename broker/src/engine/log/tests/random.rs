//! Any order of operations leaves a log in order, and what is acknowledged is there.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Put(u8, bool),
    Produce(u8, bool),
    End(u8, bool),
    Hold,
    Release,
    Delete(u8),
    Truncate(u8),
    Wait(u16),
    Retain,
    Compact,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..4_u8, any::<bool>()).prop_map(|(key, gzip)| Step::Put(key, gzip)),
        4 => (0..3_u8, any::<bool>()).prop_map(|(id, open)| Step::Produce(id, open)),
        2 => (0..3_u8, any::<bool>()).prop_map(|(id, abort)| Step::End(id, abort)),
        1 => Just(Step::Hold),
        1 => Just(Step::Release),
        1 => any::<u8>().prop_map(Step::Delete),
        1 => any::<u8>().prop_map(Step::Truncate),
        1 => any::<u16>().prop_map(Step::Wait),
        1 => Just(Step::Retain),
        2 => Just(Step::Compact),
    ];
    proptest::collection::vec(step, 1..60)
}

/// The next sequence of a producer.
fn next_sequence(bench: &Bench, id: i64) -> i32 {
    let state = bench.log.producers().get(ProducerId(id));
    state.map_or(0, |state| state.last_sequence().after(1).0)
}

fn step(bench: &mut Bench, step: &Step) {
    let config = bench.config.clone();
    match *step {
        Step::Put(key, gzip) => {
            let codec = if gzip { Codec::Gzip } else { Codec::None };
            let batch = bench.batch(&[&format!("k{key}=v"), &format!("k{}=", key + 1)], codec);
            bench.append(batch).unwrap();
        }
        Step::Produce(id, open) => {
            let id = i64::from(id);
            let inside = bench.log.producers().get(ProducerId(id));
            let open = open || inside.is_some_and(|state| state.transaction_start.is_some());
            let batch = bench.produced(id, 0, next_sequence(bench, id), 1, open);
            bench.append(batch).unwrap();
        }
        Step::End(id, abort) => {
            let kind = if abort {
                MarkerKind::Abort
            } else {
                MarkerKind::Commit
            };
            bench.end(i64::from(id), 0, kind).unwrap();
        }
        Step::Hold => bench.log.hold_high_watermark(),
        Step::Release => bench.log.release_high_watermark(),
        Step::Delete(offset) => drop(bench.log.delete_records(Offset(offset.into()))),
        Step::Truncate(offset) => bench.log.truncate(Offset(offset.into())),
        Step::Wait(millis) => bench.wall += i64::from(millis),
        Step::Retain => drop(bench.log.apply_retention(&config, bench.now())),
        Step::Compact => drop(bench.log.compact(&config, bench.now())),
    }
}

/// Reads everything that a reader of committed data may see.
fn read_through(log: &PartitionLog) {
    let up_to = log.last_stable_offset();
    let mut from = log.start();
    while from < up_to {
        let limits = ReadLimits {
            from,
            up_to,
            max_bytes: 1,
            at_least_one: true,
        };
        let Some(next) = log.read(&limits).unwrap().next_offset() else {
            break;
        };
        assert!(next > from && next <= up_to);
        from = next;
    }
}

proptest! {
    #![proptest_config(crate::property::cases(300))]

    #[test]
    fn any_order_of_operations_is_safe(steps in steps(), compact in any::<bool>()) {
        let mut bench = Bench::new(LogConfig {
            segment_bytes: 300,
            compact: false,
            retention: Some(Duration::from_secs(60)),
            retention_bytes: Some(2000),
            delete: !compact,
            delete_retention: Duration::from_secs(30),
            ..LogConfig::default()
        });
        for each in &steps {
            step(&mut bench, each);
            bench.log.check_invariants();
            read_through(&bench.log);
        }
    }
}
