//! Clients that have yet to shake hands or to log in: how many there may be, and how long they may take.
//!
//! Kafka bounds neither. A client that never says who it is holds memory and a connection, and costs whoever sends it nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many there may be in a cluster.
const STRANGERS_MAX: usize = 4096;

/// For how long the broker waits for what one sends, all in all, in the runtime's time. What the broker itself takes to answer
/// does not count, so a rule that delays an answer costs the client nothing.
const LOGIN_WITHIN: Duration = Duration::from_secs(60);

/// How many more there may be.
#[derive(Debug)]
pub(super) struct Strangers(Arc<Semaphore>);

/// A client that has yet to log in.
#[derive(Debug)]
pub(super) struct Stranger {
    _place: OwnedSemaphorePermit,
    /// For how long it is still waited for.
    pub(super) patience: Duration,
}

impl Default for Strangers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(STRANGERS_MAX)))
    }
}

impl Strangers {
    /// Lets in a client that has yet to shake hands or log in, unless there are too many already.
    pub(super) fn admit(&self) -> Option<Stranger> {
        let place = Arc::clone(&self.0).try_acquire_owned().ok()?;
        Some(Stranger {
            _place: place,
            patience: LOGIN_WITHIN,
        })
    }
}

/// Ends when a stranger's patience does; never for anyone else.
pub(super) async fn impatient(stranger: Option<&Stranger>) {
    match stranger {
        // In a box, since nearly everybody else is none.
        Some(stranger) => Box::pin(tokio::time::sleep(stranger.patience)).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn patience_ends_for_strangers_alone() {
        let strangers = Strangers::default();
        let stranger = strangers.admit().unwrap();
        assert_eq!(strangers.0.available_permits(), STRANGERS_MAX - 1);
        let begun = tokio::time::Instant::now();
        impatient(Some(&stranger)).await;
        assert_eq!(begun.elapsed(), LOGIN_WITHIN);
        let anyone = tokio::time::timeout(LOGIN_WITHIN * 2, impatient(None)).await;
        assert!(anyone.is_err());
        drop(stranger);
        let all: Vec<_> = std::iter::from_fn(|| strangers.admit()).collect();
        assert_eq!(all.len(), STRANGERS_MAX);
    }
}
