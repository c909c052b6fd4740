//! Connections that are throttled: since KIP-219 a broker over quota answers at once, says for how long it
//! throttles, and reads no more of the connection until then.

use std::time::Duration;

use super::leave::{Doing, Plan, Step, change_body};
use super::rule::Action;
use super::{FaultId, Faults, Mounted};
use crate::engine::context::{Call, ConnectionId, Effect, Effects};
use crate::engine::time::Now;
use crate::engine::{Engine, TimerKey};
use crate::wire::api::Api;
use crate::wire::apis::Request;
use crate::wire::dynamic::{Shape, Value};

/// Where an answer says for how long the connection is throttled.
const FIELD: &str = "throttleTimeMs";

/// What throttles a connection, a rule or else a quota, and for how long.
pub(super) type Throttle = (Option<FaultId>, Duration);

/// A connection whose next request is not looked at yet.
#[derive(Debug)]
pub(super) struct Mute {
    /// The rule that throttles; none where a quota does.
    pub(super) by: Option<FaultId>,
    client_id: String,
    /// The request that has come meanwhile.
    pub(super) next: Option<Box<(Call, Request)>>,
}

/// Whether the answers of a version say that they throttle.
pub(super) fn says_throttled(api: Api, version: i16) -> bool {
    Shape::response(api.key(), version).is_ok_and(|shape| shape.initial().get(FIELD).is_some())
}

/// The answer with the time in it, if there is one and its version has a place for it.
pub(super) fn throttled(call: &Call, api: Api, wait: Duration, effect: Effect) -> Effect {
    let connection = call.connection;
    // Quotas also hold for Produce with acks=0, which has no answer.
    if matches!(effect, Effect::Nothing { .. }) || !says_throttled(api, call.version) {
        return effect;
    }
    let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    let changed = change_body(api, call.version, effect, |mut answer| {
        let shape = Shape::response(api.key(), call.version);
        if let Ok(shape) = shape {
            shape.set(&mut answer, FIELD, Value::Int(millis))?;
        }
        Ok(answer)
    });
    match changed {
        Ok(Some(body)) => Effect::Encoded { connection, body },
        Ok(None) => Effect::Nothing { connection },
        Err(reason) => Effect::Close { connection, reason },
    }
}

impl Plan {
    fn throttles(&self, faults: &Faults) -> bool {
        let is_throttle = |step: &Step| {
            matches!(step.what, Doing::Act(Action::Throttle(_))) && !faults.is_over(step.by)
        };
        self.steps.iter().any(is_throttle)
    }
}

impl Faults {
    /// Keeps a request of a connection that is throttled; hands back any other.
    pub(in crate::engine) fn unless_muted(
        &mut self,
        call: Call,
        request: Request,
    ) -> Option<(Call, Request)> {
        match self.mutes.get_mut(&call.connection) {
            None => Some((call, request)),
            Some(mute) => {
                mute.next = Some(Box::new((call, request)));
                None
            }
        }
    }

    /// Forgets who is throttled; the timers go, too.
    pub(in crate::engine) fn unmute_all(&mut self) {
        self.mutes.clear();
    }

    /// Who is throttled by what, in words.
    pub(in crate::engine) fn describe_mute(&self, connection: ConnectionId) -> String {
        let Some(mute) = self.mutes.get(&connection) else {
            return String::new();
        };
        let rule = mute.by.map(|by| self.get(by).map(Mounted::title));
        let rule = rule.map(|title| title.unwrap_or_else(|| "a fault rule".to_owned()));
        let rule = rule.unwrap_or_else(|| "a quota".to_owned());
        format!("throttling of client {:?} by {rule}", mute.client_id)
    }
}

impl Engine {
    /// Whether the answer to this request will say that it throttles. A Fetch is empty then.
    pub(in crate::engine) fn is_throttled(&mut self, now: Now, call: &Call, api: Api) -> bool {
        self.meet_late_faults(now, call, api);
        let plan = self.faults.plans.get(&call.ticket);
        plan.is_some_and(|plan| plan.throttles(&self.faults))
    }

    /// Throttles a connection from now on.
    pub(super) fn mute(&mut self, now: Now, call: &Call, by: Option<Throttle>) {
        let is_over = |by: Option<FaultId>| by.is_some_and(|by| self.faults.is_over(by));
        let Some((by, wait)) = by.filter(|(by, _)| !is_over(*by)) else {
            return;
        };
        self.journal.throttled(call.connection, wait);
        let mute = Mute {
            by,
            client_id: call.client_id.clone(),
            next: None,
        };
        self.faults.mutes.insert(call.connection, mute);
        let due = now.plus(wait);
        self.timers
            .schedule(TimerKey::Mute(call.connection), due.elapsed);
    }

    /// Takes up what a throttled connection has sent.
    pub(in crate::engine) fn end_mute(
        &mut self,
        now: Now,
        connection: ConnectionId,
        effects: &mut Effects,
    ) {
        self.timers.cancel(&TimerKey::Mute(connection));
        let mute = self.faults.mutes.remove(&connection);
        if let Some((mut call, request)) = mute.and_then(|mute| mute.next).map(|next| *next) {
            call.arrived = now;
            self.request(now, call, request, effects);
        }
    }

    /// Throttles no more what a rule throttled: what has come is taken up in the order in which it came.
    pub(super) fn end_mutes(&mut self, now: Now, by: FaultId, effects: &mut Effects) {
        let mutes = self
            .faults
            .mutes
            .iter()
            .filter(|(_, mute)| mute.by == Some(by));
        let mut muted: Vec<_> = mutes
            .map(|(connection, mute)| {
                let ticket = mute.next.as_ref().map(|next| next.0.ticket);
                (ticket, *connection)
            })
            .collect();
        muted.sort_unstable();
        for (_, connection) in muted {
            self.end_mute(now, connection, effects);
        }
    }

    /// A connection that is gone is throttled no more.
    pub(super) fn forget_mute(&mut self, connection: ConnectionId) {
        if self.faults.mutes.remove(&connection).is_some() {
            self.timers.cancel(&TimerKey::Mute(connection));
        }
    }
}
