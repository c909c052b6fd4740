//! Keys and certificates where the settings say: PEM or PKCS#12, in files or in the settings themselves.

use std::fs;

use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};
use pkcs5::EncryptionScheme;
use pkcs5::der::asn1::OctetStringRef;
use pkcs5::der::{Decode as _, Reader as _, SliceReader};
use pkcs5::pbes2::Kdf;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::names::About;
use super::pem::{self, Block};
use crate::engine::cluster::configs::{Secret, StoreSettings, TlsSettings};

/// A private key and the certificates that go with it, the broker's own first.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
    pub(super) about: About,
}

/// A certificate, and what it is called in PEM.
const CERTIFICATE: &str = "CERTIFICATE";

/// The broker's key and certificates; nothing if the settings name none.
///
/// # Errors
/// What is wrong with them, and the way out.
pub(super) fn identity(settings: &TlsSettings) -> Result<Option<Identity>, String> {
    let store = &settings.keys;
    let password = settings.key_password.as_ref();
    if let Some(key) = &settings.key {
        let chain = settings.chain.as_ref().map(Secret::reveal);
        let chain = chain.ok_or("ssl.keystore.key needs ssl.keystore.certificate.chain")?;
        let text = format!("{}\n{chain}", key.reveal());
        return identity_of_pem(&text, password).map(Some);
    }
    let Some(location) = &store.location else {
        return Ok(None);
    };
    let what = "ssl.keystore.location";
    let read = match contents(store, what)? {
        Contents::Pem(text) => identity_of_pem(&text, password),
        Contents::Pkcs12(store) => identity_of_store(&store),
    };
    read.map(Some)
        .map_err(|why| format!("{what} {location}: {why}"))
}

/// Whom the broker trusts; nothing if the settings do not say.
///
/// # Errors
/// What is wrong with it, and the way out.
pub(super) fn trusted(settings: &TlsSettings) -> Result<Option<RootCertStore>, String> {
    if let Some(text) = &settings.trusted_certificates {
        let found = certificates(&pem::blocks(text.reveal())?);
        return roots(found).map(Some);
    }
    roots_in(&settings.trusted)
}

/// Who is trusted by a store; nothing if there is none.
///
/// # Errors
/// What is wrong with it, and the way out.
pub(super) fn roots_in(store: &StoreSettings) -> Result<Option<RootCertStore>, String> {
    let Some(location) = &store.location else {
        return Ok(None);
    };
    let what = "ssl.truststore.location";
    let found = match contents(store, what)? {
        Contents::Pem(text) => {
            let blocks = pem::blocks(&text);
            certificates(&blocks.map_err(|why| format!("{what} {location}: {why}"))?)
        }
        Contents::Pkcs12(store) => {
            let entries = store.entries();
            let found = entries.flat_map(|(_, entry)| match entry {
                KeyStoreEntry::Certificate(one) => vec![one.as_der().to_vec()],
                KeyStoreEntry::PrivateKeyChain(_) | KeyStoreEntry::Secret(_) => Vec::new(),
            });
            found.map(CertificateDer::from).collect()
        }
    };
    let read = roots(found).map(Some);
    read.map_err(|why| format!("{what} {location}: {why}"))
}

enum Contents {
    Pem(String),
    Pkcs12(KeyStore),
}

/// Reads a store. `JKS`, which is Kafka's default, also stands for PKCS#12: Java looks at the file, too.
fn contents(store: &StoreSettings, what: &str) -> Result<Contents, String> {
    let location = store.location.as_deref().unwrap_or_default();
    let bytes = fs::read(location).map_err(|why| format!("{what} {location}: {why}"))?;
    contents_of(bytes, store, what)
}

