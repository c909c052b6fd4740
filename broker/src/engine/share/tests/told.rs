//! What tests are told of share groups: views, rows of the journal, counts and deadlines; and that records are not
//! copied.

use super::*;
use crate::engine::inspect::{GroupView, ShareRecordsView};
use crate::engine::journal::{Event, Filter, SharePlace};
use crate::wire::frame::{self, Outgoing};
use crate::wire::rope::RopeMut;

impl World {
    fn view(&self) -> GroupView {
        let bench = &self.bench;
        bench.engine.state.group_view(bench.now, GROUP).unwrap()
    }

    /// Rows of the journal that are meant, as people read them.
    fn rows(&self, change: impl FnOnce(&mut Filter)) -> Vec<String> {
        let mut filter = Filter::default();
        change(&mut filter);
        let rows = self.bench.engine.passage.journal.rows();
        let meant = rows.filter(|row| filter.matches(row));
        meant.map(|row| row.event.to_string()).collect()
    }
}

fn shown(run: &ShareRecordsView) -> String {
    let owner = run.member.as_deref().unwrap_or("nobody");
    let ShareRecordsView {
        first_offset,
        last_offset,
        state,
        deliveries,
        lock_left_ms,
        ..
    } = run;
    format!("{first_offset}-{last_offset} {state} x{deliveries} {owner} {lock_left_ms:?}")
}

#[test]
fn a_group_shows_who_has_what() {
    let mut world = World::half_way();
    let leader = world.leader();
    world.bench.advance(Duration::from_secs(12));
    let view = world.view();
    let share = &view.share_partitions[0];
    assert_eq!(
        (share.leader, share.start_offset),
        (Some(leader.0), Some(1))
    );
    assert!(share.coordinator.is_some());
    assert_eq!(share.lag, Some(3));
    let runs: Vec<_> = view.share_records.iter().map(shown).collect();
    let expected = [
        "1-1 available x1 nobody None",
        "2-3 acquired x1 m Some(18000)",
    ];
    assert_eq!(runs, expected);
    // Without a leader that serves it, it is as it is written down.
    world.bench.turn_node(leader, false);
    let view = world.view();
    let share = &view.share_partitions[0];
    let place = (share.leader, share.start_offset, share.lag);
    assert_eq!(place, (None, Some(1), Some(3)));
    let runs: Vec<_> = view.share_records.iter().map(shown).collect();
    assert_eq!(runs, ["1-1 available x1 nobody None"]);
}

#[test]
fn the_journal_tells_of_locks_limits_and_assignments() {
    let mut world = World::half_way_on(1);
    world.bench.advance(LOCK);
    let kind = |kind: &str| Some(kind.to_owned());
    let ended = world.rows(|filter| filter.kind = kind("acquisition_expired"));
    let expected = "locks of m in share group g on t-0 ended: offsets 2 to 3, delivery 1";
    assert_eq!(
        ended,
        [
            expected.replace("2 to 3", "2 to 2"),
            expected.replace("2 to 3", "3 to 3")
        ]
    );
    let of_member = |member: &str| {
        world.rows(|filter| {
            filter.kind = kind("acquisition_expired");
            filter.member = Some(member.to_owned());
            filter.partition = Some(0);
        })
    };
    assert_eq!((of_member("m").len(), of_member("n").len()), (2, 0));
    let assigned = world.rows(|filter| {
        filter.kind = kind("assigned");
        filter.topic = Some("t".to_owned());
        filter.member = Some(MEMBER.to_owned());
    });
    let why = "share group g assigns m t[0], epoch 3: share partitions have begun, or are gone";
    assert_eq!(assigned, [why]);
    assert!(
        world
            .rows(|filter| filter.kind = kind("deliveries_exhausted"))
            .is_empty()
    );
    // The last deliveries are of fewer records at a time.
    for _ in 0..8 {
        world.fetch().unwrap();
        world.bench.advance(LOCK);
    }
    let given_up = world.rows(|filter| filter.kind = kind("deliveries_exhausted"));
    let offset = |row: &String| row.contains("gives up t-0") && row.ends_with("after 5 deliveries");
    assert!(given_up.iter().all(offset), "{given_up:?}");
    assert_eq!(given_up.len(), 3, "{given_up:#?}");
    let all = world.bench.engine.passage.journal.rows();
    assert!(
        all.into_iter()
            .all(|row| Event::KINDS.contains(&row.event.kind()))
    );
}

#[test]
fn what_becomes_of_records_is_counted() {
    let mut world = World::half_way_on(1);
    assert_eq!(world.fetch().unwrap(), ["1-1 x2"]);
    world.bench.advance(LOCK);
    let place = SharePlace {
        group: GROUP.into(),
        topic: "t".to_owned(),
        partition: 0,
    };
    let counts = world.bench.engine.passage.journal.counts();
    let counted = counts.shares[&place];
    let numbers = [
        counted.deliveries,
        counted.redeliveries,
        counted.expired,
        counted.exhausted,
    ];
    assert_eq!(numbers, [5, 1, 3, 0]);
    let said: Vec<_> = counted
        .acknowledged()
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(said, [("accept", 1), ("release", 1)]);
}

#[test]
fn an_assignment_that_waits_is_a_deadline() {
    let mut bench = Bench::new(&[("group.share.assignment.interval.ms", "5000")]);
    bench.topic("t", 1);
    bench.find_coordinator(GROUP);
    let beat = |bench: &mut Bench, epoch: i32| {
        let topics = (epoch == 0).then(|| vec![str_bytes("t").into()]);
        let beat = ShareGroupHeartbeatRequest::default()
            .with_group_id(str_bytes(GROUP).into())
            .with_member_id(str_bytes(MEMBER))
            .with_member_epoch(epoch)
            .with_subscribed_topic_names(topics);
        let Response::ShareGroupHeartbeat(answer) = bench.ask(1, beat) else {
            panic!("another answer");
        };
        answer
    };
    let due = |bench: &Bench| {
        let all = bench.engine.deadlines();
        let mut delays = all.filter(|due| due.what == r#"assignment delay of group "g""#);
        delays.next().map(|due| due.at)
    };
    let first = beat(&mut bench, 0);
    let second = beat(&mut bench, first.member_epoch);
    assert!(second.assignment.is_none(), "{second:?}");
    let wait = Duration::from_secs(5);
    assert_eq!(due(&bench), Some(wait));
    bench.advance(wait);
    assert_eq!(due(&bench), None);
    let third = beat(&mut bench, second.member_epoch);
    let partitions = third.assignment.unwrap().topic_partitions;
    assert_eq!(partitions[0].partitions, [0]);
}

#[test]
fn records_are_not_copied() {
    let mut world = World::new(1);
    let value = "v".repeat(10_000);
    (0..3).for_each(|_| world.bench.append("t", 0, &value));
    let response = world.fetched();
    let mut answer = RopeMut::default();
    frame::encode((78, 2), 7, Outgoing::Response(response.into()), &mut answer).unwrap();
    let slices = answer.slices();
    let sent: Vec<_> = slices.iter().map(|slice| slice.as_ptr_range()).collect();
    for batch in world.bench.batches("t", 0) {
        let place = batch.records().as_ptr_range();
        assert!(sent.contains(&place), "a batch was copied");
    }
    assert!(answer.len() > 30_000);
    assert!(
        answer.capacity() < 3_000,
        "{} bytes of its own",
        answer.capacity()
    );
}
