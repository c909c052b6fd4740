//! Bytes to typed messages and back. The only folder that names the `kafka-protocol` crate.

pub(crate) mod batch;
pub(crate) mod compression;
pub(crate) mod ext;
pub(crate) mod guard;
pub(crate) mod records;
pub(crate) mod units;
