//! Broker settings of authentication and encryption.

use super::super::key::{ConfigKey, ConfigType};

/// Principals and TLS.
pub(super) const TLS: &[ConfigKey] = &[
    ConfigKey::long("connections.max.reauth.ms", "0")
        .doc("How long an authenticated connection may go without authenticating again."),
    ConfigKey::int("sasl.server.max.receive.size", "524288")
        .doc("The largest request that is read before authentication."),
    ConfigKey::unset("security.providers", ConfigType::String),
    ConfigKey::class(
        "principal.builder.class",
        "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
    )
    .per_broker(),
    ConfigKey::string("ssl.client.auth", "none")
        .one_of(&["required", "requested", "none"])
        .per_broker(),
    ConfigKey::string("ssl.principal.mapping.rules", "DEFAULT"),
    ConfigKey::boolean("ssl.allow.dn.changes", "false"),
    ConfigKey::boolean("ssl.allow.san.changes", "false"),
    ConfigKey::string("ssl.protocol", "TLSv1.3").per_broker(),
    ConfigKey::unset("ssl.provider", ConfigType::String).per_broker(),
    ConfigKey::list("ssl.enabled.protocols", "TLSv1.2,TLSv1.3")
        .elements(&[])
        .per_broker(),
    ConfigKey::string("ssl.keystore.type", "JKS").per_broker(),
    ConfigKey::unset("ssl.keystore.location", ConfigType::String).per_broker(),
    ConfigKey::unset("ssl.keystore.password", ConfigType::Password).per_broker(),
    ConfigKey::unset("ssl.key.password", ConfigType::Password).per_broker(),
    ConfigKey::unset("ssl.keystore.key", ConfigType::Password).per_broker(),
    ConfigKey::unset("ssl.keystore.certificate.chain", ConfigType::Password).per_broker(),
    ConfigKey::string("ssl.truststore.type", "JKS").per_broker(),
    ConfigKey::unset("ssl.truststore.location", ConfigType::String).per_broker(),
    ConfigKey::unset("ssl.truststore.password", ConfigType::Password).per_broker(),
    ConfigKey::unset("ssl.truststore.certificates", ConfigType::Password).per_broker(),
    ConfigKey::string("ssl.keymanager.algorithm", "SunX509").per_broker(),
    ConfigKey::string("ssl.trustmanager.algorithm", "PKIX").per_broker(),
    ConfigKey::string("ssl.endpoint.identification.algorithm", "https").per_broker(),
    ConfigKey::unset("ssl.secure.random.implementation", ConfigType::String).per_broker(),
    ConfigKey::list("ssl.cipher.suites", "")
        .elements(&[])
        .per_broker(),
    ConfigKey::unset("ssl.engine.factory.class", ConfigType::Class).per_broker(),
];

