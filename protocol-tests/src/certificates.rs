//! Certificates for clusters whose listeners have TLS: made once, and the same for every broker.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, date_time_ymd,
};

/// What a client's certificate is like.
struct Kind {
    /// The file, without `.pem`.
    name: &'static str,
    /// The parts of its distinguished name, the first one first.
    parts: &'static [(DnType, &'static str)],
    /// From which year on it is valid, and until which.
    years: (i32, i32),
    purpose: ExtendedKeyUsagePurpose,
}

static MAKING: Mutex<()> = Mutex::new(());

const VALID: (i32, i32) = (2020, 4000);

const KINDS: [Kind; 6] = [
    Kind {
        name: "parts",
        parts: &[
            (DnType::CountryName, "US"),
            (DnType::StateOrProvinceName, "State"),
            (DnType::LocalityName, "Town"),
            (DnType::OrganizationName, "Acme, Inc."),
            (DnType::OrganizationalUnitName, "ServiceUsers"),
            (DnType::CommonName, "Duke"),
        ],
        years: VALID,
        purpose: ExtendedKeyUsagePurpose::ClientAuth,
    },
    Kind {
        name: "odd",
        parts: &[
            (DnType::OrganizationalUnitName, "Größe"),
            (DnType::CommonName, "#1 \"x\" <a;b+c\\> "),
        ],
        years: VALID,
        purpose: ExtendedKeyUsagePurpose::ClientAuth,
    },
    Kind {
        name: "expired",
        parts: &[(DnType::CommonName, "expired")],
        years: (2020, 2021),
        purpose: ExtendedKeyUsagePurpose::ClientAuth,
    },
    Kind {
        name: "to-come",
        parts: &[(DnType::CommonName, "to-come")],
        years: (3999, 4000),
        purpose: ExtendedKeyUsagePurpose::ClientAuth,
    },
    Kind {
        name: "namesake",
        parts: &[(DnType::CommonName, "Fauxka broker")],
        years: VALID,
        purpose: ExtendedKeyUsagePurpose::ServerAuth,
    },
    Kind {
        name: "server-only",
        parts: &[(DnType::CommonName, "server-only")],
        years: VALID,
        purpose: ExtendedKeyUsagePurpose::ServerAuth,
    },
];

/// The folder of the certificates: `ca.pem`, `broker.pem`, `client.pem` as Fauxka makes them; `trusted.pem`, whom brokers trust;
/// those of each kind, which another authority has signed that is among these; and `stranger.pem`, whose authority
/// is not.
///
/// # Errors
/// When they cannot be made.
pub fn folder() -> Result<PathBuf> {
    let target = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../target"));
    fs::create_dir_all(target)?;
    let target = target.canonicalize()?;
    let folder = target.join("conformance-tls-3");
    // Cases run side by side.
    let _one_at_a_time = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    if folder.join("broker.pem").exists() {
        return Ok(folder);
    }
    // Another process may make them at the same time: whoever is first has made them.
    let made = target.join(format!("conformance-tls-{}", std::process::id()));
    drop(fauxka::Broker::builder().tls_in(&made).start_blocking()?);
    make(&made)?;
    if fs::rename(&made, &folder).is_err() {
        fs::remove_dir_all(&made).context("another one made the certificates")?;
    }
    Ok(folder)
}

/// Makes what Fauxka does not.
fn make(folder: &Path) -> Result<()> {
    let (people, people_pem) = authority("People CA")?;
    let (strangers, strangers_pem) = authority("Strangers CA")?;
    let own = fs::read_to_string(folder.join("ca.pem"))?;
    fs::write(folder.join("trusted.pem"), own + &people_pem)?;
    fs::write(folder.join("strangers-ca.pem"), &strangers_pem)?;
    for kind in &KINDS {
        sign(folder, kind, &people)?;
    }
    let stranger = Kind {
        name: "stranger",
        parts: &[(DnType::CommonName, "client")],
        years: VALID,
        purpose: ExtendedKeyUsagePurpose::ClientAuth,
    };
    sign(folder, &stranger, &strangers)
}

fn authority(name: &str) -> Result<(Issuer<'static, KeyPair>, String)> {
    let mut params = named(&[(DnType::CommonName, name)], VALID);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let pem = pem("CERTIFICATE", params.self_signed(&key)?.der());
    Ok((Issuer::new(params, key), pem))
}

fn sign(folder: &Path, kind: &Kind, issuer: &Issuer<'_, KeyPair>) -> Result<()> {
    let mut params = named(kind.parts, kind.years);
    params.extended_key_usages = vec![kind.purpose.clone()];
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    let text = pem("PRIVATE KEY", &key.serialize_der()) + &pem("CERTIFICATE", certificate.der());
    fs::write(folder.join(format!("{}.pem", kind.name)), text)?;
    Ok(())
}

fn named(parts: &[(DnType, &str)], (from, until): (i32, i32)) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, text) in parts {
        params.distinguished_name.push(kind.clone(), *text);
    }
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    params
}

/// Kafka's reader takes a body on one line.
fn pem(label: &str, der: &[u8]) -> String {
    let body = BASE64_STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

/// The settings by which brokers serve with them.
///
/// # Errors
/// When they cannot be made.
pub fn properties() -> Result<Vec<(&'static str, String)>> {
    let folder = folder()?;
    let path = |name: &str| folder.join(name).display().to_string();
    Ok(vec![
        ("ssl.keystore.type", "PEM".to_owned()),
        ("ssl.keystore.location", path("broker.pem")),
        ("ssl.truststore.type", "PEM".to_owned()),
        ("ssl.truststore.location", path("trusted.pem")),
    ])
}
