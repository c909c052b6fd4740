//! What a group subscribes to, with a member as it is about to be.

use std::collections::BTreeMap;

use super::ConsumerGroup;
use super::assignor::SubscriptionType;
use super::change::{Change, Resolved};
use super::hash;
use super::member::Member;
use crate::engine::cluster::Cluster;
use crate::engine::group::turn::Turn;

/// How many members name a topic, and how many regular expressions match it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    by_name: usize,
    by_pattern: usize,
}

pub(super) type Counts = BTreeMap<String, Count>;

impl ConsumerGroup {
    /// How often each topic is subscribed to, without some members and with others.
    pub(super) fn topic_counts<'a>(
        &'a self,
        without: &[&str],
        with: Option<&'a Member>,
        resolved: impl Iterator<Item = &'a Resolved>,
    ) -> Counts {
        let mut counts = Counts::new();
        for member in self.others(without).chain(with) {
            for topic in &member.description.topics {
                counts.entry(topic.clone()).or_default().by_name += 1;
            }
        }
        for topic in resolved.flat_map(|resolved| &resolved.topics) {
            counts.entry(topic.clone()).or_default().by_pattern += 1;
        }
        counts
    }

    /// How many members gave each regular expression.
    pub(super) fn patterns<'a>(
        &'a self,
        without: &[&str],
        with: Option<&'a Member>,
    ) -> BTreeMap<&'a str, usize> {
        let mut counts = BTreeMap::new();
        for pattern in self.others(without).chain(with).filter_map(Member::pattern) {
            *counts.entry(pattern).or_default() += 1;
        }
        counts
    }

    /// How many members gave this regular expression.
    pub(super) fn subscribers(&self, pattern: &str) -> usize {
        let members = self.members.values();
        members
            .filter(|member| member.pattern() == Some(pattern))
            .count()
    }

    /// The ids under which the group knows a member: a static one that comes back under another id takes
    /// the place of the one it was.
    pub(super) fn standing_for<'a>(&'a self, member: &'a Member) -> [&'a str; 2] {
        let before = member.instance_id().and_then(|id| self.static_member(id));
        [
            &*member.id,
            before.map_or(&*member.id, |before| &*before.id),
        ]
    }

    pub(super) fn others<'a>(&'a self, without: &[&str]) -> impl Iterator<Item = &'a Member> {
        let members = self.members.values();
        members.filter(move |member| !without.contains(&&*member.id))
    }

    /// The group's epoch and the kind of its subscriptions, once a member has become another. The epoch
    /// rises if the member's change asks for it, or if the topics have changed.
    pub(super) fn renewed_subscription(
        &mut self,
        cluster: &Cluster,
        bump: bool,
        (old, new): (&Member, &Member),
        changes: &mut Vec<Change>,
    ) -> (i32, SubscriptionType) {
        let gone = old
            .pattern()
            .filter(|pattern| new.pattern() != Some(pattern) && self.subscribers(pattern) == 1);
        let resolved = self.resolved.iter();
        let resolved = resolved.filter(|(pattern, _)| gone != Some(pattern.as_str()));
        let without = self.standing_for(new);
        let counts = self.topic_counts(&without, Some(new), resolved.map(|(_, found)| found));
        let metadata_hash = hash::of_topics(cluster, counts.keys());
        let patterns = self.patterns(&without, Some(new));
        let members = self.others(&without).count() + 1;
        let kind = subscription_type(&patterns, &counts, members);
        let mut epoch = self.epoch;
        if bump || metadata_hash != self.metadata_hash {
            epoch = epoch.saturating_add(1);
            changes.push(Change::Epoch {
                epoch,
                metadata_hash,
            });
        }
        self.metadata_seen = Some(cluster.version());
        (epoch, kind)
    }

    /// Raises the epoch though nothing has changed; says whether there is anybody to follow.
    pub(crate) fn raise_epoch(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.members.is_empty() {
            return false;
        }
        let epoch = self.epoch.saturating_add(1);
        let metadata_hash = self.metadata_hash;
        self.commit(
            turn,
            vec![Change::Epoch {
                epoch,
                metadata_hash,
            }],
        );
        true
    }

    /// The kind of the subscriptions as they are.
    pub(super) fn subscription_type(&self) -> SubscriptionType {
        let counts = self.topic_counts(&[], None, self.resolved.values());
        let patterns = self.patterns(&[], None);
        subscription_type(&patterns, &counts, self.members.len())
    }

    /// Whether the cluster has changed since the hash of the topics was compared.
    pub(super) fn is_metadata_stale(&self, cluster: &Cluster) -> bool {
        self.metadata_seen != Some(cluster.version())
    }
}

fn subscription_type(
    patterns: &BTreeMap<&str, usize>,
    counts: &Counts,
    members: usize,
) -> SubscriptionType {
    let homogeneous = match patterns.values().next() {
        None => counts.values().all(|count| count.by_name == members),
        Some(subscribers) if *subscribers == members => {
            let mut counts = counts.values();
            counts.all(|count| count.by_pattern == 1 && count.by_name == 0)
        }
        Some(_) => false,
    };
    if homogeneous {
        SubscriptionType::Homogeneous
    } else {
        SubscriptionType::Heterogeneous
    }
}
