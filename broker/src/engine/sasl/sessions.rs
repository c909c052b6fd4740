//! Sessions of SASL as the cluster keeps them: what passes, and what tokens come to.

use std::sync::Arc;
use std::time::Duration;

use super::Sasl;
use super::aws::Reached;
use super::exchange::Exchange;
use super::known::Known;
use super::outcome::{Failed, Turn};
use super::session::{Gate, Identity, Phase, Session};
use super::verdict::Verdict;
use crate::engine::context::{Call, ConnectionId};
use crate::engine::mechanism::Mechanism;
use crate::engine::outbox::Notice;
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::wire::api::Api;
use crate::wire::units::WallMillis;

/// What came of a token.
#[derive(Debug)]
pub(crate) enum Authenticated {
    /// The answer, and how long the session lasts, in milliseconds; 0 for no end or while it has not begun.
    Goes { token: Vec<u8>, lifetime_ms: i64 },
    /// The client is told why, and the connection closed.
    Refused(String),
    /// The connection is closed at once.
    Broken(String),
}

/// What came of a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shaken {
    /// Tokens may come.
    Hands,
    /// The mechanism is not offered.
    Unsupported,
    /// The same, when the client is to authenticate again: Kafka closes the connection at once.
    Broken,
    /// It is not the time for it.
    NotNow,
}

impl Sasl {
    /// What is to be done with a request of a connection.
    pub(in crate::engine) fn gate(
        &mut self,
        connection: ConnectionId,
        api: Api,
        at: Duration,
    ) -> Gate {
        let session = self.sessions.get_mut(&connection);
        session.map_or(Gate::Passes, |session| session.gate(api, at))
    }

    /// Whether nothing of a connection is looked at any more.
    pub(in crate::engine) fn is_over(&self, connection: ConnectionId) -> bool {
        let session = self.sessions.get(&connection);
        session.is_some_and(|session| matches!(session.phase, Phase::Refused { .. } | Phase::Over))
    }

    /// Serves a client no more. Says whether it had to authenticate.
    pub(in crate::engine) fn refuse(&mut self, connection: ConnectionId, why: &str) -> bool {
        let Some(session) = self.sessions.get_mut(&connection) else {
            return false;
        };
        let why = why.to_owned();
        session.phase = Phase::Refused { why };
        true
    }

    /// A client has its answer. If it says that the client is refused: why its connection is closed now.
    pub(in crate::engine) fn told(&mut self, connection: ConnectionId) -> Option<String> {
        let session = self.sessions.get_mut(&connection)?;
        let Phase::Refused { why } = &mut session.phase else {
            return None;
        };
        let why = std::mem::take(why);
        session.phase = Phase::Over;
        Some(why)
    }

    /// Begins to exchange tokens by a mechanism, if it is one of those that the listener offers.
    pub(in crate::engine) fn shake_hands(
        &mut self,
        call: &Call,
        mechanism: &str,
        offered: &[Mechanism],
    ) -> Shaken {
        let Some(session) = self.sessions.get_mut(&call.connection) else {
            return Shaken::NotNow;
        };
        if matches!(session.phase, Phase::Open) {
            return Shaken::NotNow;
        }
        let mut offered = offered.iter();
        let Some(chosen) = offered.find(|offered| offered.name() == mechanism) else {
            return match session.identity {
                Some(_) => Shaken::Broken,
                None => Shaken::Unsupported,
            };
        };
        let before = session.identity.as_ref().map(|known| known.mechanism);
        session.phase = match before {
            Some(before) if before != *chosen => Phase::OtherMechanism(format!(
                "SASL mechanism '{chosen}' requested by client is not supported for \
                 re-authentication of mechanism '{before}'"
            )),
            _ => Phase::Exchange {
                exchange: Exchange::new(*chosen),
                in_requests: call.version > 0,
            },
        };
        Shaken::Hands
    }

    /// Ends the sessions of a user, and says how many. As for Kafka, the next request closes the connection unless it begins to
    /// authenticate again.
    pub(in crate::engine) fn expire_sessions(&mut self, name: &str) -> usize {
        let is_open = |session: &&mut Session| {
            let known = session.identity.as_ref();
            !session.is_ended && known.is_some_and(|known| known.name == name)
        };
        let ended = self.sessions.values_mut().filter(is_open);
        ended.map(|session| session.is_ended = true).count()
    }

    /// ApiVersions was answered: what comes next is SaslHandshake, if the client has yet to authenticate.
    pub(in crate::engine) fn versions_told(&mut self, connection: ConnectionId) {
        if let Some(session) = self.sessions.get_mut(&connection)
            && matches!(session.phase, Phase::Opening)
        {
            session.phase = Phase::Handshake;
        }
    }

    /// Whether the client of a connection has yet to say who it is.
    pub(in crate::engine) fn is_opening(&self, connection: ConnectionId) -> bool {
        let session = self.sessions.get(&connection);
        session.is_some_and(|session| matches!(session.phase, Phase::Opening))
    }

