//! Coordinators that change or are missing, and clusters that have not taken up the second protocol.

use super::write::Write;
use super::{World, check};
use crate::engine::context::{Effect, Effects};
use crate::engine::topic_partition::TopicPartition;
use crate::wire::apis::Response;
use crate::wire::units::Sequence;

#[test]
fn before_the_second_protocol_a_fence_is_an_epoch_of_its_own() {
    check(
        &[],
        "level 1
         init t => 0@0
         add t 0@0 a-0
         produce t 0@0 0 a-0 x v11 => 0
         init t 0@0 => error 51
         init t 0@0 => error 90
         init t => 0@2
         read a-0 committed =>
         lso a-0 => 2",
    );
}

#[test]
fn a_new_coordinator_does_not_know_the_epoch_before() {
    check(
        &[],
        "init t => 0@0
         init t 0@0 => 0@1
         init t 0@0 => 0@1
         elect t
         init t 0@0 => error 90
         init t 0@1 => 0@2",
    );
}

#[test]
fn a_transaction_ends_when_its_partition_has_a_leader() {
    check(
        &[],
        "init t => 0@0
         produce t 0@0 0 a-0 x v12 => 0
         produce t 0@0 0 b-0 y v12 => 0
         lose b-0
         end t 0@0 commit v5 => 0@1
         describe t => PrepareCommit 0@1 b-0
         read a-0 committed => x
         produce t 0@1 0 a-0 z v12 => error 51
         find b-0
         describe t => CompleteCommit 0@1
         read b-0 committed => y",
    );
}

#[test]
fn without_a_coordinator_nothing_is_verified() {
    check(
        &[],
        "init t => 0@0
         lose t
         init t => error 16
         end t 0@0 commit v5 => error 16
         describe t => error 16
         produce t 0@0 0 a-0 x v12 => error 19
         find t
         produce t 0@0 0 a-0 x v12 => 0",
    );
}

#[test]
fn a_topic_that_goes_needs_no_marker() {
    check(
        &[],
        "init t => 0@0
         produce t 0@0 0 a-0 x v12 => 0
         produce t 0@0 0 b-0 y v12 => 0
         hold markers
         end t 0@0 commit v5 => 0@1
         delete b
         release markers
         describe t => CompleteCommit 0@1
         read a-0 committed => x",
    );
}

/// The offset and the code that a Produce is answered.
fn written(effects: &Effects) -> Option<(i64, i16)> {
    effects.0.iter().find_map(|effect| match effect {
        Effect::Reply {
            response: Response::Produce(answer),
            ..
        } => {
            let row = &answer.responses[0].partition_responses[0];
            Some((row.base_offset, row.error_code))
        }
        Effect::Reply { .. }
        | Effect::Encoded { .. }
        | Effect::Nothing { .. }
        | Effect::Close { .. } => None,
    })
}

#[test]
fn a_write_waits_a_moment_for_the_last_transactions_markers() {
    let mut world = World::new(&[]);
    let producer = world.init("t", 60_000, None).unwrap();
    let mut write = Write {
        id: Some("t"),
        producer,
        sequence: 0,
        place: TopicPartition::new("a", 0),
        value: "x",
    };
    world.produce(&write, 12).unwrap();
    world.hold_markers(true);
    write.producer = world.end(("t", producer), true, 5).unwrap();
    let request = write.request(world.bench.now.wall);
    let waits = world.bench.send(12, request);
    assert!(waits.0.is_empty());
    world.bench.engine.state.transactions.hold_markers(false);
    let other = crate::wire::messages::ApiVersionsRequest::default();
    let woken = world.bench.send(0, other);
    assert_eq!(written(&woken), Some((2, 0)));
    world.hold_markers(true);
    write.producer = world.end(("t", write.producer), true, 5).unwrap();
    assert_eq!(world.produce(&write, 12), Err(51));
}

#[test]
fn every_change_is_in_the_state_topic() {
    let mut world = World::new(&[]);
    let producer = world.init("t", 60_000, None).unwrap();
    let write = Write {
        id: Some("t"),
        producer,
        sequence: 0,
        place: TopicPartition::new("a", 0),
        value: "x",
    };
    world.produce(&write, 12).unwrap();
    world.end(("t", producer), true, 5).unwrap();
    let batches = world
        .bench
        .batches("__transaction_state", World::partition_of("t"));
    let mut states = Vec::new();
    for batch in &batches {
        assert_eq!(batch.header().base_sequence, Sequence::NONE);
        let unfolded = batch.unfold().unwrap();
        let record = unfolded.iter().next().unwrap().unwrap();
        states.push(record.value.unwrap()[STATUS_AT]);
    }
    assert_eq!(states, [0, 1, 2, 4]);
}

/// Where a value has its status: after the version, the producer and the time-out.
const STATUS_AT: usize = 16;
