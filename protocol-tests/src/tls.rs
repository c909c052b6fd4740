//! Clients that shake hands by TLS, and what comes of it.

use std::fmt;
use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, Error, ProtocolVersion, RootCertStore,
    StreamOwned, SupportedProtocolVersion,
};
use serde_json::json;

use crate::certificates;
use crate::connection::{Connection, Incoming};
use crate::context::{Conn, Context};

/// Longest wait for a step of a handshake.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a client speaks.
pub type Versions = &'static [&'static SupportedProtocolVersion];

/// TLS 1.2 alone.
pub static OLD: Versions = &[&TLS12];
/// TLS 1.3 alone.
pub static NEW: Versions = &[&TLS13];

/// A client, what it trusts, shows and speaks. Files are in the folder of [`certificates`].
#[derive(Debug, Clone, Copy)]
pub struct TlsClient {
    /// Whom it trusts, without `.pem`.
    pub trusts: &'static str,
    /// Its key and certificate, without `.pem`.
    pub shows: Option<&'static str>,
    /// What it speaks.
    pub versions: Versions,
    /// The name or address that it means to reach.
    pub dials: &'static str,
}

impl TlsClient {
    /// A client that trusts the broker, shows nothing, and speaks this.
    #[must_use]
    pub const fn new(versions: Versions) -> Self {
        Self {
            trusts: "ca",
            shows: None,
            versions,
            dials: "127.0.0.1",
        }
    }

    /// The same, with a certificate.
    #[must_use]
    pub const fn showing(self, certificate: &'static str) -> Self {
        Self {
            shows: Some(certificate),
            ..self
        }
    }

    fn config(self) -> Result<Arc<ClientConfig>> {
        let folder = certificates::folder()?;
        let mut roots = RootCertStore::empty();
        let trusted = folder.join(format!("{}.pem", self.trusts));
        roots.add(CertificateDer::from_pem_file(trusted)?)?;
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(self.versions)?
            .with_root_certificates(roots);
        let config = match self.shows {
            None => builder.with_no_client_auth(),
            Some(name) => {
                let path = folder.join(format!("{name}.pem"));
                let chain = CertificateDer::pem_file_iter(&path)?.collect::<Result<_, _>>()?;
                builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(&path)?)?
            }
        };
        Ok(Arc::new(config))
    }
}

impl fmt::Display for TlsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions: Vec<_> = self.versions.iter().map(|one| named(one.version)).collect();
        write!(f, "a client that speaks {}", versions.join(" and "))?;
        match self.shows {
            Some(name) => write!(f, ", shows {name}.pem")?,
            None => f.write_str(", shows no certificate")?,
        }
        write!(f, ", trusts {}.pem and dials {}", self.trusts, self.dials)
    }
}

fn named(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSv1_2 => "TLSv1.2",
        ProtocolVersion::TLSv1_3 => "TLSv1.3",
        _ => "something else",
    }
}

/// A socket, or TLS over one.
#[derive(Debug)]
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stream {
    pub(crate) fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream.get_ref(),
        }
    }
}

impl io::Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(into),
            Self::Tls(stream) => stream.read(into),
        }
    }
}

impl io::Write for Stream {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(from),
            Self::Tls(stream) => stream.write(from),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// Shakes hands over a socket. What came of it if it failed, in words.
pub(crate) fn shake(
    mut socket: TcpStream,
    client: &TlsClient,
) -> Result<Result<(Stream, &'static str), String>> {
    socket.set_read_timeout(Some(PATIENCE))?;
    let name = client.dials.to_owned().try_into()?;
    let mut session = ClientConnection::new(client.config()?, name)?;
    while session.is_handshaking() {
        if let Err(error) = session.complete_io(&mut socket) {
            return Ok(Err(ended_by(&error)));
        }
    }
    let version = session.protocol_version().map_or("nothing", named);
    let stream = StreamOwned::new(session, socket);
    Ok(Ok((Stream::Tls(Box::new(stream)), version)))
}

/// Why a connection ended, as far as it is the same for everybody's TLS.
pub(crate) fn ended_by(error: &io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(Error::AlertReceived(alert)) => format!("the broker sends the alert {alert:?}"),
        Some(Error::InvalidCertificate(why)) => {
            let why = match why {
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => {
                    "it is for other names".to_owned()
                }
                other => format!("{other:?}"),
            };
            format!("the client does not take the broker's certificate: {why}")
        }
        Some(other) => format!("the client fails: {other:?}"),
        None => "the broker closes the connection".to_owned(),
    }
}

impl Context {
    /// Shakes hands with the first node by a listener, and asks which requests there are. Writes down what came of it; nothing
    /// if the client is not served.
    ///
    /// # Errors
    /// When there is no such listener, or it cannot be reached.
    pub fn connect_tls(&mut self, listener: &str, client: &TlsClient) -> Result<Option<Conn>> {
        let address = self.address_by(1, listener)?;
        let shaken = Connection::open_tls(&address, client)?;
        let (mut connection, version) = match shaken {
            Ok(shaken) => shaken,
            Err(why) => {
                self.note(&format!("{listener}, {client}: {why}"));
                return Ok(None);
            }
        };
        // With TLS 1.3 a client hears only now that its certificate is not taken.
        let frame = self.frame("ApiVersions", 0, &json!({}))?;
        connection.send(&frame);
        let came = connection.receive(PATIENCE)?;
        let served = matches!(came, Incoming::Frame(_));
        let what = match came {
            Incoming::Frame(_) => format!("served by {version}"),
            Incoming::Closed => {
                let why = connection.ended_by();
                why.unwrap_or("the broker closes the connection").to_owned()
            }
            Incoming::Nothing => "no answer".to_owned(),
        };
        self.note(&format!("{listener}, {client}: {what}"));
        Ok(served.then(|| self.opened(address, connection)))
    }
}
