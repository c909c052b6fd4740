//! On which of its requests a rule acts, and how often it must.

use std::ops::{RangeFrom, RangeInclusive};

use super::Rule;
use crate::engine::fault::Expected;

/// How often a rule must have acted: `2`, `1..=3` or `1..`. What [`Rule::expect`] takes.
///
/// ```
/// use fauxka::fault::Times;
///
/// assert_eq!(Times::from(2), Times::from(2..=2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times(Expected);

impl From<u64> for Times {
    fn from(times: u64) -> Self {
        (times..=times).into()
    }
}

impl From<RangeInclusive<u64>> for Times {
    fn from(times: RangeInclusive<u64>) -> Self {
        Self(Expected {
            at_least: *times.start(),
            at_most: Some(*times.end()),
        })
    }
}

impl From<RangeFrom<u64>> for Times {
    fn from(times: RangeFrom<u64>) -> Self {
        Self(Expected {
            at_least: times.start,
            at_most: None,
        })
    }
}

impl Rule<'_> {
    /// Acts on the n-th matching request, counted from 1. Together with [`Rule::count`], [`Rule::every`] or
    /// [`Rule::probability`] it acts from there on.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on(Api::ApiVersions).nth(2).before_apply().disconnect().mount();
    /// assert_eq!(hello(&broker)?, 0);
    /// assert!(hello(&broker).is_err());
    /// assert_eq!(hello(&broker)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn nth(mut self, n: u64) -> Self {
        self.spec.nth = Some(n);
        self
    }

    /// Acts at most this many times.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on(Api::ApiVersions).count(2).before_apply().disconnect().mount();
    /// assert!(hello(&broker).is_err());
    /// assert!(hello(&broker).is_err());
    /// assert_eq!(hello(&broker)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn count(mut self, times: u64) -> Self {
        self.spec.count = Some(times);
        self
    }

    /// Acts on every n-th matching request.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::{Api, Broker};
    /// let broker = Broker::builder().start_blocking()?;
    /// broker.on(Api::ApiVersions).every(2).before_apply().disconnect().mount();
    /// assert_eq!(hello(&broker)?, 0);
    /// assert!(hello(&broker).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn every(mut self, n: u64) -> Self {
        self.spec.every = Some(n);
        self
    }

    /// Acts by chance, which comes from the cluster's seed: with 0.1, on one request in ten.
    ///
    /// ```
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().seed(7).start_blocking()?;
    /// let rare = broker.on_any().probability(0.1).before_apply().disconnect().mount();
    /// assert!(rare.is_active());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn probability(mut self, probability: f64) -> Self {
        self.spec.probability = Some(probability);
        self
    }

    /// Acts until you [release](super::MountedRule::release) it.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// # use fauxka::Broker;
    /// let broker = Broker::builder().start_blocking()?;
    /// let down = broker.on_any().until_released().before_apply().disconnect().mount();
    /// assert!(hello(&broker).is_err());
    /// down.release();
    /// assert_eq!(hello(&broker)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn until_released(mut self) -> Self {
        self.spec.until_released = true;
        self
    }

    /// How often the rule must have acted when you drop the broker: `2`, `1..=3` or `1..`. If it
    /// has not, the drop panics with the line that mounted the rule and the cluster's seed.
    ///
    /// ```should_panic
    /// use fauxka::{Api, Broker};
    ///
    /// let broker = Broker::builder().start_blocking().unwrap();
    /// broker.on(Api::Produce).observe().expect(1..).mount();
    /// // Nobody has produced when the broker is dropped here.
    /// ```
    pub fn expect(mut self, times: impl Into<Times>) -> Self {
        self.spec.expect = Some(times.into().0);
        self
    }
}
