//! What time does to transactions.

use super::check;

#[test]
fn a_transaction_that_takes_too_long_is_aborted() {
    check(
        &[],
        "init t timeout 15000 => 0@0
         produce t 0@0 0 a-0 x v12 => 0
         wait 10000
         describe t => Ongoing 0@0 a-0
         wait 9000
         lso a-0 => 0
         wait 1000
         describe t => CompleteAbort 0@1
         lso a-0 => 2
         read a-0 committed =>
         produce t 0@0 1 a-0 y v12 => error 47
         end t 0@0 commit v5 => error 48
         init t => 0@2",
    );
}

#[test]
fn an_idle_transactional_id_expires() {
    check(
        &[
            ("transactional.id.expiration.ms", "5000"),
            (
                "transaction.remove.expired.transaction.cleanup.interval.ms",
                "1000",
            ),
        ],
        "init t => 0@0
         init u => 1@0
         produce u 1@0 0 a-0 x v12 => 0
         wait 4999
         describe t => Empty 0@0
         wait 1
         describe t => error 105
         describe u => Ongoing 1@0 a-0
         init t => 2@0",
    );
}
