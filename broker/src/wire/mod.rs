//! Bytes to typed messages and back. The only folder that names the `kafka-protocol` crate.

pub(crate) mod guard;
pub(crate) mod units;
