//! Groups in a cluster that becomes what it was.

use super::check;

#[test]
fn members_that_are_written_down_go_on() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a session=10s assign=a:1
        +9s
        take
        +2s
          @10s g: Stable -> PreparingRebalance, a member's session ended
          @10s g: PreparingRebalance -> Empty, no member is left
        b join
          @11s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        restore
          @11s b: UnknownMemberId as b-9f634315-7e0a-4f41-a30f-6bd9cda80f5c
        b beat
          @11s b: UnknownMemberId
        +9s
        a beat
          @20s a: ok
        a sync
          @20s a: assigned \"1\"
        +11s
          @30s g: Stable -> PreparingRebalance, a member's session ended
          @30s g: PreparingRebalance -> Empty, no member is left
        ",
    );
}

#[test]
fn a_rebalance_that_was_under_way_is_forgotten() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        joined a session=10s
        take
        a sync
          @0s g: CompletingRebalance -> Stable, the leader assigned
          @0s a: assigned \"\"
        restore
        a beat
          @0s a: UnknownMemberId
        ",
    );
}
