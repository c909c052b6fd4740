//! Signing certificates, and the files that they come in.

use std::time::Duration;

use p12_keystore::{
    Certificate as StoredCertificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain,
};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use crate::server::tls::pem;

/// What opens the PKCS#12 stores, which Java wants to have a password: the one that Java's own have.
pub(super) const PASSWORD: &str = "changeit";

/// From how long before now on they are valid: clocks differ.
const EARLIER: Duration = Duration::from_secs(24 * 60 * 60);

/// The certificate authority is valid for so long.
const AUTHORITY_VALID_FOR: Duration = Duration::from_secs(20 * 365 * 24 * 60 * 60);

const AUTHORITY: &str = "Fauxka CA";

/// The moments by which certificates are made, in seconds since 1970. The system's clock may be years behind the cluster's, or the
/// other way round, and clients go by theirs.
#[derive(Debug, Clone, Copy)]
pub(in crate::embed) struct Moments {
    /// By the system's clock.
    pub(in crate::embed) system: i64,
    /// By the cluster's.
    pub(in crate::embed) cluster: i64,
}

impl Moments {
    pub(super) fn from(self) -> i64 {
        self.system
            .min(self.cluster)
            .saturating_sub(seconds(EARLIER))
    }

    pub(super) fn until(self, valid_for: Duration) -> i64 {
        self.system
            .max(self.cluster)
            .saturating_add(seconds(valid_for))
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// A key, and the certificate that was signed for it.
pub(super) struct Signed {
    key: KeyPair,
    der: Vec<u8>,
}

/// No two have one name: whoever trusts another hears that it does not know this one, not that a signature is bad.
pub(super) fn authority_name(key: &KeyPair) -> String {
    let digest = Sha256::digest(key.public_key_raw());
    let digits = digest.iter().take(4).map(|byte| format!("{byte:02x}"));
    format!("{AUTHORITY} {}", digits.collect::<String>())
}

pub(super) fn authority_params(
    key: &KeyPair,
    moments: Moments,
) -> Result<CertificateParams, String> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(&authority_name(key));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = moment(moments.from())?;
    params.not_after = moment(moments.until(AUTHORITY_VALID_FOR))?;
    Ok(params)
}

pub(super) fn leaf(
    issuer: &Issuer<'_, KeyPair>,
    name: &str,
    names: Vec<String>,
    (from, until): (i64, i64),
    is_broker: bool,
) -> Result<Signed, String> {
    let shown = names.join(", ");
    let params = CertificateParams::new(names);
    let mut params = params.map_err(|why| format!("a certificate for {shown}: {why}"))?;
    params.distinguished_name = named(name);
    params.not_before = moment(from)?;
    params.not_after = moment(until)?;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = if is_broker {
        // Brokers are clients of each other.
        vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ]
    } else {
        vec![ExtendedKeyUsagePurpose::ClientAuth]
    };
    let key = KeyPair::generate().map_err(|why| why.to_string())?;
    let signed = params
        .signed_by(&key, issuer)
        .map_err(|why| why.to_string())?;
    Ok(Signed {
        der: signed.der().to_vec(),
        key,
    })
}

fn named(name: &str) -> DistinguishedName {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    named
}

fn moment(seconds: i64) -> Result<OffsetDateTime, String> {
    OffsetDateTime::from_unix_timestamp(seconds)
        .map_err(|_| "a certificate cannot be valid then: it is after the year 9999".to_owned())
}

/// A key, its certificate and the authority's, as PEM.
pub(super) fn chain(signed: &Signed, authority: &[u8]) -> Vec<u8> {
    let mut text = pem::written("PRIVATE KEY", signed.key.serialized_der());
    text.push_str(&pem::written("CERTIFICATE", &signed.der));
    text.push_str(&pem::written("CERTIFICATE", authority));
    text.into_bytes()
}

fn stored(der: &[u8]) -> Result<StoredCertificate, String> {
    StoredCertificate::from_der(der).map_err(|why| why.to_string())
}

pub(super) fn trust_store(authority: &[u8]) -> Result<Vec<u8>, String> {
    let mut store = KeyStore::new();
    store.add_entry("ca", KeyStoreEntry::Certificate(stored(authority)?));
    store
        .writer(PASSWORD)
        .write()
        .map_err(|why| why.to_string())
}

pub(super) fn key_store(name: &str, signed: &Signed, authority: &[u8]) -> Result<Vec<u8>, String> {
    let certificates = [stored(&signed.der)?, stored(authority)?];
    let key = PrivateKey::from_der(signed.key.serialized_der()).map_err(|why| why.to_string())?;
    let keys = PrivateKeyChain::new(vec![1], key, certificates);
    let mut store = KeyStore::new();
    store.add_entry(name, KeyStoreEntry::PrivateKeyChain(keys));
    store
        .writer(PASSWORD)
        .write()
        .map_err(|why| why.to_string())
}
