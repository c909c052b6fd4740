//! Certificates for clusters whose listeners have TLS: made once, by Fauxka, and the same for every broker.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

static MAKING: Mutex<()> = Mutex::new(());

/// The folder of the certificates: `ca.pem`, `broker.pem`, `client.pem` and so on.
///
/// # Errors
/// When they cannot be made.
pub fn folder() -> Result<PathBuf> {
    let target = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../target"));
    fs::create_dir_all(target)?;
    let target = target.canonicalize()?;
    let folder = target.join("conformance-tls");
    // Cases run side by side.
    let _one_at_a_time = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    if folder.join("broker.pem").exists() {
        return Ok(folder);
    }
    // Another process may make them at the same time: whoever is first has made them.
    let made = target.join(format!("conformance-tls-{}", std::process::id()));
    drop(fauxka::Broker::builder().tls_in(&made).start_blocking()?);
    if fs::rename(&made, &folder).is_err() {
        fs::remove_dir_all(&made).context("another one made the certificates")?;
    }
    Ok(folder)
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
        ("ssl.truststore.location", path("ca.pem")),
    ])
}
