//! Requests and answers that wait for a moment or for a rule to be released.

use super::leave::Plan;
use super::{FaultId, Faults, Phase};
use crate::engine::context::{Call, ConnectionId, Effect, Effects, Ticket};
use crate::engine::time::Now;
use crate::engine::{Engine, TimerKey};
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

impl Engine {
    /// Ends a rule: what it keeps goes on, and it acts no more. Says whether there is such a rule.
    pub(in crate::engine) fn release_fault(
        &mut self,
        now: Now,
        id: FaultId,
        effects: &mut Effects,
    ) -> bool {
        let Some(mounted) = self.faults.get_mut(id) else {
            return false;
        };
        mounted.phase = Phase::Ended;
        self.faults.changed();
        let kept = self.faults.kept.iter();
        let tickets: Vec<_> = kept
            .filter(|(_, kept)| kept.by == id)
            .map(|(ticket, _)| *ticket)
            .collect();
        for ticket in tickets {
            self.go_on(now, ticket, effects);
        }
        self.end_mutes(now, id, effects);
        true
    }

    /// Releases a rule and forgets it, with what it expected.
    pub(in crate::engine) fn remove_fault(
        &mut self,
        now: Now,
        id: FaultId,
        effects: &mut Effects,
    ) -> bool {
        let known = self.release_fault(now, id, effects);
        self.faults.rules.retain(|mounted| mounted.id != id);
        known
    }

    /// Ends all rules. Those that expect something stay to be asked whether it came.
    pub(in crate::engine) fn heal(&mut self, now: Now, effects: &mut Effects) {
        // All of them first, so that what one lets go does not run into the next.
        for mounted in &mut self.faults.rules {
            mounted.phase = Phase::Ended;
        }
        let ids: Vec<_> = self.faults.rules.iter().map(|mounted| mounted.id).collect();
        for id in ids {
            self.release_fault(now, id, effects);
        }
        self.faults
            .rules
            .retain(|mounted| mounted.rule.expect.is_some());
    }

    /// Lets go what a ticket keeps.
    pub(in crate::engine) fn go_on(&mut self, now: Now, ticket: Ticket, effects: &mut Effects) {
        self.timers.cancel(&TimerKey::Fault(ticket));
        let Some(Kept { by, mut call, what }) = self.faults.kept.remove(&ticket) else {
            return;
        };
        match what {
            What::Request(request) => {
                // Whatever waits for something from here on waits from here on.
                call.arrived = now;
                self.meet_faults(now, call, *request, by, effects);
            }
            What::Answer(answer) => {
                let (effect, plan) = *answer;
                self.leave(now, call, effect, plan, effects);
            }
        }
    }

    /// Forgets what a connection that is gone waited for.
    pub(in crate::engine) fn forget_faults(&mut self, connection: ConnectionId) {
        self.faults.software.remove(&connection);
        self.forget_mute(connection);
        let of_connection = |(ticket, kept): (&Ticket, &Kept)| {
            (kept.call.connection == connection).then_some(*ticket)
        };
        let tickets: Vec<_> = self.faults.kept.iter().filter_map(of_connection).collect();
        for ticket in tickets {
            self.timers.cancel(&TimerKey::Fault(ticket));
            self.faults.kept.remove(&ticket);
        }
        self.faults
            .plans
            .retain(|_, plan| plan.connection != connection);
    }
}
