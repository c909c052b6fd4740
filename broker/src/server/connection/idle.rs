//! How long a connection on which nothing comes is kept.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::engine::context::ConnectionId;
use crate::server::shared::Shared;

/// When a connection was last waited for, and the timer that ends it. One timer serves all waits: it goes off at most once in
/// `connections.max.idle.ms` and looks then, so a wait that is short costs nothing.
#[derive(Debug)]
pub(super) struct Idle {
    limit: Option<Duration>,
    since: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Idle {
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Self {
            limit,
            since: Instant::now(),
            timer: None,
        }
    }

    /// Something is waited for from now on.
    pub(super) const fn begin(&mut self, now: Instant) {
        self.since = now;
    }

    /// Ends when nothing has come for `connections.max.idle.ms`. While a test moves the clock, something comes from every
    /// client that lives.
    pub(super) async fn is_over(&mut self, shared: &Shared, connection: ConnectionId) {
        let Some(limit) = self.limit else {
            return std::future::pending().await;
        };
        if shared.clock.is_manual() {
            return has_not_lived(shared, connection, limit).await;
        }
        loop {
            let Some(due) = self.since.checked_add(limit) else {
                return std::future::pending().await;
            };
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
            timer.as_mut().await;
            if Instant::now() >= due {
                return;
            }
            timer.as_mut().reset(due);
        }
    }
}

async fn has_not_lived(shared: &Shared, connection: ConnectionId, limit: Duration) {
    let mut since = shared.clock.now().elapsed;
    loop {
        shared.clock.sleep_until(since.saturating_add(limit)).await;
        let lived = shared.look(|engine| {
            let client = engine.passage.journal.client(connection);
            shared.passed.lived_until(client.id)
        });
        if lived <= since {
            return;
        }
        since = lived;
    }
}
