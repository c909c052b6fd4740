//! Certificates that a test has expired: whoever shows one is refused in a handshake, as if it were out of date.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A certificate that a node serves with; from `Broker::served_certificates`.
///
/// ```
/// # #[cfg(feature = "tls")]
/// # {
/// let broker = fauxka::Broker::builder().tls_name("kafka.test").start_blocking()?;
/// let served = &broker.served_certificates()[0];
/// assert_eq!((served.node, served.listener.as_str()), (1, "SSL"));
/// assert!(served.names.contains(&"DNS:kafka.test".to_owned()));
/// # }
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct ServedCertificate {
    /// The node id.
    pub node: i32,
    /// The name of the listener.
    pub listener: String,
    /// The distinguished name.
    pub subject: String,
    /// The names and addresses that it is for, each after its kind: `DNS:localhost`, `IP:127.0.0.1`.
    pub names: Vec<String>,
    /// Until when it is valid, in milliseconds since 1970.
    pub not_after_ms: i64,
    /// Whether it has expired, by the cluster's clock or because a test had it expire.
    pub has_expired: bool,
}

/// Their distinguished names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ExpiredCertificates(BTreeSet<String>);

impl ExpiredCertificates {
    /// Has those with this distinguished name expire.
    pub(super) fn expire(&mut self, name: String) {
        self.0.insert(name);
    }

    /// Has them be good again, and says whether they had expired.
    pub(super) fn renew(&mut self, name: &str) -> bool {
        self.0.remove(name)
    }

    /// Whether those with this distinguished name have expired.
    #[cfg(feature = "tls")]
    pub(crate) fn have(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}
