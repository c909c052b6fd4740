//! Applications that do each piece of work once, while replies are lost, processes crash, zombies go
//! on, transactions take too long and markers come late.
//!
//! A piece of work is some writes in one transaction, the last of them to where the application notes
//! its progress, and an offset that says how much is done (KIP-447). After a crash or an error it takes
//! its transactional id again, and goes on from its offset. So in the end each acknowledged piece of
//! work must be there once, whole.

use std::collections::BTreeMap;

use super::World;
use super::world::Refused;
use super::write::Write;
use crate::engine::rng::Rng;
use crate::engine::testing::Tape;
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::Producer;

/// Where all applications write, and where each notes its progress.
const PLACES: [(&str, i32); 5] = [
    ("a", 0),
    ("b", 0),
    ("progress", 0),
    ("progress", 1),
    ("progress", 2),
];

/// How many of them are for all.
const SHARED: usize = 2;

/// CONCURRENT_TRANSACTIONS and, from Produce up to v11, NOT_ENOUGH_REPLICAS: the client asks again.
const ASK_AGAIN: [i16; 2] = [51, 19];

/// One attempt at a piece of work.
#[derive(Debug, Clone)]
struct Attempt {
    work: usize,
    number: usize,
    places: Vec<usize>,
    written: usize,
    /// What comes next has been added to the transaction, as the first protocol wants it.
    added: bool,
    /// The offset is committed that says how much is done.
    has_offset: bool,
}

impl Attempt {
    fn value(&self, id: &str, part: usize) -> String {
        let parts = self.places.len();
        format!("{id}.{}.{part}/{parts}.{}", self.work, self.number)
    }
}

/// A process.
#[derive(Debug, Clone)]
struct Process {
    id: &'static str,
    second_protocol: bool,
    producer: Producer,
    sequences: [i32; PLACES.len()],
    attempt: Option<Attempt>,
}

/// What a step led to.
enum Outcome {
    GoesOn,
    Committed,
    Failed,
}

/// An application: its process, if it runs, and its progress.
struct Application {
    id: &'static str,
    second_protocol: bool,
    process: Option<Process>,
    work: usize,
    attempts: usize,
    acknowledged: Vec<usize>,
}

struct Simulation {
    world: World,
    rng: Rng,
    applications: Vec<Application>,
    zombies: Vec<Process>,
    seen: BTreeMap<usize, Vec<String>>,
}

fn place(index: usize) -> TopicPartition {
    let (topic, partition) = PLACES[index];
    TopicPartition::new(topic, partition)
}

impl Process {
    /// Sends the next request; its reply may be lost, so that it is sent again later.
    fn step(&mut self, world: &mut World, rng: &mut Rng) -> Outcome {
        let reply_is_lost = rng.below(8) == 0;
        let Some(mut attempt) = self.attempt.clone() else {
            return Outcome::GoesOn;
        };
        let is_written = attempt.written == attempt.places.len();
        let done = is_written && attempt.has_offset;
        let result = if done {
            self.commit(world)
        } else if is_written {
            self.commit_offset(world, &mut attempt)
        } else if !self.second_protocol && !attempt.added {
            let to = place(attempt.places[attempt.written]);
            world
                .add(self.id, self.producer, &to)
                .map(|()| attempt.added = true)
        } else {
            self.write(world, &mut attempt)
        };
        match result {
            Err(code) if ASK_AGAIN.contains(&code) => Outcome::GoesOn,
            Err(_) => Outcome::Failed,
            Ok(()) if reply_is_lost => Outcome::GoesOn,
            Ok(()) if done => {
                self.attempt = None;
                Outcome::Committed
            }
            Ok(()) => {
                if attempt.written > self.attempt.as_ref().map_or(0, |before| before.written) {
                    let to = attempt.places[attempt.written - 1];
                    self.sequences[to] += 1;
                }
                self.attempt = Some(attempt);
                Outcome::GoesOn
            }
        }
    }

