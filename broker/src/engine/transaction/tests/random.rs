//! Requests in any order, against a model that knows only what became of each write.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::World;
use super::write::Write;
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::Producer;
use crate::wire::units::{ProducerEpoch, ProducerId};

const IDS: [&str; 2] = ["t", "u"];
const PLACES: [&str; 2] = ["a", "b"];

/// Longer than any time-out and the pause between two looks at them.
const LONG: u64 = 60_000;

#[derive(Debug, Clone)]
enum Step {
    /// With the identity of the producer's last answer, or without.
    Init(usize, bool),
    Add(usize, Epoch, usize),
    /// To a partition, with the next sequence or one that is not.
    Produce(usize, Epoch, usize, bool, i16),
    Plain(usize),
    End(usize, Epoch, bool, i16),
    Wait(u64),
    Hold(bool),
}

/// Which epoch a request bears.
#[derive(Debug, Clone, Copy)]
enum Epoch {
    Last,
    Older,
    Newer,
}

fn step() -> impl Strategy<Value = Step> {
    let id = 0..IDS.len();
    let place = 0..PLACES.len();
    let epoch = prop_oneof![
        8 => Just(Epoch::Last),
        1 => Just(Epoch::Older),
        1 => Just(Epoch::Newer),
    ];
    let produce = prop_oneof![Just(10_i16), Just(11), Just(12)];
    let end = prop_oneof![Just(4_i16), Just(5)];
    prop_oneof![
        3 => (id.clone(), any::<bool>()).prop_map(|(id, claims)| Step::Init(id, claims)),
        4 => (id.clone(), epoch.clone(), place.clone())
            .prop_map(|(id, epoch, place)| Step::Add(id, epoch, place)),
        10 => (id.clone(), epoch.clone(), place.clone(), prop::bool::weighted(0.9), produce)
            .prop_map(|(id, epoch, place, next, version)| {
                Step::Produce(id, epoch, place, next, version)
            }),
        1 => place.prop_map(Step::Plain),
        5 => (id, epoch, any::<bool>(), end)
            .prop_map(|(id, epoch, commit, version)| Step::End(id, epoch, commit, version)),
        2 => (0..20_000_u64).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Hold),
    ]
}

/// What a client knows of itself.
#[derive(Debug, Clone, Copy)]
struct Client {
    producer: Producer,
    sequences: [i32; PLACES.len()],
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Open(usize),
    Committed,
    Aborted,
}

struct Run {
    world: World,
    clients: [Option<Client>; IDS.len()],
    /// By partition, in the order of the log.
    writes: [Vec<(String, Fate)>; PLACES.len()],
    plain: (Producer, [i32; PLACES.len()]),
    seen: BTreeMap<usize, Vec<String>>,
    /// How transactions end whose markers are held. A write of the first protocol may still get in.
    outcomes: [Option<Fate>; IDS.len()],
}

fn place(index: usize) -> TopicPartition {
    TopicPartition::new(PLACES[index], 0)
}

impl Run {
    fn new() -> Self {
        let mut world = World::new(&[]);
        let id = world.bench.engine.state.producer_ids.next();
        let plain = Producer {
            id,
            epoch: ProducerEpoch(0),
        };
        Self {
            world,
            clients: [None; IDS.len()],
            writes: [const { Vec::new() }; PLACES.len()],
            plain: (plain, [0; PLACES.len()]),
            seen: BTreeMap::new(),
            outcomes: [None; IDS.len()],
        }
    }

    fn identity(&self, id: usize, epoch: Epoch) -> Producer {
        let known = self.clients[id].map(|client| client.producer);
        let mut producer = known.unwrap_or(Producer {
            id: ProducerId(99),
            epoch: ProducerEpoch(0),
        });
        match epoch {
            Epoch::Last => {}
            Epoch::Older => producer.epoch.0 -= 1,
            Epoch::Newer => producer.epoch.0 += 1,
        }
        producer
    }

    fn become_known(&mut self, id: usize, producer: Producer) {
        let client = self.clients[id].get_or_insert(Client {
            producer,
            sequences: [0; PLACES.len()],
        });
        if client.producer != producer {
            *client = Client {
                producer,
                sequences: [0; PLACES.len()],
            };
        }
    }

