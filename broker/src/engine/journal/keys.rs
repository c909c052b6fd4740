//! What a request is about, read from its typed form.
//!
//! Names are copied: a slice would keep the whole frame alive for as long as the journal has its row.

mod shares;
mod streams;

use uuid::Uuid;

use super::exchange::{Keys, TopicKeys};
use crate::engine::cluster::Cluster;
use crate::wire::apis::Request;
use crate::wire::batch::ProducedRecords;
use crate::wire::messages::*;

/// The most partitions that a row names.
const PARTITIONS_MAX: usize = 2000;

/// Kinds of resource of ACLs, by Kafka's numbers.
const ACL_TOPIC: i8 = 2;
const ACL_GROUP: i8 = 3;
const ACL_TRANSACTIONAL_ID: i8 = 5;

/// FindCoordinator's number for transactional ids.
const TRANSACTIONAL_ID: i8 = 1;

/// Collects topics, by name or by id.
struct Topics<'a> {
    cluster: &'a Cluster,
    found: Vec<TopicKeys>,
    room: usize,
}

impl<'a> Topics<'a> {
    const fn new(cluster: &'a Cluster) -> Self {
        Self {
            cluster,
            found: Vec::new(),
            room: PARTITIONS_MAX,
        }
    }

    fn add(&mut self, name: &str, id: Uuid, partitions: impl Iterator<Item = i32>) {
        if self.room == 0 {
            return;
        }
        let partitions: Vec<i32> = partitions.take(self.room).collect();
        self.room = self.room.saturating_sub(partitions.len().max(1));
        self.found.push(TopicKeys {
            topic: topic_name(self.cluster, name, id),
            partitions,
        });
    }

    fn named(&mut self, name: &str, partitions: impl Iterator<Item = i32>) {
        self.add(name, Uuid::nil(), partitions);
    }
}

/// A topic's name, where a version has ids in the place of names; the id if nothing has it.
pub(super) fn topic_name(cluster: &Cluster, name: &str, id: Uuid) -> String {
    if !name.is_empty() || id.is_nil() {
        return name.to_owned();
    }
    let known = cluster.topic_by_id(id);
    known.map_or_else(|| id.to_string(), |topic| topic.name.clone())
}

impl Keys {
    /// What a request is about.
    pub(crate) fn of(request: &Request, cluster: &Cluster) -> Self {
        let mut topics = Topics::new(cluster);
        let mut keys = Self::default();
        match request {
            Request::Produce(request) => keys.produce(request, &mut topics),
            Request::Fetch(request) => {
                for topic in &request.topics {
                    let partitions = topic.partitions.iter().map(|p| p.partition);
                    topics.add(&topic.topic, topic.topic_id, partitions);
                }
            }
            Request::ListOffsets(request) => {
                for topic in &request.topics {
                    let partitions = topic.partitions.iter().map(|p| p.partition_index);
                    topics.named(&topic.name, partitions);
                }
            }
            Request::OffsetForLeaderEpoch(request) => {
                for topic in &request.topics {
                    let partitions = topic.partitions.iter().map(|p| p.partition);
                    topics.named(&topic.topic, partitions);
                }
            }
            Request::Metadata(request) => {
                for topic in request.topics.iter().flatten() {
                    let name = topic.name.as_ref().map_or("", |name| name.as_str());
                    topics.add(name, topic.topic_id, std::iter::empty());
                }
            }
            _ => {
                keys.members(request, &mut topics);
                keys.shares(request, &mut topics);
                keys.streams(request);
                keys.transactions(request, &mut topics);
                keys.acls(request, &mut topics);
                administration(request, &mut topics);
            }
        }
        keys.topics = topics.found;
        keys
    }

    fn produce(&mut self, request: &ProduceRequest, topics: &mut Topics<'_>) {
        self.transactional_id(request.transactional_id.as_ref().map(|id| id.as_str()));
        for topic in &request.topic_data {
            let partitions = topic.partition_data.iter().map(|p| p.index);
            topics.add(&topic.name, topic.topic_id, partitions);
        }
        let mut all = request.topic_data.iter().flat_map(|t| &t.partition_data);
        let producer = all.next().and_then(|p| producer_of(&p.records));
        if let Some((id, epoch)) = producer.filter(|(id, _)| *id >= 0) {
            self.producer(id, epoch);
        }
    }

