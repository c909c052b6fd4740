//! What a listener's settings say of TLS, as plain values: `ssl.…`, or `listener.name.NAME.ssl.…`, which is stronger.

use super::store::Configs;
use super::stores::{Secret, StoreSettings};
use super::value::Value;
use crate::wire::units::NodeId;

/// Whether clients show a certificate: `ssl.client.auth`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    None,
    /// They may.
    Requested,
    Required,
}

/// What TLS is made of on one listener of a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsSettings {
    pub(crate) keys: StoreSettings,
    /// Of the key within the store.
    pub(crate) key_password: Option<Secret>,
    /// A private key as PEM, instead of a file.
    pub(crate) key: Option<Secret>,
    /// Its certificates as PEM.
    pub(crate) chain: Option<Secret>,
    pub(crate) trusted: StoreSettings,
    /// Trusted certificates as PEM, instead of a file.
    pub(crate) trusted_certificates: Option<Secret>,
    pub(crate) client_auth: ClientAuth,
    /// Whether a key may be followed by one of another name.
    pub(crate) may_change_subject: bool,
    /// Whether a key may be followed by one for fewer names.
    pub(crate) may_change_names: bool,
    pub(crate) protocols: Vec<String>,
    /// By their names; empty for all.
    pub(crate) cipher_suites: Vec<String>,
}

impl Configs {
    /// What TLS is made of on a broker's listener, whose settings begin with this prefix.
    pub(crate) fn tls(&self, node: NodeId, prefix: &str) -> TlsSettings {
        let value = |name: &str| self.listener_value(node, prefix, name);
        let at_start = |name: &str| self.listener_value_at_start(node, prefix, name);
        let text = |name: &str| value(name).to_text().filter(|text| !text.trim().is_empty());
        let secret = |name: &str| text(name).map(Secret::new);
        let store = |which: &str| StoreSettings {
            kind: text(&format!("ssl.{which}.type")).unwrap_or_default(),
            location: text(&format!("ssl.{which}.location")),
            password: secret(&format!("ssl.{which}.password")),
        };
        TlsSettings {
            keys: store("keystore"),
            key_password: secret("ssl.key.password"),
            key: secret("ssl.keystore.key"),
            chain: secret("ssl.keystore.certificate.chain"),
            trusted: store("truststore"),
            trusted_certificates: secret("ssl.truststore.certificates"),
            client_auth: match at_start("ssl.client.auth").to_text().as_deref() {
                Some("required") => ClientAuth::Required,
                Some("requested") => ClientAuth::Requested,
                _ => ClientAuth::None,
            },
            may_change_subject: value("ssl.allow.dn.changes") == Value::Boolean(true),
            may_change_names: value("ssl.allow.san.changes") == Value::Boolean(true),
            protocols: at_start("ssl.enabled.protocols").elements().to_vec(),
            cipher_suites: at_start("ssl.cipher.suites").elements().to_vec(),
        }
    }
}
