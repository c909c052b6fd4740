//! Where a node's connections come in, which a rule can close for a while.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;

use super::changed;
use crate::server::links::{InForce, refusal};
use crate::server::shared::Shared;
use crate::server::transport::{Listener, Stream as _};
use crate::wire::units::NodeId;

/// A listener, closed while a rule has the node refuse connections.
#[derive(Debug)]
pub(in crate::server) struct Door<L> {
    listener: L,
    is_open: bool,
    node: NodeId,
    shared: Arc<Shared>,
    rules: watch::Receiver<InForce>,
}

impl<L: Listener> Door<L> {
    pub(in crate::server) fn new(listener: L, node: NodeId, shared: Arc<Shared>) -> Self {
        Self {
            listener,
            is_open: true,
            node,
            rules: shared.links.subscribe(),
            shared,
        }
    }

    /// The next connection that no rule refuses.
    ///
    /// # Errors
    /// The system's, when it can accept no connection, or not listen again.
    pub(in crate::server) async fn accept(&mut self) -> io::Result<(L::Stream, SocketAddr)> {
        loop {
            self.follow_rules()?;
            tokio::select! {
                biased;
                () = changed(&mut self.rules) => {}
                accepted = self.listener.accept(), if self.is_open => {
                    let accepted = accepted?;
                    // The rule may have come while the connection did.
                    if refusal(&self.rules.borrow(), self.node).is_none() {
                        return Ok(accepted);
                    }
                    accepted.0.reset_when_dropped()?;
                }
            }
        }
    }

    fn follow_rules(&mut self) -> io::Result<()> {
        let refusal = refusal(&self.rules.borrow_and_update(), self.node);
        match (self.is_open, refusal) {
            (true, Some(rule)) => {
                self.listener.set_open(false)?;
                self.is_open = false;
                rule.hit(|input| self.shared.tell(input));
            }
            (false, None) => {
                self.listener.set_open(true)?;
                self.is_open = true;
            }
            (true, None) | (false, Some(_)) => {}
        }
        Ok(())
    }
}
