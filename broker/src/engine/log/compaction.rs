//! Compaction: of each key only the latest record stays (KIP-58, KIP-354, KIP-534).
//!
//! Offsets stay, and the log start does not move. Tombstones and markers stay until the delete
//! horizon that the first pass over them sets.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;

use crate::engine::time::Now;
use crate::wire::batch::{BatchHeader, BatchView};
use crate::wire::records::{BatchBuilder, NewRecord, Record};
use crate::wire::units::{Offset, ProducerId, WallMillis};

use super::PartitionLog;
use super::append::{Marker, MarkerKind};
use super::config::{LogConfig, millis};
use super::segment::Segment;
use super::transactions::AbortedTransaction;

/// What a pass of compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Compacted {
    pub(crate) bytes_before: u64,
    pub(crate) bytes_after: u64,
}

/// After how many records a coordinator's log is looked at.
const TIDIED_RECORDS: i64 = 512;
/// How much of a coordinator's log is not compacted, at least.
pub(super) const TIDIED_BYTES: u64 = 16 * 1024 * 1024;

impl PartitionLog {
    /// Compacts the log if it is due: dirty enough, or with records older than
    /// `max.compaction.lag.ms`.
    pub(crate) fn compact_if_due(&mut self, config: &LogConfig, now: Now) -> Option<Compacted> {
        let up_to = self.compactable_to(config, now);
        let (mut clean, mut dirty) = (0_u64, 0_u64);
        for segment in self
            .segments
            .iter()
            .filter(|segment| segment.base_offset < up_to)
        {
            let sum = if segment.base_offset < self.cleaned_to {
                &mut clean
            } else {
                &mut dirty
            };
            *sum = sum.saturating_add(segment.size);
        }
        if !config.compact || dirty == 0 {
            return None;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a ratio of bytes needs no exact figures"
        )]
        let ratio = dirty as f64 / clean.saturating_add(dirty) as f64;
        let due = ratio > config.dirty_ratio_min || self.overdue(config, now, up_to);
        due.then(|| self.compact(config, now))
    }

    /// Compacts a coordinator's log to its end now and then, `end` being where it ended before the last batch. Kafka waits
    /// until a segment of 100 MiB is full, since that is on a disk; here it would be memory, for what nobody reads.
    pub(crate) fn tidy(&mut self, config: &LogConfig, now: Now, end: Offset) {
        if end.0 / TIDIED_RECORDS == self.end.0 / TIDIED_RECORDS {
            return;
        }
        let clean = self.segments.iter();
        let clean = clean.take_while(|segment| segment.base_offset < self.cleaned_to);
        let clean: u64 = clean.map(|segment| segment.size).sum();
        let dirty = self.size().saturating_sub(clean);
        // As much is written between two passes as one leaves, so passes take no more time than writing does.
        if dirty >= TIDIED_BYTES.max(clean) {
            self.compact_whole(config, now);
        }
    }

    /// Compacts the log now, the segment that is written to included, if its topic is compacted.
    pub(crate) fn compact_whole(&mut self, config: &LogConfig, now: Now) {
        if config.compact {
            self.roll(now.wall);
            self.compact(config, now);
        }
    }

    /// Compacts the log now, whatever its dirty ratio.
    pub(crate) fn compact(&mut self, config: &LogConfig, now: Now) -> Compacted {
        let up_to = self.compactable_to(config, now);
        let count = self
            .segments
            .iter()
            .take_while(|segment| segment.base_offset < up_to)
            .count();
        let before: u64 = self.segments.iter().map(|segment| segment.size).sum();
        let pass = Pass::new(self, config, now, up_to);
        let old: Vec<Segment> = self.segments.drain(..count).collect();
        let (cleaned, aborted) = pass.run(&old);
        for segment in cleaned.into_iter().rev() {
            self.segments.push_front(segment);
        }
        self.transactions.retain_aborted(|entry| {
            entry.last_offset >= up_to || aborted.contains(&entry.last_offset)
        });
        self.held_bytes = self.segments.iter().map(Segment::held).sum();
        self.cleaned_to = up_to;
        Compacted {
            bytes_before: before,
            bytes_after: self.size(),
        }
    }

    /// Up to where compaction may go: not into the active segment, not past an undecided
    /// transaction or the high watermark, not into what is younger than `min.compaction.lag.ms`.
    fn compactable_to(&self, config: &LogConfig, now: Now) -> Offset {
        let active = self
            .segments
            .back()
            .map_or(self.end, |active| active.base_offset);
        let limit = active.min(self.last_stable_offset()).max(self.cleaned_to);
        let newest = now.wall.0.saturating_sub(millis(config.compaction_lag_min));
        let young = (config.compaction_lag_min.as_millis() > 0).then(|| {
            let dirty = self
                .segments
                .iter()
                .filter(|s| s.base_offset >= self.cleaned_to);
            dirty
                .into_iter()
                .find(|segment| segment.largest_timestamp().0 > newest)
        });
        young
            .flatten()
            .map_or(limit, |segment| limit.min(segment.base_offset))
    }

    fn overdue(&self, config: &LogConfig, now: Now, up_to: Offset) -> bool {
        let oldest = now.wall.0.saturating_sub(millis(config.compaction_lag_max));
        self.segments
            .iter()
            .filter(|segment| segment.base_offset >= self.cleaned_to && segment.base_offset < up_to)
            .filter_map(Segment::first_timestamp)
            .any(|first| first.0 < oldest)
    }
}

