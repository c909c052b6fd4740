//! Settings of whole resources: described, changed and listed as one request asks.

use super::alter::{Alteration, Change};
use super::describe::Described;
use super::store::{Configs, Overrides};
use crate::engine::api_error::ApiError;
use crate::engine::java::pcollections;
use crate::wire::error::ErrorCode;
use crate::wire::units::NodeId;

/// What has settings. The numbers are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResourceKind {
    /// A topic.
    Topic = 2,
    /// A broker by its id, or all of them by the empty name.
    Broker = 4,
    /// The loggers of a broker.
    BrokerLogger = 8,
    /// A client metrics subscription (KIP-714).
    ClientMetrics = 16,
    /// A group (KIP-848).
    Group = 32,
}

impl ResourceKind {
    /// The kind of that number.
    pub(crate) const fn from_wire(kind: i8) -> Option<Self> {
        match kind {
            2 => Some(Self::Topic),
            4 => Some(Self::Broker),
            8 => Some(Self::BrokerLogger),
            16 => Some(Self::ClientMetrics),
            32 => Some(Self::Group),
            _ => None,
        }
    }
}

/// The topics, which keep their settings themselves.
pub(crate) trait TopicSettings {
    /// What is set on a topic, if it exists.
    fn overrides(&self, topic: &str) -> Option<&Overrides>;

    /// Replaces what is set on a topic.
    fn set_overrides(&mut self, topic: &str, overrides: Overrides);

    /// All topics.
    fn names(&self) -> Vec<&str>;
}

/// Why `name` cannot be a topic's, in Kafka's words.
pub(crate) fn topic_name_fault(name: &str) -> Option<String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let why = match name {
        "" => "the empty string is not allowed".to_owned(),
        "." | ".." => format!("'{name}' is not allowed"),
        _ if name.len() > 249 => {
            format!("the length of '{name}' is longer than the max allowed length 249")
        }
        _ if name.chars().all(is_allowed) => return None,
        _ => format!(
            "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' \
             and '-'"
        ),
    };
    Some(format!("Topic name is invalid: {why}"))
}

/// Settings as one node sees them.
#[derive(Debug)]
pub(crate) struct View<'a, T> {
    /// The configurations of everything but topics.
    pub(crate) configs: &'a Configs,
    /// The topics.
    pub(crate) topics: &'a T,
    /// Who is asked.
    pub(crate) node: NodeId,
}

