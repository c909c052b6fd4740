//! What everybody tells things apart by.

use serde::{Deserialize, Serialize};

/// A client's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct ConnectionId(pub(crate) u64);

/// What stands for a client where the engine asks itself; connections are numbered from 1.
pub(crate) const NOBODY: ConnectionId = ConnectionId(0);

/// One request; later ones have larger tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ticket(pub(crate) u64);

/// A fault rule; they are numbered from 1 in the order in which they are mounted.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub(crate) struct FaultId(pub(crate) u64);

/// What throttles a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Throttler {
    Quota,
    Rule(FaultId),
}
