//! What happens to an answer on its way out.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::case::{Case, Failure, unserved};
use super::entities::NamedRow;
use super::hints::{name_leaders, names_leaders};
use super::keep::What;
use super::rule::{Action, Rule};
use super::throttle::throttled;
use super::{FaultId, Faults};
use crate::engine::context::{Call, ConnectionId, Effect, Ticket};
use crate::engine::ids::Throttler;
use crate::engine::state::State;
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

/// What throttles a connection, and for how long.
pub(super) type Throttle = (Throttler, Duration);

/// What rules leave of an answer.
pub(in crate::engine) enum Left {
    /// It goes out, and then something may throttle the connection.
    Out(Box<(Call, Effect, Option<Throttle>)>),
    /// A rule keeps it under its ticket, for so long or until it is released.
    Kept(Ticket, Option<Duration>),
    Swallowed,
}

impl Left {
    fn out(call: Call, effect: Effect, throttle: Option<Throttle>) -> Self {
        Self::Out(Box::new((call, effect, throttle)))
    }
}

impl Faults {
    /// Whether a rule waits for the answer to a request, and may change it.
    pub(in crate::engine) fn changes_answer(
        &mut self,
        state: &State,
        call: &Call,
        effect: &Effect,
    ) -> bool {
        if let Effect::Reply { response, .. } = effect {
            self.meet_late(state, call, response.api());
        }
        self.plans.contains_key(&call.ticket)
    }

    /// Takes an answer through the rules that wait for it; `quota` says whether a quota throttles the connection.
    pub(in crate::engine) fn answer(
        &mut self,
        state: &State,
        call: Call,
        effect: Effect,
        quota: Option<Throttle>,
    ) -> Left {
        match self.plans.remove(&call.ticket) {
            Some(mut plan) => {
                plan.mute = quota;
                self.leave(state, call, effect, plan)
            }
            None => Left::out(call, effect, quota),
        }
    }

    pub(super) fn leave(
        &mut self,
        state: &State,
        call: Call,
        mut effect: Effect,
        mut plan: Plan,
    ) -> Left {
        let connection = call.connection;
        while let Some(step) = plan.steps.pop_front() {
            if matches!(effect, Effect::Close { .. }) {
                break;
            }
            let action = match step.what {
                Doing::Act(_) if self.is_over(step.by) => continue,
                Doing::Act(action) => action,
                Doing::Fail(failure) => {
                    effect = failed(state, &call, &plan, (&step.rule, &failure), effect);
                    continue;
                }
            };
            match action {
                Action::Pass | Action::Error(_) => {}
                Action::Swallow => return Left::Swallowed,
                Action::Disconnect => {
                    let reason = closes(self, step.by);
                    effect = Effect::Close { connection, reason };
                }
                Action::Edit(fields) => {
                    for (path, value) in fields {
                        let edit = (&*step.rule, &*path, &value);
                        effect = edited(state, &call, &plan, edit, effect);
                    }
                }
                Action::Delay(delay) => {
                    let wait = self.get_mut(step.by).map(|rule| rule.wait(delay));
                    let wait = Some(wait.unwrap_or_default());
                    return self.keep_answer(step.by, call, (effect, plan), wait);
                }
                Action::Throttle(delay) => {
                    let wait = self.get_mut(step.by).map(|rule| rule.wait(delay));
                    let wait = wait.unwrap_or_default();
                    // Of several quotas the longest wait counts.
                    if plan.mute.is_none_or(|(_, longest)| longest < wait) {
                        effect = throttled(&call, plan.api, wait, effect);
                        plan.mute = Some((Throttler::Rule(step.by), wait));
                    }
                }
                Action::Hold => return self.keep_answer(step.by, call, (effect, plan), None),
            }
        }
        let is_over = |by| matches!(by, Throttler::Rule(rule) if self.is_over(rule));
        let throttle = plan.mute.filter(|(by, _)| !is_over(*by));
        Left::out(call, effect, throttle)
    }

    fn keep_answer(
        &mut self,
        by: FaultId,
        call: Call,
        answer: (Effect, Plan),
        wait: Option<Duration>,
    ) -> Left {
        let ticket = call.ticket;
        self.keep(by, call, What::Answer(Box::new(answer)));
        Left::Kept(ticket, wait)
    }
}

/// The answer with an error in it.
fn failed(
    state: &State,
    call: &Call,
    plan: &Plan,
    (rule, failure): (&Rule, &Failure),
    effect: Effect,
) -> Effect {
    let Some(case) = &plan.case else {
        return effect;
    };
    let topics = |id| state.cluster.topic_name(id);
    let selects = |names: &_| rule.means_all(names, &|_| false);
    changed(call, case, effect, |answer| {
        let mut answer = answer;
        case.fail(&mut answer, failure, &selects, &topics)?;
        if names_leaders(case.api, case.version, failure.code) {
            let shape = Shape::response(case.api.key(), case.version).map_err(unserved)?;
            name_leaders(state, call, (shape, failure.code), &mut answer)?;
        }
        Ok(answer)
    })
}

/// The answer with another value in it.
fn edited(
    state: &State,
    call: &Call,
    plan: &Plan,
    (rule, path, value): (&Rule, &str, &serde_json::Value),
    effect: Effect,
) -> Effect {
    let Some(case) = &plan.case else {
        return effect;
    };
    let topics = |id| state.cluster.topic_name(id);
    let is_below = |row: &NamedRow, kind| {
        let depth = case.tree.depth_of(kind);
        depth.is_some_and(|depth| depth > row.at.len())
    };
    let selects = |row: &NamedRow| rule.means_all(&row.names, &|kind| is_below(row, kind));
    changed(call, case, effect, |answer| {
        case.edit(&answer, path, value, &selects, &topics)
    })
}

fn changed(
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
