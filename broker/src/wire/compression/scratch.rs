//! Memory that records are unfolded into by who only looks at them, one batch after the other on a thread: fresh pages
//! for every batch cost as much as unfolding it.

use std::cell::Cell;

/// As many records as clients put into a batch, and a block beyond.
const KEPT_BYTES_MAX: usize = 1024 * 1024 + 256 * 1024;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// An empty buffer.
pub(super) fn take() -> Vec<u8> {
    SCRATCH.take()
}

/// Keeps a buffer's memory for the next.
pub(crate) fn give_back(mut bytes: Vec<u8>) {
    if (1..=KEPT_BYTES_MAX).contains(&bytes.capacity()) {
        bytes.clear();
        SCRATCH.set(bytes);
    }
}
