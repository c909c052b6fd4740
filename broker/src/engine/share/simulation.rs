//! Share groups under random consumers, from a seed: they fetch, acknowledge, hang, crash and return, while time
//! passes, nodes stop, coordinators move or load, answers are lost, and the cluster goes back to a snapshot. What clients
//! are told is compared with a model of what may be.
//!
//! `SHARE_SEEDS=1000 cargo test -p fauxka --lib share::simulation` runs more seeds than usual.

mod consumer;
mod model;

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;

use super::SharePartitionKey;
use crate::engine::commands::{Command, CoordinatorCommand};
use crate::engine::context::{ConnectionId, Effect};
use crate::engine::group::coordinator;
use crate::engine::input::Input;
use crate::engine::rng::Rng;
use crate::engine::snapshot::Snapshot;
use crate::engine::state_topic::StateTopic;
use crate::engine::testing::{Bench, Tape, produce};
use crate::wire::apis::{Request, Response};
use crate::wire::compression::Codec;
use crate::wire::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use crate::wire::messages::{IncrementalAlterConfigsRequest, str_bytes};
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::NodeId;
use consumer::{Asked, Consumer};
use model::{Model, Place};

const TOPIC: &str = "orders";
const PARTITIONS: i32 = 3;
const NODES: i32 = 3;
/// The type of groups among the resources that have settings.
const GROUP_RESOURCE: i8 = 32;
const GROUPS: [&str; 2] = ["g", "h"];
const CONSUMERS_OF_A_GROUP: usize = 4;
const STEPS: usize = 250;
/// Longer than every lock and session.
const FOREVER: Duration = Duration::from_secs(120);

