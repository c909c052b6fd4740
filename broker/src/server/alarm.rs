//! When the engine's timer goes off next.

use std::future::pending;
use std::time::Duration;

use tokio::sync::Notify;

/// Tells the timer of deadlines that come before the one that it waits for.
#[derive(Debug, Default)]
pub(super) struct Alarm(Notify);

impl Alarm {
    /// Tells the timer if the next deadline is earlier than what it waits for (`armed`), which is kept behind the same lock
    /// as the deadlines.
    pub(super) fn follow(&self, armed: &mut Option<Duration>, next: Option<Duration>) {
        if next.is_some_and(|next| armed.is_none_or(|armed| next < armed)) {
            *armed = next;
            self.ring();
        }
    }

    /// Has the timer look again. It does so though it may not have begun to wait yet.
    pub(super) fn ring(&self) {
        self.0.notify_one();
    }

    /// Does what is due, sleeps until something is, and so on. `expire` says for when the timer is armed, by then.
    pub(super) async fn drive<S: Future<Output = ()>>(
        &self,
        mut expire: impl FnMut() -> Option<Duration>,
        sleep_until: impl Fn(Duration) -> S,
    ) {
        loop {
            let next = expire();
            let due = async {
                match next {
                    Some(due) => sleep_until(due).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                () = due => {}
                () = self.0.notified() => {}
            }
        }
    }
}