    /// Requests of members of groups.
    fn members(&mut self, request: &Request, topics: &mut Topics<'_>) {
        match request {
            Request::OffsetCommit(r) => {
                self.member(&r.group_id, &r.member_id, r.group_instance_id.as_deref());
                self.generation = Some(r.generation_id_or_member_epoch);
                for topic in &r.topics {
                    let partitions = topic.partitions.iter().map(|p| p.partition_index);
                    topics.add(&topic.name, topic.topic_id, partitions);
                }
            }
            Request::OffsetFetch(r) => {
                if !r.group_id.is_empty() {
                    self.group(&r.group_id);
                }
                for topic in r.topics.iter().flatten() {
                    topics.named(&topic.name, topic.partition_indexes.iter().copied());
                }
                for group in &r.groups {
                    self.group(&group.group_id);
                    for topic in group.topics.iter().flatten() {
                        let partitions = topic.partition_indexes.iter().copied();
                        topics.add(&topic.name, topic.topic_id, partitions);
                    }
                }
            }
            Request::JoinGroup(r) => {
                self.member(&r.group_id, &r.member_id, r.group_instance_id.as_deref());
            }
            Request::SyncGroup(r) => {
                self.member(&r.group_id, &r.member_id, r.group_instance_id.as_deref());
                self.generation = Some(r.generation_id);
            }
            Request::Heartbeat(r) => {
                self.member(&r.group_id, &r.member_id, r.group_instance_id.as_deref());
                self.generation = Some(r.generation_id);
            }
            Request::LeaveGroup(r) => {
                let first = r.members.first();
                let member = first.map_or(&r.member_id, |member| &member.member_id);
                let instance = first.and_then(|member| member.group_instance_id.as_deref());
                self.member(&r.group_id, member, instance);
            }
            Request::ConsumerGroupHeartbeat(r) => {
                self.member(&r.group_id, &r.member_id, r.instance_id.as_deref());
                self.generation = Some(r.member_epoch);
            }
            Request::DescribeGroups(r) => r.groups.iter().for_each(|id| self.group(id)),
            Request::ConsumerGroupDescribe(r) => r.group_ids.iter().for_each(|id| self.group(id)),
            Request::DeleteGroups(r) => r.groups_names.iter().for_each(|id| self.group(id)),
            Request::OffsetDelete(r) => {
                self.group(&r.group_id);
                for topic in &r.topics {
                    let partitions = topic.partitions.iter().map(|p| p.partition_index);
                    topics.named(&topic.name, partitions);
                }
            }
            Request::FindCoordinator(r) => {
                let old = (!r.key.is_empty()).then_some(&r.key);
                for key in r.coordinator_keys.iter().chain(old) {
                    if r.key_type == TRANSACTIONAL_ID {
                        self.transactional_id(Some(key));
                    } else {
                        self.group(key);
                    }
                }
            }
            _ => {}
        }
    }

    fn transactions(&mut self, request: &Request, topics: &mut Topics<'_>) {
        match request {
            Request::InitProducerId(r) => {
                self.transactional_id(r.transactional_id.as_ref().map(|id| id.as_str()));
                if r.producer_id.0 >= 0 {
                    self.producer(r.producer_id.0, r.producer_epoch);
                }
            }
            Request::AddPartitionsToTxn(r) => {
                let old = &r.v3_and_below_transactional_id;
                if !old.is_empty() {
                    self.transactional_id(Some(old));
                    self.producer(r.v3_and_below_producer_id.0, r.v3_and_below_producer_epoch);
                }
                for topic in &r.v3_and_below_topics {
                    topics.named(&topic.name, topic.partitions.iter().copied());
                }
                for transaction in &r.transactions {
                    self.transactional_id(Some(&transaction.transactional_id));
                    self.producer(transaction.producer_id.0, transaction.producer_epoch);
                    for topic in &transaction.topics {
                        topics.named(&topic.name, topic.partitions.iter().copied());
                    }
                }
            }
            Request::AddOffsetsToTxn(r) => {
                self.transactional_id(Some(&r.transactional_id));
                self.producer(r.producer_id.0, r.producer_epoch);
                self.group(&r.group_id);
            }
            Request::TxnOffsetCommit(r) => {
                self.transactional_id(Some(&r.transactional_id));
                self.producer(r.producer_id.0, r.producer_epoch);
                self.member(&r.group_id, &r.member_id, r.group_instance_id.as_deref());
                self.generation = Some(r.generation_id_or_member_epoch);
                for topic in &r.topics {
                    let partitions = topic.partitions.iter().map(|p| p.partition_index);
                    topics.named(&topic.name, partitions);
                }
            }
            Request::EndTxn(r) => {
                self.transactional_id(Some(&r.transactional_id));
                self.producer(r.producer_id.0, r.producer_epoch);
                self.committed = Some(r.committed);
            }
            Request::WriteTxnMarkers(r) => {
                for marker in &r.markers {
                    self.producer(marker.producer_id.0, marker.producer_epoch);
                    for topic in &marker.topics {
                        topics.named(&topic.name, topic.partition_indexes.iter().copied());
                    }
                }
            }
            Request::DescribeTransactions(r) => {
                for id in &r.transactional_ids {
                    self.transactional_id(Some(id));
                }
            }
            _ => {}
        }
    }

