//! The topology of an application, as its members describe it (KIP-1071).

use std::collections::{BTreeMap, BTreeSet};

use super::StreamsGroup;
use crate::engine::api_error::ApiError;
use crate::engine::java::hash_map;
use crate::wire::error::ErrorCode;
use crate::wire::messages::streams_group_heartbeat_request as request;
use crate::wire::state_records::StreamsGroupTopologyValue;
use crate::wire::state_records::streams_group_topology_value as record;

pub(crate) use record::{Subtopology, TopicInfo};

/// Subtopologies by their ids.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Topology {
    pub(crate) epoch: i32,
    pub(crate) subtopologies: BTreeMap<String, Subtopology>,
}

impl Topology {
    /// What a record says. Oracle: Kafka has no words for ids that come twice, nor for a negative epoch.
    pub(crate) fn of(value: &StreamsGroupTopologyValue) -> Result<Self, ApiError> {
        let rows = value.subtopologies.iter();
        let subtopologies: BTreeMap<String, Subtopology> = rows
            .map(|row| (row.subtopology_id.to_string(), row.clone()))
            .collect();
        if value.epoch < 0 || subtopologies.len() != value.subtopologies.len() {
            return Err(ErrorCode::UnknownServerError.into());
        }
        Ok(Self {
            epoch: value.epoch,
            subtopologies,
        })
    }

    /// The subtopologies in the order of Kafka's table of them.
    pub(super) fn in_order(&self) -> Vec<&Subtopology> {
        let mut rows: Vec<&Subtopology> = self.subtopologies.values().collect();
        hash_map::sort_by_name(&mut rows, |row| &row.subtopology_id);
        rows
    }

    /// The topics that it reads, or keeps state in.
    pub(crate) fn required_topics(&self) -> BTreeSet<String> {
        let rows = self.subtopologies.values();
        rows.flat_map(|row| sources(row).chain(names(&row.state_changelog_topics)))
            .map(str::to_owned)
            .collect()
    }

    /// The subtopology that reads a topic.
    pub(crate) fn reader_of(&self, topic: &str) -> Option<&Subtopology> {
        let mut rows = self.in_order().into_iter().rev();
        rows.find(|row| sources(row).any(|source| source == topic))
    }
}

impl StreamsGroup {
    /// The topics that a subtopology of the group reads.
    pub(crate) fn sources_of(&self, subtopology: &str) -> Vec<String> {
        let topology = self.topology.as_ref();
        let row = topology.and_then(|topology| topology.subtopologies.get(subtopology));
        row.map_or_else(Vec::new, |row| sources(row).map(str::to_owned).collect())
    }
}

/// The topics that a subtopology reads.
pub(super) fn sources(row: &Subtopology) -> impl Iterator<Item = &str> {
    let external = row.source_topics.iter().map(|topic| &**topic);
    external.chain(names(&row.repartition_source_topics))
}

pub(super) fn names(topics: &[TopicInfo]) -> impl Iterator<Item = &str> {
    topics.iter().map(|topic| &*topic.name)
}

/// The record of a topology that a member sent.
pub(crate) fn record_of(sent: request::Topology) -> StreamsGroupTopologyValue {
    let subtopologies = sent.subtopologies.into_iter().map(|row| Subtopology {
        subtopology_id: row.subtopology_id,
        source_topics: row.source_topics.into_iter().map(|name| name.0).collect(),
        source_topic_regex: row.source_topic_regex,
        state_changelog_topics: infos(row.state_changelog_topics),
        repartition_sink_topics: row
            .repartition_sink_topics
            .into_iter()
            .map(|name| name.0)
            .collect(),
        repartition_source_topics: infos(row.repartition_source_topics),
        copartition_groups: row
            .copartition_groups
            .into_iter()
            .map(copartitioned)
            .collect(),
    });
    StreamsGroupTopologyValue {
        epoch: sent.epoch,
        subtopologies: subtopologies.collect(),
    }
}

fn copartitioned(group: request::CopartitionGroup) -> record::CopartitionGroup {
    record::CopartitionGroup {
        source_topics: group.source_topics,
        source_topic_regex: group.source_topic_regex,
        repartition_source_topics: group.repartition_source_topics,
    }
}

fn infos(topics: Vec<request::TopicInfo>) -> Vec<TopicInfo> {
    let topics = topics.into_iter().map(|topic| TopicInfo {
        name: topic.name.0,
        partitions: topic.partitions,
        replication_factor: topic.replication_factor,
        topic_configs: topic
            .topic_configs
            .into_iter()
            .map(|setting| record::TopicConfig {
                key: setting.key,
                value: setting.value,
            })
            .collect(),
    });
    topics.collect()
}
