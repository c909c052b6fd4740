//! Members of before: those whose groups a reset, or a restored snapshot, has sent away.
//!
//! Clients live through both. Kafka answers GROUP_ID_NOT_FOUND to a member of a consumer group that is gone, which ends
//! its client for good, as it may: in Kafka a group with members never goes. So the coordinator remembers whom it sent
//! away. It answers them as if their group were there without them, UNKNOWN_MEMBER_ID, which makes every client
//! join again; who has joined is forgotten here.
//!
//! Some clients (aiokafka) commit where they were before they join again, and by then call themselves nobody's member. The
//! connection says who they are: a position in a log that is gone must not become the new group's.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::engine::ids::ConnectionId;

/// How many members are remembered; the longest gone are forgotten first.
pub(crate) const MEMBERS_MAX: usize = 10_000;

/// Who was a member.
#[derive(Debug, Default)]
pub(crate) struct FormerMembers {
    /// By group and member id.
    by_group: BTreeMap<Arc<str>, BTreeMap<Arc<str>, FormerMember>>,
    /// Group and member id, in the order in which they were sent away.
    by_order: BTreeMap<u64, (Arc<str>, Arc<str>)>,
    last_order: u64,
}

#[derive(Debug, Clone, Copy)]
struct FormerMember {
    order: u64,
    /// Where it joined, if that is known.
    connection: Option<ConnectionId>,
}

/// One of them, as a recording carries it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CarriedMember {
    group: String,
    member: String,
    connection: Option<ConnectionId>,
}

impl FormerMembers {
    /// Remembers a member that is sent away.
    pub(super) fn remember(
        &mut self,
        group: &Arc<str>,
        member: &Arc<str>,
        connection: Option<ConnectionId>,
    ) {
        self.forget(group, |id, _| id == member);
        self.last_order = self.last_order.saturating_add(1);
        let order = self.last_order;
        let former = FormerMember { order, connection };
        let of_group = self.by_group.entry(Arc::clone(group)).or_default();
        of_group.insert(Arc::clone(member), former);
        let name = (Arc::clone(group), Arc::clone(member));
        self.by_order.insert(order, name);
        if self.by_order.len() > MEMBERS_MAX
            && let Some((_, (group, member))) = self.by_order.pop_first()
        {
            self.forget(&group, |id, _| *id == member);
        }
    }

    /// Whether everybody has joined since.
    pub(super) fn is_empty(&self) -> bool {
        self.by_order.is_empty()
    }

    /// Whether this is a member of before that has not joined since.
    pub(crate) fn has(&self, group: &str, member: &str) -> bool {
        let of_group = self.by_group.get(group);
        of_group.is_some_and(|members| members.contains_key(member))
    }

    /// Whether a member of before joined by this connection, and has not joined since.
    pub(crate) fn has_joined_by(&self, group: &str, connection: ConnectionId) -> bool {
        let of_group = self.by_group.get(group).into_iter();
        let mut members = of_group.flat_map(BTreeMap::values);
        members.any(|former| former.connection == Some(connection))
    }

    /// Forgets who joins by a member id of its own.
    pub(super) fn returned(&mut self, group: &str, member: &str) {
        self.forget(group, |id, _| **id == *member);
    }

    /// Forgets who joins without its member id.
    pub(super) fn returned_by(&mut self, group: &str, connection: ConnectionId) {
        self.forget(group, |_, former| former.connection == Some(connection));
    }

    fn forget(&mut self, group: &str, is_meant: impl Fn(&Arc<str>, &FormerMember) -> bool) {
        let Some(members) = self.by_group.get_mut(group) else {
            return;
        };
        let by_order = &mut self.by_order;
        members.retain(|id, former| {
            let stays = !is_meant(id, former);
            if !stays {
                by_order.remove(&former.order);
            }
            stays
        });
        if members.is_empty() {
            self.by_group.remove(group);
        }
    }

    /// What a recording that begins takes over.
    pub(crate) fn carry(&self) -> Vec<CarriedMember> {
        let names = self.by_order.values();
        let carried = names.filter_map(|(group, member)| {
            let former = self.by_group.get(group)?.get(member)?;
            Some(CarriedMember {
                group: group.to_string(),
                member: member.to_string(),
                connection: former.connection,
            })
        });
        carried.collect()
    }

    /// Remembers what was carried over.
    pub(crate) fn go_on_with(&mut self, carried: &[CarriedMember]) {
        for CarriedMember {
            group,
            member,
            connection,
        } in carried
        {
            self.remember(&group.as_str().into(), &member.as_str().into(), *connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(members: &FormerMembers) -> Vec<String> {
        let names = members.by_order.values();
        names
            .map(|(group, member)| format!("{group}/{member}"))
            .collect()
    }

    #[test]
    fn members_are_known_until_they_join() {
        let mut members = FormerMembers::default();
        let connection = ConnectionId(7);
        members.remember(&"g".into(), &"m".into(), Some(connection));
        members.remember(&"g".into(), &"n".into(), None);
        assert!(members.has("g", "m") && !members.has("h", "m"));
        assert!(members.has_joined_by("g", connection));
        assert!(!members.has_joined_by("h", connection));
        members.returned_by("g", connection);
        assert!(!members.has_joined_by("g", connection));
        assert_eq!(remembered(&members), ["g/n"]);
        members.returned("g", "n");
        assert_eq!(remembered(&members), Vec::<String>::new());
        assert!(members.by_group.is_empty());
    }

    #[test]
    fn the_longest_gone_are_forgotten_first() {
        let mut members = FormerMembers::default();
        for number in 0..MEMBERS_MAX {
            members.remember(&"g".into(), &number.to_string().into(), None);
        }
        // Who is sent away again has been gone for less.
        members.remember(&"g".into(), &"0".into(), None);
        members.remember(&"h".into(), &"new".into(), None);
        assert_eq!(remembered(&members).len(), MEMBERS_MAX);
        assert!(members.has("g", "0") && !members.has("g", "1"));
        assert!(members.has("g", "2") && members.has("h", "new"));
    }

    #[test]
    fn a_recording_carries_them_in_their_order() {
        let mut members = FormerMembers::default();
        members.remember(&"g".into(), &"m".into(), Some(ConnectionId(7)));
        members.remember(&"a".into(), &"n".into(), None);
        let mut other = FormerMembers::default();
        other.go_on_with(&members.carry());
        assert_eq!(remembered(&other), ["g/m", "a/n"]);
        assert!(other.has_joined_by("g", ConnectionId(7)));
    }
}
