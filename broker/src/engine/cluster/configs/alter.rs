//! Changes of settings: replaced as a whole (AlterConfigs) or one by one (IncrementalAlterConfigs).

use super::key::ConfigType;
use super::keys::{self, Scope};
use super::loggers::{Loggers, ROOT};
use super::store::{Configs, Overrides};
use crate::engine::api_error::ApiError;
use crate::engine::java::hash_map;
use crate::wire::error::ErrorCode;
use crate::wire::units::NodeId;

/// Groups, or client metrics subscriptions, that may have settings. Kafka sets no bound.
const RESOURCES_MAX: usize = 10_000;
/// Settings that one resource may have. Kafka sets no bound; a broker has fewer than 400 of its own.
const SETTINGS_MAX: usize = 1_000;

/// One change of one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// Name of the setting.
    pub(crate) name: String,
    /// What to do, as on the wire.
    pub(crate) operation: i8,
    /// With what.
    pub(crate) value: Option<String>,
}

/// Operations of IncrementalAlterConfigs (KIP-339).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Set,
    Delete,
    Append,
    Subtract,
}

impl Operation {
    const fn from_wire(operation: i8) -> Option<Self> {
        match operation {
            0 => Some(Self::Set),
            1 => Some(Self::Delete),
            2 => Some(Self::Append),
            3 => Some(Self::Subtract),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Set => "SET",
            Self::Delete => "DELETE",
            Self::Append => "APPEND",
            Self::Subtract => "SUBTRACT",
        }
    }
}

/// A well-formed request to change one resource's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Alteration {
    /// These settings and no others.
    Replace(Overrides),
    /// These changes; all others stay.
    Changes(Vec<Change>),
}

impl Alteration {
    /// The settings that AlterConfigs gives.
    pub(crate) fn replace(given: Vec<(String, Option<String>)>) -> Result<Self, ApiError> {
        refuse_twice(given.iter().map(|(name, _)| name.as_str()))?;
        refuse_nulls(
            given
                .iter()
                .filter(|(_, raw)| raw.is_none())
                .map(|(name, _)| name.as_str()),
        )?;
        let settings = given
            .into_iter()
            .filter_map(|(name, raw)| Some((name, raw?)));
        Ok(Self::Replace(settings.collect()))
    }

    /// The changes that IncrementalAlterConfigs gives.
    pub(crate) fn incremental(changes: Vec<Change>) -> Result<Self, ApiError> {
        refuse_twice(changes.iter().map(|change| change.name.as_str()))?;
        let deletes =
            |change: &&Change| Operation::from_wire(change.operation) == Some(Operation::Delete);
        let lacking = changes
            .iter()
            .filter(|change| change.value.is_none() && !deletes(change));
        refuse_nulls(lacking.map(|change| change.name.as_str()))?;
        Ok(Self::Changes(changes))
    }

    /// The settings of a topic after it, not looked at yet.
    pub(super) fn planned_for_topic(&self, current: &Overrides) -> Result<Overrides, ApiError> {
        self.apply(current, &Controller(Some(Scope::Topic)))
    }

    /// The levels of loggers that it asks for; none lets a logger follow the one above.
    pub(super) fn planned_for_loggers(&self) -> Result<Vec<(String, Option<String>)>, ApiError> {
        match self {
            Self::Replace(_) => Ok(Vec::new()),
            Self::Changes(changes) => changes.iter().map(plan_logger).collect(),
        }
    }

    fn names<'a>(&'a self, current: &'a Overrides) -> Vec<&'a str> {
        match self {
            Self::Replace(settings) => settings
                .keys()
                .chain(current.keys())
                .map(String::as_str)
                .collect(),
            Self::Changes(changes) => changes.iter().map(|change| change.name.as_str()).collect(),
        }
    }

