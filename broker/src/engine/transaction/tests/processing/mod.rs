//! Applications that read, work and write exactly once (KIP-447): producers with transactional ids that
//! are members of groups of both kinds.
//!
//! Requests and replies are lost, processes crash, zombies go on, transactions take too long, markers come
//! late, nodes stop and return, and groups rebalance in the middle of it all. Checkers read along in both
//! isolation levels; now and then everything is calmed, and what is there must agree.
//!
//! `TRANSACTION_SEEDS=500 cargo test -p fauxka --lib transaction::tests::processing` runs more seeds than
//! usual. A failure prints the seed and the inputs up to it.

mod checks;
mod member;
mod source;
mod stage;
mod worker;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::World;
use super::world::Refused;
use crate::wire::units::NodeId;
use member::Kind;
use source::Source;
use stage::Stage;
use worker::{Next, Process, Worker};

/// What everybody reads, and how many partitions it has.
const INPUT: &str = "in";
const INPUTS: i32 = 4;
/// How many partitions each group writes to.
const OUTPUTS: i32 = 2;
const GROUPS: [(&str, Kind); 2] = [("classic", Kind::Classic), ("consumer", Kind::Consumer)];
const WORKERS_OF_A_GROUP: usize = 3;
/// All nodes.
const NODES: [NodeId; 3] = [NodeId(0), NodeId(1), NodeId(2)];
const STEPS: usize = 1500;
/// How often everything is calmed.
const CALM_EVERY: usize = 500;
/// `transaction.timeout.ms` of everybody.
const TIMEOUT: u64 = 15_000;
/// How long after its time-out a transaction may stay: until the coordinator looks.
const LOOK_EVERY: u64 = 10_000;

const SETTINGS: &[(&str, &str)] = &[
    ("group.initial.rebalance.delay.ms", "100"),
    ("group.consumer.min.session.timeout.ms", "6000"),
    ("group.consumer.session.timeout.ms", "6000"),
    ("group.consumer.min.heartbeat.interval.ms", "1000"),
    ("group.consumer.heartbeat.interval.ms", "1000"),
];