/// A cluster and everyone who uses it.
struct World {
    bench: Bench,
    rng: Rng,
    topic: Uuid,
    consumers: Vec<Consumer>,
    /// Whose answer comes on a connection, and what it was asked.
    by_connection: BTreeMap<ConnectionId, (usize, NodeId)>,
    connections: u64,
    model: Model,
    /// What the cluster was, and what was known of it then.
    snapshot: Option<(Snapshot, Model)>,
    deliveries: usize,
    /// No answer is lost any more.
    is_calm: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let settings = [
            ("group.share.min.assignment.interval.ms", "0"),
            ("group.share.assignment.interval.ms", "0"),
            ("offsets.topic.num.partitions", "2"),
            ("share.coordinator.state.topic.num.partitions", "3"),
            // So that snapshots of states come among their updates.
            (
                "share.coordinator.snapshot.update.records.per.snapshot",
                "5",
            ),
        ];
        let mut bench = Bench::of_nodes(usize::try_from(NODES).unwrap(), &settings);
        bench.topic(TOPIC, usize::try_from(PARTITIONS).unwrap());
        let topic = bench.engine.state.cluster.topic(TOPIC).unwrap().id;
        let mut consumers = Vec::new();
        for group in GROUPS {
            bench.find_coordinator(group);
            bench.ask(0, from_the_start(group));
            for place in 0..CONSUMERS_OF_A_GROUP {
                consumers.push(Consumer::new(group, place));
            }
        }
        Self {
            bench,
            rng: Rng::new(seed),
            topic,
            consumers,
            by_connection: BTreeMap::new(),
            connections: 0,
            model: Model::default(),
            snapshot: None,
            deliveries: 0,
            is_calm: false,
        }
    }

    fn millis(&mut self, below: usize) -> Duration {
        Duration::from_millis(u64::try_from(self.rng.below(below)).unwrap())
    }

    fn node(&mut self) -> NodeId {
        NodeId(i32::try_from(self.rng.below(3)).unwrap())
    }

    fn step(&mut self) {
        match self.rng.below(60) {
            0..=5 => self.produce(),
            6..=11 => {
                let by = self.millis(4000);
                self.pass(by);
            }
            12 => {
                let by = self.millis(45_000);
                self.pass(by);
            }
            13 => self.turn_node(),
            14 | 15 => self.disturb_coordinator(),
            16 if self.rng.below(6) == 0 => self.keep(),
            16 if self.rng.below(4) == 0 => self.go_back(),
            _ => self.act(),
        }
    }

    /// Some records in one batch.
    fn produce(&mut self) {
        let partition = i32::try_from(self.rng.below(3)).unwrap();
        let mut builder = BatchBuilder::default();
        for delta in 0..1 + i32::try_from(self.rng.below(5)).unwrap() {
            let record = NewRecord::new(None, Some(b"v"));
            builder.append(delta, self.bench.now.wall, &record);
        }
        let batch = builder.build(Codec::None).unwrap().to_bytes();
        let Some(leader) = self.leader(partition) else {
            return;
        };
        let to = (ConnectionId(u64::MAX), leader);
        let effects = self
            .bench
            .send_to(to, "producer", 9, produce(TOPIC, partition, batch));
        self.take(effects.0);
    }

    fn leader(&self, partition: i32) -> Option<NodeId> {
        let topic = self.bench.engine.state.cluster.topic(TOPIC)?;
        topic.partition(partition)?.leader
    }

    fn pass(&mut self, by: Duration) {
        let end = self.bench.now.plus(by);
        while let Some(effects) = self.bench.next_until(end) {
            self.take(effects);
        }
        self.follow();
    }

    fn turn_node(&mut self) {
        let node = self.node();
        let is_up = self.bench.engine.state.cluster.is_up(node);
        let others = (0..NODES).filter(|other| {
            *other != node.0 && self.bench.engine.state.cluster.is_up(NodeId(*other))
        });
        if is_up && others.count() == 0 {
            return;
        }
        if is_up {
            // Its clients hear nothing more of it.
            let there = self.by_connection.iter().filter(|(_, (_, at))| *at == node);
            let there: Vec<_> = there.map(|(connection, _)| *connection).collect();
            there
                .into_iter()
                .for_each(|connection| self.close(connection));
        }
        let effects = self.bench.turn_node(node, !is_up);
        self.take(effects.0);
    }

    fn key(&self, group: &'static str, partition: i32) -> SharePartitionKey {
        SharePartitionKey {
            group: group.into(),
            topic: self.topic,
            partition,
        }
    }

    fn disturb_coordinator(&mut self) {
        let group = GROUPS[self.rng.below(2)];
        let (topic, key) = if self.rng.below(3) == 0 {
            (StateTopic::Groups, group.to_owned())
        } else {
            let partition = i32::try_from(self.rng.below(3)).unwrap();
            (StateTopic::Shares, self.key(group, partition).text())
        };
        let wait = self.millis(3000);
        let acts = match self.rng.below(3) {
            0 => vec![CoordinatorCommand::Load(Some(wait))],
            1 => vec![CoordinatorCommand::Load(None), CoordinatorCommand::Loaded],
            _ => vec![CoordinatorCommand::Move(self.node())],
        };
        for act in acts {
            let key = key.clone();
            // A node that stands still cannot be it, and nobody may have looked for it yet.
            let (_, effects) = self.bench.tell(Command::Coordinator { topic, key, act });
            self.take(effects.0);
        }
    }

    fn keep(&mut self) {
        let snapshot = self.bench.engine.state.snapshot(self.bench.now);
        self.snapshot = Some((snapshot, self.model.clone()));
    }

    /// The cluster is what it was; everyone hears of it.
    fn go_back(&mut self) {
        let Some((snapshot, model)) = self.snapshot.take() else {
            return;
        };
        self.model = model;
        self.model.start_over();
        let (done, effects) = self.bench.tell(Command::Restore { snapshot });
        done.unwrap();
        self.take(effects.0);
    }

    /// A consumer does something.
    fn act(&mut self) {
        let who = self.rng.below(self.consumers.len());
        match self.rng.below(20) {
            0 => self.crash(who),
            1..=6 => self.beat(who),
            _ => {
                let node = self.node();
                if self.bench.engine.state.cluster.is_up(node) {
                    let led = (0..PARTITIONS).filter(|index| self.leader(*index) == Some(node));
                    let led: Vec<i32> = led.collect();
                    let asked = self.consumers[who].ask(&mut self.rng, (node, self.topic), &led);
                    if let Some((asked, version, request)) = asked {
                        self.send(who, node, asked, (version, request));
                    }
                }
            }
        }
    }

    fn beat(&mut self, who: usize) {
        let group = self.consumers[who].group;
        let node = coordinator::leader(&self.bench.engine.state.cluster, group);
        if let Some(node) = node {
            let request = self.consumers[who].beat(&mut self.rng);
            self.send(who, node, Asked::Beat, (1, request));
        }
    }

    fn send(&mut self, who: usize, node: NodeId, asked: Asked, (version, request): (i16, Request)) {
        let connection = match self.consumers[who].connection(node) {
            Some(connection) => connection,
            None => {
                self.connections += 1;
                let connection = ConnectionId(self.connections);
                self.by_connection.insert(connection, (who, node));
                self.bench.node = node;
                self.bench.open(connection, "/127.0.0.1");
                self.consumers[who].connected(node, connection);
                connection
            }
        };
        if !self.consumers[who].waits(node, &asked) {
            return;
        }
        self.model
            .asked(self.bench.now, &self.consumers[who], &asked);
        let client = self.consumers[who].name.clone();
        let effects = self
            .bench
            .send_to((connection, node), &client, version, request);
        self.consumers[who].asked(node, asked);
        self.take(effects.0);
    }

    /// A consumer is gone without a word.
    fn crash(&mut self, who: usize) {
        let connections = self.consumers[who].connections();
        connections
            .into_iter()
            .for_each(|connection| self.close(connection));
        self.consumers[who].forget(self.rng.below(2) == 0);
    }

    fn close(&mut self, connection: ConnectionId) {
        let Some((who, node)) = self.by_connection.remove(&connection) else {
            return;
        };
        self.consumers[who].disconnected(node);
        self.model.gone(&self.consumers[who], node);
        let why = "the client left".to_owned();
        let effects = self.bench.handle(Input::Closed { connection, why });
        self.take(effects.0);
    }

    /// Brings answers to their consumers. Some are lost on the way.
    fn take(&mut self, effects: Vec<Effect>) {
        self.follow();
        for effect in effects {
            let (connection, response) = match effect {
                Effect::Reply {
                    connection,
                    response,
                } => (connection, response),
                Effect::Close { connection, .. } => {
                    if let Some((who, node)) = self.by_connection.remove(&connection) {
                        self.consumers[who].disconnected(node);
                        self.model.gone(&self.consumers[who], node);
                    }
                    continue;
                }
                other @ (Effect::Encoded { .. } | Effect::Nothing { .. }) => {
                    panic!("no answer but {other:?}")
                }
            };
            let Some((who, node)) = self.by_connection.get(&connection).copied() else {
                assert!(
                    matches!(response, Response::Produce(_)),
                    "to nobody: {response:?}"
                );
                continue;
            };
            let asked = self.consumers[who].answered(node);
            let acquired = self.model.told(
                self.bench.now,
                (&self.consumers[who], node),
                &asked,
                &response,
            );
            self.deliveries += acquired.len();
            if !self.is_calm && self.rng.below(25) == 0 {
                self.consumers[who].missed(node, &asked);
            } else {
                self.consumers[who].hear(node, &asked, &response, acquired);
            }
        }
    }

    /// Compares what nodes and coordinators know with the model.
    fn follow(&mut self) {
        let state = &self.bench.engine.state;
        for group in GROUPS {
            for partition in 0..PARTITIONS {
                let key = self.key(group, partition);
                let place = Place { group, partition };
                let served = state.shares.partitions.get(&key);
                self.model
                    .follow(&place, served, state.shares.states.get(&key));
            }
        }
    }

    /// Everything that was produced is done with in the end.
    fn finish(&mut self) {
        self.is_calm = true;
        for node in 0..NODES {
            if !self.bench.engine.state.cluster.is_up(NodeId(node)) {
                let effects = self.bench.turn_node(NodeId(node), true);
                self.take(effects.0);
            }
        }
        for who in 0..self.consumers.len() {
            self.crash(who);
        }
        self.pass(FOREVER);
        for group in GROUPS {
            let who = self.consumers.len();
            self.consumers.push(Consumer::diligent(group));
            for _ in 0..4 {
                self.beat(who);
            }
            for round in 0..400 {
                if self.open(group).is_empty() {
                    break;
                }
                let node = NodeId(round % NODES);
                let led = (0..PARTITIONS).filter(|index| self.leader(*index) == Some(node));
                let led: Vec<i32> = led.collect();
                let asked = self.consumers[who].ask(&mut self.rng, (node, self.topic), &led);
                if let Some((asked, version, request)) = asked {
                    self.send(who, node, asked, (version, request));
                }
            }
            let open = self.open(group);
            assert!(open.is_empty(), "{group} is not done with {open:?}");
        }
    }

    /// The partitions with records that a group is not done with: from where on, and up to where.
    fn open(&self, group: &'static str) -> Vec<(i32, i64, i64)> {
        let state = &self.bench.engine.state;
        let topic = state.cluster.topic(TOPIC).unwrap();
        let all = (0..PARTITIONS).map(|partition| {
            let end = topic.partition(partition).unwrap().log.high_watermark().0;
            let share = state.shares.partitions.get(&self.key(group, partition));
            (partition, share.map_or(0, |share| share.start), end)
        });
        all.filter(|(_, start, end)| start < end).collect()
    }
}

