//! Wrong producer ids, epochs, sequences, partitions, verbs and states, in any order, against a small
//! model of what the coordinator and the partitions answer.
//!
//! The model knows the rules as Kafka's clients see them, for transactions that end at once. The log
//! holds what the model says, in each isolation level, and is not held up beyond the time-out.

mod input;
mod partition;

use std::collections::BTreeSet;

use proptest::prelude::*;

use input::{Claim, KNOWN, MISSING, Step, step};
use partition::Partition;

use super::World;
use super::world::Refused;
use super::write::Write;
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::Producer;
use crate::wire::units::{ProducerEpoch, ProducerId};

const IDS: [&str; 2] = ["t", "u"];
/// Longer than the time-out and the pause between two looks at it.
const LONG: u64 = 26_000;
const TIMEOUT: i32 = 15_000;
/// A producer id that nobody was given.
const NOBODY: i64 = 987_654;

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Empty,
    Ongoing(BTreeSet<usize>),
    /// Whether it was committed.
    Complete(bool),
}

/// A transactional id, once it is known.
#[derive(Debug, Clone)]
struct Id {
    producer: Producer,
    /// What the producer itself gave up for the present epoch.
    last_epoch: Option<i16>,
    state: State,
}

struct Model {
    world: World,
    ids: [Option<Id>; IDS.len()],
    partitions: [Partition; MISSING],
}

fn place(index: usize) -> TopicPartition {
    TopicPartition::new("a", i32::try_from(index).unwrap())
}

const OUT_OF_ORDER: Refused = 45;
const INVALID_EPOCH: Refused = 47;
const INVALID_STATE: Refused = 48;
const INVALID_MAPPING: Refused = 49;
const FENCED: Refused = 90;

impl Id {
    fn check(&self, producer: Producer) -> Result<(), Refused> {
        if producer.id != self.producer.id {
            return Err(INVALID_MAPPING);
        }
        if producer.epoch != self.producer.epoch {
            return Err(FENCED);
        }
        Ok(())
    }

    fn bump(&mut self, last: Option<i16>) {
        self.last_epoch = last;
        self.producer.epoch.0 += 1;
    }
}

impl Model {
    fn new() -> Self {
        Self {
            world: World::new(&[]),
            ids: [const { None }; IDS.len()],
            partitions: std::array::from_fn(|_| Partition::default()),
        }
    }

    /// Who a claim says to be.
    fn producer(&self, id: usize, claim: Claim) -> Producer {
        let nobody = Producer {
            id: ProducerId(NOBODY),
            epoch: ProducerEpoch(0),
        };
        let of = |id: usize| self.ids[id].as_ref().map_or(nobody, |known| known.producer);
        match claim {
            Claim::Own(by) => {
                let own = of(id);
                let epoch = ProducerEpoch((own.epoch.0 + by).max(0));
                Producer { epoch, ..own }
            }
            Claim::Other => of(1 - id),
            Claim::Nobody => nobody,
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Init(id, claim) => self.init(id, claim),
            Step::Add(id, claim, to) => {
                let producer = self.producer(id, claim);
                let wanted = if to == MISSING {
                    Err(3)
                } else {
                    self.add(id, producer, to)
                };
                let got = self.world.add(IDS[id], producer, &place(to));
                assert_eq!(got, wanted, "{step:?}");
            }
            Step::Produce(id, claim, to, beyond, version) => {
                self.produce((id, claim), to, beyond, version);
            }
            Step::Plain(id, to) => self.plain(id, to),
            Step::End(id, claim, commits, version) => {
                let producer = self.producer(id, claim);
                let wanted = match version {
                    4 => self.end_v4(id, producer, commits).map(|()| producer),
                    _ => self.end_v5(id, producer, commits),
                };
                let got = self.world.end((IDS[id], producer), commits, version);
                assert_eq!(got, wanted, "{step:?}");
            }
            Step::Wait => {
                self.world.pass(LONG);
                for id in 0..IDS.len() {
                    self.fence(id);
                }
            }
        }
        self.look();
    }

