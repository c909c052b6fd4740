//! What is written down of a share partition, and how changes of it come together.

use std::collections::BTreeMap;

use crate::wire::units::WallMillis;

/// An offset, or a count, that nobody has set.
pub(crate) const UNSET: i64 = -1;

/// Offsets whose records fare alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StateBatch {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// By Kafka's number.
    pub(crate) state: i8,
    /// How often they were delivered.
    pub(crate) count: i16,
}

impl StateBatch {
    pub(crate) fn new((first, last): (i64, i64), state: i8, count: i32) -> Self {
        Self {
            first,
            last,
            state,
            count: i16::try_from(count).unwrap_or(i16::MAX),
        }
    }
}

/// What the share coordinator knows of a share partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptState {
    pub(crate) snapshot_epoch: i32,
    /// Grows when somebody sets the offsets: who has an older one may not write.
    pub(crate) state_epoch: i32,
    pub(crate) leader_epoch: i32,
    /// -1 if none is set: the group's settings say where to begin.
    pub(crate) start: i64,
    /// How many of the offsets from the start on are done with; -1 if that is not known.
    pub(crate) done: i32,
    pub(crate) batches: Vec<StateBatch>,
    pub(crate) created_at: WallMillis,
    pub(crate) written_at: WallMillis,
}

impl KeptState {
    /// The state after an update.
    ///
    /// # Errors
    /// See [`combined`].
    pub(super) fn merge(&mut self, update: &Update) -> Result<(), Inverted> {
        if update.start != UNSET {
            self.start = update.start;
        }
        if update.leader_epoch != -1 {
            self.leader_epoch = update.leader_epoch;
        }
        self.done = update.done;
        self.batches = combined(&self.batches, &update.batches, self.start)?;
        Ok(())
    }
}

/// What a ShareUpdate record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Update {
    pub(crate) snapshot_epoch: i32,
    pub(crate) leader_epoch: i32,
    pub(crate) start: i64,
    pub(crate) done: i32,
    pub(crate) batches: Vec<StateBatch>,
}

/// A batch ends before it begins, and so it cannot be combined with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inverted;

/// Batches as they were and as they are now, without overlaps: what was delivered more often stays, and of as many
/// deliveries what has come further. What lies before the start is left out.
///
/// # Errors
/// One of several batches ends before it begins. Oracle: one alone is kept as it is.
pub(super) fn combined(
    before: &[StateBatch],
    now: &[StateBatch],
    start: i64,
) -> Result<Vec<StateBatch>, Inverted> {
    let kept = before
        .iter()
        .chain(now)
        .filter(|batch| start == UNSET || batch.last >= start);
    let cut = |batch: &StateBatch| {
        let first = if start == UNSET {
            batch.first
        } else {
            batch.first.max(start)
        };
        StateBatch { first, ..*batch }
    };
    let pruned: Vec<StateBatch> = kept.map(cut).collect();
    if pruned.len() < 2 {
        return Ok(pruned);
    }
    sweep(&pruned)
}

/// Walks over all ends of batches, and keeps in each stretch the batch that counts most.
fn sweep(batches: &[StateBatch]) -> Result<Vec<StateBatch>, Inverted> {
    let mut events: Vec<(i64, bool, (i16, i8))> =
        Vec::with_capacity(batches.len().saturating_mul(2));
    for batch in batches {
        let rank = (batch.count, batch.state);
        events.push((batch.first, true, rank));
        events.push((batch.last.wrapping_add(1), false, rank));
    }
    events.sort_unstable();
    let mut open: BTreeMap<(i16, i8), usize> = BTreeMap::new();
    let mut out: Vec<StateBatch> = Vec::new();
    let mut stretch: Option<(i64, (i16, i8))> = None;
    let mut events = events.into_iter().peekable();
    while let Some((offset, ..)) = events.peek().copied() {
        if let Some((from, winner)) = stretch
            && offset > from
        {
            add(&mut out, (from, offset - 1), winner);
        }
        while let Some((_, begins, rank)) = events.next_if(|event| event.0 == offset) {
            if begins {
                *open.entry(rank).or_default() += 1;
            } else {
                let count = open.get_mut(&rank).ok_or(Inverted)?;
                *count = count.saturating_sub(1);
                if *count == 0 {
                    open.remove(&rank);
                }
            }
        }
        stretch = open.last_key_value().map(|(rank, _)| (offset, *rank));
    }
    Ok(out)
}

fn add(out: &mut Vec<StateBatch>, (first, last): (i64, i64), (count, state): (i16, i8)) {
    match out.last_mut() {
        Some(tail) if tail.last + 1 == first && tail.state == state && tail.count == count => {
            tail.last = last;
        }
        Some(_) | None => out.push(StateBatch {
            first,
            last,
            state,
            count,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(first: i64, last: i64, state: i8, count: i16) -> StateBatch {
        StateBatch {
            first,
            last,
            state,
            count,
        }
    }

    /// Cases of Kafka's `PersisterStateBatchCombinerTest`.
    #[test]
    fn batches_come_together_as_kafkas_do() {
        type Case<'a> = (&'a [StateBatch], &'a [StateBatch], i64, &'a [StateBatch]);
        let cases: [Case<'_>; 8] = [
            (&[], &[], 0, &[]),
            (
                &[batch(0, 10, 0, 1)],
                &[batch(0, 10, 0, 1)],
                0,
                &[batch(0, 10, 0, 1)],
            ),
            (
                &[batch(0, 9, 0, 1)],
                &[batch(10, 19, 0, 1)],
                0,
                &[batch(0, 19, 0, 1)],
            ),
            (
                &[batch(0, 19, 0, 1)],
                &[batch(5, 9, 0, 2)],
                0,
                &[batch(0, 4, 0, 1), batch(5, 9, 0, 2), batch(10, 19, 0, 1)],
            ),
            (
                &[batch(0, 19, 2, 1)],
                &[batch(5, 9, 0, 1)],
                0,
                &[batch(0, 19, 2, 1)],
            ),
            (
                &[batch(0, 19, 0, 1)],
                &[batch(15, 29, 2, 1)],
                10,
                &[batch(10, 14, 0, 1), batch(15, 29, 2, 1)],
            ),
            (&[batch(0, 9, 0, 1)], &[], 10, &[]),
            (&[batch(0, 9, 0, 1)], &[], -1, &[batch(0, 9, 0, 1)]),
        ];
        for (before, now, start, expected) in cases {
            assert_eq!(
                combined(before, now, start).as_deref(),
                Ok(expected),
                "{before:?} {now:?} {start}"
            );
        }
    }

    #[test]
    fn what_ends_before_it_begins_stays_alone() {
        let inverted = batch(3, 2, 2, 1);
        assert_eq!(
            combined(&[inverted], &[], 0).as_deref(),
            Ok(&[inverted][..])
        );
        assert_eq!(
            combined(&[inverted], &[batch(7, 9, 2, 2)], 0),
            Err(Inverted)
        );
        let endless = batch(0, i64::MAX, 2, 1);
        assert_eq!(combined(&[endless], &[batch(7, 9, 2, 2)], 0), Err(Inverted));
    }
}
