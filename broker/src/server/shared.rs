//! What connections, the timer and the control port share: the engine and the ways to connections.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dashmap::DashMap;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Notify, watch};

use super::clock::Clock;
use super::departed;
use super::limits::Limits;
use super::link::rules::LinkRules;
use super::nodes::Sockets;
use super::snapshots::Named;
use crate::engine::Engine;
use crate::engine::context::{Call, ConnectionId, Effect, Effects};
use crate::engine::deadlines::Deadline;
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

/// One running cluster.
#[derive(Debug)]
pub(crate) struct Shared {
    engine: Mutex<Guarded>,
    mailboxes: DashMap<ConnectionId, UnboundedSender<Effect>>,
    next_connection: AtomicU64,
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
    /// The last row that was announced.
    last_row: u64,
}

impl Shared {
    pub(crate) fn new(engine: Engine, clock: Clock, limits: Limits, links: LinkRules) -> Self {
        let release = engine.release.clone();
        Self {
            engine: Mutex::new(Guarded {
                engine,
                armed: None,
                last_row: 0,
            }),
            mailboxes: DashMap::new(),
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
        client_host: &str,
    ) -> ConnectionId {
        let id = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        self.mailboxes.insert(id, mailbox);
        let now = self.clock.now();
        self.with_engine(|engine| engine.opened(now, id, node, client_host));
        id
    }

    /// The connection is gone, and what it waited for with it.
    pub(super) fn forget(&self, connection: ConnectionId, why: &str) {
        self.mailboxes.remove(&connection);
        let now = self.clock.now();
        self.with_engine(|engine| engine.closed(now, connection, why));
    }

    /// Has the engine answer a request. What concerns its own connection is returned, if it comes
    /// at once.
    pub(super) fn request(&self, call: Call, request: Request) -> Option<Effect> {
        let own = call.connection;
        let now = call.arrived;
        let changes_settings = request.changes_settings();
        let mut effects = Effects::default();
        self.with_engine(|engine| engine.request(now, call, request, &mut effects));
        if changes_settings {
            self.connections.notify_waiters();
        }
        self.route(effects, Some(own))
    }

    /// What may be read of a connection next.
    pub(super) fn reads(&self, connection: ConnectionId) -> Reads {
        self.with_engine(|engine| engine.sasl.reads(connection))
    }

    /// Has the engine take a token that came without a request around it.
    pub(super) fn token(&self, call: &Call, token: &[u8]) -> Option<Effect> {
        let mut effects = Effects::default();
        self.with_engine(|engine| engine.token(call.arrived, call, token, &mut effects));
        self.route(effects, Some(call.connection))
    }

    /// Has the engine refuse a client for a frame that it does not take.
    pub(super) fn refuse(&self, call: &Call, why: String) -> Option<Effect> {
        let mut effects = Effects::default();
        self.with_engine(|engine| engine.refuse_frame(call.arrived, call, why, &mut effects));
        self.route(effects, Some(call.connection))
    }

    /// Does what is due, and says when something is due next.
    pub(super) fn expire(&self) -> Option<Duration> {
        let mut effects = Effects::default();
        let (next, warnings) = {
            let mut guarded = self.lock();
            let now = self.clock.now();
            guarded.engine.on_deadline(now, &mut effects);
            guarded.armed = guarded.engine.next_deadline();
            self.announce(&mut guarded);
            (guarded.armed, guarded.engine.warnings.take())
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
                guarded.engine.fire_next(self.clock.now(), &mut effects);
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

    /// Has the engine do something now, and sends out what comes of it.
    pub(crate) fn change<T>(&self, act: impl FnOnce(&mut Engine, Now, &mut Effects) -> T) -> T {
        let mut effects = Effects::default();
        let now = self.clock.now();
        let result = self.with_engine(|engine| act(engine, now, &mut effects));
        self.route(effects, None);
        result
    }

    /// How long a long poll of this connection waits, if it has one and the clock is manual. That wait
    /// is between client and broker, and the client's clock is real: it would give the connection up.
    pub(super) fn long_poll(&self, connection: ConnectionId) -> Option<Duration> {
        if !self.clock.is_manual() {
            return None;
        }
        self.with_engine(|engine| engine.long_poll(connection))
    }

    /// Ends the long poll of a connection.
    pub(super) fn end_long_poll(&self, connection: ConnectionId) {
        self.change(|engine, now, effects| engine.end_long_poll(now, connection, effects));
    }

    /// Lets `act` see or change the engine; the timer follows.
    pub(crate) fn with_engine<T>(&self, act: impl FnOnce(&mut Engine) -> T) -> T {
        let mut guarded = self.lock();
        let result = act(&mut guarded.engine);
        let next = guarded.engine.next_deadline();
        let is_earlier = next.is_some_and(|next| guarded.armed.is_none_or(|armed| next < armed));
        if is_earlier {
            guarded.armed = next;
            self.timer.notify_one();
        }
        self.announce(&mut guarded);
        let warnings = guarded.engine.warnings.take();
        drop(guarded);
        log(warnings);
        result
    }

    /// Warns of a connection that ends because of what its client sent.
    pub(super) fn warn_closed(&self, connection: ConnectionId, why: &str) {
        let now = self.clock.now();
        self.with_engine(|engine| engine.warn_closed(now, connection, why));
    }

    /// Tells whoever waits for rows of the journal, for fault rules to act, or for a long poll to begin.
    fn announce(&self, guarded: &mut Guarded) {
        if self.clock.is_manual() && guarded.engine.take_long_poll_news() {
            self.long_poll_news.send_replace(());
        }
        if guarded.engine.faults.take_news() {
            self.fault_news.send_replace(());
        }
        let last = guarded.engine.journal.last();
        if guarded.last_row != last {
            guarded.last_row = last;
            if self.news.receiver_count() > 0 {
                self.news.send_replace(());
            }
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
        self.mailboxes.len()
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
            } else if let Some(mailbox) = self.mailboxes.get(&to) {
                // A connection that ends meanwhile needs no answer.
                let _ = mailbox.send(effect);
            }
        }
        inline
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
