//! Clients that may not be served before they have authenticated, and those who failed to.

use std::collections::BTreeMap;

use super::{Passage, PassageTimer};
use crate::engine::context::{Call, ConnectionId, Effect, Effects};
use crate::engine::fault;
use crate::engine::sasl::{Authenticated, Gate};
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::wire::apis::Request;
use crate::wire::error::ErrorCode;

/// What refused clients are yet to be told.
#[derive(Debug, Default)]
pub(super) struct Refusals(BTreeMap<ConnectionId, (Box<Call>, Effect)>);

impl Refusals {
    /// Whose connections wait to be told that they are refused.
    pub(super) fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.0.keys().copied()
    }

    pub(super) fn has(&self, connection: ConnectionId) -> bool {
        self.0.contains_key(&connection)
    }

    pub(super) fn forget(&mut self, connection: ConnectionId) {
        self.0.remove(&connection);
    }
}

impl Passage {
    /// Turns a request away that may not be done before its client has authenticated. Says whether it
    /// did.
    pub(super) fn turned_away(
        &mut self,
        state: &mut State,
        now: Now,
        (call, request): (&Call, &Request),
        effects: &mut Effects,
    ) -> bool {
        let connection = call.connection;
        let at = call.arrived.elapsed;
        match state.sasl.gate(connection, request.api(), at) {
            Gate::Passes => return false,
            Gate::Close(reason) => effects.0.push(Effect::Close { connection, reason }),
            Gate::RefuseInSilence(why) => self.refuse(state, now, (call, None), why, effects),
            Gate::Refuse(why) => {
                let code = ErrorCode::IllegalSaslState;
                let api = request.api();
                let answer = fault::error_answer(&state.cluster, (api, call), code, &why);
                self.refuse(state, now, (call, answer), why, effects);
            }
        }
        true
    }

    /// Refuses a client: after the delay of failed authentications it hears `answer`, if anything, and
    /// the connection is closed.
    pub(in crate::engine) fn refuse(
        &mut self,
        state: &mut State,
        now: Now,
        (call, answer): (&Call, Option<Effect>),
        why: String,
        effects: &mut Effects,
    ) {
        let connection = call.connection;
        if !state.sasl.refuse(connection, &why) {
            effects.0.extend(answer);
            return;
        }
        let reason = why;
        let effect = answer.unwrap_or(Effect::Close { connection, reason });
        let delay = state.broker_config(call.node).failed_authentication_delay;
        if delay.is_zero() {
            return self.answer(state, now, call.clone(), (effect, 0), effects);
        }
        let refusal = (Box::new(call.clone()), effect);
        self.refusals.0.insert(connection, refusal);
        let due = now.plus(delay);
        self.timers
            .schedule(PassageTimer::Refusal(connection), due.elapsed);
    }

    /// The delay is over.
    pub(in crate::engine) fn tell_refused(
        &mut self,
        state: &State,
        now: Now,
        connection: ConnectionId,
        effects: &mut Effects,
    ) {
        if let Some((call, effect)) = self.refusals.0.remove(&connection) {
            self.answer(state, now, *call, (effect, 0), effects);
        }
    }

    /// Takes a token that came without a request around it, after SaslHandshake v0.
    pub(in crate::engine) fn token(
        &mut self,
        state: &mut State,
        now: Now,
        (call, token): (&Call, &[u8]),
        effects: &mut Effects,
    ) {
        let connection = call.connection;
        match state.authenticate(now, call, token) {
            None => {}
            Some(Authenticated::Goes { token, .. }) => effects.0.push(Effect::Encoded {
                connection,
                body: token.into(),
            }),
            Some(Authenticated::Refused(why)) => {
                self.refuse(state, now, (call, None), why, effects);
            }
            Some(Authenticated::Broken(reason)) => {
                effects.0.push(Effect::Close { connection, reason });
            }
        }
    }
}

/// Closes the connections of those who are being told that they are refused.
pub(in crate::engine) fn close_refused(state: &mut State, effects: &mut Effects) {
    if !state.listeners.log_in() {
        return;
    }
    let mut closes = Vec::new();
    for effect in &effects.0 {
        let (Effect::Reply { connection, .. } | Effect::Encoded { connection, .. }) = effect else {
            continue;
        };
        if let Some(reason) = state.sasl.told(*connection) {
            let connection = *connection;
            closes.push(Effect::Close { connection, reason });
        }
    }
    effects.0.append(&mut closes);
}
