//! Certificates that nodes serve with, and sessions that a test ends.

use super::shared::Shared;
use crate::engine::certificates::ServedCertificate;
use crate::engine::commands::Command;
use crate::engine::input::Reply;

impl Shared {
    /// The certificates that nodes serve with, of each listener with TLS.
    #[cfg(feature = "tls")]
    pub(crate) fn served_certificates(&self) -> Vec<ServedCertificate> {
        let served = self.keyring.served();
        let now = self.clock.now().wall.0;
        self.look(|engine| {
            let state = &engine.state;
            let listed = served.into_iter().map(|((node, listener), about)| {
                let not_after_ms = about.not_after.saturating_mul(1000);
                let is_expired = state.expired_certificates.have(&about.subject);
                ServedCertificate {
                    node: node.0,
                    listener: state.listeners.get(listener).name.clone(),
                    subject: about.subject,
                    names: about.names,
                    not_after_ms,
                    has_expired: is_expired || now > not_after_ms,
                }
            });
            listed.collect()
        })
    }

    /// Without TLS there are none.
    #[cfg(not(feature = "tls"))]
    pub(crate) const fn served_certificates(&self) -> Vec<ServedCertificate> {
        let _ = self;
        Vec::new()
    }

    /// Ends the sessions of a user, and says how many there were.
    pub(crate) fn expire_sessions(&self, name: String) -> usize {
        let ended = self.command(Command::ExpireSessions { name });
        ended.map_or(0, Reply::count)
    }
}
