//! The share coordinator is not ready: whoever asks it asks again, and whoever asks them waits.

use super::*;
use crate::engine::share::partition::RecordState;
use crate::engine::time::Now;

/// Locks outlast all attempts.
const LONG: [(&str, &str); 1] = [("group.share.record.lock.duration.ms", "60000")];

/// Locks end while somebody tries again.
const SHORT: [(&str, &str); 1] = [("group.share.record.lock.duration.ms", "15000")];

const NOT_THERE: Result<(), ErrorCode> = Err(ErrorCode::CoordinatorNotAvailable);

impl World {
    fn tell_coordinator(&mut self, act: CoordinatorCommand) {
        let (topic, key) = (StateTopic::Shares, self.key().text());
        let told = Command::Coordinator { topic, key, act };
        self.bench.command(told).unwrap();
    }

    /// Has the share coordinator load, until it is told otherwise.
    fn hold(&mut self) {
        self.tell_coordinator(CoordinatorCommand::Load(None));
    }

    fn release(&mut self) {
        self.tell_coordinator(CoordinatorCommand::Loaded);
    }

    /// Sends an acknowledgement that waits.
    fn begin_to_say(&mut self, offsets: (i64, i64), kind: i8) {
        let request = self.acknowledgement(offsets, kind);
        let from = (CLIENT, self.leader());
        let effects = self.bench.send_to(from, "client", 2, request);
        assert!(effects.0.is_empty(), "{effects:?}");
    }

    fn attempts(&self) -> Vec<(Duration, String)> {
        let due = self.bench.engine.deadlines();
        let again = due.filter(|due| due.what.contains("another attempt"));
        again.map(|due| (due.at, due.what)).collect()
    }

    /// Which records were written down as accepted.
    fn accepted(&self) -> Vec<(i64, i64)> {
        let states = &self.bench.engine.state.shares.states;
        let kept = states.get(&self.key());
        let batches = kept.into_iter().flat_map(|kept| &kept.batches);
        let accepted = batches.filter(|batch| batch.state == RecordState::Acknowledged.id());
        accepted.map(|batch| (batch.first, batch.last)).collect()
    }
}

fn since(before: Now, world: &World) -> u64 {
    world
        .bench
        .now
        .elapsed
        .saturating_sub(before.elapsed)
        .as_secs()
}

#[test]
fn an_acknowledgement_that_nobody_can_write_down_fails_after_five_attempts() {
    let mut world = World::half_way_with(3, &LONG);
    world.hold();
    let begun = world.bench.now;
    world.begin_to_say((2, 2), ACCEPT);
    for (least, most) in [(1600, 2400), (3200, 4800), (6400, 9600), (12_800, 19_200)] {
        let (at, what) = world.attempts().pop().unwrap();
        assert_eq!(
            what,
            r#"writing the state of group "g" in t-0, another attempt"#
        );
        let wait = at.saturating_sub(world.bench.now.elapsed);
        let expected = Duration::from_millis(least)..=Duration::from_millis(most);
        assert!(expected.contains(&wait), "{wait:?}");
        if most < 19_200 {
            world.bench.advance(wait);
        }
    }
    let answer = world.next_reply();
    assert_eq!(world.hear(answer), NOT_THERE);
    assert!((24..=36).contains(&since(begun, &world)));
    assert!(world.attempts().is_empty());
    // It is the member's as before.
    world.release();
    assert_eq!(world.say((2, 2), ACCEPT), Ok(()));
}

#[test]
fn what_is_acknowledged_counts_once_it_is_written_down() {
    let mut world = World::half_way_with(3, &LONG);
    assert_eq!(world.fetch().unwrap(), ["1-1 x2"]);
    world.hold();
    world.begin_to_say((1, 2), ACCEPT);
    assert_eq!(world.accepted(), []);
    world.bench.advance(Duration::from_secs(3));
    assert_eq!(world.attempts().len(), 1);
    world.release();
    let answer = world.next_reply();
    assert_eq!(world.hear(answer), Ok(()));
    assert_eq!(world.accepted(), [(1, 1), (2, 2)]);
}

#[test]
fn a_lock_that_ends_meanwhile_is_at_an_end() {
    let mut world = World::half_way_with(3, &SHORT);
    world.hold();
    let begun = world.bench.now;
    world.begin_to_say((2, 2), ACCEPT);
    let answer = world.next_reply();
    assert_eq!(world.hear(answer), NOT_THERE);
    assert!((24..=36).contains(&since(begun, &world)));
    world.release();
    assert_eq!(
        world.say((2, 2), ACCEPT),
        Err(ErrorCode::InvalidRecordState)
    );
    assert_eq!(world.fetch().unwrap(), ["1-3 x2"]);
}

