//! Settings that would change who can connect or what clients may do, and that do not act here. A test of security that
//! relies on one of them would pass with nothing enforced, so a cluster that is given one does not start.

use super::key::ConfigKey;
use super::rule;
use super::synonyms::{of_mechanism, without_listener};
use super::value::Value;
use crate::engine::authorizer::STANDARD;

const HANDLER: &str = "sasl.server.callback.handler.class";
const JAAS: &str = "sasl.jaas.config";
/// Kafka's validators of bearer tokens.
const VALIDATORS: [&str; 3] = [
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler",
    "org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerValidatorCallbackHandler",
    "org.apache.kafka.common.security.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler",
];
const LOGIN_MODULE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule ";

/// What bearer tokens are checked by.
pub(super) const OF_TOKENS: [&str; 13] = [
    HANDLER,
    JAAS,
    "sasl.oauthbearer.jwks.endpoint.url",
    "sasl.oauthbearer.jwks.endpoint.refresh.ms",
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms",
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
    "sasl.oauthbearer.clock.skew.seconds",
    "sasl.oauthbearer.expected.audience",
    "sasl.oauthbearer.expected.issuer",
    "sasl.oauthbearer.allow.unverified.audience",
    "sasl.oauthbearer.allow.unverified.issuer",
    "sasl.oauthbearer.scope.claim.name",
    "sasl.oauthbearer.sub.claim.name",
];

/// What to do instead.
const NO_TLS: &str = "no listener has TLS: add one, such as --listener SSL://127.0.0.1:9094";
const OWN_TLS: &str = "TLS is rustls here, which takes no Java classes: leave it out";
const USERS: &str = "name who can log in with --sasl USER:PASSWORD (PLAIN and SCRAM)";
const NO_BEARER: &str = "no listener takes bearer tokens: give one the mechanism OAUTHBEARER, such as --listener \
                         SASL_PLAINTEXT://127.0.0.1:9096?mechanisms=OAUTHBEARER, or start the cluster with --oauth";
const PLAIN_OR_SCRAM: &str = "clients log in by PLAIN or SCRAM here, with --sasl USER:PASSWORD";
const NO_AUTHORIZER: &str = "Fauxka has Kafka's own authorizer alone, by the name \
                             org.apache.kafka.metadata.authorizer.StandardAuthorizer";
const NO_CLASS: &str = "it is a setting of an authorizer: set authorizer.class.name to \
                        org.apache.kafka.metadata.authorizer.StandardAuthorizer, too";
const PRINCIPALS: &str = "a principal is User:NAME here, after the name that a client logs in with (--sasl USER:PASSWORD)";
const QUOTAS: &str =
    "set client quotas as Kafka's clients do (kafka-configs --entity-type clients), which act";
const POLICIES: &str = "stage a refusal with a fault rule, such as fauxka fault add --api CreateTopics --before \
                        error=POLICY_VIOLATION";
const FOR_ALL: &str = "set it without the listener's name: it then holds for every listener";

/// Settings, or what their names begin with, and what to do instead.
const UNENFORCED: [(&str, &str); 18] = [
    ("ssl.provider", OWN_TLS),
    ("ssl.engine.factory.class", OWN_TLS),
    ("ssl.", NO_TLS),
    ("security.providers", OWN_TLS),
    ("principal.builder.class", PRINCIPALS),
    ("sasl.jaas.config", USERS),
    ("sasl.server.callback.handler.class", USERS),
    ("sasl.login.class", PLAIN_OR_SCRAM),
    ("sasl.login.callback.handler.class", PLAIN_OR_SCRAM),
    ("sasl.kerberos.", PLAIN_OR_SCRAM),
    ("sasl.oauthbearer.", NO_BEARER),
    ("authorizer.class.name", NO_AUTHORIZER),
    ("super.users", NO_CLASS),
    ("allow.everyone.if.no.acl.found", NO_CLASS),
    ("client.quota.callback.class", QUOTAS),
    ("create.topic.policy.class.name", POLICIES),
    ("alter.config.policy.class.name", POLICIES),
    ("sasl.enabled.mechanisms", USERS),
];

/// Settings that act for one listener; those of TLS do as well.
const ACT_FOR_ONE: [&str; 5] = [
    "max.connections",
    "max.connection.creation.rate",
    "sasl.server.max.receive.size",
    "connections.max.reauth.ms",
    "sasl.enabled.mechanisms",
];

/// What decides whether some settings act.
#[derive(Debug, Clone, Copy)]
pub(super) struct Started {
    /// What the listeners are like.
    pub(super) ways: Ways,
    /// Brokers have an authorizer.
    pub(super) authorizes: bool,
}

impl Started {
    pub(super) fn of(ways: Ways, authorizer: Option<&str>) -> Self {
        let authorizes = authorizer.map(str::trim) == Some(STANDARD);
        Self { ways, authorizes }
    }
}

/// What the listeners of a cluster are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ways {
    /// Clients of one log in by SASL.
    pub(crate) log_in: bool,
    /// One has TLS.
    pub(crate) have_tls: bool,
    /// One takes bearer tokens.
    pub(crate) take_tokens: bool,
}

/// What people are told of a setting that is not enforced, if it is one of those and is not at its default.
pub(super) fn instead(
    name: &str,
    raw: &str,
    key: Option<&ConfigKey>,
    started: Started,
) -> Option<&'static str> {
    let base = without_listener(name);
    let is_default =
        |key: &ConfigKey| rule::read(key, raw).is_ok_and(|value| value == Value::default_of(key));
    if key.is_some_and(is_default) || raw.trim().is_empty() {
        return None;
    }
    let plain = base.map_or(name, |base| of_mechanism(base).unwrap_or(base));
    match find(plain) {
        // What is offered, and no other ways to log in.
        Some(("sasl.enabled.mechanisms", _)) if started.ways.log_in => None,
        Some(("ssl.", _)) if started.ways.have_tls => None,
        Some(("sasl.oauthbearer.", _)) if started.ways.take_tokens => None,
        Some((HANDLER | JAAS, _)) if started.ways.take_tokens && acts_on_tokens(name, raw) => None,
        Some(("authorizer.class.name", _)) if raw.trim() == STANDARD => None,
        Some(("super.users" | "allow.everyone.if.no.acl.found", _)) if started.authorizes => None,
        Some((_, instead)) => Some(instead),
        // What acts for all listeners need not act for one.
        None if base.is_some_and(|_| ACT_FOR_ONE.contains(&plain)) => None,
        None => (base.is_some() && key.is_some_and(|key| key.doc.is_some())).then_some(FOR_ALL),
    }
}

/// Whether a setting says how tokens are checked, in a way that there is here: a validator of Kafka's own, or its options.
fn acts_on_tokens(name: &str, raw: &str) -> bool {
    let of_tokens = |name: &str| {
        name.strip_prefix("oauthbearer.")
            .is_some_and(|base| base == HANDLER || base == JAAS)
    };
    let is_named = of_tokens(without_listener(name).unwrap_or(name));
    let raw = raw.trim();
    is_named && (VALIDATORS.contains(&raw) || raw.starts_with(LOGIN_MODULE))
}

/// Whether a setting is one of these, which Kafka's own definitions need not list: an authorizer has its own.
pub(super) fn is_known(name: &str) -> bool {
    find(name).is_some()
}

fn find(name: &str) -> Option<&'static (&'static str, &'static str)> {
    UNENFORCED.iter().find(|(known, _)| {
        if known.ends_with('.') {
            name.starts_with(known)
        } else {
            name == *known
        }
    })
}
