//! What rules make of a request that comes.

use std::collections::VecDeque;

use super::case::{Case, Failure, Left};
use super::entities::Named;
use super::keep::What;
use super::leave::{Doing, Plan, Step, closes};
use super::mounted::Met;
use super::rule::{Action, Rule};
use super::{FaultId, Phase};
use crate::engine::context::{Call, Effect, Effects};
use crate::engine::time::Now;
use crate::engine::{Engine, TimerKey};
use crate::wire::api::Api;
use crate::wire::apis::Request;
use crate::wire::dynamic::Value;
use crate::wire::error::ErrorCode;

/// A request on its way through the rules.
#[derive(Debug)]
pub(super) struct Passage {
    pub(super) call: Call,
    pub(super) api: Api,
    /// What is to be done; nothing if it is done.
    pub(super) request: Option<Request>,
    /// What it names, once a rule has asked.
    pub(super) case: Option<Box<Case>>,
    pub(super) steps: VecDeque<Step>,
}

/// What becomes of it.
pub(super) enum Fate {
    GoesOn,
    /// A rule has it.
    Taken,
    /// It is not done; this is its answer, before the rules that wait for answers.
    Answered(Effect),
}

/// A rule that acts on a request.
struct Acting<'a> {
    by: FaultId,
    rule: &'a Rule,
    /// What it means of what the request names; nothing if it does not say.
    rows: Option<Vec<Named>>,
}

impl Engine {
    /// Takes a request through the rules that were mounted after `since`, and does what is left of it.
    pub(in crate::engine) fn meet_faults(
        &mut self,
        now: Now,
        mut call: Call,
        request: Request,
        since: FaultId,
        effects: &mut Effects,
    ) {
        let earlier = self.faults.plans.remove(&call.ticket);
        let (case, steps) = earlier.map_or_else(Default::default, |plan| (plan.case, plan.steps));
        call.last_rule = self.faults.last_id;
        let mut passage = Passage {
            call,
            api: request.api(),
            request: Some(request),
            case,
            steps,
        };
        let rules = self.faults.rules.iter();
        let due: Vec<_> = rules
            .filter(|mounted| mounted.id > since && mounted.phase == Phase::Active)
            .map(|mounted| mounted.id)
            .collect();
        for id in due {
            match self.meet_fault(now, id, &mut passage) {
                Fate::GoesOn => {}
                Fate::Taken => return self.taken(id, passage, effects),
                Fate::Answered(effect) => {
                    let plan = passage.plan();
                    return self.leave(now, passage.call, effect, plan, effects);
                }
            }
        }
        let ticket = passage.call.ticket;
        if !passage.steps.is_empty() {
            let plan = passage.plan();
            self.faults.plans.insert(ticket, plan);
        }
        if let Some(request) = passage.request {
            self.run(now, passage.call, request, effects);
        }
    }

    /// A rule has the request: it waits, or that was its end.
    fn taken(&mut self, by: FaultId, mut passage: Passage, effects: &mut Effects) {
        let plan = passage.plan();
        let Passage { call, request, .. } = passage;
        match self
            .faults
            .get(by)
            .map(|mounted| mounted.rule.action(mounted.hits))
        {
            Some(Some(Action::Delay(_) | Action::Hold)) => {
                let Some(request) = request else {
                    return;
                };
                if !plan.steps.is_empty() {
                    self.faults.plans.insert(call.ticket, plan);
                }
                self.keep(by, call, What::Request(Box::new(request)));
            }
            Some(Some(Action::Disconnect)) => {
                let connection = call.connection;
                let reason = closes(&self.faults, by);
                effects.0.push(Effect::Close { connection, reason });
            }
            _ => {}
        }
    }

    pub(super) fn meet_fault(&mut self, now: Now, id: FaultId, passage: &mut Passage) -> Fate {
        let Some(mounted) = self.faults.get(id) else {
            return Fate::GoesOn;
        };
        let software = self.faults.software.get(&passage.call.connection);
        let software = software.map(String::as_str);
        let api = passage.api;
        let principal = self.sasl.principal(passage.call.connection);
        let client = (&**principal, software);
        if mounted.rule.bytes.is_some() || !mounted.rule.is_about_call(api, &passage.call, client) {
            return Fate::GoesOn;
        }
        let rule = mounted.rule.clone();
        let rows = if rule.selects() {
            self.read_case(passage);
            let rows = passage.case.as_ref().and_then(|case| rule.rows(case));
            if rows.is_none() {
                return Fate::GoesOn;
            }
            rows
        } else {
            None
        };
        self.faults.changed();
        let met = self.faults.get_mut(id).map(super::Mounted::meet);
        if matches!(met, Some(Met::Acts(_))) {
            let name = rule.name.clone().unwrap_or_else(|| id.0.to_string());
            self.journal.acted(passage.call.connection, name.into());
        }
        let acting = Acting {
            by: id,
            rule: &rule,
            rows,
        };
        match met {
            Some(Met::Acts(action)) => self.act(now, acting, action, passage),
            Some(Met::Passed | Met::Observed) | None => Fate::GoesOn,
        }
    }

