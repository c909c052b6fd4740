//! The broker itself: a pure state machine without sockets, clock, tasks or global randomness.

pub(crate) mod api_error;
pub(crate) mod applied;
pub(crate) mod authorizer;
pub(crate) mod certificates;
mod changes;
pub(crate) mod cluster;
pub(crate) mod commands;
pub(crate) mod context;
pub(crate) mod coordinators;
pub(crate) mod deadlines;
pub(crate) mod delegation;
mod endpoints;
pub(crate) mod fault;
pub(crate) mod features;
pub(crate) mod fetch;
pub(crate) mod group;
pub(crate) mod handlers;
mod housekeeping;
pub(crate) mod ids;
pub(crate) mod input;
pub(crate) mod inspect;
pub(crate) mod invariants;
pub(crate) mod java;
pub(crate) mod journal;
pub(crate) mod keys;
mod listeners;
pub(crate) mod log;
mod log_dirs;
mod mechanism;
pub(crate) mod msk;
pub(crate) mod new_topics;
mod nodes;
pub(crate) mod origin;
mod outbox;
pub(crate) mod passage;
pub(crate) mod principals;
pub(crate) mod producer_ids;
pub(crate) mod quota;
pub(crate) mod re2;
pub(crate) mod reassignment;
pub(crate) mod recording;
pub(crate) mod repeats;
pub(crate) mod replica;
pub(crate) mod reset;
pub(crate) mod rng;
mod room;
pub(crate) mod sasl;
mod secrets;
mod serverless;
mod settings;
pub(crate) mod share;
pub(crate) mod snapshot;
pub(crate) mod state;
mod state_log;
pub(crate) mod state_topic;
pub(crate) mod telemetry;
#[cfg(any(test, benching))]
pub(crate) mod testing;
pub(crate) mod time;
mod timers;
pub(crate) mod topic_partition;
mod topics;
pub(crate) mod transaction;
pub(crate) mod voters;

use crate::wire::apis::Request;
use crate::wire::units::NodeId;
use authorizer::Denials;
use commands::CommandFailure;
use context::{Call, ConnectionId, Context, Effect, Effects, Ticket};
use deadlines::Due;
pub(crate) use endpoints::AdvertisedAddress;
#[cfg(feature = "control")]
pub(crate) use endpoints::NodeListener;
use fault::FaultId;
use input::{Input, Reply};
pub use listeners::Protocol;
pub(crate) use listeners::{Advertise, Listener, ListenerId, NodeAddress, host_port};
pub(crate) use mechanism::Mechanism;
use origin::{Origin, Unfounded};
use passage::{Admitted, Passage, PassageTimer, Speaker};
pub(crate) use settings::{NodeSettings, Settings};
use state::State;
use time::Now;

/// The cluster as a function of time and input: what it is, and what becomes of requests on their way to it. Only here
/// the two meet.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) state: State,
    pub(crate) passage: Passage,
    checks_invariants: bool,
}

impl Engine {
    /// A cluster that begins with what `origin` says.
    ///
    /// # Errors
    /// The first of it that cannot be.
    pub(crate) fn begin(settings: Settings, now: Now, origin: &Origin) -> Result<Self, Unfounded> {
        let mut engine = Self::new(settings, now);
        engine.furnish(now, origin)?;
        engine.write_down(now, &Effects::default());
        Ok(engine)
    }

    pub(crate) fn new(settings: Settings, now: Now) -> Self {
        let checks_invariants = settings.check_invariants;
        let passage = Passage::new(settings.journal, settings.seed);
        Self {
            state: State::new(settings, now),
            passage,
            checks_invariants,
        }
    }

    /// Lets something happen. What clients are to hear of it goes to `effects`, after what is there.
    ///
    /// # Errors
    /// A command cannot be done; nothing has changed, unless it says so itself.
    pub(crate) fn handle(
        &mut self,
        now: Now,
        input: Input,
        effects: &mut Effects,
    ) -> Result<Reply, CommandFailure> {
        // What follows an input looks at its own effects alone. Most often there are no others.
        let mut earlier = std::mem::take(&mut effects.0);
        self.state.sasl.forget_verdict();
        let reply = self.take(now, input, effects);
        self.finish(now, effects);
        if !earlier.is_empty() {
            earlier.append(&mut effects.0);
            effects.0 = earlier;
        }
        if self.checks_invariants {
            self.assert_sound();
        }
        reply
    }

