//! Static members (KIP-345, KIP-814).

use super::check;

/// Stable, and the same protocol: nobody else notices. The old id is fenced.
#[test]
fn a_restarted_member_takes_its_place_back() {
    check(
        "
        stable a v9 instance=i assign=a:1,b:2; b v9 instance=j
        b join v9 id=none instance=j
          @6s b: generation 1, range, leader a, as b'
        b sync v5 instance=j type=consumer protocol=range
          @6s b: assigned \"2\"
        a beat instance=i
          @6s a: ok
        b beat id=b instance=j
          @6s b: FencedInstanceId
        b beat id=b
          @6s b: UnknownMemberId
        b sync v5 id=b instance=j type=consumer protocol=range
          @6s b: FencedInstanceId
        b leave v3 id=b instance=j
          @6s b: b FencedInstanceId
        b join v9 id=b instance=j
          @6s b: FencedInstanceId as b
        ",
    );
}

#[test]
fn a_restarted_leader_skips_the_assignment() {
    check(
        "
        stable a v9 instance=i assign=a:1,b:2; b v9 instance=j
        a join v9 id=none instance=i
          @6s a: generation 1, range, leader a', as a', members a':x b:x, skips the assignment
        a sync v5 instance=i type=consumer protocol=range
          @6s a: assigned \"1\"
        b beat instance=j
          @6s b: ok
        a join v9 instance=i
          @6s g: Stable -> PreparingRebalance, the leader joins again; client reason: not provided
        ",
    );
}

#[test]
fn before_v9_a_restarted_leader_is_told_of_the_old_one() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a v8 instance=i assign=a:1
        a join v8 id=none instance=i
          @0s a: generation 1, range, leader a, as a'
        a sync instance=i
          @0s a: assigned \"1\"
        ",
    );
}

#[test]
fn a_restarted_member_with_another_protocol_rebalances() {
    check(
        "
        stable a v9 instance=i protocols=range:x,sticky:x assign=a:1,b:2; b v9 instance=j protocols=range:x,sticky:x
        b join v9 id=none instance=j protocols=sticky:x
          @6s g: Stable -> PreparingRebalance, a static member is back; client reason: not provided
        a join v9 instance=i protocols=range:x,sticky:x
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s a: generation 2, sticky, leader a, members a:x b':x
          @6s b: generation 2, sticky, leader a, as b'
        ",
    );
}

/// Kafka looks at the protocol alone, although the metadata changed.
#[test]
fn a_restart_with_other_metadata_is_taken_over_silently() {
    check(
        "
        stable a v9 instance=i assign=a:1,b:2; b v9 instance=j
        b join v9 id=none instance=j protocols=range:z
          @6s b: generation 1, range, leader a, as b'
        a join v9 instance=i
          @6s g: Stable -> PreparingRebalance, the leader joins again; client reason: not provided
        b join v9 instance=j protocols=range:z
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s a: generation 2, range, leader a, members a:x b':z
          @6s b: generation 2, range, leader a, as b'
        ",
    );
}

#[test]
fn a_restart_while_completing_rebalances() {
    check(
        "
        joined a v9 instance=i; b v9 instance=j
        b sync v5 instance=j type=consumer protocol=range
        b/2 join v9 id=none instance=j
          @6s g: CompletingRebalance -> PreparingRebalance, a static member is back; client reason: not provided
          @6s b: FencedInstanceId
        a beat instance=i
          @6s a: RebalanceInProgress
        a join v9 instance=i
          @6s g: PreparingRebalance -> CompletingRebalance, all have joined
          @6s a: generation 2, range, leader a, members a:x b':x
          @6s b/2: generation 2, range, leader a, as b'
        ",
    );
}

#[test]
fn a_restart_fences_a_join_that_waits() {
    check(
        "
        a join v9 instance=i
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        a/2 join v9 instance=i
          @0s a: FencedInstanceId as i-5f1cec99-26fe-49cf-a34d-ff5b9bb8f53d
        +3s
          @3s g: PreparingRebalance -> CompletingRebalance, all have joined
          @3s a/2: generation 1, range, leader a, members a:x
        ",
    );
}

