//! By what a listener checks tokens: Kafka's own settings.

use std::collections::BTreeMap;
#[cfg(feature = "oauth")]
use std::time::Duration;

#[cfg(feature = "oauth")]
use super::{Issuer, Jwks, KeySets, Secured, Source, SourceId};
use super::{Unsecured, Validator};
use crate::engine::cluster::configs::StaticConfig;
#[cfg(feature = "oauth")]
use crate::engine::cluster::configs::{Secret, StoreSettings};
use crate::engine::listeners::{Listener, ListenerId};
use crate::engine::mechanism::Mechanism;
use crate::engine::settings::Settings;

/// What checks tokens: `listener.name.NAME.oauthbearer.` before it.
const HANDLER: &str = "sasl.server.callback.handler.class";
/// Kafka's validator of signed tokens, by its names of now and before 4.0.
const SECURED: [&str; 2] = [
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler",
    "org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerValidatorCallbackHandler",
];
/// Where the keys are.
#[cfg(feature = "oauth")]
pub(crate) const JWKS_URL: &str = "sasl.oauthbearer.jwks.endpoint.url";
#[cfg(feature = "oauth")]
const JWKS: &str = "sasl.oauthbearer.jwks.endpoint";
const JAAS: &str = "sasl.jaas.config";
const LOGIN_MODULE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";

/// What a listener's settings say of tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfListener<'a> {
    config: &'a StaticConfig,
    listener: &'a Listener,
}

impl<'a> OfListener<'a> {
    pub(crate) const fn new(config: &'a StaticConfig, listener: &'a Listener) -> Self {
        Self { config, listener }
    }

