//! Where the input comes from: transactions of one producer that commits, aborts and crashes.

use super::stage::{Sequences, Stage};
use super::{INPUT, INPUTS, TIMEOUT};
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::Producer;
use crate::engine::transaction::tests::write::Write;

/// The transactional id.
const ID: &str = "source";

#[derive(Debug, Default)]
pub(super) struct Source {
    producer: Option<Producer>,
    sequences: Sequences,
    attempt: Option<usize>,
    /// What is being written, until it is known to be there.
    writing: Option<(TopicPartition, String)>,
    /// How the transaction ends, once that is decided.
    commits: Option<bool>,
}

impl Source {
    pub(super) fn step(&mut self, on: &mut Stage) {
        if on.happens(20) {
            on.note("the source crashes".to_owned());
            *self = Self::default();
        }
        let Some(producer) = self.producer else {
            let timeout = i32::try_from(TIMEOUT).unwrap();
            let begun = on.try_to("source: init", |world| world.init(ID, timeout, None));
            if let Some(Ok(producer)) = begun {
                self.producer = Some(producer);
            }
            return;
        };
        let attempt = *self.attempt.get_or_insert_with(|| on.begin(None));
        let written = on.attempts[attempt].values.len();
        if self.writing.is_none() && written > 0 && on.rng.below(3) == 0 {
            let commits = on.rng.below(4) > 0;
            self.commits.get_or_insert(commits);
        }
        match self.commits {
            Some(commits) => self.end(on, (producer, attempt), commits),
            None => self.write(on, (producer, attempt)),
        }
    }

    fn write(&mut self, on: &mut Stage, (producer, attempt): (Producer, usize)) {
        let count = on.attempts[attempt].values.len();
        let (place, value) = self
            .writing
            .get_or_insert_with(|| {
                let at = on.rng.below(usize::try_from(INPUTS).unwrap());
                let place = TopicPartition::new(INPUT, i32::try_from(at).unwrap());
                (place, format!("{attempt}.{count} i{attempt}.{count}"))
            })
            .clone();
        let sequence = self.sequences.get(&place).copied().unwrap_or_default();
        let write = Write {
            id: Some(ID),
            producer,
            sequence,
            place: place.clone(),
            value: &value,
        };
        let what = format!("source: {value} to {}", place.partition);
        match on.try_to(&what, |world| world.produce(&write, 12)) {
            None => {}
            Some(Ok(_)) => {
                self.sequences.insert(place, sequence + 1);
                self.writing = None;
                on.attempts[attempt].values.push(value);
            }
            Some(Err(_)) => *self = Self::default(),
        }
    }

    fn end(&mut self, on: &mut Stage, (producer, attempt): (Producer, usize), commits: bool) {
        on.attempts[attempt].may_be_committed |= commits;
        let what = format!("source: end {attempt}, commit {commits}");
        match on.try_to(&what, |world| world.end((ID, producer), commits, 5)) {
            None => {}
            Some(Ok(next)) => {
                on.attempts[attempt].is_committed = commits;
                *self = Self {
                    producer: Some(next),
                    ..Self::default()
                };
            }
            Some(Err(_)) => *self = Self::default(),
        }
    }
}
