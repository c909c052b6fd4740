//! What is tried again after a while: Kafka's nodes do so five times, and wait twice as long each time.

use std::collections::BTreeMap;
use std::time::Duration;

use super::SharePartitionKey;
use super::errands::{Errand, Then};
use super::partition::Step;
use crate::engine::state::{State, StateTimer};
use crate::engine::time::Now;
use crate::wire::units::NodeId;

/// How often something is tried at most.
const ATTEMPTS_MAX: u32 = 5;

/// The wait before the first is tried again, halved.
const BACKOFF: Duration = Duration::from_secs(1);

/// How much the wait varies by chance, in thousandths to both sides.
const JITTER: u64 = 200;

/// How often something was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Attempt(u32);

impl Attempt {
    /// The next one, if there may be one more.
    pub(super) const fn next(self) -> Option<Self> {
        if self.0 + 1 < ATTEMPTS_MAX {
            Some(Self(self.0 + 1))
        } else {
            None
        }
    }
}

/// How often somebody tried to have something done by the share coordinator: nobody was found, or it was not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tries {
    pub(super) find: Attempt,
    pub(super) ask: Attempt,
}

/// Records on their way to a dead-letter topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) key: SharePartitionKey,
    pub(super) step: Step,
    /// The first offset that is not there yet.
    pub(super) next: i64,
}

/// What is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Retry {
    DeadLetter(Letter, Attempt),
    Errand(Box<Errand>, Tries, Then),
}

/// What is tried again, by number.
#[derive(Debug, Default)]
pub(crate) struct Retries {
    last: u64,
    by_number: BTreeMap<u64, Retry>,
}

impl Retries {
    /// Whether there is one of that number.
    pub(crate) fn has(&self, number: u64) -> bool {
        self.by_number.contains_key(&number)
    }

    /// What one of them is about, in words for people.
    pub(crate) fn describe(
        &self,
        number: u64,
        topic: impl Fn(uuid::Uuid) -> Option<String>,
    ) -> String {
        let Some(retry) = self.by_number.get(&number) else {
            return "another attempt".to_owned();
        };
        let (key, what, wherefrom) = match retry {
            Retry::DeadLetter(letter, _) => (&letter.key, "dead letters", "from"),
            Retry::Errand(errand, ..) => (&errand.key, errand.what.describe(), "in"),
        };
        let topic = topic(key.topic).unwrap_or_else(|| key.topic.to_string());
        format!(
            "{what} of group {:?} {wherefrom} {topic}-{}, another attempt",
            key.group, key.partition
        )
    }

    /// Takes out all of them.
    pub(super) fn clear(&mut self) -> impl Iterator<Item = u64> {
        std::mem::take(&mut self.by_number).into_keys()
    }
}

impl State {
    /// Has something tried again in a while: the longer, the more often it was tried.
    pub(super) fn retry(&mut self, now: Now, retry: Retry, attempt: Attempt) {
        let chance = self.rng.next_below(2 * JITTER + 1);
        let factor = u32::try_from(1000 - JITTER + chance).unwrap_or(1000);
        let wait = BACKOFF.saturating_mul(1 << attempt.0) * factor / 1000;
        let retries = &mut self.shares.retries;
        retries.last = retries.last.wrapping_add(1);
        let number = retries.last;
        retries.by_number.insert(number, retry);
        let timer = StateTimer::ShareRetry(number);
        self.timers
            .schedule(timer, now.elapsed.saturating_add(wait));
    }

    /// Takes what is tried again now.
    pub(super) fn due_again(&mut self, number: u64) -> Option<Retry> {
        self.shares.retries.by_number.remove(&number)
    }

    /// Gives up the dead letters of a share partition that are tried again. What the share coordinator was asked is
    /// asked all the same, as in Kafka.
    pub(super) fn forget_dead_letters(&mut self, key: &SharePartitionKey) {
        let retries = self.shares.retries.by_number.iter();
        let gone = retries.filter(|(_, retry)| match retry {
            Retry::DeadLetter(letter, _) => letter.key == *key,
            Retry::Errand(..) => false,
        });
        let gone: Vec<u64> = gone.map(|(number, _)| *number).collect();
        for number in gone {
            self.shares.retries.by_number.remove(&number);
            self.timers.cancel(&StateTimer::ShareRetry(number));
        }
    }

    /// A node stops, and with it whatever it was about to ask again.
    pub(in crate::engine) fn forget_errands_of(&mut self, node: NodeId) {
        let mut gone = Vec::new();
        for (number, retry) in &self.shares.retries.by_number {
            if let Retry::Errand(errand, _, then) = retry
                && errand.node == node
            {
                gone.push((*number, then.gathering()));
            }
        }
        for (number, gathering) in gone {
            self.shares.retries.by_number.remove(&number);
            self.timers.cancel(&StateTimer::ShareRetry(number));
            if let Some(gathering) = gathering {
                self.shares.gatherings.remove(&gathering);
            }
        }
    }

    /// Gives up all that is tried again.
    pub(super) fn forget_share_retries(&mut self) {
        for number in self.shares.retries.clear() {
            self.timers.cancel(&StateTimer::ShareRetry(number));
        }
    }
}
