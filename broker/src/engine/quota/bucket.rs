//! KIP-599's token bucket: a burst may use up what a client saved, and a little beyond.

use std::time::Duration;

use super::rate::{Windows, as_float, millis};

/// What a client may still change, counted in partitions.
#[derive(Debug, Default)]
pub(super) struct TokenBucket {
    tokens: f64,
    /// When it was last filled; a new one is full.
    filled: Option<Duration>,
}

impl TokenBucket {
    /// What there is at a moment, if so much comes each second.
    pub(super) fn tokens(&mut self, windows: Windows, now: Duration, rate: f64) -> f64 {
        let burst = as_float(millis(windows.span())) / 1000.0 * rate;
        let filled = match self.filled {
            None => burst,
            Some(before) => {
                let passed = millis(now).saturating_sub(millis(before));
                self.tokens + rate * (as_float(passed) / 1000.0)
            }
        };
        self.tokens = filled.min(burst);
        self.filled = Some(now);
        self.tokens
    }

    /// Takes tokens out, also those that are not there.
    pub(super) fn take(&mut self, windows: Windows, now: Duration, rate: f64, tokens: f64) {
        self.tokens = self.tokens(windows, now, rate) - tokens;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: Windows = Windows {
        count: 11,
        length: Duration::from_secs(1),
    };

    #[test]
    fn it_is_full_at_first_and_fills_with_time() {
        let mut bucket = TokenBucket::default();
        let mut at = |millis, take| {
            let now = Duration::from_millis(millis);
            bucket.take(WINDOWS, now, 2.0, take);
            bucket.tokens(WINDOWS, now, 2.0)
        };
        assert_eq!(at(500, 0.0), 22.0);
        assert_eq!(at(500, 30.0), -8.0);
        assert_eq!(at(1500, 0.0), -6.0);
        assert_eq!(at(1750, 0.0), -5.5);
        assert_eq!(at(60_000, 1.0), 21.0);
    }
}
