//! Which entities DescribeClientQuotas asks for.

use super::entity::{CLIENT_ID, Entity, IP, USER};
use crate::engine::api_error::ApiError;
use crate::engine::java::hash::JavaHash as _;
use crate::engine::java::hash_map;
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
    fn of(kind: String, how: i8, name: Option<String>) -> Result<Self, ApiError> {
        let says = |name: &str, why: &str| {
            let why = format!("Request specified MATCH_TYPE_{name}, but {why}");
            Err(ApiError::invalid_request(why))
        };
        let name = match (how, name) {
            (0, Some(name)) => Match::Exact(name),
            (0, None) => return says("EXACT", "set match string to null."),
            (1, None) => Match::Default,
            (1, Some(_)) => return says("DEFAULT", "also specified a match string."),
            (2, None) => Match::Any,
            (2, Some(_)) => return says("SPECIFIED", "also specified a match string."),
            (how, _) => {
                return Err(ApiError::invalid_request(format!(
                    "Unknown match type {how}"
                )));
            }
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
    ) -> Result<(), ApiError> {
        if kind.is_empty() {
            return Err(ApiError::invalid_request("Invalid empty entity type."));
        }
        if self.has(&kind) {
            let why = format!("Entity type {kind} cannot appear more than once in the filter.");
            return Err(ApiError::invalid_request(why));
        }
        if ![USER, CLIENT_ID, IP].contains(&kind.as_str()) {
            let why = format!("Unsupported entity type {kind}");
            return Err(ApiError::new(ErrorCode::UnsupportedVersion, why));
        }
        self.components.push(Component::of(kind, how, name)?);
        Ok(())
    }

    /// Whether there can be such entities.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        if self.has(IP) && self.components.len() > 1 {
            return Err(ApiError::invalid_request(
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

    /// The entities that are meant, of all of them in their order: those of the first component are in a table of
    /// their own, from whose copy the others are taken.
    pub(super) fn chosen<'a>(&self, all: Vec<&'a Entity>) -> Vec<&'a Entity> {
        let mut chosen = all;
        if let Some(first) = self.first() {
            chosen.retain(|entity| first.means(entity));
            hash_map::sort(&mut chosen, |entity| entity.java_hash());
            let copy = hash_map::of_map_copy(chosen.len());
            hash_map::sort_in(&mut chosen, copy, |entity| entity.java_hash());
        }
        chosen.retain(|entity| self.means(entity));
        chosen
    }

    /// The component that is looked at first: one with a name, or for the default, comes before one for any.
    fn first(&self) -> Option<&Component> {
        let is_any = |component: &&Component| component.name == Match::Any;
        let (mut any, mut exact): (Vec<_>, Vec<_>) = self.components.iter().partition(is_any);
        for components in [&mut any, &mut exact] {
            hash_map::sort_by_name(components, |component| &component.kind);
        }
        exact.into_iter().chain(any).next()
    }

    fn means(&self, entity: &Entity) -> bool {
        let all = self.components.iter();
        (!self.strict || entity.len() == self.components.len())
            && all.into_iter().all(|component| component.means(entity))
    }
}