/// The same of a file's bytes.
fn contents_of(bytes: Vec<u8>, store: &StoreSettings, what: &str) -> Result<Contents, String> {
    let location = store.location.as_deref().unwrap_or_default();
    let failed = |why: String| format!("{what} {location}: {why}");
    match store.kind.to_ascii_uppercase().as_str() {
        "PEM" => String::from_utf8(bytes)
            .map(Contents::Pem)
            .map_err(|_| failed("it is no text, so no PEM".to_owned())),
        "PKCS12" | "JKS" => {
            if matches!(
                bytes.first_chunk(),
                Some([0xfe, 0xed, 0xfe, 0xed] | [0xce, 0xce, 0xce, 0xce])
            ) {
                return Err(failed(format!(
                    "it is a JKS store, which is not read here; convert it: keytool -importkeystore -srckeystore \
                     {location} -destkeystore {location}.p12 -deststoretype PKCS12"
                )));
            }
            if bytes.starts_with(b"-----BEGIN") {
                return Err(failed(format!(
                    "it is PEM: set {}.type=PEM",
                    what.trim_end_matches(".location")
                )));
            }
            let password = store.password.as_ref().map_or("", Secret::reveal);
            KeyStore::from_pkcs12(&bytes, password, Pkcs12ImportPolicy::Strict)
                .map(Contents::Pkcs12)
                .map_err(|why| {
                    failed(format!(
                        "keystore password was incorrect, or it is no PKCS#12 store: {why}"
                    ))
                })
        }
        other => Err(failed(format!(
            "{other} is not read here: PEM and PKCS12 are"
        ))),
    }
}

fn identity_of_pem(text: &str, password: Option<&Secret>) -> Result<Identity, String> {
    let blocks = pem::blocks(text)?;
    let chain = certificates(&blocks);
    let key = blocks
        .iter()
        .find(|block| block.label.ends_with("PRIVATE KEY"));
    let key = key.ok_or("there is no private key")?;
    let key = match key.label.as_str() {
        "PRIVATE KEY" => key.der.clone(),
        "ENCRYPTED PRIVATE KEY" => {
            let password = password.ok_or("the private key is encrypted: set ssl.key.password")?;
            decrypted(&key.der, password)?
        }
        other => {
            return Err(format!(
                "a {other} is not read by Kafka either; convert it: openssl pkcs8 -topk8 -nocrypt -in KEY.pem"
            ));
        }
    };
    identity_of(chain, key)
}

fn identity_of_store(store: &KeyStore) -> Result<Identity, String> {
    let Some((_, keys)) = store.private_key_chain() else {
        return Err("there is no private key".to_owned());
    };
    let chain = keys.certs().iter();
    let chain = chain.map(|one| CertificateDer::from(one.as_der().to_vec()));
    identity_of(chain.collect(), keys.key().as_der().to_vec())
}

fn identity_of(chain: Vec<CertificateDer<'static>>, key: Vec<u8>) -> Result<Identity, String> {
    let own = chain.first().ok_or("there is no certificate")?;
    Ok(Identity {
        about: About::read(own)?,
        key: PrivatePkcs8KeyDer::from(key).into(),
        chain,
    })
}

/// A private key that was encrypted with a password (PBES2 of PKCS#5).
fn decrypted(der: &[u8], password: &Secret) -> Result<Vec<u8>, String> {
    let failed =
        |why: &dyn std::fmt::Display| format!("the private key cannot be decrypted: {why}");
    let mut reader = SliceReader::new(der).map_err(|why| failed(&why))?;
    let parts = reader.sequence(|parts| -> pkcs5::der::Result<_> {
        let scheme = EncryptionScheme::decode(parts)?;
        let data = <&OctetStringRef>::decode(parts)?;
        Ok((scheme, data.as_bytes().to_vec()))
    });
    let (scheme, data) = parts.map_err(|why| failed(&why))?;
    check_cost(&scheme).map_err(|why| failed(&why))?;
    scheme
        .decrypt(password.reveal(), &data)
        .map_err(|why| failed(&why))
}

/// Java takes as many of a PKCS#12 store.
const ROUNDS_MAX: u32 = 5_000_000;