    fn step(&mut self, step: &Step) {
        let mut commits = None;
        match *step {
            Step::Init(id, claims) => {
                let claim = self.clients[id].map(|client| client.producer);
                let claim = claim.filter(|_| claims);
                if let Ok(producer) = self.world.init(IDS[id], 15_000, claim) {
                    self.become_known(id, producer);
                }
            }
            Step::Add(id, epoch, to) => {
                let producer = self.identity(id, epoch);
                let _ = self.world.add(IDS[id], producer, &place(to));
            }
            Step::Produce(id, epoch, to, next, version) => {
                self.produce((id, epoch), to, next, version);
            }
            Step::Plain(to) => self.produce_plain(to),
            Step::End(id, epoch, commit, version) => {
                let producer = self.identity(id, epoch);
                let ended = self.world.end((IDS[id], producer), commit, version);
                if let Ok(next) = ended {
                    if version >= 5 {
                        self.become_known(id, next);
                    }
                    commits = commit.then_some(id);
                }
            }
            Step::Wait(millis) => self.world.pass(millis),
            Step::Hold(hold) => self.world.hold_markers(hold),
        }
        self.settle(commits);
        self.look();
    }

    fn produce(&mut self, (id, epoch): (usize, Epoch), to: usize, next: bool, version: i16) {
        let producer = self.identity(id, epoch);
        let sequences = self.clients[id].map_or([0; PLACES.len()], |client| client.sequences);
        let value = format!("{}{}", IDS[id], self.writes[to].len());
        let sequence = sequences[to] + i32::from(!next);
        let write = Write {
            id: Some(IDS[id]),
            producer,
            sequence,
            place: place(to),
            value: &value,
        };
        let end = self.world.end_offset(&write.place);
        // What lies before the end is a repetition.
        let written = self.world.produce(&write, version);
        if written.is_ok_and(|offset| offset >= end) {
            self.writes[to].push((value, Fate::Open(id)));
            if let Some(client) = &mut self.clients[id] {
                client.sequences[to] = sequence + 1;
            }
        }
    }

    fn produce_plain(&mut self, to: usize) {
        let (producer, sequences) = &mut self.plain;
        let value = format!("p{}", self.writes[to].len());
        let write = Write {
            id: None,
            producer: *producer,
            sequence: sequences[to],
            place: place(to),
            value: &value,
        };
        self.world.produce(&write, 12).unwrap();
        sequences[to] += 1;
        self.writes[to].push((value, Fate::Committed));
    }

    /// A transaction that is not open any more was committed if that was asked for, and acknowledged.
    fn settle(&mut self, commits: Option<usize>) {
        for (id, name) in IDS.iter().enumerate() {
            let state = self.world.describe(name).unwrap_or_default();
            if state.starts_with("Ongoing") {
                continue;
            }
            let fate = if commits == Some(id) {
                Fate::Committed
            } else {
                Fate::Aborted
            };
            let fate = *self.outcomes[id].get_or_insert(fate);
            if state.starts_with("Prepare") {
                continue;
            }
            self.outcomes[id] = None;
            for (_, now) in self.writes.iter_mut().flatten() {
                if *now == Fate::Open(id) {
                    *now = fate;
                }
            }
        }
    }

    /// What has been read stays, and nothing else comes before it.
    fn look(&mut self) {
        for (index, topic) in PLACES.iter().enumerate() {
            let log = self.world.bench.engine.state.cluster.topic(topic).unwrap();
            log.partition(0).unwrap().log.check_invariants();
            let now = self.world.read(&place(index), true);
            let before = self.seen.insert(index, now.clone()).unwrap_or_default();
            assert_eq!(now[..before.len()], before);
        }
    }

    /// In the end everything is decided, and readers have what was committed.
    fn finish(&mut self) {
        self.world.hold_markers(false);
        self.settle(None);
        self.world.pass(LONG);
        self.settle(None);
        for (index, writes) in self.writes.iter().enumerate() {
            let all: Vec<_> = writes.iter().map(|(value, _)| value.clone()).collect();
            let committed = writes.iter().filter(|(_, fate)| *fate == Fate::Committed);
            let committed: Vec<_> = committed.map(|(value, _)| value.clone()).collect();
            let at = place(index);
            assert_eq!(self.world.read(&at, false), all);
            assert_eq!(self.world.read(&at, true), committed);
            assert_eq!(
                self.world.last_stable_offset(&at),
                self.world.end_offset(&at)
            );
        }
    }
}

proptest! {
    #![proptest_config(crate::property::cases(96))]

    #[test]
    fn readers_of_committed_data_get_what_was_committed(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut run = Run::new();
        for step in &steps {
            run.step(step);
        }
        run.finish();
    }
}
