//! How many clients send no more and are owed an answer.
//!
//! Kafka does not read from a connection while it works on a request of it, so it does not see that the client has
//! closed its side, or all of it: the request is done, and the answer goes to anyone who still listens.

use std::sync::atomic::Ordering;

use super::sync::AtomicU64;

/// How many clients may be gone while their requests wait. Kafka has no bound but its connections.
const CLIENTS_MAX: u64 = 1_000;

/// What all their requests may take.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How many there are, and what they take.
#[derive(Debug, Default)]
pub(crate) struct Count {
    clients: AtomicU64,
    bytes: AtomicU64,
}

impl Count {
    /// Counts one more, and says whether that is within the bounds.
    pub(super) fn add(&self, bytes: u64) -> bool {
        let clients = self.clients.fetch_add(1, Ordering::Relaxed);
        let held = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        clients < CLIENTS_MAX && held.saturating_add(bytes) <= BYTES_MAX
    }

    pub(super) fn remove(&self, bytes: u64) {
        self.clients.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(crate) fn clients(&self) -> u64 {
        self.clients.load(Ordering::Relaxed)
    }
}
