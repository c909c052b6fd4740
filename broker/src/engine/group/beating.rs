//! Which members keep their sessions by heartbeats, for anyone who lets time pass in the place of their clients.

use std::sync::Arc;
use std::time::Duration;

use super::classic::{ClassicGroup, Member};
use super::consumer::ConsumerGroup;
use super::consumer::member::LEAVING_STATIC;
use super::share::ShareGroup;
use super::streams::{StreamsGroup, member as streams};
use super::turn::GroupTimerKind;
use super::{Group, Groups};
use crate::wire::api::Api;
use crate::wire::units::WallMillis;

/// A member, and how a living client keeps it in its group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beating<'a> {
    pub(crate) member: &'a Arc<str>,
    pub(crate) instance_id: Option<&'a str>,
    pub(crate) client_id: &'a str,
    /// The request that is its heartbeat.
    pub(crate) api: Api,
    /// How long it may be silent from a heartbeat on; none if it sends no heartbeats at present.
    pub(crate) session: Option<Duration>,
}

impl Group {
    /// What the heartbeats of its members are like; `setting` is one of the group's, in milliseconds. A group of another
    /// kind has its arm here.
    pub(crate) fn beating(&self, setting: impl Fn(&str) -> i64) -> Vec<Beating<'_>> {
        match self {
            Self::Classic(group) => group.beating().collect(),
            Self::Consumer(group) => group
                .beating(setting("consumer.session.timeout.ms"))
                .collect(),
            Self::Share(group) => group.beating(setting("share.session.timeout.ms")).collect(),
            Self::Streams(group) => group
                .beating(setting("streams.session.timeout.ms"))
                .collect(),
        }
    }

    /// The timer of a rebalance that began after `since` and waits for members that live, with its time-out. Members of a
    /// consumer or streams group are waited for only once they have been told, those of a share group never.
    pub(crate) fn waits_for(
        &self,
        since: WallMillis,
        lives: impl Fn(&Arc<str>) -> bool,
    ) -> Option<(GroupTimerKind, Duration)> {
        match self {
            Self::Classic(group) => group.waits_for(since, lives),
            Self::Consumer(_) | Self::Share(_) | Self::Streams(_) => None,
        }
    }

    /// Whether it has a member of this id.
    fn has_member(&self, member: &str) -> bool {
        match self {
            Self::Classic(group) => group.member(member).is_some(),
            Self::Consumer(group) => group.member(member).is_ok(),
            Self::Share(group) => group.member(member).is_ok(),
            Self::Streams(group) => group.member(member).is_ok(),
        }
    }
}

impl Groups {
    /// Whether there is such a member.
    pub(crate) fn has_member(&self, group: &str, member: &str) -> bool {
        self.get(group)
            .is_some_and(|group| group.has_member(member))
    }
}

impl ClassicGroup {
    /// Anyone who waits for its first generation does not know its id yet, and sends none.
    fn beating(&self) -> impl Iterator<Item = Beating<'_>> {
        let is_joining = |member: &Member| member.is_new && member.waiting_join.is_some();
        self.members().map(move |member| Beating {
            member: &member.id,
            instance_id: member.instance_id.as_deref(),
            client_id: &member.client_id,
            api: Api::Heartbeat,
            session: (!is_joining(member)).then_some(member.session_timeout),
        })
    }
}

impl ConsumerGroup {
    /// A static member that has left for a while sends none.
    fn beating(&self, session_timeout_ms: i64) -> impl Iterator<Item = Beating<'_>> {
        self.members.values().map(move |member| {
            let classic = member.description.classic.as_ref();
            let session = classic.map_or(session_timeout_ms, |own| own.session_timeout_ms.into());
            let is_there = member.current.epoch != LEAVING_STATIC;
            Beating {
                member: &member.id,
                instance_id: member.instance_id(),
                client_id: &member.description.client_id,
                api: classic.map_or(Api::ConsumerGroupHeartbeat, |_| Api::Heartbeat),
                session: is_there.then(|| millis(session)),
            }
        })
    }
}

impl ShareGroup {
    fn beating(&self, session_timeout_ms: i64) -> impl Iterator<Item = Beating<'_>> {
        self.members.values().map(move |member| Beating {
            member: &member.id,
            instance_id: None,
            client_id: &member.description.client_id,
            api: Api::ShareGroupHeartbeat,
            session: Some(millis(session_timeout_ms)),
        })
    }
}

impl StreamsGroup {
    /// A static member that has left for a while sends none.
    fn beating(&self, session_timeout_ms: i64) -> impl Iterator<Item = Beating<'_>> {
        self.members.values().map(move |member| Beating {
            member: &member.id,
            instance_id: member.instance_id(),
            client_id: &member.description.client_id,
            api: Api::StreamsGroupHeartbeat,
            session: (member.current.epoch != streams::LEAVING_STATIC)
                .then(|| millis(session_timeout_ms)),
        })
    }
}

fn millis(wait: i64) -> Duration {
    Duration::from_millis(u64::try_from(wait).unwrap_or_default())
}
