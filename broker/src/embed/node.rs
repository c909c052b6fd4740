//! One node of a running cluster, from a test.

use std::sync::Arc;

use crate::server::nodes::{Closing, NodeFault};
use crate::server::shared::Shared;
use crate::wire::units::NodeId;

/// A node of a running cluster; from [`Broker::node`](super::Broker::node).
///
/// ```
/// let broker = fauxka::Broker::builder().nodes(3).start_blocking()?;
/// broker.node(2).stop_blocking()?;
/// assert!(!broker.node(2).is_running());
/// broker.node(2).start()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Node {
    pub(super) shared: Arc<Shared>,
    pub(super) id: i32,
}

/// A node that cannot be stopped or started.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NodeError(#[from] NodeFault);

/// Blocks until sockets are closed.
pub(super) fn wait(shared: &Shared, closing: Closing) {
    if closing.is_empty() {
        return;
    }
    // Nothing comes of it when the cluster is gone, and its sockets with it.
    shared.run_blocking(closing.wait());
}

impl Node {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> i32 {
        self.id
    }

    /// Whether there is such a node, and it runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        let id = NodeId(self.id);
        self.shared.look(|engine| engine.state.cluster.is_up(id))
    }

    /// Stops the node as a shutdown does: its socket and connections close, in-sync replicas on other
    /// nodes take over its partitions in a new leader epoch, and so do their coordinators. Partitions
    /// without such a replica have no leader until it is back. Ends when all is closed.
    ///
    /// # Errors
    /// When there is no such node.
    pub async fn stop(&self) -> Result<(), NodeError> {
        self.shared.stop_node(NodeId(self.id))?.wait().await;
        Ok(())
    }

    /// As [`Node::stop`], for tests without a runtime.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn stop_blocking(&self) -> Result<(), NodeError> {
        let closing = self.shared.stop_node(NodeId(self.id))?;
        wait(&self.shared, closing);
        Ok(())
    }

    /// Starts the node again, at its old address and with its replicas in sync. Leaders stay where they
    /// are.
    ///
    /// # Errors
    /// When there is no such node, or another process has taken its port.
    pub fn start(&self) -> Result<(), NodeError> {
        Ok(self.shared.start_node(NodeId(self.id))?)
    }

    /// Lets nothing pass to or from the node, as if its process stood still: connections are accepted,
    /// and nothing is answered until [`Node::resume`]. Nobody takes its place; [`Node::stop`] it for that.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn pause(&self) -> Result<(), NodeError> {
        Ok(self.shared.pause_node(NodeId(self.id), true)?)
    }

    /// Lets a paused node go on with what it was sent.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn resume(&self) -> Result<(), NodeError> {
        Ok(self.shared.pause_node(NodeId(self.id), false)?)
    }

    /// Removes the node for good. Replicas on it stay listed, as those of a broker that Kafka
    /// unregisters. Its sockets close soon after.
    ///
    /// # Errors
    /// When there is no such node, or it is the last one.
    pub fn remove(&self) -> Result<(), NodeError> {
        drop(self.shared.remove_node(NodeId(self.id))?);
        Ok(())
    }
}
