//! Bytes to typed messages and back. The only folder that names the `kafka-protocol` crate.

pub(crate) mod api;
pub(crate) mod api_table;
pub(crate) mod apis;
pub(crate) mod batch;
pub(crate) mod compression;
pub(crate) mod consumer_protocol;
pub(crate) mod dynamic;
pub(crate) mod error;
pub(crate) mod ext;
pub(crate) mod frame;
pub(crate) mod guard;
pub(crate) mod messages;
pub(crate) mod names;
#[cfg(feature = "server")]
pub(crate) mod plain;
pub(crate) mod records;
pub(crate) mod region;
pub(crate) mod releases;
pub(crate) mod rope;
pub(crate) mod state_records;
mod text;
pub(crate) mod units;
