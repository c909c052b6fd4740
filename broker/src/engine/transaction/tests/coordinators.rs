//! Coordinators that change or are missing, and clusters that have not taken up the second protocol.

use super::check;

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