/// SASL and delegation tokens.
pub(super) const SASL: &[ConfigKey] = &[
    ConfigKey::string("sasl.mechanism.inter.broker.protocol", "GSSAPI").per_broker(),
    ConfigKey::list("sasl.enabled.mechanisms", "GSSAPI")
        .elements(&[])
        .per_broker()
        .doc("The SASL mechanisms that are offered."),
    ConfigKey::unset("sasl.server.callback.handler.class", ConfigType::Class),
    ConfigKey::list("sasl.kerberos.principal.to.local.rules", "DEFAULT")
        .elements(&[])
        .per_broker(),
    ConfigKey::unset("sasl.jaas.config", ConfigType::Password).per_broker(),
    ConfigKey::unset("sasl.client.callback.handler.class", ConfigType::Class),
    ConfigKey::unset("sasl.login.class", ConfigType::Class),
    ConfigKey::unset("sasl.login.callback.handler.class", ConfigType::Class),
    ConfigKey::unset("sasl.kerberos.service.name", ConfigType::String).per_broker(),
    ConfigKey::string("sasl.kerberos.kinit.cmd", "/usr/bin/kinit").per_broker(),
    ConfigKey::double("sasl.kerberos.ticket.renew.window.factor", "0.8").per_broker(),
    ConfigKey::double("sasl.kerberos.ticket.renew.jitter", "0.05").per_broker(),
    ConfigKey::long("sasl.kerberos.min.time.before.relogin", "60000").per_broker(),
    ConfigKey::double("sasl.login.refresh.window.factor", "0.8").per_broker(),
    ConfigKey::double("sasl.login.refresh.window.jitter", "0.05").per_broker(),
    ConfigKey::short("sasl.login.refresh.min.period.seconds", "60").per_broker(),
    ConfigKey::short("sasl.login.refresh.buffer.seconds", "300").per_broker(),
    ConfigKey::unset("sasl.login.connect.timeout.ms", ConfigType::Int),
    ConfigKey::unset("sasl.login.read.timeout.ms", ConfigType::Int),
    ConfigKey::long("sasl.login.retry.backoff.max.ms", "10000"),
    ConfigKey::long("sasl.login.retry.backoff.ms", "100"),
    ConfigKey::class(
        "sasl.oauthbearer.jwt.retriever.class",
        "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever",
    ),
    ConfigKey::class(
        "sasl.oauthbearer.jwt.validator.class",
        "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator",
    ),
    ConfigKey::unset("sasl.oauthbearer.scope", ConfigType::String),
    ConfigKey::unset(
        "sasl.oauthbearer.client.credentials.client.id",
        ConfigType::String,
    ),
    ConfigKey::unset(
        "sasl.oauthbearer.client.credentials.client.secret",
        ConfigType::Password,
    ),
    ConfigKey::string("sasl.oauthbearer.assertion.algorithm", "RS256")
        .one_of_any_case(&["ES256", "RS256"]),
    ConfigKey::unset("sasl.oauthbearer.assertion.claim.aud", ConfigType::String),
    ConfigKey::int("sasl.oauthbearer.assertion.claim.exp.seconds", "300").between(0, 86400),
    ConfigKey::unset("sasl.oauthbearer.assertion.claim.iss", ConfigType::String),
    ConfigKey::boolean("sasl.oauthbearer.assertion.claim.jti.include", "false"),
    ConfigKey::int("sasl.oauthbearer.assertion.claim.nbf.seconds", "60").between(0, 3600),
    ConfigKey::unset("sasl.oauthbearer.assertion.claim.sub", ConfigType::String),
    ConfigKey::unset("sasl.oauthbearer.assertion.file", ConfigType::String),
    ConfigKey::unset(
        "sasl.oauthbearer.assertion.private.key.file",
        ConfigType::String,
    ),
    ConfigKey::unset(
        "sasl.oauthbearer.assertion.private.key.passphrase",
        ConfigType::Password,
    ),
    ConfigKey::unset(
        "sasl.oauthbearer.assertion.template.file",
        ConfigType::String,
    ),
    ConfigKey::string("sasl.oauthbearer.scope.claim.name", "scope"),
    ConfigKey::string("sasl.oauthbearer.sub.claim.name", "sub"),
    ConfigKey::unset("sasl.oauthbearer.token.endpoint.url", ConfigType::String),
    ConfigKey::unset("sasl.oauthbearer.jwks.endpoint.url", ConfigType::String),
    ConfigKey::long("sasl.oauthbearer.jwks.endpoint.refresh.ms", "3600000"),
    ConfigKey::long("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", "100"),
    ConfigKey::long(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
        "10000",
    ),
    ConfigKey::int("sasl.oauthbearer.clock.skew.seconds", "30"),
    ConfigKey::boolean("sasl.oauthbearer.allow.unverified.audience", "false"),
    ConfigKey::list("sasl.oauthbearer.expected.audience", "").elements(&[]),
    ConfigKey::boolean("sasl.oauthbearer.allow.unverified.issuer", "false"),
    ConfigKey::unset("sasl.oauthbearer.expected.issuer", ConfigType::String),
    ConfigKey::unset("delegation.token.secret.key", ConfigType::Password)
        .doc("The key that delegation tokens are signed with; without one there are none."),
    ConfigKey::long("delegation.token.max.lifetime.ms", "604800000")
        .at_least(1)
        .doc("How long a delegation token can be renewed."),
    ConfigKey::long("delegation.token.expiry.time.ms", "86400000")
        .at_least(1)
        .doc("How long a delegation token is good for unless it is renewed."),
    ConfigKey::long("delegation.token.expiry.check.interval.ms", "3600000")
        .at_least(1)
        .doc("How often expired delegation tokens are removed."),
];
