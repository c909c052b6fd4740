//! What the rules make of the bytes that go one way on one connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::Instant;

use super::rules::{Cut, InForce, LinkEffect, LinkRule};

/// How many pieces a second's worth of bytes is passed in where there is a limit.
const PIECES_PER_SECOND: u64 = 100;

/// Bytes, and when they arrive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) bytes: Bytes,
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
pub(super) struct Hit(Arc<AtomicBool>);

impl Hit {
    fn by(&self, rule: &LinkRule) {
        if !self.0.swap(true, Ordering::Relaxed) {
            rule.hit();
        }
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
        let is_silence = |acting: &Acting| acting.rule.spec.effect == LinkEffect::Silence;
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
    pub(super) fn take(&mut self, most: usize) -> Bytes {
        let Some(piece) = self.queue.front_mut() else {
            return Bytes::new();
        };
        let bytes = piece.bytes.split_to(most.min(piece.bytes.len()));
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

    /// Lets a rule take hold from the next byte on.
    pub(super) fn add(&mut self, rule: Arc<LinkRule>, hit: Hit) {
        if let LinkEffect::Cut { after: 0, how } = rule.spec.effect {
            hit.by(&rule);
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
                acting.rule.spec.effect,
                LinkEffect::Latency { .. }
                    | LinkEffect::Bandwidth { .. }
                    | LinkEffect::Slice { .. }
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
    pub(super) fn admit(&mut self, bytes: Bytes, now: Instant) {
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
        match self.rule.spec.effect {
            LinkEffect::Latency { by, jitter } => {
                self.hit.by(&self.rule);
                let later = by.saturating_add(self.rule.share_of(jitter));
                delayed(pieces, later)
            }
            LinkEffect::Bandwidth { bytes_per_second } => {
                self.hit.by(&self.rule);
                let rate = bytes_per_second.get();
                let size = usize::try_from(rate / PIECES_PER_SECOND).unwrap_or(usize::MAX);
                let takes = |bytes: usize| per_second(length(bytes), rate);
                self.in_turn(split(pieces, size.max(1)), takes, takes)
            }
            LinkEffect::Slice { bytes, pause } => {
                self.hit.by(&self.rule);
                self.in_turn(split(pieces, bytes.get()), |_| Duration::ZERO, |_| pause)
            }
            LinkEffect::Corrupt { at } => {
                if (before..self.passed).contains(&at) {
                    self.hit.by(&self.rule);
                    return turned(pieces, at.saturating_sub(before));
                }
                pieces
            }
            LinkEffect::Cut { after, how } => {
                if self.passed < after {
                    return pieces;
                }
                self.hit.by(&self.rule);
                *cut = Some(how);
                first(pieces, after.saturating_sub(before))
            }
            LinkEffect::Silence => {
                self.hit.by(&self.rule);
                pieces
            }
            LinkEffect::Refuse => pieces,
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
        let mut copy = BytesMut::from(bytes);
        if let Some(byte) = copy.get_mut(index) {
            *byte = !*byte;
        }
        // Past its byte, the distance has wrapped to something no piece is long enough for.
        Piece {
            bytes: copy.freeze(),
            due,
        }
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
    use std::num::{NonZeroU64, NonZeroUsize};

    use super::super::rules::{Direction, LinkRules, LinkSpec, Which};
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);

    /// What arrives of "abcdefghij", sent in two halves at one moment: each piece with the milliseconds
    /// until then, and the cut.
    #[track_caller]
    fn check(effects: &[LinkEffect], expected: &str) {
        let rules = LinkRules::new(7);
        let mut shape = Shape::default();
        for effect in effects {
            let rule = rules.mount(LinkSpec {
                node: None,
                client_id: None,
                direction: Direction::Both,
                which: Which::All,
                effect: *effect,
            });
            shape.add(rule, Hit::default());
        }
        let now = Instant::now();
        shape.admit(Bytes::from_static(b"abcde"), now);
        shape.admit(Bytes::from_static(b"fghij"), now);
        let mut seen = Vec::new();
        while let Some(piece) = shape.next() {
            let due = (piece.due - now).as_millis();
            let bytes = shape.take(usize::MAX);
            seen.push(format!("{due}:{}", bytes.escape_ascii()));
        }
        seen.extend(shape.finished().map(|cut| format!("{cut:?}")));
        assert_eq!(seen.join(" "), expected);
        assert_eq!(shape.queued_bytes(), 0);
        let hits: Vec<u64> = rules
            .list()
            .iter()
            .map(|rule| *rule.hits().borrow())
            .collect();
        let acts = |effect: &LinkEffect| u64::from(*effect != LinkEffect::Refuse);
        let expected_hits: Vec<u64> = effects.iter().map(acts).collect();
        assert_eq!(hits, expected_hits);
    }

    fn latency(by: u32) -> LinkEffect {
        LinkEffect::Latency {
            by: MILLI * by,
            jitter: Duration::ZERO,
        }
    }

    fn slice(bytes: usize, pause: u32) -> LinkEffect {
        LinkEffect::Slice {
            bytes: NonZeroUsize::new(bytes).unwrap(),
            pause: MILLI * pause,
        }
    }

    fn cut(after: u64, how: Cut) -> LinkEffect {
        LinkEffect::Cut { after, how }
    }

    #[test]
    fn bytes_arrive_as_the_rules_say() {
        let slow = LinkEffect::Bandwidth {
            bytes_per_second: NonZeroU64::new(200).unwrap(),
        };
        check(&[], "0:abcde 0:fghij");
        check(&[latency(30)], "30:abcde 30:fghij");
        check(&[latency(30), latency(5)], "35:abcde 35:fghij");
        check(&[slice(3, 10)], "0:abc 10:de 20:fgh 30:ij");
        check(&[slow], "10:ab 20:cd 25:e 35:fg 45:hi 50:j");
        check(&[slice(4, 1), latency(9)], "9:abcd 10:e 11:fghi 12:j");
        check(&[LinkEffect::Corrupt { at: 1 }], "0:a\\x9dcde 0:fghij");
        check(&[LinkEffect::Corrupt { at: 9 }], "0:abcde 0:fghi\\x95");
        check(&[cut(7, Cut::Reset)], "0:abcde 0:fg Reset");
        check(&[cut(5, Cut::Close)], "0:abcde Close");
        check(&[cut(0, Cut::HalfClose)], "HalfClose");
        check(&[slice(2, 1), cut(3, Cut::Close)], "0:ab 1:c Close");
        check(&[LinkEffect::Silence], "0:abcde 0:fghij");
        check(&[LinkEffect::Refuse], "0:abcde 0:fghij");
    }

    #[test]
    fn what_a_removed_rule_held_back_arrives() {
        let rules = LinkRules::new(7);
        let mut shape = Shape::default();
        let spec = |effect| LinkSpec {
            node: None,
            client_id: None,
            direction: Direction::Both,
            which: Which::All,
            effect,
        };
        let (late, silent) = (
            rules.mount(spec(latency(60_000))),
            rules.mount(spec(LinkEffect::Silence)),
        );
        shape.add(Arc::clone(&late), Hit::default());
        shape.add(Arc::clone(&silent), Hit::default());
        let now = Instant::now();
        shape.admit(Bytes::from_static(b"abc"), now);
        assert!(shape.is_silent());
        rules.remove(silent.id);
        shape.keep(&rules.list(), now);
        assert!(!shape.is_silent());
        assert!(shape.next().unwrap().due > now);
        rules.remove(late.id);
        shape.keep(&rules.list(), now);
        assert_eq!(shape.next().unwrap().due, now);
        assert_eq!(shape.take(2), "ab");
        assert_eq!(shape.take(2), "c");
        assert!(shape.is_clear());
    }
}
