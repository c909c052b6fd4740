//! Readers of both isolation levels, and what must be true of what they get.

use std::collections::{BTreeMap, BTreeSet};

use super::stage::Attempt;
use super::{GROUPS, INPUT, INPUTS, LOOK_EVERY, OUTPUTS, TIMEOUT, World, worker};
use crate::engine::topic_partition::TopicPartition;

/// A partition's readers.
#[derive(Debug, Default)]
struct Reader {
    /// Where the reader of everything is, and that of what is committed.
    next: [i64; 2],
    /// Where the last stable offset was first seen to be, in milliseconds.
    stuck: (i64, u128),
}

/// A value that was delivered: the attempt, which of its values, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Value {
    attempt: usize,
    about: String,
}

impl Value {
    /// From `attempt.part about`.
    fn read(text: &str) -> Self {
        let (number, about) = text.split_once(' ').unwrap();
        let (attempt, _) = number.split_once('.').unwrap();
        Self {
            attempt: attempt.parse().unwrap(),
            about: about.to_owned(),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Readers {
    by_place: BTreeMap<TopicPartition, Reader>,
    /// What was read at an offset, by anybody.
    contents: BTreeMap<(TopicPartition, i64), String>,
    /// What readers of committed data got, in order.
    delivered: BTreeMap<TopicPartition, Vec<(i64, String)>>,
    /// By group, whose work has been seen.
    done: BTreeSet<(&'static str, String)>,
}

impl Readers {
    pub(super) fn new() -> Self {
        let inputs = (0..INPUTS).map(|at| TopicPartition::new(INPUT, at));
        let outputs = GROUPS.iter().flat_map(|(group, _)| {
            (0..OUTPUTS).map(|at| TopicPartition::new(&worker::output(group), at))
        });
        Self {
            by_place: inputs
                .chain(outputs)
                .map(|place| (place, Reader::default()))
                .collect(),
            ..Self::default()
        }
    }

    /// Something held transactions up: their time starts over.
    pub(super) fn forgive(&mut self) {
        for reader in self.by_place.values_mut() {
            reader.stuck = (-1, 0);
        }
    }

    /// What is new for the readers. Nothing that is aborted, nothing twice, and no offset with another
    /// content than before.
    pub(super) fn read(&mut self, world: &mut World, attempts: &[Attempt]) {
        let places: Vec<_> = self.by_place.keys().cloned().collect();
        for place in places {
            for (level, committed) in [false, true].into_iter().enumerate() {
                let from = self.by_place[&place].next[level];
                let fetched = world.fetch((&place, from), committed).unwrap();
                self.by_place.get_mut(&place).unwrap().next[level] = fetched.next;
                for (offset, value) in fetched.records {
                    self.check_content(&place, offset, &value);
                    if committed {
                        self.deliver(&place, offset, value, attempts);
                    }
                }
            }
            self.check_progress(world, &place);
        }
    }

    fn check_content(&mut self, place: &TopicPartition, offset: i64, value: &str) {
        let key = (place.clone(), offset);
        let known = self.contents.entry(key).or_insert_with(|| value.to_owned());
        assert_eq!(known, value, "{place:?} at {offset} reads differently");
    }

    fn deliver(&mut self, place: &TopicPartition, offset: i64, text: String, all: &[Attempt]) {
        let value = Value::read(&text);
        let attempt = &all[value.attempt];
        assert!(attempt.may_be_committed, "aborted, and read: {text}");
        if let Some(group) = attempt.group {
            let is_new = self.done.insert((group, value.about.clone()));
            assert!(is_new, "{group} has done twice: {}", value.about);
        }
        let before = self.delivered.entry(place.clone()).or_default();
        before.push((offset, text));
    }

    /// No transaction holds readers up for longer than its time-out, and the pause until somebody looks.
    fn check_progress(&mut self, world: &World, place: &TopicPartition) {
        let now = world.bench.now.elapsed.as_millis();
        let (stable, end) = (world.last_stable_offset(place), world.end_offset(place));
        let reader = self.by_place.get_mut(place).unwrap();
        if stable == end || reader.stuck.0 != stable {
            reader.stuck = (stable, now);
        }
        let held_up = now - reader.stuck.1;
        // Time passes in steps of up to 26 seconds; nobody looks in between.
        let longest = u128::from(TIMEOUT + LOOK_EVERY) + 27_000;
        assert!(held_up <= longest, "{place:?} is held up at {stable}");
    }

    /// Everything has ended: readers have all there is, each transaction is there whole or not at all,
    /// what was acknowledged is there, and groups' offsets agree with what they have written.
    pub(super) fn check_calm(&self, world: &mut World, attempts: &[Attempt]) {
        for (place, reader) in &self.by_place {
            let (stable, end) = (world.last_stable_offset(place), world.end_offset(place));
            assert_eq!(stable, end, "{place:?} is held up");
            assert_eq!(reader.next, [end; 2], "{place:?} is not read");
        }
        let delivered: BTreeSet<&String> = self
            .delivered
            .values()
            .flatten()
            .map(|(_, text)| text)
            .collect();
        for attempt in attempts {
            let values = attempt.values.iter();
            let there = values.filter(|value| delivered.contains(value)).count();
            let is_whole = there == attempt.values.len();
            assert!(is_whole || there == 0, "torn: {attempt:?}");
            assert!(is_whole || !attempt.is_committed, "lost: {attempt:?}");
        }
        self.check_rereading(world);
        for (group, _) in GROUPS {
            for at in 0..INPUTS {
                self.check_offsets(world, group, &TopicPartition::new(INPUT, at));
            }
        }
    }

    /// Who reads from the beginning gets the same once more.
    fn check_rereading(&self, world: &mut World) {
        for place in self.by_place.keys() {
            let anew = world.fetch((place, 0), true).unwrap().records;
            let before = self.delivered.get(place).cloned().unwrap_or_default();
            assert_eq!(anew, before, "{place:?} reads differently");
        }
    }

    /// What lies before the group's offset is done, and nothing else.
    fn check_offsets(&self, world: &mut World, group: &'static str, place: &TopicPartition) {
        let committed = world.offset_of(group, place, true).unwrap();
        for (offset, text) in self.delivered.get(place).into_iter().flatten() {
            let is_done = self.done.contains(&(group, Value::read(text).about));
            let is_before = *offset < committed;
            assert!(
                is_done == is_before,
                "{group} has committed {committed} of {place:?}; {offset} is done: {is_done}"
            );
        }
    }

    /// Whether every group has done everything.
    pub(super) fn is_all_done(&self) -> bool {
        let inputs = self
            .delivered
            .iter()
            .filter(|(place, _)| place.topic == INPUT);
        let inputs: usize = inputs.map(|(_, values)| values.len()).sum();
        self.done.len() == inputs * GROUPS.len()
    }
}
