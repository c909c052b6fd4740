//! How often something happens, as Kafka's `Rate` measures it: over samples of one window each.

use std::collections::VecDeque;
use std::time::Duration;

/// `quota.window.num` and `quota.window.size.seconds`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    pub(super) count: u32,
    pub(super) length: Duration,
}

/// What happened in one window.
#[derive(Debug)]
struct Sample {
    begin: Duration,
    last: Duration,
    events: u32,
}

/// The events of the last windows.
#[derive(Debug)]
pub(super) struct Rate {
    windows: Windows,
    samples: VecDeque<Sample>,
}

impl Rate {
    pub(super) fn new(windows: Windows) -> Self {
        Self {
            windows,
            samples: VecDeque::new(),
        }
    }

    /// Notes one event, and says how long to wait before the next so that there are no more than
    /// `most` a second: at most one window.
    pub(super) fn record(&mut self, now: Duration, most: u32) -> Duration {
        let length = self.windows.length;
        let age = length.saturating_mul(self.windows.count);
        let old = |sample: &Sample| now.saturating_sub(sample.last) >= age;
        while self.samples.front().is_some_and(old) {
            self.samples.pop_front();
        }
        let is_over = |sample: &Sample| now.saturating_sub(sample.begin) >= length;
        if self.samples.back().is_none_or(is_over) {
            self.samples.push_back(Sample {
                begin: now,
                last: now,
                events: 0,
            });
        }
        if let Some(sample) = self.samples.back_mut() {
            sample.last = now;
            sample.events = sample.events.saturating_add(1);
        }
        let measured = self.measured(now);
        let events = self.samples.iter().map(|sample| f64::from(sample.events));
        let rate = events.sum::<f64>() / measured.as_secs_f64();
        let most = f64::from(most.max(1));
        if rate <= most {
            return Duration::ZERO;
        }
        measured.mul_f64((rate - most) / most).min(length)
    }

    /// The time that the samples stand for: never less than all windows but the last.
    fn measured(&self, now: Duration) -> Duration {
        let length = self.windows.length;
        let begin = self.samples.front().map_or(now, |sample| sample.begin);
        let mut measured = now.saturating_sub(begin);
        let least = self.windows.count.saturating_sub(1);
        while measured < length.saturating_mul(least) {
            measured = measured.saturating_add(length);
        }
        measured.max(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The waits in milliseconds, where there are any, of events that come at these milliseconds.
    fn check(most: u32, events: &[(u64, usize)], expected: &[u128]) {
        let mut rate = Rate::new(Windows {
            count: 11,
            length: Duration::from_secs(1),
        });
        let mut waits = Vec::new();
        for (millis, count) in events {
            for _ in 0..*count {
                let wait = rate.record(Duration::from_millis(*millis), most);
                waits.push(wait.as_millis());
            }
        }
        waits.retain(|wait| *wait > 0);
        assert_eq!(waits, expected, "{events:?}");
    }

    #[test]
    fn ten_seconds_worth_may_come_at_once() {
        check(10, &[(0, 100)], &[]);
        check(10, &[(0, 102)], &[100, 200]);
        check(1, &[(0, 12)], &[1000, 1000]);
    }

    #[test]
    fn what_is_long_ago_does_not_count() {
        check(10, &[(0, 100), (10_999, 1)], &[]);
        check(10, &[(0, 100), (5000, 1)], &[100]);
        check(10, &[(0, 100), (11_000, 101)], &[100]);
    }
}
