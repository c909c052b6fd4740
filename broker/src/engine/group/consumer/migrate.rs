//! Groups that change their kind while they live: a classic group becomes a consumer group when a member
//! joins with the new protocol, and a consumer group becomes a classic one when its last such member goes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::change::Change;
use super::member::{ClassicMember, Current, Description, Member, TopicPartitions};
use super::{ConsumerGroup, hash, topic_id};
use crate::engine::api_error::ApiError;
use crate::engine::cluster::Cluster;
use crate::engine::group::classic::{ClassicGroup, Member as OldMember, Protocol};
use crate::engine::group::turn::Turn;
use crate::engine::java::{self, hash_map, timeline};
use crate::wire::consumer_protocol::{Assignment, Partitions, Subscription, assignment_for};
use crate::wire::error::ErrorCode;
use crate::wire::state_records::StateKey;

/// `group.consumer.migration.policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) upgrades: bool,
    pub(super) downgrades: bool,
}

impl Policy {
    pub(super) fn of(turn: &Turn<'_>) -> Self {
        let name = turn.config.consumer_group_migration_policy.as_deref();
        let name = name.unwrap_or_default().to_lowercase();
        Self {
            upgrades: name == "bidirectional" || name == "upgrade",
            downgrades: name == "bidirectional" || name == "downgrade",
        }
    }

    /// Whether groups may be of both kinds at all.
    pub(super) const fn is_disabled(self) -> bool {
        !self.upgrades && !self.downgrades
    }
}

/// Why a classic group cannot become a consumer group.
fn cannot(id: &str, why: &str) -> ApiError {
    let message = format!("Cannot upgrade classic group {id} to consumer group because {why}.");
    ApiError::new(ErrorCode::GroupIdNotFound, message)
}

/// Whether a classic group may become a consumer group, before anybody looks at its members.
pub(super) fn may_upgrade(turn: &Turn<'_>, classic: &ClassicGroup) -> Result<(), ApiError> {
    let refused = |why: &str| Err(cannot(&classic.id, why));
    if !Policy::of(turn).upgrades {
        return refused("online upgrade is disabled");
    }
    if !classic.uses_consumer_protocol() {
        return refused("the group does not use the consumer embedded protocol");
    }
    if classic.members().len() > turn.config.consumer_group_max_size {
        return refused("the group size exceeds the consumer group maximum size");
    }
    Ok(())
}

/// The consumer group that a classic group becomes, and the records that make it.
pub(super) fn upgraded(
    turn: &Turn<'_>,
    classic: &ClassicGroup,
) -> Result<(ConsumerGroup, Vec<Change>), ApiError> {
    let id = &classic.id;
    let refused = |why: &str| Err(cannot(id, why));
    // As in Kafka, where a group in its first rebalance has no protocol to read.
    let no_protocol = || ApiError::without_message(ErrorCode::UnknownServerError);
    let protocol = classic.protocol().ok_or_else(no_protocol)?;
    let mut members = Vec::new();
    for member in classic.members() {
        match converted(turn.cluster, member, protocol, classic.generation()) {
            Ok(member) => members.push(member),
            Err(Unreadable::Malformed) => {
                return refused("the embedded consumer protocol is malformed");
            }
            Err(Unreadable::CustomAssignor) => {
                return refused(
                    "an unsupported custom assignor is in use. Please refer to the documentation or \
                     switch to a default assignor before re-attempting the upgrade",
                );
            }
        }
    }
    Ok(made_of(turn, id, classic.generation(), members))
}

