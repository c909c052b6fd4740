//! TLS as a client, to who has the keys that tokens are checked with. Its certificate is good by the system's clock: it is not the
//! cluster's.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::stores;
use crate::engine::cluster::configs::StoreSettings;

/// Goes over to TLS with a host, if whom the store names, or else the system trusts, says that it is that host.
///
/// # Errors
/// Why not.
pub(in crate::server) async fn to(
    stream: TcpStream,
    host: &str,
    trusted: &StoreSettings,
) -> Result<TlsStream<TcpStream>, String> {
    let roots = match stores::roots_in(trusted)? {
        Some(roots) => roots,
        None => system_roots()?,
    };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|why| why.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|why| format!("{host}: {why}"))?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
    connected.await.map_err(|why| format!("TLS: {why}"))
}

fn system_roots() -> Result<RootCertStore, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err(
            "the system trusts nobody: name a trust store with ssl.truststore.location and ssl.truststore.type in \
             sasl.jaas.config of OAUTHBEARER"
                .to_owned(),
        );
    }
    Ok(roots)
}
