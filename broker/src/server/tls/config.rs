//! What a handshake goes by: settings made into rustls's configuration.

use std::sync::Arc;
use std::time::SystemTime;

use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};

use super::names::About;
use super::stores;
use super::validity::{ClusterTime, Validity};
use super::verifier::Verifier;
use crate::engine::cluster::configs::{ClientAuth, TlsSettings};

/// TLS of one listener of a node, as its settings have it.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) settings: TlsSettings,
    pub(super) config: Arc<ServerConfig>,
    /// Of the broker's certificate.
    pub(super) about: About,
    /// When the files were written that the settings name.
    written: [Option<SystemTime>; 2],
}

impl Ready {
    /// Reads what the settings name.
    ///
    /// # Errors
    /// What is wrong with it, and the way out.
    pub(super) fn of(settings: TlsSettings, validity: Arc<dyn Validity>) -> Result<Self, String> {
        let written = written(&settings);
        let identity = stores::identity(&settings)?.ok_or(
            "it has no certificate: start with --tls, which makes one, or set ssl.keystore.location and ssl.keystore.type",
        )?;
        let provider = Arc::new(provider(&settings.cipher_suites)?);
        let time = Arc::new(ClusterTime(Arc::clone(&validity)));
        let versions = versions(&settings.protocols)?;
        let builder = ServerConfig::builder_with_details(Arc::clone(&provider), time)
            .with_protocol_versions(&versions)
            .map_err(|why| format!("ssl.enabled.protocols and ssl.cipher.suites: {why}"))?;
        let builder = match settings.client_auth {
            ClientAuth::None => builder.with_no_client_auth(),
            ClientAuth::Requested | ClientAuth::Required => {
                let roots = stores::trusted(&settings)?.ok_or(
                    "ssl.client.auth needs ssl.truststore.location and ssl.truststore.type: whose certificates are trusted",
                )?;
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                let verifier = match settings.client_auth {
                    ClientAuth::Required => verifier,
                    ClientAuth::None | ClientAuth::Requested => verifier.allow_unauthenticated(),
                };
                let verifier = verifier.build();
                let verifier = verifier.map_err(|why| format!("ssl.truststore.location: {why}"))?;
                let inner = verifier;
                builder.with_client_cert_verifier(Arc::new(Verifier { inner, validity }))
            }
        };
        let mut config = builder
            .with_single_cert(identity.chain, identity.key)
            .map_err(|why| format!("the private key and the certificate cannot be used: {why}"))?;
        // Who comes back shows its certificate again: it may have expired.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self {
            config: Arc::new(config),
            about: identity.about,
            written,
            settings,
        })
    }

    /// Whether it is what these settings name, and the files are as they were.
    pub(super) fn is_of(&self, settings: &TlsSettings) -> bool {
        self.settings == *settings && self.written == written(settings)
    }
}

/// When the files were written that settings name.
fn written(settings: &TlsSettings) -> [Option<SystemTime>; 2] {
    [&settings.keys, &settings.trusted].map(|store| {
        let about = std::fs::metadata(store.location.as_ref()?);
        about.ok()?.modified().ok()
    })
}

/// ring does the cryptography: it builds in seconds with a C compiler alone, for every platform that the program is for. aws-lc-rs
/// takes minutes and, for some of them, CMake; rustls-rustcrypto, which would be all Rust, is an alpha that nobody has audited.
fn provider(suites: &[String]) -> Result<CryptoProvider, String> {
    let mut provider = ring::default_provider();
    if suites.is_empty() {
        return Ok(provider);
    }
    provider.cipher_suites.retain(|known| {
        let name = format!("{:?}", known.suite()).replace("TLS13_", "TLS_");
        suites.contains(&name)
    });
    if provider.cipher_suites.is_empty() {
        return Err(format!(
            "ssl.cipher.suites: none of {} is offered here",
            suites.join(", ")
        ));
    }
    Ok(provider)
}

fn versions(names: &[String]) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
    let versions = names.iter().map(|name| match name.as_str() {
        "TLSv1.3" => Ok(&TLS13),
        "TLSv1.2" => Ok(&TLS12),
        other => Err(format!(
            "ssl.enabled.protocols: {other} is not offered here; TLSv1.2 and TLSv1.3 are"
        )),
    });
    versions.collect()
}
