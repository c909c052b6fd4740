//! Bearer tokens: the keys that sign them, and what the token endpoint goes by.

use std::collections::BTreeMap;
use std::fs;

use super::builder::Builder;
use super::error::StartError;
use crate::engine::Listener;
use crate::engine::cluster::configs::StaticConfig;
#[cfg(feature = "oauth")]
use crate::engine::sasl::oauth;
use crate::engine::sasl::oauth::Oauth;
use crate::engine::sasl::oauth::settings::{JWKS_URL, OfListener};

/// Who the tokens that the cluster gives out say that they are from.
pub(super) const ISSUER: &str = "fauxka";

/// The sets of keys that settings name, by their URLs. Kafka too reads a file once.
///
/// # Errors
/// One is no file, or cannot be read.
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
        let Some(path) = url.strip_prefix("file:") else {
            return Err(StartError::Invalid(format!(
                "{JWKS_URL} {url}: keys are read from files here: save the set, and name it as file:///PATH; without the \
                 setting they are the cluster's own"
            )));
        };
        let path = path.strip_prefix("//").unwrap_or(path);
        let text = fs::read_to_string(path)
            .map_err(|why| StartError::Invalid(format!("{JWKS_URL} {url}: {why}")))?;
        sets.insert(url.to_owned(), text);
    }
    Ok(sets)
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
