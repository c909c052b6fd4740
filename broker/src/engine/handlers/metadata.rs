//! Metadata (key 3), v0–v13.
//!
//! Oracle: null stands for all topics, in v0 the empty list does. One id in the request makes it a
//! request for ids, and names are not looked at; v10 and v11 have the field for ids and refuse
//! whatever stands in it. Topics take DESCRIBE: of all topics the others are left out, of those that are named they come
//! last. A topic made on demand is answered as unknown, until brokers hear of it.

mod on_demand;

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::engine::authorizer::{Access, CLUSTER, Operation, ResourceType};
use crate::engine::cluster::configs::topic_name_fault;
use crate::engine::cluster::{Partition, Topic};
use crate::engine::context::{Answer, Context, ReadContext};
use crate::engine::java::{hash, hash_map, scala};
use crate::engine::topics::plan::is_internal;
use crate::wire::error::ErrorCode;
use crate::wire::messages::metadata_request::MetadataRequestTopic;
use crate::wire::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic, Nodes, nodes_of,
};
use crate::wire::messages::{BrokerId, MetadataRequest, MetadataResponse, TopicName, str_bytes};
use crate::wire::units::NodeId;

/// The first version that says of a leader that it lacks the client's listener; before it Kafka says
/// LEADER_NOT_AVAILABLE (KIP-302).
const LISTENER_NOT_FOUND_SINCE: i16 = 6;
/// The first version that serves ids; v10 and v11 only have the field (KIP-516).
const IDS_SINCE: i16 = 12;
/// The first version that has an error beside those of topics (KIP-1102).
const ERROR_SINCE: i16 = 13;

/// Answers at once.
pub(crate) fn handle(cx: &mut Context<'_>, request: MetadataRequest) -> Answer<MetadataResponse> {
    let asked = request.topics.as_deref().unwrap_or_default();
    if let Some(code) = whole_request(cx.call.version, asked) {
        return Answer::Reply(refused(cx.call.version, asked, code));
    }
    let ids: Vec<Uuid> = asked
        .iter()
        .map(|topic| topic.topic_id)
        .filter(|id| !id.is_nil())
        .collect();
    let is_all = request.topics.is_none() || (cx.call.version == 0 && asked.is_empty());
    let mut topics = if is_all {
        all_topics(cx)
    } else if ids.is_empty() {
        by_name(cx, asked, request.allow_auto_topic_creation)
    } else {
        by_id(cx, &ids)
    };
    if request.include_topic_authorized_operations {
        for topic in &mut topics {
            if let Some(name) = topic.name.as_ref().filter(|_| !is_denied(topic)) {
                let bits = cx.access().operations(ResourceType::Topic, name);
                topic.topic_authorized_operations = bits;
            }
        }
    }
    let stale = cx.state.take_stale_metadata();
    let brokers = match &stale {
        Some(stale) => brokers(cx, &stale.live),
        None => brokers(cx, &cx.read_only().reachable()),
    };
    let mut response = MetadataResponse {
        brokers,
        cluster_id: Some(str_bytes(cx.state.cluster.id.clone())),
        controller_id: broker_id(cx.state.cluster.controller()),
        topics,
        ..MetadataResponse::default()
    };
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = cluster_operations(cx.access());
    }
    if let Some(stale) = stale {
        stale.overlay(&mut response);
        cx.state.keep_stale_metadata(stale);
    }
    Answer::Reply(response)
}

/// What a client may do to the cluster (KIP-430); nothing, if it may not ask.
pub(super) fn cluster_operations(access: Access<'_>) -> i32 {
    if !access.allows_cluster(Operation::Describe) {
        return 0;
    }
    access.operations(ResourceType::Cluster, CLUSTER)
}

/// What is said of a topic that the client may not see, or not make.
fn denied(name: Option<TopicName>, topic_id: Uuid) -> MetadataResponseTopic {
    MetadataResponseTopic {
        error_code: ErrorCode::TopicAuthorizationFailed.code(),
        name,
        topic_id,
        ..MetadataResponseTopic::default()
    }
}

const fn is_denied(topic: &MetadataResponseTopic) -> bool {
    topic.error_code == ErrorCode::TopicAuthorizationFailed.code()
}

/// What spoils all of a request. A topic with neither name nor id is an error that Kafka did not
/// expect.
fn whole_request(version: i16, asked: &[MetadataRequestTopic]) -> Option<ErrorCode> {
    let has_id = |topic: &MetadataRequestTopic| !topic.topic_id.is_nil();
    let nameless = |topic: &MetadataRequestTopic| topic.name.is_none();
    if version < IDS_SINCE {
        let refused = asked.iter().any(|topic| has_id(topic) || nameless(topic));
        return refused.then_some(ErrorCode::InvalidRequest);
    }
    let by_name = !asked.iter().any(has_id);
    (by_name && asked.iter().any(nameless)).then_some(ErrorCode::UnknownServerError)
}