/// It stays a member though it missed the rebalance, and has another sync to miss.
#[test]
fn a_static_member_outlasts_the_rebalance_but_not_its_session() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a v9 instance=i session=20s rebalance=5s
        b join rebalance=5s
          @0s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        +5s
          @5s g: PreparingRebalance -> CompletingRebalance, all have joined
          @5s b: generation 2, range, leader b, members a:x b:x
        b sync assign=a:1,b:2
          @5s g: CompletingRebalance -> Stable, the leader assigned
          @5s b: assigned \"2\"
        +6s
          @10s g: Stable -> PreparingRebalance, members did not sync
        b beat
          @11s b: RebalanceInProgress
        b join rebalance=5s
          @11s g: PreparingRebalance -> CompletingRebalance, all have joined
          @11s b: generation 3, range, leader b, members b:x
        +5s
          @16s g: CompletingRebalance -> PreparingRebalance, members did not sync
          @16s g: PreparingRebalance -> Empty, no member is left
        b sync
          @16s b: UnknownMemberId
        b beat
          @16s b: UnknownMemberId
        +6s
        b beat
          @22s b: UnknownMemberId
        +4s
        ",
    );
}

#[test]
fn a_rebalance_without_anyone_back_waits_for_the_sessions() {
    check(
        "
        a join v9 instance=i session=30s rebalance=5s
          @0s g: Empty -> PreparingRebalance, a new member; client reason: not provided
        b join session=30s rebalance=5s
        +6s
          @5s g: PreparingRebalance -> CompletingRebalance, all have joined
          @5s a: generation 1, range, leader a, members a:x b:x
          @5s b: generation 1, range, leader a
        a sync
          @6s g: CompletingRebalance -> Stable, the leader assigned
          @6s a: assigned \"\"
        b sync
          @6s b: assigned \"\"
        b leave
          @6s g: Stable -> PreparingRebalance, a member left; client reason: not provided
          @6s b: b ok
        +30s
          @36s g: PreparingRebalance -> Empty, no member is left
        ",
    );
}

#[test]
fn an_instance_id_must_be_the_members() {
    check(
        "
        stable a v9 instance=i; b v9 instance=j
        a beat instance=j
          @6s a: FencedInstanceId
        a beat instance=unknown
          @6s a: UnknownMemberId
        a beat
          @6s a: ok
        b join v9 instance=i
          @6s b: FencedInstanceId as b
        c join v9 id=stranger instance=k
          @6s c: UnknownMemberId as stranger
        d leave members=a,b instances=k
          @6s g: Stable -> PreparingRebalance, a member left; client reason: not provided
          @6s g: PreparingRebalance -> Empty, no member is left
          @6s d: a ok, b ok, instance k UnknownMemberId
        ",
    );
}

#[test]
fn a_rebalance_without_time_waits_for_the_sessions_of_static_members() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a session=6s instance=i
        a join session=6s rebalance=0ms instance=i
          @0s g: Stable -> PreparingRebalance, the leader joins again; client reason: not provided
          @0s g: PreparingRebalance -> CompletingRebalance, all have joined
          @0s a: generation 2, range, leader a, members a:x
        a sync
          @0s g: CompletingRebalance -> Stable, the leader assigned
          @0s a: assigned \"\"
        b join v9 rebalance=0ms
          @0s b: MemberIdRequired as b
        b join v9 rebalance=0ms
          @0s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        b/2 leave members=b
          @0s b: UnknownMemberId
          @0s b/2: b ok
        +6s
          @6s g: PreparingRebalance -> Empty, no member is left
        ",
    );
}

/// As if a timer had fired at the end of each period since the time was over.
#[test]
fn who_comes_when_the_time_is_over_waits_for_the_end_of_a_period() {
    check(
        "
        config group.initial.rebalance.delay.ms=0
        stable a session=30s rebalance=1s instance=i; b session=30s rebalance=1s instance=j
        c join v9 rebalance=1s
          @0s c: MemberIdRequired as c
        c join v9 rebalance=1s
          @0s g: Stable -> PreparingRebalance, a new member; client reason: not provided
        c/2 leave members=c
          @0s c: UnknownMemberId
          @0s c/2: c ok
        +1400ms
        a join session=30s rebalance=3s instance=i
        +1s
          @2s g: PreparingRebalance -> CompletingRebalance, all have joined
          @2s a: generation 2, range, leader a, members a:x b:x
        ",
    );
}
