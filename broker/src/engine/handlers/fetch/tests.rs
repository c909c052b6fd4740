//! Records go from the log to the socket without being copied.

use std::io::IoSlice;
use std::ops::Range;

use crate::engine::context::{ConnectionId, Effect};
use crate::engine::testing::{self, Bench};
use crate::wire::apis::Response;
use crate::wire::frame::{self, Outgoing};
use crate::wire::messages::fetch_request::{FetchPartition, FetchTopic};
use crate::wire::messages::{FetchRequest, StrBytes};
use crate::wire::rope::RopeMut;

const BATCHES: usize = 3;
const VALUE_BYTES: usize = 10_000;

fn bench() -> Bench {
    let mut bench = Bench::new(&[]);
    bench.topic("t", 1);
    (0..BATCHES).for_each(|_| bench.append("t", 0, &"v".repeat(VALUE_BYTES)));
    bench
}

fn request(max_bytes: i32) -> FetchRequest {
    let partition = FetchPartition::default()
        .with_fetch_offset(0)
        .with_partition_max_bytes(max_bytes);
    let topic = FetchTopic::default()
        .with_topic(StrBytes::from_static_str("t").into())
        .with_partitions(vec![partition]);
    FetchRequest::default()
        .with_max_bytes(i32::MAX)
        .with_topics(vec![topic])
}

fn answer(bench: &mut Bench, max_bytes: i32) -> RopeMut {
    let response = bench.ask(12, request(max_bytes));
    let mut answer = RopeMut::default();
    frame::encode((1, 12), 7, Outgoing::Response(response), &mut answer).unwrap();
    answer
}

/// Where the records of each batch lie in the log.
fn places(bench: &Bench) -> Vec<Range<*const u8>> {
    let batches = bench.batches("t", 0);
    batches
        .iter()
        .map(|batch| batch.records().as_ptr_range())
        .collect()
}

fn bytes(slices: &[IoSlice<'_>]) -> Vec<u8> {
    slices.iter().flat_map(|slice| slice.to_vec()).collect()
}

#[test]
fn an_answer_refers_to_the_records_in_the_log() {
    let mut bench = bench();
    let answer = answer(&mut bench, i32::MAX);
    let slices = answer.slices();
    let sent: Vec<_> = slices.iter().map(|slice| slice.as_ptr_range()).collect();
    for place in places(&bench) {
        assert!(sent.contains(&place), "a batch was copied");
    }
    let held: usize = BATCHES * VALUE_BYTES;
    assert!(answer.len() > held);
    assert!(
        answer.capacity() < held / 10,
        "{} bytes of its own",
        answer.capacity()
    );
}

#[test]
fn the_beginning_of_one_more_batch_is_a_reference_too() {
    let mut bench = bench();
    let whole = bytes(&answer(&mut bench, i32::MAX).slices());
    let place = places(&bench)[1].clone();
    let cut = answer(&mut bench, 15_000);
    let slices = cut.slices();
    let starts: Vec<_> = slices.iter().map(|slice| slice.as_ptr()).collect();
    assert!(starts.contains(&place.start));
    assert!(cut.len() < whole.len());
}

#[test]
fn what_is_on_its_way_stays_though_the_log_lets_go() {
    let mut bench = bench();
    let answer = answer(&mut bench, i32::MAX);
    let before = bytes(&answer.slices());
    let partition = bench.engine.state.cluster.partition_mut("t", 0).unwrap();
    let end = partition.log.end();
    partition.log.delete_records(end).unwrap();
    assert!(bench.batches("t", 0).is_empty());
    assert_eq!(bytes(&answer.slices()), before);
}

#[test]
fn what_waited_refers_to_the_log_as_well() {
    let mut bench = Bench::new(&[]);
    bench.topic("t", 1);
    let waits = request(i32::MAX).with_min_bytes(1).with_max_wait_ms(1000);
    let reader = ConnectionId(1);
    assert!(bench.send_from(reader, "reader", 12, waits).0.is_empty());
    let batch = testing::batch(&"v".repeat(VALUE_BYTES));
    let mut effects = bench.send(9, testing::produce("t", 0, batch)).0;
    let Some(Effect::Reply {
        connection,
        response: Response::Fetch(response),
    }) = effects.pop()
    else {
        panic!("the reader is not answered");
    };
    assert_eq!(connection, reader);
    let records = response.responses[0].partitions[0]
        .records
        .as_ref()
        .unwrap();
    let place = places(&bench)[0].clone();
    assert!(records.parts().any(|part| part.as_ptr_range() == place));
}
