//! Groups: members, assignments, committed offsets and lag.

use std::collections::BTreeMap;

use super::shares::{SharePartitionView, ShareRecordsView};
use super::tasks::{self, TaskView};
use crate::engine::group::classic::ClassicGroup;
use crate::engine::group::consumer::ConsumerGroup;
use crate::engine::group::share::ShareGroup;
use crate::engine::group::streams::StreamsGroup;
use crate::engine::group::{Group, coordinator};
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::wire::consumer_protocol::Assignment;

/// A group; one without members may still have committed offsets.
///
/// ```
/// let broker = fauxka::Broker::builder()
///     .toml("topics = [{ name = 'orders' }]\n offsets = [{ group = 'billing', topic = 'orders', partition = 0, offset = 0 }]")?
///     .start_blocking()?;
/// let billing = broker.group("billing").describe().unwrap();
/// assert_eq!((billing.kind.as_str(), billing.state.as_str()), ("classic", "Empty"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct GroupView {
    /// The group id.
    pub id: String,
    /// `classic`, `consumer` (KIP-848), `share` (KIP-932) or `streams` (KIP-1071).
    pub kind: String,
    /// The state, such as `Stable` or `Empty`.
    pub state: String,
    /// The id of the node that coordinates the group, if there is one.
    pub coordinator: Option<i32>,
    /// The generation of a classic group, or the group epoch of another one.
    pub generation: i32,
    /// The assignor that all members agreed on, if any.
    pub protocol: Option<String>,
    /// The members.
    pub members: Vec<MemberView>,
    /// The committed offsets.
    pub offsets: Vec<OffsetView>,
    /// The partitions of a share group (KIP-932) of which anything is known.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub share_partitions: Vec<SharePartitionView>,
    /// The records of a share group from its start offsets on that have been delivered, or are done with.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub share_records: Vec<ShareRecordsView>,
    /// The tasks of a streams group (KIP-1071).
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub tasks: Vec<TaskView>,
}

/// A member of a group.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// // … the application runs …
/// for group in broker.groups() {
///     for member in group.members {
///         println!("{} of {}: {:?}", member.client_id, group.id, member.assignment);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct MemberView {
    /// The member id.
    pub member_id: String,
    /// The group instance id of a static member.
    pub instance_id: Option<String>,
    /// The client id.
    pub client_id: String,
    /// The client's address, as Kafka writes it.
    pub client_host: String,
    /// The member epoch (KIP-848).
    pub epoch: Option<i32>,
    /// Whether it leads a classic group, and assigns the partitions.
    pub is_leader: bool,
    /// The partitions that are assigned to it.
    pub assignment: Vec<TopicPartitionsView>,
}

/// Partitions of a topic.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// // … the application runs …
/// for member in broker.groups().iter().flat_map(|group| &group.members) {
///     for of in &member.assignment {
///         assert!(!of.partitions.is_empty(), "{} of {}", of.topic, member.member_id);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct TopicPartitionsView {
    /// The topic.
    pub topic: String,
    /// The partitions.
    pub partitions: Vec<i32>,
}

/// An offset that a group has committed.
///
/// ```
/// let broker = fauxka::Broker::builder()
///     .toml("topics = [{ name = 'orders' }]\n offsets = [{ group = 'billing', topic = 'orders', partition = 0, offset = 0 }]")?
///     .start_blocking()?;
/// let offset = &broker.group("billing").describe().unwrap().offsets[0];
/// assert_eq!((offset.topic.as_str(), offset.offset, offset.lag), ("orders", 0, Some(0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct OffsetView {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset of the next record that the group reads.
    pub offset: i64,
    /// The text that was committed with the offset.
    pub metadata: String,
    /// When it was committed, in milliseconds since 1970.
    pub committed_ms: i64,
    /// The number of records from the offset to the high watermark; none if the partition does not exist any more.
    pub lag: Option<i64>,
}

/// A commit, in the order they were made; those of a transaction count when it is committed.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// // … the application runs …
/// for commit in broker.group("billing").commits() {
///     assert!(commit.producer_id.is_some(), "every commit is part of a transaction");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct CommitView {
    /// The group id.
    pub group: String,
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The committed offset.
    pub offset: i64,
    /// When it was committed, in milliseconds since 1970.
    pub committed_ms: i64,
    /// The producer whose transaction committed it, if one did.
    pub producer_id: Option<i64>,
}

impl State {
    /// The groups that there are, by id.
    pub(crate) fn group_views(&self, now: Now) -> Vec<GroupView> {
        let all = self.groups.iter();
        all.map(|(id, group)| self.group_view_of(now, id, group))
            .collect()
    }

    /// One group.
    pub(crate) fn group_view(&self, now: Now, id: &str) -> Option<GroupView> {
        let group = self.groups.get(id)?;
        Some(self.group_view_of(now, id, group))
    }

    /// The latest commits of a group, as far as they are remembered.
    pub(crate) fn commit_views(&self, group: &str) -> Vec<CommitView> {
        let all = self.groups.offsets.history();
        all.filter(|commit| commit.group == group)
            .cloned()
            .collect()
    }

