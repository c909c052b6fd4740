//! Who a client says that it is before it has proved that: what fault rules about log-ins go by.

use std::sync::Arc;

use serde_json::Value;

use super::aws::Form;
use super::exchange::Exchange;
use super::messages::ClientFirst;
use super::oauth::{self, Validator};
use super::verdict::Verdict;
use crate::engine::context::{Call, ConnectionId};
use crate::engine::input::Input;
use crate::engine::state::State;
use crate::wire::apis::Request;

/// A log-in under way.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Login {
    /// Who the client says that it is, if the request tells.
    pub(in crate::engine) principal: Option<Arc<str>>,
    /// What Kafka calls the mechanism.
    pub(in crate::engine) mechanism: Option<String>,
}

impl State {
    /// What a request says of a log-in; nothing of any but SaslHandshake and SaslAuthenticate.
    pub(in crate::engine) fn login(&self, call: &Call, request: Option<&Request>) -> Login {
        match request {
            Some(Request::SaslHandshake(request)) => Login {
                principal: None,
                mechanism: Some(request.mechanism.to_string()),
            },
            Some(Request::SaslAuthenticate(request)) => {
                let named = self.claimed(call.connection, &request.auth_bytes);
                Login {
                    principal: named.map(|name| format!("User:{name}").into()),
                    mechanism: self.sasl.exchanged(call.connection),
                }
            }
            _ => Login::default(),
        }
    }

    /// Who an input says that its sender is, for a recording, which has no tokens.
    pub(crate) fn claimed_by(&self, input: &Input) -> Option<String> {
        let Input::Request(call, Request::SaslAuthenticate(request)) = input else {
            return None;
        };
        self.claimed(call.connection, &request.auth_bytes)
    }

    fn claimed(&self, connection: ConnectionId, token: &[u8]) -> Option<String> {
        if self.sasl.tokens_are_verdicts {
            return Verdict::claims_in(token);
        }
        match self.sasl.exchange(connection)? {
            Exchange::Plain => {
                let text = str::from_utf8(token).ok()?;
                text.split('\0').nth(1).map(str::to_owned)
            }
            Exchange::Scram(server) => server.name().map(str::to_owned).or_else(|| {
                let first = ClientFirst::parse(token)?;
                if first.is_by_token() {
                    let token = self.tokens.get(&first.name)?;
                    return Some(token.owner_name().to_owned());
                }
                Some(first.name)
            }),
            Exchange::OAuthBearer(_) => self.bearer(connection, token),
            Exchange::AwsMskIam => self.signer(Form::Payload, token),
        }
    }

    /// Whom a bearer token speaks of, or who has signed one of AWS's.
    fn bearer(&self, connection: ConnectionId, sent: &[u8]) -> Option<String> {
        let token = oauth::token_in(sent)?;
        if let Some(signer) = self.signer(Form::Token, token.as_bytes()) {
            return Some(signer);
        }
        let listener = self.listeners.id_of(connection);
        let claim = match self.sasl.validators.get(&listener)? {
            Validator::Unsecured(rules) => &rules.principal_claim,
            #[cfg(feature = "oauth")]
            Validator::Secured(rules) => &rules.subject_claim,
        };
        let claims = oauth::unverified(&token)?;
        claims.get(claim).and_then(Value::as_str).map(str::to_owned)
    }

    fn signer(&self, form: Form, sent: &[u8]) -> Option<String> {
        let id = self.sasl.aws.key_named(form, sent)?;
        let key = self.sasl.aws.keys.get(&id)?;
        Some(key.arn.clone())
    }
}
