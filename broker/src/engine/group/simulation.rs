//! Groups under random members, from a seed: they join, leave, hang, crash and return, by both
//! protocols, and time passes. After every input the rules that must always hold are checked.
//!
//! `GROUP_SEEDS=500 cargo test -p fauxka --lib group::simulation` runs more seeds than usual.

mod malformed;
mod members;
mod rules;
mod streams;

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::context::{ConnectionId, Effect};
use crate::engine::commands::{Command, CoordinatorCommand};
use crate::engine::input::Input;
use crate::engine::rng::Rng;
use crate::engine::state_topic::StateTopic;
use crate::engine::testing::{Bench, Tape};
use members::{Member, Protocol, Stage};
use rules::Seen;

/// The topic that everybody consumes.
const TOPIC: &str = "orders";
const PARTITIONS: i32 = 12;
const GROUPS: [&str; 4] = ["classic", "consumer", "mixed", "streams"];
const MEMBERS_OF_A_GROUP: usize = 80;
const STEPS: usize = 3000;
/// Longer than every session and rebalance timeout.
const FOREVER: Duration = Duration::from_secs(3600);

/// A cluster and everyone who uses it.
struct World {
    bench: Bench,
    rng: Rng,
    members: Vec<Member>,
    by_connection: BTreeMap<ConnectionId, usize>,
    connections: u64,
    /// The offset committed last; each is larger than those before.
    commits: i64,
    seen: Seen,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut bench = Bench::new(&[
            ("group.initial.rebalance.delay.ms", "100"),
            ("group.streams.initial.rebalance.delay.ms", "500"),
            ("group.streams.num.standby.replicas", "1"),
        ]);
        bench.topic(TOPIC, usize::try_from(PARTITIONS).unwrap());
        bench.find_coordinator("g");
        let mut members = Vec::new();
        for group in GROUPS {
            for place in 0..MEMBERS_OF_A_GROUP {
                let protocol = match group {
                    "classic" => Protocol::Classic,
                    "consumer" => Protocol::Consumer,
                    "streams" => Protocol::Streams,
                    _ if place % 2 == 0 => Protocol::Classic,
                    _ => Protocol::Consumer,
                };
                let is_static = place % 5 == 4;
                members.push(Member::new(group, place, protocol, is_static));
            }
        }
        Self {
            bench,
            rng: Rng::new(seed),
            members,
            by_connection: BTreeMap::new(),
            connections: 0,
            commits: 0,
            seen: Seen::default(),
        }
    }

    fn step(&mut self) {
        if self.rng.below(3) == 0 {
            let millis = u64::try_from(self.rng.below(1500)).unwrap();
            self.pass(Duration::from_millis(millis));
            return;
        }
        if self.rng.below(250) == 0 {
            self.reload();
            return;
        }
        let who = self.rng.below(self.members.len());
        match (self.members[who].stage, self.rng.below(40)) {
            (Stage::Away, 0..=5) => self.arrive(who),
            (Stage::Away | Stage::Waiting, 6..) | (Stage::Hung, 3..) => {}
            (Stage::Waiting, _) | (_, 0) => self.crash(who),
            (Stage::Hung, _) => self.members[who].stage = Stage::Here,
            (Stage::Here, 1) => self.members[who].stage = Stage::Hung,
            (Stage::Here, 2) => {
                let request = self.members[who].leave();
                self.send(who, request);
            }
            (Stage::Here, 3..=6) => {
                self.commits += 1;
                let partition = i32::try_from(self.rng.below(12)).unwrap();
                let request = self.members[who].commit(partition, self.commits);
                self.send(who, request);
            }
            (Stage::Here, _) => {
                let request = self.members[who].heartbeat();
                self.send(who, request);
            }
        }
    }

    /// Another coordinator takes over, which knows what is written and nothing else.
    fn reload(&mut self) {
        let before = rules::written(&self.bench.engine);
        let mut effects = Vec::new();
        for group in GROUPS {
            for act in [CoordinatorCommand::Load(None), CoordinatorCommand::Loaded] {
                let (topic, key) = (StateTopic::Groups, group.to_owned());
                let (done, more) = self.bench.tell(Command::Coordinator { topic, key, act });
                done.unwrap();
                effects.extend(more.0);
            }
        }
        self.seen.forget_epochs();
        assert_eq!(before, rules::written(&self.bench.engine));
        self.take(effects);
    }

    /// All that happens from now on is kept; anyone who waits is disconnected for that.
    fn record(&mut self) {
        for effect in Tape::begin(&mut self.bench).0 {
            let Effect::Close { connection, .. } = effect else {
                panic!("no end but {effect:?}");
            };
            self.crash(self.by_connection[&connection]);
        }
        self.seen.forget_epochs();
    }

    /// A member begins, with the id it had before if it is classic and remembers it.
    fn arrive(&mut self, who: usize) {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        self.members[who].connection = connection;
        self.by_connection.insert(connection, who);
        let forgets = self.rng.below(4) != 0;
        let request = self.members[who].join(forgets);
        self.send(who, request);
    }

    /// A member is gone without a word.
    fn crash(&mut self, who: usize) {
        let connection = self.members[who].connection;
        self.members[who].stage = Stage::Away;
        if self.by_connection.remove(&connection).is_some() {
            self.close(connection);
        }
        self.check();
    }

    fn close(&mut self, connection: ConnectionId) {
        let why = "the client left".to_owned();
        let effects = self.bench.handle(Input::Closed { connection, why });
        self.take(effects.0);
    }

    fn send(&mut self, who: usize, (version, request): (i16, crate::wire::apis::Request)) {
        let connection = self.members[who].connection;
        let client = self.members[who].name.clone();
        self.members[who].stage = Stage::Waiting;
        let effects = self.bench.send_from(connection, &client, version, request);
        self.take(effects.0);
    }

    fn pass(&mut self, by: Duration) {
        let end = self.bench.now.plus(by);
        while let Some(effects) = self.bench.next_until(end) {
            self.take(effects);
        }
        self.check();
    }

    /// Brings answers to their members, who may ask something new at once.
    fn take(&mut self, effects: Vec<Effect>) {
        self.check();
        for effect in effects {
            let Effect::Reply {
                connection,
                response,
            } = effect
            else {
                panic!("no answer but {effect:?}");
            };
            let Some(who) = self.by_connection.get(&connection).copied() else {
                panic!("an answer to nobody");
            };
            let next = self.members[who].hear(&response, &mut self.seen);
            if self.members[who].stage == Stage::Away {
                self.by_connection.remove(&connection);
                self.close(connection);
            }
            if let Some(request) = next {
                self.send(who, request);
            }
        }
    }

    fn check(&mut self) {
        self.seen.check(&self.bench.engine);
    }
}

