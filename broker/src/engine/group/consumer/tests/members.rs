//! Joining, reconciling, leaving and being fenced, with the consumer protocol alone.

use super::check;

const PROMPT: &[(&str, &str)] = &[("group.consumer.assignment.interval.ms", "0")];

#[test]
fn a_partition_is_given_up_before_it_is_handed_over() {
    check(
        PROMPT,
        "topic t 4
         a joins t => 2 [t:0,1,2,3]
         group => consumer Stable 2/2
         b joins t => 3 []
         group => consumer Reconciling 3/3
         a beats => 2 [t:0,1]
         b beats => 3
         a owns t:0,1 => 3
         b beats => 3 [t:2,3]
         group => consumer Stable 3/3",
    );
}

#[test]
fn a_target_is_computed_once_an_interval() {
    check(
        &[],
        "topic t 2
         a joins t => 2 [t:0,1]
         b joins t => 2 []
         group => consumer Assigning 3/2
         a beats => 2
         wait 1000
         a beats => 2 [t:0]
         group => consumer Reconciling 3/3",
    );
}

#[test]
fn whoever_does_not_give_up_in_time_is_fenced() {
    check(
        PROMPT,
        "topic t 2
         a joins t => 2 [t:0,1]
         b joins t => 3 []
         a beats => 2 [t:0]
         timers a => 2
         wait 5000
         a beats => error 25
         timers a => 0
         b beats => 4 [t:0,1]",
    );
}

#[test]
fn a_silent_member_is_gone_after_its_session() {
    check(
        PROMPT,
        "topic t 2
         a joins t => 2 [t:0,1]
         wait 44999
         a beats => 2
         wait 45000
         a beats => error 25
         group => consumer Empty 3/3
         a joins t => 4 [t:0,1]",
    );
}

#[test]
fn epochs_are_checked_but_for_a_lost_answer() {
    check(
        PROMPT,
        "topic t 2
         a at 5 beats => error 69
         a joins t => 2 [t:0,1]
         a at 3 beats => error 110
         a at 1 beats => error 110
         a at 0 owns t:0 => error 42
         a at 0 joins t => 2 [t:0,1]
         b joins t => 3 []
         a beats => 2 [t:0]
         a owns t:0 => 3
         a at 2 owns t:0 => 3
         a at 2 owns t:0,1 => error 110
         a at 2 beats => error 110
         c at 1 beats => error 25",
    );
}

#[test]
fn a_static_member_comes_back_to_what_it_had() {
    check(
        PROMPT,
        "topic t 2
         a as i joins t => 2 [t:0,1]
         b as i joins t => error 111
         a as i rests => -2
         b as i joins t => 2 [t:0,1]
         group => consumer Stable 2/2
         a as i at 2 beats => error 82
         a as j at 2 beats => error 25
         b as i leaves => -1
         group => consumer Empty 3/3
         b rests => error 42",
    );
}

#[test]
fn a_static_member_that_stays_away_is_gone_after_its_session() {
    check(
        PROMPT,
        "topic t 2
         a as i joins t => 2 [t:0,1]
         a as i rests => -2
         b joins t => 3 []
         wait 45000
         group => consumer Empty 5/5",
    );
}

#[test]
fn new_and_deleted_topics_and_subscriptions_bump_the_epoch() {
    check(
        PROMPT,
        "topic t 1
         a joins t,u => 2 [t:0]
         topic x 1
         a beats => 2
         topic u 2
         a beats => 3 [t:0 u:0,1]
         a takes u => 3 [u:0,1]
         a owns u:0,1 => 4",
    );
}

#[test]
fn expressions_are_looked_up_after_the_join_and_when_topics_come() {
    check(
        PROMPT,
        "topic t1 1
         topic other 1
         a joins ~t.* => 1 []
         group => consumer Assigning 2/1
         a beats => 2 [t1:0]
         topic t2 1
         a beats => 2
         wait 10001
         a beats => 2
         a beats => 3 [t1:0 t2:0]
         b joins ~( => error 128
         b joins ~t.* => 4 []
         a takes ~ => 3 []
         a owns - => 5",
    );
}

#[test]
fn a_group_holds_so_many() {
    check(
        &[("group.consumer.max.size", "1")],
        "topic t 1
         a joins t => 2 [t:0]
         b joins t => error 81
         a beats => 2",
    );
}

#[test]
fn most_members_choose_the_assignor() {
    check(
        PROMPT,
        "topic t 3
         a with range joins t => 2 [t:0,1,2]
         b with range joins t => 3 []
         a beats => 2 [t:0,1]
         b with other joins t => error 112",
    );
}

#[test]
fn disabled_protocols_are_not_served() {
    check(
        &[("group.coordinator.rebalance.protocols", "classic")],
        "a joins t => error 35",
    );
}