    fn take(
        &mut self,
        now: Now,
        input: Input,
        effects: &mut Effects,
    ) -> Result<Reply, CommandFailure> {
        match input {
            Input::Opened {
                connection,
                node,
                listener,
                client_host,
            } => {
                let by = (node, self.state.opened(connection, listener));
                self.passage
                    .journal
                    .opened(now, connection, by, &client_host);
            }
            Input::Secured {
                connection,
                node,
                certificate,
            } => self.secured((node, connection), certificate.as_deref(), effects),
            Input::KeysRefused { connection, why } => self.state.refuse_keys(connection, why),
            #[cfg(feature = "oauth")]
            Input::KeySetCame { set, came } => self.state.key_set_came(set, came),
            #[cfg(not(feature = "oauth"))]
            Input::KeySetCame { .. } => {}
            Input::Request(call, request) => self.request(now, call, request, effects),
            Input::Token(call, token) => {
                self.passage
                    .token(&mut self.state, now, (&call, &token), effects);
            }
            Input::FrameRefused(call, why) => {
                self.passage
                    .refuse(&mut self.state, now, (&call, None), why, effects);
            }
            Input::Departed(connection) => return Ok(Reply::Is(self.passage.departed(connection))),
            Input::Misbehaved { connection, why } => {
                self.passage.warn_closed(now, connection, &why);
            }
            Input::Closed { connection, why } => self.closed(now, connection, &why),
            Input::LongPollOver(connection) => self.end_long_poll(now, connection, effects),
            Input::LinkOffered(rule) => {
                return Ok(Reply::Is(self.passage.faults.takes_connection(rule)));
            }
            Input::LinkActed(rule) => self.passage.faults.hit(rule),
            Input::Deadline => return Ok(Reply::Is(self.fire_next(now, effects))),
            Input::Command(command) => return self.command(now, command, effects),
        }
        Ok(Reply::Done)
    }

    /// Does the first thing that is due, if anything is.
    fn fire_next(&mut self, now: Now, effects: &mut Effects) -> bool {
        let Some(due) = self.pop_due(now) else {
            return false;
        };
        match due {
            Due::State(timer) => self.state.on_timer(now, timer),
            Due::Passage(PassageTimer::Fault(ticket)) => self.go_on(now, ticket, effects),
            Due::Passage(PassageTimer::Mute(connection)) => {
                self.end_mute(now, connection, effects);
            }
            Due::Passage(PassageTimer::Refusal(connection)) => {
                self.passage
                    .tell_refused(&self.state, now, connection, effects);
            }
            Due::Passage(PassageTimer::Parked(ticket)) => {
                self.run_again(now, ticket, true, effects);
            }
        }
        true
    }

    /// Takes a request; what becomes of it is among the effects, now or after a later input.
    fn request(&mut self, now: Now, mut call: Call, request: Request, effects: &mut Effects) {
        let Self { state, passage, .. } = self;
        match passage.admit(state, now, (&mut call, &request), effects) {
            Admitted::Goes => self.run(now, call, request, effects),
            Admitted::MeetsRules => {
                let asked = (call, request);
                let met = passage.meet_rules(state, now, asked, FaultId::default(), effects);
                if let Some((call, request)) = met {
                    self.run(now, call, request, effects);
                }
            }
            Admitted::Waits => passage.keep_muted(call, request),
            Admitted::Ends => {}
        }
    }

