//! What becomes of one topic that is to be made.
//!
//! Oracle: the order of the checks is the name, names that collide, whether it exists, its
//! settings, then its partitions and replicas.

use uuid::Uuid;

use super::assignment;
use crate::engine::api_error::ApiError;
use crate::engine::cluster::configs::{Overrides, topic_name_fault};
use crate::engine::state::State;
use crate::engine::state_topic::StateTopic;
use crate::engine::time::Now;
use crate::wire::error::ErrorCode;
use crate::wire::messages::create_topics_request::{CreatableReplicaAssignment, CreatableTopic};
use crate::wire::units::NodeId;

/// What stands for "the broker's default".
const DEFAULT: i32 = -1;

/// Whether the cluster keeps the topic for itself.
pub(in crate::engine) fn is_internal(topic: &str) -> bool {
    StateTopic::named(topic).is_some()
}

/// Where the partitions will be.
#[derive(Debug)]
enum Layout {
    Assigned(Vec<Vec<NodeId>>),
    Counts { partitions: usize, factor: usize },
}

impl Layout {
    fn place(self, state: &mut State) -> Vec<Vec<NodeId>> {
        match self {
            Self::Assigned(partitions) => partitions,
            Self::Counts { partitions, factor } => state.place_replicas(partitions, factor),
        }
    }
}

/// Whether there may be so many more partitions. Kafka has no such bound but what its policies say (KIP-108).
pub(in crate::engine) fn check_room(
    state: &State,
    node: NodeId,
    more: usize,
) -> Result<(), ApiError> {
    let most = state.broker_config(node).partitions_max;
    if state.cluster.partition_count().saturating_add(more) <= most {
        return Ok(());
    }
    let message = format!("The cluster may have {most} partitions (fauxka.max.partitions).");
    Err(ApiError::new(ErrorCode::PolicyViolation, message))
}

/// A topic that can be made.
#[derive(Debug)]
pub(in crate::engine) struct Plan {
    name: String,
    layout: Layout,
    pub(in crate::engine) overrides: Overrides,
}

impl Plan {
    pub(in crate::engine) fn of(
        state: &State,
        node: NodeId,
        topic: &CreatableTopic,
    ) -> Result<Self, ApiError> {
        check_name(state, &topic.name)?;
        let given: Vec<_> = topic.configs.iter().map(setting).collect();
        let overrides = state.configs.validate_topic_overrides(node, &given)?;
        let layout = if topic.assignments.is_empty() {
            counts(state, node, topic)?
        } else {
            Layout::Assigned(assigned(state, topic)?)
        };
        let plan = Self {
            name: topic.name.to_string(),
            layout,
            overrides,
        };
        check_room(state, node, plan.partitions())?;
        Ok(plan)
    }

    pub(in crate::engine) const fn partitions(&self) -> usize {
        match &self.layout {
            Layout::Assigned(partitions) => partitions.len(),
            Layout::Counts { partitions, .. } => *partitions,
        }
    }

    pub(in crate::engine) fn factor(&self) -> usize {
        match &self.layout {
            Layout::Assigned(partitions) => partitions.first().map_or(0, Vec::len),
            Layout::Counts { factor, .. } => *factor,
        }
    }

    /// How many records Kafka's controller would write: the topic, its settings, its partitions.
    pub(in crate::engine) fn records(&self) -> usize {
        1 + self.overrides.len() + self.partitions()
    }

    /// Makes the topic.
    pub(in crate::engine) fn carry_out(self, state: &mut State, now: Now) -> Uuid {
        let assignments = self.layout.place(state);
        let internal = is_internal(&self.name);
        state.create_topic(now, &self.name, assignments, self.overrides, internal)
    }

    /// Makes the topic because a client asks about it.
    pub(in crate::engine) fn carry_out_on_demand(self, state: &mut State, now: Now) {
        let assignments = self.layout.place(state);
        let internal = is_internal(&self.name);
        state.create_topic_on_demand(now, &self.name, assignments, self.overrides, internal);
    }
}

fn setting(
    given: &crate::wire::messages::create_topics_request::CreatableTopicConfig,
) -> (String, Option<String>) {
    (
        given.name.to_string(),
        given.value.as_ref().map(ToString::to_string),
    )
}