/// A key says itself how much work it is to decrypt, and may come with a request.
fn check_cost(scheme: &EncryptionScheme) -> Result<(), String> {
    match scheme.pbes2().map(|parameters| &parameters.kdf) {
        Some(Kdf::Pbkdf2(asked)) if asked.iteration_count > ROUNDS_MAX => Err(format!(
            "it takes {} rounds of PBKDF2, the most is {ROUNDS_MAX}",
            asked.iteration_count
        )),
        Some(Kdf::Pbkdf2(_)) | None => Ok(()),
        Some(_) => Err(
            "its password goes through scrypt, which Java does not read either; convert it: \
             openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY.pem"
                .to_owned(),
        ),
    }
}

fn certificates(blocks: &[Block]) -> Vec<CertificateDer<'static>> {
    let found = blocks.iter().filter(|block| block.label == CERTIFICATE);
    found
        .map(|block| CertificateDer::from(block.der.clone()))
        .collect()
}

fn roots(certificates: Vec<CertificateDer<'static>>) -> Result<RootCertStore, String> {
    if certificates.is_empty() {
        return Err("there is no trusted certificate".to_owned());
    }
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        let added = roots.add(certificate);
        added.map_err(|why| format!("a trusted certificate cannot be read: {why}"))?;
    }
    Ok(roots)
}

/// Reads bytes as every kind of store and as a certificate.
#[cfg(any(test, fuzzing))]
#[cfg(all(feature = "control", feature = "oauth"))]
pub(super) fn examine(bytes: &[u8], password: &str) {
    let password = Secret::new(password.to_owned());
    for kind in ["PEM", "PKCS12"] {
        let store = StoreSettings {
            kind: kind.to_owned(),
            location: None,
            password: Some(password.clone()),
        };
        match contents_of(bytes.to_vec(), &store, "a fuzzer's file") {
            Ok(Contents::Pem(text)) => {
                let _ = identity_of_pem(&text, Some(&password));
                let _ = pem::blocks(&text).map(|blocks| roots(certificates(&blocks)));
            }
            Ok(Contents::Pkcs12(store)) => {
                let _ = identity_of_store(&store);
            }
            Err(_) => {}
        }
    }
    let _ = About::read(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value of DER's.
    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        [&[tag, u8::try_from(content.len()).unwrap()], &*content].concat()
    }

    /// A key that is encrypted by PBES2, with a way to make a key of its password.
    fn key(derivation: &[u8]) -> Vec<u8> {
        const PBES2: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
        const AES_256_CBC: [u8; 11] = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 42];
        let cipher = der(0x30, &[&AES_256_CBC, &der(4, &[&[0; 16]])]);
        let scheme = der(0x30, &[&PBES2, &der(0x30, &[derivation, &cipher])]);
        der(0x30, &[&scheme, &der(4, &[&[0; 16]])])
    }

    #[track_caller]
    fn check(derivation: &[u8], why: &str) {
        let password = Secret::new("secret".to_owned());
        let refused = decrypted(&key(derivation), &password).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }

    #[test]
    fn a_key_that_would_take_hours_is_refused() {
        const PBKDF2: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
        const SHA_256: [u8; 14] = [
            0x30, 12, 6, 8, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 9, 5, 0,
        ];
        let of = |rounds: &[u8]| {
            let asked = [&der(4, &[&[0; 8]]), &der(2, &[rounds]), &SHA_256[..]];
            der(0x30, &[&PBKDF2, &der(0x30, &asked)])
        };
        check(&of(&[0x7f, 0xff, 0xff, 0xff]), "2147483647 rounds");
        // Few rounds, and the wrong password.
        check(&of(&[1]), "cannot be decrypted");
    }

    #[test]
    fn a_key_that_would_take_all_memory_is_refused() {
        const SCRYPT: [u8; 11] = [6, 9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11];
        let cost = der(2, &[&[0x40, 0, 0, 0]]);
        let asked = [&der(4, &[&[0; 8]]), &cost, &[2, 1, 8, 2, 1, 1][..]];
        check(&der(0x30, &[&SCRYPT, &der(0x30, &asked)]), "scrypt");
    }
}
