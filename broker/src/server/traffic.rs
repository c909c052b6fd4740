//! How many bytes have gone through all connections.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that went through all connections, frames and their sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

/// Counts them.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    received: AtomicU64,
    sent: AtomicU64,
}

impl Meter {
    /// Counts a frame that a client sent.
    pub(super) fn count_received(&self, frame: &[u8]) {
        let bytes = u64::try_from(frame.len().saturating_add(4)).unwrap_or(u64::MAX);
        self.received.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts the bytes of an answer, which has its size at its beginning.
    pub(super) fn count_sent(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Traffic {
        Traffic {
            received: self.received.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
        }
    }
}
