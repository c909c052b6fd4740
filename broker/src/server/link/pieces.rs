//! Pieces of bytes on their way, cut and put off.

use std::time::Duration;

use tokio::time::Instant;

use crate::wire::rope::Rope;

/// Bytes, and when they arrive.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) bytes: Rope,
    pub(super) due: Instant,
}

pub(super) fn delayed(mut pieces: Vec<Piece>, by: Duration) -> Vec<Piece> {
    for piece in &mut pieces {
        piece.due = later(piece.due, by);
    }
    pieces
}

pub(super) fn split(pieces: Vec<Piece>, size: usize) -> Vec<Piece> {
    let mut parts = Vec::new();
    for Piece { mut bytes, due } in pieces {
        while bytes.len() > size {
            let bytes = bytes.split_to(size);
            parts.push(Piece { bytes, due });
        }
        parts.push(Piece { bytes, due });
    }
    parts
}

/// The pieces with all bits of one byte turned.
pub(super) fn turned(pieces: Vec<Piece>, mut at: u64) -> Vec<Piece> {
    let turn = |Piece { bytes, due }| {
        let index = usize::try_from(at).unwrap_or(usize::MAX);
        at = at.wrapping_sub(length(bytes.len()));
        if index >= bytes.len() {
            return Piece { bytes, due };
        }
        let mut turned = bytes;
        // Past its byte, the distance has wrapped to something no piece is long enough for.
        turned.turn(index);
        Piece { bytes: turned, due }
    };
    pieces.into_iter().map(turn).collect()
}

/// The first so many bytes.
pub(super) fn first(pieces: Vec<Piece>, mut left: u64) -> Vec<Piece> {
    let shorten = |Piece { mut bytes, due }| {
        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        left = left.saturating_sub(length(bytes.len()));
        Piece { bytes, due }
    };
    let pieces = pieces.into_iter().map(shorten);
    pieces.filter(|piece| !piece.bytes.is_empty()).collect()
}

pub(super) fn per_second(bytes: u64, rate: u64) -> Duration {
    let nanos = u128::from(bytes)
        .saturating_mul(1_000_000_000)
        .checked_div(u128::from(rate))
        .unwrap_or_default();
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// A moment that cannot be told is as good as the one it is counted from.
pub(super) fn later(moment: Instant, by: Duration) -> Instant {
    moment.checked_add(by).unwrap_or(moment)
}

pub(super) fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
