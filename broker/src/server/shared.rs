//! What connections, the timer and the control port share: the engine and the ways to connections.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Notify, watch};

use super::clock::Clock;
use super::limits::Limits;
use super::link::rules::LinkRules;
use super::nodes::Sockets;
use super::recording::Recordings;
use super::snapshots::Named;
use super::{departed, faults};
use crate::engine::Engine;
use crate::engine::commands::{Command, Refused};
use crate::engine::context::{Call, ConnectionId, Effect, Effects};
use crate::engine::deadlines::Deadline;
use crate::engine::input::{Input, Reply};
use crate::engine::sasl::Reads;
use crate::engine::time::Now;
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

type Mailboxes = HashMap<ConnectionId, UnboundedSender<Effect>>;

/// One running cluster.
#[derive(Debug)]
pub(crate) struct Shared {
    engine: Mutex<Guarded>,
    pub(super) recordings: Recordings,
    mailboxes: RwLock<Mailboxes>,
    pub(super) next_connection: AtomicU64,
    pub(super) timer: Notify,
    /// A connection has ended, or settings have changed.
    pub(super) connections: Notify,
    /// Changes when a fault rule's count or phase does.
    pub(super) fault_news: watch::Sender<()>,
    /// Changes when a request begins to wait under a manual clock.
    pub(super) long_poll_news: watch::Sender<()>,
    pub(crate) clock: Clock,
    pub(super) limits: Limits,
    /// Who is gone and owed an answer.
    pub(crate) departed: departed::Count,
    pub(super) sockets: Sockets,
    pub(super) named: Named,
    pub(crate) links: LinkRules,
    /// What the cluster was told to be.
    pub(super) release: Option<Release>,
    received: AtomicU64,
    sent: AtomicU64,
    /// Changes whenever the journal has new rows and somebody waits for them.
    news: watch::Sender<()>,
}

/// Bytes that went through all connections, frames and their sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

/// The engine, and when its timer goes off next.
#[derive(Debug)]
struct Guarded {
    engine: Engine,
    armed: Option<Duration>,
    /// What was announced.
    seen: Seen,
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
}

impl Shared {
    pub(crate) fn new(engine: Engine, clock: Clock, limits: Limits, links: LinkRules) -> Self {
        let release = engine.state.release.clone();
        links.follow(&faults::specs(&engine));
        Self {
            engine: Mutex::new(Guarded {
                engine,
                armed: None,
                seen: Seen::default(),
            }),
            recordings: Recordings::default(),
            mailboxes: RwLock::default(),
            next_connection: AtomicU64::new(1),
            timer: Notify::new(),
            connections: Notify::new(),
            fault_news: watch::Sender::new(()),
            long_poll_news: watch::Sender::new(()),
            clock,
            limits,
            departed: departed::Count::default(),
            sockets: Sockets::default(),
            named: Named::default(),
            links,
            release,
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            news: watch::Sender::default(),
        }
    }

