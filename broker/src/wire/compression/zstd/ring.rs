//! How far back a frame may reach when it is unfolded as a stream.

use super::frame::Header;

/// libzstd's smallest window.
const WINDOW_MIN: u64 = 1 << 10;
/// What libzstd's ring has beyond the window and two blocks.
const RING_SLACK: u64 = 64;

/// libzstd's buffer of output: what can be reached back to is what lies in it.
#[derive(Debug, Default)]
pub(super) struct Ring {
    size: u64,
    at: u64,
    /// Where the current pass over the buffer began in what was unfolded, and how far the pass before can be reached.
    pass: usize,
    pub(super) history: usize,
}

impl Ring {
    pub(super) fn begin(&mut self, header: &Header, start: usize) {
        let block = u64::try_from(header.block_max()).unwrap_or(u64::MAX);
        let window = header.window.max(WINDOW_MIN);
        let needed = window + 2 * block.min(window) + RING_SLACK;
        self.size = self
            .size
            .max(needed.min(header.content.unwrap_or(u64::MAX)));
        self.at = 0;
        self.pass = start;
        self.history = start;
    }

    /// Notes `bytes` that were handed out. Another pass begins if the next block may not fit.
    pub(super) fn flush(&mut self, bytes: usize, header: &Header, unfolded: usize) {
        self.at += u64::try_from(bytes).unwrap_or(u64::MAX);
        let block = u64::try_from(header.block_max()).unwrap_or(u64::MAX);
        let wraps = self.size < header.content.unwrap_or(u64::MAX);
        if wraps && self.at + block > self.size && self.at > 0 {
            self.at = 0;
            self.history = self.pass;
            self.pass = unfolded;
        }
    }

    pub(super) fn room(&self) -> usize {
        usize::try_from(self.size - self.at.min(self.size)).unwrap_or(usize::MAX)
    }
}
