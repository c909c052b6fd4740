//! Time-outs and heartbeats.

use super::check;

#[test]
fn a_silent_member_is_dropped() {
    check(
        "
        stable a session=6s; b session=20s
        +6s
          @12s g: Stable -> PreparingRebalance, a member's session ended
        b beat
          @12s b: RebalanceInProgress
        b join
          @12s g: PreparingRebalance -> CompletingRebalance, all have joined
          @12s b: generation 2, range, leader b, members b:x
        ",
    );
}

#[test]
fn heartbeats_and_joins_keep_a_session() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a session=6s
        +5s
        a beat
          @5s a: ok
        +5s
        a join session=6s
          @10s g: Stable -> PreparingRebalance, the leader joins again; client reason: not provided
          @10s g: PreparingRebalance -> CompletingRebalance, all have joined
          @10s a: generation 2, range, leader a, members a:x
        +5s
        a sync
          @15s g: CompletingRebalance -> Stable, the leader assigned
          @15s a: assigned \"\"
        +5s
        a beat
          @20s a: ok
        +6s
          @26s g: Stable -> PreparingRebalance, a member's session ended
          @26s g: PreparingRebalance -> Empty, no member is left
        ",
    );
}

/// Waiting for a rebalance, and then for the leader's assignment, takes longer than a session.
#[test]
fn who_waits_for_an_answer_is_excused() {
    check(
        "
        joined a session=6s rebalance=30s; b session=30s rebalance=30s
        b sync
        a sync
          @6s g: CompletingRebalance -> Stable, the leader assigned
          @6s a: assigned \"\"
          @6s b: assigned \"\"
        c join rebalance=30s
          @6s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        a join session=6s rebalance=30s
        +20s
        b join session=30s rebalance=30s
          @26s g: PreparingRebalance -> CompletingRebalance, all have joined
          @26s a: generation 2, range, leader a, members a:x b:x c:x
          @26s b: generation 2, range, leader a
          @26s c: generation 2, range, leader a
        +5s
        c sync
        a beat
          @31s a: ok
        +3s
        ",
    );
}

#[test]
fn a_new_member_may_wait_for_five_minutes() {
    check(
        "
        config group.max.session.timeout.ms=1800000
        a join session=10m rebalance=10m
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +6s
          @3s g: PreparingRebalance -> CompletingRebalance, all have joined
          @3s a: generation 1, range, leader a, members a:x
        a sync
          @6s g: CompletingRebalance -> Stable, the leader assigned
          @6s a: assigned \"\"
        b join session=6s rebalance=10m
          @6s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        +299s
        +1s
          @306s b: UnknownMemberId
        a join session=10m rebalance=10m
          @306s g: PreparingRebalance -> CompletingRebalance, all have joined
          @306s a: generation 2, range, leader a, members a:x
        ",
    );
}

#[test]
fn session_timeouts_have_bounds() {
    check(
        "
        config group.min.session.timeout.ms=6000
        config group.max.session.timeout.ms=30000
        a join session=5999ms
          @0s a: InvalidSessionTimeout
        a join session=30001ms
          @0s a: InvalidSessionTimeout
        a join session=30s
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +3s
          @3s g: PreparingRebalance -> CompletingRebalance, all have joined
          @3s a: generation 1, range, leader a, members a:x
        a join v3 session=30001ms
          @3s a: InvalidSessionTimeout as a
        ",
    );
}

#[test]
fn a_heartbeat_tells_of_the_rebalance_and_of_what_is_wrong() {
    check(
        "
        a beat
          @0s a: UnknownMemberId
        a join v9
          @0s a: MemberIdRequired as a
        a beat generation=0
          @0s a: UnknownMemberId
        a join v9
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        a/2 beat generation=0
          @0s a/2: RebalanceInProgress
        +3s
          @3s g: PreparingRebalance -> CompletingRebalance, all have joined
          @3s a: generation 1, range, leader a, members a:x
        a beat
          @3s a: ok
        a sync
          @3s g: CompletingRebalance -> Stable, the leader assigned
          @3s a: assigned \"\"
        a beat
          @3s a: ok
        a beat generation=0
          @3s a: IllegalGeneration
        a beat generation=2
          @3s a: IllegalGeneration
        b beat v3 id=a instance=i generation=1
          @3s b: UnknownMemberId
        b beat id=stranger generation=1
          @3s b: UnknownMemberId
        b join
          @3s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        a beat
          @3s a: RebalanceInProgress
        a join
          @3s g: PreparingRebalance -> CompletingRebalance, all have joined
          @3s a: generation 2, range, leader a, members a:x b:x
          @3s b: generation 2, range, leader a
        ",
    );
}

#[test]
fn all_members_gone_leave_an_empty_group_of_the_next_generation() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a session=6s rebalance=5s
        +6s
          @6s g: Stable -> PreparingRebalance, a member's session ended
          @6s g: PreparingRebalance -> Empty, no member is left
        a beat
          @6s a: UnknownMemberId
        a join
          @6s a: UnknownMemberId as a
        b join
          @6s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +0s
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s b: generation 3, range, leader b, members b:x
        ",
    );
}
