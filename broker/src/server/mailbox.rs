//! What the engine sends to a connection other than in answer to the call that is just made.

use std::collections::VecDeque;
use std::sync::PoisonError;

use tokio::sync::Notify;

use super::sync::{Arc, Mutex};
use crate::engine::context::Effect;

/// Effects that wait for one connection. A channel would make room for dozens of them as soon as there is a connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Mailbox(Arc<Kept>);

#[derive(Debug, Default)]
struct Kept {
    effects: Mutex<VecDeque<Effect>>,
    news: Notify,
}

impl Mailbox {
    pub(super) fn put(&self, effect: Effect) {
        self.with(|effects| effects.push_back(effect));
        self.0.news.notify_one();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.with(|effects| effects.is_empty())
    }

    /// The next effect, once there is one. Only one task may wait. None is lost when this is dropped.
    pub(super) async fn next(&self) -> Effect {
        loop {
            if let Some(effect) = self.with(VecDeque::pop_front) {
                return effect;
            }
            self.0.news.notified().await;
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut VecDeque<Effect>) -> T) -> T {
        let effects = self.0.effects.lock();
        act(&mut effects.unwrap_or_else(PoisonError::into_inner))
    }
}
