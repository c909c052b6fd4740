//! The topics of a topology: which are missing, and how many partitions they have.
//!
//! Oracle: what can be mended by making topics, or other ones, is a status of the heartbeat; what the application must mend
//! itself is an error.

mod copartition;
mod faults;
mod repartition;

use std::collections::{BTreeMap, BTreeSet};

use super::topology::{Subtopology, TopicInfo, Topology, names, sources};
use crate::engine::api_error::ApiError;
use crate::engine::cluster::Cluster;
use crate::engine::java::hash_map;
use crate::wire::error::ErrorCode;

pub(crate) use faults::TopicFaults;

/// Kafka's numbers of statuses.
pub(crate) const MISSING_SOURCE_TOPICS: i8 = 1;
pub(crate) const INCORRECTLY_PARTITIONED_TOPICS: i8 = 2;
pub(crate) const MISSING_INTERNAL_TOPICS: i8 = 3;

/// How many topics a message names.
const NAMED_MOST: usize = 3;

/// A topology with its topics' partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Configured {
    pub(crate) epoch: i32,
    /// None if source topics are missing or partitions do not fit.
    pub(crate) subtopologies: Option<BTreeMap<String, ConfiguredSubtopology>>,
    /// In the order of Kafka's table of them.
    pub(crate) missing: Vec<InternalTopic>,
    pub(crate) fault: Option<(i8, String)>,
}

/// A part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfiguredSubtopology {
    pub(crate) tasks: i32,
    pub(crate) source_topics: BTreeSet<String>,
    pub(crate) repartition_sink_topics: BTreeSet<String>,
    pub(crate) repartition_source_topics: BTreeMap<String, InternalTopic>,
    pub(crate) state_changelog_topics: BTreeMap<String, InternalTopic>,
}

/// A topic that belongs to the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InternalTopic {
    pub(crate) name: String,
    pub(crate) partitions: i32,
    /// 0 stands for the broker's default.
    pub(crate) replication_factor: i16,
    /// In the order of Kafka's table of them.
    pub(crate) settings: Vec<(String, String)>,
}

/// Why a topology cannot be run.
#[derive(Debug)]
pub(super) enum Fault {
    /// It can once topics are others.
    Status(i8, String),
    Error(ApiError),
}

/// Numbers of partitions that were decided, by topic.
pub(super) type Counts = BTreeMap<String, i32>;

impl Configured {
    /// Whether its tasks can be assigned.
    pub(crate) const fn is_ready(&self) -> bool {
        self.fault.is_none()
    }

    /// Looks the topology's topics up.
    pub(super) fn of(topology: &Topology, cluster: &Cluster) -> Result<Self, ApiError> {
        let groups = copartition::groups(topology)?;
        match configure(topology, &groups, cluster) {
            Ok((subtopologies, missing)) => Ok(Self {
                epoch: topology.epoch,
                fault: (!missing.is_empty()).then(|| {
                    let named = summary(missing.iter().map(|topic| topic.name.as_str()));
                    (
                        MISSING_INTERNAL_TOPICS,
                        format!("Internal topics are missing: {named}"),
                    )
                }),
                subtopologies: Some(subtopologies),
                missing,
            }),
            Err(Fault::Status(status, why)) => Ok(Self {
                epoch: topology.epoch,
                subtopologies: None,
                missing: Vec::new(),
                fault: Some((status, why)),
            }),
            Err(Fault::Error(error)) => Err(error),
        }
    }
}

type Parts = (BTreeMap<String, ConfiguredSubtopology>, Vec<InternalTopic>);

fn configure(
    topology: &Topology,
    groups: &[BTreeSet<String>],
    cluster: &Cluster,
) -> Result<Parts, Fault> {
    check_sources(topology, cluster)?;
    let mut counts = repartition::counts(topology, cluster)?;
    for group in groups {
        let decided = copartition::enforce(group, topology, cluster, &counts)?;
        counts.extend(decided);
    }
    add_changelogs(topology, cluster, &mut counts)?;
    let mut subtopologies = BTreeMap::new();
    for row in topology.in_order() {
        let configured = configured(row, cluster, &counts)?;
        subtopologies.insert(row.subtopology_id.to_string(), configured);
    }
    let missing = missing(&subtopologies, topology, cluster)?;
    Ok((subtopologies, missing))
}

fn check_sources(topology: &Topology, cluster: &Cluster) -> Result<(), Fault> {
    let rows = topology.subtopologies.values();
    let topics: BTreeSet<&str> = rows
        .flat_map(|row| row.source_topics.iter().map(|name| &**name))
        .filter(|name| cluster.topic(name).is_none())
        .collect();
    if topics.is_empty() {
        return Ok(());
    }
    let named = summary(topics.into_iter());
    Err(Fault::Status(
        MISSING_SOURCE_TOPICS,
        format!("Source topics {named} are missing."),
    ))
}

