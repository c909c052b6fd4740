//! What is due and when, in words: for whoever moves the clock.

use std::collections::BTreeSet;
use std::time::Duration;

use super::commands::NOBODY;
use super::context::{ConnectionId, Effects};
use super::group::turn::{GroupTimer, GroupTimerKind};
use super::housekeeping::Chore;
use super::time::Now;
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

    /// Whose request waits: for time to pass or for something else to happen.
    pub(crate) fn waiting(&self) -> BTreeSet<ConnectionId> {
        let parked = self.parked.connections();
        let all = parked.chain(self.held.connections());
        let all = all.chain(self.faults.connections_kept());
        all.filter(|connection| *connection != NOBODY).collect()
    }

    /// How long a connection's request still waits to be run again.
    pub(crate) fn long_poll(&self, connection: ConnectionId) -> Option<Duration> {
        let waiting = self.parked.of(connection)?;
        let arrived = waiting.call.arrived.elapsed;
        Some(waiting.until.elapsed.saturating_sub(arrived))
    }

    /// Whether any request has begun to wait since this was asked last.
    pub(crate) fn take_long_poll_news(&mut self) -> bool {
        self.parked.take_news()
    }

    /// Answers a connection's waiting request with what there is.
    pub(crate) fn end_long_poll(
        &mut self,
        now: Now,
        connection: ConnectionId,
        effects: &mut Effects,
    ) {
        let Some(waiting) = self.parked.of(connection) else {
            return;
        };
        let ticket = waiting.call.ticket;
        self.run_again(now, ticket, true, effects);
        self.finish(now, effects);
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