/// Has a group begin with the first record.
fn from_the_start(group: &str) -> IncrementalAlterConfigsRequest {
    let config = AlterableConfig::default()
        .with_name(str_bytes("share.auto.offset.reset"))
        .with_value(Some(str_bytes("earliest")));
    let resource = AlterConfigsResource::default()
        .with_resource_type(GROUP_RESOURCE)
        .with_resource_name(str_bytes(group))
        .with_configs(vec![config]);
    IncrementalAlterConfigsRequest::default().with_resources(vec![resource])
}

fn check(seed: u64) -> usize {
    let mut world = World::new(seed);
    for _ in 0..STEPS {
        world.step();
    }
    world.finish();
    world.deliveries
}

#[test]
fn whoever_shares_no_record_is_lost_or_with_two() {
    let seeds = std::env::var("SHARE_SEEDS").ok();
    let seeds = seeds.and_then(|text| text.parse().ok()).unwrap_or(100);
    let mut deliveries = 0;
    for seed in 0..seeds {
        match std::panic::catch_unwind(|| check(seed)) {
            Ok(count) => deliveries += count,
            Err(panic) => {
                eprintln!("seed {seed}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    assert!(deliveries > 1000, "only {deliveries} deliveries");
}

#[test]
fn whatever_happens_to_share_groups_happens_again() {
    let mut steps = 0;
    for seed in 0..30 {
        let mut world = World::new(seed);
        for step in 0..90 {
            if step == seed % 60 {
                // A load that is held ends before.
                world.pass(Duration::from_secs(3));
                let effects = Tape::begin(&mut world.bench);
                world.model.start_over();
                world.take(effects.0);
            }
            world.step();
        }
        let tape = world.bench.tape.take().unwrap();
        steps += tape.steps();
        tape.rerun();
    }
    assert!(steps > 1000, "only {steps} steps");
}
