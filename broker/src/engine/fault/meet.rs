//! What rules make of a request that comes.

use std::collections::VecDeque;
use std::time::Duration;

use super::case::{Case, Failure, Rest};
use super::entities::NamedRow;
use super::keep::What;
use super::leave::{Doing, Plan, Step, closes};
use super::mounted::Turn;
use super::rule::{Action, Rule};
use super::{FaultId, Faults, Left, Phase};
use crate::engine::context::{Call, Effect, Ticket};
use crate::engine::state::State;
use crate::wire::api::Api;
use crate::wire::apis::Request;
use crate::wire::dynamic::Value;
use crate::wire::error::ErrorCode;

/// A request on its way through the rules.
#[derive(Debug)]
pub(super) struct Transit {
    pub(super) call: Call,
    pub(super) api: Api,
    /// What is to be done; nothing if it is done.
    pub(super) request: Option<Request>,
    /// What it names, once a rule has asked.
    pub(super) case: Option<Box<Case>>,
    pub(super) steps: VecDeque<Step>,
}

/// What becomes of it by one rule.
pub(super) enum Fate {
    GoesOn,
    /// A rule keeps it, for so long or until it is released.
    Kept(Option<Duration>),
    /// That was its end.
    Swallowed,
    Disconnected,
    /// It is not done; this is its answer, before the rules that wait for answers.
    Answered(Box<Effect>),
}

/// What rules make of a request.
pub(in crate::engine) enum Met {
    /// It is to be done, or what they have left of it.
    GoesOn(Box<(Call, Request)>),
    /// A rule keeps it under its ticket, for so long or until it is released.
    Kept(Ticket, Option<Duration>),
    /// That was its end, with what its connection is to hear.
    Ended(Option<Box<Effect>>),
    /// It is not done, and this is left of its answer.
    Answered(Box<Left>),
}

/// A rule that acts on a request.
struct Acting<'a> {
    by: FaultId,
    rule: &'a Rule,
    /// What it means of what the request names; nothing if it does not say.
    rows: Option<Vec<NamedRow>>,
}

impl Faults {
    /// Takes a request through the rules that were mounted after `since`.
    pub(in crate::engine) fn meet(
        &mut self,
        state: &State,
        mut call: Call,
        request: Request,
        since: FaultId,
    ) -> Met {
        let earlier = self.plans.remove(&call.ticket);
        let (case, steps) = earlier.map_or_else(Default::default, |plan| (plan.case, plan.steps));
        call.last_rule = self.last_id;
        let mut transit = Transit {
            call,
            api: request.api(),
            request: Some(request),
            case,
            steps,
        };
        let rules = self.rules.iter();
        let due: Vec<_> = rules
            .filter(|mounted| mounted.id > since && mounted.phase == Phase::Active)
            .map(|mounted| mounted.id)
            .collect();
        for id in due {
            match self.meet_one(state, id, &mut transit) {
                Fate::GoesOn => {}
                Fate::Kept(wait) => return self.keep_request(id, transit, wait),
                Fate::Swallowed => return Met::Ended(None),
                Fate::Disconnected => {
                    let connection = transit.call.connection;
                    let reason = closes(self, id);
                    return Met::Ended(Some(Box::new(Effect::Close { connection, reason })));
                }
                Fate::Answered(effect) => {
                    let plan = transit.plan();
                    let left = self.leave(state, transit.call, *effect, plan);
                    return Met::Answered(Box::new(left));
                }
            }
        }
        if !transit.steps.is_empty() {
            let ticket = transit.call.ticket;
            let plan = transit.plan();
            self.plans.insert(ticket, plan);
        }
        match transit.request {
            Some(request) => Met::GoesOn(Box::new((transit.call, request))),
            None => Met::Ended(None),
        }
    }

    fn keep_request(&mut self, by: FaultId, mut transit: Transit, wait: Option<Duration>) -> Met {
        let plan = transit.plan();
        let Transit { call, request, .. } = transit;
        let Some(request) = request else {
            return Met::Ended(None);
        };
        let ticket = call.ticket;
        if !plan.steps.is_empty() {
            self.plans.insert(ticket, plan);
        }
        self.keep(by, call, What::Request(Box::new(request)));
        Met::Kept(ticket, wait)
    }

