//! What Kafka takes and what it does not, by its own sources.

mod initial;
#[cfg(feature = "oauth")]
mod recorded;
mod unsecured;
