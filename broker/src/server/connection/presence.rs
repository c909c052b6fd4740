//! A connection as the engine knows it, from when it is accepted until it is gone.

use std::net::IpAddr;
use std::sync::Arc;

use super::{Ending, Peer};
use crate::engine::context::ConnectionId;
use crate::server::mailbox::Mailbox;
use crate::server::shared::Shared;

/// The engine knows of a connection as long as this lives.
#[derive(Debug)]
pub(super) struct Presence {
    pub(super) shared: Arc<Shared>,
    pub(super) peer: Peer,
    pub(super) id: ConnectionId,
    /// The client's address as Java writes it.
    pub(super) client_host: Arc<str>,
    /// Why it ended, if its task came that far.
    ending: Option<String>,
}

impl Presence {
    /// Tells the engine of a connection, whose effects come by the mailbox.
    pub(super) fn new(shared: Arc<Shared>, peer: Peer) -> (Self, Mailbox) {
        let mailbox = Mailbox::default();
        let client_host: Arc<str> = as_java(peer.address.ip()).into();
        let id = shared.register(mailbox.clone(), (peer.node, peer.listener), &client_host);
        let presence = Self {
            shared,
            peer,
            id,
            client_host,
            ending: None,
        };
        (presence, mailbox)
    }

    /// Says why the connection ends, and warns if that is its client's doing.
    pub(super) fn end(&mut self, ending: &Ending) {
        let Peer { node, address, .. } = self.peer;
        self.ending = Some(ending.to_string());
        match ending {
            Ending::Left | Ending::Idle | Ending::Io(_) => {
                tracing::debug!(%node, peer = %address, "connection closed: {ending}");
            }
            Ending::Length(_) | Ending::Frame(_) | Ending::Refused(_) => {
                // Its client may do so again and again.
                let why = format!("{ending} (node {node}, peer {address})");
                self.shared.warn_closed(self.id, &why);
            }
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let why = self.ending.as_deref().unwrap_or("the node stopped");
        self.shared.forget(self.id, why);
    }
}

/// An address as Java's `InetAddress` writes it: nothing for the name, and no zeros left out.
fn as_java(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("/{address}"),
        IpAddr::V6(address) => {
            let groups = address.segments().map(|group| format!("{group:x}"));
            format!("/{}", groups.join(":"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::as_java;

    #[test]
    fn addresses_are_written_as_java_writes_them() {
        for (address, expected) in [
            ("127.0.0.1", "/127.0.0.1"),
            ("::1", "/0:0:0:0:0:0:0:1"),
            ("::ffff:10.0.0.7", "/10.0.0.7"),
            ("fe80::a", "/fe80:0:0:0:0:0:0:a"),
        ] {
            assert_eq!(as_java(address.parse().unwrap()), expected, "{address}");
        }
    }
}
