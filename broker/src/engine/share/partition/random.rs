//! Consumers that do anything at any time: no record is lost, none is with two of them, none comes too often, and the
//! start only moves forward.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::tests::{TERMS, at, batch, partition};
use super::*;
use crate::engine::rng::Rng;
use crate::wire::batch::BatchView;

const SEEDS: u64 = 200;
const STEPS: usize = 300;
const BATCHES: usize = 12;
const MEMBERS: [&str; 3] = ["m", "n", "o"];

const ACCEPT: i8 = 1;
const RELEASE: i8 = 2;
const RENEW: i8 = 4;

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    Free,
    /// Whose it is, and until which second.
    Held(&'static str, u64),
    Done,
}

struct World {
    rng: Rng,
    share: SharePartition,
    log: Vec<BatchView>,
    seconds: u64,
    /// By offset: what became of it, and how often it was delivered.
    model: BTreeMap<i64, (Fate, i32)>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let (mut log, mut end) = (Vec::new(), 0_i64);
        for _ in 0..BATCHES {
            let length = 1 + i32::try_from(rng.below(5)).unwrap();
            log.push(batch(end, length));
            end += i64::from(length);
        }
        Self {
            rng,
            share: partition(0, &[]),
            log,
            seconds: 0,
            model: (0..end).map(|offset| (offset, (Fate::Free, 0))).collect(),
        }
    }

    fn member(&mut self) -> &'static str {
        MEMBERS[self.rng.below(MEMBERS.len())]
    }

    fn locked_until(&self) -> u64 {
        self.seconds + TERMS.lock_duration.as_secs()
    }

    fn fetch(&mut self) {
        let member = self.member();
        let name: Arc<str> = member.into();
        let from = self.share.next_offset();
        let read = self
            .log
            .partition_point(|batch| batch.last_offset().0 < from);
        let modes = [AcquireMode::BatchOptimized, AcquireMode::RecordLimit];
        let asked = Acquiring {
            member: &name,
            mode: modes[self.rng.below(2)],
            batch_size: 1 + i32::try_from(self.rng.below(6)).unwrap(),
            records_max: 1 + i32::try_from(self.rng.below(8)).unwrap(),
        };
        let fetched = Fetched {
            from,
            batches: &self.log[read..],
            aborted: &[],
        };
        let rows = self.share.acquire(at(self.seconds), &TERMS, asked, fetched);
        let until = self.locked_until();
        for row in rows {
            for offset in row.first..=row.last {
                let (fate, count) = self.model.get_mut(&offset).unwrap();
                assert_eq!(*fate, Fate::Free, "offset {offset}");
                *fate = Fate::Held(member, until);
                *count += 1;
                assert_eq!(*count, row.deliveries, "offset {offset}");
                assert!(*count <= TERMS.deliveries_max, "offset {offset}");
            }
        }
    }

    /// Some records in a row that one member has.
    fn run(&mut self) -> Option<(&'static str, i64, i64)> {
        let held = self
            .model
            .iter()
            .filter_map(|(offset, (fate, _))| match fate {
                Fate::Held(member, _) => Some((*offset, *member)),
                Fate::Free | Fate::Done => None,
            });
        let held: BTreeMap<i64, &'static str> = held.collect();
        let index = self.rng.below(held.len().max(1));
        let (first, member) = held
            .iter()
            .nth(index)
            .map(|(first, member)| (*first, *member))?;
        let length = 1 + i64::try_from(self.rng.below(4)).unwrap();
        let own = |offset: &i64| held.get(offset) == Some(&member);
        let last = (first..first + length).take_while(own).last()?;
        Some((member, first, last))
    }

    fn acknowledge(&mut self) {
        let Some((member, first, last)) = self.run() else {
            return;
        };
        let kind = i8::try_from(self.rng.below(5)).unwrap();
        let types = vec![kind];
        let said = AcknowledgementBatch { first, last, types };
        let now = at(self.seconds);
        let change = self
            .share
            .acknowledge(now, &TERMS, member, &[said])
            .unwrap();
        self.share.commit(&change.steps);
        self.share.advance();
        let until = self.locked_until();
        for offset in first..=last {
            match kind {
                RENEW => self.model.get_mut(&offset).unwrap().0 = Fate::Held(member, until),
                RELEASE => self.give_back(offset),
                _ => self.model.get_mut(&offset).unwrap().0 = Fate::Done,
            }
        }
    }

    fn give_back(&mut self, offset: i64) {
        let (fate, count) = self.model.get_mut(&offset).unwrap();
        *fate = if *count == TERMS.deliveries_max {
            Fate::Done
        } else {
            Fate::Free
        };
    }

    fn give_back_all(&mut self, is_meant: impl Fn(&'static str, u64) -> bool) {
        let held = self.model.iter().filter(|(_, (fate, _))| match fate {
            Fate::Held(member, until) => is_meant(member, *until),
            Fate::Free | Fate::Done => false,
        });
        let held: Vec<i64> = held.map(|(offset, _)| *offset).collect();
        held.into_iter().for_each(|offset| self.give_back(offset));
    }

    fn wait(&mut self) {
        self.seconds += self.rng.next_below(20);
        for ended in self.share.ended_locks(at(self.seconds)) {
            assert!(self.share.expire(&TERMS, ended).is_some());
            self.share.advance();
        }
        let now = self.seconds;
        self.give_back_all(|_, until| until <= now);
    }

    fn leave(&mut self) {
        let member = self.member();
        let change = self.share.release(&TERMS, member);
        self.share.commit(&change.steps);
        self.share.advance();
        self.give_back_all(|own, _| own == member);
    }

    fn step(&mut self) {
        let start = self.share.start;
        match self.rng.below(8) {
            0..=2 => self.fetch(),
            3..=5 => self.acknowledge(),
            6 => self.wait(),
            _ => self.leave(),
        }
        self.check(start);
    }

    fn check(&self, before: i64) {
        self.share.check(&TERMS).unwrap();
        assert!(
            self.share.start >= before,
            "from {before} back to {}",
            self.share.start
        );
        let mut passed = self.model.range(..self.share.start);
        assert!(passed.all(|(_, (fate, _))| *fate == Fate::Done));
        let first_open = self.model.iter().find(|(_, (fate, _))| *fate != Fate::Done);
        let first_open = first_open.map_or(self.share.start, |(offset, _)| *offset);
        assert_eq!(self.share.start, first_open);
    }

    /// Everything is delivered in the end.
    fn finish(&mut self) {
        for _ in 0..STEPS {
            self.fetch();
            while let Some((member, first, last)) = self.run() {
                let types = vec![ACCEPT];
                let said = AcknowledgementBatch { first, last, types };
                let now = at(self.seconds);
                let change = self
                    .share
                    .acknowledge(now, &TERMS, member, &[said])
                    .unwrap();
                self.share.commit(&change.steps);
                self.share.advance();
                for offset in first..=last {
                    self.model.get_mut(&offset).unwrap().0 = Fate::Done;
                }
            }
        }
        assert!(self.model.values().all(|(fate, _)| *fate == Fate::Done));
        assert_eq!(self.share.start, i64::try_from(self.model.len()).unwrap());
    }
}

#[test]
fn nothing_is_lost_and_nothing_shared() {
    for seed in 0..SEEDS {
        let mut world = World::new(seed);
        for _ in 0..STEPS {
            world.step();
        }
        world.finish();
    }
}
