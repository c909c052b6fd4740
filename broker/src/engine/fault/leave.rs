//! What happens to an answer on its way out.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::case::{Case, Failure};
use super::entities::Named;
use super::keep::{Kept, What};
use super::mute::{Throttle, throttled};
use super::rule::{Action, Rule};
use super::{FaultId, Faults};
use crate::engine::context::{Call, ConnectionId, Effect, Effects};
use crate::engine::time::Now;
use crate::engine::{Engine, TimerKey};
use crate::wire::api::Api;
use crate::wire::apis::Response;
use crate::wire::dynamic::{Misfit, Shape, Value};
use crate::wire::rope::RopeMut;

/// What is yet to be done to the answer of one request.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) connection: ConnectionId,
    pub(super) api: Api,
    /// What throttles the connection once the answer is out.
    pub(super) mute: Option<Throttle>,
    /// The request, if any step looks at what it names.
    pub(super) case: Option<Box<Case>>,
    pub(super) steps: VecDeque<Step>,
    /// The last rule that has had its say.
    pub(super) last_rule: FaultId,
}

/// One rule's part in it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) by: FaultId,
    pub(super) rule: Box<Rule>,
    pub(super) what: Doing,
}

#[derive(Debug)]
pub(super) enum Doing {
    /// What was taken out of the request, or fails all the same.
    Fail(Failure),
    Act(Action),
}

/// Why an answer does not leave as it was meant to.
pub(super) type Spoiled = String;

impl Engine {
    /// Sends an answer out, by way of the rules that wait for it; then quotas may throttle the connection.
    pub(in crate::engine) fn answer(
        &mut self,
        now: Now,
        call: &Call,
        (effect, throttle_ms): (Effect, i32),
        effects: &mut Effects,
    ) {
        if let Effect::Reply { response, .. } = &effect {
            self.meet_late_faults(now, call, response.api());
        }
        let throttle_ms = u64::try_from(throttle_ms).ok().filter(|millis| *millis > 0);
        let quota = throttle_ms.map(|millis| (None, Duration::from_millis(millis)));
        match self.faults.plans.remove(&call.ticket) {
            Some(mut plan) => {
                plan.mute = quota;
                self.leave(now, call.clone(), effect, plan, effects);
            }
            None => {
                self.mute(now, call, quota);
                effects.0.push(effect);
            }
        }
    }

    pub(super) fn leave(
        &mut self,
        now: Now,
        call: Call,
        mut effect: Effect,
        mut plan: Plan,
        effects: &mut Effects,
    ) {
        let connection = call.connection;
        while let Some(step) = plan.steps.pop_front() {
            if matches!(effect, Effect::Close { .. }) {
                break;
            }
            let action = match step.what {
                Doing::Act(_) if self.faults.is_over(step.by) => continue,
                Doing::Act(action) => action,
                Doing::Fail(failure) => {
                    effect = self.failed(&call, &plan, &step.rule, &failure, effect);
                    continue;
                }
            };
            match action {
                Action::Pass | Action::Error(_) => {}
                Action::Swallow => return,
                Action::Disconnect => {
                    let reason = closes(&self.faults, step.by);
                    effect = Effect::Close { connection, reason };
                }
                Action::Edit(fields) => {
                    for (path, value) in fields {
                        effect = self.edited(&call, &plan, &step.rule, (&path, &value), effect);
                    }
                }
                Action::Delay(delay) => {
                    let wait = self.faults.get_mut(step.by).map(|rule| rule.wait(delay));
                    let due = now.plus(wait.unwrap_or_default());
                    self.timers
                        .schedule(TimerKey::Fault(call.ticket), due.elapsed);
                    return self.keep(step.by, call, What::Answer(Box::new((effect, plan))));
                }
                Action::Throttle(delay) => {
                    let wait = self.faults.get_mut(step.by).map(|rule| rule.wait(delay));
                    let wait = wait.unwrap_or_default();
                    // Of several quotas the longest wait counts.
                    if plan.mute.is_none_or(|(_, longest)| longest < wait) {
                        effect = throttled(&call, plan.api, wait, effect);
                        plan.mute = Some((Some(step.by), wait));
                    }
                }
                Action::Hold => {
                    return self.keep(step.by, call, What::Answer(Box::new((effect, plan))));
                }
            }
        }
        if !matches!(effect, Effect::Close { .. }) {
            self.mute(now, &call, plan.mute);
        }
        effects.0.push(effect);
    }

