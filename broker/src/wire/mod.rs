//! Bytes to typed messages and back. The only folder that names the `kafka-protocol` crate.

pub(crate) mod apis;
pub(crate) mod batch;
pub(crate) mod compression;
pub(crate) mod error;
pub(crate) mod ext;
pub(crate) mod frame;
pub(crate) mod guard;
pub(crate) mod messages;
pub(crate) mod records;
pub(crate) mod units;
