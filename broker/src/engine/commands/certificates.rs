//! Certificates that expire before their time.

use super::CommandFailure;
use crate::engine::state::State;

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
    pub(in crate::engine) fn expire_certificate(
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
        let all = &mut self.expired_certificates;
        if expires {
            all.expire(name.clone());
        } else if !all.renew(&name) {
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
