//! A client that sends no more, and is owed an answer.

use std::sync::Arc;

use crate::engine::context::ConnectionId;
use crate::engine::input::Input;
use crate::server::shared::Shared;

/// It is counted for as long as it is owed an answer.
#[derive(Debug)]
pub(super) struct Departed {
    shared: Arc<Shared>,
    bytes: u64,
}

impl Departed {
    /// None if nothing is owed to that client, or there are too many such.
    pub(super) fn note(
        shared: &Arc<Shared>,
        connection: ConnectionId,
        bytes: usize,
    ) -> Option<Self> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        // First, so that anyone who is counted is known to have left.
        let is_owed = shared.tell(Input::Departed(connection));
        let fits = shared.departed.add(bytes);
        let departed = Self {
            shared: Arc::clone(shared),
            bytes,
        };
        (fits && is_owed).then_some(departed)
    }
}

impl Drop for Departed {
    fn drop(&mut self) {
        self.shared.departed.remove(self.bytes);
    }
}