fn made_of(
    turn: &Turn<'_>,
    id: &Arc<str>,
    generation: i32,
    mut members: Vec<(Member, TopicPartitions)>,
) -> (ConsumerGroup, Vec<Change>) {
    // From the classic group's table into the consumer group's.
    hash_map::sort_by_name(&mut members, |(member, _)| &member.id);
    timeline::sort(&mut members, |(member, _)| java::hash::of_str(&member.id));
    let each = |change: fn(&(Member, TopicPartitions)) -> Change| members.iter().map(change);
    let mut changes: Vec<Change> =
        each(|(member, _)| Change::Description(Arc::clone(&member.id), member.description.clone()))
            .collect();
    let mut topics: Vec<&String> = members
        .iter()
        .flat_map(|(member, _)| &member.description.topics)
        .collect();
    topics.sort_unstable();
    topics.dedup();
    changes.push(Change::Epoch {
        epoch: generation,
        metadata_hash: hash::of_topics(turn.cluster, topics.into_iter()),
    });
    changes.extend(each(|(member, target)| {
        Change::Target(Arc::clone(&member.id), target.clone())
    }));
    changes.push(Change::TargetEpoch {
        epoch: generation,
        assigned_at: 0,
    });
    changes.extend(each(|(member, _)| {
        Change::Current(Arc::clone(&member.id), member.current.clone())
    }));
    let mut group = ConsumerGroup::new(Arc::clone(id));
    for change in &changes {
        group.apply(change.clone());
    }
    (group, changes)
}

enum Unreadable {
    Malformed,
    CustomAssignor,
}

fn converted(
    cluster: &Cluster,
    member: &OldMember,
    protocol: &str,
    generation: i32,
) -> Result<(Member, TopicPartitions), Unreadable> {
    let mut target = TopicPartitions::new();
    if !member.assignment.is_empty() {
        let assignment = Assignment::read(&member.assignment).ok_or(Unreadable::Malformed)?;
        if assignment.has_user_data {
            return Err(Unreadable::CustomAssignor);
        }
        for (topic, indexes) in assignment.partitions {
            if let Some(id) = topic_id(cluster, &topic) {
                target.insert(id, indexes.into_iter().collect());
            }
        }
    }
    let subscription =
        Subscription::read(&member.metadata(protocol)).ok_or(Unreadable::Malformed)?;
    let assigned = target.iter().map(|(topic, indexes)| {
        let at_epoch = indexes.iter().map(|index| (*index, generation));
        (*topic, at_epoch.collect())
    });
    let member = Member {
        id: Arc::clone(&member.id),
        description: Description {
            instance_id: member.instance_id.as_deref().map(str::to_owned),
            rack_id: subscription.rack_id.filter(|rack| !rack.is_empty()),
            rebalance_timeout_ms: as_millis(member.rebalance_timeout),
            client_id: member.client_id.to_string(),
            client_host: Arc::clone(&member.client_host),
            topics: subscription.topics.into_iter().collect(),
            classic: Some(ClassicMember {
                session_timeout_ms: as_millis(member.session_timeout),
                protocols: names_and_metadata(&member.protocols),
            }),
            ..Description::default()
        },
        current: Current {
            epoch: generation,
            previous_epoch: generation,
            assigned: assigned.collect(),
            ..Current::default()
        },
    };
    Ok((member, target))
}

pub(super) fn names_and_metadata(protocols: &[Protocol]) -> Vec<(String, Bytes)> {
    let protocols = protocols.iter();
    protocols
        .map(|protocol| (protocol.name.to_string(), protocol.metadata.clone()))
        .collect()
}

pub(super) fn as_millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

impl ConsumerGroup {
    /// Whether only members that speak the classic protocol stay, and may do so in a classic group.
    pub(super) fn may_downgrade(
        &self,
        turn: &Turn<'_>,
        without: &[Arc<str>],
        joining: usize,
    ) -> bool {
        let mut staying = self
            .members
            .values()
            .filter(|member| !without.contains(&member.id));
        let count = staying.clone().count() + joining;
        staying.all(Member::is_classic)
            && count > 0
            && Policy::of(turn).downgrades
            && count <= turn.config.group_max_size
    }