    /// Requests about who may do what to something.
    fn acls(&mut self, request: &Request, topics: &mut Topics<'_>) {
        let mut resource = |kind: i8, name: Option<&str>| match (kind, name) {
            (ACL_TOPIC, Some(name)) => topics.named(name, std::iter::empty()),
            (ACL_GROUP, Some(id)) => self.group(id),
            (ACL_TRANSACTIONAL_ID, id) => self.transactional_id(id),
            _ => {}
        };
        match request {
            Request::DescribeAcls(r) => {
                resource(r.resource_type_filter, r.resource_name_filter.as_deref());
            }
            Request::CreateAcls(r) => {
                for acl in &r.creations {
                    resource(acl.resource_type, Some(&acl.resource_name));
                }
            }
            Request::DeleteAcls(r) => {
                for filter in &r.filters {
                    let name = filter.resource_name_filter.as_deref();
                    resource(filter.resource_type_filter, name);
                }
            }
            _ => {}
        }
    }

    fn group(&mut self, id: &str) {
        self.groups.push(id.to_owned());
    }

    fn member(&mut self, group: &str, member: &str, instance: Option<&str>) {
        self.group(group);
        self.member = Some(member.to_owned()).filter(|id| !id.is_empty());
        self.instance = instance.map(str::to_owned);
    }

    fn transactional_id(&mut self, id: Option<&str>) {
        self.transactional_ids.extend(id.map(str::to_owned));
    }

    const fn producer(&mut self, id: i64, epoch: i16) {
        self.producer_id = Some(id);
        self.producer_epoch = Some(epoch);
    }
}

/// What is about topics themselves.
fn administration(request: &Request, topics: &mut Topics<'_>) {
    match request {
        Request::CreateTopics(r) => {
            for topic in &r.topics {
                topics.named(&topic.name, std::iter::empty());
            }
        }
        Request::DeleteTopics(r) => {
            for name in &r.topic_names {
                topics.named(name, std::iter::empty());
            }
            for topic in &r.topics {
                let name = topic.name.as_ref().map_or("", |name| name.as_str());
                topics.add(name, topic.topic_id, std::iter::empty());
            }
        }
        Request::CreatePartitions(r) => {
            for topic in &r.topics {
                topics.named(&topic.name, std::iter::empty());
            }
        }
        Request::DeleteRecords(r) => {
            for topic in &r.topics {
                let partitions = topic.partitions.iter().map(|p| p.partition_index);
                topics.named(&topic.name, partitions);
            }
        }
        Request::DescribeProducers(r) => {
            for topic in &r.topics {
                topics.named(&topic.name, topic.partition_indexes.iter().copied());
            }
        }
        Request::AlterReplicaLogDirs(r) => {
            for topic in r.dirs.iter().flat_map(|dir| &dir.topics) {
                topics.named(&topic.name, topic.partitions.iter().copied());
            }
        }
        Request::ElectLeaders(r) => {
            for topic in r.topic_partitions.iter().flatten() {
                topics.named(&topic.topic, topic.partitions.iter().copied());
            }
        }
        Request::DescribeTopicPartitions(r) => {
            for topic in &r.topics {
                topics.named(&topic.name, std::iter::empty());
            }
        }
        _ => {}
    }
}

/// Who wrote a batch.
fn producer_of(records: &ProducedRecords) -> Option<(i64, i16)> {
    let header = records.header()?;
    Some((header.producer_id.0, header.producer_epoch.0))
}
