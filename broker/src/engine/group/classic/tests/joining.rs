//! New members: the first rebalance, ids, protocols.

use super::check;

#[test]
fn the_first_rebalance_waits_for_more_members_and_is_extended() {
    check(
        "
        a join reason=start
          @0s g: Empty -> PreparingRebalance, a new member; client reason: start
        +2s
        b join protocols=range:y
        +4s
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s a: generation 1, range, leader a, members a:x b:y
          @6s b: generation 1, range, leader a
        ",
    );
}

/// The first member alone decides how long the wait may be extended.
#[test]
fn the_wait_is_extended_up_to_the_rebalance_timeout() {
    check(
        "
        a join rebalance=7s
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +1s
        b join rebalance=5s
        +2500ms
        c join
        +3s
        d join
        +1s
          @7s g: PreparingRebalance -> CompletingRebalance, all have joined
          @7s a: generation 1, range, leader a, members a:x b:x c:x d:x
          @7s b: generation 1, range, leader a
          @7s c: generation 1, range, leader a
          @7s d: generation 1, range, leader a
        ",
    );
}

#[test]
fn without_a_delay_the_first_rebalance_completes_at_once() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        a join
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +0s
          @0s g: PreparingRebalance -> CompletingRebalance, all have joined
          @0s a: generation 1, range, leader a, members a:x
        ",
    );
}

#[test]
fn a_dynamic_member_is_given_its_id_first() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        a join v4
          @0s a: MemberIdRequired as a
        a join v4
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +0s
          @0s g: PreparingRebalance -> CompletingRebalance, all have joined
          @0s a: generation 1, range, leader a, members a:x
        ",
    );
}

/// A rebalance waits for the pending member until its session ends.
#[test]
fn an_id_that_is_not_used_is_forgotten_and_let_go_of() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        a join
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +0s
          @0s g: PreparingRebalance -> CompletingRebalance, all have joined
          @0s a: generation 1, range, leader a, members a:x
        a sync assign=a:1
          @0s g: CompletingRebalance -> Stable, the leader assigned
          @0s a: assigned \"1\"
        b join v9 session=6s
          @0s b: MemberIdRequired as b
        +5s
        a beat
          @5s a: ok
        a join
          @5s g: Stable -> PreparingRebalance, the leader joins again; client reason: not provided
        +2s
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s a: generation 2, range, leader a, members a:x
        b join v9
          @7s b: UnknownMemberId as b
        ",
    );
}

#[test]
fn a_pending_member_makes_the_first_rebalance_complete_when_it_goes() {
    check(
        "
        a join v9 session=6s
          @0s a: MemberIdRequired as a
        b join
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +1s
        a leave v3
          @1s a: a ok
        +5s
          @3s g: PreparingRebalance -> CompletingRebalance, all have joined
          @3s b: generation 1, range, leader b, members b:x
        ",
    );
}

#[test]
fn an_unknown_id_is_refused() {
    check(
        "
        a join id=stranger
          @0s a: UnknownMemberId as stranger
        a join
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +3s
          @3s g: PreparingRebalance -> CompletingRebalance, all have joined
          @3s a: generation 1, range, leader a, members a:x
        b join id=stranger
          @3s b: UnknownMemberId as stranger
        b join group=other id=stranger
          @3s b: UnknownMemberId as stranger
        ",
    );
}

#[test]
fn an_instance_id_does_not_fit_a_pending_id() {
    check(
        "
        a join v9
          @0s a: MemberIdRequired as a
        a join v9 instance=i
          @0s a: UnknownServerError
        a join v9
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        ",
    );
}

