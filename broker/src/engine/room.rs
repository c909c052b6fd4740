//! Room for records: all logs together hold so much, and whoever fills it is told what to do.

use std::time::Duration;

use super::context::ConnectionId;
use super::state::State;
use super::time::Now;

/// How long nobody looks again whether anything may go, once nothing could.
const LOOKED_WITHIN: Duration = Duration::from_secs(1);

/// What to do about logs that are full.
const ADVICE: &str = "raise --max-log-bytes, lower retention.bytes or retention.ms of topics, and segment.bytes with them \
                      (a segment goes as a whole), or delete topics";

/// Records that were refused because there is no room for them.
#[derive(Debug)]
pub(crate) struct Full {
    pub(crate) connection: ConnectionId,
    pub(crate) topic: String,
    pub(crate) partition: i32,
    /// How many bytes all logs may hold.
    pub(crate) bytes_max: u64,
}

impl Full {
    /// What has happened, and what to do.
    pub(crate) fn reason(&self) -> String {
        let most = size(self.bytes_max);
        format!("all logs together hold {most}, which is the most that they may: {ADVICE}")
    }
}

impl State {
    /// Whether more records may be added. What retention lets go goes before anybody is refused, and what coordinators have
    /// written twice: their turn comes every five minutes or 100 MiB, and a load test fills all logs in seconds.
    pub(crate) fn has_room(&mut self, now: Now) -> bool {
        if self.log_bytes() < self.log_bytes_max() {
            return true;
        }
        let looked = self.looked_for_room;
        if looked.is_some_and(|looked| now.elapsed < looked.saturating_add(LOOKED_WITHIN)) {
            return false;
        }
        self.apply_retention(now);
        if self.log_bytes() >= self.log_bytes_max() {
            self.compact_state_topics(now);
        }
        let has_room = self.log_bytes() < self.log_bytes_max();
        self.looked_for_room = (!has_room).then_some(now.elapsed);
        has_room
    }
}

/// Bytes in the largest unit that makes the number one or more, rounded down to a tenth.
fn size(bytes: u64) -> String {
    let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let found = units.into_iter().find(|(_, factor)| bytes >= *factor);
    let Some((unit, factor)) = found else {
        return format!("{bytes} bytes");
    };
    let tenths = u128::from(bytes).saturating_mul(10) / u128::from(factor);
    match tenths % 10 {
        0 => format!("{} {unit}", tenths / 10),
        part => format!("{}.{part} {unit}", tenths / 10),
    }
}

#[cfg(test)]
mod tests;
