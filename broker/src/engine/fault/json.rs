//! How the grammar's values are written in JSON.

use std::str::FromStr;
use std::time::Duration;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};

use super::pattern::Pattern;
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

/// A duration as people write it.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{text:?} is not a duration such as 45s or 1h 30m: {error}"))
}

/// Values that are strings in JSON.
macro_rules! as_text {
    ($($kind:ty: $words:literal),*) => {
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
                    utoipa::openapi::ObjectBuilder::new()
                        .schema_type(utoipa::openapi::schema::Type::String)
                        .description(Some($words))
                        .into()
                }
            }

            #[cfg(feature = "control")]
            impl utoipa::ToSchema for $kind {}
        )*
    };
}
as_text!(
    Api: "The name of an API, as Kafka has it, such as `Produce`.",
    ErrorCode: "The name of an error, as Kafka has it, such as `NOT_LEADER_OR_FOLLOWER`.",
    Pattern: "A name. `*` matches any characters, `?` matches one, and a backslash takes the next character literally."
);
