//! The timer: wakes the engine when something is due, and lets a manual clock go.

use std::sync::Arc;
use std::time::Duration;

use super::shared::{Shared, Wait};
use super::told;
use super::told::log;
use crate::engine::Engine;
use crate::engine::commands::Command;
use crate::engine::commands::heartbeats::Passing;
use crate::engine::context::{ConnectionId, Effects};
use crate::engine::deadlines::Deadline;
use crate::engine::fault::Pattern;
use crate::engine::input::Input;

/// Why a clock is not moved.
#[derive(Debug)]
pub(crate) enum Stuck {
    ClockIsReal,
    /// No client has the id of one that is to be silent; in words.
    NoSuchClient(String),
}

/// Runs for as long as the broker does.
pub(super) async fn drive(shared: Arc<Shared>) {
    let sleep_until = |due| shared.clock.sleep_until(due);
    shared.alarm.drive(|| shared.expire(), sleep_until).await;
}

impl Shared {
    /// Does what is due, and says when something is due next.
    pub(super) fn expire(&self) -> Option<Duration> {
        let mut effects = Effects::default();
        let (next, warnings, rows) = {
            let mut guarded = self.lock();
            let now = self.clock.now();
            let engine = &mut guarded.engine;
            while engine.next_deadline().is_some_and(|due| due <= now.elapsed) {
                // Never refused.
                let _ = self.record(engine, now, Input::Deadline, &mut effects);
            }
            guarded.armed = guarded.engine.next_deadline();
            let rows = self.announce(&mut guarded);
            (guarded.armed, guarded.warnings(&self.clock), rows)
        };
        log(warnings);
        told::tell(&rows);
        self.route(effects, None);
        next
    }

    /// Moves a manual clock by `wait`, and does what becomes due on the way, each at its moment. Members whose clients
    /// live keep their sessions. Says what that was; what merely recurs is left out.
    ///
    /// # Errors
    /// The clock is real, or a client that is to be silent does not exist.
    pub(crate) fn advance(&self, wait: Wait, silent: &[Pattern]) -> Result<Vec<Deadline>, Stuck> {
        if !self.clock.is_manual() {
            return Err(Stuck::ClockIsReal);
        }
        let paused = self.paused_nodes();
        let mut effects = Effects::default();
        let mut expired = Vec::new();
        let (warnings, rows) = {
            let mut guarded = self.lock();
            let engine = &mut guarded.engine;
            engine.check_silent(silent).map_err(Stuck::NoSuchClient)?;
            let start = self.clock.now();
            let passing = Passing {
                since: start.wall,
                silent: silent.to_vec(),
                paused,
            };
            let end = match wait {
                Wait::For(wait) => start.plus(wait),
                Wait::ToNext => engine
                    .next_event(&passing)
                    .map_or(start, |next| start.until(next)),
            };
            let due = |engine: &Engine| {
                let first = engine.first_deadline(&passing);
                first.filter(|due| due.at <= end.elapsed)
            };
            while let Some(due) = due(engine) {
                self.clock.set(start.until(due.at.max(start.elapsed)));
                self.beat(engine, &passing, &mut effects);
                // Never refused.
                let _ = self.record(engine, self.clock.now(), Input::Deadline, &mut effects);
                if !due.recurs {
                    expired.push(due);
                }
            }
            self.clock.set(end);
            self.beat(engine, &passing, &mut effects);
            self.passed.note(end.elapsed, silent);
            guarded.armed = guarded.engine.next_deadline();
            let rows = self.announce(&mut guarded);
            (guarded.warnings(&self.clock), rows)
        };
        log(warnings);
        told::tell(&rows);
        self.alarm.ring();
        self.route(effects, None);
        Ok(expired)
    }

    /// Has the heartbeats of living clients come, if anybody sends some.
    fn beat(&self, engine: &mut Engine, passing: &Passing, effects: &mut Effects) {
        if !engine.passage.heard.is_empty() {
            let passing = passing.clone();
            let beats = Input::Command(Command::Heartbeats { passing });
            // Never refused.
            let _ = self.record(engine, self.clock.now(), beats, effects);
        }
    }

    /// How long a long poll of this connection waits, if it has one and the clock is manual. That wait
    /// is between client and broker, and the client's clock is real: it would give the connection up.
    pub(super) fn long_poll(&self, connection: ConnectionId) -> Option<Duration> {
        if !self.clock.is_manual() {
            return None;
        }
        self.look(|engine| engine.passage.long_poll(connection))
    }
}