#[track_caller]
fn check(seed: u64) {
    let mut world = World::new(seed);
    for _ in 0..STEPS {
        world.step();
    }
    // Who is heard of no more is forgotten, and nobody waits for an answer in vain.
    for who in 0..world.members.len() {
        if world.members[who].stage == Stage::Here {
            world.members[who].stage = Stage::Hung;
        }
    }
    world.pass(FOREVER);
    rules::check_quiet(&world.bench.engine);
    assert!(world.seen.generations() > 20, "hardly anything happened");
    assert!(world.seen.commits() > 0, "no commit was taken");
    // No group is wedged: anyone who comes now is served.
    let protocols = [Protocol::Classic, Protocol::Consumer, Protocol::Streams];
    for protocol in protocols {
        let is_of = |group: &&&str| (**group == "streams") == (protocol == Protocol::Streams);
        for group in GROUPS.iter().filter(is_of) {
            let mut member = Member::new(group, 99, protocol, false);
            member.connection = ConnectionId(0);
            world.members.push(member);
            let who = world.members.len() - 1;
            world.arrive(who);
            world.pass(Duration::from_secs(3));
            assert_eq!(
                world.members[who].stage,
                Stage::Here,
                "{group} {protocol:?}"
            );
            let request = world.members[who].leave();
            world.send(who, request);
        }
    }
}

#[test]
fn whoever_comes_and_goes_the_rules_hold() {
    let seeds = std::env::var("GROUP_SEEDS").ok();
    let seeds = seeds.and_then(|text| text.parse().ok()).unwrap_or(16);
    for seed in 0..seeds {
        let run = std::panic::catch_unwind(|| check(seed));
        if let Err(panic) = run {
            eprintln!("seed {seed}");
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn whatever_happens_happens_again() {
    let mut steps = 0;
    for seed in 0..100 {
        let mut world = World::new(seed);
        // Each recording begins elsewhere in the life of the groups.
        for step in 0..90 {
            if step == seed % 60 {
                world.record();
            }
            world.step();
        }
        let tape = world.bench.tape.take().unwrap();
        steps += tape.steps();
        tape.rerun();
    }
    assert!(steps > 1_000, "only {steps} steps");
}