    /// The client is who it says: its session begins, or goes on. Says for how many milliseconds.
    fn let_in(
        &mut self,
        now: Now,
        call: &Call,
        (mechanism, who): (Mechanism, LoggedIn),
        max_reauth: Duration,
    ) -> Result<LetIn, String> {
        let Some(session) = self.sessions.get_mut(&call.connection) else {
            return Err("its connection is gone".to_owned());
        };
        let LoggedIn {
            name,
            expires,
            by_token,
        } = who;
        if let Some(before) = &session.identity
            && before.name != name
        {
            let before = &before.name;
            return Err(format!(
                "Cannot change principals during re-authentication from User.{before}: User.{name}"
            ));
        }
        let limit = (!max_reauth.is_zero()).then_some(max_reauth);
        let left = expires.map(|expires| left(now, expires));
        let lasts = [limit, left].into_iter().flatten().min();
        let principal: Arc<str> = format!("User:{name}").into();
        let again = session.identity.is_some();
        session.phase = Phase::Open;
        session.is_ended = false;
        session.identity = Some(Identity {
            mechanism,
            name,
            principal: Arc::clone(&principal),
            until: lasts.map(|lasts| now.elapsed.saturating_add(lasts)),
            by_token,
        });
        let millis = |lasts: Duration| i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX);
        Ok(LetIn {
            mechanism: mechanism.name(),
            principal,
            again,
            lasts_ms: lasts.map(millis),
        })
    }
}

/// A client that has logged in, for the journal.
#[derive(Debug)]
pub(in crate::engine) struct LetIn {
    pub(in crate::engine) mechanism: &'static str,
    pub(in crate::engine) principal: Arc<str>,
    /// It had logged in before.
    pub(in crate::engine) again: bool,
    /// For how long, if that ends.
    pub(in crate::engine) lasts_ms: Option<i64>,
}

/// Who a client has proved to be.
struct LoggedIn {
    name: String,
    expires: Option<WallMillis>,
    by_token: bool,
}

/// How long credentials are still good; no time if they are not.
fn left(now: Now, expires: WallMillis) -> Duration {
    let millis = expires.0.saturating_sub(now.wall.0);
    Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

impl State {
    /// Takes a token of a client's; nothing if no tokens are exchanged.
    pub(in crate::engine) fn authenticate(
        &mut self,
        now: Now,
        call: &Call,
        token: &[u8],
    ) -> Option<Authenticated> {
        let session = self.sasl.sessions.get(&call.connection)?;
        let (mechanism, in_requests) = session.exchanged()?;
        let what = session.what();
        let turn = self.take_token(now, call, token)?;
        self.sasl.verdict = Some(Verdict::of(&turn));
        let goes = |token| Authenticated::Goes {
            token,
            lifetime_ms: 0,
        };
        let connection = call.connection;
        Some(match turn {
            Ok(Turn::Challenge(token)) => goes(token),
            Ok(Turn::Refusal {
                token,
                why,
                unknown_key,
            }) => {
                self.missed(now, connection, unknown_key.as_deref());
                self.outbox.push(Notice::LoginRefused { connection, why });
                goes(token)
            }
            Ok(Turn::Done {
                token,
                name,
                expires,
                by_token,
            }) => {
                let who = LoggedIn {
                    name,
                    expires,
                    by_token,
                };
                let max_reauth = self.max_reauth(call.node, connection, mechanism);
                let begun = self.sasl.let_in(now, call, (mechanism, who), max_reauth);
                match begun {
                    Ok(let_in) => {
                        let lifetime_ms = let_in.lasts_ms.unwrap_or_default();
                        self.tell_login(call, let_in);
                        Authenticated::Goes { token, lifetime_ms }
                    }
                    Err(why) => Authenticated::Refused(why),
                }
            }
            Err(Failed::Said(why)) => Authenticated::Refused(why),
            Err(Failed::Masked { said, why }) => {
                self.outbox.push(Notice::LoginRefused { connection, why });
                Authenticated::Refused(said)
            }
            Err(Failed::Hidden(why)) if in_requests => {
                self.outbox.push(Notice::LoginRefused { connection, why });
                Authenticated::Refused(format!(
                    "Authentication failed during {what} due to invalid credentials with SASL mechanism \
                     {mechanism}"
                ))
            }
            // Nobody can be told, so Kafka does not wait.
            Err(Failed::Hidden(why) | Failed::Broken(why)) => Authenticated::Broken(why),
        })
    }

    /// A token is signed by a key that nobody has, if it names one.
    #[cfg(feature = "oauth")]
    fn missed(&mut self, now: Now, connection: ConnectionId, key: Option<&str>) {
        if let Some(key) = key {
            self.miss_key(now, connection, key);
        }
    }

    /// Nothing that is signed is checked.
    #[cfg(not(feature = "oauth"))]
    const fn missed(&self, _: Now, _: ConnectionId, _: Option<&str>) {}

    /// What a client's token comes to; nothing if no tokens are exchanged.
    fn take_token(&mut self, now: Now, call: &Call, token: &[u8]) -> Option<Result<Turn, Failed>> {
        let hosts = self.broker_hosts(&call.dialled_host);
        let listener = self.listeners.id_of(call.connection);
        let policies = Some(&self.policies).filter(|policies| !policies.is_empty());
        let sasl = &mut self.sasl;
        let session = sasl.sessions.get_mut(&call.connection)?;
        let Phase::Exchange { exchange, .. } = &mut session.phase else {
            return None;
        };
        Some(if sasl.tokens_are_verdicts {
            Verdict::of_token(token).turn()
        } else {
            let reached = Reached {
                now: now.wall,
                hosts: &hosts,
                policies,
            };
            let known = Known {
                users: &sasl.users,
                tokens: &self.tokens,
                aws: &sasl.aws,
                validator: sasl.validators.get(&listener),
                reached,
            };
            exchange.take(token, known, &mut sasl.rng)
        })
    }
}
