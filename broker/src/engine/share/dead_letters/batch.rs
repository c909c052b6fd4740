//! The records of a dead-letter topic: what they are about stands in their headers.

use super::originals::{Original, Originals};
use crate::engine::share::partition::DeadLetterCause;
use crate::wire::batch::BatchView;
use crate::wire::compression::Codec;
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::WallMillis;

/// The size of a batch without records.
const EMPTY_BATCH_BYTES: usize = 61;

/// What the records of a batch have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) topic: &'a str,
    pub(super) partition: i32,
    pub(super) group: &'a str,
    pub(super) deliveries: i16,
    pub(super) cause: Option<DeadLetterCause>,
}

impl About<'_> {
    fn headers(&self, offset: i64) -> Vec<u8> {
        let message = self.cause.map(|cause| match cause {
            DeadLetterCause::Rejected => "Offset rejected by client.",
            DeadLetterCause::DeliveryCountExceeded => {
                "Offset delivery count exceeded the threshold."
            }
        });
        let headers = [
            ("topic", self.topic.to_owned()),
            ("partition", self.partition.to_string()),
            ("offset", offset.to_string()),
            ("group", self.group.to_owned()),
            ("delivery.count", self.deliveries.to_string()),
            ("message", message.unwrap_or_default().to_owned()),
        ];
        let headers = headers.map(|(name, value)| (format!("__dlq.errors.{name}"), value.into()));
        NewRecord::raw_headers(&headers)
    }

    /// A batch of the first of these offsets, and the last that it has.
    pub(super) fn batch(
        &self,
        (first, last): (i64, i64),
        originals: &Originals,
        bytes_max: usize,
        now: WallMillis,
    ) -> Option<(BatchView, i64)> {
        let last = first.max(last.min(originals.looked_at));
        let mut builder = BatchBuilder::default();
        let (mut bytes, mut included) = (EMPTY_BATCH_BYTES, None);
        for (delta, offset) in (0..).zip(first..=last) {
            let headers = self.headers(offset);
            let original = originals.by_offset.get(&offset);
            let (key, value) = original.map_or((None, None), fields);
            let record = NewRecord::new(key, value).with_headers(&headers);
            let with = bytes.saturating_add(record.size(delta, 0));
            if with > bytes_max && included.is_some() {
                break;
            }
            builder.append(delta, now, &record);
            (bytes, included) = (with, Some(offset));
            if with > bytes_max {
                break;
            }
        }
        Some((builder.build(Codec::None).ok()?, included?))
    }
}

fn fields((key, value): &Original) -> (Option<&[u8]>, Option<&[u8]>) {
    (key.as_deref(), value.as_deref())
}
