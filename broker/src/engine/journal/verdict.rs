//! How an answer becomes the row of its request.

use bytes::Bytes;

use super::explained::explain;
use super::{Applied, Body, Event, Exchange, Failure, Journal, Outcome, Waiting, errors, fetched};
use crate::engine::cluster::Cluster;
use crate::engine::context::{ConnectionId, Effect, Effects};
use crate::engine::secrets;
use crate::engine::time::Now;
use crate::wire::apis::Response;
use crate::wire::rope::RopeMut;

/// What became of a request.
pub(super) struct Verdict {
    outcome: Outcome,
    /// How much of it is done, if the answer says so; else what was noted before counts.
    applied: Option<Applied>,
    errors: Vec<Failure>,
    response: Option<Bytes>,
}

impl Verdict {
    const fn answered(
        applied: Option<Applied>,
        errors: Vec<Failure>,
        response: Option<Bytes>,
    ) -> Self {
        Self {
            outcome: Outcome::Answered,
            applied,
            errors,
            response,
        }
    }

    pub(super) const fn unanswered(outcome: Outcome) -> Self {
        Self {
            outcome,
            applied: None,
            errors: Vec::new(),
            response: None,
        }
    }
}

impl Journal {
    /// Notes what the broker itself answers, before rules change that.
    pub(crate) fn judged(&mut self, effect: &Effect, cluster: &Cluster) {
        match effect {
            Effect::Reply {
                connection,
                response,
            } => {
                let (_, applied) = errors::errors(response, cluster);
                self.applied(*connection, applied);
            }
            // What is in the log without an answer has been noted.
            Effect::Nothing { .. } | Effect::Encoded { .. } | Effect::Close { .. } => {}
        }
    }

    /// Writes the rows of the requests that are being answered. Answers whose request has its row
    /// already are passed over.
    pub(in crate::engine) fn answered(&mut self, now: Now, cluster: &Cluster, effects: &Effects) {
        let bodies = self.settings.rows > 0 && self.settings.bodies;
        for effect in &effects.0 {
            match effect {
                Effect::Reply {
                    connection,
                    response,
                } => {
                    let judge = |waiting: &Waiting| {
                        let (found, applied) = errors::errors(response, cluster);
                        #[cfg(test)]
                        if let Some(body) = body_of(waiting.version, response) {
                            let (api, version) = (waiting.api, waiting.version);
                            let seen = errors::errors_in(api, version, &body, cluster);
                            assert_eq!(found, seen, "{api} v{version}");
                        }
                        let body = bodies.then(|| body_of(waiting.version, response)).flatten();
                        let asked = (waiting.api, waiting.version);
                        let body = body.map(|body| secrets::response(asked, &body));
                        Verdict::answered(Some(applied), found, body)
                    };
                    let fetched = fetched::bytes(response);
                    self.conclude(now, *connection, judge, fetched);
                }
                Effect::Encoded { connection, body } => {
                    let judge = |waiting: &Waiting| {
                        let (api, version) = (waiting.api, waiting.version);
                        let found = errors::errors_in(api, version, body, cluster);
                        // Rules wrote it; what the broker itself did was noted before.
                        Verdict::answered(
                            None,
                            found,
                            bodies.then(|| secrets::response((api, version), body)),
                        )
                    };
                    self.conclude(now, *connection, judge, None);
                }
                Effect::Nothing { connection } => {
                    let judge = |_: &Waiting| Verdict::unanswered(Outcome::Unanswered);
                    self.conclude(now, *connection, judge, None);
                }
                Effect::Close { connection, reason } => {
                    let why = reason.clone();
                    let outcome = Outcome::Disconnected { why };
                    let judge = |_: &Waiting| Verdict::unanswered(outcome);
                    self.conclude(now, *connection, judge, None);
                }
            }
        }
    }

    /// Writes the row of the request that a connection waits for.
    pub(super) fn conclude(
        &mut self,
        now: Now,
        connection: ConnectionId,
        judge: impl FnOnce(&Waiting) -> Verdict,
        fetched_bytes: Option<usize>,
    ) {
        let Some(known) = self.connections.get_mut(&connection) else {
            return;
        };
        let Some(waiting) = known.waiting.take() else {
            return;
        };
        let Verdict {
            outcome,
            applied,
            mut errors,
            response,
        } = judge(&waiting);
        let applied = applied.or(waiting.applied).unwrap_or(Applied::No);
        let applied = applied.at_most(waiting.most);
        explain(&mut errors, waiting.explained);
        let (api, version) = (waiting.api, waiting.version);
        let body = |is_request| {
            move |bytes| Body {
                api,
                version,
                is_request,
                bytes,
            }
        };
        let waited = now.elapsed.saturating_sub(waiting.arrived.elapsed);
        let exchange = Exchange {
            node: known.node,
            connection: connection.0,
            client_id: known.client_id.clone().unwrap_or_default(),
            principal: waiting.principal,
            software: known.software.clone(),
            api,
            version: waiting.asked,
            correlation_id: waiting.correlation_id,
            keys: waiting.keys,
            outcome,
            applied,
            errors,
            denied: waiting.denied,
            fetched_bytes,
            waited_ms: u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
            throttled_ms: waiting.throttled_ms,
            rule: waiting.rule,
            departed: known.departed,
            request: waiting.body.map(body(true)),
            response: response.map(body(false)),
        };
        self.counts.request(&exchange);
        self.push(now, Event::Request(exchange));
    }
}

/// The answer as it is sent, without its header.
fn body_of(version: i16, response: &Response) -> Option<Bytes> {
    let mut bytes = RopeMut::default();
    // What cannot be encoded ends the connection, which the journal says.
    response.clone().encode(version, &mut bytes).ok()?;
    Some(bytes.freeze().to_bytes())
}
