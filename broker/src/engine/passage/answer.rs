//! Answers that leave, and requests that wait for theirs.

use std::time::Duration;

use super::{Passage, PassageTimer};
use crate::engine::applied::Applied;
use crate::engine::context::{Answer, Call, Effect, Effects, Throttles, Ticket};
use crate::engine::fault::Left;
use crate::engine::ids::Throttler;
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::wire::api::Api;
use crate::wire::apis::Response;

impl Passage {
    /// Does what a handler says of a request: it is answered, now or later, or waits to be run again.
    pub(in crate::engine) fn conclude(
        &mut self,
        state: &mut State,
        now: Now,
        call: Call,
        (answer, throttle_ms): (Answer<Response>, i32),
        effects: &mut Effects,
    ) {
        let connection = call.connection;
        let effect = match answer {
            Answer::Reply(response) => Effect::Reply {
                connection,
                response,
            },
            Answer::Nothing => Effect::Nothing { connection },
            Answer::Close(reason) => Effect::Close { connection, reason },
            Answer::Refuse(response, why) => {
                let answer = Effect::Reply {
                    connection,
                    response,
                };
                return self.refuse(state, now, (&call, Some(answer)), why, effects);
            }
            Answer::Held => {
                // The group has it: it is done, whether or not anybody waits for the answer.
                self.journal.applied(connection, Applied::Yes);
                return self.held.hold(call);
            }
            Answer::Park(parking, request) => {
                if let Some(until) = parking.until {
                    let key = PassageTimer::Parked(call.ticket);
                    self.timers.schedule(key, until.elapsed);
                }
                state.outbox.note_wakes(true);
                return self
                    .parked
                    .park(call, *request, parking.until, parking.wake);
            }
        };
        self.answer(state, now, call, (effect, throttle_ms), effects);
    }

    /// Sends an answer out, by way of the rules that wait for it; then quotas may throttle the connection.
    pub(super) fn answer(
        &mut self,
        state: &State,
        now: Now,
        call: Call,
        (effect, throttle_ms): (Effect, i32),
        effects: &mut Effects,
    ) {
        let millis = u64::try_from(throttle_ms).ok().filter(|millis| *millis > 0);
        let quota = millis.map(|millis| (Throttler::Quota, Duration::from_millis(millis)));
        if !self.faults.changes_answer(state, &call, &effect) {
            return self.out(now, &call, effect, quota, effects);
        }
        self.journal.judged(&effect, &state.cluster);
        let left = self.faults.answer(state, call, effect, quota);
        self.note_acted();
        self.leave(now, left, effects);
    }

    /// Answers what groups have answered.
    pub(in crate::engine) fn answer_held(
        &mut self,
        state: &State,
        now: Now,
        effects: &mut Effects,
    ) {
        for (call, response) in self.held.flush() {
            self.heard.answered(&state.groups, &call, &response);
            let connection = call.connection;
            let effect = Effect::Reply {
                connection,
                response,
            };
            self.answer(state, now, call, (effect, 0), effects);
        }
    }

    /// Notes which connections the cluster ends.
    pub(in crate::engine) fn note_cut(&mut self, effects: &Effects) {
        for effect in &effects.0 {
            if let Effect::Close { connection, .. } = effect {
                self.heard.cut(*connection);
            }
        }
    }

    /// What rules have left of an answer goes out.
    pub(super) fn leave(&mut self, now: Now, left: Left, effects: &mut Effects) {
        match left {
            Left::Out(out) => {
                let (call, effect, throttle) = *out;
                self.out(now, &call, effect, throttle, effects);
            }
            Left::Kept(ticket, wait) => self.keep(now, ticket, wait),
            Left::Swallowed => {}
        }
    }

    /// An answer goes out, and then something may throttle the connection.
    fn out(
        &mut self,
        now: Now,
        call: &Call,
        effect: Effect,
        throttle: Option<(Throttler, Duration)>,
        effects: &mut Effects,
    ) {
        let closes = matches!(effect, Effect::Close { .. });
        if let Some(throttle) = throttle.filter(|_| !closes) {
            self.mute(now, call, throttle);
        }
        effects.0.push(effect);
    }

    /// A rule keeps something: for a while, or until it is released.
    pub(super) fn keep(&mut self, now: Now, ticket: Ticket, wait: Option<Duration>) {
        if let Some(wait) = wait {
            let key = PassageTimer::Fault(ticket);
            self.timers.schedule(key, now.plus(wait).elapsed);
        }
    }
}

impl Throttles for Passage {
    fn will_throttle(&mut self, state: &State, call: &Call, api: Api) -> bool {
        let throttles = self.faults.will_throttle(state, call, api);
        self.note_acted();
        throttles
    }
}
