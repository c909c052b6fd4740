//! What connections, the timer and the control port share: the engine and the ways to connections.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::alarm::Alarm;
use super::clock::Clock;
use super::departed;
use super::journal_file::JournalFile;
use super::limits::Limits;
use super::links::{self, LinkRules};
use super::mailbox::Mailbox;
use super::named::Named;
use super::passed::Passed;
use super::recordings::Recordings;
use super::sockets::Sockets;
use super::strangers::Strangers;
use super::told::{self, log};
use super::traffic::Meter;
use crate::engine::commands::{Command, CommandFailure};
use crate::engine::context::{Call, ConnectionId, Effect, Effects};
use crate::engine::input::{Input, Reply};
use crate::engine::journal::Row;
use crate::engine::passage::warnings::Warnings;
use crate::engine::sasl::Reads;
use crate::engine::time::Now;
use crate::engine::{Engine, ListenerId};
use crate::wire::apis::Request;
use crate::wire::releases::Release;
use crate::wire::units::NodeId;

/// How far a manual clock is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    For(Duration),
    /// To the next thing that is due and does not merely recur.
    ToNext,
}

type Mailboxes = HashMap<ConnectionId, Mailbox>;

/// One running cluster.
#[derive(Debug)]
pub(crate) struct Shared {
    engine: Mutex<Guarded>,
    pub(super) recordings: Recordings,
    /// Where rows of the journal go as they come. Locked after the engine, where both are.
    pub(super) journal_file: Mutex<Option<JournalFile>>,
    mailboxes: RwLock<Mailboxes>,
    pub(super) next_connection: AtomicU64,
    pub(super) alarm: Alarm,
    /// A connection has ended, or settings have changed.
    pub(super) connections: Notify,
    /// Changes when a fault rule's count or phase does.
    pub(super) fault_news: watch::Sender<()>,
    /// Changes when keys are to be asked for.
    #[cfg(all(feature = "control", feature = "oauth"))]
    pub(super) key_news: watch::Sender<()>,
    /// Changes when a request begins to wait under a manual clock.
    pub(super) long_poll_news: watch::Sender<()>,
    pub(crate) clock: Clock,
    pub(super) limits: Limits,
    /// Who is gone and owed an answer.
    pub(crate) departed: departed::Count,
    pub(super) passed: Passed,
    pub(super) sockets: Sockets,
    /// Who has yet to log in.
    pub(super) strangers: Strangers,
    #[cfg(feature = "tls")]
    pub(super) keyring: super::tls::Keyring,
    pub(super) named: Named,
    pub(crate) links: LinkRules,
    /// What the cluster was told to be.
    pub(super) release: Option<Release>,
    pub(crate) traffic: Meter,
    /// Changes whenever the journal has new rows and somebody waits for them.
    news: watch::Sender<()>,
}

/// The engine, and when its timer goes off next.
#[derive(Debug)]
pub(super) struct Guarded {
    pub(super) engine: Engine,
    pub(super) armed: Option<Duration>,
    /// What was announced.
    seen: Seen,
    /// Warnings of connections that were never the engine's.
    pub(super) refusals: Warnings,
}

impl Guarded {
    /// The lines that are to be logged, with the counts that are to be told by now.
    pub(super) fn warnings(&mut self, clock: &Clock) -> Vec<String> {
        let mut lines = self.engine.passage.warnings.take();
        if self.refusals.is_counting() {
            self.refusals.tell_counts(clock.now().elapsed);
        }
        lines.append(&mut self.refusals.take());
        lines
    }
}

/// How far those who wait for news have heard.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// The last row of the journal.
    row: u64,
    /// How often fault rules have changed.
    rules: u64,
    /// How many requests have begun to wait.
    parked: u64,
    /// How often keys were to be asked for.
    #[cfg(all(feature = "control", feature = "oauth"))]
    keys: u64,
}

impl Shared {
    pub(crate) fn new(engine: Engine, clock: Clock, limits: Limits, links: LinkRules) -> Self {
        let release = engine.state.release.clone();
        links.follow(&links::specs(&engine));
        Self {
            engine: Mutex::new(Guarded {
                engine,
                armed: None,
                seen: Seen::default(),
                refusals: Warnings::default(),
            }),
            recordings: Recordings::default(),
            journal_file: Mutex::new(None),
            mailboxes: RwLock::default(),
            next_connection: AtomicU64::new(1),
            alarm: Alarm::default(),
            connections: Notify::new(),
            fault_news: watch::Sender::new(()),
            #[cfg(all(feature = "control", feature = "oauth"))]
            key_news: watch::Sender::new(()),
            long_poll_news: watch::Sender::new(()),
            clock,
            limits,
            departed: departed::Count::default(),
            passed: Passed::default(),
            sockets: Sockets::default(),
            strangers: Strangers::default(),
            #[cfg(feature = "tls")]
            keyring: super::tls::Keyring::default(),
            named: Named::default(),
            links,
            release,
            traffic: Meter::default(),
            news: watch::Sender::default(),
        }
    }

