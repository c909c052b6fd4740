//! Sockets, tasks and the clock around the engine.

pub(crate) mod clock;
mod connection;
mod faults;
mod frames;
mod journal;
pub(crate) mod limits;
pub(crate) mod link;
pub(crate) mod listener;
pub(crate) mod nodes;
mod places;
mod rate;
pub(crate) mod shared;
mod timer;

use std::io;
use std::net::TcpListener as StdListener;
use std::sync::Arc;

use crate::wire::units::NodeId;
use shared::Shared;

/// Starts the timer and every node's listener on the current runtime, which ends them.
///
/// # Errors
/// A socket that the runtime does not take.
pub(crate) fn spawn(shared: &Arc<Shared>, listeners: Vec<(NodeId, StdListener)>) -> io::Result<()> {
    for (node, listener) in listeners {
        shared.open(node, listener)?;
    }
    tokio::spawn(timer::drive(Arc::clone(shared)));
    Ok(())
}