    /// A connection whose effects go to `mailbox` from now on.
    pub(super) fn register(
        &self,
        mailbox: UnboundedSender<Effect>,
        node: NodeId,
        client_host: &Arc<str>,
    ) -> ConnectionId {
        let connection = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        self.with_mailboxes(|all| all.insert(connection, mailbox));
        self.tell(Input::Opened {
            connection,
            node,
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
        let (now, own) = (call.arrived, call.connection);
        let effect = self.input_of(now, own, Input::Request(call, request));
        if changes_settings {
            self.connections.notify_waiters();
        }
        effect
    }

    /// Has the engine take what a client sent. What concerns its own connection is returned, if it comes at once.
    pub(super) fn input_of(&self, now: Now, own: ConnectionId, input: Input) -> Option<Effect> {
        let mut effects = Effects::default();
        // Only commands are refused.
        let _ = self.locked(|engine| self.record(engine, now, input, &mut effects));
        self.route(effects, Some(own))
    }

    /// Lets something happen now, and sends out what comes of it.
    fn handle(&self, input: Input) -> Result<Reply, Refused> {
        self.handle_and_look(input, |_, reply| reply)
    }

    /// The same, and lets `see` look at the engine before anything else happens.
    pub(super) fn handle_and_look<T>(
        &self,
        input: Input,
        see: impl FnOnce(&Engine, Reply) -> T,
    ) -> Result<T, Refused> {
        let mut effects = Effects::default();
        let now = self.clock.now();
        let seen = self.locked(|engine| {
            let reply = self.record(engine, now, input, &mut effects)?;
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
    pub(crate) fn command(&self, command: Command) -> Result<Reply, Refused> {
        self.handle(Input::Command(command))
    }

    /// The same for what has nothing to say of itself.
    ///
    /// # Errors
    /// It cannot be done.
    pub(crate) fn carry_out(&self, command: Command) -> Result<(), Refused> {
        self.command(command).map(drop)
    }

    /// What may be read of a connection next.
    pub(super) fn reads(&self, connection: ConnectionId) -> Reads {
        self.look(|engine| engine.state.sasl.reads(connection))
    }

    /// Does what is due, and says when something is due next.
    pub(super) fn expire(&self) -> Option<Duration> {
        let mut effects = Effects::default();
        let (next, warnings) = {
            let mut guarded = self.lock();
            let now = self.clock.now();
            let engine = &mut guarded.engine;
            while engine.next_deadline().is_some_and(|due| due <= now.elapsed) {
                // Never refused.
                let _ = self.record(engine, now, Input::Deadline, &mut effects);
            }
            guarded.armed = guarded.engine.next_deadline();
            self.announce(&mut guarded);
            (guarded.armed, guarded.engine.passage.warnings.take())
        };
        log(warnings);
        self.route(effects, None);
        next
    }

    /// Moves a manual clock by `wait`, and does what becomes due on the way, each at its moment.
    /// Says what that was; what merely recurs is left out. `None` if the clock is real.
    pub(crate) fn advance(&self, wait: Wait) -> Option<Vec<Deadline>> {
        if !self.clock.is_manual() {
            return None;
        }
        let mut effects = Effects::default();
        let mut expired = Vec::new();
        {
            let mut guarded = self.lock();
            let start = self.clock.now();
            let end = match wait {
                Wait::For(wait) => start.plus(wait),
                Wait::ToNext => guarded
                    .engine
                    .next_event()
                    .map_or(start, |next| start.until(next)),
            };
            while let Some(due) = guarded
                .engine
                .first_deadline()
                .filter(|d| d.at <= end.elapsed)
            {
                self.clock.set(start.until(due.at.max(start.elapsed)));
                // Never refused.
                let (engine, now) = (&mut guarded.engine, self.clock.now());
                let _ = self.record(engine, now, Input::Deadline, &mut effects);
                if !due.recurs {
                    expired.push(due);
                }
            }
            self.clock.set(end);
            guarded.armed = guarded.engine.next_deadline();
            self.announce(&mut guarded);
        }
        self.timer.notify_one();
        self.route(effects, None);
        Some(expired)
    }

    /// How long a long poll of this connection waits, if it has one and the clock is manual. That wait
    /// is between client and broker, and the client's clock is real: it would give the connection up.
    pub(super) fn long_poll(&self, connection: ConnectionId) -> Option<Duration> {
        if !self.clock.is_manual() {
            return None;
        }
        self.look(|engine| engine.passage.long_poll(connection))
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
        let is_earlier = next.is_some_and(|next| guarded.armed.is_none_or(|armed| next < armed));
        if is_earlier {
            guarded.armed = next;
            self.timer.notify_one();
        }
        self.announce(&mut guarded);
        let warnings = guarded.engine.passage.warnings.take();
        drop(guarded);
        log(warnings);
        result
    }

    /// Warns of a connection that ends because of what its client sent.
    pub(super) fn warn_closed(&self, connection: ConnectionId, why: &str) {
        let why = why.to_owned();
        self.tell(Input::Misbehaved { connection, why });
    }

    /// Tells whoever waits for rows of the journal, for fault rules to act, or for a long poll to begin.
    fn announce(&self, guarded: &mut Guarded) {
        let Guarded { engine, seen, .. } = guarded;
        let now = Seen {
            row: engine.passage.journal.last(),
            rules: engine.passage.faults.news(),
            parked: engine.passage.parked_ever(),
        };
        let seen = std::mem::replace(seen, now);
        if self.clock.is_manual() && seen.parked != now.parked {
            self.long_poll_news.send_replace(());
        }
        if seen.rules != now.rules {
            // In the same turn of the lock, so that a rule about bytes is in force as long as the engine has it.
            self.links.follow(&faults::specs(engine));
            self.fault_news.send_replace(());
        }
        if seen.row != now.row && self.news.receiver_count() > 0 {
            self.news.send_replace(());
        }
    }

    /// Counts a frame that a client sent.
    pub(super) fn count_received(&self, frame: &[u8]) {
        let bytes = u64::try_from(frame.len().saturating_add(4)).unwrap_or(u64::MAX);
        self.received.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts the bytes of an answer, which has its size at its beginning.
    pub(super) fn count_sent(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn traffic(&self) -> Traffic {
        Traffic {
            received: self.received.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
        }
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
    fn lock(&self) -> MutexGuard<'_, Guarded> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends out what concerns connections.
    pub(super) fn send(&self, effects: Effects) {
        self.route(effects, None);
    }

    fn route(&self, effects: Effects, own: Option<ConnectionId>) -> Option<Effect> {
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
                // A connection that ends meanwhile needs no answer.
                let _ = mailbox.send(effect);
            }
        }
        inline
    }

    fn with_mailboxes<T>(&self, work: impl FnOnce(&mut Mailboxes) -> T) -> T {
        let mailboxes = self.mailboxes.write();
        work(&mut mailboxes.unwrap_or_else(PoisonError::into_inner))
    }
}

/// Logs what the engine has to say, which holds nobody up.
fn log(warnings: Vec<String>) {
    for warning in warnings {
        tracing::warn!("{warning}");
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
