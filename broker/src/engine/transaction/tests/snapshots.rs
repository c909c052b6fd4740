//! Transactions in a cluster that becomes what it was.

use super::check;

#[test]
fn an_open_transaction_goes_on_and_can_be_committed() {
    check(
        &[],
        "init t => 0@0
         produce t 0@0 0 a-0 x v12 => 0
         produce t 0@0 0 b-1 y v12 => 0
         take
         produce t 0@0 1 a-0 gone v12 => 1
         end t 0@0 abort v5 => 0@1
         read a-0 committed =>
         restore
         describe t => Ongoing 0@0 a-0 b-1
         read a-0 uncommitted => x
         lso a-0 => 0
         produce t 0@0 1 a-0 z v12 => 1
         end t 0@0 commit v5 => 0@1
         read a-0 committed => x z
         read b-1 committed => y
         restore
         lso a-0 => 0
         end t 0@0 abort v5 => 0@1
         read a-0 committed =>
         read a-0 uncommitted => x",
    );
}

#[test]
fn what_was_aborted_stays_so() {
    check(
        &[],
        "init t => 0@0
         produce t 0@0 0 a-0 x v12 => 0
         end t 0@0 abort v5 => 0@1
         produce t 0@1 0 a-0 y v12 => 2
         end t 0@1 commit v5 => 0@2
         take
         produce t 0@2 0 a-0 z v12 => 4
         end t 0@2 commit v5 => 0@3
         restore
         read a-0 committed => y
         read a-0 uncommitted => x y
         lso a-0 => 4
         produce t 0@2 0 a-0 w v12 => 4
         end t 0@2 commit v5 => 0@3
         read a-0 committed => y w",
    );
}

#[test]
fn sequences_are_checked_against_what_was_written() {
    check(
        &[],
        "init t => 0@0
         produce - 0@0 0 b-0 x v12 => 0
         produce - 0@0 1 b-0 y v12 => 1
         take
         produce - 0@0 2 b-0 gone v12 => 2
         restore
         produce - 0@0 1 b-0 y v12 => 1
         produce - 0@0 3 b-0 z v12 => error 45
         produce - 0@0 2 b-0 z v12 => 2
         read b-0 uncommitted => x y z",
    );
}

#[test]
fn offsets_are_pending_until_the_transaction_ends() {
    check(
        &[],
        "init t => 0@0
         offset t 0@0 g 3 v5
         end t 0@0 commit v5 => 0@1
         offset t 0@1 g 7 v5
         take
         end t 0@1 commit v5 => 0@2
         committed g any => 7
         restore
         committed g any => 3
         committed g stable => error 88
         end t 0@1 commit v5 => 0@2
         committed g stable => 7",
    );
}

#[test]
fn markers_that_were_held_are_held_again() {
    check(
        &[],
        "init t => 0@0
         produce t 0@0 0 a-0 x v12 => 0
         hold markers
         end t 0@0 commit v5 => 0@1
         take
         release markers
         describe t => CompleteCommit 0@1
         restore
         describe t => PrepareCommit 0@1 a-0
         lso a-0 => 0
         release markers
         describe t => CompleteCommit 0@1
         read a-0 committed => x",
    );
}

#[test]
fn ids_of_producers_are_not_given_out_again() {
    check(
        &[],
        "init t => 0@0
         take
         init u => 1@0
         restore
         describe u => error 105
         init u => 2@0
         init t => 0@1",
    );
}

#[test]
fn time_goes_on_for_a_transaction() {
    check(
        &[],
        "init t timeout 30000 => 0@0
         produce t 0@0 0 a-0 x v12 => 0
         take
         end t 0@0 commit v5 => 0@1
         restore
         wait 45000
         describe t => CompleteAbort 0@1
         lso a-0 => 2",
    );
}
