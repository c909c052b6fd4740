//! A certificate authority that is made for a cluster, and what it signs.

mod signing;

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::{IpAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rcgen::{Issuer, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;

use crate::server::tls::{pem, subject};
pub(super) use signing::Moments;
use signing::{authority_name, authority_params, chain, key_store, leaf, trust_store};

/// For how long certificates are valid unless that is said: what browsers and systems take at most.
const VALID_FOR: Duration = Duration::from_secs(825 * 24 * 60 * 60);

/// What certificates a cluster is to have made.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// Where the files go; a folder of their own that ends with the cluster if none is said.
    pub(super) folder: Option<PathBuf>,
    /// Names and addresses of the nodes, beside those in use.
    pub(super) names: BTreeSet<String>,
    /// Clients who get a certificate, beside one named `client`.
    pub(super) clients: BTreeSet<String>,
    pub(super) valid_for: Option<Duration>,
}

/// The certificates that a cluster was started with; from [`Broker::certificates`](crate::Broker::certificates). The folder has
///
/// - `ca.pem` and `truststore.p12`: whom clients are to trust. Java reads both;
/// - `client.pem` and `client.p12`: a key and certificate for a client named `client`, and the same for each other client
///   that [`Builder::tls_client`](crate::Builder::tls_client) names;
/// - `broker.pem` and `ca-key.pem`: the nodes' own.
///
/// The password of the `.p12` files is `changeit`.
///
/// ```
/// let broker = fauxka::Broker::builder().tls().start_blocking()?;
/// let certificates = broker.certificates().unwrap();
/// assert!(std::fs::read_to_string(certificates.authority())?.starts_with("-----BEGIN CERTIFICATE-----"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Certificates {
    folder: PathBuf,
    /// The folder goes with this.
    is_temporary: bool,
}

impl Certificates {
    /// The certificate of the authority, as PEM: whom clients are to trust.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().tls().start_blocking()?;
    /// let ca = broker.certificates().unwrap().authority();
    /// assert!(ca.ends_with("ca.pem"));
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// A client's key and certificate, as PEM; the same with `.p12` is beside it.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().tls().tls_client("alice").start_blocking()?;
    /// assert!(broker.certificates().unwrap().client("alice").exists());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn client(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.pem"))
    }

    /// The folder of all of them.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().tls().start_blocking()?;
    /// let folder = broker.certificates().unwrap().folder();
    /// assert!(folder.join("truststore.p12").exists());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        if self.is_temporary {
            // Whoever has removed it before has done no harm.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Makes what is wanted. `hosts` are those under which nodes are reached.
///
/// # Errors
/// What cannot be made or written.
pub(super) fn make(
    wanted: &Wanted,
    hosts: BTreeSet<String>,
    moments: Moments,
) -> Result<Certificates, String> {
    let (folder, is_temporary) = match &wanted.folder {
        Some(folder) => (folder.clone(), false),
        None => (temporary(), true),
    };
    let shown = folder.display();
    create(&folder, is_temporary).map_err(|why| format!("cannot make {shown}: {why}"))?;
    // From here on the folder goes if anything fails.
    let certificates = Certificates {
        folder,
        is_temporary,
    };
    let folder = &certificates.folder;
    let (authority, issuer) = authority(folder, moments)?;
    let until = moments.until(wanted.valid_for.unwrap_or(VALID_FOR));
    let names: Vec<_> = hosts.union(&wanted.names).cloned().collect();
    let broker = leaf(
        &issuer,
        "Fauxka broker",
        names,
        (moments.from(), until),
        true,
    )?;
    write(folder, "broker.pem", &chain(&broker, &authority))?;
    write(folder, "truststore.p12", &trust_store(&authority)?)?;
    let client = BTreeSet::from(["client".to_owned()]);
    for name in client.union(&wanted.clients) {
        check_client(name)?;
        let signed = leaf(&issuer, name, Vec::new(), (moments.from(), until), false)?;
        write(folder, &format!("{name}.pem"), &chain(&signed, &authority))?;
        write(
            folder,
            &format!("{name}.p12"),
            &key_store(name, &signed, &authority)?,
        )?;
    }
    Ok(certificates)
}

/// The names and addresses under which nodes are reached that listen at these hosts.
pub(super) fn names_of(hosts: impl Iterator<Item = String>) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    for host in hosts {
        let address: Option<IpAddr> = host.parse().ok();
        if !address.is_some_and(|address| address.is_unspecified()) {
            names.insert(host);
            continue;
        }
        // All addresses: clients are told the one that they came by, or know the machine's name.
        names.extend(own_address().map(|address| address.to_string()));
        let name = fs::read_to_string("/proc/sys/kernel/hostname").ok();
        let name = name.or_else(|| std::env::var("HOSTNAME").ok());
        names.extend(
            name.map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty()),
        );
    }
    names
}