/// Dots and underscores are one in the names of metrics.
fn check_name(state: &State, name: &str) -> Result<(), ApiError> {
    if let Some(fault) = topic_name_fault(name) {
        return Err(ApiError::new(ErrorCode::InvalidTopicException, fault));
    }
    if state.cluster.topic(name).is_some() || state.cluster.is_coming(name) {
        let message = format!("Topic '{name}' already exists.");
        return Err(ApiError::new(ErrorCode::TopicAlreadyExists, message));
    }
    let unified = |name: &str| name.replace('.', "_");
    let twin = name.contains(['.', '_']).then(|| {
        let wanted = unified(name);
        let mut topics = state.cluster.topics().chain(state.cluster.coming());
        topics.find(|topic| topic.name.len() == name.len() && unified(&topic.name) == wanted)
    });
    match twin.flatten() {
        None => Ok(()),
        Some(twin) => Err(ApiError::new(
            ErrorCode::InvalidTopicException,
            format!("Topic '{name}' collides with existing topic: {}", twin.name),
        )),
    }
}

fn counts(state: &State, node: NodeId, topic: &CreatableTopic) -> Result<Layout, ApiError> {
    let defaults = state.configs.broker(node);
    let factor = match i32::from(topic.replication_factor) {
        DEFAULT => i32::from(defaults.default_replication_factor),
        given => given,
    };
    let factor = usize::try_from(factor).unwrap_or(0);
    if factor == 0 {
        return Err(ApiError::new(
            ErrorCode::InvalidReplicationFactor,
            "Replication factor must be larger than 0, or -1 to use the default value.",
        ));
    }
    let partitions = match topic.num_partitions {
        DEFAULT => defaults.num_partitions,
        given => given,
    };
    let partitions = usize::try_from(partitions).unwrap_or(0);
    if partitions == 0 {
        return Err(ApiError::new(
            ErrorCode::InvalidPartitions,
            "Number of partitions was set to an invalid non-positive value.",
        ));
    }
    check_factor(state, factor)?;
    Ok(Layout::Counts { partitions, factor })
}

/// There are no more replicas than nodes.
pub(in crate::engine) fn check_factor(state: &State, factor: usize) -> Result<(), ApiError> {
    let nodes = state.cluster.nodes.keys();
    let nodes = nodes.filter(|node| state.takes_replicas(**node)).count();
    if factor <= nodes {
        return Ok(());
    }
    let why = if nodes == 0 {
        "All brokers are currently fenced, or have all their log directories cordoned.".to_owned()
    } else {
        format!(
            "The target replication factor of {factor} cannot be reached because only {nodes} broker(s) \
             are registered or some brokers have all their log directories cordoned."
        )
    };
    let message = format!("Unable to replicate the partition {factor} time(s): {why}");
    Err(ApiError::new(ErrorCode::InvalidReplicationFactor, message))
}

fn assigned(state: &State, topic: &CreatableTopic) -> Result<Vec<Vec<NodeId>>, ApiError> {
    let both = |what: &str| {
        let message =
            format!("A manual partition assignment was specified, but {what} was not set to -1.");
        Err(ApiError::new(ErrorCode::InvalidRequest, message))
    };
    if i32::from(topic.replication_factor) != DEFAULT {
        return both("replication factor");
    }
    if topic.num_partitions != DEFAULT {
        return both("numPartitions");
    }
    let mut partitions = std::collections::BTreeMap::new();
    let mut size = None;
    for CreatableReplicaAssignment {
        partition_index,
        broker_ids,
        ..
    } in &topic.assignments
    {
        if partitions.contains_key(partition_index) {
            return Err(assignment::invalid(format!(
                "Found multiple manual partition assignments for partition {partition_index}"
            )));
        }
        let replicas = assignment::check(state, *partition_index, broker_ids, size)?;
        size = Some(replicas.len());
        partitions.insert(*partition_index, replicas);
    }
    if !partitions.keys().copied().eq((0..).take(partitions.len())) {
        return Err(assignment::invalid(
            "partitions should be a consecutive 0-based integer sequence".into(),
        ));
    }
    Ok(partitions.into_values().collect())
}