    pub(super) fn keep(&mut self, by: FaultId, call: Call, what: What) {
        self.faults
            .kept
            .insert(call.ticket, Kept { by, call, what });
    }

    /// The answer with an error in it.
    fn failed(
        &self,
        call: &Call,
        plan: &Plan,
        rule: &Rule,
        failure: &Failure,
        effect: Effect,
    ) -> Effect {
        let Some(case) = &plan.case else {
            return effect;
        };
        let topics = |id| self.cluster.topic_by_id(id).map(|topic| topic.name.clone());
        let selects = |names: &_| rule.means_all(names, &|_| false);
        self.changed(call, case, effect, |answer| {
            let mut answer = answer;
            case.fail(&mut answer, failure, &selects, &topics)?;
            Ok(answer)
        })
    }

    /// The answer with another value in it.
    fn edited(
        &self,
        call: &Call,
        plan: &Plan,
        rule: &Rule,
        (path, value): (&str, &serde_json::Value),
        effect: Effect,
    ) -> Effect {
        let Some(case) = &plan.case else {
            return effect;
        };
        let topics = |id| self.cluster.topic_by_id(id).map(|topic| topic.name.clone());
        let is_below = |row: &Named, kind| {
            let depth = case.tree.depth_of(kind);
            depth.is_some_and(|depth| depth > row.at.len())
        };
        let selects = |row: &Named| rule.means_all(&row.names, &|kind| is_below(row, kind));
        self.changed(call, case, effect, |answer| {
            case.edit(&answer, path, value, &selects, &topics)
        })
    }

    #[expect(clippy::unused_self, reason = "reads as a part of the engine's doing")]
    fn changed(
        &self,
        call: &Call,
        case: &Case,
        effect: Effect,
        change: impl FnOnce(Value) -> Result<Value, Misfit>,
    ) -> Effect {
        let connection = call.connection;
        match change_body(case.api, case.version, effect, change) {
            Ok(Some(body)) => Effect::Encoded { connection, body },
            // Nothing is answered to Produce with acks=0; Kafka closes the connection for an error.
            Ok(None) => Effect::Close {
                connection,
                reason: "a fault rule has an error for a request without an answer".to_owned(),
            },
            Err(reason) => Effect::Close { connection, reason },
        }
    }
}

/// Why a rule closes a connection, in words.
pub(super) fn closes(faults: &Faults, id: FaultId) -> String {
    let title = faults.get(id).map(super::Mounted::title);
    let title = title.unwrap_or_else(|| format!("fault rule {}", id.0));
    format!("{title} disconnects")
}

/// The body of an answer, changed; nothing if there is no answer.
pub(super) fn change_body(
    api: Api,
    version: i16,
    effect: Effect,
    change: impl FnOnce(Value) -> Result<Value, Misfit>,
) -> Result<Option<Bytes>, Spoiled> {
    let body = match effect {
        Effect::Reply { response, .. } => encoded(response, version)?,
        Effect::Encoded { body, .. } => body,
        Effect::Nothing { .. } => return Ok(None),
        Effect::Close { reason, .. } => return Err(reason),
    };
    let shape = Shape::response(api.key(), version);
    let shape = shape.map_err(|error| error.to_string())?;
    let answer = shape.decode(&body).map_err(|error| error.to_string())?;
    let misfit = |error: Misfit| format!("a fault rule's answer does not fit: {error}");
    let answer = change(answer).map_err(misfit)?;
    shape.encode(&answer).map(Some).map_err(misfit)
}

fn encoded(mut response: Response, version: i16) -> Result<Bytes, Spoiled> {
    let mut body = RopeMut::default();
    let written = response.encode(version, &mut body);
    written.map_err(|error| error.to_string())?;
    Ok(body.freeze().to_bytes())
}
