//! What becomes of requests on their way: they are let in, kept, throttled, parked, held and answered, and written
//! down. Fault rules and quotas are guests here: the passage asks them, and does what they say.
//!
//! The passage looks at the state of the cluster and never changes what a client could see of it; nothing in the state
//! knows of the passage. What the state has to say comes by its outbox ([`Passage::deliver`]).

mod admit;
mod answer;
mod heard;
mod held;
mod mute;
mod parked;
mod refused;
pub(crate) mod warnings;

use std::collections::BTreeSet;
use std::time::Duration;

use super::context::{Call, ConnectionId, Ticket};
use super::fault::{FaultId, Faults, Heartbeats};
use super::ids::NOBODY;
use super::journal::{Failure, Journal, JournalSettings};
use super::outbox::{Notice, Outbox, Unreadable};
use super::time::Now;
use super::timers::Timers;
use crate::engine::room::Full;
use crate::wire::apis::Request;
use crate::wire::error::ErrorCode;
pub(super) use admit::Admitted;
use heard::Heard;
pub(super) use heard::{CarriedHeard, Speaker};
use held::Held;
pub(super) use mute::CarriedMute;
use mute::Mutes;
use parked::{Parked, Waiting};
use refused::Refusals;
pub(super) use refused::close_refused;
use warnings::Warnings;

/// What becomes due for a request or a connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum PassageTimer {
    /// A request or answer that a fault rule keeps.
    Fault(Ticket),
    /// A connection that a quota or a fault rule throttles.
    Mute(ConnectionId),
    /// A client that failed to authenticate, and is yet to be told.
    Refusal(ConnectionId),
    Parked(Ticket),
}

/// Requests on their way, and who watches them.
#[derive(Debug)]
pub(crate) struct Passage {
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) warnings: Warnings,
    pub(super) timers: Timers<PassageTimer>,
    pub(super) parked: Parked,
    pub(super) held: Held,
    pub(crate) heard: Heard,
    mutes: Mutes,
    refusals: Refusals,
    woken: Vec<Ticket>,
    pub(super) last_ticket: u64,
}

impl Passage {
    pub(super) fn new(journal: JournalSettings, seed: u64) -> Self {
        Self {
            journal: Journal::new(journal),
            faults: Faults::new(seed),
            warnings: Warnings::default(),
            timers: Timers::new(),
            parked: Parked::default(),
            held: Held::default(),
            heard: Heard::default(),
            mutes: Mutes::default(),
            refusals: Refusals::default(),
            woken: Vec::new(),
            last_ticket: 0,
        }
    }

    /// Hands on what the state has to say: who is woken, what groups answer, what the journal writes down.
    pub(super) fn deliver(&mut self, now: Now, outbox: &mut Outbox) {
        for notice in outbox.drain() {
            match notice {
                Notice::Wake(on) => self.woken.extend(self.parked.woken_by(&on)),
                Notice::Reply(ticket, reply) => self.held.reply(ticket, reply),
                Notice::Abandon(ticket) => self.held.abandon(ticket),
                Notice::Change(event) => self.journal.push(now, *event),
                Notice::Group(note) => self.journal.group(now, &note),
                Notice::Shared(place, what) => self.journal.shared(place, what),
                Notice::Applied(connection, applied) => self.journal.applied(connection, applied),
                Notice::Unreadable(what) => self.unreadable(now, &what),
                Notice::Full(what) => self.full(&what),
                Notice::LoginRefused { connection, why } => {
                    let failure = Failure {
                        error: ErrorCode::SaslAuthenticationFailed,
                        topic: None,
                        partition: None,
                        reason: Some(why),
                    };
                    self.journal.explain(connection, failure);
                }
            }
        }
    }

    /// Says why records cannot be read, to anyone who runs the broker and in the request's row.
    fn unreadable(&mut self, now: Now, what: &Unreadable) {
        let client = self.journal.client(what.connection);
        self.warnings.unreadable(now, client, what);
        let failure = Failure {
            error: what.error,
            topic: Some(what.topic.clone()),
            partition: Some(what.partition),
            reason: Some(format!("{}: {}", what.codec.name(), what.reason)),
        };
        self.journal.explain(what.connection, failure);
    }

    /// Says what to do about logs that are full, to anyone who runs the broker and in the request's row.
    fn full(&mut self, what: &Full) {
        self.warnings.full(what);
        let failure = Failure {
            error: ErrorCode::KafkaStorageError,
            topic: Some(what.topic.clone()),
            partition: Some(what.partition),
            reason: Some(what.reason()),
        };
        self.journal.explain(what.connection, failure);
    }

    /// Warns of a connection that the broker closes because of what the client sent.
    pub(super) fn warn_closed(&mut self, now: Now, connection: ConnectionId, why: &str) {
        let client = self.journal.client(connection);
        self.warnings.closed(now, (connection, client), why);
    }

    /// Whose request waits: for time to pass or for something else to happen.
    pub(crate) fn waiting(&self) -> BTreeSet<ConnectionId> {
        let parked = self.parked.connections();
        let all = parked.chain(self.held.connections());
        let all = all.chain(self.kept()).chain(self.refusals.connections());
        all.filter(|connection| *connection != NOBODY).collect()
    }

    /// Whether the coordinator would hear none of a member's heartbeats now.
    pub(super) fn silences(&self, beats: &Heartbeats<'_>) -> bool {
        self.mutes.has(beats.connection) || self.faults.silences(beats)
    }