    fn group_view_of(&self, now: Now, id: &str, group: &Group) -> GroupView {
        let mut view = match group {
            Group::Classic(group) => classic(group),
            Group::Consumer(group) => self.consumer(group),
            Group::Share(group) => self.share(group),
            Group::Streams(group) => self.streams(group),
        };
        id.clone_into(&mut view.id);
        (view.share_partitions, view.share_records) = self.share_views(now, id);
        view.coordinator = coordinator::leader(&self.cluster, id).map(|node| node.0);
        let offsets = self.groups.offsets.of_group(id);
        view.offsets = offsets
            .map(|(topic, partition, committed)| OffsetView {
                topic: topic.to_owned(),
                partition,
                offset: committed.offset,
                metadata: committed.metadata.to_string(),
                committed_ms: committed.commit_timestamp.0,
                lag: self.lag(topic, partition, committed.offset),
            })
            .collect();
        // OffsetFetch answers in the order of Kafka's tables; people look for a partition.
        let place = |offset: &OffsetView| (offset.topic.clone(), offset.partition);
        view.offsets.sort_by_cached_key(place);
        view
    }

    fn lag(&self, topic: &str, partition: i32, offset: i64) -> Option<i64> {
        let log = &self.cluster.topic(topic)?.partition(partition)?.log;
        Some(log.high_watermark().0.saturating_sub(offset).max(0))
    }

    fn consumer(&self, group: &ConsumerGroup) -> GroupView {
        let members = group.members.values().map(|member| {
            let description = &member.description;
            let owned = [&member.current.assigned, &member.current.revoking];
            let mut assignment: BTreeMap<String, Vec<i32>> = BTreeMap::new();
            for (id, partitions) in owned.into_iter().flatten() {
                let topic = self.cluster.topic_by_id(*id);
                let name = topic.map_or_else(|| id.to_string(), |topic| topic.name.clone());
                assignment
                    .entry(name)
                    .or_default()
                    .extend(partitions.keys());
            }
            MemberView {
                member_id: member.id.to_string(),
                instance_id: description.instance_id.clone(),
                client_id: description.client_id.clone(),
                client_host: description.client_host.to_string(),
                epoch: Some(member.current.epoch),
                is_leader: false,
                assignment: rows(assignment),
            }
        });
        GroupView {
            id: String::new(),
            kind: "consumer".to_owned(),
            state: group.state().name().to_owned(),
            coordinator: None,
            generation: group.epoch,
            protocol: None,
            members: members.collect(),
            offsets: Vec::new(),
            share_partitions: Vec::new(),
            share_records: Vec::new(),
            tasks: Vec::new(),
        }
    }
}

impl State {
    fn share(&self, group: &ShareGroup) -> GroupView {
        let members = group.members.values().map(|member| {
            let description = &member.description;
            let mut assignment: BTreeMap<String, Vec<i32>> = BTreeMap::new();
            for (id, partitions) in &member.current.assigned {
                let name = self
                    .cluster
                    .topic_name(*id)
                    .unwrap_or_else(|| id.to_string());
                assignment.entry(name).or_default().extend(partitions);
            }
            MemberView {
                member_id: member.id.to_string(),
                instance_id: None,
                client_id: description.client_id.clone(),
                client_host: description.client_host.to_string(),
                epoch: Some(member.current.epoch),
                is_leader: false,
                assignment: rows(assignment),
            }
        });
        GroupView {
            id: String::new(),
            kind: "share".to_owned(),
            state: group.state_name().to_owned(),
            coordinator: None,
            generation: group.epoch,
            protocol: None,
            members: members.collect(),
            offsets: Vec::new(),
            share_partitions: Vec::new(),
            share_records: Vec::new(),
            tasks: Vec::new(),
        }
    }

    fn streams(&self, group: &StreamsGroup) -> GroupView {
        let members = group.members.values().map(|member| {
            let description = &member.description;
            MemberView {
                member_id: member.id.to_string(),
                instance_id: description.instance_id.clone(),
                client_id: description.client_id.clone(),
                client_host: description.client_host.to_string(),
                epoch: Some(member.current.epoch),
                is_leader: false,
                assignment: rows(
                    group.partitions_read(&member.current.assigned.active_ids(), &self.cluster),
                ),
            }
        });
        GroupView {
            id: String::new(),
            kind: "streams".to_owned(),
            state: group.state().name().to_owned(),
            coordinator: None,
            generation: group.epoch,
            protocol: None,
            members: members.collect(),
            offsets: Vec::new(),
            share_partitions: Vec::new(),
            share_records: Vec::new(),
            tasks: tasks::of(group),
        }
    }
}

fn classic(group: &ClassicGroup) -> GroupView {
    let members = group.members().map(|member| {
        let assignment = Assignment::read(&member.assignment);
        let partitions = assignment.map(|assignment| assignment.partitions);
        let partitions = partitions.into_iter().flatten();
        let partitions =
            partitions.map(|(topic, indexes)| (topic, indexes.into_iter().collect::<Vec<i32>>()));
        MemberView {
            member_id: member.id.to_string(),
            instance_id: member.instance_id.as_deref().map(str::to_owned),
            client_id: member.client_id.to_string(),
            client_host: member.client_host.to_string(),
            epoch: None,
            is_leader: group.leader() == Some(&*member.id),
            assignment: rows(partitions.collect()),
        }
    });
    GroupView {
        id: String::new(),
        kind: "classic".to_owned(),
        state: group.state().name().to_owned(),
        coordinator: None,
        generation: group.generation(),
        protocol: group.protocol().map(str::to_owned),
        members: members.collect(),
        offsets: Vec::new(),
        share_partitions: Vec::new(),
        share_records: Vec::new(),
        tasks: Vec::new(),
    }
}

fn rows(partitions: BTreeMap<String, Vec<i32>>) -> Vec<TopicPartitionsView> {
    let topics = partitions.into_iter();
    topics
        .map(|(topic, mut partitions)| {
            partitions.sort_unstable();
            TopicPartitionsView { topic, partitions }
        })
        .collect()
}
