//! What is written down of share groups is tidied from time to time.

use super::*;
use crate::wire::records::Record;
use crate::wire::state_records::{ShareSnapshotValue, ShareStateKey};

/// The first snapshots come sooner than the next.
const OFTEN: [(&str, &str); 2] = [
    (
        "share.coordinator.cold.partition.snapshot.interval.ms",
        "60000",
    ),
    ("share.coordinator.state.topic.prune.interval.ms", "50000"),
];

const MINUTE: Duration = Duration::from_secs(60);

impl World {
    fn state_partition(&self) -> i32 {
        let (cluster, key) = (&self.bench.engine.state.cluster, self.key().text());
        state_topic::partition_of(cluster, StateTopic::Shares, &key).unwrap()
    }

    /// Where the partition of the state topic begins and ends.
    fn extent(&self) -> (i64, i64) {
        let name = StateTopic::Shares.name();
        let topic = self.bench.engine.state.cluster.topic(name).unwrap();
        let log = &topic.partition(self.state_partition()).unwrap().log;
        (log.start().0, log.end().0)
    }

    /// The last record, if it is a snapshot.
    fn last_snapshot(&self) -> Option<ShareSnapshotValue> {
        let name = StateTopic::Shares.name();
        let batches = self.bench.batches(name, self.state_partition());
        let unfolded = batches.last().unwrap().unfold().unwrap();
        let Record { key, value, .. } = unfolded.iter().last().unwrap().unwrap();
        match ShareStateKey::read(key.unwrap()).unwrap() {
            Some(ShareStateKey::Snapshot { .. }) => {
                Some(ShareSnapshotValue::read(value.unwrap()).unwrap())
            }
            Some(ShareStateKey::Update { .. }) | None => None,
        }
    }

    fn known(&self) -> kept::KeptState {
        let states = &self.bench.engine.state.shares.states;
        states.get(&self.key()).unwrap().clone()
    }
}

#[test]
fn a_state_that_does_not_change_is_written_once_more_and_what_was_before_goes() {
    let mut world = World::half_way_with(3, &OFTEN);
    // No lock ends meanwhile.
    assert_eq!(world.say((2, 3), ACCEPT), Ok(()));
    let (start, end) = world.extent();
    assert_eq!((start, world.last_snapshot()), (0, None));
    let before = world.known();
    world.bench.advance(MINUTE);
    assert_eq!(world.extent(), (0, end + 1));
    let snapshot = world.last_snapshot().unwrap();
    assert_eq!(snapshot.snapshot_epoch, before.snapshot_epoch + 1);
    assert_eq!(snapshot.create_timestamp, before.created_at);
    assert_eq!(snapshot.write_timestamp, world.bench.now.wall);
    assert_eq!(snapshot.start_offset, before.start);
    assert_eq!(snapshot.state_batches.len(), before.batches.len());
    // The next time something is pruned.
    world.bench.advance(MINUTE);
    assert_eq!(world.extent(), (end, end + 1));
    // It is not written a third time, and nothing more goes.
    world.bench.advance(MINUTE * 5);
    assert_eq!(world.extent(), (end, end + 1));
    // Another coordinator knows the same.
    let known = world.known();
    let (topic, key) = (StateTopic::Shares, world.key().text());
    for node in [NodeId(1), NodeId(2)] {
        let (key, act) = (key.clone(), CoordinatorCommand::Move(node));
        let told = Command::Coordinator { topic, key, act };
        world.bench.command(told).unwrap();
    }
    assert_eq!(world.known(), known);
}

#[test]
fn nothing_is_tidied_while_the_coordinator_loads() {
    let mut world = World::half_way_with(1, &OFTEN);
    assert_eq!(world.say((2, 3), ACCEPT), Ok(()));
    let extent = world.extent();
    let (topic, key) = (StateTopic::Shares, world.key().text());
    let tell = |world: &mut World, act| {
        let key = key.clone();
        let told = Command::Coordinator { topic, key, act };
        world.bench.command(told).unwrap();
    };
    tell(&mut world, CoordinatorCommand::Load(None));
    world.bench.advance(MINUTE * 3);
    assert_eq!(world.extent(), extent);
    tell(&mut world, CoordinatorCommand::Loaded);
    world.bench.advance(MINUTE * 2);
    assert_eq!(world.extent(), (extent.1, extent.1 + 1));
}

#[test]
fn tidying_is_a_deadline_that_recurs() {
    let world = World::half_way_on(1);
    let due = world.bench.engine.deadlines();
    let share: Vec<_> = due
        .filter(|due| due.what.contains("share states"))
        .collect();
    let said: Vec<_> = share.iter().map(|due| (&*due.what, due.recurs)).collect();
    assert_eq!(
        said,
        [
            ("pruning of share states", true),
            ("snapshots of share states", true)
        ]
    );
}
