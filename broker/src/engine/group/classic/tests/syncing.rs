//! The assignment.

use super::check;

#[test]
fn the_leader_assigns_and_who_is_left_out_gets_nothing() {
    check(
        "
        joined a; b; c
        b sync
        c sync
        a sync assign=a:1,b:2,stranger:3
          @6s g: CompletingRebalance -> Stable, the leader assigned
          @6s a: assigned \"1\"
          @6s b: assigned \"2\"
          @6s c: assigned \"\"
        ",
    );
}

#[test]
fn a_sync_is_checked_in_the_order_of_kafka() {
    check(
        "
        b sync id=stranger generation=1
          @0s b: UnknownMemberId
        a join v9
          @0s a: MemberIdRequired as a
        b sync id=stranger generation=1
          @0s b: UnknownMemberId
        a join v9
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        a/2 sync id=stranger generation=0
          @0s a/2: UnknownMemberId
        +3s
          @3s g: PreparingRebalance -> CompletingRebalance, all have joined
          @3s a: generation 1, range, leader a, members a:x
        b sync id=stranger generation=9
          @3s b: UnknownMemberId
        a sync generation=9 protocol=other
          @3s a: IllegalGeneration
        a sync v5 type=consumer protocol=other
          @3s a: InconsistentGroupProtocol
        a sync v5 type=other protocol=range
          @3s a: InconsistentGroupProtocol
        a sync v5 type=consumer
          @3s a: InconsistentGroupProtocol
        a sync v5 protocol=range
          @3s a: InconsistentGroupProtocol
        a sync v5 type=consumer protocol=range assign=a:1
          @3s g: CompletingRebalance -> Stable, the leader assigned
          @3s a: assigned \"1\"
        ",
    );
}

#[test]
fn a_sync_during_a_rebalance_is_refused() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a
        b join
          @0s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        a sync
          @0s a: RebalanceInProgress
        ",
    );
}

#[test]
fn who_does_not_sync_in_time_is_dropped() {
    check(
        "
        joined a rebalance=5s; b rebalance=5s; c rebalance=5s
        a sync assign=a:1
          @5s g: CompletingRebalance -> Stable, the leader assigned
          @5s a: assigned \"1\"
        b sync
          @5s b: assigned \"\"
        +4s
        a beat
          @9s a: ok
        b beat
          @9s b: ok
        c beat
          @9s c: ok
        +1s
          @10s g: Stable -> PreparingRebalance, members did not sync
        c beat
          @10s c: UnknownMemberId
        ",
    );
}

#[test]
fn a_leader_that_does_not_assign_is_dropped() {
    check(
        "
        joined a rebalance=5s; b rebalance=5s
        b sync
        +5s
          @10s g: CompletingRebalance -> PreparingRebalance, members did not sync
          @10s b: RebalanceInProgress
        b join rebalance=5s
          @10s g: PreparingRebalance -> CompletingRebalance, all have joined
          @10s b: generation 2, range, leader b, members b:x
        ",
    );
}

#[test]
fn once_all_have_synced_nothing_is_due() {
    check(
        "
        stable a rebalance=5s; b rebalance=5s
        +5s
        a beat
          @10s a: ok
        b beat
          @10s b: ok
        ",
    );
}

#[test]
fn a_sync_that_was_overtaken_is_never_answered() {
    check(
        "
        joined a; b
        b sync
        b/2 sync
        a sync assign=b:2
          @6s g: CompletingRebalance -> Stable, the leader assigned
          @6s a: assigned \"\"
          @6s b/2: assigned \"2\"
        b closes
        ",
    );
}
