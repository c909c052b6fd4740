//! Requests and answers that wait for a moment or for a rule to be released.

use super::leave::{Left, Plan};
use super::{FaultId, Faults, Phase};
use crate::engine::context::{Call, ConnectionId, Effect, Ticket};
use crate::engine::state::State;
use crate::wire::apis::Request;

/// A request that is yet to be done, or an answer that is yet to leave.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) by: FaultId,
    pub(crate) call: Call,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Request(Box<Request>),
    /// The answer, and what the plan has left for it.
    Answer(Box<(Effect, Plan)>),
}

impl Kept {
    /// What it is, in words.
    pub(crate) fn describe(&self, faults: &Faults) -> String {
        let kind = match &self.what {
            What::Request(request) => format!("a {}", request.name()),
            What::Answer(..) => "an answer".to_owned(),
        };
        let rule = faults.get(self.by).map(super::Mounted::title);
        let client = &self.call.client_id;
        let rule = rule.unwrap_or_else(|| "a fault rule".to_owned());
        format!("delay of {kind} of client {client:?} by {rule}")
    }
}

/// What a rule lets go.
pub(in crate::engine) enum LetGo {
    /// A request, which rules after this one are yet to see.
    Request(FaultId, Call, Box<Request>),
    Answer(Left),
}

impl Faults {
    pub(super) fn keep(&mut self, by: FaultId, call: Call, what: What) {
        self.kept.insert(call.ticket, Kept { by, call, what });
    }

    /// Ends a rule: it acts no more. Says under which tickets it keeps something; none if there is no such rule.
    pub(in crate::engine) fn end(&mut self, id: FaultId) -> Option<Vec<Ticket>> {
        self.get_mut(id)?.phase = Phase::Ended;
        self.changed();
        let kept = self.kept.iter();
        let kept = kept.filter(|(_, kept)| kept.by == id);
        Some(kept.map(|(ticket, _)| *ticket).collect())
    }

    /// Ends all rules, and says which they are.
    pub(in crate::engine) fn end_all(&mut self) -> Vec<FaultId> {
        for mounted in &mut self.rules {
            mounted.phase = Phase::Ended;
        }
        self.rules.iter().map(|mounted| mounted.id).collect()
    }

    /// Forgets a rule, with what it expected.
    pub(in crate::engine) fn remove(&mut self, id: FaultId) {
        self.rules.retain(|mounted| mounted.id != id);
    }

    /// Forgets the rules that expect nothing.
    pub(in crate::engine) fn remove_unexpecting(&mut self) {
        self.rules.retain(|mounted| mounted.rule.expect.is_some());
    }

    /// Lets go what is kept under a ticket.
    pub(in crate::engine) fn let_go(&mut self, state: &State, ticket: Ticket) -> Option<LetGo> {
        let Kept { by, call, what } = self.kept.remove(&ticket)?;
        Some(match what {
            What::Request(request) => LetGo::Request(by, call, request),
            What::Answer(answer) => {
                let (effect, plan) = *answer;
                LetGo::Answer(self.leave(state, call, effect, plan))
            }
        })
    }

    /// Forgets what a connection that is gone waited for, and says under which tickets that was.
    pub(in crate::engine) fn forget(&mut self, connection: ConnectionId) -> Vec<Ticket> {
        self.software.remove(&connection);
        self.plans.retain(|_, plan| plan.connection != connection);
        let of_connection = |(ticket, kept): (&Ticket, &Kept)| {
            (kept.call.connection == connection).then_some(*ticket)
        };
        let tickets: Vec<_> = self.kept.iter().filter_map(of_connection).collect();
        for ticket in &tickets {
            self.kept.remove(ticket);
        }
        tickets
    }
}
