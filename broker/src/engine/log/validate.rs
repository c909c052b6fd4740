//! What a leader checks in, and does to, the records of a batch before it appends them.

use crate::wire::batch::Survey;
use crate::wire::batch::{BatchView, TimestampType};
use crate::wire::compression::replay::Reading;
use crate::wire::compression::{Codec, CodecError};
use crate::wire::records::{BatchBuilder, NewRecord, Record, RecordsError};
use crate::wire::units::{Offset, Sequence, WallMillis};

use super::append_context::{AppendContext, Origin};
use super::config::{LogConfig, millis};

/// Why the records of a batch are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ValidationError {
    #[error("the header contradicts itself, or is not a client's to write")]
    Header,
    #[error(transparent)]
    Unreadable(#[from] RecordsError),
    /// Kafka fails here without a word: it reads such a batch without keys and values, and then
    /// would have to write it again.
    #[error("the offsets in a compressed batch do not count from 0")]
    OutOfSequence,
    #[error("the batch has {0} bytes once compressed for the topic")]
    TooLarge(usize),
    #[error("{0:?}")]
    Records(RecordErrors),
}

impl From<CodecError> for ValidationError {
    fn from(error: CodecError) -> Self {
        Self::Unreadable(RecordsError::Codec(error))
    }
}

/// The records that made a batch be refused (KIP-467).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RecordErrors {
    /// At least one timestamp is out of range; the whole batch is refused for that reason then.
    pub(crate) invalid_timestamp: bool,
    /// Index in the batch and what is wrong with the record.
    pub(crate) errors: Vec<(i32, String)>,
}

/// What the walk over the records found.
struct Findings {
    max_timestamp: WallMillis,
    in_sequence: bool,
}

/// Checks the records and sets what the leader decides: offsets, epoch, timestamps, codec. A survey
/// without a fault spares the walk over the records.
pub(super) fn validate(
    batch: BatchView,
    survey: Option<Survey>,
    base_offset: Offset,
    cx: &AppendContext<'_>,
) -> Result<BatchView, ValidationError> {
    if cx.origin == Origin::Client {
        check_header(&batch)?;
    }
    let target = cx.config.compression.unwrap_or_else(|| batch.codec());
    let plain = batch.codec() == Codec::None && target == Codec::None;
    let as_is = batch.codec() == target || (batch.codec() == Codec::None && batch.is_control());
    let in_part = as_is && !plain;
    let surveyed = survey.filter(|_| in_part == (batch.codec() != Codec::None));
    let findings = match surveyed.and_then(|survey| accept(&batch, survey, cx)) {
        Some(findings) => findings,
        None => check_records(&batch, in_part, cx)?,
    };
    if !as_is {
        return rebuild(&batch, base_offset, target, cx);
    }
    if !plain && !findings.in_sequence {
        return Err(ValidationError::OutOfSequence);
    }
    Ok(adopt(batch, base_offset, findings.max_timestamp, cx))
}

fn check_header(batch: &BatchView) -> Result<(), ValidationError> {
    let header = batch.header();
    let span = i64::from(header.last_offset_delta).saturating_add(1);
    let count = i64::from(header.record_count);
    let numbered = !batch.has_producer_id() || header.base_sequence >= Sequence(0);
    let sound = span > 0 && count == span && !batch.is_control() && numbered;
    if sound {
        Ok(())
    } else {
        Err(ValidationError::Header)
    }
}

/// What a walk would find, if the survey shows that nothing is wrong. Where it shows less than that,
/// the walk decides.
fn accept(batch: &BatchView, survey: Survey, cx: &AppendContext<'_>) -> Option<Findings> {
    let LogConfig {
        timestamp_type,
        timestamp_before_max,
        timestamp_after_max,
        compact,
        ..
    } = cx.config;
    let (oldest, newest, now) = (survey.oldest.0, survey.newest.0, cx.now.wall.0);
    let keyed = !(*compact && survey.keyless);
    let short = batch.codec() == Codec::None || survey.longest <= cx.record_bytes_max;
    let in_time = *timestamp_type == TimestampType::LogAppendTime
        || (now >= 0
            && oldest >= 0
            && now.saturating_sub(oldest) <= millis(*timestamp_before_max)
            && newest.saturating_sub(now) <= millis(*timestamp_after_max));
    let stamped_by_client = batch.header().attributes.timestamp_type() == TimestampType::CreateTime;
    (keyed && short && in_time && stamped_by_client).then_some(Findings {
        max_timestamp: survey.newest.max(WallMillis(-1)),
        in_sequence: survey.in_sequence,
    })
}