    /// Whose request or answer a fault rule keeps, or what throttles its connection.
    pub(super) fn kept(&self) -> impl Iterator<Item = ConnectionId> {
        self.faults.kept().chain(self.mutes.waiting())
    }

    /// How many requests and answers a rule keeps.
    pub(crate) fn kept_by(&self, rule: FaultId) -> usize {
        let muted = self.mutes.waiting_for(rule);
        self.faults.kept_by(rule).saturating_add(muted)
    }

    /// How long a connection's request still waits to be run again.
    pub(crate) fn long_poll(&self, connection: ConnectionId) -> Option<Duration> {
        let waiting = self.parked.of(connection)?;
        let arrived = waiting.call.arrived.elapsed;
        Some(waiting.until?.elapsed.saturating_sub(arrived))
    }

    /// How many requests have begun to wait.
    pub(crate) const fn parked_ever(&self) -> u64 {
        self.parked.ever()
    }

    /// Takes out a parked request, to be run again, and says until when it was to wait, if it was not for ever.
    pub(super) fn unpark(
        &mut self,
        outbox: &mut Outbox,
        ticket: Ticket,
    ) -> Option<(Call, Request, Option<Now>)> {
        let Waiting {
            call,
            request,
            until,
            ..
        } = self.parked.take(ticket)?;
        outbox.note_wakes(!self.parked.is_empty());
        self.timers.cancel(&PassageTimer::Parked(ticket));
        Some((call, request, until))
    }

    /// Under which ticket a connection's request is parked.
    pub(super) fn parked_of(&self, connection: ConnectionId) -> Option<Ticket> {
        self.parked
            .of(connection)
            .map(|waiting| waiting.call.ticket)
    }

    /// Those who were woken, in order; who is woken from now on comes later.
    pub(super) fn take_woken(&mut self) -> Vec<Ticket> {
        std::mem::take(&mut self.woken)
    }

    pub(super) const fn has_woken(&self) -> bool {
        !self.woken.is_empty()
    }

    /// A client sends no more, or is gone. Says whether its connection is owed an answer.
    pub(super) fn departed(&mut self, connection: ConnectionId) -> bool {
        self.journal.departed(connection);
        self.heard.closed(connection);
        let parked = self.parked.connections();
        let all = parked.chain(self.held.connections()).chain(self.kept());
        all.into_iter().any(|waiting| waiting == connection)
    }

    /// A connection is gone: nobody is left to be told.
    pub(super) fn closed(&mut self, now: Now, connection: ConnectionId, why: &str) {
        self.journal.closed(now, connection, why);
        self.heard.closed(connection);
        self.refusals.forget(connection);
        self.timers.cancel(&PassageTimer::Refusal(connection));
    }

    /// Forgets what a connection waits for, and says which parked request that was.
    pub(super) fn forget(
        &mut self,
        outbox: &mut Outbox,
        connection: ConnectionId,
    ) -> Option<Ticket> {
        self.unmute(connection);
        for ticket in self.faults.forget(connection) {
            self.timers.cancel(&PassageTimer::Fault(ticket));
        }
        self.held.forget(connection);
        let ticket = self.parked.forget(connection)?;
        outbox.note_wakes(!self.parked.is_empty());
        self.timers.cancel(&PassageTimer::Parked(ticket));
        Some(ticket)
    }

    /// Forgets rules, throttles and rows of the journal.
    pub(super) fn forget_all(&mut self) {
        self.forget_rules();
        self.mutes = Mutes::default();
        self.timers = Timers::new();
        self.journal.clear();
    }

    /// Forgets all rules, with what they keep.
    pub(super) fn forget_rules(&mut self) {
        self.faults.clear();
        // What a quota throttles is no rule's.
        self.mutes.retain_quotas();
    }

    /// Forgets what waits for a cluster that is no more. Rules and the journal stay. If you add a field, decide here
    /// what a reset does to it.
    pub(super) fn start_over(&mut self) {
        let Self {
            journal: _,
            faults: _,
            warnings: _,
            timers,
            parked,
            held,
            // Connections stay, and members that are gone say nothing.
            heard: _,
            mutes: _,
            refusals: _,
            woken,
            last_ticket: _,
        } = self;
        // Rules go on throttling whom they throttle.
        timers.cancel_all(|key| !matches!(key, PassageTimer::Mute(_)));
        *parked = Parked::default();
        *held = Held::default();
        woken.clear();
    }

    /// Whether a timer has its reason.
    pub(super) fn has_reason(&self, timer: &PassageTimer) -> bool {
        match timer {
            PassageTimer::Fault(ticket) => self.faults.keeps_ticket(*ticket),
            PassageTimer::Mute(connection) => self.mutes.has(*connection),
            PassageTimer::Refusal(connection) => self.refusals.has(*connection),
            PassageTimer::Parked(ticket) => self.parked.get(*ticket).is_some(),
        }
    }

    /// What is due, in words.
    pub(super) fn describe(&self, timer: &PassageTimer) -> String {
        match timer {
            PassageTimer::Fault(ticket) => self.faults.describe_kept(*ticket),
            PassageTimer::Mute(connection) => self.mutes.describe(*connection, &self.faults),
            PassageTimer::Refusal(connection) => {
                let number = connection.0;
                format!("end of connection {number}, which failed to authenticate")
            }
            PassageTimer::Parked(ticket) => match self.parked.get(*ticket) {
                Some(waiting) => format!(
                    "wait of a {} of client {:?}",
                    waiting.request.name(),
                    waiting.call.client_id
                ),
                None => "wait of a request".to_owned(),
            },
        }
    }
}