#[test]
fn the_protocol_must_be_one_that_all_have() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        a join protocols=range:x,sticky:x
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +0s
          @0s g: PreparingRebalance -> CompletingRebalance, all have joined
          @0s a: generation 1, range, leader a, members a:x
        a sync assign=a:1
          @0s g: CompletingRebalance -> Stable, the leader assigned
          @0s a: assigned \"1\"
        b join protocols=roundrobin:y
          @0s b: InconsistentGroupProtocol
        b join protocols=sticky:y type=connect
          @0s b: InconsistentGroupProtocol
        b join protocols=
          @0s b: InconsistentGroupProtocol
        b join protocols=sticky:y
          @0s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        a join
          @0s a: InconsistentGroupProtocol as a
        a join protocols=roundrobin:y
          @0s a: InconsistentGroupProtocol as a
        ",
    );
}

#[test]
fn an_empty_group_takes_any_protocol_but_none_and_no_type() {
    check(
        "
        a join protocols=
          @0s a: InconsistentGroupProtocol
        a join type=
          @0s a: InconsistentGroupProtocol
        a join type=connect protocols=mine:x
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +3s
          @3s g: PreparingRebalance -> CompletingRebalance, all have joined
          @3s a: generation 1, mine, leader a, members a:x
        ",
    );
}

#[test]
fn most_votes_decide_among_the_protocols_of_all() {
    check(
        "
        a join protocols=range:x,sticky:x,own:x
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        b join protocols=sticky:x,range:x
        c join protocols=other:x,sticky:x,range:x
        +6s
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s a: generation 1, sticky, leader a, members a:x b:x c:x
          @6s b: generation 1, sticky, leader a
          @6s c: generation 1, sticky, leader a
        ",
    );
}

#[test]
fn equal_votes_are_decided_as_in_a_java_hash_table() {
    check(
        "
        a join group=g1 protocols=range:x,roundrobin:x
          @0s g1: Empty -> PreparingRebalance, a new member; client reason: not provided
        b join group=g1 protocols=roundrobin:x,range:x
        c join group=g2 protocols=roundrobin:x,range:x
          @0s g2: Empty -> PreparingRebalance, a new member; client reason: not provided
        d join group=g2 protocols=range:x,roundrobin:x
        e join group=g3 protocols=b:x,a:x
          @0s g3: Empty -> PreparingRebalance, a new member; client reason: not provided
        f join group=g3 protocols=a:x,b:x
        +6s
          @6s g1: PreparingRebalance -> CompletingRebalance, all have joined
          @6s g2: PreparingRebalance -> CompletingRebalance, all have joined
          @6s g3: PreparingRebalance -> CompletingRebalance, all have joined
          @6s a: generation 1, range, leader a, members a:x b:x
          @6s b: generation 1, range, leader a
          @6s c: generation 1, range, leader c, members c:x d:x
          @6s d: generation 1, range, leader c
          @6s e: generation 1, a, leader e, members e:x f:x
          @6s f: generation 1, a, leader e
        ",
    );
}

#[test]
fn before_v1_the_session_timeout_is_the_rebalance_timeout() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        a join v0 session=9s rebalance=50s
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        +0s
          @0s g: PreparingRebalance -> CompletingRebalance, all have joined
          @0s a: generation 1, range, leader a, members a:x
        a sync v0 assign=a:1
          @0s g: CompletingRebalance -> Stable, the leader assigned
          @0s a: assigned \"1\"
        b join v0
          @0s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        +5s
        a beat v0
          @5s a: RebalanceInProgress
        +5s
          @10s g: PreparingRebalance -> CompletingRebalance, all have joined
          @10s b: generation 2, range, leader b, members b:x
        ",
    );
}

#[test]
fn a_connection_that_goes_leaves_its_member_behind() {
    check(
        "
        a join
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        a closes
        b join
        +6s
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s b: generation 1, range, leader a-5f1cec99-26fe-49cf-a34d-ff5b9bb8f53d
        b sync assign=b:1
        +10s
          @16s g: CompletingRebalance -> PreparingRebalance, a member's session ended
          @16s b: RebalanceInProgress
        ",
    );
}

#[test]
fn the_answer_has_an_empty_protocol_name_before_v7() {
    check(
        "
        a join v6 protocols=
          @0s a: InconsistentGroupProtocol
        a join v7 protocols=
          @0s a: InconsistentGroupProtocol
        ",
    );
}