    /// The classic group that those make who stay, with `joining` in the place of the static member whose
    /// instance id it has.
    pub(super) fn downgraded(
        &self,
        turn: &mut Turn<'_>,
        leaving: &[Arc<str>],
        joining: Option<&Member>,
        rebalance: Option<&str>,
    ) -> ClassicGroup {
        let replaced = joining.and_then(|member| self.static_member(member.instance_id()?));
        let replaced = replaced.map(|member| Arc::clone(&member.id));
        self.take_back(
            turn,
            replaced.as_ref().zip(joining.map(|member| &member.id)),
        );
        let staying = self.members_as_kept().into_iter();
        let staying = staying.filter(|member| {
            !leaving.contains(&member.id) && Some(&member.id) != replaced.as_ref()
        });
        let members = staying.chain(joining).filter_map(old_member).collect();
        let cluster = turn.cluster;
        let assignment = |id: &str, metadata: &Bytes| {
            let id = match (joining, &replaced) {
                (Some(joining), Some(replaced)) if &*joining.id == id => &**replaced,
                _ => id,
            };
            let target = self.target.get(id).cloned().unwrap_or_default();
            assignment_for(metadata, &by_name(cluster, &target)).unwrap_or_default()
        };
        ClassicGroup::of_consumers(turn, (&self.id, self.epoch), members, assignment, rebalance)
    }

    /// Writes that there is no such group any more, and lets go of what was to happen in it. Where a member
    /// has just taken another's place, its own records are taken back instead.
    pub(crate) fn take_back(&self, turn: &mut Turn<'_>, instead: Option<(&Arc<str>, &Arc<str>)>) {
        let group = &*self.id;
        let ids: Vec<&Arc<str>> = self
            .members_as_kept()
            .iter()
            .map(|member| &member.id)
            .collect();
        let instead_of = |id| match instead {
            Some((old, new)) if old == id => new,
            _ => id,
        };
        let each = |turn: &mut Turn<'_>, gone: fn(Arc<str>) -> Change| {
            for id in &ids {
                turn.append(group, gone(Arc::clone(instead_of(*id))).record(group));
            }
        };
        each(turn, Change::CurrentGone);
        each(turn, Change::TargetGone);
        turn.append(
            group,
            StateKey::ConsumerGroupTargetAssignmentMetadata { group }.tombstone(),
        );
        each(turn, Change::MemberGone);
        for pattern in self.resolved.keys() {
            turn.append(group, Change::PatternGone(pattern.clone()).record(group));
        }
        turn.append(
            group,
            StateKey::ConsumerGroupPartitionMetadata { group }.tombstone(),
        );
        turn.append(group, StateKey::ConsumerGroupMetadata { group }.tombstone());
        for id in ids {
            self.cancel_timers(turn, id);
        }
    }
}

/// Partitions by the names of the topics that there still are.
pub(super) fn by_name(cluster: &Cluster, topics: &TopicPartitions) -> Partitions {
    let named: BTreeMap<String, Vec<i32>> = topics
        .iter()
        .filter_map(|(topic, indexes)| {
            Some((
                cluster.topic_name(*topic)?,
                indexes.iter().copied().collect(),
            ))
        })
        .collect();
    named.into_iter().collect()
}

fn old_member(member: &Member) -> Option<OldMember> {
    let description = &member.description;
    let classic = description.classic.as_ref()?;
    let millis = |millis: i32| Duration::from_millis(u64::try_from(millis).unwrap_or_default());
    let protocols = classic.protocols.iter().map(|(name, metadata)| Protocol {
        name: name.as_str().into(),
        metadata: metadata.clone(),
    });
    Some(OldMember {
        id: Arc::clone(&member.id),
        instance_id: description.instance_id.as_deref().map(Arc::from),
        client_id: description.client_id.as_str().into(),
        client_host: Arc::clone(&description.client_host),
        connection: None,
        rebalance_timeout: millis(description.rebalance_timeout_ms),
        session_timeout: millis(classic.session_timeout_ms),
        protocols: protocols.collect(),
        assignment: Bytes::new(),
        waiting_join: None,
        waiting_sync: None,
        is_new: false,
    })
}
