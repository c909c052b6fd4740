//! What the rules make of the bytes that go one way on one connection.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::pieces::{Piece, delayed, first, later, length, per_second, split, turned};
use crate::engine::fault::{ByteAction, Cut};
use crate::server::links::{InForce, LinkRule};
use crate::wire::rope::Rope;

/// How many pieces a second's worth of bytes is passed in where there is a limit.
const PIECES_PER_SECOND: u64 = 100;

/// A rule at work.
#[derive(Debug)]
struct Acting {
    rule: Arc<LinkRule>,
    /// How many bytes it has seen.
    passed: u64,
    /// When a limited line is free again.
    free_at: Option<Instant>,
    hit: Hit,
}

/// Whether a rule has acted on a connection, in either direction.
#[derive(Debug, Clone, Default)]
pub(super) struct Hit {
    happened: Arc<AtomicBool>,
    is_told: Arc<AtomicBool>,
}

impl Hit {
    fn happens(&self) {
        self.happened.store(true, Ordering::Relaxed);
    }

    /// Says once that it has happened.
    fn is_news(&self) -> bool {
        self.happened.load(Ordering::Relaxed) && !self.is_told.swap(true, Ordering::Relaxed)
    }
}

/// Bytes on their way.
#[derive(Debug, Default)]
pub(super) struct Shape {
    acting: Vec<Acting>,
    queue: VecDeque<Piece>,
    queued_bytes: usize,
    last_due: Option<Instant>,
    cut: Option<Cut>,
}

impl Shape {
    /// Whether bytes simply pass.
    pub(super) fn is_clear(&self) -> bool {
        self.acting.is_empty() && self.queue.is_empty() && self.cut.is_none()
    }

    /// Whether nothing passes at present.
    pub(super) fn is_silent(&self) -> bool {
        let is_silence = |acting: &Acting| acting.rule.spec.action == ByteAction::Silence;
        self.acting.iter().any(is_silence)
    }

    /// How much is on its way.
    pub(super) const fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    /// The bytes that arrive next.
    pub(super) fn next(&self) -> Option<&Piece> {
        self.queue.front()
    }

    /// Takes up to so many of the bytes that arrive next.
    pub(super) fn take(&mut self, most: usize) -> Rope {
        let Some(piece) = self.queue.front_mut() else {
            return Rope::default();
        };
        let bytes = piece.bytes.split_to(most);
        if piece.bytes.is_empty() {
            self.queue.pop_front();
        }
        self.queued_bytes = self.queued_bytes.saturating_sub(bytes.len());
        bytes
    }

    /// How the connection is to be cut, once what passed before is through.
    pub(super) fn finished(&self) -> Option<Cut> {
        self.cut.filter(|_| self.queue.is_empty())
    }

    /// The rules that have acted for the first time since this was asked last.
    pub(super) fn hits(&self) -> impl Iterator<Item = &Arc<LinkRule>> {
        let news = self.acting.iter().filter(|acting| acting.hit.is_news());
        news.map(|acting| &acting.rule)
    }

    /// Lets a rule take hold from the next byte on.
    pub(super) fn add(&mut self, rule: Arc<LinkRule>, hit: Hit) {
        if let ByteAction::Cut { after: 0, how } = rule.spec.action {
            hit.happens();
            self.cut = Some(how);
        }
        self.acting.push(Acting {
            rule,
            passed: 0,
            free_at: None,
            hit,
        });
    }

    /// Drops rules that are no longer in force. Bytes that no rule delays any more arrive at once.
    pub(super) fn keep(&mut self, in_force: &InForce, now: Instant) {
        let before = self.acting.len();
        self.acting
            .retain(|acting| in_force.iter().any(|rule| rule.id == acting.rule.id));
        let delays = |acting: &Acting| {
            matches!(
                acting.rule.spec.action,
                ByteAction::Latency(_) | ByteAction::Bandwidth(_) | ByteAction::Slice { .. }
            )
        };
        if self.acting.len() < before && !self.acting.iter().any(delays) {
            self.last_due = None;
            for piece in &mut self.queue {
                piece.due = now;
            }
        }
    }

    /// Sends bytes on their way.
    pub(super) fn admit(&mut self, bytes: Rope, now: Instant) {
        if self.cut.is_some() {
            return;
        }
        let mut pieces = vec![Piece { bytes, due: now }];
        for acting in &mut self.acting {
            pieces = acting.pass(pieces, &mut self.cut);
        }
        for mut piece in pieces {
            piece.due = piece.due.max(self.last_due.unwrap_or(piece.due));
            self.last_due = Some(piece.due);
            self.queued_bytes = self.queued_bytes.saturating_add(piece.bytes.len());
            self.queue.push_back(piece);
        }
    }
}

impl Acting {
    fn pass(&mut self, pieces: Vec<Piece>, cut: &mut Option<Cut>) -> Vec<Piece> {
        let arrived = pieces.iter().fold(0_u64, |sum, piece| {
            sum.saturating_add(length(piece.bytes.len()))
        });
        let before = self.passed;
        self.passed = before.saturating_add(arrived);
        match self.rule.spec.action {
            ByteAction::Latency(delay) => {
                self.hit.happens();
                delayed(pieces, self.rule.draw(delay))
            }
            ByteAction::Bandwidth(bytes_per_second) => {
                self.hit.happens();
                let rate = bytes_per_second.max(1);
                let size = usize::try_from(rate / PIECES_PER_SECOND).unwrap_or(usize::MAX);
                let takes = |bytes: usize| per_second(length(bytes), rate);
                self.in_turn(split(pieces, size.max(1)), takes, takes)
            }
            ByteAction::Slice { bytes, pause } => {
                self.hit.happens();
                let pause = self.rule.draw(pause);
                self.in_turn(split(pieces, bytes.max(1)), |_| Duration::ZERO, |_| pause)
            }
            ByteAction::Corrupt(at) => {
                if (before..self.passed).contains(&at) {
                    self.hit.happens();
                    return turned(pieces, at.saturating_sub(before));
                }
                pieces
            }
            ByteAction::Cut { after, how } => {
                if self.passed < after {
                    return pieces;
                }
                self.hit.happens();
                *cut = Some(how);
                first(pieces, after.saturating_sub(before))
            }
            ByteAction::Silence => {
                self.hit.happens();
                pieces
            }
            ByteAction::Refuse => pieces,
        }
    }

    /// Pieces one after the other: each takes a time to arrive, and keeps the line busy for another,
    /// both counted from when the line is free for it.
    fn in_turn(
        &mut self,
        mut pieces: Vec<Piece>,
        takes: impl Fn(usize) -> Duration,
        busy: impl Fn(usize) -> Duration,
    ) -> Vec<Piece> {
        for piece in &mut pieces {
            let start = piece.due.max(self.free_at.unwrap_or(piece.due));
            piece.due = later(start, takes(piece.bytes.len()));
            self.free_at = Some(later(start, busy(piece.bytes.len())));
        }
        pieces
    }
}