struct Simulation {
    stage: Stage,
    workers: Vec<Worker>,
    source: Source,
    /// Processes that were taken for dead, each with its worker.
    zombies: Vec<(usize, Process)>,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let mut world = World::of_nodes(NODES.len(), SETTINGS);
        world.spread_topic(INPUT, INPUTS);
        let mut workers = Vec::new();
        for (group, kind) in GROUPS {
            world.spread_topic(&worker::output(group), OUTPUTS);
            for place in 0..WORKERS_OF_A_GROUP {
                workers.push(Worker::new(group, kind, place));
            }
        }
        Self {
            stage: Stage::new(world, seed),
            workers,
            source: Source::default(),
            zombies: Vec::new(),
        }
    }

    fn run(&mut self) {
        for step in 1..=STEPS {
            self.step();
            self.deliver();
            self.stage.read_along();
            if step.is_multiple_of(CALM_EVERY) {
                self.calm();
            }
        }
        self.finish();
    }

    fn step(&mut self) {
        let stage = &mut self.stage;
        match stage.rng.below(100) {
            0 => self.crash(),
            1..=3 => self.haunt(),
            4 => {
                let hold = stage.rng.below(4) == 0;
                stage.note(format!("markers are held: {hold}"));
                stage.hold_markers(hold);
            }
            5 => self.turn_a_node(),
            6 if stage.rng.below(3) == 0 => stage.pass(20_000),
            6..=18 => {
                let millis = u64::try_from(stage.rng.below(500)).unwrap();
                stage.pass(millis);
            }
            19..=29 => self.source.step(stage),
            _ => {
                let who = stage.rng.below(self.workers.len());
                for _ in 0..=self.stage.rng.below(4) {
                    self.work(who);
                    self.deliver();
                }
            }
        }
    }

    fn work(&mut self, who: usize) {
        let worker = &mut self.workers[who];
        // Nobody notices at once that a process is gone.
        if worker.process.is_none() && self.stage.rng.below(8) > 0 {
            return;
        }
        let process = worker.process.get_or_insert_with(|| worker.seat.process());
        if process.step(&mut self.stage) == Next::Dies {
            self.stage.note(format!("{} dies", worker.seat.id));
            let process = worker.process.take();
            process.unwrap().member.hang_up(&mut self.stage);
        }
    }

    /// A process is taken for dead, and may not be: its group hears no more of it.
    fn crash(&mut self) {
        let who = self.stage.rng.below(self.workers.len());
        if let Some(process) = self.workers[who].process.take() {
            self.stage.note(format!("{} crashes", process.seat.id));
            process.member.hang_up(&mut self.stage);
            self.zombies.push((who, process));
        }
    }

    fn haunt(&mut self) {
        if self.zombies.is_empty() {
            return;
        }
        let which = self.stage.rng.below(self.zombies.len());
        let (_, zombie) = &mut self.zombies[which];
        self.stage.note(format!("a zombie of {}", zombie.seat.id));
        if zombie.go_on_if_busy(&mut self.stage) == Next::Dies {
            self.zombies.swap_remove(which);
        }
    }

    /// A node stops, which takes its connections with it, or returns; one of them stays.
    fn turn_a_node(&mut self) {
        let node = NODES[self.stage.rng.below(NODES.len())];
        let live = self.stage.world.bench.engine.state.cluster.live_ids();
        let is_up = live.contains(&node);
        if is_up && live.len() == 1 {
            return;
        }
        self.stage.turn_node(node, !is_up);
        if is_up {
            for worker in &mut self.workers {
                if let Some(process) = &mut worker.process {
                    process.member.lose_node(&mut self.stage, node);
                }
            }
        }
    }

    /// Brings the answers of groups to their members, who may ask something new at once.
    fn deliver(&mut self) {
        while !self.stage.world.inbox.is_empty() {
            let (connection, response) = self.stage.world.inbox.remove(0);
            let processes = self.workers.iter_mut().filter_map(|w| w.process.as_mut());
            for process in processes {
                if process.member.connection == connection {
                    process.hear(&mut self.stage, &response);
                    break;
                }
            }
        }
    }

    /// Nothing is in the way any more, and every transaction has ended or timed out.
    fn calm(&mut self) {
        self.stage.note("calm".to_owned());
        self.stage.hold_markers(false);
        for node in NODES {
            self.stage.turn_node(node, true);
        }
        self.stage.pass(TIMEOUT + LOOK_EVERY + 1000);
        self.deliver();
        self.stage.read_along();
        self.stage.check_calm();
    }

    /// Without any more trouble everything is processed, soon.
    fn finish(&mut self) {
        self.calm();
        self.zombies.clear();
        self.stage.is_gentle = true;
        for round in 0.. {
            for who in 0..self.workers.len() {
                self.work(who);
                self.deliver();
            }
            self.stage.pass(100);
            self.deliver();
            self.stage.read_along();
            if round % 20 == 19 && self.stage.is_all_done() {
                break;
            }
            assert!(round < 4000, "some input is never processed");
        }
        self.calm();
        assert!(self.stage.is_all_done());
    }
}

/// What every client asks again after: the coordinator or the leader moves or is busy.
fn asks_again(code: Refused) -> bool {
    [5, 6, 14, 15, 16, 19, 51, 88].contains(&code)
}

/// How often what matters has come about.
#[derive(Debug, Default)]
struct Met {
    rebalances_in_transactions: usize,
    committed: usize,
    aborted: usize,
    /// Ended, and nobody knows how.
    unknown: usize,
}

impl Met {
    fn note(&mut self, stage: &Stage) {
        self.rebalances_in_transactions += stage.rebalances_in_transactions;
        for attempt in &stage.attempts {
            let count = match attempt {
                attempt if attempt.is_committed => &mut self.committed,
                attempt if attempt.may_be_committed => &mut self.unknown,
                _ => &mut self.aborted,
            };
            *count += 1;
        }
    }
}

fn check(seed: u64, met: &mut Met) {
    let mut simulation = Simulation::new(seed);
    let run = catch_unwind(AssertUnwindSafe(|| simulation.run()));
    if let Err(panic) = run {
        for line in &simulation.stage.journal {
            eprintln!("{line}");
        }
        eprintln!("seed {seed}");
        resume_unwind(panic);
    }
    met.note(&simulation.stage);
}

#[test]
fn each_input_is_processed_exactly_once() {
    let seeds = std::env::var("TRANSACTION_SEEDS").ok();
    let seeds = seeds.and_then(|text| text.parse().ok()).unwrap_or(6);
    let mut met = Met::default();
    for seed in 0..seeds {
        check(seed, &mut met);
    }
    eprintln!("{seeds} seeds: {met:?}");
    let each = [
        met.rebalances_in_transactions,
        met.committed,
        met.aborted,
        met.unknown,
    ];
    assert!(each.iter().all(|count| *count > 0), "{met:?}");
}
