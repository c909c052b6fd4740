//! What a connection has proved of its client, and what it may send next.

use std::sync::Arc;
use std::time::Duration;

use super::exchange::Exchange;
use crate::engine::mechanism::Mechanism;
use crate::wire::api::Api;

/// How soon a client may begin to authenticate again after it did so last (KIP-368).
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A connection on a listener with SASL.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) phase: Phase,
    /// Who the client is, once it has proved that.
    pub(super) identity: Option<Identity>,
    /// A test had its session end.
    pub(super) is_ended: bool,
    /// When it last began to authenticate again.
    pub(super) began_again: Option<Duration>,
}

#[derive(Debug, Default)]
pub(super) enum Phase {
    /// Nothing has come that counts: ApiVersions or SaslHandshake may.
    #[default]
    Opening,
    /// ApiVersions was answered.
    Handshake,
    /// Tokens are exchanged: as they are after SaslHandshake v0, in SaslAuthenticate after v1.
    Exchange {
        exchange: Exchange,
        in_requests: bool,
    },
    /// The client began to authenticate again by another mechanism: the next it sends is refused.
    OtherMechanism(String),
    /// Authenticated: every request is served.
    Open,
    /// Refused, and closed as soon as that is said.
    Refused { why: String },
    /// Nothing is looked at any more.
    Over,
}

/// Who a client is.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) mechanism: Mechanism,
    pub(super) name: String,
    pub(super) principal: Arc<str>,
    /// Until when, if it has to authenticate again.
    pub(super) until: Option<Duration>,
    /// It has logged in by a delegation token.
    pub(super) by_token: bool,
}

/// What the shell may read of a connection next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Any request.
    Requests,
    /// A request of authentication, which is small.
    Authentication,
    /// A token without a request around it.
    Token,
}

/// What is to be done with a request.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine) enum Gate {
    Passes,
    /// The connection is closed at once.
    Close(String),
    /// The client is told, after the delay of failed authentications, and then the connection is closed.
    Refuse(String),
    /// The connection is closed after that delay.
    RefuseInSilence(String),
}

impl Session {
    /// The mechanism by which tokens are exchanged, if they are, and whether that is in requests.
    pub(super) const fn exchanged(&self) -> Option<(Mechanism, bool)> {
        match &self.phase {
            Phase::Exchange {
                exchange,
                in_requests,
            } => Some((exchange.mechanism(), *in_requests)),
            Phase::Opening
            | Phase::Handshake
            | Phase::OtherMechanism(_)
            | Phase::Open
            | Phase::Refused { .. }
            | Phase::Over => None,
        }
    }

    pub(super) const fn reads(&self) -> Reads {
        match self.phase {
            Phase::Open => Reads::Requests,
            Phase::Exchange {
                in_requests: false, ..
            } => Reads::Token,
            Phase::Opening
            | Phase::Handshake
            | Phase::Exchange { .. }
            | Phase::OtherMechanism(_)
            | Phase::Refused { .. }
            | Phase::Over => Reads::Authentication,
        }
    }

    /// Whether a request may be done now, as Kafka's `SaslServerAuthenticator` and its socket server see
    /// it. Its handler is yet to look at what it says.
    pub(super) fn gate(&mut self, api: Api, at: Duration) -> Gate {
        match &self.phase {
            Phase::Open if api == Api::SaslHandshake && self.may_begin_again(at) => {
                self.began_again = Some(at);
                self.phase = Phase::Handshake;
                Gate::Passes
            }
            Phase::Open if self.is_ended => {
                Gate::Close("its session was expired: it is to authenticate again".to_owned())
            }
            Phase::Open if self.has_expired(at) => {
                Gate::Close("it was to authenticate again before its session ended".to_owned())
            }
            Phase::Open => Gate::Passes,
            Phase::Opening if matches!(api, Api::ApiVersions | Api::SaslHandshake) => Gate::Passes,
            Phase::Handshake if api == Api::SaslHandshake => Gate::Passes,
            Phase::Handshake if api == Api::ApiVersions => {
                Gate::Close("a second ApiVersions before SaslHandshake".to_owned())
            }
            Phase::Opening | Phase::Handshake => Gate::Close(unexpected(api, "handshake")),
            Phase::Exchange { .. } if api == Api::SaslAuthenticate => Gate::Passes,
            Phase::Exchange { .. } => Gate::Refuse(unexpected(api, "authentication")),
            Phase::OtherMechanism(why) => Gate::RefuseInSilence(why.clone()),
            Phase::Refused { why } => Gate::Close(why.clone()),
            Phase::Over => Gate::Close("it is closed already".to_owned()),
        }
    }

    /// Only where sessions end, and not twice within a second.
    fn may_begin_again(&self, at: Duration) -> bool {
        let ends = self
            .identity
            .as_ref()
            .is_some_and(|known| known.until.is_some());
        let waited = |began: Duration| at.saturating_sub(began) >= AGAIN_AFTER;
        ends && self.began_again.is_none_or(waited)
    }

    fn has_expired(&self, at: Duration) -> bool {
        let until = self.identity.as_ref().and_then(|known| known.until);
        until.is_some_and(|until| at > until)
    }

    /// What is going on, as Kafka calls it.
    pub(super) const fn what(&self) -> &'static str {
        if self.identity.is_some() {
            "re-authentication"
        } else {
            "authentication"
        }
    }
}

fn unexpected(api: Api, during: &str) -> String {
    let api = constant_name(api);
    format!("Unexpected Kafka request of type {api} during SASL {during}.")
}

/// An API's name as Kafka's constant for it.
fn constant_name(api: Api) -> String {
    let mut name = String::new();
    for c in api.name().chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name
}
