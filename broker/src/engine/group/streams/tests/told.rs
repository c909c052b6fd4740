//! What tests are told of a streams group, and what they can do to it.

use std::time::Duration;

use super::*;
use crate::engine::journal::Filter;
use crate::wire::messages::DeleteTopicsRequest;
use crate::wire::messages::delete_topics_request::DeleteTopicState;

#[test]
fn a_group_shows_who_runs_which_task_and_how_far_its_state_has_come() {
    let settings = [
        ("group.streams.initial.rebalance.delay.ms", "0"),
        ("group.streams.num.standby.replicas", "1"),
        ("group.streams.assignment.interval.ms", "0"),
    ];
    let mut bench = bench(&settings);
    let epoch = join(&mut bench, "m");
    assert_eq!(
        tasks(&bench),
        ["0_0 active assigned m", "0_1 active assigned m"]
    );
    let at = |offset| {
        Some(vec![request::TaskOffset {
            subtopology_id: str_bytes("0"),
            partition: 0,
            offset,
        }])
    };
    let tells = StreamsGroupHeartbeatRequest {
        task_offsets: at(4),
        task_end_offsets: at(10),
        ..heartbeat("m", epoch)
    };
    assert_eq!(beat(&mut bench, tells).error_code, 0);
    let view = bench.engine.state.group_view(bench.now, "g").unwrap();
    let of_first = &view.tasks[0];
    assert_eq!((of_first.offset, of_first.lag), (Some(4), Some(6)));
    assert_eq!(view.members[0].assignment[0].topic, "t");
    assert_eq!(view.members[0].assignment[0].partitions, [0, 1]);

    join(&mut bench, "n");
    assert_eq!(beat(&mut bench, heartbeat("m", epoch)).error_code, 0);
    let shown = tasks(&bench);
    assert!(
        shown.contains(&"0_1 active revoking m".to_owned()),
        "{shown:?}"
    );
    assert!(
        shown.contains(&"0_1 active awaited n".to_owned()),
        "{shown:?}"
    );
}

