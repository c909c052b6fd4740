//! What is due and when, in words: for anyone who moves the clock.

use std::time::Duration;

use super::Engine;
use super::commands::heartbeats::{Living, Passing};
use super::group::turn::{GroupTimer, GroupTimerKind};
use super::housekeeping::Chore;
use super::passage::PassageTimer;
use super::state::{State, StateTimer};
use super::time::Now;

/// Something that happens once its time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deadline {
    /// On the engine's elapsed time.
    pub(crate) at: Duration,
    pub(crate) what: String,
    /// A chore that comes again and again.
    pub(crate) recurs: bool,
}

/// What is due: in the cluster, or for a request on its way.
pub(super) enum Due {
    State(StateTimer),
    Passage(PassageTimer),
}

/// In which order those things happen that are due at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Chore,
    Fault,
    Mute,
    Refusal,
    Group,
    Parked,
    Load,
    NewTopic,
    Copy,
    ShareLock,
    ShareRetry,
    #[cfg(feature = "oauth")]
    KeySet,
}

impl StateTimer {
    const fn turn(&self) -> Turn {
        match self {
            Self::Chore(_) => Turn::Chore,
            Self::Group(_) => Turn::Group,
            Self::Load(_) => Turn::Load,
            Self::NewTopic(_) => Turn::NewTopic,
            Self::Copy(..) => Turn::Copy,
            Self::ShareLock(_) => Turn::ShareLock,
            Self::ShareRetry(_) => Turn::ShareRetry,
            #[cfg(feature = "oauth")]
            Self::KeySet(_) => Turn::KeySet,
        }
    }

    fn describe(&self, state: &State) -> String {
        match self {
            Self::Chore(chore) => match chore {
                Chore::Retention => "log retention".to_owned(),
                Chore::Compaction => "log compaction".to_owned(),
                Chore::ProducerExpiry => "expiry of idle producers".to_owned(),
                Chore::TransactionTimeouts => "time-outs of transactions".to_owned(),
                Chore::TransactionalIdExpiry => "expiry of idle transactional ids".to_owned(),
                Chore::OffsetExpiry => "expiry of committed offsets".to_owned(),
                Chore::SharePruning => "pruning of share states".to_owned(),
                Chore::ShareSnapshots => "snapshots of share states".to_owned(),
                Chore::TokenExpiry => "expiry of delegation tokens".to_owned(),
            },
            Self::Group(timer) => timer.describe(),
            Self::Load(place) => format!("load of {}-{}", place.topic.name(), place.index),
            Self::Copy(place) => format!("throttled reassignment of {place}"),
            Self::NewTopic(name) => format!("creation of topic {name}"),
            Self::ShareLock(key) => {
                let topic = state.cluster.topic_name(key.topic);
                key.describe_locks(topic.as_deref())
            }
            Self::ShareRetry(number) => {
                let retries = &state.shares.retries;
                retries.describe(*number, |topic| state.cluster.topic_name(topic))
            }
            #[cfg(feature = "oauth")]
            Self::KeySet(id) => {
                let source = state.sasl.key_sets.get(*id);
                let url = source.map_or("", |source| source.url.as_str());
                format!("refresh of the keys of {url}")
            }
        }
    }
}

impl StateTimer {
    /// Whether it comes again and again by itself.
    const fn recurs(&self) -> bool {
        match self {
            Self::Chore(_) => true,
            #[cfg(feature = "oauth")]
            Self::KeySet(_) => true,
            Self::Group(_)
            | Self::Load(_)
            | Self::NewTopic(_)
            | Self::Copy(..)
            | Self::ShareLock(_)
            | Self::ShareRetry(_) => false,
        }
    }

    /// Whether it does not fire while clients live.
    fn is_among(&self, living: &Living) -> bool {
        matches!(self, Self::Group(timer) if living.contains_key(timer))
    }
}

impl PassageTimer {
    const fn turn(&self) -> Turn {
        match self {
            Self::Fault(_) => Turn::Fault,
            Self::Mute(_) => Turn::Mute,
            Self::Refusal(_) => Turn::Refusal,
            Self::Parked(_) => Turn::Parked,
        }
    }
}

