//! What the token endpoint gives to whom: the grants that Kafka's clients ask for.

use serde_json::{Map, Value};

use super::issuer::ISSUER;
use super::{Issuer, Jwks, Refused, Secured};
use crate::engine::sasl::users::Users;
use crate::engine::state::State;
use crate::wire::units::WallMillis;

/// What the endpoint goes by.
#[derive(Debug, Clone)]
pub(crate) struct Oauth {
    /// For how long a token is good.
    pub(crate) lifetime_s: i64,
    /// Whose tokens and assertions are taken in exchange, beside the cluster's own.
    pub(crate) trusted: Jwks,
}

/// What a client asks for (RFC 6749, RFC 7523, RFC 8693).
#[derive(Clone, Default)]
pub(crate) struct Asked {
    pub(crate) grant: String,
    /// The client, with its secret.
    pub(crate) client: Option<(String, String)>,
    /// The JWT that is to be exchanged, or by which the client says who it is.
    pub(crate) assertion: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) audiences: Vec<String>,
}

/// A token that was given.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) token: String,
    pub(crate) expires_in_s: i64,
    pub(crate) scope: Option<String>,
}

/// Why none is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotGranted {
    /// By RFC 6749.
    pub(crate) error: &'static str,
    pub(crate) why: String,
}

pub(crate) const CLIENT_CREDENTIALS: &str = "client_credentials";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
pub(crate) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// How far the clock of whoever signed an assertion may be off.
const SKEW_S: i64 = 30;

impl Oauth {
    /// A token for whom the client says that it is, if that is true.
    ///
    /// # Errors
    /// It is not, or asks for what there is not.
    pub(crate) fn grant(
        &self,
        (seed, users): (u64, &Users),
        asked: &Asked,
        now: WallMillis,
    ) -> Result<Granted, NotGranted> {
        let is_known = match &asked.client {
            Some((name, password)) => users.has_password(name, password),
            None => asked.grant != CLIENT_CREDENTIALS,
        };
        if !is_known {
            let why = "there is no user of that name and password; add one with --sasl USER:PASSWORD or fauxka user add";
            return Err(NotGranted::new("invalid_client", why));
        }
        let issuer = Issuer::of(seed);
        let subject = match asked.grant.as_str() {
            CLIENT_CREDENTIALS => asked.client.as_ref().map(|(name, _)| name.clone()),
            JWT_BEARER | TOKEN_EXCHANGE => {
                let assertion = asked.assertion.as_deref();
                let assertion = assertion.ok_or_else(|| {
                    let why = "the JWT is missing: assertion, or subject_token";
                    NotGranted::new("invalid_request", why)
                })?;
                Some(self.subject(&issuer, assertion, now)?)
            }
            other => {
                let why = format!(
                    "{other:?} is not offered: there are {CLIENT_CREDENTIALS}, {JWT_BEARER} and {TOKEN_EXCHANGE}"
                );
                return Err(NotGranted::new("unsupported_grant_type", &why));
            }
        };
        let subject = subject.unwrap_or_default();
        let claims = self.claims(asked, &subject, now);
        Ok(Granted {
            token: issuer.sign(&claims),
            expires_in_s: self.lifetime_s,
            scope: asked.scope.clone(),
        })
    }

    /// Of whom a JWT speaks that somebody trusted has signed.
    fn subject(&self, issuer: &Issuer, jwt: &str, now: WallMillis) -> Result<String, NotGranted> {
        let mut keys = issuer.keys();
        keys.extend(&self.trusted);
        let rules = Secured {
            audiences: Vec::new(),
            issuer: None,
            clock_skew_s: SKEW_S,
            scope_claim: "scope".to_owned(),
            subject_claim: "sub".to_owned(),
            keys,
            set: None,
        };
        let known = rules.subject(jwt, now).map_err(|refused| {
            let why = match refused {
                Refused::Invalid(why)
                | Refused::Broken(why)
                | Refused::UnknownKey { why, .. }
                | Refused::Scope { why, .. } => why,
            };
            let why =
                format!("{why}; keys that sign such tokens are given with --oauth-trust FILE");
            NotGranted::new("invalid_grant", &why)
        })?;
        Ok(known.name)
    }

    fn claims(&self, asked: &Asked, subject: &str, now: WallMillis) -> Map<String, Value> {
        let now_s = now.0.div_euclid(1000);
        let mut claims = Map::new();
        let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        claim("iss", ISSUER.into());
        claim("sub", subject.into());
        claim("iat", now_s.into());
        claim("exp", now_s.saturating_add(self.lifetime_s).into());
        match asked.audiences.as_slice() {
            [] => None,
            [only] => claim("aud", only.as_str().into()),
            several => claim("aud", several.to_vec().into()),
        };
        if let Some(scope) = &asked.scope {
            claim("scope", scope.as_str().into());
        }
        claims
    }
}

impl NotGranted {
    fn new(error: &'static str, why: &str) -> Self {
        Self {
            error,
            why: why.to_owned(),
        }
    }
}

impl State {
    /// A token for whom a client says that it is, if that is true.
    ///
    /// # Errors
    /// It is not, or the cluster gives out none.
    pub(crate) fn grant(&self, asked: &Asked, now: WallMillis) -> Result<Granted, NotGranted> {
        let Some(oauth) = &self.sasl.oauth else {
            let why = "the cluster gives out no tokens: start it with --oauth";
            return Err(NotGranted::new("invalid_request", why));
        };
        oauth.grant((self.seed(), &self.sasl.users), asked, now)
    }
}