/// One pass over the segments below `up_to`.
struct Pass<'a> {
    config: &'a LogConfig,
    now: Now,
    up_to: Offset,
    /// The latest offset of each key in the dirty part.
    latest: HashMap<Bytes, Offset>,
    aborted: Vec<AbortedTransaction>,
    /// The last data offset of each producer that is still known; nothing if its last word was a
    /// marker.
    last_of_producer: BTreeMap<ProducerId, Option<Offset>>,
}

/// The transactions that the pass is inside of, by producer.
#[derive(Default)]
struct Inside {
    /// Begun, with whether any of its batches is still there.
    aborted: BTreeMap<ProducerId, (AbortedTransaction, bool)>,
    committed: BTreeSet<ProducerId>,
    /// How many of the aborted transactions have been met.
    met: usize,
    /// Markers of aborted transactions that must stay in the index.
    kept: BTreeSet<Offset>,
}

impl<'a> Pass<'a> {
    fn new(log: &PartitionLog, config: &'a LogConfig, now: Now, up_to: Offset) -> Self {
        let mut aborted = log.aborted_transactions(Offset(0), up_to);
        aborted.sort_by_key(|entry| entry.first_offset);
        let last_of_producer = log
            .producers
            .iter()
            .map(|(id, state)| (id, state.last_data_offset()))
            .collect();
        let mut pass = Self {
            config,
            now,
            up_to,
            latest: HashMap::new(),
            aborted,
            last_of_producer,
        };
        let dirty = log.segments.iter().flat_map(|segment| &segment.batches);
        let mut inside = Inside::default();
        for batch in dirty.take_while(|batch| batch.base_offset() < up_to) {
            if batch.is_control() {
                pass.ends_nothing(batch, &mut inside);
            } else if !pass.is_aborted(batch, &mut inside) && batch.last_offset() >= log.cleaned_to
            {
                pass.note_keys(batch);
            }
        }
        pass
    }

    fn note_keys(&mut self, batch: &BatchView) {
        let Ok(unfolded) = batch.unfold() else { return };
        for record in unfolded.iter().map_while(Result::ok) {
            if let Some(key) = record.key {
                self.latest
                    .insert(Bytes::copy_from_slice(key), batch.offset_of(&record));
            }
        }
    }

    fn run(&self, old: &[Segment]) -> (Vec<Segment>, BTreeSet<Offset>) {
        let mut inside = Inside::default();
        let mut cleaned: Vec<Segment> = Vec::new();
        let size_max = u64::try_from(self.config.segment_bytes).unwrap_or(u64::MAX);
        for segment in old {
            let mut fresh = Segment::new(segment.base_offset, segment.last_modified());
            for batch in &segment.batches {
                if let Some(kept) = self.clean(batch, &mut inside) {
                    fresh.push(kept, segment.last_modified());
                }
            }
            fresh.keep_last_modified(segment);
            // What stays must not keep what it lay beside.
            fresh.gather();
            match cleaned.last_mut() {
                Some(last) if last.size.saturating_add(fresh.size) <= size_max => {
                    last.absorb(fresh)
                }
                Some(_) | None => cleaned.push(fresh),
            }
        }
        (cleaned, inside.kept)
    }

    /// What stays of a batch.
    fn clean(&self, batch: &BatchView, inside: &mut Inside) -> Option<BatchView> {
        let done = if batch.is_control() {
            self.ends_nothing(batch, inside)
        } else {
            self.is_aborted(batch, inside)
        };
        let horizon = batch.header().delete_horizon();
        let past = horizon.is_some_and(|horizon| horizon <= self.now.wall);
        let drop_records = done && (!batch.is_control() || past);
        let stays_empty = self.is_last_of_producer(batch) || batch.next_offset() == self.up_to;
        if drop_records && !stays_empty {
            return None;
        }
        let kept = if drop_records {
            Some(Vec::new())
        } else {
            self.deltas_to_keep(batch, past)
        };
        match kept {
            Some(deltas) if deltas.is_empty() => stays_empty.then(|| emptied(batch)).flatten(),
            kept => Some(self.rewritten(batch, kept, done)),
        }
    }