/// The address by which this machine would speak to others. Nothing is sent to find out.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    // An address that is kept for documentation.
    socket.connect(("192.0.2.1", 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn temporary() -> PathBuf {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("fauxka-tls-{}-{made}", std::process::id());
    std::env::temp_dir().join(name)
}

/// Makes a folder that only its owner can look into. One for a time must be new.
fn create(folder: &Path, is_new: bool) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(!is_new);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Writes a file that only its owner can read: nearly all of them have keys.
fn write(folder: &Path, name: &str, content: &[u8]) -> Result<(), String> {
    let path = folder.join(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options
        .open(&path)
        .and_then(|mut file| file.write_all(content));
    written.map_err(|why| format!("cannot write {}: {why}", path.display()))
}

/// The authority: the one in the folder, or a new one.
fn authority(
    folder: &Path,
    moments: Moments,
) -> Result<(Vec<u8>, Issuer<'static, KeyPair>), String> {
    let (certificate, key) = (folder.join("ca.pem"), folder.join("ca-key.pem"));
    if certificate.exists() && key.exists() {
        let der = only(&certificate, "CERTIFICATE")?;
        let key = PrivatePkcs8KeyDer::from(only(&key, "PRIVATE KEY")?);
        let key = KeyPair::try_from(&key).map_err(|why| format!("the key of the CA: {why}"))?;
        let (found, own) = (subject(&der)?, format!("CN={}", authority_name(&key)));
        if found != own {
            return Err(format!(
                "{} is not from Fauxka ({found}): name another folder, or say what the nodes serve with by ssl.keystore.location",
                certificate.display()
            ));
        }
        return Ok((der, Issuer::new(authority_params(&key, moments)?, key)));
    }
    let key = KeyPair::generate().map_err(|why| why.to_string())?;
    let params = authority_params(&key, moments)?;
    let signed = params.self_signed(&key).map_err(|why| why.to_string())?;
    let der = signed.der().to_vec();
    let text = pem::written("PRIVATE KEY", key.serialized_der());
    write(folder, "ca-key.pem", text.as_bytes())?;
    write(
        folder,
        "ca.pem",
        pem::written("CERTIFICATE", &der).as_bytes(),
    )?;
    Ok((der, Issuer::new(params, key)))
}

/// A name that can be a file's.
fn check_client(name: &str) -> Result<(), String> {
    let may_be = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    let is_taken = ["ca", "ca-key", "broker", "truststore"].contains(&name);
    if name.is_empty() || name.starts_with('.') || is_taken || !name.chars().all(may_be) {
        return Err(format!(
            "there can be no certificate for a client {name:?}: letters, digits and -_.@ make a name"
        ));
    }
    Ok(())
}

/// The only block of a PEM file.
fn only(path: &Path, label: &str) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|why| format!("cannot read {shown}: {why}"))?;
    let blocks = pem::blocks(&text).map_err(|why| format!("{shown}: {why}"))?;
    let found = blocks.into_iter().find(|block| block.label == label);
    let found = found.ok_or_else(|| format!("{shown} has no {label}"))?;
    Ok(found.der)
}

#[cfg(test)]
mod tests {
    use p12_keystore::{KeyStore, Pkcs12ImportPolicy};

    use super::signing::PASSWORD;
    use super::*;

    const NOW: Moments = Moments {
        system: 1_790_000_000,
        cluster: 1_800_000_000,
    };

    #[test]
    fn an_authority_in_the_folder_signs_again() {
        let folder = temporary();
        let wanted = Wanted {
            folder: Some(folder.clone()),
            clients: ["alice".to_owned()].into(),
            ..Wanted::default()
        };
        let names = names_of(["kafka.test".to_owned(), "0.0.0.0".to_owned()].into_iter());
        assert!(names.contains("kafka.test") && names.contains("localhost"));
        assert!(!names.contains("0.0.0.0"));
        let made = make(&wanted, names.clone(), NOW).unwrap();
        let read = |name: &str| fs::read(folder.join(name)).unwrap();
        let (authority, broker) = (read("ca.pem"), read("broker.pem"));
        make(&wanted, names, NOW).unwrap();
        assert_eq!(read("ca.pem"), authority);
        assert_ne!(read("broker.pem"), broker);
        for file in ["alice.pem", "alice.p12", "client.pem", "client.p12"] {
            assert!(!read(file).is_empty());
        }
        let store = KeyStore::from_pkcs12(
            &read("truststore.p12"),
            PASSWORD,
            Pkcs12ImportPolicy::Strict,
        );
        assert_eq!(store.unwrap().entries_len(), 1);
        drop(made);
        assert!(folder.exists(), "it was asked for");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn another_ones_authority_is_not_used() {
        let folder = temporary();
        let wanted = Wanted {
            folder: Some(folder.clone()),
            ..Wanted::default()
        };
        make(&wanted, BTreeSet::new(), NOW).unwrap();
        fs::copy(folder.join("broker.pem"), folder.join("ca.pem")).unwrap();
        let refused = make(&wanted, BTreeSet::new(), NOW).unwrap_err();
        assert!(
            refused.contains("ca.pem is not from Fauxka (CN=Fauxka broker)"),
            "{refused}"
        );
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_of_its_own_goes_with_the_certificates() {
        let made = make(&Wanted::default(), names_of(std::iter::empty()), NOW).unwrap();
        let folder = made.folder().to_owned();
        assert!(folder.join("ca.pem").exists());
        drop(made);
        assert!(!folder.exists());
    }

    #[test]
    fn names_that_no_file_can_have_are_refused() {
        for name in ["", "a/b", "..", "ca", "broker"] {
            let clients = [name.to_owned()].into();
            let wanted = Wanted {
                clients,
                ..Wanted::default()
            };
            assert!(make(&wanted, BTreeSet::new(), NOW).is_err(), "{name}");
        }
    }
}