    /// Has a request's handler do it.
    fn run(&mut self, now: Now, call: Call, request: Request, effects: &mut Effects) {
        let Self { state, passage, .. } = self;
        let changes_settings = request.changes_settings();
        if request.is_for_controller() {
            state.publish_topics(now);
        }
        let denials = Denials::default();
        let mut cx = Context {
            state,
            now,
            call: &call,
            throttle_ms: 0,
            throttles: passage,
            denials: &denials,
        };
        let speaker = Speaker::of(&request);
        let answer = handlers::run(&mut cx, request);
        let throttle_ms = cx.throttle_ms;
        passage.journal.denied(call.connection, denials.take());
        if let Some(speaker) = speaker {
            passage.heard.spoke(&state.groups, &call, speaker, &answer);
        }
        if changes_settings {
            state.settings_changed(now);
        }
        // Before the request itself may wait: nobody is woken by what they did.
        passage.deliver(now, &mut state.outbox);
        passage.conclude(state, now, call, (answer, throttle_ms), effects);
    }

    /// Runs those who were woken, and those whom these wake.
    fn run_woken(&mut self, now: Now, effects: &mut Effects) {
        while self.passage.has_woken() {
            for ticket in self.passage.take_woken() {
                self.run_again(now, ticket, false, effects);
            }
        }
    }

    fn run_again(&mut self, now: Now, ticket: Ticket, expired: bool, effects: &mut Effects) {
        if let Some((mut call, request, until)) =
            self.passage.unpark(&mut self.state.outbox, ticket)
        {
            call.expired = expired || until.is_some_and(|until| until.elapsed <= now.elapsed);
            self.run(now, call, request, effects);
        }
    }

    /// Answers a connection's waiting request with what there is.
    fn end_long_poll(&mut self, now: Now, connection: ConnectionId, effects: &mut Effects) {
        if let Some(ticket) = self.passage.parked_of(connection) {
            self.run_again(now, ticket, true, effects);
        }
    }

    /// Lets go what a rule keeps under a ticket.
    fn go_on(&mut self, now: Now, ticket: Ticket, effects: &mut Effects) {
        if let Some((call, request)) = self.passage.go_on(&mut self.state, now, ticket, effects) {
            self.run(now, call, request, effects);
        }
    }

    /// Takes up what a throttled connection has sent.
    fn end_mute(&mut self, now: Now, connection: ConnectionId, effects: &mut Effects) {
        if let Some((call, request)) = self.passage.end_mute(now, connection) {
            self.request(now, call, request, effects);
        }
    }

    /// A connection goes through TLS. One whose certificate names nobody is closed.
    fn secured(
        &mut self,
        (node, connection): (NodeId, ConnectionId),
        certificate: Option<&str>,
        effects: &mut Effects,
    ) {
        let known = self.state.secured(node, connection, certificate);
        if let Err(reason) = known {
            effects.0.push(Effect::Close { connection, reason });
        }
    }

    /// Forgets what a connection waits for.
    fn forget(&mut self, connection: ConnectionId) {
        if let Some(ticket) = self.passage.forget(&mut self.state.outbox, connection) {
            self.state.replicating.remove(&ticket);
            self.state.shares.forget_ticket(ticket);
        }
    }

    /// Forgets a connection that is gone, and what it waited for.
    fn closed(&mut self, now: Now, connection: ConnectionId, why: &str) {
        self.passage.closed(now, connection, why);
        self.state.sasl.closed(connection);
        self.state.listeners.closed(connection);
        self.state.keys_refused.remove(&connection);
        self.forget(connection);
        self.state.share_client_gone(now, connection);
    }

    /// What follows every input: the cluster goes on, who was woken runs, groups say what they have to say, and answers
    /// become rows of the journal.
    fn finish(&mut self, now: Now, effects: &mut Effects) {
        self.state.follow_up(now);
        self.passage.deliver(now, &mut self.state.outbox);
        self.run_woken(now, effects);
        self.passage.answer_held(&self.state, now, effects);
        passage::close_refused(&mut self.state, effects);
        self.passage.note_cut(effects);
        self.write_down(now, effects);
        self.passage.warnings.tell_counts(now.elapsed);
        let (held, most) = (self.state.log_bytes(), self.state.log_bytes_max());
        self.passage.warnings.note_room(held, most);
    }

    /// Writes the rows of what has changed and of what is answered.
    fn write_down(&mut self, now: Now, effects: &Effects) {
        self.state.tell_topics();
        self.passage.deliver(now, &mut self.state.outbox);
        let cluster = &self.state.cluster;
        self.passage.journal.answered(now, cluster, effects);
    }
}