    /// The offset deltas of the records to keep; nothing if all stay.
    fn deltas_to_keep(&self, batch: &BatchView, past: bool) -> Option<Vec<i32>> {
        if batch.is_control() {
            return None;
        }
        let unfolded = batch.unfold().ok()?;
        let keep = |record: &Record<'_>| {
            let Some(key) = record.key else { return false };
            let latest = self.latest.get(key);
            let newest = latest.is_none_or(|latest| batch.offset_of(record) >= *latest);
            newest && (record.value.is_some() || !past)
        };
        let mut all = true;
        let mut deltas = Vec::new();
        for record in unfolded.iter().map_while(Result::ok) {
            if keep(&record) {
                deltas.push(record.offset_delta);
            } else {
                all = false;
            }
        }
        // An empty batch that an earlier pass left is judged again.
        (!all || deltas.is_empty()).then_some(deltas)
    }

    /// The batch with only the records to keep, and with a delete horizon if it now needs one.
    fn rewritten(&self, batch: &BatchView, keep: Option<Vec<i32>>, marker_done: bool) -> BatchView {
        let rewrite = || {
            let unfolded = batch.unfold().ok()?;
            let kept = |record: &Record<'_>| {
                keep.as_ref()
                    .is_none_or(|deltas| deltas.binary_search(&record.offset_delta).is_ok())
            };
            let records: Vec<_> = unfolded
                .iter()
                .map_while(Result::ok)
                .filter(|record| kept(record))
                .collect();
            let tombstones = !batch.is_control() && records.iter().any(|r| r.value.is_none());
            let needs_horizon = (tombstones || (marker_done && batch.is_control()))
                && batch.header().delete_horizon().is_none();
            if keep.is_none() && !needs_horizon {
                return None;
            }
            let mut builder = BatchBuilder::like(batch);
            if needs_horizon {
                let horizon = self
                    .now
                    .wall
                    .0
                    .saturating_add(millis(self.config.delete_retention));
                builder.header.base_timestamp = WallMillis(horizon);
                builder.header.attributes = builder.header.attributes.with_delete_horizon();
            }
            for record in &records {
                builder.append(
                    record.offset_delta,
                    record.timestamp,
                    &NewRecord::from(record),
                );
            }
            builder.gzip_level = Some(self.config.gzip_level);
            builder.build(batch.codec()).ok()
        };
        rewrite().unwrap_or_else(|| batch.clone())
    }

    /// Whether the last thing known of the batch's producer is in it.
    fn is_last_of_producer(&self, batch: &BatchView) -> bool {
        match self.last_of_producer.get(&batch.header().producer_id) {
            Some(Some(last)) => batch.last_offset() == *last,
            Some(None) => batch.is_control(),
            None => false,
        }
    }

    /// Meets the aborted transactions that begin at or before `offset`.
    fn meet(&self, offset: Offset, inside: &mut Inside) {
        while let Some(next) = self
            .aborted
            .get(inside.met)
            .filter(|n| n.first_offset <= offset)
        {
            inside
                .aborted
                .entry(next.producer_id)
                .or_insert((*next, false));
            inside.met += 1;
        }
    }

    /// Whether the batch belongs to an aborted transaction; notes that the transaction has batches.
    fn is_aborted(&self, batch: &BatchView, inside: &mut Inside) -> bool {
        self.meet(batch.last_offset(), inside);
        if !batch.is_transactional() {
            return false;
        }
        let id = batch.header().producer_id;
        if let Some((_, seen)) = inside.aborted.get_mut(&id) {
            *seen = true;
            return true;
        }
        inside.committed.insert(id);
        false
    }

    /// Whether the marker ends a transaction of which no batch is left, so that it may go.
    fn ends_nothing(&self, marker: &BatchView, inside: &mut Inside) -> bool {
        self.meet(marker.last_offset(), inside);
        let id = marker.header().producer_id;
        match Marker::of(marker).map(|marker| marker.kind) {
            None => true,
            Some(MarkerKind::Commit) => !inside.committed.remove(&id),
            Some(MarkerKind::Abort) => match inside.aborted.remove(&id) {
                Some((entry, true)) => {
                    inside.kept.insert(entry.last_offset);
                    false
                }
                Some((_, false)) | None => true,
            },
        }
    }
}

/// The batch without records: its header still says what its producer wrote last.
fn emptied(batch: &BatchView) -> Option<BatchView> {
    let header = BatchHeader {
        record_count: 0,
        ..*batch.header()
    };
    let attributes = header
        .attributes
        .with_codec(crate::wire::compression::Codec::None);
    BatchView::new(
        BatchHeader {
            attributes,
            ..header
        },
        Bytes::new(),
    )
    .ok()
}
