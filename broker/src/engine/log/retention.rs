//! Deleting old segments: by time, by size, and those that lie before the log start.

use crate::engine::time::Now;

use super::PartitionLog;
use super::config::{LogConfig, millis};
use super::segment::Segment;

impl PartitionLog {
    /// Deletes what the topic's retention no longer covers. Returns the number of segments.
    ///
    /// The active segment goes too once it is too old (a new one is rolled first). Nothing at or
    /// beyond the high watermark is ever deleted.
    pub(crate) fn apply_retention(&mut self, config: &LogConfig, now: Now) -> usize {
        let mut deleted = self.delete_before_start(now);
        if !config.delete {
            return deleted;
        }
        if let Some(bytes) = config.retention_bytes
            && self.size() >= bytes
        {
            let mut surplus = self.size().saturating_sub(bytes);
            deleted += self.delete_while(now, |segment, _| {
                let fits = segment.size <= surplus;
                surplus = surplus.saturating_sub(segment.size);
                fits
            });
        }
        if let Some(age) = config.retention {
            deleted += self.delete_while(now, |segment, _| {
                now.wall.0.saturating_sub(segment.largest_timestamp().0) > millis(age)
            });
        }
        deleted
    }

    fn delete_before_start(&mut self, now: Now) -> usize {
        let start = self.start;
        self.delete_while(now, |_, next| {
            next.is_some_and(|next| next.base_offset <= start)
        })
    }

    /// Deletes segments from the oldest on, for as long as `old` holds.
    fn delete_while(
        &mut self,
        now: Now,
        mut old: impl FnMut(&Segment, Option<&Segment>) -> bool,
    ) -> usize {
        let high_watermark = self.high_watermark();
        let mut count = 0;
        while let Some(segment) = self.segments.get(count) {
            let next = self.segments.get(count + 1);
            let upper = next.map_or(self.end, |next| next.base_offset);
            let last_and_empty = next.is_none() && segment.size == 0;
            if last_and_empty || high_watermark < upper || !old(segment, next) {
                break;
            }
            count += 1;
        }
        if count == self.segments.len() {
            self.roll(now.wall);
        }
        let gone: u64 = self
            .segments
            .drain(..count)
            .map(|segment| segment.held())
            .sum();
        self.held_bytes = self.held_bytes.saturating_sub(gone);
        if count > 0
            && let Some(first) = self.segments.front().map(|first| first.base_offset)
        {
            self.move_start(first);
        }
        count
    }
}
