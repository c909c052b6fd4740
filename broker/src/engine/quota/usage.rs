//! What has been used of quotas.

use std::collections::BTreeMap;
use std::time::Duration;

use super::bucket::TokenBucket;
use super::key::ClientQuota;
use super::limits::Tags;
use super::rate::{Rate, Windows};
use crate::wire::units::NodeId;

/// Who has not been heard of for so long is forgotten, as Kafka's sensors are.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3600);

/// When there are so many it is looked which can go.
const SWEEP_FROM: usize = 1024;

/// Without a quota Kafka measures against this.
const NO_LIMIT: f64 = 9_223_372_036_854_775_807.0;

/// Who is measured where: by a node, or by the controller.
type RateKey = (NodeId, ClientQuota, Tags);

/// All that is measured.
#[derive(Debug)]
pub(super) struct Usage {
    rates: BTreeMap<RateKey, Rate>,
    rates_sweep_at: usize,
    buckets: BTreeMap<Tags, Bucket>,
    buckets_sweep_at: usize,
}

#[derive(Debug)]
struct Bucket {
    tokens: TokenBucket,
    last: Duration,
}

impl Default for Usage {
    fn default() -> Self {
        Self {
            rates: BTreeMap::new(),
            rates_sweep_at: SWEEP_FROM,
            buckets: BTreeMap::new(),
            buckets_sweep_at: SWEEP_FROM,
        }
    }
}

/// The quota to measure against, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure {
    pub(super) windows: Windows,
    pub(super) now: Duration,
    pub(super) limit: Option<f64>,
}

impl Measure {
    fn limit(self) -> f64 {
        self.limit.unwrap_or(NO_LIMIT)
    }
}

impl Usage {
    /// Notes that bytes have passed, and says for how many milliseconds to throttle.
    pub(super) fn record(&mut self, key: RateKey, bytes: f64, by: Measure) -> i32 {
        if self.rates.len() >= self.rates_sweep_at {
            self.rates
                .retain(|_, rate| !rate.is_over(by.windows, by.now));
            self.rates_sweep_at = self.rates.len().saturating_mul(2).max(SWEEP_FROM);
        }
        let rate = self.rates.entry(key).or_default();
        rate.record(by.windows, by.now, bytes);
        rounded(rate.excess_ms(by.windows, by.now, by.limit()))
    }

    /// Takes bytes back that do not pass after all.
    pub(super) fn unrecord(&mut self, key: RateKey, bytes: f64, by: Measure) {
        let rate = self.rates.entry(key).or_default();
        rate.record(by.windows, by.now, -bytes);
    }

    /// Notes changes if there is anything left for them, else says for how long there is not.
    pub(super) fn take_strictly(
        &mut self,
        tags: Tags,
        permits: f64,
        by: Measure,
    ) -> Result<(), i32> {
        let bucket = self.bucket(tags, by);
        match bucket.wait(by) {
            Some(wait) => Err(wait),
            None => {
                bucket.take(by, permits);
                Ok(())
            }
        }
    }

    /// Notes changes, and says for how long there is nothing left.
    pub(super) fn take(&mut self, tags: Tags, permits: f64, by: Measure) -> i32 {
        let bucket = self.bucket(tags, by);
        bucket.take(by, permits);
        bucket.wait(by).unwrap_or_default()
    }

    fn bucket(&mut self, tags: Tags, by: Measure) -> &mut Bucket {
        let is_forgotten = |last| by.now.saturating_sub(last) > FORGOTTEN_AFTER;
        if self.buckets.len() >= self.buckets_sweep_at {
            self.buckets.retain(|_, bucket| !is_forgotten(bucket.last));
            self.buckets_sweep_at = self.buckets.len().saturating_mul(2).max(SWEEP_FROM);
        }
        let new = || Bucket {
            tokens: TokenBucket::default(),
            last: by.now,
        };
        let bucket = self.buckets.entry(tags).or_insert_with(new);
        if is_forgotten(bucket.last) {
            *bucket = new();
        }
        bucket
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> (usize, usize) {
        (self.rates.len(), self.buckets.len())
    }
}

impl Bucket {
    fn take(&mut self, by: Measure, permits: f64) {
        self.last = by.now;
        self.tokens.take(by.windows, by.now, by.limit(), permits);
    }

    /// How long it takes until a bucket that is overdrawn is not.
    fn wait(&mut self, by: Measure) -> Option<i32> {
        let tokens = self.tokens.tokens(by.windows, by.now, by.limit());
        (tokens < 0.0).then(|| rounded(-tokens / by.limit() * 1000.0))
    }
}

/// Whole milliseconds, as Java rounds them and narrows them to 32 bits: what is too long wraps around.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the oracle's own arithmetic, which wraps"
)]
fn rounded(millis: f64) -> i32 {
    (millis + 0.5).floor() as i64 as i32
}
