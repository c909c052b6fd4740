//! What the decoders have in common: bytes that are unfolded step by step, and handed out as Java's
//! streams hand them out.

use super::{CodecError, damaged, scratch};

/// A decoder, read as Kafka reads the Java class that it stands for. What was handed out stays in one
/// buffer, so that anyone who reads to the end takes it without a copy.
pub(super) trait Stream {
    /// Hands out up to `max` bytes more, and says how many. None are the end of the stream if
    /// [`is_over`](Self::is_over), and else a pause: Java answers -1 or 0 here, and goes on when it is asked again.
    /// An error takes along what the same call had unfolded.
    fn read(&mut self, max: usize) -> Result<usize, CodecError>;

    /// Whether Java's `available` answers more than 0; it may unfold the next block for that.
    fn has_available(&mut self) -> Result<bool, CodecError>;

    /// Nothing will come any more.
    fn is_over(&self) -> bool;

    /// There was no pause, so that it does not matter how it is read.
    fn is_steady(&self) -> bool {
        true
    }

    /// What was unfolded so far; more than what was handed out.
    fn unfolded(&mut self) -> &mut Unfolded;
}

/// What a decoder has unfolded, and how much of it was handed out.
#[derive(Debug)]
pub(super) struct Unfolded {
    pub(super) bytes: Vec<u8>,
    pub(super) handed_out: usize,
    cap: usize,
}

impl Unfolded {
    pub(super) fn up_to(cap: usize) -> Self {
        Self {
            bytes: scratch::take(),
            handed_out: 0,
            cap,
        }
    }

    pub(super) const fn waiting(&self) -> usize {
        self.bytes.len().saturating_sub(self.handed_out)
    }

    pub(super) fn hand_out(&mut self, max: usize) -> usize {
        let now = self.waiting().min(max);
        self.handed_out += now;
        now
    }

    /// Refuses `more` bytes if that is beyond the cap.
    pub(super) const fn check(&self, more: usize) -> Result<(), CodecError> {
        if self.bytes.len().saturating_add(more) > self.cap {
            Err(CodecError::TooLarge(self.cap))
        } else {
            Ok(())
        }
    }
}

impl Drop for Unfolded {
    fn drop(&mut self) {
        scratch::give_back(std::mem::take(&mut self.bytes));
    }
}

/// Takes `N` bytes off the front.
pub(super) fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(*taken)
}

/// Takes `count` bytes off the front, or says what is missing.
pub(super) fn take_slice<'a>(
    from: &mut &'a [u8],
    count: usize,
    missing: &str,
) -> Result<&'a [u8], CodecError> {
    let (taken, rest) = from
        .split_at_checked(count)
        .ok_or_else(|| damaged(missing))?;
    *from = rest;
    Ok(taken)
}

/// Appends `length` bytes of `out` from `from` on, which may be some that are only being appended.
#[inline]
pub(super) fn repeat(out: &mut Vec<u8>, from: usize, length: usize) {
    let mut left = length;
    while left > 0 {
        // Each round at least doubles what can be copied at once.
        let now = left.min(out.len() - from);
        if now == 0 {
            return;
        }
        out.extend_from_within(from..from + now);
        left -= now;
    }
}