    pub(super) fn meet_one(&mut self, state: &State, id: FaultId, transit: &mut Transit) -> Fate {
        let Some(mounted) = self.get(id) else {
            return Fate::GoesOn;
        };
        let software = self.software.get(&transit.call.connection);
        let software = software.map(String::as_str);
        let api = transit.api;
        let call = &transit.call;
        let login = state.login(call, transit.request.as_ref());
        let principal = state.sasl.principal(call.connection);
        let principal = login.principal.as_ref().unwrap_or(principal);
        let (client, by) = ((&**principal, software), login.mechanism.as_deref());
        if mounted.rule.bytes.is_some() || !mounted.rule.is_about_call(api, call, client, by) {
            return Fate::GoesOn;
        }
        let rule = mounted.rule.clone();
        let rows = if rule.selects() {
            read_case(state, transit);
            let rows = transit.case.as_ref().and_then(|case| rule.rows(case));
            if rows.is_none() {
                return Fate::GoesOn;
            }
            rows
        } else {
            None
        };
        self.changed();
        let met = self.get_mut(id).map(super::Mounted::meet);
        if matches!(met, Some(Turn::Acts(_))) {
            let name = rule.name.clone().unwrap_or_else(|| id.0.to_string());
            self.acted = Some((transit.call.connection, name.into()));
        }
        let acting = Acting {
            by: id,
            rule: &rule,
            rows,
        };
        match met {
            Some(Turn::Acts(action)) => self.act(state, acting, action, transit),
            Some(Turn::Passed | Turn::Observed) | None => Fate::GoesOn,
        }
    }

    fn act(
        &mut self,
        state: &State,
        acting: Acting<'_>,
        action: Action,
        transit: &mut Transit,
    ) -> Fate {
        let (_, after_apply) = acting.rule.actions();
        match action {
            Action::Pass | Action::Error(ErrorCode::None) => Fate::GoesOn,
            Action::Error(code) => fail(self, state, acting, code, after_apply, transit),
            action if after_apply => {
                if matches!(action, Action::Edit(_)) {
                    read_case(state, transit);
                }
                transit.then(&acting, Doing::Act(action));
                Fate::GoesOn
            }
            Action::Delay(delay) => {
                let wait = self.get_mut(acting.by).map(|rule| rule.wait(delay));
                Fate::Kept(Some(wait.unwrap_or_default()))
            }
            Action::Hold => Fate::Kept(None),
            Action::Swallow => Fate::Swallowed,
            Action::Disconnect => Fate::Disconnected,
            // Only answers are edited or say such things, as `check` has made sure.
            Action::Edit(_) | Action::Throttle(_) => Fate::GoesOn,
        }
    }
}

/// Has what the rule means fail, and takes it out of the request unless that is done all the same.
fn fail(
    faults: &mut Faults,
    state: &State,
    acting: Acting<'_>,
    code: ErrorCode,
    after_apply: bool,
    transit: &mut Transit,
) -> Fate {
    read_case(state, transit);
    let connection = transit.call.connection;
    let Some(case) = transit.case.as_deref_mut() else {
        return Fate::GoesOn;
    };
    let Some(place) = case.place(code, acting.rule.depth(case)) else {
        return Fate::GoesOn;
    };
    let mut failed = match &acting.rows {
        Some(rows) => rows.clone(),
        None => case.rows.clone(),
    };
    let is_shared = case.is_of_shared(place);
    if is_shared {
        case.acknowledging(place, &mut failed);
    }
    let topics = |id| state.cluster.topic_name(id);
    let left = if after_apply {
        Rest::All
    } else {
        let is_all = failed.len() >= case.rows.len();
        let left = if is_shared {
            transit.call.withheld.extend(case.withhold(place, &failed));
            Rest::Some
        } else {
            case.take_out(place, &failed, &topics)
        };
        if let Some(most) = case.most_applied(place, &failed, (is_all, left)) {
            faults.curb(connection, most);
        }
        left
    };
    let answer = (left == Rest::Nothing).then(|| unapplied(case, &transit.call));
    let rest = (left == Rest::Some).then(|| case.reread());
    let is_all = acting.rows.is_none();
    let failure = Failure {
        place,
        code,
        failed,
        is_all,
    };
    transit.then(&acting, Doing::Fail(failure));
    if let Some(Some(request)) = rest {
        transit.request = Some(request);
    }
    if let Some(answer) = answer {
        return Fate::Answered(Box::new(answer));
    }
    if !after_apply && matches!(transit.api, Api::Fetch | Api::ShareFetch) {
        // An error is answered at once.
        transit.call.expired = true;
    }
    Fate::GoesOn
}

/// Reads what the request names, unless that is known.
fn read_case(state: &State, transit: &mut Transit) {
    if transit.case.is_some() {
        return;
    }
    let Transit { call, api, .. } = &*transit;
    let topics = |id| state.cluster.topic_name(id);
    let mut case = Case::read(*api, call.version, &call.body, &topics);
    if let Some(case) = &mut case
        && let Some(session) = case.fetch_session()
    {
        case.remember(state.fetch_sessions.partitions(session), &topics);
    }
    if let Some(case) = &mut case
        && let Some(session) = case.share_session(call.node)
    {
        let partitions = state.shares.sessions.partitions(&session).into_iter();
        case.remember_shared(partitions, &topics);
    }
    transit.case = case.map(Box::new);
}

impl Transit {
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
