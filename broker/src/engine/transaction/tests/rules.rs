//! The rules, one script each. Codes: 45 out of order, 47 invalid epoch, 48 invalid state, 49 invalid
//! mapping, 50 invalid time-out, 51 concurrent transactions, 90 fenced, 120 abortable.

use super::check;

#[test]
fn a_transaction_of_the_first_protocol() {
    check(
        &[],
        "init t => 0@0
         describe t => Empty 0@0
         produce t 0@0 0 a-0 x v11 => error 120
         produce t 0@0 0 a-0 x v10 => error 48
         add t 0@0 a-0
         describe t => Ongoing 0@0 a-0
         produce t 0@0 0 a-0 x v11 => 0
         read a-0 uncommitted => x
         read a-0 committed =>
         lso a-0 => 0
         end t 0@0 commit v4 => 0@0
         describe t => CompleteCommit 0@0
         lso a-0 => 2
         read a-0 committed => x
         end t 0@0 commit v4 => 0@0
         end t 0@0 abort v4 => error 48
         add t 0@0 a-1
         produce t 0@0 0 a-1 y v11 => 0
         end t 0@0 abort v4 => 0@0
         read a-1 committed =>
         read a-1 uncommitted => y
         init t => 0@1",
    );
}

#[test]
fn a_transaction_of_the_second_protocol() {
    check(
        &[],
        "init t => 0@0
         produce t 0@0 1 a-0 x v12 => error 45
         produce t 0@0 0 a-0 x v12 => 0
         describe t => Ongoing 0@0 a-0
         end t 0@0 commit v5 => 0@1
         end t 0@0 commit v5 => 0@1
         end t 0@0 abort v5 => error 48
         end t 0@1 commit v5 => error 48
         produce t 0@0 1 a-0 z v12 => error 47
         produce t 0@1 0 a-0 y v12 => 2
         end t 0@1 abort v5 => 0@2
         end t 0@2 abort v5 => 0@3
         read a-0 committed => x
         read a-0 uncommitted => x y",
    );
}

#[test]
fn an_empty_transaction_can_only_be_aborted() {
    check(
        &[],
        "init t => 0@0
         end t 0@0 commit v5 => error 48
         end t 0@0 abort v5 => 0@1
         end t 0@1 commit v4 => error 48
         end t 0@1 abort v4 => 0@1
         init u => 1@0
         end u 1@0 abort v4 => error 48",
    );
}

#[test]
fn who_is_asked_for() {
    check(
        &[],
        "init t timeout 0 => error 50
         init t timeout 900001 => error 50
         end t 0@0 commit v5 => error 49
         init t timeout 900000 => 0@0
         add t 1@0 a-0 => error 49
         add t 0@1 a-0 => error 90
         add t 0@0 c-0 => error 3
         end t 1@0 commit v5 => error 49
         end t 0@1 commit v5 => error 90
         produce t 1@0 0 a-0 x v12 => error 49
         produce t 0@1 0 a-0 x v12 => error 47
         produce t 0@1 0 a-0 x v11 => error 47
         produce u 0@0 0 a-0 x v12 => error 49",
    );
}

#[test]
fn a_new_incarnation_fences_the_old_one() {
    check(
        &[],
        "init t => 0@0
         produce t 0@0 0 a-0 x v12 => 0
         init t => error 51
         init t => 0@2
         read a-0 committed =>
         lso a-0 => 2
         produce t 0@0 1 a-0 y v12 => error 47
         end t 0@0 commit v5 => error 90
         produce t 0@2 0 a-0 z v12 => 2
         end t 0@2 commit v5 => 0@3
         read a-0 committed => z",
    );
}

#[test]
fn a_producer_recovers_by_its_id_and_epoch() {
    check(
        &[],
        "init t => 0@0
         init t 0@0 => 0@1
         init t 0@0 => 0@1
         init t 0@1 => 0@2
         init t 0@0 => error 90
         init t 7@0 => error 90
         init u 7@3 => 1@0
         produce t 0@2 0 a-0 x v12 => 0
         init t 0@2 => error 51
         init t 0@2 => 0@3
         read a-0 committed =>",
    );
}

#[test]
fn held_markers_leave_the_transaction_between_its_end_and_its_completion() {
    check(
        &[],
        "init t => 0@0
         produce t 0@0 0 a-0 x v12 => 0
         hold markers
         end t 0@0 commit v5 => 0@1
         describe t => PrepareCommit 0@1 a-0
         lso a-0 => 0
         end t 0@0 commit v5 => error 51
         end t 0@0 abort v5 => error 51
         end t 9@9 abort v5 => error 51
         end t 0@1 commit v4 => error 51
         init t => error 51
         add t 9@9 a-1 => error 51
         produce t 0@1 0 a-1 y v11 => error 19
         release markers
         describe t => CompleteCommit 0@1
         lso a-0 => 2
         end t 0@0 commit v5 => 0@1",
    );
}

#[test]
fn an_idempotent_write_does_not_get_into_a_transaction() {
    check(
        &[],
        "init t => 0@0
         produce t 0@0 0 a-0 x v12 => 0
         produce - 0@0 1 a-0 y v12 => error 48
         end t 0@0 commit v5 => 0@1
         produce - 0@1 0 a-0 y v12 => 2
         read a-0 committed => x y",
    );
}

#[test]
fn what_was_tried_first_stays_first() {
    check(
        &[],
        "init t => 0@0
         produce t 0@0 0 a-0 x v11 => error 120
         add t 0@0 a-0
         produce t 0@0 1 a-0 y v11 => error 45
         produce t 0@0 0 a-0 x v11 => 0
         produce t 0@0 1 a-0 y v11 => 1",
    );
}

#[test]
fn offsets_of_a_transaction_count_once_it_is_committed() {
    check(
        &[],
        "init t => 0@0
         offset t 0@0 g 5 v4 => error 120
         offset t 0@0 g 5 v3 => error 48
         offsets t 0@0 g
         offset t 0@0 g 5 v3
         committed g stable => error 88
         committed g unstable => -1
         hold markers
         end t 0@0 commit v4 => 0@0
         committed g stable => error 88
         release markers
         committed g stable => 5
         offset t 0@0 g 9 v5
         describe t => Ongoing 0@0 __consumer_offsets-3
         end t 0@0 abort v5 => 0@1
         committed g stable => 5
         offset t 0@0 g 9 v5 => error 47
         offset t 1@1 g 9 v5 => error 49
         offset t 0@1 g 9 v5
         end t 0@1 commit v5 => 0@2
         committed g stable => 9",
    );
}
