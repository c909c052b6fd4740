//! group.max.size (KIP-389).

use super::check;

#[test]
fn a_full_group_refuses_new_members() {
    check(
        "
        config group.max.size=2
        config group.initial.rebalance.delay.ms=0
        stable a
        b join
          @0s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        a join
          @0s g: PreparingRebalance -> CompletingRebalance, all have joined
          @0s a: generation 2, range, leader a, members a:x b:x
          @0s b: generation 2, range, leader a
        c join
          @0s c: GroupMaxSizeReached
        c join v9
          @0s c: GroupMaxSizeReached
        a sync
          @0s g: CompletingRebalance -> Stable, the leader assigned
          @0s a: assigned \"\"
        b sync
          @0s b: assigned \"\"
        c join v9
          @0s c: GroupMaxSizeReached
        ",
    );
}

/// Who waits already counts, and who has not rejoined does not.
#[test]
fn during_a_rebalance_the_last_to_rejoin_is_turned_away() {
    check(
        "
        config group.max.size=2
        config group.initial.rebalance.delay.ms=0
        stable a
        b join
          @0s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        a join
          @0s g: PreparingRebalance -> CompletingRebalance, all have joined
          @0s a: generation 2, range, leader a, members a:x b:x
          @0s b: generation 2, range, leader a
        a sync
          @0s g: CompletingRebalance -> Stable, the leader assigned
          @0s a: assigned \"\"
        b sync
          @0s b: assigned \"\"
        a join
          @0s g: Stable -> PreparingRebalance, the leader joins again; client reason: not provided
        c join
        b join
          @0s b: GroupMaxSizeReached
        b join
          @0s b: GroupMaxSizeReached
        ",
    );
}

#[test]
fn pending_members_do_not_count() {
    check(
        "
        config group.max.size=1
        a join v9
          @0s a: MemberIdRequired as a
        b join v9
          @0s b: MemberIdRequired as b
        c join v9
          @0s c: MemberIdRequired as c
        b join v9
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        a join v9
          @0s a: GroupMaxSizeReached
        +3s
          @3s g: PreparingRebalance -> CompletingRebalance, all have joined
          @3s b: generation 1, range, leader b, members b:x
        a join v9
          @3s a: GroupMaxSizeReached
        ",
    );
}
