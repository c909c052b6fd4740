//! Which entities DescribeClientQuotas asks for.

use super::entity::{CLIENT_ID, Entity, IP, USER};
use super::refusal::Refusal;
use crate::wire::error::ErrorCode;

/// What a type's name has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Match {
    Exact(String),
    Default,
    Any,
}

/// A type, and what its name has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Component {
    kind: String,
    name: Match,
}

impl Component {
    /// From the numbers of the wire.
    fn of(kind: String, how: i8, name: Option<String>) -> Result<Self, Refusal> {
        let says = |name: &str, why: &str| {
            let why = format!("Request specified MATCH_TYPE_{name}, but {why}");
            Err(Refusal::invalid(why))
        };
        let name = match (how, name) {
            (0, Some(name)) => Match::Exact(name),
            (0, None) => return says("EXACT", "set match string to null."),
            (1, None) => Match::Default,
            (1, Some(_)) => return says("DEFAULT", "also specified a match string."),
            (2, None) => Match::Any,
            (2, Some(_)) => return says("SPECIFIED", "also specified a match string."),
            (how, _) => return Err(Refusal::invalid(format!("Unknown match type {how}"))),
        };
        Ok(Self { kind, name })
    }

    fn means(&self, entity: &Entity) -> bool {
        match (entity.name(&self.kind), &self.name) {
            (None, _) => false,
            (Some(_), Match::Any) | (Some(None), Match::Default) => true,
            (Some(name), Match::Exact(wanted)) => name == Some(wanted),
            (Some(Some(_)), Match::Default) => false,
        }
    }
}

/// All components have to match; if it is strict, the entity has no further type.
#[derive(Debug)]
pub(crate) struct Filter {
    components: Vec<Component>,
    strict: bool,
}

impl Filter {
    pub(crate) fn new(strict: bool) -> Self {
        let components = Vec::new();
        Self { components, strict }
    }

    /// Adds a component, as the wire has it.
    pub(crate) fn add(
        &mut self,
        kind: String,
        how: i8,
        name: Option<String>,
    ) -> Result<(), Refusal> {
        if kind.is_empty() {
            return Err(Refusal::invalid("Invalid empty entity type."));
        }
        if self.has(&kind) {
            let why = format!("Entity type {kind} cannot appear more than once in the filter.");
            return Err(Refusal::invalid(why));
        }
        if ![USER, CLIENT_ID, IP].contains(&kind.as_str()) {
            let why = format!("Unsupported entity type {kind}");
            return Err(Refusal::new(ErrorCode::UnsupportedVersion, why));
        }
        self.components.push(Component::of(kind, how, name)?);
        Ok(())
    }

    /// Whether there can be such entities.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if self.has(IP) && self.components.len() > 1 {
            return Err(Refusal::invalid(
                "Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.",
            ));
        }
        Ok(())
    }

    fn has(&self, kind: &str) -> bool {
        self.components
            .iter()
            .any(|component| component.kind == kind)
    }

    pub(super) fn means(&self, entity: &Entity) -> bool {
        let all = self.components.iter();
        (!self.strict || entity.len() == self.components.len())
            && all.into_iter().all(|component| component.means(entity))
    }
}
