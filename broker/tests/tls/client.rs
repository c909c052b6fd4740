//! A client that speaks TLS and asks which requests there are.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fauxka::Broker;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};

pub(crate) type Stream = StreamOwned<ClientConnection, TcpStream>;

/// ApiVersions v0 with correlation id 7, of a client without a name.
pub(crate) const API_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];

pub(crate) type Versions = &'static [&'static SupportedProtocolVersion];

pub(crate) static OLD: Versions = &[&TLS12];
pub(crate) static NEW: Versions = &[&TLS13];
pub(crate) static BOTH: Versions = &[&TLS12, &TLS13];

/// What a client trusts, shows and speaks.
#[derive(Clone, Copy)]
pub(crate) struct Client<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) shows: Option<&'a str>,
    pub(crate) versions: Versions,
}

impl Client<'_> {
    fn config(self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_file(self.folder.join("ca.pem")).unwrap();
        roots.add(authority).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_root_certificates(roots);
        Arc::new(match self.shows {
            None => builder.with_no_client_auth(),
            Some(name) => {
                let path = self.folder.join(format!("{name}.pem"));
                let chain = CertificateDer::pem_file_iter(&path).unwrap();
                let chain = chain.map(Result::unwrap).collect();
                let key = PrivateKeyDer::from_pem_file(&path).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        })
    }

    pub(crate) fn connect(self, address: &str) -> Stream {
        let (host, _) = address.rsplit_once(':').unwrap();
        let name = host.to_owned().try_into().unwrap();
        let connection = ClientConnection::new(self.config(), name).unwrap();
        StreamOwned::new(connection, socket(address))
    }

    /// Asks which requests there are, by TLS; the answer's correlation id.
    pub(crate) fn asks(self, address: &str) -> io::Result<u8> {
        let mut stream = self.connect(address);
        stream.write_all(&API_VERSIONS)?;
        let mut answer = [0; 8];
        stream.read_exact(&mut answer)?;
        Ok(answer[7])
    }
}

pub(crate) fn socket(address: &str) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    let bound = Some(Duration::from_secs(20));
    socket.set_read_timeout(bound).unwrap();
    socket
}

pub(crate) fn client(broker: &Broker) -> Client<'_> {
    Client {
        folder: broker.certificates().unwrap().folder(),
        shows: None,
        versions: BOTH,
    }
}

/// A new folder of one's own.
pub(crate) fn tempdir(name: &str) -> PathBuf {
    let name = format!("fauxka-test-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}