    /// What is given for the mechanism on this listener, or for it on all.
    fn of_mechanism(&self, name: &str) -> Option<&'a str> {
        let of_mechanism = format!("oauthbearer.{name}");
        let own = format!("{}{of_mechanism}", self.listener.prefix());
        let given = self.config.get(&own);
        given
            .or_else(|| self.config.get(&of_mechanism))
            .map(str::trim)
    }

    /// The same, or what is given for whichever mechanism.
    #[cfg(feature = "oauth")]
    fn get(&self, name: &str) -> Option<&'a str> {
        let own = format!("{}{name}", self.listener.prefix());
        let given = self.of_mechanism(name);
        let given = given.or_else(|| self.config.get(&own));
        let given = given.or_else(|| self.config.get(name)).map(str::trim);
        given.filter(|text| !text.is_empty())
    }

    /// Whether tokens have to be signed.
    pub(crate) fn is_secured(&self) -> bool {
        let handler = self.of_mechanism(HANDLER);
        handler.is_some_and(|handler| SECURED.contains(&handler))
    }

    /// Where the keys are that sign tokens; the cluster's own if that is not said.
    #[cfg(feature = "oauth")]
    pub(crate) fn jwks_url(&self) -> Option<&'a str> {
        self.get(JWKS_URL)
    }

    /// Where the keys are asked for, if that is over HTTP.
    ///
    /// # Errors
    /// What cannot be asked.
    #[cfg(feature = "oauth")]
    pub(crate) fn source(&self) -> Result<Option<Source>, String> {
        let Some(url) = self.jwks_url() else {
            return Ok(None);
        };
        let bad = |why: &str| format!("{JWKS_URL} {url}: {why}");
        let scheme = url.split_once(':').map(|(scheme, _)| scheme);
        let scheme = scheme.unwrap_or_default().to_ascii_lowercase();
        match scheme.as_str() {
            "file" => return Ok(None),
            "http" | "https" => {}
            _ => {
                let why =
                    "only \"http\", \"https\", and \"file\" protocol are supported in such a URL";
                return Err(bad(why));
            }
        }
        let (_, rest) = url
            .split_once("//")
            .ok_or_else(|| bad("it names no host"))?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.contains('@') {
            return Err(bad("it has a user, which nobody would be told"));
        }
        let millis = |rest: &str, default: u64| {
            let name = format!("{JWKS}.{rest}");
            let said = self.get(&name).map(|said| said.parse().ok());
            let said = said.unwrap_or(Some(default));
            said.ok_or_else(|| format!("{name} takes a number of milliseconds from 0 up"))
                .map(Duration::from_millis)
        };
        let refresh = millis("refresh.ms", 3_600_000)?;
        let backoff = millis("retry.backoff.ms", 100)?;
        let backoff_max = millis("retry.backoff.max.ms", 10_000)?;
        if refresh.is_zero() {
            return Err(format!("{JWKS}.refresh.ms must be positive"));
        }
        if backoff_max < backoff {
            return Err(format!(
                "{JWKS}.retry.backoff.max.ms is less than {JWKS}.retry.backoff.ms"
            ));
        }
        let options = self.of_mechanism(JAAS).map(options).transpose()?;
        let options = options.unwrap_or_default();
        let option = |name: &str| options.get(name).map(|value| (*value).to_owned());
        Ok(Some(Source {
            url: url.to_owned(),
            refresh,
            backoff,
            backoff_max,
            trusted: StoreSettings {
                kind: option("ssl.truststore.type").unwrap_or_else(|| "JKS".to_owned()),
                location: option("ssl.truststore.location"),
                password: option("ssl.truststore.password").map(Secret::new),
            },
        }))
    }

    fn unsecured(&self) -> Result<Unsecured, String> {
        let options = self.of_mechanism(JAAS).map(options).transpose()?;
        let options = options.unwrap_or_default();
        let mut rules = Unsecured::default();
        for (name, value) in options {
            match name {
                "unsecuredValidatorPrincipalClaimName" => {
                    value.clone_into(&mut rules.principal_claim)
                }
                "unsecuredValidatorScopeClaimName" => value.clone_into(&mut rules.scope_claim),
                "unsecuredValidatorRequiredScope" => {
                    rules.required_scope = value.split_whitespace().map(str::to_owned).collect();
                }
                "unsecuredValidatorAllowableClockSkewMs" => {
                    let millis: Option<i64> = value.parse().ok().filter(|millis| *millis >= 0);
                    rules.clock_skew_ms = millis.ok_or_else(|| {
                        format!("{JAAS}: {name} takes a number of milliseconds from 0 up")
                    })?;
                }
                // What the broker's own log-ins go by.
                _ => {}
            }
        }
        Ok(rules)
    }

    #[cfg(feature = "oauth")]
    fn secured(&self, keys: Jwks, set: Option<SourceId>) -> Result<Secured, String> {
        let name = |rest: &str| format!("sasl.oauthbearer.{rest}");
        let text = |rest: &str, default: &str| self.get(&name(rest)).unwrap_or(default).to_owned();
        let is_set = |rest: &str| self.get(&name(rest)).is_some_and(|said| said == "true");
        let audiences = self.get(&name("expected.audience")).unwrap_or_default();
        let audiences = audiences.split(',').map(str::trim);
        let audiences: Vec<_> = audiences
            .filter(|audience| !audience.is_empty())
            .map(str::to_owned)
            .collect();
        let issuer = self.get(&name("expected.issuer")).map(str::to_owned);
        for (is_given, what) in [
            (!audiences.is_empty(), "audience"),
            (issuer.is_some(), "issuer"),
        ] {
            if !is_given && !is_set(&format!("allow.unverified.{what}")) {
                return Err(format!(
                    "sasl.oauthbearer.expected.{what} is not set: set it, or sasl.oauthbearer.allow.unverified.{what}=true"
                ));
            }
        }
        let skew = text("clock.skew.seconds", "30");
        Ok(Secured {
            audiences,
            issuer,
            clock_skew_s: skew.parse().unwrap_or(30),
            scope_claim: text("scope.claim.name", "scope"),
            subject_claim: text("sub.claim.name", "sub"),
            keys,
            set,
        })
    }
}