impl Engine {
    /// When the next thing is due, as elapsed time.
    #[must_use]
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        let (state, passage) = (self.state.timers.next(), self.passage.timers.next());
        state.into_iter().chain(passage).min()
    }

    /// Takes the next thing that is due.
    pub(super) fn pop_due(&mut self, now: Now) -> Option<Due> {
        let (state, passage) = (&mut self.state.timers, &mut self.passage.timers);
        let first_of_state = state.iter().next().map(|(at, key)| (*at, key.turn()));
        let first_of_passage = passage.iter().next().map(|(at, key)| (*at, key.turn()));
        let is_state = match (first_of_state, first_of_passage) {
            (Some(state), Some(passage)) => state < passage,
            (state, _) => state.is_some(),
        };
        if is_state {
            state.pop_due(now.elapsed).map(Due::State)
        } else {
            passage.pop_due(now.elapsed).map(Due::Passage)
        }
    }

    /// Everything that is due some time, first things first.
    pub(crate) fn deadlines(&self) -> impl Iterator<Item = Deadline> {
        self.deadlines_without(Living::new())
    }

    /// The same, without sessions that go on.
    fn deadlines_without(&self, living: Living) -> impl Iterator<Item = Deadline> {
        let state = self.state.timers.iter();
        let state = state.filter(move |(_, key)| !key.is_among(&living));
        let state = state.map(|(at, key)| {
            let due = Deadline {
                at: *at,
                what: key.describe(&self.state),
                recurs: key.recurs(),
            };
            (key.turn(), due)
        });
        let passage = self.passage.timers.iter().map(|(at, key)| {
            let due = Deadline {
                at: *at,
                what: self.passage.describe(key),
                recurs: false,
            };
            (key.turn(), due)
        });
        let mut all: Vec<_> = state.chain(passage).collect();
        all.sort_by_key(|(turn, due)| (due.at, *turn));
        all.into_iter().map(|(_, due)| due)
    }

    /// What happens first while the sessions of living members go on.
    pub(crate) fn first_deadline(&self, passing: &Passing) -> Option<Deadline> {
        let living = self.living(passing);
        self.deadlines_without(living).next()
    }

    /// When the first thing happens that does not merely recur, while the sessions of living members go on.
    pub(crate) fn next_event(&self, passing: &Passing) -> Option<Duration> {
        let living = self.living(passing);
        let happens = |(at, key): &(Duration, StateTimer)| {
            let recurs = key.recurs() || key.is_among(&living);
            (!recurs).then_some(*at)
        };
        let state = self.state.timers.iter().find_map(happens);
        state.into_iter().chain(self.passage.timers.next()).min()
    }
}

impl GroupTimer {
    fn describe(&self) -> String {
        let group = &self.group;
        match &self.kind {
            GroupTimerKind::Session(member) => {
                format!("session of member {member:?} of group {group:?}")
            }
            GroupTimerKind::InitialRebalance => {
                format!("first assignment of group {group:?}")
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
            GroupTimerKind::Assignment => format!("assignment delay of group {group:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::context::{ConnectionId, Ticket};
    use crate::engine::coordinators::StatePartition;
    use crate::engine::state_topic::StateTopic;
    use crate::engine::testing::Bench;
    use crate::engine::timers::Timers;
    use crate::engine::topic_partition::TopicPartition;

    #[test]
    fn what_is_due_at_one_moment_has_one_order_in_both_tables() {
        let mut bench = Bench::new(&[]);
        let engine = &mut bench.engine;
        let at = Duration::from_secs(1);
        engine.state.timers = Timers::new();
        let (topic, index) = (StateTopic::Groups, 0);
        let join = GroupTimer {
            group: "g".into(),
            kind: GroupTimerKind::Join,
        };
        for timer in [
            StateTimer::Copy(TopicPartition::new("t", 0)),
            StateTimer::NewTopic("t".to_owned()),
            StateTimer::Load(StatePartition { topic, index }),
            StateTimer::Group(join),
            StateTimer::Chore(Chore::Retention),
        ] {
            engine.state.timers.schedule(timer, at);
        }
        for timer in [
            PassageTimer::Parked(Ticket(1)),
            PassageTimer::Refusal(ConnectionId(1)),
            PassageTimer::Mute(ConnectionId(1)),
            PassageTimer::Fault(Ticket(1)),
        ] {
            engine.passage.timers.schedule(timer, at);
        }
        let early = PassageTimer::Parked(Ticket(2));
        engine.passage.timers.schedule(early, at / 2);
        let told: Vec<_> = engine.deadlines().map(|due| due.what).collect();
        assert_eq!((told[1].as_str(), told.len()), ("log retention", 10));
        assert_eq!(told[9], "throttled reassignment of t-0");
        let now = bench.now.plus(at);
        let mut turns = Vec::new();
        while let Some(due) = engine.pop_due(now) {
            turns.push(match due {
                Due::State(timer) => format!("{:?}", timer.turn()),
                Due::Passage(timer) => format!("{:?}", timer.turn()),
            });
        }
        let order = "Parked Chore Fault Mute Refusal Group Parked Load NewTopic Copy";
        assert_eq!(turns.join(" "), order);
    }
}