impl<T: TopicSettings> View<'_, T> {
    /// The settings of a resource: all, or those with the wanted names if there are any.
    pub(crate) fn describe(
        &self,
        kind: ResourceKind,
        name: &str,
        wanted: &[&str],
    ) -> Result<Vec<Described>, ApiError> {
        let mut settings = self.describe_all(kind, name)?;
        if !wanted.is_empty() {
            settings.retain(|setting| wanted.contains(&setting.name.as_str()));
        }
        Ok(settings)
    }

    fn describe_all(&self, kind: ResourceKind, name: &str) -> Result<Vec<Described>, ApiError> {
        match kind {
            ResourceKind::Topic => {
                topic_name_fault(name).map_or(Ok(()), |why| {
                    Err(ApiError::new(ErrorCode::InvalidTopicException, why))
                })?;
                let overrides = self.topics.overrides(name);
                let overrides = overrides
                    .ok_or_else(|| ApiError::without_message(ErrorCode::UnknownTopicOrPartition))?;
                Ok(self.configs.describe_topic(self.node, overrides))
            }
            ResourceKind::Broker if name.is_empty() => {
                Ok(self.configs.describe_all_brokers(self.node))
            }
            ResourceKind::Broker => {
                self.check_node(name, " or empty string,")?;
                Ok(self.configs.describe_broker(self.node))
            }
            ResourceKind::BrokerLogger if name.is_empty() => {
                Err(ApiError::invalid_request("Broker id must not be empty"))
            }
            ResourceKind::BrokerLogger => {
                self.check_node(name, "")?;
                Ok(self.configs.describe_loggers(self.node))
            }
            ResourceKind::ClientMetrics if name.is_empty() => {
                let rule = "Client metrics subscription name must not be empty";
                Err(ApiError::invalid_request(rule))
            }
            ResourceKind::ClientMetrics => Ok(self.configs.describe_client_metrics(name)),
            ResourceKind::Group if name.is_empty() => {
                Err(ApiError::invalid_request("Group name must not be empty"))
            }
            ResourceKind::Group => Ok(self.configs.describe_group(self.node, name)),
        }
    }

    /// A broker describes only itself.
    fn check_node(&self, name: &str, or: &str) -> Result<(), ApiError> {
        let Ok(id) = name.parse::<i32>() else {
            let message = format!("Broker id must be an integer, but it is: {name}");
            return Err(ApiError::invalid_request(message));
        };
        if id == self.node.0 {
            return Ok(());
        }
        let expected = self.node;
        Err(ApiError::invalid_request(format!(
            "Unexpected broker id, expected {expected}{or} but received {name}"
        )))
    }

    /// The names of resources of these kinds, in Kafka's order. `nodes` are the brokers.
    pub(crate) fn list(
        &self,
        kinds: &[ResourceKind],
        nodes: &[NodeId],
    ) -> Vec<(ResourceKind, String)> {
        let own = |name: &&str| (*name).to_owned();
        let order = [
            ResourceKind::Group,
            ResourceKind::ClientMetrics,
            ResourceKind::BrokerLogger,
            ResourceKind::Broker,
            ResourceKind::Topic,
        ];
        let names = |kind| -> Vec<String> {
            match kind {
                ResourceKind::Group => self.configs.groups().iter().map(own).collect(),
                ResourceKind::ClientMetrics => self
                    .configs
                    .client_metrics_names()
                    .iter()
                    .map(own)
                    .collect(),
                ResourceKind::BrokerLogger | ResourceKind::Broker => {
                    nodes.iter().map(NodeId::to_string).collect()
                }
                ResourceKind::Topic => {
                    let mut names = self.topics.names();
                    pcollections::sort_by_name(&mut names, |name| name);
                    names.iter().map(own).collect()
                }
            }
        };
        let asked = order.into_iter().filter(|kind| kinds.contains(kind));
        asked
            .flat_map(|kind| names(kind).into_iter().map(move |name| (kind, name)))
            .collect()
    }
}

/// Which of these resources are named more than once.
pub(crate) fn named_twice(resources: &[(i8, &str)]) -> Vec<bool> {
    let mut sorted: Vec<_> = resources
        .iter()
        .enumerate()
        .map(|(at, named)| (*named, at))
        .collect();
    sorted.sort_unstable();
    let mut twice = vec![false; resources.len()];
    for pair in sorted.windows(2) {
        if let [(one, at), (other, next)] = pair
            && one == other
        {
            for at in [at, next] {
                twice
                    .get_mut(*at)
                    .into_iter()
                    .for_each(|twice| *twice = true);
            }
        }
    }
    twice
}

/// Changes settings, as one node is asked to.
#[derive(Debug)]
pub(crate) struct Editor<'a, T> {
    /// The configurations of everything but topics.
    pub(crate) configs: &'a mut Configs,
    /// The topics.
    pub(crate) topics: &'a mut T,
    /// Who is asked.
    pub(crate) node: NodeId,
    /// Only asks whether the change would be made.
    pub(crate) validate_only: bool,
}

/// What AlterConfigs asks for, if it is well-formed: other settings for a resource of some kind.
pub(crate) fn replacement(
    kind: i8,
    given: Vec<(String, Option<String>)>,
) -> Result<(ResourceKind, Alteration), ApiError> {
    let alteration = Alteration::replace(given)?;
    match ResourceKind::from_wire(kind) {
        None | Some(ResourceKind::BrokerLogger) => Err(unknown_kind(kind)),
        Some(kind) => Ok((kind, alteration)),
    }
}

/// What IncrementalAlterConfigs asks for, if it is well-formed.
pub(crate) fn changes(
    kind: i8,
    changes: Vec<Change>,
) -> Result<(ResourceKind, Alteration), ApiError> {
    let alteration = Alteration::incremental(changes)?;
    let known = ResourceKind::from_wire(kind).ok_or_else(|| unknown_kind(kind))?;
    Ok((known, alteration))
}

