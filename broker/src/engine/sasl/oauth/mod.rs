//! OAUTHBEARER: tokens that say who somebody is, as Kafka's validators check them.

#[cfg(feature = "oauth")]
mod grant;
mod initial;
#[cfg(feature = "oauth")]
mod issuer;
#[cfg(feature = "oauth")]
mod jose;
mod json;
#[cfg(feature = "oauth")]
mod jwks;
#[cfg(feature = "oauth")]
mod key_sets;
#[cfg(feature = "oauth")]
mod refreshing;
#[cfg(feature = "oauth")]
mod secured;
pub(crate) mod settings;
#[cfg(test)]
mod tests;
mod unsecured;

#[cfg(feature = "oauth")]
pub(crate) use grant::{Asked, CLIENT_CREDENTIALS, Oauth};
#[cfg(all(feature = "control", feature = "oauth"))]
pub(crate) use grant::{Granted, NotGranted, TOKEN_EXCHANGE};
#[cfg(feature = "oauth")]
pub(crate) use issuer::Issuer;
#[cfg(feature = "oauth")]
pub(crate) use jwks::Jwks;
#[cfg(feature = "oauth")]
pub(crate) use key_sets::{KeySets, Source};
#[cfg(feature = "oauth")]
pub(crate) use secured::Secured;
pub(crate) use settings::checks;
pub(crate) use unsecured::Unsecured;

use super::aws::{Aws, Form, Reached, is_url};
use super::outcome::{Failed, Turn};
use crate::engine::rng::Rng;
use crate::wire::units::WallMillis;
use initial::ClientInitial;

/// Which of the sets of keys that come over HTTP, by its place among them.
pub(crate) type SourceId = usize;

/// There is no token endpoint without the feature.
#[cfg(not(feature = "oauth"))]
#[derive(Debug, Clone)]
pub(crate) enum Oauth {}

/// By what tokens are checked.
#[derive(Debug, Clone)]
pub(crate) enum Validator {
    /// `OAuthBearerUnsecuredValidatorCallbackHandler`, Kafka's default.
    Unsecured(Unsecured),
    /// `OAuthBearerValidatorCallbackHandler`.
    #[cfg(feature = "oauth")]
    Secured(Secured),
}

impl Default for Validator {
    fn default() -> Self {
        Self::Unsecured(Unsecured::default())
    }
}

/// Whom a token speaks of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) expires: WallMillis,
}

/// Why a token is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Invalid(String),
    /// It is signed by a key that is not known.
    #[cfg(feature = "oauth")]
    UnknownKey {
        id: String,
        why: String,
    },
    /// It does not say enough of what its bearer may do.
    Scope {
        required: String,
        why: String,
    },
    /// Kafka fails.
    Broken(String),
}

impl Validator {
    /// Who brings a token.
    ///
    /// # Errors
    /// It is not taken.
    pub(crate) fn subject(&self, token: &str, now: WallMillis) -> Result<Subject, Refused> {
        match self {
            Self::Unsecured(rules) => rules.subject(token, now),
            #[cfg(feature = "oauth")]
            Self::Secured(rules) => rules.subject(token, now),
        }
    }
}

/// The broker's side of one exchange.
#[derive(Debug)]
pub(super) struct Server {
    /// What the client was told of its token, and what is behind it.
    told: Option<(String, String)>,
}

/// By what a token may be judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judges<'a> {
    pub(super) validator: Option<&'a Validator>,
    pub(super) aws: &'a Aws,
    pub(super) reached: Reached<'a>,
}

impl Server {
    pub(super) const fn new() -> Self {
        Self { told: None }
    }

    /// Takes a message of the client's: its token, or that it has heard of the failure.
    pub(super) fn take(
        &mut self,
        sent: &[u8],
        judges: Judges<'_>,
        rng: &mut Rng,
    ) -> Result<Turn, Failed> {
        let told = self.told.take();
        if let (Some((said, why)), [1]) = (told, sent) {
            return Err(Failed::Masked { said, why });
        }
        let initial = ClientInitial::parse(sent)?;
        let token = initial.token.as_str();
        let Some(validator) = judges.validator.filter(|_| !judges.is_for_aws(token)) else {
            let (reached, token) = (judges.reached, token.as_bytes());
            return judges.aws.answer(Form::Token, token, reached, rng);
        };
        let invalid = || r#"{"status":"invalid_token"}"#.to_owned();
        let (said, why, unknown_key) = match validator.subject(token, judges.reached.now) {
            Ok(subject) => return let_in(&initial.acts_as, subject),
            Err(Refused::Invalid(why)) => (invalid(), why, None),
            #[cfg(feature = "oauth")]
            Err(Refused::UnknownKey { id, why }) => (invalid(), why, Some(id)),
            Err(Refused::Scope { required, why }) => {
                let said = format!(r#"{{"status":"insufficient_scope", "scope":"{required}"}}"#);
                (said, why, None)
            }
            Err(Refused::Broken(why)) => return Err(Failed::Broken(why)),
        };
        self.told = Some((said.clone(), why.clone()));
        Ok(Turn::Refusal {
            token: said.into_bytes(),
            why,
            unknown_key,
        })
    }
}

impl Judges<'_> {
    /// Whether a token is one of AWS's signers, and there are keys to verify it.
    fn is_for_aws(&self, token: &str) -> bool {
        !self.aws.keys.is_empty() && is_url(token)
    }
}

/// The token in what a client sends first.
pub(super) fn token_in(sent: &[u8]) -> Option<String> {
    let initial = ClientInitial::parse(sent).ok()?;
    Some(initial.token)
}

/// What a token claims, whoever has signed it.
pub(super) fn unverified(token: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    let claims = token.split('.').nth(1)?;
    json::jackson_object(&json::java_base64(claims)?)
}

fn let_in(acts_as: &str, subject: Subject) -> Result<Turn, Failed> {
    let Subject { name, expires } = subject;
    if !acts_as.is_empty() && acts_as != name {
        return Err(Failed::Said(format!(
            "Authentication failed: Client requested an authorization id ({acts_as}) that is different from the token's \
             principal name ({name})"
        )));
    }
    Ok(Turn::Done {
        token: Vec::new(),
        name,
        expires: Some(expires),
        by_token: false,
    })
}