    /// A connection whose effects go to `mailbox` from now on.
    pub(super) fn register(
        &self,
        mailbox: Mailbox,
        (node, listener): (NodeId, ListenerId),
        client_host: &Arc<str>,
    ) -> ConnectionId {
        let connection = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        self.with_mailboxes(|all| all.insert(connection, mailbox));
        self.tell(Input::Opened {
            connection,
            node,
            listener,
            client_host: Arc::clone(client_host),
        });
        connection
    }

    /// The connection is gone, and what it waited for with it.
    pub(super) fn forget(&self, connection: ConnectionId, why: &str) {
        self.with_mailboxes(|all| all.remove(&connection));
        let why = why.to_owned();
        self.tell(Input::Closed { connection, why });
    }

    /// Has the engine answer a request. What concerns its own connection is returned, if it comes
    /// at once.
    pub(super) fn request(&self, call: Call, request: Request) -> Option<Effect> {
        let changes_settings = request.changes_settings();
        let (arrived, own) = (call.arrived, call.connection);
        #[cfg(feature = "tls")]
        if let Some(why) = self.examine_keys(&request) {
            let connection = own;
            self.tell(Input::KeysRefused { connection, why });
        }
        let effect = self.input_of(arrived, own, Input::Request(call, request));
        if changes_settings {
            #[cfg(feature = "tls")]
            self.renew_keys();
            self.connections.notify_waiters();
        }
        effect
    }

    /// Has the engine take what a client sent. What concerns its own connection is returned, if it comes at once.
    pub(super) fn input_of(
        &self,
        mut arrived: Now,
        own: ConnectionId,
        mut input: Input,
    ) -> Option<Effect> {
        let mut effects = Effects::default();
        let _ = self.locked(|engine| {
            // A test may have moved the clock while this waited for the engine: what it begins would be over at once.
            if self.clock.is_manual() {
                arrived = self.clock.now();
                input.set_arrived(arrived);
            }
            // Only commands are refused.
            self.record(engine, arrived, input, &mut effects)
        });
        self.route(effects, Some(own))
    }

    /// Lets something happen now, and sends out what comes of it.
    fn handle(&self, input: Input) -> Result<Reply, CommandFailure> {
        self.handle_and_look(input, |_, reply| reply)
    }

    /// The same, and lets `see` look at the engine before anything else happens.
    pub(super) fn handle_and_look<T>(
        &self,
        input: Input,
        see: impl FnOnce(&Engine, Reply) -> T,
    ) -> Result<T, CommandFailure> {
        let mut effects = Effects::default();
        let seen = self.locked(|engine| {
            let reply = self.record(engine, self.clock.now(), input, &mut effects)?;
            Ok(see(engine, reply))
        });
        self.route(effects, None);
        seen
    }

    /// The same for what is never refused. Says whether it is so, if the input asks.
    pub(crate) fn tell(&self, input: Input) -> bool {
        self.handle(input).is_ok_and(Reply::is)
    }

    /// Does what a test wants.
    ///
    /// # Errors
    /// It cannot be done.
    pub(crate) fn command(&self, command: Command) -> Result<Reply, CommandFailure> {
        self.handle(Input::Command(command))
    }

    /// The same, and lets `see` look at the engine before anything else happens.
    ///
    /// # Errors
    /// It cannot be done.
    #[cfg(feature = "control")]
    pub(crate) fn command_and_look<T>(
        &self,
        command: Command,
        see: impl FnOnce(&Engine, Reply) -> T,
    ) -> Result<T, CommandFailure> {
        self.handle_and_look(Input::Command(command), see)
    }

    /// The same for what has nothing to say of itself.
    ///
    /// # Errors
    /// It cannot be done.
    pub(crate) fn carry_out(&self, command: Command) -> Result<(), CommandFailure> {
        self.command(command).map(drop)
    }

    /// What may be read of a connection next.
    pub(super) fn reads(&self, connection: ConnectionId) -> Reads {
        self.look(|engine| engine.state.sasl.reads(connection))
    }

    /// Lets `see` look at the engine as it is.
    pub(crate) fn look<T>(&self, see: impl FnOnce(&Engine) -> T) -> T {
        see(&self.lock().engine)
    }

    /// Has the engine take an input; the timer follows, and who waits for news hears.
    pub(super) fn locked<T>(&self, act: impl FnOnce(&mut Engine) -> T) -> T {
        let mut guarded = self.lock();
        let result = act(&mut guarded.engine);
        let next = guarded.engine.next_deadline();
        self.alarm.follow(&mut guarded.armed, next);
        let rows = self.announce(&mut guarded);
        let warnings = guarded.warnings(&self.clock);
        drop(guarded);
        log(warnings);
        told::tell(&rows);
        result
    }

