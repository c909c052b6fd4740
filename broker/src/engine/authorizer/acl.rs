//! One ACL: who may, or may not, do what to which resource.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::words::{Operation, PatternType, Permission, ResourceType};

/// The cluster's only name as a resource.
pub(crate) const CLUSTER: &str = "kafka-cluster";

/// Everybody, every host, or every name of a resource.
pub(crate) const WILDCARD: &str = "*";

/// An ACL, with Kafka's fields.
///
/// ```
/// use fauxka::acl::{Acl, Operation, ResourceType};
///
/// let acl = Acl::allow("User:alice", Operation::Read, ResourceType::Topic, "orders-").prefixed();
/// assert_eq!(
///     acl.to_string(),
///     "Allow User:alice to Read Topic orders-* from host *"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Acl {
    /// The principal, such as `User:alice`; `User:*` stands for everybody.
    pub principal: String,
    /// Whether it allows or denies.
    #[serde(default = "allow")]
    pub permission: Permission,
    /// The operation.
    pub operation: Operation,
    /// What it is about.
    pub resource_type: ResourceType,
    /// The resource's name, or what names begin with; `*` stands for all names. The cluster is `kafka-cluster`.
    pub resource: String,
    /// Which names it is about.
    #[serde(default = "literal")]
    pub pattern: PatternType,
    /// The client's address, such as `127.0.0.1`, a range of addresses, such as `10.0.0.0/8`, or `*` for any.
    #[serde(default = "any_host")]
    pub host: String,
}

const fn allow() -> Permission {
    Permission::Allow
}

const fn literal() -> PatternType {
    PatternType::Literal
}

fn any_host() -> String {
    WILDCARD.to_owned()
}

impl Acl {
    /// Lets a principal do something.
    ///
    /// ```
    /// use fauxka::acl::{Acl, Operation, ResourceType};
    ///
    /// let acl = Acl::allow("User:alice", Operation::Write, ResourceType::Topic, "orders");
    /// assert_eq!(acl.host, "*");
    /// ```
    #[must_use]
    pub fn allow(
        principal: &str,
        operation: Operation,
        resource_type: ResourceType,
        resource: &str,
    ) -> Self {
        Self {
            principal: principal.to_owned(),
            permission: Permission::Allow,
            operation,
            resource_type,
            resource: resource.to_owned(),
            pattern: PatternType::Literal,
            host: any_host(),
        }
    }

    /// Keeps a principal from doing something, whatever else allows it.
    ///
    /// ```
    /// use fauxka::acl::{Acl, Operation, Permission, ResourceType};
    ///
    /// let acl = Acl::deny("User:alice", Operation::Write, ResourceType::Topic, "orders");
    /// assert_eq!(acl.permission, Permission::Deny);
    /// ```
    #[must_use]
    pub fn deny(
        principal: &str,
        operation: Operation,
        resource_type: ResourceType,
        resource: &str,
    ) -> Self {
        Self {
            permission: Permission::Deny,
            ..Self::allow(principal, operation, resource_type, resource)
        }
    }

    /// The same for all resources whose names begin with this one's.
    ///
    /// ```
    /// use fauxka::acl::{Acl, Operation, PatternType, ResourceType};
    ///
    /// let acl = Acl::allow("User:alice", Operation::Read, ResourceType::Group, "billing-").prefixed();
    /// assert_eq!(acl.pattern, PatternType::Prefixed);
    /// ```
    #[must_use]
    pub fn prefixed(self) -> Self {
        let pattern = PatternType::Prefixed;
        Self { pattern, ..self }
    }

    /// The same for clients at one address, or in one range of addresses.
    ///
    /// ```
    /// use fauxka::acl::{Acl, Operation, ResourceType};
    ///
    /// let acl = Acl::allow("User:alice", Operation::Read, ResourceType::Topic, "orders");
    /// assert_eq!(acl.from_host("10.0.0.0/8").host, "10.0.0.0/8");
    /// ```
    #[must_use]
    pub fn from_host(self, host: &str) -> Self {
        let host = host.to_owned();
        Self { host, ..self }
    }

    /// The principal's type and name.
    pub(crate) fn principal_parts(&self) -> Option<(&str, &str)> {
        self.principal.split_once(':')
    }
}

impl fmt::Display for Acl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            principal,
            permission,
            operation,
            resource_type,
            resource,
            pattern,
            host,
        } = self;
        let star = match pattern {
            PatternType::Literal => "",
            PatternType::Prefixed => WILDCARD,
        };
        write!(
            f,
            "{permission} {principal} to {operation} {resource_type} {resource}{star} from host {host}"
        )
    }
}
