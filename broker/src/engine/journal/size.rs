//! What the texts of rows take in memory.

use super::exchange::TopicKeys;
use super::row::Event;

impl Event {
    /// Roughly what its texts take, and the partitions and tasks that a member was assigned.
    pub(super) fn texts_bytes(&self) -> usize {
        match self {
            Self::LoggedIn {
                client_id,
                principal,
                ..
            } => client_id.as_ref().map_or(0, String::len) + principal.len(),
            Self::KeysNotFetched { url, why } => url.len() + why.len(),
            Self::Assigned { topics, .. } => topics.iter().map(TopicKeys::bytes).sum(),
            Self::TasksAssigned {
                active,
                standby,
                warmup,
                topics,
                ..
            } => {
                let tasks = active.iter().chain(standby).chain(warmup);
                let tasks = tasks.map(|task| size_of::<String>() + task.len());
                tasks.chain(topics.iter().map(TopicKeys::bytes)).sum()
            }
            _ => 0,
        }
    }
}

impl TopicKeys {
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.topic.len() + size_of_val(self.partitions.as_slice())
    }
}
