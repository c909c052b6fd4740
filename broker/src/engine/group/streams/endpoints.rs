//! Where the state of partitions is found, for applications that answer queries from it.

use std::collections::BTreeSet;

use super::StreamsGroup;
use super::member::Member;
use super::tasks::TaskIds;
use super::topics::{ConfiguredSubtopology, partition_count};
use crate::engine::api_error::ApiError;
use crate::engine::cluster::Cluster;
use crate::engine::java::{hash, hash_map};
use crate::wire::error::ErrorCode;

/// The partitions whose state a member has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartitionsByEndpoint {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) active: Vec<(String, Vec<i32>)>,
    pub(crate) standby: Vec<(String, Vec<i32>)>,
}

impl StreamsGroup {
    /// The partitions of every member that told where it is found, as the member that speaks is about to be.
    pub(super) fn partitions_by_endpoint(
        &self,
        cluster: &Cluster,
        speaking: &Member,
        replaced: Option<&str>,
    ) -> Result<Vec<PartitionsByEndpoint>, ApiError> {
        let others = self.members_as_kept().into_iter().filter(|member| {
            member.id != speaking.id && replaced.is_none_or(|replaced| *member.id != *replaced)
        });
        let all = others.chain([speaking]);
        all.filter_map(|member| {
            let (host, port) = member.description.endpoint.clone()?;
            let assigned = &member.current.assigned;
            let row = |tasks: &TaskIds| self.partitions(cluster, tasks);
            Some(row(&assigned.active_ids()).and_then(|active| {
                let standby = row(&assigned.replicas())?;
                Ok(PartitionsByEndpoint {
                    host,
                    port,
                    active,
                    standby,
                })
            }))
        })
        .collect()
    }

    /// The partitions that tasks read. Oracle: Kafka has no words for it if topics are missing.
    fn partitions(
        &self,
        cluster: &Cluster,
        tasks: &TaskIds,
    ) -> Result<Vec<(String, Vec<i32>)>, ApiError> {
        let configured = self.soft.configured.as_ref();
        let subtopologies = configured.and_then(|configured| configured.subtopologies.as_ref());
        let none = || ApiError::from(ErrorCode::UnknownServerError);
        let subtopologies = subtopologies.ok_or_else(none)?;
        let mut rows = Vec::new();
        for (id, indexes) in tasks {
            let subtopology = subtopologies.get(id).ok_or_else(none)?;
            for topic in sources(subtopology) {
                let count = partition_count(cluster.topic(&topic).ok_or_else(none)?);
                let read = partitions_below(indexes, count);
                if !read.is_empty() {
                    rows.push((topic, read));
                }
            }
        }
        Ok(rows)
    }
}

fn partitions_below(indexes: &BTreeSet<i32>, count: i32) -> Vec<i32> {
    indexes
        .iter()
        .copied()
        .filter(|index| *index < count)
        .collect()
}

/// The topics that a subtopology reads, in the order of Kafka's set of them.
fn sources(subtopology: &ConfiguredSubtopology) -> Vec<String> {
    let external = &subtopology.source_topics;
    let made_for = hash_map::of_set_copy(external.len());
    let internal = subtopology.repartition_source_topics.keys();
    let mut all: Vec<String> = external.iter().chain(internal).cloned().collect();
    let buckets = hash_map::grown_from(made_for, all.len());
    hash_map::sort_in(&mut all, buckets, |name| hash::of_str(name));
    all
}
