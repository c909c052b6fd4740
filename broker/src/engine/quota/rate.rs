//! How much happens in a time, as Kafka's `Rate` measures it: over samples of one window each.

use std::collections::VecDeque;
use std::time::Duration;

/// How many samples there are, and how long each lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Windows {
    pub(crate) count: u32,
    pub(crate) length: Duration,
}

impl Windows {
    /// What all samples together stand for.
    pub(crate) fn span(self) -> Duration {
        self.length.saturating_mul(self.count)
    }
}

/// What happened in one window.
#[derive(Debug)]
struct Sample {
    begin_ms: u64,
    last_ms: u64,
    sum: f64,
}

/// What happened in the last windows.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    samples: VecDeque<Sample>,
}

impl Rate {
    /// Notes that so much happened; less than nothing takes it back.
    pub(crate) fn record(&mut self, windows: Windows, now: Duration, amount: f64) {
        let (now_ms, length_ms) = (millis(now), millis(windows.length));
        self.forget_old(windows, now_ms);
        let is_over = |sample: &Sample| now_ms.saturating_sub(sample.begin_ms) >= length_ms;
        if self.samples.back().is_none_or(is_over) {
            self.samples.push_back(Sample {
                begin_ms: now_ms,
                last_ms: now_ms,
                sum: 0.0,
            });
        }
        if let Some(sample) = self.samples.back_mut() {
            sample.last_ms = now_ms;
            sample.sum += amount;
        }
    }

    /// How many milliseconds it takes until no more than `most` a second have happened, if nothing happens
    /// meanwhile; nothing if there are no more.
    pub(crate) fn excess_ms(&mut self, windows: Windows, now: Duration, most: f64) -> f64 {
        let now_ms = millis(now);
        self.forget_old(windows, now_ms);
        let measured = as_float(self.measured_ms(windows, now_ms));
        let sum: f64 = self.samples.iter().map(|sample| sample.sum).sum();
        let rate = sum / (measured / 1000.0);
        if rate <= most {
            return 0.0;
        }
        (rate - most) / most * measured
    }

    /// When no more than `most` a second have happened, if nothing happens meanwhile, measured as Kafka's `SimpleRate`
    /// does: over the time since the first sample began, and one window at least.
    pub(crate) fn free_at(&mut self, windows: Windows, now: Duration, most: f64) -> Duration {
        let now_ms = millis(now);
        self.forget_old(windows, now_ms);
        let (length, age) = (millis(windows.length).max(1), millis(windows.span()));
        let mut sum: f64 = self.samples.iter().map(|sample| sample.sum).sum();
        let mut at_ms = now_ms;
        for sample in &self.samples {
            let measured = at_ms.saturating_sub(sample.begin_ms).max(length);
            if sum <= most * as_float(measured) / 1000.0 {
                break;
            }
            // Either enough time passes, or the sample is forgotten before.
            let enough = Duration::try_from_secs_f64(sum / most).map_or(u64::MAX, |time| {
                millis(time.saturating_add(Duration::from_micros(999)))
            });
            let enough_at = sample.begin_ms.saturating_add(enough);
            let forgotten_at = sample.last_ms.saturating_add(age);
            if enough_at <= forgotten_at {
                at_ms = enough_at;
                break;
            }
            at_ms = at_ms.max(forgotten_at);
            sum -= sample.sum;
        }
        if at_ms == now_ms {
            now
        } else {
            Duration::from_millis(at_ms)
        }
    }

    /// Whether nothing of it counts any more.
    pub(crate) fn is_over(&self, windows: Windows, now: Duration) -> bool {
        let last = self.samples.back().map_or(0, |sample| sample.last_ms);
        millis(now).saturating_sub(last) >= millis(windows.span())
    }

    fn forget_old(&mut self, windows: Windows, now_ms: u64) {
        let age = millis(windows.span());
        let is_old = |sample: &Sample| now_ms.saturating_sub(sample.last_ms) >= age;
        while self.samples.front().is_some_and(is_old) {
            self.samples.pop_front();
        }
    }

    /// The time that the samples stand for: never less than all windows but the last.
    fn measured_ms(&self, windows: Windows, now_ms: u64) -> u64 {
        let length = millis(windows.length).max(1);
        let begin = self
            .samples
            .front()
            .map_or(now_ms, |sample| sample.begin_ms);
        let measured = now_ms.saturating_sub(begin);
        let whole = measured.checked_div(length).unwrap_or_default();
        let missing = u64::from(windows.count.saturating_sub(1)).saturating_sub(whole);
        let measured = measured.saturating_add(length.saturating_mul(missing));
        measured.max(1)
    }
}

/// Kafka counts whole milliseconds.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a number of milliseconds of which the last does not matter when it is that large"
)]
pub(super) const fn as_float(millis: u64) -> f64 {
    millis as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const KAFKAS: Windows = Windows {
        count: 11,
        length: Duration::from_secs(1),
    };

    /// The waits in milliseconds, where there are any, of amounts that come at these milliseconds.
    #[track_caller]
    fn check(windows: Windows, most: f64, events: &[(u64, usize, f64)], expected: &[f64]) {
        let mut rate = Rate::default();
        let mut waits = Vec::new();
        for (millis, count, amount) in events {
            for _ in 0..*count {
                let now = Duration::from_millis(*millis);
                rate.record(windows, now, *amount);
                waits.push(rate.excess_ms(windows, now, most).round());
            }
        }
        waits.retain(|wait| *wait > 0.0);
        assert_eq!(waits, expected, "{events:?}");
    }

    #[test]
    fn ten_seconds_worth_may_come_at_once() {
        check(KAFKAS, 10.0, &[(0, 100, 1.0)], &[]);
        check(KAFKAS, 10.0, &[(0, 102, 1.0)], &[100.0, 200.0]);
        check(KAFKAS, 1.0, &[(0, 12, 1.0)], &[1000.0, 2000.0]);
        check(KAFKAS, 1000.0, &[(0, 1, 12_000.0)], &[2000.0]);
    }

    #[test]
    fn what_is_long_ago_does_not_count() {
        check(KAFKAS, 10.0, &[(0, 100, 1.0), (10_999, 1, 1.0)], &[]);
        check(KAFKAS, 10.0, &[(0, 100, 1.0), (5000, 1, 1.0)], &[100.0]);
        check(KAFKAS, 10.0, &[(0, 100, 1.0), (11_000, 101, 1.0)], &[100.0]);
    }

    /// A sample that began within a window stands for as much of it as has passed.
    #[test]
    fn the_first_sample_counts_from_its_beginning() {
        check(KAFKAS, 10.0, &[(0, 1, 100.0), (300, 1, 4.0)], &[100.0]);
        check(KAFKAS, 10.0, &[(500, 1, 100.0), (10_900, 1, 5.0)], &[100.0]);
    }

    #[test]
    fn what_is_taken_back_does_not_count() {
        check(
            KAFKAS,
            10.0,
            &[(0, 1, 90.0), (1, 1, -90.0), (2, 1, 100.0)],
            &[],
        );
    }

    #[test]
    fn one_window_measures_what_has_passed_of_it() {
        let one = Windows { count: 1, ..KAFKAS };
        check(one, 10.0, &[(0, 1, 1.0)], &[99.0]);
        check(one, 10.0, &[(0, 1, 1.0), (500, 1, 5.0)], &[99.0, 100.0]);
    }
}
