//! A streams group as StreamsGroupDescribe shows it.

use super::StreamsGroup;
use super::TaskOffsets;
use super::member::Member;
use super::tasks::TaskIds;
use super::topics::{Configured, ConfiguredSubtopology, InternalTopic};
use super::topology::{Subtopology, TopicInfo, Topology};
use crate::engine::cluster::Cluster;
use crate::engine::java::hash_map;
use crate::engine::state_topic::{self, StateTopic};
use crate::wire::messages::str_bytes;
use crate::wire::messages::streams_group_describe_response as response;

impl StreamsGroup {
    /// The topology: with the partitions of its topics, once they are all there.
    pub(crate) fn described_topology(&self, cluster: &Cluster) -> Option<response::Topology> {
        let end = state_topic::end_of(cluster, StateTopic::Groups, &self.id);
        let configured = self.soft.shown(end);
        match configured.filter(|configured| configured.is_ready()) {
            Some(configured) => Some(of_configured(configured)),
            None => self.topology.as_deref().map(of_topology),
        }
    }

    pub(crate) fn described_member(&self, member: &Member) -> response::Member {
        let description = &member.description;
        let optional = |text: &Option<String>| text.as_deref().map(str_bytes);
        let assigned = &member.current.assigned;
        let target = self.target.get(&member.id).cloned().unwrap_or_default();
        let offsets = self.offsets_of(&member.id);
        let mut tags: Vec<(&String, &String)> = description.client_tags.iter().collect();
        hash_map::sort_by_name(&mut tags, |(key, _)| key);
        let endpoint = description.endpoint.as_ref();
        response::Member {
            member_id: str_bytes(&*member.id),
            member_epoch: member.current.epoch,
            instance_id: optional(&description.instance_id),
            rack_id: optional(&description.rack_id),
            client_id: str_bytes(description.client_id.as_str()),
            client_host: str_bytes(&*description.client_host),
            topology_epoch: description.topology_epoch,
            process_id: str_bytes(description.process_id.as_str()),
            user_endpoint: endpoint.map(|(host, port)| response::Endpoint {
                host: str_bytes(host.as_str()),
                port: *port,
            }),
            client_tags: key_values(tags.into_iter()),
            task_offsets: task_offsets(&offsets.reached),
            task_end_offsets: task_offsets(&offsets.ends),
            assignment: response::Assignment {
                active_tasks: ids(&assigned.active_ids()),
                standby_tasks: ids(&assigned.standby),
                warmup_tasks: ids(&assigned.warmup),
            },
            target_assignment: response::Assignment {
                active_tasks: ids(&target.active),
                standby_tasks: ids(&target.standby),
                warmup_tasks: ids(&target.warmup),
            },
            is_classic: false,
        }
    }
}

fn of_topology(topology: &Topology) -> response::Topology {
    let rows = topology.subtopologies.values();
    response::Topology {
        epoch: topology.epoch,
        subtopologies: Some(rows.map(of_subtopology).collect()),
    }
}

fn of_subtopology(row: &Subtopology) -> response::Subtopology {
    response::Subtopology {
        subtopology_id: row.subtopology_id.clone(),
        source_topics: sorted(row.source_topics.iter().map(|name| name.to_string())),
        repartition_sink_topics: sorted(
            row.repartition_sink_topics
                .iter()
                .map(|name| name.to_string()),
        ),
        state_changelog_topics: infos(&row.state_changelog_topics),
        repartition_source_topics: infos(&row.repartition_source_topics),
    }
}

fn infos(topics: &[TopicInfo]) -> Vec<response::TopicInfo> {
    let mut topics: Vec<&TopicInfo> = topics.iter().collect();
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    let topics = topics.into_iter().map(|topic| response::TopicInfo {
        name: topic.name.clone().into(),
        partitions: topic.partitions,
        replication_factor: topic.replication_factor,
        topic_configs: (topic.topic_configs.iter())
            .map(|setting| response::KeyValue {
                key: setting.key.clone(),
                value: setting.value.clone(),
            })
            .collect(),
    });
    topics.collect()
}

fn of_configured(configured: &Configured) -> response::Topology {
    let rows = configured.subtopologies.iter().flatten();
    let row = |(id, row): (&String, &ConfiguredSubtopology)| response::Subtopology {
        subtopology_id: str_bytes(id.as_str()),
        source_topics: sorted(row.source_topics.iter().cloned()),
        repartition_sink_topics: sorted(row.repartition_sink_topics.iter().cloned()),
        state_changelog_topics: row.state_changelog_topics.values().map(internal).collect(),
        repartition_source_topics: row
            .repartition_source_topics
            .values()
            .map(internal)
            .collect(),
    };
    response::Topology {
        epoch: configured.epoch,
        subtopologies: Some(rows.map(row).collect()),
    }
}

fn internal(topic: &InternalTopic) -> response::TopicInfo {
    response::TopicInfo {
        name: str_bytes(topic.name.as_str()).into(),
        partitions: topic.partitions,
        replication_factor: topic.replication_factor,
        topic_configs: key_values(topic.settings.iter().map(|(key, value)| (key, value))),
    }
}

fn key_values<'a>(rows: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<response::KeyValue> {
    let rows = rows.map(|(key, value)| response::KeyValue {
        key: str_bytes(key.as_str()),
        value: str_bytes(value.as_str()),
    });
    rows.collect()
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<crate::wire::messages::TopicName> {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
        .into_iter()
        .map(|name| str_bytes(name).into())
        .collect()
}

fn ids(tasks: &TaskIds) -> Vec<response::TaskIds> {
    let rows = tasks.iter().map(|(id, indexes)| response::TaskIds {
        subtopology_id: str_bytes(id.as_str()),
        partitions: indexes.iter().copied().collect(),
    });
    rows.collect()
}

fn task_offsets(offsets: &TaskOffsets) -> Vec<response::TaskOffset> {
    let rows = offsets.iter().flat_map(|(id, offsets)| {
        offsets
            .iter()
            .map(|(partition, offset)| response::TaskOffset {
                subtopology_id: str_bytes(id.as_str()),
                partition: *partition,
                offset: *offset,
            })
    });
    rows.collect()
}