    /// Tells anyone who waits for rows of the journal, for fault rules to act, or for a long poll to begin. Gives the rows
    /// that are to be logged.
    pub(super) fn announce(&self, guarded: &mut Guarded) -> Vec<Arc<Row>> {
        let Guarded { engine, seen, .. } = guarded;
        let now = Seen {
            row: engine.passage.journal.last(),
            rules: engine.passage.faults.news(),
            parked: engine.passage.parked_ever(),
            #[cfg(all(feature = "control", feature = "oauth"))]
            keys: engine.state.sasl.key_sets.asked_ever(),
        };
        let seen = std::mem::replace(seen, now);
        if self.clock.is_manual() && seen.parked != now.parked {
            self.long_poll_news.send_replace(());
        }
        #[cfg(all(feature = "control", feature = "oauth"))]
        if seen.keys != now.keys {
            self.key_news.send_replace(());
        }
        if seen.rules != now.rules {
            // In the same turn of the lock, so that a rule about bytes is in force as long as the engine has it.
            self.links.follow(&links::specs(engine));
            self.fault_news.send_replace(());
        }
        if seen.row == now.row {
            return Vec::new();
        }
        if self.news.receiver_count() > 0 {
            self.news.send_replace(());
        }
        let journal = &engine.passage.journal;
        self.write_rows(journal.after(seen.row));
        told::notable(journal.after(seen.row))
    }

    /// How many connections are open.
    pub(crate) fn connections(&self) -> usize {
        let mailboxes = self.mailboxes.read();
        mailboxes.unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Sees every change from now on.
    pub(crate) fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// A request that made the engine panic must not end the others.
    pub(super) fn lock(&self) -> MutexGuard<'_, Guarded> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends out what concerns connections.
    pub(super) fn send(&self, effects: Effects) {
        self.route(effects, None);
    }

    pub(super) fn route(&self, effects: Effects, own: Option<ConnectionId>) -> Option<Effect> {
        let mut inline = None;
        for effect in effects.0 {
            let to = connection_of(&effect);
            if inline.is_none() && own == Some(to) {
                inline = Some(effect);
                continue;
            }
            let mailboxes = self.mailboxes.read();
            let mailboxes = mailboxes.unwrap_or_else(PoisonError::into_inner);
            if let Some(mailbox) = mailboxes.get(&to) {
                mailbox.put(effect);
            }
        }
        inline
    }

    fn with_mailboxes<T>(&self, work: impl FnOnce(&mut Mailboxes) -> T) -> T {
        let mailboxes = self.mailboxes.write();
        work(&mut mailboxes.unwrap_or_else(PoisonError::into_inner))
    }
}

const fn connection_of(effect: &Effect) -> ConnectionId {
    match effect {
        Effect::Reply { connection, .. }
        | Effect::Encoded { connection, .. }
        | Effect::Nothing { connection }
        | Effect::Close { connection, .. } => *connection,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cluster::configs::StaticConfig;
    use crate::engine::testing::Bench;
    use crate::wire::messages::join_group_request::JoinGroupRequestProtocol;
    use crate::wire::messages::{JoinGroupRequest, str_bytes};

    #[test]
    fn a_request_that_waited_for_the_engine_comes_when_it_is_taken() {
        let (fixed, _) = StaticConfig::read(&[], &[], 1).unwrap();
        let mut bench = Bench::new(&[]);
        bench.find_coordinator("g");
        let join = JoinGroupRequest::default()
            .with_group_id(str_bytes("g").into())
            .with_session_timeout_ms(45_000)
            .with_rebalance_timeout_ms(60_000)
            .with_protocol_type(str_bytes("consumer"))
            .with_protocols(vec![JoinGroupRequestProtocol::default()]);
        let asked = bench.request(ConnectionId(1), "c", 3, join);
        let Input::Request(call, request) = asked else {
            panic!("{asked:?}");
        };
        let (limits, links) = (Limits::of(&fixed), LinkRules::new(7));
        let shared = Shared::new(bench.engine, Clock::manual(None), limits, links);
        let later = Duration::from_secs(600);
        shared.clock.set(shared.clock.now().plus(later));
        assert!(shared.request(call, request).is_none(), "it is held");
        let due = shared.look(|engine| {
            let deadlines = engine.deadlines().filter(|due| !due.recurs);
            deadlines.map(|due| due.at).collect::<Vec<_>>()
        });
        assert!(
            !due.is_empty() && due.iter().all(|at| *at >= later),
            "{due:?}"
        );
    }
}