#[test]
fn what_a_client_said_is_written_down_though_it_is_gone() {
    let mut world = World::half_way_on(1);
    assert_eq!(world.fetch().unwrap(), ["1-1 x2"]);
    world.hold();
    world.begin_to_say((1, 2), ACCEPT);
    let why = "the client closed it".to_owned();
    world.bench.handle(Input::Closed {
        connection: CLIENT,
        why,
    });
    world.release();
    world.bench.advance(Duration::from_secs(5));
    assert_eq!(world.accepted(), [(1, 1), (2, 2)]);
    assert!(world.attempts().is_empty());
}

#[test]
fn a_share_partition_begins_once_its_state_is_read() {
    let mut world = World::half_way();
    world.hold();
    let first = world.leader();
    world.bench.turn_node(first, false);
    // Who asks gets nothing of it, and no error.
    assert_eq!(world.fetch_again(), Ok(Vec::new()));
    assert_eq!(world.fetch(), Ok(Vec::new()));
    let waiting = world.attempts();
    assert_eq!(
        waiting[0].1,
        r#"reading the state of group "g" in t-0, another attempt"#
    );
    assert_eq!(waiting.len(), 1);
    world.release();
    let answer = world.fetched_within(30_000);
    assert_eq!(world.acquired(&answer).unwrap(), LEFT);
}

#[test]
fn who_has_a_share_partition_begin_hears_if_it_does_not() {
    let mut world = World::half_way();
    world.hold();
    let first = world.leader();
    world.bench.turn_node(first, false);
    world.epoch = 0;
    let begun = world.bench.now;
    let answer = world.fetched_within(45_000);
    assert_eq!(since(begun, &world), 45);
    let refused = Err(ErrorCode::CoordinatorNotAvailable);
    assert_eq!(world.acquired(&answer), refused);
}

#[test]
fn a_subscription_waits_for_the_state_of_its_topics() {
    let one = [("share.coordinator.state.topic.num.partitions", "1")];
    let mut world = World::half_way_with(1, &one);
    world.bench.topic("u", 1);
    world.hold();
    let states = |world: &World| {
        let group = world.bench.engine.state.groups.share(GROUP).unwrap();
        let states = group.states.clone().unwrap();
        (states.initializing.len(), states.initialized.len())
    };
    let topics = Some(vec![str_bytes("t").into(), str_bytes("u").into()]);
    let beat = |world: &mut World, topics| {
        let beat = ShareGroupHeartbeatRequest::default()
            .with_group_id(str_bytes(GROUP).into())
            .with_member_id(str_bytes(MEMBER))
            .with_member_epoch(world.bench.engine.state.groups.share(GROUP).unwrap().epoch)
            .with_subscribed_topic_names(topics);
        let node = world.leader();
        world.ask(node, 1, beat)
    };
    beat(&mut world, topics);
    assert_eq!(states(&world), (1, 1));
    // It is given up after half a minute, and begun again with a heartbeat.
    world.bench.advance(Duration::from_secs(37));
    assert_eq!(states(&world), (0, 1));
    world.release();
    let topics = Some(vec![str_bytes("t").into(), str_bytes("u").into()]);
    world.beat(0).unwrap();
    beat(&mut world, topics);
    assert_eq!(states(&world), (0, 2));
}

#[test]
fn a_reset_turns_away_who_waits_for_the_share_coordinator() {
    let mut world = World::half_way_on(1);
    world.hold();
    world.begin_to_say((2, 2), ACCEPT);
    let only = Some(vec![Kind::Groups]);
    let (done, effects) = world.bench.tell(Command::Reset { only });
    done.unwrap();
    let closes = effects
        .0
        .iter()
        .filter(|effect| matches!(effect, Effect::Close { .. }));
    assert_eq!(closes.count(), 1);
    assert!(world.attempts().is_empty());
}

#[test]
fn what_a_stopped_node_was_about_to_ask_goes_with_it() {
    let mut world = World::half_way_with(3, &LONG);
    world.hold();
    world.begin_to_say((2, 2), ACCEPT);
    let first = world.leader();
    world.bench.turn_node(first, false);
    assert!(world.attempts().is_empty());
    world.bench.turn_node(first, true);
    world.release();
    assert_eq!(world.fetch_again().unwrap(), LEFT);
}
