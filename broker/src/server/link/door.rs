//! A node's listening socket, which a rule can close for a while.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::changed;
use super::rules::{InForce, refusal};
use crate::server::shared::Shared;
use crate::wire::units::NodeId;

/// A listening socket.
#[derive(Debug)]
pub(in crate::server) struct Door {
    /// None while a rule has the node refuse connections.
    listener: Option<TcpListener>,
    /// Where it listens; none if the system does not say.
    address: Option<SocketAddr>,
    node: NodeId,
    shared: Arc<Shared>,
    rules: watch::Receiver<InForce>,
}

impl Door {
    pub(in crate::server) fn new(listener: TcpListener, node: NodeId, shared: Arc<Shared>) -> Self {
        Self {
            address: listener.local_addr().ok(),
            listener: Some(listener),
            node,
            rules: shared.links.subscribe(),
            shared,
        }
    }

    /// The next connection that no rule refuses.
    ///
    /// # Errors
    /// The system's, when it can accept no connection, or not listen again.
    pub(in crate::server) async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        loop {
            self.follow_rules()?;
            let Some(listener) = &self.listener else {
                changed(&mut self.rules).await;
                continue;
            };
            tokio::select! {
                biased;
                () = changed(&mut self.rules) => {}
                accepted = listener.accept() => {
                    let accepted = accepted?;
                    // The rule may have come while the connection did.
                    if refusal(&self.rules.borrow(), self.node).is_none() {
                        return Ok(accepted);
                    }
                    accepted.0.set_zero_linger()?;
                }
            }
        }
    }

    fn follow_rules(&mut self) -> io::Result<()> {
        let refusal = refusal(&self.rules.borrow_and_update(), self.node);
        match (&self.listener, refusal) {
            (Some(_), Some(rule)) => {
                rule.hit(&self.shared);
                self.listener = None;
            }
            (None, None) => {
                if let Some(address) = self.address {
                    let listener = StdListener::bind(address)?;
                    listener.set_nonblocking(true)?;
                    self.listener = Some(TcpListener::from_std(listener)?);
                }
            }
            (Some(_), None) | (None, Some(_)) => {}
        }
        Ok(())
    }
}
