//! Bytes to typed messages and back. The only folder that names the `kafka-protocol` crate.

pub(crate) mod api;
pub(crate) mod apis;
#[allow(
    dead_code,
    reason = "holds what groups, transactions and faults need of it, ahead of them"
)]
pub(crate) mod batch;
pub(crate) mod compression;
pub(crate) mod consumer_protocol;
#[allow(
    dead_code,
    reason = "holds what the journal, faults and replay need of it, ahead of them"
)]
pub(crate) mod dynamic;
pub(crate) mod error;
#[allow(
    dead_code,
    reason = "holds what groups, transactions and faults need of it, ahead of them"
)]
pub(crate) mod ext;
pub(crate) mod frame;
pub(crate) mod guard;
pub(crate) mod messages;
pub(crate) mod names;
#[allow(
    dead_code,
    reason = "holds what groups, transactions and faults need of it, ahead of them"
)]
pub(crate) mod records;
pub(crate) mod releases;
pub(crate) mod rope;
#[allow(dead_code, reason = "the groups' coordinator writes them")]
pub(crate) mod state_records;
pub(crate) mod survey;
pub(crate) mod units;