#[cfg(test)]
impl<T: TopicSettings> Editor<'_, T> {
    /// Replaces a resource's settings.
    pub(crate) fn replace(
        &mut self,
        kind: i8,
        name: &str,
        given: Vec<(String, Option<String>)>,
    ) -> Result<(), ApiError> {
        let (kind, alteration) = replacement(kind, given)?;
        self.alter(kind, name, &alteration)
    }

    /// Changes some of a resource's settings.
    pub(crate) fn change(
        &mut self,
        kind: i8,
        name: &str,
        wanted: Vec<Change>,
    ) -> Result<(), ApiError> {
        let (kind, alteration) = changes(kind, wanted)?;
        self.alter(kind, name, &alteration)
    }
}

impl<T: TopicSettings> Editor<'_, T> {
    /// Makes a change.
    pub(crate) fn alter(
        &mut self,
        kind: ResourceKind,
        name: &str,
        alteration: &Alteration,
    ) -> Result<(), ApiError> {
        match kind {
            ResourceKind::Topic => self.alter_topic(name, alteration),
            ResourceKind::Broker => {
                let target = if name.is_empty() {
                    None
                } else {
                    Some(self.own_id(name)?)
                };
                let planned = self.configs.plan_broker(self.node, target, alteration)?;
                if !self.validate_only {
                    self.configs.set_brokers(target, planned);
                }
                Ok(())
            }
            ResourceKind::BrokerLogger => self.alter_loggers(name, alteration),
            ResourceKind::ClientMetrics => {
                let planned = self.configs.plan_client_metrics(name, alteration)?;
                if !self.validate_only {
                    self.configs.set_client_metrics(name, planned);
                }
                Ok(())
            }
            ResourceKind::Group => {
                let planned = self.configs.plan_group(self.node, name, alteration)?;
                if !self.validate_only {
                    self.configs.set_group(name, planned);
                }
                Ok(())
            }
        }
    }

    /// Kafka looks at the settings before it asks whether the topic exists.
    fn alter_topic(&mut self, name: &str, alteration: &Alteration) -> Result<(), ApiError> {
        let nothing = Overrides::new();
        let current = self.topics.overrides(name);
        let settings = alteration.planned_for_topic(current.unwrap_or(&nothing))?;
        match topic_name_fault(name) {
            Some(_) if name.is_empty() => {
                let rule = "Default topic resources are not allowed.";
                return Err(ApiError::invalid_request(rule));
            }
            Some(why) => return Err(ApiError::new(ErrorCode::InvalidTopicException, why)),
            None => self.configs.validate_topic(self.node, &settings)?,
        }
        if current.is_none() {
            return Err(ApiError::new(
                ErrorCode::UnknownTopicOrPartition,
                format!("The topic '{name}' does not exist."),
            ));
        }
        if !self.validate_only {
            self.topics.set_overrides(name, settings);
        }
        Ok(())
    }

    fn own_id(&self, name: &str) -> Result<NodeId, ApiError> {
        let Ok(id) = name.parse::<i32>() else {
            let message = format!("Node id must be an integer, but it is: {name}");
            return Err(ApiError::invalid_request(message));
        };
        if id == self.node.0 {
            return Ok(self.node);
        }
        let expected = self.node;
        Err(ApiError::invalid_request(format!(
            "Unexpected broker id, expected {expected}, but received {name}"
        )))
    }

    fn alter_loggers(&mut self, name: &str, alteration: &Alteration) -> Result<(), ApiError> {
        let Ok(id) = name.parse::<i32>() else {
            let message = format!("Node id must be an integer, but it is: {name}");
            return Err(ApiError::invalid_request(message));
        };
        if id != self.node.0 {
            let expected = self.node;
            return Err(ApiError::invalid_request(format!(
                "Unexpected node id. Expected {expected}, but received {id}"
            )));
        }
        let planned = alteration.planned_for_loggers()?;
        if let (false, Some(loggers)) = (self.validate_only, self.configs.loggers_mut(self.node)) {
            for (logger, level) in planned {
                loggers.set(&logger, level.as_deref());
            }
        }
        Ok(())
    }
}

fn unknown_kind(kind: i8) -> ApiError {
    ApiError::invalid_request(format!("Unknown resource type {kind}"))
}

/// The refusal of resources that one request names more than once.
pub(crate) fn refuse_repeated() -> ApiError {
    ApiError::invalid_request("Each resource must appear at most once.")
}
