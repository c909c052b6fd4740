//! Records that are given up, and their topic's node away.

use super::*;
use crate::engine::cluster::configs::Overrides;
use crate::engine::share::partition::{InFlight, RecordState};

const REJECT: i8 = 3;
const TOPIC: &str = "dlq.d";

fn settings(pairs: &[(&str, &str)]) -> Overrides {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The group's dead-letter topic is on a node that leads nothing else of it; that node.
fn world() -> (World, NodeId) {
    let mut world = World::half_way();
    let leader = world.leader();
    let other = (0..3).map(NodeId).find(|node| *node != leader).unwrap();
    let now = world.bench.now;
    let state = &mut world.bench.engine.state;
    let enabled = settings(&[("errors.deadletterqueue.group.enable", "true")]);
    state.create_topic(now, TOPIC, vec![vec![other]], enabled, false);
    let topic = settings(&[("errors.deadletterqueue.topic.name", TOPIC)]);
    state.configs.set_group(GROUP, topic);
    (world, other)
}

fn state_of(world: &World, offset: i64) -> RecordState {
    let partition = &world.bench.engine.state.shares.partitions[&world.key()];
    let mut in_flight = partition.in_flight().flat_map(InFlight::runs);
    let (_, delivery) = in_flight
        .find(|((first, last), _)| (*first..=*last).contains(&offset))
        .unwrap();
    delivery.state
}

fn buried(world: &World) -> usize {
    world.bench.batches(TOPIC, 0).len()
}

#[test]
fn they_wait_until_their_topic_has_a_leader() {
    let (mut world, node) = world();
    world.bench.turn_node(node, false);
    assert_eq!(world.say((3, 3), REJECT), Ok(()));
    assert_eq!(state_of(&world, 3), RecordState::Archiving);
    let due: Vec<_> = world.bench.engine.deadlines().collect();
    let again = due.iter().find(|due| due.what.contains("another attempt"));
    let what = r#"dead letters of group "g" from t-0, another attempt"#;
    assert_eq!(again.unwrap().what, what);
    world.bench.advance(Duration::from_secs(5));
    assert_eq!(
        (state_of(&world, 3), buried(&world)),
        (RecordState::Archiving, 0)
    );
    world.bench.turn_node(node, true);
    world.bench.advance(Duration::from_secs(15));
    assert_eq!(
        (state_of(&world, 3), buried(&world)),
        (RecordState::Archived, 1)
    );
}

#[test]
fn they_are_given_up_if_it_never_has_one() {
    let (mut world, node) = world();
    world.bench.turn_node(node, false);
    assert_eq!(world.say((3, 3), REJECT), Ok(()));
    world.bench.advance(Duration::from_secs(20));
    assert_eq!(state_of(&world, 3), RecordState::Archiving);
    // Two, four, eight and sixteen seconds, and a fifth more at most.
    world.bench.advance(Duration::from_secs(17));
    assert_eq!(
        (state_of(&world, 3), buried(&world)),
        (RecordState::Archived, 0)
    );
}

#[test]
fn there_are_none_before_their_feature() {
    let (mut world, _) = world();
    world.bench.engine.state.features.set("share.version", 1);
    assert_eq!(world.say((3, 3), REJECT), Ok(()));
    assert_eq!(
        (state_of(&world, 3), buried(&world)),
        (RecordState::Archived, 0)
    );
}
