//! What a partition knows of its producers, and what has been written to it.

use std::collections::BTreeMap;

use crate::engine::transaction::Producer;
use crate::wire::units::ProducerId;

/// A producer in a partition.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProducerState {
    pub(super) epoch: i16,
    pub(super) next: i32,
    pub(super) is_open: bool,
}

/// The first writes of a transaction that were tried and are not here.
#[derive(Debug, Clone, Copy)]
struct TriedWrites {
    epoch: i16,
    lowest: i32,
    is_v2: bool,
}

/// What became of a record: open still, or committed or not.
type Fate = Option<bool>;

#[derive(Default)]
pub(super) struct Partition {
    pub(super) producers: BTreeMap<i64, ProducerState>,
    pub(super) records: Vec<(String, ProducerId, Fate)>,
    tried: BTreeMap<i64, TriedWrites>,
}

impl Partition {
    /// Before the coordinator is asked about a write.
    pub(super) fn try_first(&mut self, producer: Producer, sequence: i32, is_v2: bool) {
        let epoch = producer.epoch.0;
        let tried = self.tried.entry(producer.id.0).or_insert(TriedWrites {
            epoch,
            lowest: sequence,
            is_v2,
        });
        if epoch > tried.epoch {
            (tried.epoch, tried.lowest) = (epoch, sequence);
        } else if epoch == tried.epoch {
            tried.lowest = tried.lowest.min(sequence);
        }
    }

    /// Whether an earlier sequence has been tried and is not here; its epoch does not matter.
    pub(super) fn misses_one_before(&self, id: ProducerId, sequence: i32) -> bool {
        let tried = self.tried.get(&id.0);
        tried.is_some_and(|tried| sequence > tried.lowest)
    }

    pub(super) fn write(&mut self, producer: Producer, sequence: i32, value: String) {
        let written = ProducerState {
            epoch: producer.epoch.0,
            next: sequence + 1,
            is_open: true,
        };
        self.tried.remove(&producer.id.0);
        self.producers.insert(producer.id.0, written);
        self.records.push((value, producer.id, None));
    }

    /// The producer's transaction ends. What was tried for the next one stays.
    pub(super) fn mark(&mut self, producer: Producer, commits: bool) {
        let (id, epoch) = (producer.id.0, producer.epoch.0);
        let before = self.producers.get(&id);
        let next = before.filter(|known| known.epoch == epoch);
        let marked = ProducerState {
            epoch,
            next: next.map_or(0, |known| known.next),
            is_open: false,
        };
        self.producers.insert(id, marked);
        self.tried
            .retain(|by, tried| *by != id || (tried.is_v2 && tried.epoch == epoch));
        for (_, by, fate) in &mut self.records {
            if *by == producer.id && fate.is_none() {
                *fate = Some(commits);
            }
        }
    }
}