    fn act(&mut self, now: Now, acting: Acting<'_>, action: Action, passage: &mut Passage) -> Fate {
        let (_, after_apply) = acting.rule.actions();
        match action {
            Action::Pass | Action::Error(ErrorCode::None) => Fate::GoesOn,
            Action::Error(code) => self.fail(acting, code, after_apply, passage),
            action if after_apply => {
                if matches!(action, Action::Edit(_)) {
                    self.read_case(passage);
                }
                passage.then(&acting, Doing::Act(action));
                Fate::GoesOn
            }
            Action::Delay(delay) => {
                let waits = self.faults.get_mut(acting.by).map(|rule| rule.wait(delay));
                let due = now.plus(waits.unwrap_or_default());
                let key = TimerKey::Fault(passage.call.ticket);
                self.timers.schedule(key, due.elapsed);
                Fate::Taken
            }
            Action::Hold | Action::Swallow | Action::Disconnect => Fate::Taken,
            // Only answers are edited or say such things, as `check` has made sure.
            Action::Edit(_) | Action::Throttle(_) => Fate::GoesOn,
        }
    }

    /// Has what the rule means fail, and takes it out of the request unless that is done all the same.
    fn fail(
        &self,
        acting: Acting<'_>,
        code: ErrorCode,
        after_apply: bool,
        passage: &mut Passage,
    ) -> Fate {
        self.read_case(passage);
        let Some(case) = passage.case.as_deref_mut() else {
            return Fate::GoesOn;
        };
        let Some(place) = case.place(code, acting.rule.depth(case)) else {
            return Fate::GoesOn;
        };
        let failed = match &acting.rows {
            Some(rows) => rows.clone(),
            None => case.rows.clone(),
        };
        let topics = |id| self.cluster.topic_by_id(id).map(|topic| topic.name.clone());
        let left = if after_apply {
            Left::All
        } else {
            case.take_out(place, &failed, &topics)
        };
        let answer = (left == Left::Nothing).then(|| unapplied(case, &passage.call));
        let rest = (left == Left::Some).then(|| case.reread());
        let is_all = acting.rows.is_none();
        let failure = Failure {
            place,
            code,
            failed,
            is_all,
        };
        passage.then(&acting, Doing::Fail(failure));
        if let Some(Some(request)) = rest {
            passage.request = Some(request);
        }
        if let Some(answer) = answer {
            return Fate::Answered(answer);
        }
        if !after_apply && passage.api == Api::Fetch {
            // An error is answered at once.
            passage.call.expired = true;
        }
        Fate::GoesOn
    }

    /// Reads what the request names, unless that is known.
    fn read_case(&self, passage: &mut Passage) {
        if passage.case.is_some() {
            return;
        }
        let Passage { call, api, .. } = &*passage;
        let topics = |id| self.cluster.topic_by_id(id).map(|topic| topic.name.clone());
        let mut case = Case::read(*api, call.version, &call.body, &topics);
        if let Some(case) = &mut case
            && let Some(session) = case.fetch_session()
        {
            case.remember(self.fetch_sessions.partitions(session), &topics);
        }
        passage.case = case.map(Box::new);
    }
}

impl Passage {
    /// The plan for the answer.
    pub(super) fn plan(&mut self) -> Plan {
        Plan {
            connection: self.call.connection,
            api: self.api,
            last_rule: self.call.last_rule,
            mute: None,
            case: self.case.take(),
            steps: std::mem::take(&mut self.steps),
        }
    }

    fn then(&mut self, acting: &Acting<'_>, what: Doing) {
        self.steps.push_back(Step {
            by: acting.by,
            rule: Box::new(acting.rule.clone()),
            what,
        });
    }
}

/// The answer to a request of which nothing is done, before the errors are in it.
fn unapplied(case: &Case, call: &Call) -> Effect {
    let connection = call.connection;
    if case.api == Api::Produce && case.request.get("Acks") == Some(&Value::Int(0)) {
        return Effect::Nothing { connection };
    }
    match case.initial_body() {
        Ok(body) => Effect::Encoded { connection, body },
        Err(misfit) => Effect::Close {
            connection,
            reason: format!("a fault rule's answer does not fit: {misfit}"),
        },
    }
}
