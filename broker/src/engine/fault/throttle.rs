//! Answers that say that they throttle.

use std::time::Duration;

use super::Faults;
use super::leave::{Doing, Plan, Step, change_body};
use super::rule::Action;
use crate::engine::context::{Call, Effect};
use crate::engine::state::State;
use crate::wire::api::Api;
use crate::wire::dynamic::{Shape, Value};

/// Where an answer says for how long the connection is throttled.
const FIELD: &str = "throttleTimeMs";

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
    /// Whether a rule throttles by the answer to this request.
    pub(in crate::engine) fn will_throttle(
        &mut self,
        state: &State,
        call: &Call,
        api: Api,
    ) -> bool {
        self.meet_late(state, call, api);
        let plan = self.plans.get(&call.ticket);
        plan.is_some_and(|plan| plan.throttles(self))
    }
}
