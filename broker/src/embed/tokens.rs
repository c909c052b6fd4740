//! Bearer tokens: the keys that sign them, and what the token endpoint goes by.

use std::collections::BTreeMap;
#[cfg(feature = "oauth")]
use std::fs;

use super::builder::Builder;
use super::error::StartError;
use crate::engine::Listener;
use crate::engine::cluster::configs::StaticConfig;
#[cfg(feature = "oauth")]
use crate::engine::sasl::oauth;
use crate::engine::sasl::oauth::Oauth;
#[cfg(feature = "oauth")]
use crate::engine::sasl::oauth::settings::{JWKS_URL, OfListener};
#[cfg(feature = "oauth")]
use crate::server::shared::Shared;

/// Who the tokens that the cluster gives out say that they are from.
pub(super) const ISSUER: &str = "fauxka";

/// The sets of keys that settings name, by their URLs. Kafka too reads a file once.
///
/// # Errors
/// One is no file, or cannot be read.
#[cfg(feature = "oauth")]
pub(super) fn key_sets(
    config: &StaticConfig,
    listeners: &[Listener],
) -> Result<BTreeMap<String, String>, StartError> {
    let mut sets = BTreeMap::new();
    for listener in listeners {
        let of_listener = OfListener::new(config, listener);
        let Some(url) = of_listener.jwks_url() else {
            continue;
        };
        if of_listener.source().map_err(StartError::Invalid)?.is_some() {
            continue;
        }
        // Whatever is neither there nor a file was refused.
        let path = url.split_once(':').map_or(url, |(_, path)| path);
        let path = path.strip_prefix("//").unwrap_or(path);
        let text = fs::read_to_string(path)
            .map_err(|why| StartError::Invalid(format!("{JWKS_URL} {url}: {why}")))?;
        sets.insert(url.to_owned(), text);
    }
    Ok(sets)
}

/// Nothing that is signed is checked without the feature.
#[cfg(not(feature = "oauth"))]
#[expect(clippy::unnecessary_wraps, reason = "the other one can fail")]
pub(super) fn key_sets(
    _: &StaticConfig,
    _: &[Listener],
) -> Result<BTreeMap<String, String>, StartError> {
    Ok(BTreeMap::new())
}

/// Asks for the keys that come over HTTP, before anybody is served.
///
/// # Errors
/// Some do not come.
#[cfg(all(feature = "control", feature = "oauth"))]
pub(super) fn fetch(shared: &Shared) -> Result<(), StartError> {
    if shared.look(|engine| engine.state.sasl.key_sets.is_empty()) {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let fetched = runtime.block_on(shared.fetch_keys());
    fetched.map_err(StartError::Invalid)
}

/// Nobody is asked without a client of HTTP.
///
/// # Errors
/// Some keys would have to be asked for.
#[cfg(all(feature = "oauth", not(feature = "control")))]
pub(super) fn fetch(shared: &Shared) -> Result<(), StartError> {
    refuse(
        shared,
        "this build asks nobody over HTTP: it lacks Fauxka's feature \"control\"",
    )
}

/// Refuses keys that come over HTTP.
///
/// # Errors
/// There are such.
#[cfg(feature = "oauth")]
pub(super) fn refuse(shared: &Shared, why: &str) -> Result<(), StartError> {
    let url = shared.look(|engine| {
        let (_, source) = engine.state.sasl.key_sets.sources().next()?;
        Some(source.url.clone())
    });
    url.map_or(Ok(()), |url| {
        Err(StartError::Invalid(format!(
            "{JWKS_URL} {url}: {why}; save the set, and name it as file:///PATH"
        )))
    })
}

/// What the token endpoint goes by, if one is wanted.
///
/// # Errors
/// A set of keys that cannot be read.
#[cfg(feature = "oauth")]
pub(super) fn endpoint(builder: &Builder) -> Result<Option<Oauth>, StartError> {
    let Some(wanted) = &builder.oauth else {
        return Ok(None);
    };
    let mut trusted = oauth::Jwks::default();
    for text in &wanted.trusted {
        let keys = oauth::Jwks::parse(text);
        trusted.extend(&keys.map_err(|why| StartError::Invalid(why.to_string()))?);
    }
    Ok(Some(Oauth {
        lifetime_s: i64::try_from(wanted.lifetime.as_secs()).unwrap_or(i64::MAX),
        trusted,
    }))
}

/// There is none without the feature.
#[cfg(not(feature = "oauth"))]
#[expect(clippy::unnecessary_wraps, reason = "the other one can fail")]
pub(super) fn endpoint(_: &Builder) -> Result<Option<Oauth>, StartError> {
    Ok(None)
}
