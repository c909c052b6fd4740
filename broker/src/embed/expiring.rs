//! Certificates and sessions that expire before their time.

use super::broker::Broker;
use super::error::CommandError;
use crate::engine::certificates::ServedCertificate;
use crate::engine::commands::Command;

impl Broker {
    /// The certificates that nodes serve with, of each listener with TLS.
    ///
    /// ```
    /// # #[cfg(feature = "tls")]
    /// # {
    /// let broker = fauxka::Broker::builder().tls().start_blocking()?;
    /// assert_eq!(broker.served_certificates()[0].subject, "CN=Fauxka broker");
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn served_certificates(&self) -> Vec<ServedCertificate> {
        self.started.shared.served_certificates()
    }

    /// Has a broker's or a client's certificate expire now, by its distinguished name; a single word stands for a common name.
    /// New handshakes with it fail, with the alert `certificate_expired`. Open connections stay, as in Kafka.
    ///
    /// ```
    /// # #[cfg(feature = "tls")]
    /// # {
    /// let broker = fauxka::Broker::builder().tls_client("alice").config("ssl.client.auth", "required").start_blocking()?;
    /// broker.expire_certificate("CN=alice")?;
    /// broker.expire_certificate("Fauxka broker")?;
    /// assert!(broker.served_certificates()[0].has_expired);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No listener has TLS, or the name is empty.
    pub fn expire_certificate(&self, name: &str) -> Result<(), CommandError> {
        self.set_expired(name, true)
    }

    /// Has a certificate be good again that [`Broker::expire_certificate`] had expire: its own dates count.
    ///
    /// ```
    /// # #[cfg(feature = "tls")]
    /// # {
    /// let broker = fauxka::Broker::builder().tls().start_blocking()?;
    /// broker.expire_certificate("Fauxka broker")?;
    /// broker.renew_certificate("Fauxka broker")?;
    /// assert!(!broker.served_certificates()[0].has_expired);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No listener has TLS, or nobody had the certificate expire.
    pub fn renew_certificate(&self, name: &str) -> Result<(), CommandError> {
        self.set_expired(name, false)
    }

    fn set_expired(&self, name: &str, expires: bool) -> Result<(), CommandError> {
        let shared = &self.started.shared;
        let name = name.to_owned();
        Ok(shared.carry_out(Command::ExpireCertificate { name, expires })?)
    }

    /// Ends the SASL sessions of a user now, and says how many there were. As in Kafka, a connection is closed by the next
    /// request that comes by it; its client connects and logs in again, if it can.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().user("alice", "secret").start_blocking()?;
    /// assert_eq!(broker.expire_sessions("alice"), 0, "nobody is logged in");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn expire_sessions(&self, user: &str) -> usize {
        self.started.shared.expire_sessions(user.to_owned())
    }
}
