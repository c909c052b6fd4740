//! How the grammar's values are written in JSON.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};

use super::pattern::Pattern;
use super::rule::{Delay, Expected};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode;

/// A list, in which a single element needs no brackets.
pub(super) fn one_or_many<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    let listed = if let serde_json::Value::Array(elements) = value {
        elements
    } else if value.is_null() {
        Vec::new()
    } else {
        vec![value]
    };
    let read = |value| T::deserialize(value).map_err(D::Error::custom);
    listed.into_iter().map(read).collect()
}

/// A duration, or one that varies.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub(crate) enum DelayText {
    /// Such as `5s` or `1m 30s`.
    For(String),
    Varying {
        /// Such as `5s`.
        r#for: String,
        /// Up to so much more or less.
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

/// A duration as people write it.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{text:?} is not a duration such as 45s or 1h 30m: {error}"))
}

/// A number, or bounds of one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub(crate) enum Times {
    Exactly(u64),
    Between {
        #[serde(default)]
        at_least: u64,
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

/// Values that are strings in JSON.
macro_rules! as_text {
    ($($kind:ty),*) => {
        $(
            impl Serialize for $kind {
                fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                    to.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $kind {
                fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    let text = String::deserialize(from)?;
                    Self::from_str(&text).map_err(D::Error::custom)
                }
            }

            #[cfg(feature = "control")]
            impl utoipa::PartialSchema for $kind {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                    String::schema()
                }
            }

            #[cfg(feature = "control")]
            impl utoipa::ToSchema for $kind {}
        )*
    };
}
as_text!(Api, ErrorCode, Pattern);

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
