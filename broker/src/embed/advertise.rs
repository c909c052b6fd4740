//! Where clients are told to reach the nodes of a running cluster.

use super::broker::Broker;
use super::error::CommandError;
use crate::engine::AdvertisedAddress;
use crate::engine::commands::Command;
use crate::wire::units::NodeId;

impl Broker {
    /// Has clients told from now on to reach a node at this host and port, whatever was [advertised](crate::Builder::advertise)
    /// before: by Metadata, FindCoordinator, DescribeCluster and every other API that names nodes. It takes effect with
    /// the next response, waits for nothing, so async code and tests without a runtime call it alike, and outlasts resets.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// // A proxy or container runtime forwards this port to the node.
    /// broker.advertise(1, "localhost", 32768)?;
    /// assert!(broker.advertise(2, "localhost", 32769).is_err(), "there is no node 2");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such node, the host is empty, or the port is 0.
    pub fn advertise(
        &self,
        node: i32,
        host: impl Into<String>,
        port: u16,
    ) -> Result<(), CommandError> {
        let nodes = vec![AdvertisedAddress {
            node: NodeId(node),
            listener: None,
            host: host.into(),
            port,
        }];
        Ok(self
            .started
            .shared
            .carry_out(Command::Advertise { nodes })?)
    }
}
