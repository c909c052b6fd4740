//! Members that go, or are removed.

use super::check;

#[test]
fn a_member_leaves_and_the_others_rebalance() {
    check(
        "
        stable a; b
        b leave v0
          @6s g: Stable -> PreparingRebalance, a member left; client reason: not provided
          @6s b: ok
        a beat
          @6s a: RebalanceInProgress
        a join
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s a: generation 2, range, leader a, members a:x
        b beat
          @6s b: UnknownMemberId
        b leave v1
          @6s b: UnknownMemberId
        ",
    );
}

#[test]
fn the_leader_leaves() {
    check(
        "
        stable a; b
        a leave v3
          @6s g: Stable -> PreparingRebalance, a member left; client reason: not provided
          @6s a: a ok
        b join
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s b: generation 2, range, leader b, members b:x
        ",
    );
}

#[test]
fn several_leave_at_once_with_an_answer_each() {
    check(
        "
        stable a; b; c v9 instance=i
        d leave v3 members=b,stranger,a instances=i,j
          @6s g: Stable -> PreparingRebalance, a member left; client reason: not provided
          @6s g: PreparingRebalance -> Empty, no member is left
          @6s d: b ok, stranger UnknownMemberId, a ok, instance i ok, instance j UnknownMemberId
        ",
    );
}

#[test]
fn the_last_one_out_empties_the_group() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a
        a leave
          @0s g: Stable -> PreparingRebalance, a member left; client reason: not provided
          @0s g: PreparingRebalance -> Empty, no member is left
          @0s a: a ok
        a leave
          @0s a: a UnknownMemberId
        b leave group=other
          @0s b:  UnknownMemberId
        ",
    );
}

#[test]
fn who_leaves_while_it_waits_for_the_generation_is_told() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a
        b join v9
          @0s b: MemberIdRequired as b
        b join v9
          @0s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        c leave members=b
          @0s b: UnknownMemberId
          @0s c: b ok
        a beat
          @0s a: RebalanceInProgress
        ",
    );
}

#[test]
fn the_first_rebalance_goes_on_without_who_left() {
    check(
        "
        a join v9
          @0s a: MemberIdRequired as a
        a join v9
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        b leave members=a
          @0s a: UnknownMemberId
          @0s b: a ok
        +3s
          @3s g: PreparingRebalance -> Empty, no member is left
        ",
    );
}

#[test]
fn a_pending_member_leaves() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a
        b join v9
          @0s b: MemberIdRequired as b
        a join
          @0s g: Stable -> PreparingRebalance, the leader joins again; client reason: not provided
        b leave
          @0s g: PreparingRebalance -> CompletingRebalance, all have joined
          @0s a: generation 2, range, leader a, members a:x
          @0s b: b ok
        ",
    );
}

#[test]
fn who_is_removed_while_it_waits_for_its_assignment_is_never_answered() {
    check(
        "
        joined a; b v5 instance=i
        b sync v3 instance=i
        c leave instances=i
          @6s g: CompletingRebalance -> PreparingRebalance, a member left; client reason: not provided
          @6s c: instance i ok
        b closes
        a join
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s a: generation 2, range, leader a, members a:x
        ",
    );
}

#[test]
fn a_member_may_leave_while_the_others_complete() {
    check(
        "
        joined a; b
        a leave
          @6s g: CompletingRebalance -> PreparingRebalance, a member left; client reason: not provided
          @6s a: a ok
        b join
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s b: generation 2, range, leader b, members b:x
        ",
    );
}