    fn write(&self, world: &mut World, attempt: &mut Attempt) -> Result<(), Refused> {
        let to = attempt.places[attempt.written];
        let value = attempt.value(self.id, attempt.written);
        let write = Write {
            id: Some(self.id),
            producer: self.producer,
            sequence: self.sequences[to],
            place: place(to),
            value: &value,
        };
        world.produce(&write, if self.second_protocol { 12 } else { 11 })?;
        attempt.written += 1;
        attempt.added = false;
        Ok(())
    }

    /// Says, in the transaction, that one more piece of work is done.
    fn commit_offset(&self, world: &mut World, attempt: &mut Attempt) -> Result<(), Refused> {
        let group = self.id;
        if !self.second_protocol && !attempt.added {
            world.add_offsets((self.id, self.producer), group)?;
            attempt.added = true;
            return Ok(());
        }
        let version = if self.second_protocol { 5 } else { 3 };
        let done = i64::try_from(attempt.work).unwrap() + 1;
        world.commit_offset((self.id, self.producer), group, done, version)?;
        attempt.has_offset = true;
        Ok(())
    }

    /// The identity changes only with the reply, so a lost one is a retry with the old epoch.
    fn commit(&self, world: &mut World) -> Result<(), Refused> {
        let version = if self.second_protocol { 5 } else { 4 };
        world
            .end((self.id, self.producer), true, version)
            .map(|_| ())
    }
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let application = |(id, second_protocol)| Application {
            id,
            second_protocol,
            process: None,
            work: 0,
            attempts: 0,
            acknowledged: Vec::new(),
        };
        let applications = [("t", true), ("u", false), ("v", true)];
        let mut world = World::new(&[]);
        world.bench.topic("progress", applications.len());
        Self {
            world,
            rng: Rng::new(seed),
            applications: applications.into_iter().map(application).collect(),
            zombies: Vec::new(),
            seen: BTreeMap::new(),
        }
    }

    fn step(&mut self) {
        match self.rng.below(40) {
            0 => self.crash(),
            1 | 2 => self.haunt(),
            3 => {
                let hold = self.rng.below(2) == 0;
                self.world.hold_markers(hold);
            }
            4 => self.world.pass(30_000),
            5..8 => {
                let millis = self.rng.below(4000);
                self.world.pass(u64::try_from(millis).unwrap());
            }
            _ => {
                let index = self.rng.below(self.applications.len());
                self.work(index);
            }
        }
        self.look();
    }

    fn work(&mut self, index: usize) {
        let application = &mut self.applications[index];
        let Some(process) = &mut application.process else {
            return self.start(index);
        };
        if process.attempt.is_none() {
            application.attempts += 1;
            let count = 1 + self.rng.below(3);
            let places = (0..count).map(|_| self.rng.below(SHARED));
            let places = places.chain([SHARED + index]).collect();
            process.attempt = Some(Attempt {
                work: application.work,
                number: application.attempts,
                places,
                written: 0,
                added: false,
                has_offset: false,
            });
        }
        match process.step(&mut self.world, &mut self.rng) {
            Outcome::GoesOn => {}
            Outcome::Failed => application.process = None,
            Outcome::Committed => {
                application.acknowledged.push(application.work);
                application.work += 1;
                // The next epoch is told by the reply, which has come.
                if application.second_protocol {
                    process.producer.epoch.0 += 1;
                    process.sequences = [0; PLACES.len()];
                }
            }
        }
    }

    /// Takes the transactional id, and looks how far the work has come.
    fn start(&mut self, index: usize) {
        let application = &mut self.applications[index];
        let Ok(producer) = self.world.init(application.id, 20_000, None) else {
            return;
        };
        // Nothing of the transactional id is open now, so the offset is stable, and agrees with the data.
        let offset = self.world.offset(application.id, true).unwrap().max(0);
        application.work = usize::try_from(offset).unwrap();
        let noted = self.world.read(&place(SHARED + index), true);
        assert_eq!(noted.len(), application.work);
        application.process = Some(Process {
            id: application.id,
            second_protocol: application.second_protocol,
            producer,
            sequences: [0; PLACES.len()],
            attempt: None,
        });
    }

    /// A process is taken for dead, and may not be.
    fn crash(&mut self) {
        let index = self.rng.below(self.applications.len());
        let process = self.applications[index].process.take();
        self.zombies.extend(process);
    }

    fn haunt(&mut self) {
        if self.zombies.is_empty() {
            return;
        }
        let index = self.rng.below(self.zombies.len());
        let outcome = self.zombies[index].step(&mut self.world, &mut self.rng);
        if !matches!(outcome, Outcome::GoesOn) {
            self.zombies.swap_remove(index);
        }
    }

    /// What a reader of committed data has got, it has got for good.
    fn look(&mut self) {
        for index in 0..PLACES.len() {
            let now = self.world.read(&place(index), true);
            let before = self.seen.insert(index, now.clone()).unwrap_or_default();
            assert_eq!(now[..before.len()], before);
        }
    }

    fn finish(&mut self) {
        self.world.hold_markers(false);
        self.world.pass(60_000);
        self.look();
        let mut written: BTreeMap<String, usize> = BTreeMap::new();
        for index in 0..PLACES.len() {
            let at = place(index);
            assert_eq!(
                self.world.last_stable_offset(&at),
                self.world.end_offset(&at)
            );
            for value in self.world.read(&at, false) {
                *written.entry(value).or_default() += 1;
            }
        }
        let twice: Vec<_> = written.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "written twice: {twice:?}");
        self.check_work();
    }

    /// Each piece of work is there once, whole, or not at all; what was acknowledged is there.
    fn check_work(&self) {
        let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for value in self.seen.values().flatten() {
            let fields: Vec<_> = value.split('.').collect();
            let work = format!("{}.{}", fields[0], fields[1]);
            parts
                .entry(work)
                .or_default()
                .push(format!("{}.{}", fields[2], fields[3]));
        }
        for (work, parts) in &parts {
            let (_, count) = parts[0].split_once('/').unwrap();
            let (count, attempt) = count.split_once('.').unwrap();
            let whole: usize = count.parse().unwrap();
            let same = parts
                .iter()
                .all(|part| part.ends_with(&format!("/{count}.{attempt}")));
            assert!(same && parts.len() == whole, "{work}: {parts:?}");
        }
        for application in &self.applications {
            for work in &application.acknowledged {
                let work = format!("{}.{work}", application.id);
                assert!(parts.contains_key(&work), "{work} is lost");
            }
        }
    }
}

#[test]
fn work_is_done_exactly_once() {
    let mut acknowledged = 0;
    for seed in 0..24 {
        let mut simulation = Simulation::new(seed);
        for _ in 0..500 {
            simulation.step();
        }
        simulation.finish();
        let applications = simulation.applications.iter();
        acknowledged += applications
            .map(|one| one.acknowledged.len())
            .sum::<usize>();
    }
    assert!(
        acknowledged > 500,
        "only {acknowledged} pieces of work were done"
    );
}

#[test]
fn whatever_happens_happens_again() {
    let mut steps = 0;
    for seed in 0..100 {
        let mut simulation = Simulation::new(seed);
        // Each recording begins elsewhere in the life of the transactions.
        for step in 0..60 {
            if step == seed % 40 {
                let bench = &mut simulation.world.bench;
                assert!(Tape::begin(bench).0.is_empty(), "nobody waits");
            }
            simulation.step();
        }
        let tape = simulation.world.bench.tape.take().unwrap();
        steps += tape.steps();
        tape.rerun();
    }
    assert!(steps > 2_000, "only {steps} steps");
}