/// What is due for the group, and at what second.
fn due(bench: &Bench) -> Vec<(u64, String)> {
    let all = bench.engine.deadlines();
    let all = all.filter(|due| due.what.ends_with(r#"group "g""#));
    all.map(|due| (due.at.as_secs(), due.what)).collect()
}

#[test]
fn the_first_assignment_and_sessions_are_deadlines() {
    let mut bench = bench(&[("group.streams.initial.rebalance.delay.ms", "3000")]);
    join(&mut bench, "m");
    bench.advance(Duration::from_secs(1));
    stay(&mut bench, "m", 1);
    let first = (3, r#"first assignment of group "g""#.to_owned());
    let session = (46, r#"session of member "m" of group "g""#.to_owned());
    assert_eq!(due(&bench), [first, session.clone()]);
    assert_eq!(tasks(&bench), Vec::<String>::new());
    bench.advance(Duration::from_secs(2));
    assert_eq!(
        tasks(&bench),
        ["0_0 active awaited m", "0_1 active awaited m"]
    );
    assert_eq!(due(&bench), [session]);
    bench.advance(Duration::from_secs(42));
    assert_eq!(members(&bench), 1);
    bench.advance(Duration::from_secs(1));
    let view = bench.engine.state.group_view(bench.now, "g").unwrap();
    assert_eq!((view.state.as_str(), view.members.len()), ("Empty", 0));
    assert_eq!(due(&bench), []);
}

fn members(bench: &Bench) -> usize {
    let view = bench.engine.state.group_view(bench.now, "g").unwrap();
    view.members.len()
}

#[test]
fn what_a_member_is_to_give_up_is_a_deadline() {
    for gives_up in [true, false] {
        let settings = [
            ("group.streams.initial.rebalance.delay.ms", "0"),
            ("group.streams.assignment.interval.ms", "0"),
        ];
        let mut bench = bench(&settings);
        let epoch = join(&mut bench, "m");
        join(&mut bench, "n");
        // It hears of it now, and has its rebalance timeout.
        bench.advance(Duration::from_secs(10));
        stay(&mut bench, "m", epoch);
        let revocation = (11, r#"revocation by member "m" of group "g""#.to_owned());
        assert_eq!(due(&bench)[0], revocation);
        if gives_up {
            beat(&mut bench, running(heartbeat("m", epoch), &[0]));
        }
        bench.advance(Duration::from_secs(1));
        assert_eq!(members(&bench), 1 + usize::from(gives_up));
        assert!(!due(&bench).contains(&revocation));
    }
}

#[test]
fn an_assignment_that_waits_is_a_deadline() {
    let settings = [
        ("group.streams.initial.rebalance.delay.ms", "0"),
        ("group.streams.assignment.interval.ms", "5000"),
    ];
    let mut bench = bench(&settings);
    join(&mut bench, "m");
    bench.advance(Duration::from_secs(1));
    join(&mut bench, "n");
    let delay = (5, r#"assignment delay of group "g""#.to_owned());
    assert_eq!(due(&bench)[0], delay);
    bench.advance(Duration::from_secs(4));
    assert_eq!(tasks(&bench).len(), 2);
    assert!(!due(&bench).contains(&delay));
    stay(&mut bench, "n", 2);
    let shown = tasks(&bench);
    assert!(
        shown.contains(&"0_1 active awaited n".to_owned()),
        "{shown:?}"
    );
}

#[test]
fn tests_rebalance_it_and_send_members_away() {
    let settings = [
        ("group.streams.initial.rebalance.delay.ms", "0"),
        ("group.streams.assignment.interval.ms", "0"),
    ];
    let mut bench = bench(&settings);
    let epoch = join(&mut bench, "m");
    let group = "g".to_owned();
    bench
        .command(Command::RebalanceGroup {
            group: group.clone(),
        })
        .unwrap();
    let answer = beat(&mut bench, heartbeat("m", epoch));
    assert_eq!(answer.member_epoch, epoch + 1);
    let member = "m".to_owned();
    bench
        .command(Command::EvictMember { group, member })
        .unwrap();
    assert_eq!(beat(&mut bench, heartbeat("m", epoch + 1)).error_code, 25);
}

/// What the journal says of assignments, as people read it.
fn assigned(bench: &Bench, change: impl FnOnce(&mut Filter)) -> Vec<String> {
    let mut filter = Filter {
        kind: Some("tasks_assigned".to_owned()),
        ..Filter::default()
    };
    change(&mut filter);
    let rows = bench.engine.passage.journal.rows();
    let meant = rows.filter(|row| filter.matches(row));
    meant.map(|row| row.event.to_string()).collect()
}

#[test]
fn the_journal_tells_who_was_assigned_which_tasks_and_why() {
    let settings = [
        ("group.streams.initial.rebalance.delay.ms", "0"),
        ("group.streams.assignment.interval.ms", "0"),
        ("group.streams.num.standby.replicas", "1"),
    ];
    let mut bench = bench(&settings);
    let mut epoch = join(&mut bench, "m");
    let all = |bench: &Bench| assigned(bench, |_| {});
    let first = "streams group g assigns m active 0_0 0_1, epoch 2: member m joined";
    assert_eq!(all(&bench), [first]);
    // What is not another assignment is no row.
    epoch = stay(&mut bench, "m", epoch);
    let group = "g".to_owned();
    let wanted = Command::RebalanceGroup { group };
    bench.command(wanted).unwrap();
    epoch = stay(&mut bench, "m", epoch);
    assert_eq!(all(&bench), [first]);
    join(&mut bench, "n");
    let of_m = "streams group g assigns m active 0_0, standby 0_1, epoch 4: member n joined";
    let of_n = "streams group g assigns n active 0_1, standby 0_0, epoch 4: member n joined";
    assert_eq!(all(&bench), [first, of_m, of_n]);
    assert_eq!(
        assigned(&bench, |filter| filter.member = Some("n".to_owned())),
        [of_n]
    );
    let reads = |index| {
        move |filter: &mut Filter| {
            filter.topic = Some("t".to_owned());
            filter.partition = Some(index);
        }
    };
    assert_eq!(assigned(&bench, reads(0)), [first, of_m]);
    assert_eq!(assigned(&bench, reads(1)), [first, of_n]);
    let leaves = heartbeat("n", -1);
    assert_eq!(beat(&mut bench, leaves).error_code, 0);
    stay(&mut bench, "m", epoch);
    let back = "streams group g assigns m active 0_0 0_1, epoch 5: member n is gone";
    assert_eq!(all(&bench), [first, of_m, of_n, back]);
}

#[test]
fn the_reason_of_an_assignment_is_what_raised_the_epoch() {
    let mut bench = bench(&[("group.streams.assignment.interval.ms", "5000")]);
    let mut epoch = join(&mut bench, "m");
    epoch = stay(&mut bench, "m", epoch);
    bench.advance(Duration::from_secs(3));
    let first = "streams group g assigns m active 0_0 0_1, epoch 2: member m joined";
    assert_eq!(assigned(&bench, |_| {}), [first]);
    let name = Some(str_bytes("t").into());
    let gone = DeleteTopicsRequest::default()
        .with_timeout_ms(1000)
        .with_topics(vec![DeleteTopicState::default().with_name(name)]);
    bench.ask(6, gone);
    epoch = stay(&mut bench, "m", epoch);
    assert_eq!(assigned(&bench, |_| {}), [first]);
    bench.advance(Duration::from_secs(5));
    epoch = stay(&mut bench, "m", epoch);
    let lost =
        "streams group g assigns m nothing, epoch 3: topics that the topology needs are missing";
    assert_eq!(assigned(&bench, |_| {}), [first, lost]);
    // It gives up what it has, or it would be sent away.
    let runs_nothing = running(heartbeat("m", epoch), &[]);
    epoch = beat(&mut bench, runs_nothing).member_epoch;
    bench.topic("t", 2);
    bench.advance(Duration::from_secs(5));
    stay(&mut bench, "m", epoch);
    let again = "streams group g assigns m active 0_0 0_1, epoch 4: all topics that the topology needs are there";
    assert_eq!(assigned(&bench, |_| {}), [first, lost, again]);
}
