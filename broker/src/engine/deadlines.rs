//! What is due and when, in words: for whoever moves the clock.

use std::time::Duration;

use super::group::turn::{GroupTimer, GroupTimerKind};
use super::housekeeping::Chore;
use super::{Engine, TimerKey};

/// Something that happens once its time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deadline {
    /// On the engine's elapsed time.
    pub(crate) at: Duration,
    pub(crate) what: String,
    /// A chore that comes again and again.
    pub(crate) recurs: bool,
}

impl Engine {
    /// Everything that is due some time, first things first.
    pub(crate) fn deadlines(&self) -> impl Iterator<Item = Deadline> {
        self.timers.iter().map(|(at, key)| Deadline {
            at: *at,
            what: self.describe(key),
            recurs: matches!(key, TimerKey::Chore(_)),
        })
    }

    pub(crate) fn first_deadline(&self) -> Option<Deadline> {
        self.deadlines().next()
    }

    /// When the first thing happens that does not merely recur.
    pub(crate) fn next_event(&self) -> Option<Duration> {
        let happens =
            |(at, key): &(Duration, TimerKey)| (!matches!(key, TimerKey::Chore(_))).then_some(*at);
        self.timers.iter().find_map(happens)
    }

    fn describe(&self, key: &TimerKey) -> String {
        match key {
            TimerKey::Chore(chore) => match chore {
                Chore::Retention => "log retention".to_owned(),
                Chore::Compaction => "log compaction".to_owned(),
                Chore::ProducerExpiry => "expiry of idle producers".to_owned(),
                Chore::TransactionTimeouts => "time-outs of transactions".to_owned(),
                Chore::TransactionalIdExpiry => "expiry of idle transactional ids".to_owned(),
                Chore::OffsetExpiry => "expiry of committed offsets".to_owned(),
            },
            TimerKey::Fault(ticket) => self.faults.describe_kept(*ticket),
            TimerKey::Mute(connection) => self.faults.describe_mute(*connection),
            TimerKey::Refusal(connection) => {
                let number = connection.0;
                format!("end of connection {number}, which failed to authenticate")
            }
            TimerKey::Parked(ticket) => match self.parked.get(*ticket) {
                Some(waiting) => format!(
                    "wait of a {} of client {:?}",
                    waiting.request.name(),
                    waiting.call.client_id
                ),
                None => "wait of a request".to_owned(),
            },
            TimerKey::Group(timer) => timer.describe(),
            TimerKey::Load(place) => {
                format!("load of {}-{}", place.topic.name(), place.index)
            }
            TimerKey::Copy(topic, index) => {
                format!("throttled reassignment of {topic}-{index}")
            }
            TimerKey::NewTopic(name) => format!("creation of topic {name}"),
        }
    }
}

impl GroupTimer {
    fn describe(&self) -> String {
        let group = &self.group;
        match &self.kind {
            GroupTimerKind::Session(member) => {
                format!("session of member {member:?} of group {group:?}")
            }
            GroupTimerKind::Revocation(member) => {
                format!("revocation by member {member:?} of group {group:?}")
            }
            GroupTimerKind::Join => format!("join phase of group {group:?}"),
            GroupTimerKind::Sync => format!("sync phase of group {group:?}"),
            GroupTimerKind::ClassicRejoin(member) => {
                format!("join of member {member:?} of group {group:?}")
            }
            GroupTimerKind::ClassicSync(member) => {
                format!("sync of member {member:?} of group {group:?}")
            }
        }
    }
}
