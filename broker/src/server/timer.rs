//! The timer: wakes the engine when something is due, and lets a manual clock go.

use std::sync::Arc;
use std::time::Duration;

use super::shared::{Shared, Wait, log};
use super::told;
use crate::engine::context::{ConnectionId, Effects};
use crate::engine::deadlines::Deadline;
use crate::engine::input::Input;

/// Runs for as long as the broker does.
pub(super) async fn drive(shared: Arc<Shared>) {
    loop {
        let next = shared.expire();
        let rearmed = shared.timer.notified();
        match next {
            Some(due) => {
                tokio::select! {
                    biased;
                    () = shared.clock.sleep_until(due) => {}
                    () = rearmed => {}
                }
            }
            None => rearmed.await,
        }
    }
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

    /// Moves a manual clock by `wait`, and does what becomes due on the way, each at its moment.
    /// Says what that was; what merely recurs is left out. `None` if the clock is real.
    pub(crate) fn advance(&self, wait: Wait) -> Option<Vec<Deadline>> {
        if !self.clock.is_manual() {
            return None;
        }
        let mut effects = Effects::default();
        let mut expired = Vec::new();
        let (warnings, rows) = {
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
            let rows = self.announce(&mut guarded);
            (guarded.warnings(&self.clock), rows)
        };
        log(warnings);
        told::tell(&rows);
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
}
