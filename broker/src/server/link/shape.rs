//! What the rules make of the bytes that go one way on one connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::rules::{InForce, LinkRule};
use crate::engine::fault::{ByteAction, Cut};
use crate::wire::rope::Rope;

/// How many pieces a second's worth of bytes is passed in where there is a limit.
const PIECES_PER_SECOND: u64 = 100;

/// Bytes, and when they arrive.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) bytes: Rope,
    pub(super) due: Instant,
}

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

fn delayed(mut pieces: Vec<Piece>, by: Duration) -> Vec<Piece> {
    for piece in &mut pieces {
        piece.due = later(piece.due, by);
    }
    pieces
}

fn split(pieces: Vec<Piece>, size: usize) -> Vec<Piece> {
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
fn turned(pieces: Vec<Piece>, mut at: u64) -> Vec<Piece> {
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
fn first(pieces: Vec<Piece>, mut left: u64) -> Vec<Piece> {
    let shorten = |Piece { mut bytes, due }| {
        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        left = left.saturating_sub(length(bytes.len()));
        Piece { bytes, due }
    };
    let pieces = pieces.into_iter().map(shorten);
    pieces.filter(|piece| !piece.bytes.is_empty()).collect()
}

fn per_second(bytes: u64, rate: u64) -> Duration {
    let nanos = u128::from(bytes)
        .saturating_mul(1_000_000_000)
        .checked_div(u128::from(rate))
        .unwrap_or_default();
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// A moment that cannot be told is as good as the one it is counted from.
fn later(moment: Instant, by: Duration) -> Instant {
    moment.checked_add(by).unwrap_or(moment)
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::rules::{LinkRules, LinkSpec};
    use super::*;
    use crate::engine::fault::{Delay, FaultId, Rule};

    const MILLI: Duration = Duration::from_millis(1);

    /// What arrives of "abcdefghij", sent in two halves at one moment: each piece with the milliseconds
    /// until then, and the cut.
    #[track_caller]
    fn check(effects: &[ByteAction], expected: &str) {
        let rules = LinkRules::new(7);
        let mut shape = Shape::default();
        for effect in effects {
            shape.add(rules.mount(spec(*effect)), Hit::default());
        }
        let now = Instant::now();
        shape.admit(rope(&[b"abc", b"de"]), now);
        shape.admit(rope(&[b"f", b"ghij"]), now);
        let mut seen = Vec::new();
        let hits = shape.hits().count();
        while let Some(piece) = shape.next() {
            let due = (piece.due - now).as_millis();
            let bytes = shape.take(usize::MAX);
            seen.push(format!("{due}:{}", bytes.to_bytes().escape_ascii()));
        }
        seen.extend(shape.finished().map(|cut| format!("{cut:?}")));
        assert_eq!(seen.join(" "), expected);
        assert_eq!(shape.queued_bytes(), 0);
        let acts = |effect: &&ByteAction| **effect != ByteAction::Refuse;
        let expected_hits = effects.iter().filter(acts).count();
        assert_eq!(hits, expected_hits);
    }

    fn rope(parts: &[&'static [u8]]) -> Rope {
        let mut rope = Rope::default();
        for part in parts {
            rope.push(Bytes::from_static(part));
        }
        rope
    }

    fn spec(action: ByteAction) -> LinkSpec {
        let bytes = Some(action);
        let rule = Rule {
            bytes,
            ..Rule::default()
        };
        LinkSpec::of(FaultId(1), &rule).unwrap()
    }

    fn wait(millis: u32) -> Delay {
        Delay {
            wait: MILLI * millis,
            jitter: Duration::ZERO,
        }
    }

    fn latency(by: u32) -> ByteAction {
        ByteAction::Latency(wait(by))
    }

    fn slice(bytes: usize, pause: u32) -> ByteAction {
        ByteAction::Slice {
            bytes,
            pause: wait(pause),
        }
    }

    fn cut(after: u64, how: Cut) -> ByteAction {
        ByteAction::Cut { after, how }
    }

    #[test]
    fn bytes_arrive_as_the_rules_say() {
        let slow = ByteAction::Bandwidth(200);
        check(&[], "0:abcde 0:fghij");
        check(&[latency(30)], "30:abcde 30:fghij");
        check(&[latency(30), latency(5)], "35:abcde 35:fghij");
        check(&[slice(3, 10)], "0:abc 10:de 20:fgh 30:ij");
        check(&[slow], "10:ab 20:cd 25:e 35:fg 45:hi 50:j");
        check(&[slice(4, 1), latency(9)], "9:abcd 10:e 11:fghi 12:j");
        check(&[ByteAction::Corrupt(1)], "0:a\\x9dcde 0:fghij");
        check(&[ByteAction::Corrupt(9)], "0:abcde 0:fghi\\x95");
        check(&[cut(7, Cut::Reset)], "0:abcde 0:fg Reset");
        check(&[cut(5, Cut::Close)], "0:abcde Close");
        check(&[cut(0, Cut::HalfClose)], "HalfClose");
        check(&[slice(2, 1), cut(3, Cut::Close)], "0:ab 1:c Close");
        check(&[ByteAction::Silence], "0:abcde 0:fghij");
        check(&[ByteAction::Refuse], "0:abcde 0:fghij");
    }

    #[test]
    fn what_a_removed_rule_held_back_arrives() {
        let rules = LinkRules::new(7);
        let mut shape = Shape::default();
        let (late, silent) = (
            rules.mount(spec(latency(60_000))),
            rules.mount(spec(ByteAction::Silence)),
        );
        shape.add(Arc::clone(&late), Hit::default());
        shape.add(Arc::clone(&silent), Hit::default());
        let now = Instant::now();
        shape.admit(rope(&[b"abc"]), now);
        assert!(shape.is_silent());
        rules.retain(|rule| rule.id != silent.id);
        shape.keep(&rules.list(), now);
        assert!(!shape.is_silent());
        assert!(shape.next().unwrap().due > now);
        rules.follow(&[]);
        shape.keep(&rules.list(), now);
        assert_eq!(shape.next().unwrap().due, now);
        assert_eq!(shape.take(2).to_bytes(), "ab");
        assert_eq!(shape.take(2).to_bytes(), "c");
        assert!(shape.is_clear());
    }
}