/// Says nothing about the cluster.
fn refused(version: i16, asked: &[MetadataRequestTopic], code: ErrorCode) -> MetadataResponse {
    let of_all = if version < ERROR_SINCE {
        ErrorCode::None
    } else {
        code
    };
    let topic = |asked: &MetadataRequestTopic| MetadataResponseTopic {
        error_code: code.code(),
        name: Some(asked.name.clone().unwrap_or_default()),
        topic_id: asked.topic_id,
        ..MetadataResponseTopic::default()
    };
    MetadataResponse {
        topics: asked.iter().map(topic).collect(),
        error_code: of_all.code(),
        ..MetadataResponse::default()
    }
}

fn all_topics(cx: &Context<'_>) -> Vec<MetadataResponseTopic> {
    let live = cx.read_only().reachable();
    let topics = cx.state.cluster.topics_as_listed().into_iter();
    let access = cx.access();
    let may_see = |topic: &&Topic| {
        access.allows_quietly(Operation::Describe, ResourceType::Topic, &topic.name)
    };
    let seen = topics.filter(may_see);
    seen.map(|topic| known(cx, &live, topic)).collect()
}

/// Those that are not there come first, both in the order of immutable sets.
fn by_id(cx: &Context<'_>, ids: &[Uuid]) -> Vec<MetadataResponseTopic> {
    let mut seen = BTreeSet::new();
    let once = ids.iter().copied().filter(|id| seen.insert(*id));
    let mut once: Vec<Uuid> = once.collect();
    scala::sort_immutable(&mut once, |id| hash::of_id(*id));
    let is_unknown = |id: &Uuid| cx.state.cluster.topic_by_id(*id).is_none();
    let (missing, there): (Vec<Uuid>, Vec<Uuid>) = once.into_iter().partition(is_unknown);
    let missing = missing.into_iter().map(|id| MetadataResponseTopic {
        error_code: ErrorCode::UnknownTopicId.code(),
        name: None,
        topic_id: id,
        ..MetadataResponseTopic::default()
    });
    let there = there.into_iter();
    let there = there.filter_map(|id| cx.state.cluster.topic_by_id(id));
    let mut there: Vec<&Topic> = there.collect();
    let live = cx.read_only().reachable();
    scala::sort_immutable(&mut there, |topic| hash::of_str(&topic.name));
    let may_see = |topic: &&Topic| cx.access().topic(Operation::Describe, &topic.name).is_ok();
    let (seen, unseen): (Vec<&Topic>, Vec<&Topic>) = there.into_iter().partition(may_see);
    missing
        .chain(seen.into_iter().map(|topic| known(cx, &live, topic)))
        .chain(unseen.into_iter().map(|topic| denied(None, topic.id)))
        .collect()
}

/// Topics that exist come first, in the order of an immutable set; those that do not are a copy of it. A name given
/// twice is answered once.
fn by_name(
    cx: &mut Context<'_>,
    asked: &[MetadataRequestTopic],
    may_create: bool,
) -> Vec<MetadataResponseTopic> {
    let mut seen = BTreeSet::new();
    let names = asked.iter().filter_map(|topic| topic.name.as_ref());
    let mut names: Vec<&TopicName> = names.filter(|name| seen.insert(name.as_str())).collect();
    scala::sort_immutable(&mut names, |name| hash::of_str(name));
    let may_see = |name: &&TopicName| cx.access().topic(Operation::Describe, name).is_ok();
    let (names, unseen): (Vec<_>, Vec<_>) = names.into_iter().partition(may_see);
    let creates = may_create && cx.state.configs.broker(cx.call.node).auto_create_topics;
    let (names, unmade) = without_unmade(cx, names, creates);
    let buckets = hash_map::of_set_copy(names.len());
    let (there, mut missing): (Vec<_>, Vec<_>) = names
        .into_iter()
        .partition(|name| cx.state.cluster.topic(name).is_some());
    hash_map::sort_in(&mut missing, buckets, |name| hash::of_str(name));
    let there = there.into_iter();
    let live = cx.read_only().reachable();
    let mut topics: Vec<_> = there
        .filter_map(|name| Some(known(cx, &live, cx.state.cluster.topic(name)?)))
        .collect();
    topics.extend(missing.iter().map(|name| unknown(name)));
    topics.extend(unmade.into_iter().map(|name| MetadataResponseTopic {
        is_internal: is_internal(name),
        ..denied(Some(name.clone()), Uuid::nil())
    }));
    let unseen = unseen.into_iter();
    topics.extend(unseen.map(|name| denied(Some(name.clone()), Uuid::nil())));
    if creates {
        missing.iter().for_each(|name| on_demand::create(cx, name));
    }
    topics
}

