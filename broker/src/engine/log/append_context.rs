//! What an append depends on besides the batch.

use super::config::LogConfig;
use crate::engine::time::Now;
use crate::wire::units::LeaderEpoch;

/// Who appends, which decides what is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A Produce request: everything is checked.
    Client,
    /// A coordinator of this cluster: control batches are allowed, sequences are not looked at.
    Coordinator,
}

/// All that an append depends on besides the batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AppendContext<'a> {
    pub(crate) config: &'a LogConfig,
    pub(crate) topic: &'a str,
    pub(crate) partition: i32,
    pub(crate) leader_epoch: LeaderEpoch,
    pub(crate) origin: Origin,
    pub(crate) now: Now,
    /// `max.decompressed.message.bytes`: the longest record in a compressed batch.
    pub(crate) record_bytes_max: usize,
    /// The transaction protocol of KIP-890 is in use: an unknown producer's transaction starts at
    /// sequence 0, and a marker comes with an epoch of its own.
    pub(crate) transaction_v2: bool,
}