    /// The settings after it. `key` knows a setting's type and default, and refuses lists.
    fn apply(&self, current: &Overrides, lists: &dyn ListRules) -> Result<Overrides, ApiError> {
        let changes = match self {
            Self::Replace(settings) => return Ok(settings.clone()),
            Self::Changes(changes) => changes,
        };
        let mut settings = current.clone();
        let mut changes: Vec<&Change> = changes.iter().collect();
        lists.order(&mut changes);
        for change in changes {
            let Some(operation) = Operation::from_wire(change.operation) else {
                return Err(lists.unknown_operation(change.operation));
            };
            let raw = change.value.as_deref().unwrap_or_default();
            let value = match operation {
                Operation::Set => Some(raw.to_owned()),
                Operation::Delete => None,
                Operation::Append | Operation::Subtract => {
                    let default = lists.default_of(&change.name, operation)?;
                    let old = current.get(&change.name).map(String::as_str).or(default);
                    Some(combine(old.unwrap_or_default(), operation, raw))
                }
            };
            match value {
                Some(value) => drop(settings.insert(change.name.clone(), value)),
                None => drop(settings.remove(&change.name)),
            }
        }
        Ok(settings)
    }
}

fn combine(old: &str, operation: Operation, raw: &str) -> String {
    let mut elements: Vec<&str> = old
        .split(',')
        .filter(|element| !element.is_empty())
        .collect();
    for element in raw.split(',') {
        let at = elements.iter().position(|known| *known == element);
        match (operation, at) {
            (Operation::Append, None) => elements.push(element),
            (Operation::Subtract, Some(at)) => drop(elements.remove(at)),
            _ => {}
        }
    }
    elements.join(",")
}

fn refuse_twice<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), ApiError> {
    let mut names: Vec<&str> = names.collect();
    let given = names.len();
    names.sort_unstable();
    names.dedup();
    if names.len() == given {
        return Ok(());
    }
    Err(ApiError::invalid_request(
        "Error due to duplicate config keys",
    ))
}

fn refuse_nulls<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), ApiError> {
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(ApiError::invalid_request(format!(
        "Null value not supported for : {}",
        names.join(", ")
    )))
}

fn refuse_beyond(most: usize, count: usize, what: &str) -> Result<(), ApiError> {
    if count <= most {
        return Ok(());
    }
    Err(ApiError::invalid_request(format!(
        "At most {most} {what} are kept here."
    )))
}

/// How a resource takes changes of lists. A broker looks at its own changes, the controller at those
/// of other resources; their words differ.
trait ListRules {
    /// The default of a list; a refusal of what is none.
    fn default_of(
        &self,
        name: &str,
        operation: Operation,
    ) -> Result<Option<&'static str>, ApiError>;

    /// The order in which changes are looked at, where it is not that of the request.
    fn order(&self, _changes: &mut [&Change]) {}

    /// The refusal of an operation that does not exist.
    fn unknown_operation(&self, operation: i8) -> ApiError;
}

/// Settings that the controller knows; of groups and client metrics it knows none.
struct Controller(Option<Scope>);

impl ListRules for Controller {
    fn default_of(
        &self,
        name: &str,
        operation: Operation,
    ) -> Result<Option<&'static str>, ApiError> {
        match self.0.and_then(|scope| scope.key(name)) {
            Some(key) if key.kind == ConfigType::List => Ok(key.default),
            _ => Err(ApiError::invalid_config(format!(
                "Can't {} to key {name} because its type is not LIST.",
                operation.name()
            ))),
        }
    }

    /// Kafka's controller has them in a hash table.
    fn order(&self, changes: &mut [&Change]) {
        hash_map::sort_by_name(changes, |change| &change.name);
    }

    fn unknown_operation(&self, _operation: i8) -> ApiError {
        // Kafka's controller fails on it, steps down and leaves the client waiting.
        ApiError::without_message(ErrorCode::UnknownServerError)
    }
}

struct Broker;

impl ListRules for Broker {
    fn default_of(
        &self,
        name: &str,
        operation: Operation,
    ) -> Result<Option<&'static str>, ApiError> {
        let verb = if operation == Operation::Append {
            "append"
        } else {
            "subtract"
        };
        match keys::any_broker_key(name) {
            Some(key) if key.kind == ConfigType::List => Ok(key.default),
            Some(_) => Err(ApiError::invalid_config(format!(
                "Config value {verb} is not allowed for config key: {name}"
            ))),
            None => Err(ApiError::invalid_config(format!(
                "Unknown config name: {name}"
            ))),
        }
    }

    fn unknown_operation(&self, operation: i8) -> ApiError {
        ApiError::invalid_request(format!("Unknown operations type {operation}"))
    }
}

