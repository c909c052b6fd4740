//! Sockets, tasks and the clock around the engine.

mod alarm;
pub(crate) mod clock;
mod connection;
mod departed;
mod expiring;
mod faults;
pub(crate) mod frames;
#[cfg(all(feature = "control", feature = "oauth"))]
mod http;
mod inbox;
mod journal;
pub(crate) mod journal_file;
#[cfg(all(feature = "control", feature = "oauth"))]
mod key_sets;
#[cfg(feature = "tls")]
mod keys;
pub(crate) mod limits;
mod link;
pub(crate) mod links;
pub(crate) mod listener;
mod mailbox;
mod named;
mod nodes;
mod passed;
mod places;
pub(crate) mod recorder;
pub(crate) mod recording;
mod recordings;
pub(crate) mod shared;
mod snapshots;
pub(crate) mod sockets;
mod strangers;
mod sync;
pub(crate) mod timer;
#[cfg(feature = "tls")]
pub(crate) mod tls;
mod told;
pub(crate) mod traffic;
pub(crate) mod transport;
mod warned;

use std::io;
use std::sync::Arc;

use tokio::task::AbortHandle;

use crate::wire::units::NodeId;
use shared::Shared;
use sockets::NodeListening;

/// Starts every node's listener and the timer on the current runtime, which ends them; the timer also
/// by what is returned.
///
/// # Errors
/// A socket that the runtime does not take.
pub(crate) fn spawn(
    shared: &Arc<Shared>,
    listening: Vec<(NodeId, NodeListening)>,
) -> io::Result<AbortHandle> {
    for (node, listening) in listening {
        shared.open(node, listening)?;
    }
    #[cfg(all(feature = "control", feature = "oauth"))]
    shared.follow_key_sets();
    Ok(tokio::spawn(timer::drive(Arc::clone(shared))).abort_handle())
}