/// Walks over the records; `in_part` is how Kafka reads a compressed batch that stays as it is.
fn check_records(
    batch: &BatchView,
    in_part: bool,
    cx: &AppendContext<'_>,
) -> Result<Findings, ValidationError> {
    let mut findings = Findings {
        max_timestamp: WallMillis(-1),
        in_sequence: true,
    };
    let mut errors = RecordErrors::default();
    let length_max = if batch.codec() == Codec::None {
        usize::MAX
    } else {
        cx.record_bytes_max
    };
    let reading = if in_part {
        Reading::InPart
    } else {
        Reading::Whole
    };
    let unfolded = batch.unfold_for(reading, length_max)?;
    let records = if in_part {
        unfolded.iter_fields()
    } else {
        unfolded.iter()
    };
    for (index, record) in (0..).zip(records.of_at_most(length_max)) {
        let record = record?;
        findings.max_timestamp = findings.max_timestamp.max(record.timestamp);
        findings.in_sequence &= record.offset_delta == index;
        if let Some(message) = check_key(&record, cx) {
            errors.errors.push((index, message));
        } else if let Some(message) = check_timestamp(batch, &record, in_part, cx) {
            errors.invalid_timestamp = true;
            errors.errors.push((index, message));
        }
    }
    if errors.errors.is_empty() {
        Ok(findings)
    } else {
        Err(ValidationError::Records(errors))
    }
}

fn check_key(record: &Record<'_>, cx: &AppendContext<'_>) -> Option<String> {
    (cx.config.compact && record.key.is_none()).then(|| {
        format!(
            "Compacted topic cannot accept message without key in topic partition {}-{}",
            cx.topic, cx.partition
        )
    })
}

fn check_timestamp(
    batch: &BatchView,
    record: &Record<'_>,
    in_part: bool,
    cx: &AppendContext<'_>,
) -> Option<String> {
    let sent_as = batch.header().attributes.timestamp_type();
    let LogConfig {
        timestamp_type,
        timestamp_before_max,
        timestamp_after_max,
        ..
    } = cx.config;
    let now = cx.now.wall.0;
    let timestamp = record.timestamp.0;
    if *timestamp_type == TimestampType::CreateTime && timestamp != -1 {
        let (before, after) = (millis(*timestamp_before_max), millis(*timestamp_after_max));
        let age = now.wrapping_sub(timestamp);
        return (age > before || age.wrapping_neg() > after).then(|| {
            format!(
                "Timestamp {timestamp} of message with offset {} is out of range. The timestamp \
                 should be within [{}, {}]",
                batch.offset_of(record),
                now.wrapping_sub(before),
                now.wrapping_add(after)
            )
        });
    }
    (sent_as == TimestampType::LogAppendTime).then(|| {
        let length = |field: Option<&[u8]>| match field {
            Some(bytes) => bytes.len().to_string(),
            None if in_part => "-1".to_owned(),
            None => "0".to_owned(),
        };
        format!(
            "Invalid timestamp type in message {}DefaultRecord(offset={}, timestamp={timestamp}, \
             key={} bytes, value={} bytes). Producer should not set timestamp type to \
             LogAppendTime.",
            if in_part { "Partial" } else { "" },
            batch.offset_of(record),
            length(record.key),
            length(record.value)
        )
    })
}

/// The batch as it came; only its header changes.
fn adopt(
    mut batch: BatchView,
    base_offset: Offset,
    max_timestamp: WallMillis,
    cx: &AppendContext<'_>,
) -> BatchView {
    match cx.config.timestamp_type {
        TimestampType::CreateTime => batch.stamp(TimestampType::CreateTime, max_timestamp),
        TimestampType::LogAppendTime => batch.stamp(TimestampType::LogAppendTime, cx.now.wall),
    }
    batch.place(base_offset, cx.leader_epoch);
    batch
}

/// The same records in a new batch: the topic wants another codec, or the offsets inside the
/// compressed batch do not count from 0.
fn rebuild(
    batch: &BatchView,
    base_offset: Offset,
    target: Codec,
    cx: &AppendContext<'_>,
) -> Result<BatchView, ValidationError> {
    let kind = cx.config.timestamp_type;
    let mut builder = BatchBuilder::like(batch);
    builder.gzip_level = Some(cx.config.gzip_level);
    builder.header.base_timestamp = WallMillis(-1);
    builder.header.attributes = builder.header.attributes.with_timestamp_type(kind);
    let unfolded = batch.unfold()?;
    for (delta, record) in (0..).zip(unfolded.iter()) {
        let record = record?;
        let timestamp = match kind {
            TimestampType::CreateTime => record.timestamp,
            TimestampType::LogAppendTime => cx.now.wall,
        };
        let headers = record.headers_rewritten();
        let mut new = NewRecord::from(&record);
        if let Some(headers) = &headers {
            new = new.with_headers(headers);
        }
        builder.append(delta, timestamp, &new);
    }
    let mut rebuilt = builder.build(target)?;
    if rebuilt.size() > cx.config.max_message_bytes {
        return Err(ValidationError::TooLarge(rebuilt.size()));
    }
    rebuilt.place(base_offset, cx.leader_epoch);
    Ok(rebuilt)
}
