//! Records of aborted transactions: a group that reads committed ones alone is never given them.

use std::collections::BTreeSet;

use super::acquire::{Acquired, Fetched};
use super::{RecordState, SharePartition};
use crate::engine::log::{Marker, MarkerKind};
use crate::wire::batch::BatchView;

impl SharePartition {
    /// Archives what was acquired of aborted transactions, and leaves it out.
    pub(super) fn without_aborted(
        &mut self,
        rows: Vec<Acquired>,
        fetched: Fetched<'_>,
    ) -> Vec<Acquired> {
        if fetched.aborted.is_empty() {
            return rows;
        }
        let aborted = aborted_batches(fetched);
        for batch in &aborted {
            let (first, last) = (batch.base_offset().0, batch.last_offset().0);
            if let Some(key) = self.floor(first).map(|records| records.first) {
                self.archive_between((key, last), (first, last + 1), RecordState::Acquired, true);
            }
        }
        left_of(rows, &aborted)
    }
}

/// The batches whose transaction was aborted.
fn aborted_batches<'a>(fetched: Fetched<'a>) -> Vec<&'a BatchView> {
    let mut coming = fetched.aborted.to_vec();
    coming.sort_by_key(|aborted| aborted.first_offset);
    let mut coming = coming.into_iter().peekable();
    let (mut open, mut found) = (BTreeSet::new(), Vec::new());
    for batch in fetched
        .batches
        .iter()
        .filter(|batch| batch.has_producer_id())
    {
        while let Some(aborted) = coming.next_if(|next| next.first_offset <= batch.last_offset()) {
            open.insert(aborted.producer_id);
        }
        let producer = batch.header().producer_id;
        let ends = Marker::of(batch).is_some_and(|marker| marker.kind == MarkerKind::Abort);
        if batch.is_control() && ends {
            open.remove(&producer);
        } else if batch.is_transactional() && open.contains(&producer) {
            found.push(batch);
        }
    }
    found
}

/// What is left of the rows without these batches.
fn left_of(rows: Vec<Acquired>, without: &[&BatchView]) -> Vec<Acquired> {
    let mut left = Vec::new();
    for row in rows {
        let mut rest = Some(row);
        for batch in without {
            let (first, last) = (batch.base_offset().0, batch.last_offset().0);
            let Some(row) = rest.filter(|row| row.last >= first) else {
                break;
            };
            if row.first > last {
                continue;
            }
            if row.first < first {
                left.push(Acquired {
                    last: first - 1,
                    ..row
                });
            }
            let behind = Acquired {
                first: last + 1,
                ..row
            };
            rest = (row.last > last).then_some(behind);
        }
        left.extend(rest);
    }
    left
}