    fn init(&mut self, id: usize, claim: Option<Claim>) {
        let claim = claim.map(|claim| self.producer(id, claim));
        let got = self.world.init(IDS[id], TIMEOUT, claim);
        let Some(known) = &mut self.ids[id] else {
            let producer = got.unwrap();
            assert_eq!(producer.epoch.0, 0);
            self.ids[id] = Some(Id {
                producer,
                last_epoch: None,
                state: State::Empty,
            });
            return;
        };
        if claim.is_some_and(|was| was.id != known.producer.id) {
            assert_eq!(got, Err(FENCED));
            return;
        }
        if matches!(known.state, State::Ongoing(_)) {
            assert_eq!(got, Err(51));
            self.fence(id);
            return;
        }
        match claim.map(|was| was.epoch) {
            None => known.bump(None),
            Some(epoch) if epoch == known.producer.epoch => known.bump(Some(epoch.0)),
            Some(epoch) if Some(epoch.0) == known.last_epoch => {}
            Some(_) => {
                assert_eq!(got, Err(FENCED));
                return;
            }
        }
        known.state = State::Empty;
        assert_eq!(got, Ok(known.producer));
    }

    /// An open transaction is aborted, with an epoch that its producer does not have.
    fn fence(&mut self, id: usize) {
        let Some(known) = &mut self.ids[id] else {
            return;
        };
        if let State::Ongoing(open) = known.state.clone() {
            known.bump(Some(known.producer.epoch.0));
            self.complete(id, &open, false);
        }
    }

    fn add(&mut self, id: usize, producer: Producer, to: usize) -> Result<(), Refused> {
        let known = self.ids[id].as_mut().ok_or(INVALID_MAPPING)?;
        known.check(producer)?;
        match &mut known.state {
            State::Ongoing(open) => {
                open.insert(to);
            }
            State::Empty | State::Complete(_) => known.state = State::Ongoing(BTreeSet::from([to])),
        }
        Ok(())
    }

    fn end_v4(&mut self, id: usize, producer: Producer, commits: bool) -> Result<(), Refused> {
        let known = self.ids[id].as_mut().ok_or(INVALID_MAPPING)?;
        known.check(producer)?;
        match known.state.clone() {
            State::Ongoing(open) => self.complete(id, &open, commits),
            State::Complete(committed) if committed == commits => {}
            State::Empty | State::Complete(_) => return Err(INVALID_STATE),
        }
        Ok(())
    }

    fn end_v5(
        &mut self,
        id: usize,
        producer: Producer,
        commits: bool,
    ) -> Result<Producer, Refused> {
        let known = self.ids[id].as_mut().ok_or(INVALID_MAPPING)?;
        let (epoch, now) = (producer.epoch.0, known.producer.epoch.0);
        let is_complete = matches!(known.state, State::Complete(_));
        let is_retry = is_complete && producer.id == known.producer.id && epoch + 1 == now;
        if !is_retry {
            known.check(producer)?;
        }
        let open = match &known.state {
            State::Ongoing(open) => open.clone(),
            State::Complete(committed) if is_retry && *committed == commits => {
                return Ok(known.producer);
            }
            State::Empty | State::Complete(_) if !is_retry && !commits => BTreeSet::new(),
            State::Empty | State::Complete(_) => return Err(INVALID_STATE),
        };
        known.bump(Some(epoch));
        let next = known.producer;
        self.complete(id, &open, commits);
        Ok(next)
    }

    /// The markers are written.
    fn complete(&mut self, id: usize, open: &BTreeSet<usize>, commits: bool) {
        let known = self.ids[id].as_mut().unwrap();
        known.state = State::Complete(commits);
        for to in open {
            self.partitions[*to].mark(known.producer, commits);
        }
    }

