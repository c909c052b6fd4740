//! Memory that the answers of one thread's connections are written into, one after the other.

use std::cell::Cell;

use crate::wire::rope::RopeMut;

/// The most memory that is kept from one answer to the next. The allocator gives buffers of this
/// size back to the kernel, and taking fresh pages for every answer costs more than all else of it.
/// Records are no part of it: answers refer to them.
const KEPT_BYTES_MAX: usize = 2 * 1024 * 1024;

thread_local! {
    static SPARE: Cell<RopeMut> = Cell::default();
}

/// An empty answer.
pub(super) fn take() -> RopeMut {
    SPARE.take()
}

/// Lets go of the records in an answer that has been sent, and keeps its memory for the next.
pub(super) fn give_back(mut answer: RopeMut) {
    if answer.capacity() <= KEPT_BYTES_MAX {
        answer.clear();
        SPARE.set(answer);
    }
}
