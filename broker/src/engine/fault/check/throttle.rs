//! Throttling needs an answer to say so in.

use std::time::Duration;

use super::{Checked, refuse};
use crate::engine::fault::entities::Entities;
use crate::engine::fault::rule::Rule;
use crate::engine::fault::throttle::says_throttled;
use crate::engine::fault::values::Delay;

/// The field counts milliseconds in 31 bits.
const LONGEST: Duration = Duration::from_millis(i32::MAX.unsigned_abs() as u64);

/// Of an API that is named some answers must have the field; versions that lack it are throttled without a word.
pub(super) fn check(
    rule: &Rule,
    apis: &[&'static Entities],
    delay: Delay,
    after_apply: bool,
) -> Checked {
    if !after_apply {
        return refuse(
            "`throttle` lets the answer go and keeps the next request waiting: put it into \
             `after_apply`, or take `delay`",
        );
    }
    if delay.wait < Duration::from_millis(1) || delay.wait.saturating_add(delay.jitter) > LONGEST {
        return refuse("`throttle` takes from a millisecond to 2147483647 milliseconds");
    }
    let lacks = |entities: &&&Entities| {
        let (first, last) = entities.api.versions();
        !(first..=last).any(|version| says_throttled(entities.api, version))
    };
    match apis.iter().find(lacks) {
        Some(entities) if !rule.api.is_empty() => refuse(format!(
            "the answer to {} has no throttleTimeMs, as Kafka has no quota for it: leave it out",
            entities.api
        )),
        _ => Ok(()),
    }
}