    fn produce(&mut self, (id, claim): (usize, Claim), to: usize, beyond: i32, version: i16) {
        let producer = self.producer(id, claim);
        let known = self.partitions.get(to);
        let known = known.and_then(|known| known.producers.get(&producer.id.0).copied());
        let next = known.filter(|known| known.epoch == producer.epoch.0);
        // Without a state the first protocol takes any sequence; that is no matter of this model.
        let beyond = if next.is_none() && version < 12 {
            0
        } else {
            beyond
        };
        let sequence = next.map_or(0, |known| known.next) + beyond;
        let value = format!("{}.{to}.{sequence}", self.written());
        let write = Write {
            id: Some(IDS[id]),
            producer,
            sequence,
            place: place(to),
            value: &value,
        };
        let got = self.world.produce(&write, version).map(|_| ());
        if to == MISSING {
            assert_eq!(got, Err(3));
            return;
        }
        let admitted = self.admit((id, producer), (to, sequence), version);
        let partition = &mut self.partitions[to];
        let is_late = beyond > 0 || partition.misses_one_before(producer.id, sequence);
        let in_order = if is_late { Err(OUT_OF_ORDER) } else { Ok(()) };
        let wanted = admitted.and(in_order);
        assert_eq!(got, wanted, "{write:?} v{version}", write = write.value);
        if wanted.is_ok() {
            partition.write(producer, sequence, value);
        }
    }

    /// What the partition and the coordinator have against a write.
    fn admit(
        &mut self,
        (id, producer): (usize, Producer),
        (to, sequence): (usize, i32),
        version: i16,
    ) -> Result<(), Refused> {
        let known = self.partitions[to].producers.get(&producer.id.0);
        if let Some(known) = known {
            if producer.epoch.0 < known.epoch {
                return Err(INVALID_EPOCH);
            }
            if known.is_open && known.epoch == producer.epoch.0 {
                return Ok(());
            }
        }
        self.partitions[to].try_first(producer, sequence, version >= 12);
        let told = |code| if code == FENCED { INVALID_EPOCH } else { code };
        if version >= 12 {
            return self.add(id, producer, to).map_err(told);
        }
        let known = self.ids[id].as_ref().ok_or(INVALID_MAPPING)?;
        known.check(producer).map_err(told)?;
        match &known.state {
            State::Ongoing(open) if open.contains(&to) => Ok(()),
            State::Empty | State::Ongoing(_) | State::Complete(_) => Err(120),
        }
    }

    /// Nothing else gets into an open transaction.
    fn plain(&mut self, id: usize, to: usize) {
        let producer = self.producer(id, Claim::Own(0));
        let Some(partition) = self.partitions.get(to) else {
            return;
        };
        let known = partition.producers.get(&producer.id.0);
        let Some(known) = known.filter(|known| known.is_open) else {
            return;
        };
        let write = Write {
            id: None,
            producer,
            sequence: known.next,
            place: place(to),
            value: "plain",
        };
        let wanted = if partition.misses_one_before(producer.id, known.next) {
            OUT_OF_ORDER
        } else {
            INVALID_STATE
        };
        assert_eq!(self.world.produce(&write, 12), Err(wanted));
    }

    fn written(&self) -> usize {
        let all = self.partitions.iter();
        all.map(|partition| partition.records.len()).sum()
    }

    /// The log holds what the model says.
    fn look(&mut self) {
        for index in 0..MISSING {
            let at = place(index);
            let log = self.world.bench.engine.state.cluster.topic("a").unwrap();
            let log = log.partition(at.partition).unwrap();
            log.log.check_invariants();
            let records = &self.partitions[index].records;
            let all: Vec<_> = records.iter().map(|(value, ..)| value.clone()).collect();
            let stable = records.iter().take_while(|(.., fate)| fate.is_some());
            let committed = stable.filter(|(.., fate)| *fate == Some(true));
            let committed: Vec<_> = committed.map(|(value, ..)| value.clone()).collect();
            assert_eq!(self.world.read(&at, false), all);
            assert_eq!(self.world.read(&at, true), committed);
        }
    }

    /// No transaction outlives its time-out.
    fn finish(&mut self) {
        self.step(&Step::Wait);
        for index in 0..MISSING {
            let at = place(index);
            let stable = self.world.last_stable_offset(&at);
            assert_eq!(stable, self.world.end_offset(&at));
        }
    }
}

fn check(steps: &[Step]) {
    let mut model = Model::new();
    for step in steps {
        model.step(step);
    }
    model.finish();
}

#[test]
fn what_once_was_amiss_is_not() {
    KNOWN.iter().for_each(|steps| check(steps));
}

proptest! {
    #![proptest_config(crate::property::cases(96))]

    #[test]
    fn whatever_is_sent_gets_the_error_of_the_model(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        check(&steps);
    }
}
