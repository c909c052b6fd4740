//! Keys and certificates that a running listener is to serve with: whether it can, in Kafka's words.

use std::net::Ipv6Addr;

use super::names::About;
use super::stores;
use crate::engine::cluster::configs::{StoreSettings, TlsSettings};

const CONFIGURATION: &str = "org.apache.kafka.common.errors.InvalidConfigurationException";

/// Looks at what settings name, when a listener serves with a certificate like that.
///
/// # Errors
/// Java's exception as Kafka answers with it.
pub(super) fn check(settings: &TlsSettings, now: &About) -> Result<(), String> {
    if settings.keys.location.is_some() {
        check_password(&settings.keys)?;
    }
    let identity = stores::identity(settings);
    let identity = identity.map_err(|why| failed(&settings.keys, settings.key.is_some(), &why))?;
    let inline = settings.trusted_certificates.is_some();
    stores::trusted(settings).map_err(|why| failed(&settings.trusted, inline, &why))?;
    let Some(identity) = identity else {
        return Ok(());
    };
    let next = &identity.about;
    let differs = |what: &str, label: &str, was: &str, is: &str| {
        Err(format!(
            "org.apache.kafka.common.config.ConfigException: Keystore {what} match:  existing={{alias=kafka, \
             {label}={was}}}, new={{alias=kafka, {label}={is}}}"
        ))
    };
    if next.subject != now.subject && !settings.may_change_subject {
        return differs(
            "DistinguishedName does not",
            "DN",
            &now.subject,
            &next.subject,
        );
    }
    let keeps_all = now.names.iter().all(|name| next.names.contains(name));
    if !keeps_all && !settings.may_change_names {
        return differs(
            "SubjectAltNames do not",
            "SAN",
            &shown(&now.names),
            &shown(&next.names),
        );
    }
    Ok(())
}

/// Alternative names as Java writes what `getSubjectAlternativeNames` gives.
fn shown(names: &[String]) -> String {
    let rows: Vec<_> = names.iter().map(|name| numbered(name)).collect();
    format!("[{}]", rows.join(", "))
}

/// The number of a name's kind (RFC 5280), and the name as Java writes it: an address of IPv6 with all its zeros.
fn numbered(name: &str) -> String {
    let (kind, value) = name.split_once(':').unwrap_or(("", name));
    let value = match value.parse::<Ipv6Addr>() {
        Ok(address) => address.segments().map(|part| format!("{part:x}")).join(":"),
        Err(_) => value.to_owned(),
    };
    let kind = match kind {
        "email" => 1,
        "DNS" => 2,
        "URI" => 6,
        "IP" => 7,
        _ => 0,
    };
    format!("[{kind}, {value}]")
}

fn is_pem(store: &StoreSettings) -> bool {
    store.kind.eq_ignore_ascii_case("PEM")
}

fn check_password(store: &StoreSettings) -> Result<(), String> {
    if is_pem(store) || store.password.is_some() {
        return Ok(());
    }
    Err(format!(
        "{CONFIGURATION}: SSL key store is specified, but key store password is not specified."
    ))
}

fn failed(store: &StoreSettings, is_inline: bool, why: &str) -> String {
    let location = store.location.as_deref().unwrap_or_default();
    if is_inline {
        return format!("{CONFIGURATION}: {why}");
    }
    if is_pem(store) {
        return format!("{CONFIGURATION}: Failed to load PEM SSL keystore {location}");
    }
    let kind = &store.kind;
    format!(
        "org.apache.kafka.common.KafkaException: Failed to load SSL keystore {location} of type {kind}"
    )
}
