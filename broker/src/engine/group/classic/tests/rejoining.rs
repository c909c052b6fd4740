//! Members that join again.

use super::check;

#[test]
fn an_unchanged_follower_is_told_the_generation_again() {
    check(
        "
        stable a assign=a:1,b:2; b
        b join
          @6s b: generation 1, range, leader a
        b sync
          @6s b: assigned \"2\"
        a beat
          @6s a: ok
        ",
    );
}

#[test]
fn a_leader_always_rebalances() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a assign=a:1
        a join
          @0s g: Stable -> PreparingRebalance, the leader joins again; client reason: not provided
          @0s g: PreparingRebalance -> CompletingRebalance, all have joined
          @0s a: generation 2, range, leader a, members a:x
        a sync assign=a:2
          @0s g: CompletingRebalance -> Stable, the leader assigned
          @0s a: assigned \"2\"
        ",
    );
}

#[test]
fn changed_metadata_rebalances() {
    check(
        "
        stable a assign=a:1,b:2; b
        b join protocols=range:z
          @6s g: Stable -> PreparingRebalance, a member's metadata changed; client reason: not provided
        a beat
          @6s a: RebalanceInProgress
        a join
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s a: generation 2, range, leader a, members a:x b:z
          @6s b: generation 2, range, leader a
        ",
    );
}

#[test]
fn metadata_is_compared_with_its_order() {
    check(
        "
        stable a protocols=range:x,sticky:x; b protocols=range:x,sticky:x
        b join protocols=sticky:x,range:x
          @6s g: Stable -> PreparingRebalance, a member's metadata changed; client reason: not provided
        ",
    );
}

#[test]
fn while_completing_an_unchanged_member_is_told_again() {
    check(
        "
        joined a; b
        a join
          @6s a: generation 1, range, leader a, members a:x b:x
        b join
          @6s b: generation 1, range, leader a
        b join protocols=range:z
          @6s g: CompletingRebalance -> PreparingRebalance, a member's metadata changed; client reason: not provided
        a join
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s a: generation 2, range, leader a, members a:x b:z
          @6s b: generation 2, range, leader a
        ",
    );
}

#[test]
fn a_rebalance_takes_back_the_waiting_syncs() {
    check(
        "
        joined a; b
        b sync
        c join
          @6s g: CompletingRebalance -> PreparingRebalance, a new member; client reason: not provided
          @6s b: RebalanceInProgress
        a join
        b join
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s a: generation 2, range, leader a, members a:x b:x c:x
          @6s b: generation 2, range, leader a
          @6s c: generation 2, range, leader a
        ",
    );
}

/// The largest rebalance timeout of all members counts. The first in the table of members takes the leader's place.
#[test]
fn who_does_not_rejoin_in_time_is_dropped() {
    check(
        "
        a join rebalance=5s
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        b join rebalance=8s
        +6s
          @5s g: PreparingRebalance -> CompletingRebalance, all have joined
          @5s a: generation 1, range, leader a, members a:x b:x
          @5s b: generation 1, range, leader a
        a sync assign=a:1
          @6s g: CompletingRebalance -> Stable, the leader assigned
          @6s a: assigned \"1\"
        b sync
          @6s b: assigned \"\"
        c join rebalance=1s
          @6s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        +1s
        b join rebalance=8s
        +4s
        a beat
          @11s a: RebalanceInProgress
        +3s
          @14s g: PreparingRebalance -> CompletingRebalance, all have joined
          @14s b: generation 2, range, leader c
          @14s c: generation 2, range, leader c, members b:x c:x
        a beat
          @14s a: UnknownMemberId
        ",
    );
}

#[test]
fn a_leader_that_does_not_rejoin_is_replaced() {
    check(
        "
        a join rebalance=5s
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        b join rebalance=5s
        +6s
          @5s g: PreparingRebalance -> CompletingRebalance, all have joined
          @5s a: generation 1, range, leader a, members a:x b:x
          @5s b: generation 1, range, leader a
        a sync assign=a:1
          @6s g: CompletingRebalance -> Stable, the leader assigned
          @6s a: assigned \"1\"
        b sync
          @6s b: assigned \"\"
        b join rebalance=5s protocols=range:z
          @6s g: Stable -> PreparingRebalance, a member's metadata changed; client reason: not provided
        +5s
          @11s g: PreparingRebalance -> CompletingRebalance, all have joined
          @11s b: generation 2, range, leader b, members b:z
        ",
    );
}

/// Nothing is known of the id while the first is held, so the second is another member.
#[test]
fn a_second_join_of_a_member_takes_the_place_of_the_first() {
    check(
        "
        a join
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +1s
        a/2 join v3
        b join
        +3s
        ",
    );
}

#[test]
fn a_join_that_was_overtaken_is_never_answered() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a
        b join
          @0s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        a beat
          @0s a: RebalanceInProgress
        c join
        a join
          @0s g: PreparingRebalance -> CompletingRebalance, all have joined
          @0s a: generation 2, range, leader a, members a:x b:x c:x
          @0s b: generation 2, range, leader a
          @0s c: generation 2, range, leader a
        +0s
        a sync
          @0s g: CompletingRebalance -> Stable, the leader assigned
          @0s a: assigned \"\"
        b sync
          @0s b: assigned \"\"
        d join
          @0s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        b join
        b/2 join
        b/2 closes
        a join
        c join
          @0s g: PreparingRebalance -> CompletingRebalance, all have joined
          @0s a: generation 3, range, leader a, members a:x b:x c:x d:x
          @0s c: generation 3, range, leader a
          @0s d: generation 3, range, leader a
        ",
    );
}
