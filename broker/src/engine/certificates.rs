//! Certificates that a test has expired: whoever shows one is refused in a handshake, as if it were out of date.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::commands::CommandFailure;
use super::state::State;

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

#[cfg(feature = "tls")]
impl ExpiredCertificates {
    /// Whether those with this distinguished name have expired.
    pub(crate) fn have(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// A distinguished name. One word stands for a common name.
fn distinguished(name: &str) -> String {
    let name = name.trim();
    if name.contains('=') {
        name.to_owned()
    } else {
        format!("CN={name}")
    }
}

impl State {
    /// Has certificates with this name expire now, or be good again for as long as they say.
    ///
    /// # Errors
    /// Nobody shows certificates here, or there is no name.
    pub(super) fn expire_certificate(
        &mut self,
        name: &str,
        expires: bool,
    ) -> Result<(), CommandFailure> {
        let mut listeners = self.listeners.all().iter();
        if !listeners.any(|listener| listener.protocol.has_tls()) {
            let why = "no listener has TLS: start the cluster with --tls, or with a listener that is SSL or SASL_SSL";
            return Err(CommandFailure::Impossible(why.to_owned()));
        }
        if name.trim().is_empty() {
            let why = "name a certificate, such as CN=client";
            return Err(CommandFailure::Impossible(why.to_owned()));
        }
        let name = distinguished(name);
        let all = &mut self.expired_certificates.0;
        if expires {
            all.insert(name.clone());
        } else if !all.remove(&name) {
            let why = format!("no test has expired the certificate {name}");
            return Err(CommandFailure::Unknown(why));
        }
        self.tell_certificate(name, expires);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_common_name() {
        assert_eq!(distinguished(" client "), "CN=client");
        assert_eq!(distinguished("CN=a,O=b"), "CN=a,O=b");
    }
}