/// A changelog has as many partitions as its subtopology has tasks.
fn add_changelogs(
    topology: &Topology,
    cluster: &Cluster,
    counts: &mut Counts,
) -> Result<(), Fault> {
    let mut decided = Counts::new();
    for row in topology.in_order() {
        let mut most = None;
        for topic in sources(row) {
            let count = count_of(topic, cluster, counts).ok_or_else(no_words)?;
            most = most.max(Some(count));
        }
        let most = most.ok_or_else(|| {
            invalid(format!(
                "No source topics found for subtopology {}",
                &*row.subtopology_id
            ))
        })?;
        decided.extend(names(&row.state_changelog_topics).map(|name| (name.to_owned(), most)));
    }
    counts.extend(decided);
    Ok(())
}

fn configured(
    row: &Subtopology,
    cluster: &Cluster,
    counts: &Counts,
) -> Result<ConfiguredSubtopology, Fault> {
    let mut tasks = None;
    for topic in sources(row) {
        tasks = tasks.max(Some(count_of(topic, cluster, counts).ok_or_else(no_words)?));
    }
    let tasks = tasks.filter(|tasks| *tasks > 0).ok_or_else(no_words)?;
    Ok(ConfiguredSubtopology {
        tasks,
        source_topics: row
            .source_topics
            .iter()
            .map(|name| name.to_string())
            .collect(),
        repartition_sink_topics: (row.repartition_sink_topics.iter())
            .map(|name| name.to_string())
            .collect(),
        repartition_source_topics: internal(&row.repartition_source_topics, counts)?,
        state_changelog_topics: internal(&row.state_changelog_topics, counts)?,
    })
}

fn internal(
    topics: &[TopicInfo],
    counts: &Counts,
) -> Result<BTreeMap<String, InternalTopic>, Fault> {
    let mut found = BTreeMap::new();
    for topic in topics {
        let name = topic.name.to_string();
        let partitions = match topic.partitions {
            0 => *counts.get(&name).ok_or_else(no_words)?,
            given => given,
        };
        let mut settings: Vec<(String, String)> = topic
            .topic_configs
            .iter()
            .map(|setting| (setting.key.to_string(), setting.value.to_string()))
            .collect();
        let keys: BTreeSet<&String> = settings.iter().map(|(key, _)| key).collect();
        if partitions < 1 || keys.len() != settings.len() {
            return Err(no_words());
        }
        hash_map::sort_by_name(&mut settings, |(key, _)| key);
        let made = InternalTopic {
            name: name.clone(),
            partitions,
            replication_factor: topic.replication_factor,
            settings,
        };
        if found.insert(name, made).is_some() {
            return Err(no_words());
        }
    }
    Ok(found)
}

fn missing(
    subtopologies: &BTreeMap<String, ConfiguredSubtopology>,
    topology: &Topology,
    cluster: &Cluster,
) -> Result<Vec<InternalTopic>, Fault> {
    let rows = subtopologies.values();
    let expected: BTreeMap<&String, &InternalTopic> = rows
        .flat_map(|row| {
            row.repartition_source_topics
                .iter()
                .chain(&row.state_changelog_topics)
        })
        .collect();
    let mut required: Vec<String> = topology.required_topics().into_iter().collect();
    hash_map::sort_by_name(&mut required, |name| name);
    for name in &required {
        let (Some(topic), Some(expected)) = (cluster.topic(name), expected.get(name)) else {
            continue;
        };
        let found = partition_count(topic);
        if found != expected.partitions {
            return Err(misfit(format!(
                "Existing topic {name} has different number of partitions: expected {}, found {found}",
                expected.partitions
            )));
        }
    }
    let buckets = hash_map::grown(expected.len());
    let mut missing: Vec<InternalTopic> = expected
        .into_values()
        .filter(|topic| cluster.topic(&topic.name).is_none())
        .cloned()
        .collect();
    hash_map::sort_in(&mut missing, buckets, |topic| {
        crate::engine::java::hash::of_str(&topic.name)
    });
    Ok(missing)
}

/// How many partitions a topic has, or is to have.
pub(super) fn count_of(topic: &str, cluster: &Cluster, decided: &Counts) -> Option<i32> {
    match cluster.topic(topic) {
        Some(topic) => Some(partition_count(topic)),
        None => decided.get(topic).copied(),
    }
}

pub(super) fn partition_count(topic: &crate::engine::cluster::Topic) -> i32 {
    i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX)
}

/// What Kafka's code takes for its own mistake.
pub(super) fn no_words() -> Fault {
    Fault::Error(ErrorCode::UnknownServerError.into())
}

pub(super) fn invalid(why: impl Into<String>) -> Fault {
    Fault::Error(ApiError::new(ErrorCode::StreamsInvalidTopology, why.into()))
}

pub(super) fn misfit(why: impl Into<String>) -> Fault {
    Fault::Status(INCORRECTLY_PARTITIONED_TOPICS, why.into())
}

fn summary<'a>(topics: impl ExactSizeIterator<Item = &'a str>) -> String {
    let rest = topics.len().saturating_sub(NAMED_MOST);
    let named: Vec<&str> = topics.take(NAMED_MOST).collect();
    let named = named.join(", ");
    if rest == 0 {
        named
    } else {
        format!("{named} and {rest} additional topics")
    }
}