/// The names, and apart those of topics that would be made if the client could: that takes CREATE, on the cluster or on the
/// topic.
fn without_unmade<'a>(
    cx: &Context<'_>,
    names: Vec<&'a TopicName>,
    creates: bool,
) -> (Vec<&'a TopicName>, Vec<&'a TopicName>) {
    let access = cx.access();
    let is_missing = |name: &&TopicName| cx.state.cluster.topic(name).is_none();
    let is_free = !creates
        || !names.iter().any(is_missing)
        || access.allows_cluster_quietly(Operation::Create);
    let stays = |name: &&TopicName| {
        is_free || !is_missing(name) || access.topic(Operation::Create, name).is_ok()
    };
    names.into_iter().partition(stays)
}

fn unknown(name: &TopicName) -> MetadataResponseTopic {
    let code = if topic_name_fault(name).is_some() {
        ErrorCode::InvalidTopicException
    } else {
        ErrorCode::UnknownTopicOrPartition
    };
    MetadataResponseTopic {
        error_code: code.code(),
        name: Some(name.clone()),
        is_internal: is_internal(name),
        ..MetadataResponseTopic::default()
    }
}

/// `live` are the nodes in service that the client can reach.
#[inline]
fn known(cx: &Context<'_>, live: &[NodeId], topic: &Topic) -> MetadataResponseTopic {
    let partitions = (0..).zip(&topic.partitions);
    let row = |(index, row)| partition(cx, live, index, row);
    MetadataResponseTopic {
        name: Some(topic.wire_name()),
        topic_id: topic.id,
        is_internal: topic.internal,
        partitions: partitions.map(row).collect(),
        ..MetadataResponseTopic::default()
    }
}

/// v0 has no place for replicas that are offline: it leaves them out, which is an error of its own.
#[inline]
fn partition(
    cx: &Context<'_>,
    live: &[NodeId],
    index: i32,
    partition: &Partition,
) -> MetadataResponsePartition {
    let is_up = |node: &NodeId| live.contains(node);
    let offline: Nodes = if partition.replicas.iter().all(is_up) {
        Nodes::new()
    } else {
        let replicas = partition.replicas.iter().copied();
        let offline = replicas.filter(|node| !live.contains(node));
        offline.map(broker_id).collect()
    };
    let mut replicas = nodes_of(&partition.replicas);
    let mut isr = nodes_of(&partition.isr);
    let leader = partition.leader.filter(|leader| live.contains(leader));
    let mut error = leader_error(cx.call.version, partition, leader);
    if cx.call.version == 0 {
        replicas.retain(|node| !offline.contains(node));
        isr.retain(|node| !offline.contains(node));
        if error == ErrorCode::None && !offline.is_empty() {
            error = ErrorCode::ReplicaNotAvailable;
        }
    }
    MetadataResponsePartition {
        error_code: error.code(),
        partition_index: index,
        leader_id: leader.map_or(BrokerId(-1), broker_id),
        leader_epoch: partition.leader_epoch.0,
        replica_nodes: replicas,
        isr_nodes: isr,
        offline_replicas: offline,
    }
}

/// Replicas whose nodes are not in service, or not reached by the client's listener.
pub(super) fn offline(cx: ReadContext<'_>, partition: &Partition) -> impl Iterator<Item = NodeId> {
    let replicas = partition.replicas.iter().copied();
    replicas.filter(move |node| !cx.state.cluster.is_up(*node) || !cx.has_listener(*node))
}

/// A partition may have lost its leader, or the client's listener may not lead to it (KIP-302).
const fn leader_error(version: i16, partition: &Partition, reached: Option<NodeId>) -> ErrorCode {
    match (reached, partition.leader) {
        (Some(_), _) => ErrorCode::None,
        (None, Some(_)) if version >= LISTENER_NOT_FOUND_SINCE => ErrorCode::ListenerNotFound,
        (None, _) => ErrorCode::LeaderNotAvailable,
    }
}

pub(super) fn broker_ids(nodes: &[NodeId]) -> Vec<BrokerId> {
    nodes.iter().copied().map(broker_id).collect()
}

pub(super) const fn broker_id(node: NodeId) -> BrokerId {
    BrokerId(node.0)
}

fn brokers(cx: &Context<'_>, nodes: &[NodeId]) -> Vec<MetadataResponseBroker> {
    let broker = |node: NodeId| {
        let endpoint = cx.read_only().registered_endpoint(node)?;
        Some(MetadataResponseBroker {
            node_id: broker_id(node),
            host: str_bytes(endpoint.host),
            port: endpoint.port,
            rack: endpoint.rack.map(str_bytes),
        })
    };
    nodes.iter().copied().filter_map(broker).collect()
}
