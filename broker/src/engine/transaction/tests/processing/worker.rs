//! A worker: it reads what is assigned to it, and writes what it makes of it together with its offset.

use std::collections::BTreeMap;

use super::member::{Kind, Member, Standing};
use super::stage::{Sequences, Stage};
use super::{INPUT, OUTPUTS, TIMEOUT};
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::Producer;
use crate::engine::transaction::tests::world::Refused;
use crate::engine::transaction::tests::write::Write;
use crate::wire::apis::Response;

/// Where a group writes.
pub(super) fn output(group: &str) -> String {
    format!("out-{group}")
}

/// What stays when a process dies.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    /// The transactional id.
    pub(super) id: String,
    group: &'static str,
    kind: Kind,
    /// Whether it uses the second protocol of transactions.
    is_v2: bool,
}

/// A seat and the process that has it, if one runs.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) seat: Seat,
    pub(super) process: Option<Process>,
}

/// How an application goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    GoesOn,
    Dies,
}

/// A transaction under way.
#[derive(Debug, Clone)]
struct Work {
    number: usize,
    partition: i32,
    inputs: Vec<String>,
    /// The offset to commit.
    next: i64,
    /// The member and its generation when the inputs were read.
    claim: (String, i32),
    written: usize,
    /// What comes next has been added, as the first protocol wants it.
    is_added: bool,
    has_offset: bool,
    /// A write was sent, and nobody knows whether it is there.
    is_unsure: bool,
    /// How it ends, once that is decided.
    commits: Option<bool>,
}

#[derive(Debug, Clone)]
pub(super) struct Process {
    pub(super) seat: Seat,
    pub(super) member: Member,
    producer: Option<Producer>,
    sequences: Sequences,
    /// By partition of the input, where to go on.
    positions: BTreeMap<i32, i64>,
    work: Option<Work>,
}

impl Worker {
    pub(super) fn new(group: &'static str, kind: Kind, place: usize) -> Self {
        let seat = Seat {
            id: format!("{group}-{place}"),
            group,
            kind,
            is_v2: place.is_multiple_of(2),
        };
        Self {
            seat,
            process: None,
        }
    }
}

impl Seat {
    pub(super) fn process(&self) -> Process {
        Process {
            seat: self.clone(),
            member: Member::new(self.group, self.kind),
            producer: None,
            sequences: Sequences::new(),
            positions: BTreeMap::new(),
            work: None,
        }
    }
}

impl Process {
    pub(super) fn step(&mut self, on: &mut Stage) -> Next {
        let Some(producer) = self.producer else {
            self.initialize(on);
            return Next::GoesOn;
        };
        let beats = on.rng.below(4) == 0;
        match self.member.standing {
            Standing::Away => self.member.join(on),
            Standing::Here if beats => self.member.beat(on),
            Standing::Here | Standing::Waiting => {
                if self.work.is_none() {
                    self.begin(on);
                }
                return self.go_on(on, producer);
            }
        }
        Next::GoesOn
    }

    /// What is left to do for one that was taken for dead.
    pub(super) fn go_on_if_busy(&mut self, on: &mut Stage) -> Next {
        match (self.producer, &self.work) {
            (Some(producer), Some(_)) => self.go_on(on, producer),
            _ => Next::Dies,
        }
    }

    pub(super) fn hear(&mut self, on: &mut Stage, response: &Response) {
        if self.member.hear(on, response) {
            self.positions.clear();
            if let Some(work) = &mut self.work {
                on.rebalances_in_transactions += 1;
                // A client gives up at once, or when its group tells it.
                if work.commits.is_none() && (on.is_gentle || on.rng.below(4) == 0) {
                    work.commits = Some(false);
                }
            }
        }
    }

    fn initialize(&mut self, on: &mut Stage) {
        let id = self.seat.id.clone();
        let timeout = i32::try_from(TIMEOUT).unwrap();
        let what = format!("{id}: init");
        if let Some(Ok(producer)) = on.try_to(&what, |world| world.init(&id, timeout, None)) {
            self.producer = Some(producer);
        }
    }

    /// Reads a few committed inputs from where the group is.
    fn begin(&mut self, on: &mut Stage) {
        let assigned = &self.member.assigned;
        if assigned.is_empty() {
            return;
        }
        let partition = assigned[on.rng.below(assigned.len())];
        let place = TopicPartition::new(INPUT, partition);
        let group = self.seat.group;
        let Some(position) = self.positions.get(&partition).copied() else {
            let what = format!("{}: offset of {partition}", self.seat.id);
            let found = on.try_to(&what, |world| world.offset_of(group, &place, true));
            if let Some(found) = found {
                self.positions.insert(partition, found.unwrap().max(0));
            }
            return;
        };
        let fetched = on.world.fetch((&place, position), true).unwrap();
        let most = 1 + on.rng.below(3);
        let taken: Vec<_> = fetched.records.into_iter().take(most).collect();
        let Some((last, _)) = taken.last() else {
            self.positions.insert(partition, fetched.next);
            return;
        };
        let next = last + 1;
        let inputs = taken.into_iter().map(|(_, value)| value);
        let inputs: Vec<_> = inputs
            .map(|value| value.split_once(' ').unwrap().1.to_owned())
            .collect();
        let number = on.begin(Some(group));
        on.note(format!(
            "{}: {number} is {inputs:?} up to {partition}@{next}",
            self.seat.id
        ));
        let commits = on.happens(20).then_some(false);
        self.work = Some(Work {
            number,
            partition,
            inputs,
            next,
            claim: (self.member.id.clone(), self.member.epoch),
            written: 0,
            is_added: false,
            has_offset: false,
            is_unsure: false,
            commits,
        });
    }

