//! Groups that change their kind.

use super::check;

const PROMPT: &[(&str, &str)] = &[
    ("group.consumer.assignment.interval.ms", "0"),
    ("group.initial.rebalance.delay.ms", "0"),
];

#[test]
fn a_classic_group_is_upgraded_and_goes_back() {
    check(
        PROMPT,
        "topic t 2
         classic c joins t => 1
         classic c syncs t:2 => [t:0,1]
         group => classic Stable
         a joins t => 2 []
         group => consumer Reconciling 2/2
         classic c beats => error 27
         classic c syncs => error 27
         classic c joins t => 2
         classic c syncs => [t:0]
         classic c beats => error 0
         a beats => 2 [t:1]
         group => consumer Stable 2/2
         a leaves => -1
         group => classic PreparingRebalance
         timers a => 0",
    );
}

#[test]
fn classic_members_are_served_by_a_consumer_group() {
    check(
        PROMPT,
        "topic t 2
         a joins t => 2 [t:0,1]
         classic c joins t => 3
         classic c syncs => []
         classic c beats => error 0
         a beats => 2 [t:0]
         classic c beats => error 0
         a owns t:0 => 3
         classic c beats => error 27
         classic c joins t => 3
         classic c syncs => [t:1]
         classic c beats => error 0
         group => consumer Stable 3/3
         classic c leaves => error 0
         a beats => 4 [t:0,1]
         classic c beats => error 25",
    );
}

#[test]
fn a_classic_member_that_does_not_sync_or_rejoin_is_gone() {
    check(
        PROMPT,
        "topic t 2
         a joins t => 2 [t:0,1]
         classic c joins t => 3
         wait 5000
         classic c beats => error 25
         classic d joins t => 5
         classic d syncs => []
         a beats => 2 [t:0]
         a owns t:0 => 5
         classic d beats => error 27
         wait 5000
         classic d beats => error 25",
    );
}

#[test]
fn what_cannot_be_read_is_not_upgraded() {
    check(
        PROMPT,
        "classic c joins garbage => 1
         classic c syncs t:1 => [t:0]
         a joins t => error 69
         group => classic Stable",
    );
}

#[test]
fn an_empty_group_becomes_what_its_first_member_speaks() {
    check(
        PROMPT,
        "topic t 1
         a joins t => 2 [t:0]
         a leaves => -1
         classic c joins t => 1
         group => classic CompletingRebalance
         classic c leaves => error 0
         group => classic Empty
         a joins t => 2 [t:0]
         group => consumer Stable 2/2",
    );
}

#[test]
fn the_policy_holds() {
    let with = |policy| {
        let mut settings = PROMPT.to_vec();
        settings.push(("group.consumer.migration.policy", policy));
        settings
    };
    let upgraded = "topic t 1
         classic c joins t => 1
         classic c syncs t:1 => [t:0]
         a joins t => 2 []";
    let refused = "topic t 1
         classic c joins t => 1
         classic c syncs t:1 => [t:0]
         a joins t => error 69";
    check(
        &with("upgrade"),
        &format!("{upgraded}\n a leaves => -1\n group => consumer Assigning 3/2"),
    );
    check(&with("downgrade"), refused);
    check(&with("disabled"), refused);
    let joins = "topic t 1
         a joins t => 2 [t:0]";
    check(
        &with("disabled"),
        &format!("{joins}\n classic c joins t => error 23"),
    );
    check(
        &with("upgrade"),
        &format!("{joins}\n classic c joins t => 3"),
    );
}
