//! Values of the grammar that are more than a number: how long to wait, and how often to act.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::json::duration;
use crate::engine::rng::Rng;

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "DelayText", into = "DelayText")]
pub(crate) struct Delay {
    pub(crate) wait: Duration,
    /// Up to so much more or less, by chance from the cluster's seed.
    pub(crate) jitter: Duration,
}

/// How often a rule must have acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Times", into = "Times")]
pub(crate) struct Expected {
    pub(crate) at_least: u64,
    pub(crate) at_most: Option<u64>,
}

impl Expected {
    pub(crate) fn holds(self, hits: u64) -> bool {
        self.at_least <= hits && self.at_most.is_none_or(|most| hits <= most)
    }
}

impl Delay {
    /// How long to wait this time.
    pub(crate) fn draw(self, rng: &mut Rng) -> Duration {
        let Self { wait, jitter } = self;
        if jitter.is_zero() {
            return wait;
        }
        let range = jitter.saturating_mul(2).as_micros().saturating_add(1);
        let drawn = rng.next_below(u64::try_from(range).unwrap_or(u64::MAX));
        wait.saturating_add(Duration::from_micros(drawn))
            .saturating_sub(jitter)
    }
}

/// A duration, fixed or varying.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub(crate) enum DelayText {
    /// A fixed duration, such as `5s` or `1m 30s`.
    For(String),
    /// A varying duration.
    Varying {
        /// The mean, such as `5s`.
        r#for: String,
        /// The largest deviation from the mean, such as `1s`.
        jitter: String,
    },
}

impl TryFrom<DelayText> for Delay {
    type Error = String;

    fn try_from(text: DelayText) -> Result<Self, String> {
        let (wait, jitter) = match text {
            DelayText::For(wait) => (duration(&wait)?, Duration::ZERO),
            DelayText::Varying { r#for, jitter } => (duration(&r#for)?, duration(&jitter)?),
        };
        Ok(Self { wait, jitter })
    }
}

impl From<Delay> for DelayText {
    fn from(delay: Delay) -> Self {
        let text = |duration| humantime::format_duration(duration).to_string();
        if delay.jitter.is_zero() {
            return Self::For(text(delay.wait));
        }
        Self::Varying {
            r#for: text(delay.wait),
            jitter: text(delay.jitter),
        }
    }
}

/// A number of times, or its bounds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub(crate) enum Times {
    /// The exact number.
    Exactly(u64),
    /// Its bounds.
    Between {
        /// The smallest number. Default: 0.
        #[serde(default)]
        at_least: u64,
        /// The largest number. Default: none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
}

impl From<Times> for Expected {
    fn from(times: Times) -> Self {
        match times {
            Times::Exactly(times) => Self {
                at_least: times,
                at_most: Some(times),
            },
            Times::Between { at_least, at_most } => Self { at_least, at_most },
        }
    }
}

impl From<Expected> for Times {
    fn from(expected: Expected) -> Self {
        let Expected { at_least, at_most } = expected;
        if at_most == Some(at_least) {
            return Self::Exactly(at_least);
        }
        Self::Between { at_least, at_most }
    }
}

/// Says an expectation in words.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.at_least, self.at_most) {
            (least, Some(most)) if least == most => write!(f, "{least}"),
            (least, Some(most)) => write!(f, "{least} to {most}"),
            (least, None) => write!(f, "{least} or more"),
        }
    }
}

#[cfg(feature = "control")]
impl utoipa::PartialSchema for Delay {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        DelayText::schema()
    }
}

#[cfg(feature = "control")]
impl utoipa::ToSchema for Delay {}

#[cfg(feature = "control")]
impl utoipa::PartialSchema for Expected {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        Times::schema()
    }
}

#[cfg(feature = "control")]
impl utoipa::ToSchema for Expected {}
