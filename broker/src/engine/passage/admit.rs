//! Requests that come: what stands between a client and the handler of its request.

use super::{Passage, PassageTimer};
use crate::engine::context::{Call, Effect, Effects, Ticket};
use crate::engine::fault::{FaultId, Left, LetGo, Met};
use crate::engine::ids::NOBODY;
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::wire::apis::Request;

/// What becomes of a request that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Admitted {
    /// It is to be done.
    Goes,
    /// It is yet to meet fault rules.
    MeetsRules,
    /// Its connection is throttled.
    Waits,
    /// It is not done; its client hears why not, if anything.
    Ends,
}

impl Passage {
    /// Lets a request in, or says why not. It is moved only if it must be kept: most are done at once.
    pub(in crate::engine) fn admit(
        &mut self,
        state: &mut State,
        now: Now,
        (call, request): (&mut Call, &Request),
        effects: &mut Effects,
    ) -> Admitted {
        if state.sasl.is_over(call.connection) {
            return Admitted::Ends;
        }
        self.last_ticket = self.last_ticket.saturating_add(1);
        call.ticket = Ticket(self.last_ticket);
        if self.mutes.has(call.connection) {
            return Admitted::Waits;
        }
        let principal = state.sasl.principal(call.connection);
        self.journal
            .asked((call, request), principal, &state.cluster);
        if !state.cluster.runs(call.node) {
            let connection = call.connection;
            let reason = "the node stops".to_owned();
            effects.0.push(Effect::Close { connection, reason });
            return Admitted::Ends;
        }
        if self.turned_away(state, now, (call, request), effects) {
            return Admitted::Ends;
        }
        if let Request::ApiVersions(request) = request {
            let software = &request.client_software_name;
            self.faults.introduce(call.connection, software);
        }
        call.last_rule = self.faults.last_id();
        if self.faults.is_idle() || call.connection == NOBODY {
            return Admitted::Goes;
        }
        Admitted::MeetsRules
    }

    /// Keeps the request of a connection that is throttled.
    pub(in crate::engine) fn keep_muted(&mut self, call: Call, request: Request) {
        self.mutes.keep(call, request);
    }

    /// Asks the rules that were mounted after `since`, and hands back what is left to be done.
    pub(in crate::engine) fn meet_rules(
        &mut self,
        state: &mut State,
        now: Now,
        (call, request): (Call, Request),
        since: FaultId,
        effects: &mut Effects,
    ) -> Option<(Call, Request)> {
        let logs_in = matches!(
            request,
            Request::SaslHandshake(_) | Request::SaslAuthenticate(_)
        );
        let met = self.faults.meet(state, call, request, since);
        self.note_acted();
        match met {
            Met::GoesOn(asked) => return Some(*asked),
            Met::Kept(ticket, wait) => self.keep(now, ticket, wait),
            Met::Ended(effect) => effects.0.extend(effect.map(|effect| *effect)),
            Met::Answered(left) => match *left {
                // Who fails to log in is told so after a delay, and closed.
                Left::Out(out) if logs_in => {
                    let (call, answer, _) = *out;
                    let why = "a fault rule refuses the log-in".to_owned();
                    self.refuse(state, now, (&call, Some(answer)), why, effects);
                }
                left @ (Left::Out(_) | Left::Kept(..) | Left::Swallowed) => {
                    self.leave(now, left, effects);
                }
            },
        }
        None
    }

    /// Lets go what a rule keeps under a ticket, and hands back what is to be done of it.
    pub(in crate::engine) fn go_on(
        &mut self,
        state: &mut State,
        now: Now,
        ticket: Ticket,
        effects: &mut Effects,
    ) -> Option<(Call, Request)> {
        self.timers.cancel(&PassageTimer::Fault(ticket));
        match self.faults.let_go(state, ticket)? {
            LetGo::Request(by, mut call, request) => {
                // Whatever waits for something from here on waits from here on.
                call.arrived = now;
                self.meet_rules(state, now, (call, *request), by, effects)
            }
            LetGo::Answer(left) => {
                self.leave(now, left, effects);
                None
            }
        }
    }

    /// Has the journal say which rule acted, and what it kept from being done.
    pub(super) fn note_acted(&mut self) {
        if let Some((connection, rule)) = self.faults.take_acted() {
            self.journal.acted(connection, rule);
        }
        if let Some((connection, most)) = self.faults.take_curbed() {
            self.journal.curbed(connection, most);
        }
    }
}
