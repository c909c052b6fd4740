//! What connections, the timer and the control port share: the engine and the ways to connections.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dashmap::DashMap;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;

use super::clock::Clock;
use super::limits::Limits;
use crate::engine::Engine;
use crate::engine::context::{Call, ConnectionId, Effect, Effects};
use crate::wire::apis::Request;

/// One running cluster.
#[derive(Debug)]
pub(crate) struct Shared {
    engine: Mutex<Guarded>,
    mailboxes: DashMap<ConnectionId, UnboundedSender<Effect>>,
    next_connection: AtomicU64,
    pub(super) timer: Notify,
    pub(crate) clock: Clock,
    pub(super) limits: Limits,
}

/// The engine, and when its timer goes off next.
#[derive(Debug)]
struct Guarded {
    engine: Engine,
    armed: Option<Duration>,
}

impl Shared {
    pub(crate) fn new(engine: Engine, clock: Clock, limits: Limits) -> Self {
        Self {
            engine: Mutex::new(Guarded {
                engine,
                armed: None,
            }),
            mailboxes: DashMap::new(),
            next_connection: AtomicU64::new(1),
            timer: Notify::new(),
            clock,
            limits,
        }
    }

    /// A connection whose effects go to `mailbox` from now on.
    pub(super) fn register(&self, mailbox: UnboundedSender<Effect>) -> ConnectionId {
        let id = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        self.mailboxes.insert(id, mailbox);
        id
    }

    /// The connection is gone, and what it waited for with it.
    pub(super) fn forget(&self, connection: ConnectionId) {
        self.mailboxes.remove(&connection);
        self.with_engine(|engine| engine.closed(connection));
    }

    /// Has the engine answer a request. What concerns its own connection is returned, if it comes
    /// at once.
    pub(super) fn request(&self, call: Call, request: Request) -> Option<Effect> {
        let own = call.connection;
        let now = call.arrived;
        let mut effects = Effects::default();
        self.with_engine(|engine| engine.request(now, call, request, &mut effects));
        self.route(effects, Some(own))
    }

    /// Does what is due, and says when something is due next.
    pub(super) fn expire(&self) -> Option<Duration> {
        let mut effects = Effects::default();
        let next = {
            let mut guarded = self.lock();
            let now = self.clock.now();
            guarded.engine.on_deadline(now, &mut effects);
            guarded.armed = guarded.engine.next_deadline();
            guarded.armed
        };
        self.route(effects, None);
        next
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
        result
    }

    /// A request that made the engine panic must not end the others.
    fn lock(&self) -> MutexGuard<'_, Guarded> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
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

const fn connection_of(effect: &Effect) -> ConnectionId {
    match effect {
        Effect::Reply { connection, .. }
        | Effect::Nothing { connection }
        | Effect::Close { connection, .. } => *connection,
    }
}
