//! Where each leader epoch begins (KIP-101, KIP-320).

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::wire::units::{LeaderEpoch, Offset};

/// Start offset of each leader epoch, both ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct LeaderEpochs {
    starts: VecDeque<(LeaderEpoch, Offset)>,
}

impl LeaderEpochs {
    /// Notes that `epoch` begins at `start`; entries that contradict it go.
    pub(super) fn assign(&mut self, epoch: LeaderEpoch, start: Offset) {
        let known = self
            .starts
            .back()
            .is_some_and(|last| last.0 == epoch && last.1 <= start);
        if epoch.0 < 0 || known {
            return;
        }
        while self
            .starts
            .back()
            .is_some_and(|last| last.0 >= epoch || last.1 >= start)
        {
            self.starts.pop_back();
        }
        self.starts.push_back((epoch, start));
    }

    /// Every epoch with its start offset.
    pub(super) fn iter(&self) -> impl Iterator<Item = (LeaderEpoch, Offset)> {
        self.starts.iter().copied()
    }

    pub(crate) fn latest(&self) -> Option<LeaderEpoch> {
        self.starts.back().map(|entry| entry.0)
    }

    /// The epoch of the log's first record, if the log reaches back to where that epoch began.
    pub(crate) fn earliest(&self, log_start: Offset) -> Option<LeaderEpoch> {
        self.starts
            .front()
            .filter(|first| first.1 <= log_start)
            .map(|first| first.0)
    }

    /// The epoch in which `offset` was (or will be) written.
    #[cfg(test)]
    pub(crate) fn at(&self, offset: Offset) -> Option<LeaderEpoch> {
        self.starts
            .iter()
            .rev()
            .find(|entry| entry.1 <= offset)
            .map(|entry| entry.0)
    }

    /// The largest epoch not above `asked`, and where it ends. An epoch above all known ones has no
    /// answer; one below all known ones ends where they begin.
    pub(crate) fn end_of(
        &self,
        asked: LeaderEpoch,
        log_end: Offset,
    ) -> Option<(LeaderEpoch, Offset)> {
        if asked == LeaderEpoch(-1) {
            return None;
        }
        if self.latest() == Some(asked) {
            return Some((asked, log_end));
        }
        let above = self.starts.iter().find(|entry| entry.0 > asked)?;
        let floor = self.starts.iter().rev().find(|entry| entry.0 <= asked);
        Some((floor.map_or(asked, |entry| entry.0), above.1))
    }

    /// Forgets epochs that begin at or beyond the new log end.
    pub(super) fn truncate_end(&mut self, end: Offset) {
        while self.starts.back().is_some_and(|last| last.1 >= end) {
            self.starts.pop_back();
        }
    }

    /// Forgets epochs that ended before the new log start; the one it falls into begins there.
    pub(super) fn truncate_start(&mut self, start: Offset) {
        let mut current = None;
        while let Some(first) = self
            .starts
            .front()
            .copied()
            .filter(|first| first.1 <= start)
        {
            current = Some(first.0);
            self.starts.pop_front();
        }
        if let Some(epoch) = current {
            self.starts.push_front((epoch, start));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(entries: &[(i32, i64)]) -> LeaderEpochs {
        let mut epochs = LeaderEpochs::default();
        for &(epoch, start) in entries {
            epochs.assign(LeaderEpoch(epoch), Offset(start));
        }
        epochs
    }

    #[test]
    fn the_end_of_an_epoch_is_where_the_next_begins() {
        let epochs = epochs(&[(2, 10), (4, 20), (5, 30)]);
        let end = |asked| {
            epochs
                .end_of(LeaderEpoch(asked), Offset(40))
                .map(|e| (e.0.0, e.1.0))
        };
        assert_eq!(end(-1), None);
        assert_eq!(end(-3), Some((-3, 10)));
        assert_eq!(end(1), Some((1, 10)));
        assert_eq!(end(2), Some((2, 20)));
        assert_eq!(end(3), Some((2, 20)));
        assert_eq!(end(5), Some((5, 40)));
        assert_eq!(end(6), None);
    }

    #[test]
    fn contradicting_entries_go() {
        assert_eq!(epochs(&[(0, 0), (1, 5), (2, 5)]), epochs(&[(0, 0), (2, 5)]));
        assert_eq!(epochs(&[(0, 0), (1, 5), (1, 9)]), epochs(&[(0, 0), (1, 5)]));
        assert_eq!(epochs(&[(-1, 0)]), LeaderEpochs::default());
    }

    #[test]
    fn both_ends_can_be_cut() {
        let mut cut = epochs(&[(0, 0), (1, 5), (2, 9)]);
        cut.truncate_start(Offset(6));
        assert_eq!(cut, epochs(&[(1, 6), (2, 9)]));
        assert_eq!(cut.earliest(Offset(6)), Some(LeaderEpoch(1)));
        cut.truncate_end(Offset(9));
        assert_eq!(cut, epochs(&[(1, 6)]));
        assert_eq!(cut.at(Offset(5)), None);
        assert_eq!(cut.at(Offset(8)), Some(LeaderEpoch(1)));
    }
}
