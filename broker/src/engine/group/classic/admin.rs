//! What administrators do to a group, and what time does to its offsets.

use super::{ClassicGroup, ErrorCode, State};
use crate::engine::group::offsets::Expiry;
use crate::wire::state_records::{StateKey, StateRecord};

impl ClassicGroup {
    /// Offsets of consumers go topic by topic; those of others only when nobody is left.
    pub(crate) fn check_offset_delete(&self) -> Result<(), ErrorCode> {
        if self.state != State::Dead && self.uses_consumer_protocol() {
            return Ok(());
        }
        self.check_delete()
    }

    pub(crate) const fn check_delete(&self) -> Result<(), ErrorCode> {
        match self.state {
            State::Dead => Err(ErrorCode::GroupIdNotFound),
            State::Empty => Ok(()),
            State::PreparingRebalance(_) | State::CompletingRebalance(_) | State::Stable(_) => {
                Err(ErrorCode::NonEmptyGroup)
            }
        }
    }

    /// Whether its members consume a topic. Consumers of whom that cannot be known may consume any.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        match self.subscribed_topics() {
            Some(topics) => topics.contains(topic),
            None => self.uses_consumer_protocol(),
        }
    }

    /// From when on its offsets are kept for `offsets.retention.minutes`.
    pub(crate) fn expiry(&self) -> Expiry {
        let is_stable = matches!(self.state, State::Stable(_));
        if self.protocol_type().is_none() {
            Expiry::AfterCommit
        } else if self.state == State::Empty {
            Expiry::After(self.since())
        } else if is_stable && self.subscribed_topics().is_some() {
            Expiry::AfterCommit
        } else {
            Expiry::Never
        }
    }

    pub(crate) fn tombstones(&self) -> Vec<StateRecord> {
        vec![StateKey::GroupMetadata { group: &self.id }.tombstone()]
    }
}