impl Configs {
    /// The settings of a broker, or of all of them for no target, after a change that `node` is
    /// asked for.
    pub(crate) fn plan_broker(
        &self,
        node: NodeId,
        target: Option<NodeId>,
        alteration: &Alteration,
    ) -> Result<Overrides, ApiError> {
        let nothing = Overrides::new();
        let current = match target {
            Some(target) => self.dynamic(target).unwrap_or(&nothing),
            None => self.all_brokers(),
        };
        let planned = alteration.apply(current, &Broker)?;
        refuse_beyond(SETTINGS_MAX, planned.len(), "settings of one broker")?;
        self.validate_broker(node, target, &planned)?;
        let min_isr = "min.insync.replicas";
        // KIP-966: the controller counts with one value for the whole cluster.
        if target.is_some() && alteration.names(current).contains(&min_isr) {
            let rule = "Broker-level min.insync.replicas cannot be altered while ELR is enabled.";
            return Err(ApiError::invalid_config(rule));
        }
        if target.is_none() && !planned.contains_key(min_isr) {
            let rule = "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.";
            return Err(ApiError::invalid_config(rule));
        }
        Ok(planned)
    }

    /// The settings of a group after a change.
    pub(crate) fn plan_group(
        &self,
        node: NodeId,
        name: &str,
        alteration: &Alteration,
    ) -> Result<Overrides, ApiError> {
        let nothing = Overrides::new();
        let planned = alteration.apply(self.group(name).unwrap_or(&nothing), &Controller(None))?;
        if name.is_empty() {
            return Err(ApiError::invalid_request(
                "Default group resources are not allowed.",
            ));
        }
        self.validate_group(node, &planned)?;
        refuse_beyond(
            RESOURCES_MAX,
            self.groups().len() + 1,
            "groups with settings",
        )?;
        Ok(planned)
    }

    /// The settings of a client metrics subscription after a change.
    pub(crate) fn plan_client_metrics(
        &self,
        name: &str,
        alteration: &Alteration,
    ) -> Result<Overrides, ApiError> {
        let nothing = Overrides::new();
        let current = self.client_metrics(name).unwrap_or(&nothing);
        let planned = alteration.apply(current, &Controller(None))?;
        if name.is_empty() {
            return Err(ApiError::invalid_request(
                "Subscription name can't be empty",
            ));
        }
        Self::validate_client_metrics(&planned)?;
        let others = self.client_metrics_names().len();
        refuse_beyond(RESOURCES_MAX, others + 1, "client metrics subscriptions")?;
        Ok(planned)
    }
}

fn plan_logger(change: &Change) -> Result<(String, Option<String>), ApiError> {
    let name = &change.name;
    let operation = Operation::from_wire(change.operation).ok_or_else(|| {
        ApiError::invalid_request(format!(
            "Unknown operation type {} is not allowed for the BROKER_LOGGER resource",
            change.operation
        ))
    })?;
    let exists = || match Loggers::exists(name) {
        true => Ok(()),
        false => Err(ApiError::invalid_config(format!(
            "Logger {name} does not exist!"
        ))),
    };
    match (operation, change.value.as_deref().unwrap_or_default()) {
        (Operation::Set, level) => {
            exists()?;
            if !Loggers::is_level(level) {
                return Err(ApiError::invalid_config(format!(
                    "Cannot set the log level of {name} to {level} as it is not a supported log \
                     level. Valid log levels are {}",
                    Loggers::valid_levels()
                )));
            }
            Ok((name.clone(), Some(level.to_owned())))
        }
        (Operation::Delete, _) => {
            exists()?;
            if name == ROOT {
                let rule = "Removing the log level of the root logger is not allowed";
                return Err(ApiError::invalid_request(rule));
            }
            Ok((name.clone(), None))
        }
        (Operation::Append | Operation::Subtract, _) => Err(ApiError::invalid_request(format!(
            "{} operation is not allowed for the BROKER_LOGGER resource",
            operation.name()
        ))),
    }
}
