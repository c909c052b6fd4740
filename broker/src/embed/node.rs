//! The nodes of a running cluster, from a test.

use std::sync::Arc;

use super::broker::{Broker, wait_blocking};
use crate::server::shared::Shared;
use crate::server::sockets::NodeFault;
use crate::wire::units::NodeId;

/// A node of a running cluster; from [`Broker::node`].
///
/// ```
/// let broker = fauxka::Broker::builder().nodes(3).start_blocking()?;
/// broker.node(2).stop_blocking()?;
/// assert!(!broker.node(2).is_running());
/// broker.node(2).start_blocking()?;
/// assert!(broker.node(2).is_running());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Node {
    shared: Arc<Shared>,
    id: i32,
}

/// Why a node does not stop, start, join or go.
///
/// ```
/// let broker = fauxka::Broker::builder().start_blocking()?;
/// let error = broker.node(7).stop_blocking().unwrap_err();
/// assert_eq!(error.to_string(), "there is no node 7");
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NodeError(#[from] NodeFault);

impl Broker {
    /// One of the cluster's nodes, by its id.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(2).start_blocking()?;
    /// assert!(broker.node(2).is_running());
    /// assert!(!broker.node(3).is_running(), "there is no such node");
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn node(&self, id: i32) -> Node {
        let shared = self.shared();
        Node { shared, id }
    }

    /// Adds a node on a free port, in a rack if you name one. It holds no replicas until you make topics or
    /// reassign partitions. Clients learn of it by Metadata.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let broker = fauxka::Broker::builder().start().await?;
    /// let second = broker.add_node(Some("rack-b")).await?;
    /// assert_eq!(second.id(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// No port is free.
    #[expect(clippy::unused_async, reason = "what opens sockets has both forms")]
    pub async fn add_node(&self, rack: Option<&str>) -> Result<Node, NodeError> {
        self.add_node_blocking(rack)
    }

    /// As [`Broker::add_node`], for tests without a runtime.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// let second = broker.add_node_blocking(None)?;
    /// assert!(second.is_running());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No port is free.
    pub fn add_node_blocking(&self, rack: Option<&str>) -> Result<Node, NodeError> {
        let (id, _) = self.started.shared.add_node(rack.map(str::to_owned))?;
        Ok(self.node(id.0))
    }

    /// Stops and starts one node after the other, each when the one before it is back.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let broker = fauxka::Broker::builder().nodes(3).start().await?;
    /// broker.rolling_restart().await?;
    /// assert_eq!(broker.journal().kind("node_started").count(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Somebody has taken a node's port meanwhile.
    pub async fn rolling_restart(&self) -> Result<(), NodeError> {
        Ok(self.started.shared.restart_nodes().await?)
    }

    /// As [`Broker::rolling_restart`], for tests without a runtime.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(3).start_blocking()?;
    /// broker.rolling_restart_blocking()?;
    /// assert_eq!(broker.journal().kind("node_stopped").count(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Somebody has taken a node's port meanwhile.
    pub fn rolling_restart_blocking(&self) -> Result<(), NodeError> {
        let shared = self.shared();
        let restarted = async move { shared.restart_nodes().await };
        // Nothing can be restarted when the cluster is gone.
        let restarted = self.started.shared.run_blocking(restarted);
        Ok(restarted.unwrap_or(Ok(()))?)
    }
}

impl Node {
    /// Its id.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// assert_eq!(broker.node(1).id(), 1);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub const fn id(&self) -> i32 {
        self.id
    }

    /// Whether there is such a node, and it runs.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// assert!(broker.node(1).is_running());
    /// assert!(!broker.node(2).is_running());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn is_running(&self) -> bool {
        let id = NodeId(self.id);
        self.shared.look(|engine| engine.state.cluster.is_up(id))
    }

    /// Stops the node as a shutdown does: its socket and connections close, in-sync replicas on other
    /// nodes take over its partitions in a new leader epoch, and so do their coordinators. Partitions
    /// without such a replica have no leader until the node is back. Returns when all connections are closed.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let broker = fauxka::Broker::builder().nodes(2).topic("orders", 1, 2).start().await?;
    /// let orders = broker.partition("orders", 0);
    /// let leader = orders.describe().unwrap().leader.unwrap();
    /// broker.node(leader).stop().await?;
    /// assert_ne!(orders.describe().unwrap().leader, Some(leader));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// There is no such node.
    pub async fn stop(&self) -> Result<(), NodeError> {
        self.shared.stop_node(NodeId(self.id))?.wait().await;
        Ok(())
    }

    /// As [`Node::stop`], for tests without a runtime.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// broker.node(1).stop_blocking()?;
    /// assert!(std::net::TcpStream::connect(broker.bootstrap()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such node.
    pub fn stop_blocking(&self) -> Result<(), NodeError> {
        let closing = self.shared.stop_node(NodeId(self.id))?;
        wait_blocking(&self.shared, closing);
        Ok(())
    }

    /// Starts the node again, at its old address and with its replicas in sync. Leaders stay where they
    /// are.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let broker = fauxka::Broker::builder().start().await?;
    /// broker.node(1).stop().await?;
    /// broker.node(1).start().await?;
    /// assert!(std::net::TcpStream::connect(broker.bootstrap()).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// There is no such node, or another process has taken its port.
    #[expect(clippy::unused_async, reason = "what opens sockets has both forms")]
    pub async fn start(&self) -> Result<(), NodeError> {
        self.start_blocking()
    }

    /// As [`Node::start`], for tests without a runtime.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// broker.node(1).stop_blocking()?;
    /// broker.node(1).start_blocking()?;
    /// assert!(broker.node(1).is_running());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such node, or another process has taken its port.
    pub fn start_blocking(&self) -> Result<(), NodeError> {
        Ok(self.shared.start_node(NodeId(self.id))?)
    }

    /// Lets nothing pass to or from the node, as if its process stood still: it accepts connections and answers
    /// nothing until [`Node::resume`]. No other node takes its place; [stop](Node::stop) it for that.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// broker.node(1).pause()?;
    /// assert!(std::net::TcpStream::connect(broker.bootstrap()).is_ok());
    /// assert!(broker.node(1).is_running());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such node.
    pub fn pause(&self) -> Result<(), NodeError> {
        Ok(self.shared.pause_node(NodeId(self.id), true)?)
    }

    /// Lets a paused node go on with what clients have sent it.
    ///
    /// ```
    /// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
    /// # use client::hello;
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// broker.node(1).pause()?;
    /// broker.node(1).resume()?;
    /// assert_eq!(hello(&broker)?, 0, "a client is answered again");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such node.
    pub fn resume(&self) -> Result<(), NodeError> {
        Ok(self.shared.pause_node(NodeId(self.id), false)?)
    }

    /// Removes the node for good. Its replicas stay listed, as those of a broker that Kafka
    /// unregisters. Returns when all its connections are closed.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let broker = fauxka::Broker::builder().nodes(2).start().await?;
    /// broker.node(2).remove().await?;
    /// assert!(broker.node(2).start().await.is_err(), "there is no such node any more");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// There is no such node, or it is the last one.
    pub async fn remove(&self) -> Result<(), NodeError> {
        self.shared.remove_node(NodeId(self.id))?.wait().await;
        Ok(())
    }

    /// As [`Node::remove`], for tests without a runtime.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// let last = broker.node(1).remove_blocking();
    /// assert!(last.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such node, or it is the last one.
    pub fn remove_blocking(&self) -> Result<(), NodeError> {
        let closing = self.shared.remove_node(NodeId(self.id))?;
        wait_blocking(&self.shared, closing);
        Ok(())
    }
}