    fn go_on(&mut self, on: &mut Stage, producer: Producer) -> Next {
        let Some(work) = self.work.clone() else {
            return Next::GoesOn;
        };
        if let Some(commits) = work.commits {
            return self.end(on, (producer, &work), commits);
        }
        let result = if work.written < work.inputs.len() {
            self.write(on, producer, &work)
        } else if work.has_offset {
            let commits = !on.happens(16);
            self.now().commits = Some(commits);
            Ok(())
        } else {
            self.commit_offset(on, producer, &work)
        };
        match result {
            Ok(()) => {}
            // ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH, TRANSACTION_ABORTABLE, and
            // GROUP_ID_NOT_FOUND: the producer may abort.
            Err(22 | 25 | 113 | 120 | 69) => self.now().commits = Some(false),
            // Another has its transactional id, or its transaction is over.
            Err(45 | 47 | 48 | 49 | 90) => return Next::Dies,
            Err(code) => panic!("{} hears {code}", self.seat.id),
        }
        Next::GoesOn
    }

    fn now(&mut self) -> &mut Work {
        self.work.as_mut().unwrap()
    }

    fn write(&mut self, on: &mut Stage, producer: Producer, work: &Work) -> Result<(), Refused> {
        let id = self.seat.id.clone();
        let at = i32::try_from(work.number + work.written).unwrap() % OUTPUTS;
        let place = TopicPartition::new(&output(self.seat.group), at);
        if !self.seat.is_v2 && !work.is_added {
            let what = format!("{id}: add {at}");
            let added = on.try_to(&what, |world| world.add(&id, producer, &place));
            self.now().is_added = matches!(added, Some(Ok(())));
            return added.unwrap_or(Ok(()));
        }
        let value = format!(
            "{}.{} {}",
            work.number, work.written, work.inputs[work.written]
        );
        let sequence = self.sequences.get(&place).copied().unwrap_or_default();
        let write = Write {
            id: Some(&id),
            producer,
            sequence,
            place: place.clone(),
            value: &value,
        };
        let version = if self.seat.is_v2 { 12 } else { 11 };
        let what = format!("{id}: {value} to {at} at {sequence}");
        self.now().is_unsure = true;
        let Some(written) = on.try_to(&what, |world| world.produce(&write, version)) else {
            return Ok(());
        };
        written?;
        self.sequences.insert(place, sequence + 1);
        on.attempts[work.number].values.push(value);
        let now = self.now();
        (now.written, now.is_added, now.is_unsure) = (work.written + 1, false, false);
        Ok(())
    }

    /// Says, in the transaction, how far the group is.
    fn commit_offset(
        &mut self,
        on: &mut Stage,
        producer: Producer,
        work: &Work,
    ) -> Result<(), Refused> {
        let (id, group) = (self.seat.id.clone(), self.seat.group);
        if !self.seat.is_v2 && !work.is_added {
            let what = format!("{id}: add offsets");
            let added = on.try_to(&what, |world| world.add_offsets((&id, producer), group));
            self.now().is_added = matches!(added, Some(Ok(())));
            return added.unwrap_or(Ok(()));
        }
        let version = if self.seat.is_v2 { 5 } else { 3 };
        let place = TopicPartition::new(INPUT, work.partition);
        let (member, generation) = &work.claim;
        let what = format!(
            "{id}: offset {} of {} in {generation}",
            work.next, work.partition
        );
        let committed = on.try_to(&what, |world| {
            let claim = (group, member.as_str(), *generation);
            world.commit_offset_of((&id, producer), claim, (&place, work.next), version)
        });
        self.now().has_offset = matches!(committed, Some(Ok(())));
        committed.unwrap_or(Ok(()))
    }

    fn end(&mut self, on: &mut Stage, (producer, work): (Producer, &Work), commits: bool) -> Next {
        let id = self.seat.id.clone();
        // Whose last write is unsure cannot know its next sequence without a new epoch.
        if work.is_unsure && !self.seat.is_v2 {
            return Next::Dies;
        }
        on.attempts[work.number].may_be_committed |= commits;
        let version = if self.seat.is_v2 { 5 } else { 4 };
        let what = format!("{id}: end {}, commit {commits}", work.number);
        match on.try_to(&what, |world| world.end((&id, producer), commits, version)) {
            None => return Next::GoesOn,
            Some(Ok(next)) => {
                on.attempts[work.number].is_committed = commits;
                if next != producer {
                    self.sequences.clear();
                }
                self.producer = Some(next);
            }
            // Nothing of it had begun.
            Some(Err(48)) if !commits && !self.seat.is_v2 => {}
            Some(Err(47 | 48 | 49 | 90)) => return Next::Dies,
            Some(Err(code)) => panic!("{id} hears {code}"),
        }
        if commits && self.positions.contains_key(&work.partition) {
            self.positions.insert(work.partition, work.next);
        } else {
            self.positions.remove(&work.partition);
        }
        self.work = None;
        Next::GoesOn
    }
}
