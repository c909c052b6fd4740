//! Appending: a client's batch, a coordinator's batch, the marker that ends a transaction.

use bytes::Buf;

use crate::wire::batch::BatchView;
use crate::wire::batch::Survey;
use crate::wire::compression::Codec;
use crate::wire::records::{BatchBuilder, NewRecord, RecordsError};
use crate::wire::units::{Offset, ProducerEpoch, ProducerId, WallMillis};

use super::PartitionLog;
use super::append_context::{AppendContext, Origin};
use super::producers::ProducerError;
use super::segment::size_of;
use super::validate::{ValidationError, validate};

/// Where a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Appended {
    pub(crate) base_offset: Offset,
    pub(crate) last_offset: Offset,
    /// The append time if the topic stamps it, else -1; for a duplicate, the timestamp of the
    /// batch that it repeats.
    pub(crate) log_append_time: WallMillis,
    pub(crate) duplicate: bool,
}

/// Why a batch was not appended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AppendError {
    #[error(transparent)]
    Validation(#[from] ValidationError),
    #[error("the batch is larger than a segment")]
    LargerThanSegment,
    #[error(transparent)]
    Producer(#[from] ProducerError),
}

impl AppendError {
    /// What is wrong with the records, if they cannot be read.
    pub(crate) const fn unreadable(&self) -> Option<&RecordsError> {
        match self {
            Self::Validation(ValidationError::Unreadable(error)) => Some(error),
            Self::Validation(_) | Self::LargerThanSegment | Self::Producer(_) => None,
        }
    }
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkerKind {
    Abort,
    Commit,
}

/// The record that ends a transaction in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) kind: MarkerKind,
    pub(crate) coordinator_epoch: i32,
}

impl Marker {
    const KEY_VERSION: i16 = 0;
    const VALUE_VERSION: i16 = 0;

    /// The marker in a control batch; nothing if the batch was emptied by compaction.
    pub(crate) fn of(batch: &BatchView) -> Option<Self> {
        let unfolded = batch.unfold().ok()?;
        let record = unfolded.iter().next()?.ok()?;
        let (mut key, mut value) = (record.key?, record.value?);
        key.try_get_i16().ok()?;
        value.try_get_i16().ok()?;
        let kind = match key.try_get_i16().ok()? {
            0 => MarkerKind::Abort,
            1 => MarkerKind::Commit,
            _ => return None,
        };
        Some(Self {
            kind,
            coordinator_epoch: value.try_get_i32().ok()?,
        })
    }

    /// The control batch that carries the marker.
    fn batch(
        self,
        id: ProducerId,
        epoch: ProducerEpoch,
        wall: WallMillis,
    ) -> Result<BatchView, ValidationError> {
        let kind = match self.kind {
            MarkerKind::Abort => 0_i16,
            MarkerKind::Commit => 1,
        };
        let key = [Self::KEY_VERSION.to_be_bytes(), kind.to_be_bytes()].concat();
        let mut value = Self::VALUE_VERSION.to_be_bytes().to_vec();
        value.extend(self.coordinator_epoch.to_be_bytes());
        let mut builder = BatchBuilder::default();
        let attributes = builder.header.attributes;
        builder.header.attributes = attributes.with_transactional().with_control();
        builder.header.producer_id = id;
        builder.header.producer_epoch = epoch;
        builder.append(0, wall, &NewRecord::new(Some(&key), Some(&value)));
        Ok(builder.build(Codec::None)?)
    }
}

impl PartitionLog {
    /// Appends a batch, or recognises it as one that is already there.
    pub(crate) fn append(
        &mut self,
        batch: BatchView,
        cx: &AppendContext<'_>,
    ) -> Result<Appended, AppendError> {
        self.append_surveyed(batch, None, cx)
    }

    /// [`append`](Self::append) of a batch whose records have been walked over before.
    pub(crate) fn append_surveyed(
        &mut self,
        batch: BatchView,
        survey: Option<Survey>,
        cx: &AppendContext<'_>,
    ) -> Result<Appended, AppendError> {
        let batch = self.prepare(batch, survey, cx)?;
        if batch.has_producer_id() && cx.origin == Origin::Client {
            if let Some(known) = self.producers.duplicate_of(&batch) {
                return Ok(Appended {
                    base_offset: known.first_offset,
                    last_offset: known.last_offset,
                    log_append_time: known.timestamp,
                    duplicate: true,
                });
            }
            self.producers.check(&batch, cx.transaction_v2)?;
        }
        if batch.has_producer_id() && self.producers.note(&batch) {
            self.transactions
                .begin(batch.base_offset(), batch.header().producer_id);
        }
        Ok(self.store(batch, cx))
    }

    /// Ends a producer's transaction here. Returns the marker's offset.
    pub(crate) fn append_marker(
        &mut self,
        (id, epoch): (ProducerId, ProducerEpoch),
        marker: Marker,
        cx: &AppendContext<'_>,
    ) -> Result<Offset, AppendError> {
        let batch = self.prepare(marker.batch(id, epoch, cx.now.wall)?, None, cx)?;
        self.producers
            .check_marker((id, epoch), marker.coordinator_epoch, cx.transaction_v2)?;
        if let Some(start) = self.producers.note_marker(&batch, marker.coordinator_epoch) {
            self.transactions
                .end(start, batch.base_offset(), marker.kind == MarkerKind::Abort);
        }
        Ok(self.store(batch, cx).base_offset)
    }

    fn prepare(
        &mut self,
        batch: BatchView,
        survey: Option<Survey>,
        cx: &AppendContext<'_>,
    ) -> Result<BatchView, AppendError> {
        let batch = validate(batch, survey, self.end, cx)?;
        self.epochs.assign(cx.leader_epoch, self.end);
        if batch.size() > cx.config.segment_bytes {
            return Err(AppendError::LargerThanSegment);
        }
        Ok(batch)
    }

    fn store(&mut self, batch: BatchView, cx: &AppendContext<'_>) -> Appended {
        use crate::wire::batch::TimestampType;
        let log_append_time = match cx.config.timestamp_type {
            TimestampType::CreateTime => WallMillis(-1),
            TimestampType::LogAppendTime => cx.now.wall,
        };
        let appended = Appended {
            base_offset: batch.base_offset(),
            last_offset: batch.last_offset(),
            log_append_time,
            duplicate: false,
        };
        if self
            .active()
            .is_some_and(|active| active.must_roll(&batch, cx.config, cx.now))
        {
            self.roll(cx.now.wall);
        }
        self.end = batch.next_offset();
        self.held_bytes = self.held_bytes.saturating_add(size_of(&batch));
        if let Some(active) = self.active() {
            active.push(batch, cx.now.wall);
        }
        let high_watermark = self.high_watermark();
        self.transactions.settle(high_watermark);
        appended
    }
}
