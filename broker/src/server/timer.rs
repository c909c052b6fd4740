//! The timer: wakes the engine when something is due.

use std::sync::Arc;

use super::shared::Shared;

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
