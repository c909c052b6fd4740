//! What arrives, and when, of bytes that rules act on.

use bytes::Bytes;

use super::*;
use crate::engine::fault::{Delay, FaultId, Rule};
use crate::server::links::{LinkRules, LinkSpec};

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