/// The options of a JAAS configuration for the mechanism.
fn options(jaas: &str) -> Result<BTreeMap<&str, &str>, String> {
    let bad = |why: &str| format!("{JAAS} of OAUTHBEARER: {why}");
    let body = jaas.trim_end().strip_suffix(';');
    let body = body.ok_or_else(|| bad("it ends with a semicolon"))?;
    let rest = body.trim_start().strip_prefix(LOGIN_MODULE);
    let rest = rest.ok_or_else(|| bad(&format!("it names {LOGIN_MODULE}")))?;
    let mut rest = rest.trim_start();
    let (_flag, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    rest = after.trim_start();
    let mut options = BTreeMap::new();
    while !rest.is_empty() {
        let (name, after) = rest
            .split_once('=')
            .ok_or_else(|| bad("its options are NAME=\"VALUE\""))?;
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted
                .split_once('"')
                .ok_or_else(|| bad("a quotation mark is not closed"))?,
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        options.insert(name.trim(), value);
        rest = after.trim_start();
    }
    Ok(options)
}

/// By what tokens are checked that are not AWS's.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    pub(crate) validators: BTreeMap<ListenerId, Validator>,
    /// The keys that come over HTTP.
    #[cfg(feature = "oauth")]
    pub(crate) key_sets: KeySets,
}

/// By what each listener checks tokens that are not AWS's.
///
/// # Errors
/// Settings with which Kafka would not start.
pub(crate) fn checks(settings: &Settings) -> Result<Checks, String> {
    let mut all = BTreeMap::new();
    #[cfg(feature = "oauth")]
    let mut key_sets = KeySets::default();
    for (id, listener) in (0_u16..).map(ListenerId).zip(&settings.listeners) {
        if !listener.mechanisms().contains(&Mechanism::OAuthBearer) {
            continue;
        }
        let of_listener = OfListener::new(&settings.fixed, listener);
        let named = |why: String| format!("listener {}: {why}", listener.name);
        let by_default = settings.oauth.is_some() && of_listener.of_mechanism(HANDLER).is_none();
        if of_listener.is_secured() || by_default {
            #[cfg(feature = "oauth")]
            let validator = secured(settings, of_listener, &mut key_sets);
            #[cfg(not(feature = "oauth"))]
            let validator = secured();
            let validator = validator.map_err(named)?;
            all.insert(id, validator);
        } else if settings.msk.is_none() || of_listener.of_mechanism(HANDLER).is_some() {
            let rules = of_listener.unsecured().map_err(named)?;
            all.insert(id, Validator::Unsecured(rules));
        }
    }
    Ok(Checks {
        validators: all,
        #[cfg(feature = "oauth")]
        key_sets,
    })
}

#[cfg(feature = "oauth")]
fn secured(
    settings: &Settings,
    of_listener: OfListener<'_>,
    key_sets: &mut KeySets,
) -> Result<Validator, String> {
    if let Some(source) = of_listener.source()? {
        let set = Some(key_sets.add(source));
        let none = Jwks::default();
        return of_listener.secured(none, set).map(Validator::Secured);
    }
    let keys = match of_listener.jwks_url() {
        None => Issuer::of(settings.seed).keys(),
        Some(url) => {
            let text = settings.jwks.get(url);
            // A recording has what came of tokens instead.
            let text = text.map_or(r#"{"keys":[]}"#, String::as_str);
            Jwks::parse(text).map_err(|why| format!("{JWKS_URL} {url}: {why}"))?
        }
    };
    of_listener.secured(keys, None).map(Validator::Secured)
}

#[cfg(not(feature = "oauth"))]
fn secured() -> Result<Validator, String> {
    Err("tokens that are signed need Fauxka's feature \"oauth\"".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_jaas_are_read() {
        let text = format!("{LOGIN_MODULE} required a=\"b c\" d=e f=\"\" ;");
        let read = options(&text).unwrap();
        assert_eq!(read, BTreeMap::from([("a", "b c"), ("d", "e"), ("f", "")]));
        assert!(
            options(&format!("{LOGIN_MODULE} required;"))
                .unwrap()
                .is_empty()
        );
        for bad in [
            "x required;",
            LOGIN_MODULE,
            &format!("{LOGIN_MODULE} required a=\"b;"),
        ] {
            assert!(options(bad).is_err(), "{bad}");
        }
    }
}
