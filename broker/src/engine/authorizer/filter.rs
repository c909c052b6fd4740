//! Which ACLs are meant: Kafka's filters of DescribeAcls and DeleteAcls.

use super::acl::{Acl, WILDCARD};
use super::words::{Operation, PatternType, Permission, ResourceType};

/// One field of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sought<T> {
    Any,
    Is(T),
    /// A number that means nothing.
    Unknown,
}

/// Which patterns a filter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PatternSought {
    Any,
    /// Every pattern that is about the filter's name.
    Match,
    Is(PatternType),
    /// A number that means nothing.
    Unknown,
}

/// A filter; what is none is not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AclFilter {
    pub(crate) resource_type: Sought<ResourceType>,
    pub(crate) resource: Option<String>,
    pub(crate) pattern: PatternSought,
    pub(crate) principal: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) operation: Sought<Operation>,
    pub(crate) permission: Sought<Permission>,
}

/// What stands for "any" in each of Kafka's enumerations.
const ANY: i8 = 1;
/// What stands for "match" among pattern types.
const MATCH: i8 = 2;

impl<T: PartialEq> Sought<T> {
    /// From a number in a request.
    pub(crate) fn of(number: i8, known: impl FnOnce(i8) -> Option<T>) -> Self {
        if number == ANY {
            return Self::Any;
        }
        known(number).map_or(Self::Unknown, Self::Is)
    }

    fn matches(&self, value: &T) -> bool {
        match self {
            Self::Any => true,
            Self::Is(sought) => sought == value,
            Self::Unknown => false,
        }
    }
}

impl<T> From<Option<T>> for Sought<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Any, Self::Is)
    }
}

impl PatternSought {
    /// From a number in a request.
    pub(crate) fn of(number: i8) -> Self {
        match number {
            ANY => Self::Any,
            MATCH => Self::Match,
            other => PatternType::from_number(other).map_or(Self::Unknown, Self::Is),
        }
    }
}

impl AclFilter {
    /// Whether its resource or its pattern means nothing.
    pub(crate) const fn has_unknown_pattern(&self) -> bool {
        matches!(self.resource_type, Sought::Unknown)
            || matches!(self.pattern, PatternSought::Unknown)
    }

    /// Whether its operation or its permission means nothing.
    pub(crate) const fn has_unknown_entry(&self) -> bool {
        matches!(self.operation, Sought::Unknown) || matches!(self.permission, Sought::Unknown)
    }

    pub(crate) fn matches(&self, acl: &Acl) -> bool {
        let is = |sought: &Option<String>, value: &str| {
            sought.as_deref().is_none_or(|sought| sought == value)
        };
        self.resource_type.matches(&acl.resource_type)
            && self.matches_name(acl)
            && is(&self.principal, &acl.principal)
            && is(&self.host, &acl.host)
            && self.operation.matches(&acl.operation)
            && self.permission.matches(&acl.permission)
    }

    fn matches_name(&self, acl: &Acl) -> bool {
        let is_as_written = |name: &str| name == acl.resource;
        let Some(name) = self.resource.as_deref() else {
            return match self.pattern {
                PatternSought::Any | PatternSought::Match => true,
                PatternSought::Is(pattern) => pattern == acl.pattern,
                PatternSought::Unknown => false,
            };
        };
        match self.pattern {
            PatternSought::Any => is_as_written(name),
            PatternSought::Is(pattern) => pattern == acl.pattern && is_as_written(name),
            PatternSought::Match => match acl.pattern {
                PatternType::Literal => is_as_written(name) || acl.resource == WILDCARD,
                PatternType::Prefixed => name.starts_with(&acl.resource),
            },
            PatternSought::Unknown => false,
        }
    }
}
