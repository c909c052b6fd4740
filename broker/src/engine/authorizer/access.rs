//! Asking an authorizer on behalf of one request.

use std::cell::RefCell;
use std::fmt;

use super::acl::CLUSTER;
use super::decision::Question;
use super::words::{Operation, ResourceType};
use super::{Deciders, supported};
use crate::engine::api_error::ApiError;
use crate::engine::ids::{ConnectionId, NOBODY};
use crate::wire::error::ErrorCode;

/// The most denials of a request that are noted.
const NOTED_MAX: usize = 100;

/// Something that a client was denied.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// // … the application runs …
/// for row in broker.journal().rows() {
///     for denied in row.exchange().map(|exchange| exchange.denied.as_slice()).unwrap_or_default() {
///         println!("{} on {}: {}", denied.operation, denied.resource, denied.why);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Denied {
    /// What it wanted to do.
    pub operation: Operation,
    /// To what kind of resource.
    pub resource_type: ResourceType,
    /// The resource's name; `*` where it was enough that there is one.
    pub resource: String,
    /// The ACL that denies it, or why none allows it.
    pub why: String,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            resource_type,
            resource,
            why,
        } = self;
        write!(
            f,
            "denied {operation} on {resource_type} {resource} ({why})"
        )
    }
}

/// What a request was denied, in order, each thing once.
#[derive(Debug, Default)]
pub(crate) struct Denials {
    noted: RefCell<Vec<Denied>>,
}

impl Denials {
    fn note(&self, question: &Question<'_>, why: impl FnOnce() -> String) {
        let mut noted = self.noted.borrow_mut();
        let is_same = |known: &Denied| {
            known.operation == question.operation
                && known.resource_type == question.resource_type
                && known.resource == question.resource
        };
        if noted.len() < NOTED_MAX && !noted.iter().any(is_same) {
            noted.push(Denied {
                operation: question.operation,
                resource_type: question.resource_type,
                resource: question.resource.to_owned(),
                why: why(),
            });
        }
    }

    /// Takes them out.
    pub(crate) fn take(&self) -> Vec<Denied> {
        self.noted.take()
    }
}

/// What one client may do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Access<'a> {
    /// None where nobody has to ask: the cluster itself.
    pub(crate) deciders: Option<Deciders<'a>>,
    pub(crate) principal: &'a str,
    /// The client's address, as Java writes it, without a name.
    pub(crate) host: &'a str,
    pub(crate) denials: &'a Denials,
}

impl<'a> Access<'a> {
    /// What a principal may do by a request of its own.
    pub(crate) fn of(
        deciders: Deciders<'a>,
        principal: &'a str,
        (connection, client_host): (ConnectionId, &'a str),
        denials: &'a Denials,
    ) -> Self {
        Self {
            // The cluster asks nobody whether it may do something.
            deciders: (connection != NOBODY).then_some(deciders),
            principal,
            host: client_host.rsplit('/').next().unwrap_or_default(),
            denials,
        }
    }

    /// Whether anybody decides.
    pub(crate) fn is_checked(self) -> bool {
        self.deciders.is_some_and(Deciders::is_some)
    }

    /// Whether the client may do that; a denial is noted.
    pub(crate) fn allows(self, operation: Operation, of: ResourceType, resource: &str) -> bool {
        self.asks(operation, of, resource, true)
    }

    /// The same where a denial is nothing to speak of: what the client may not see is left out, or another permission
    /// may be enough.
    pub(crate) fn allows_quietly(
        self,
        operation: Operation,
        of: ResourceType,
        resource: &str,
    ) -> bool {
        self.asks(operation, of, resource, false)
    }

    fn asks(self, operation: Operation, of: ResourceType, resource: &str, is_noted: bool) -> bool {
        let Some(deciders) = self.deciders.filter(|deciders| deciders.is_some()) else {
            return true;
        };
        let question = self.question(operation, of, resource);
        let decision = deciders.decide(&question);
        if is_noted && !decision.is_allowed {
            self.denials.note(&question, || decision.why());
        }
        decision.is_allowed
    }

    const fn question<'q>(
        self,
        operation: Operation,
        resource_type: ResourceType,
        resource: &'q str,
    ) -> Question<'q>
    where
        'a: 'q,
    {
        Question {
            principal: self.principal,
            host: self.host,
            operation,
            resource_type,
            resource,
        }
    }

    /// Whether the client may do that to the cluster.
    pub(crate) fn allows_cluster(self, operation: Operation) -> bool {
        self.allows(operation, ResourceType::Cluster, CLUSTER)
    }

    /// The same where another permission may be enough.
    pub(crate) fn allows_cluster_quietly(self, operation: Operation) -> bool {
        self.allows_quietly(operation, ResourceType::Cluster, CLUSTER)
    }

    /// Refuses what the client may not do to a topic.
    pub(crate) fn topic(self, operation: Operation, name: &str) -> Result<(), ErrorCode> {
        let is_allowed = self.allows(operation, ResourceType::Topic, name);
        refused(is_allowed, ErrorCode::TopicAuthorizationFailed)
    }

    /// Refuses what the client may not do to each of some topics. All of them are asked about, as in Kafka.
    pub(crate) fn all_topics<'n>(
        self,
        operation: Operation,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<(), ErrorCode> {
        let denied = names.filter_map(|name| self.topic(operation, name).err());
        denied.last().map_or(Ok(()), Err)
    }

    /// Refuses what the client may not do to a group.
    pub(crate) fn group(self, operation: Operation, id: &str) -> Result<(), ErrorCode> {
        let is_allowed = self.allows(operation, ResourceType::Group, id);
        refused(is_allowed, ErrorCode::GroupAuthorizationFailed)
    }

    /// Refuses what the client may not do with a transactional id.
    pub(crate) fn transactional_id(self, operation: Operation, id: &str) -> Result<(), ErrorCode> {
        let is_allowed = self.allows(operation, ResourceType::TransactionalId, id);
        refused(is_allowed, ErrorCode::TransactionalIdAuthorizationFailed)
    }

    /// Refuses what the client may not do to the cluster.
    pub(crate) fn cluster(self, operation: Operation) -> Result<(), ErrorCode> {
        let is_allowed = self.allows_cluster(operation);
        refused(is_allowed, ErrorCode::ClusterAuthorizationFailed)
    }

    /// The same in the words of the exception that Kafka ends the request with. Kafka's own words have more of its
    /// insides between the brackets.
    pub(crate) fn cluster_or_ends(self, operation: Operation) -> Result<(), ApiError> {
        self.cluster(operation).map_err(|code| {
            let Self {
                principal, host, ..
            } = self;
            let operation = operation.constant();
            let session = format!("Session({principal},/{host})");
            let why = format!("Request Request(session={session}) needs {operation} permission.");
            ApiError::new(code, why)
        })
    }

    /// Whether there is any resource of a type that the client may use so.
    pub(crate) fn allows_any(self, operation: Operation, of: ResourceType) -> bool {
        let Some(deciders) = self.deciders.filter(|deciders| deciders.is_some()) else {
            return true;
        };
        let question = self.question(operation, of, "*");
        let decision = deciders.decide_for_any(&question);
        if !decision.is_allowed {
            self.denials.note(&question, || decision.why());
        }
        decision.is_allowed
    }

    /// What the client may do to a resource, as the bits of KIP-430.
    pub(crate) fn operations(self, of: ResourceType, resource: &str) -> i32 {
        let all = supported(of).iter();
        let allowed = all.filter(|operation| self.allows_quietly(**operation, of, resource));
        allowed.fold(0, |bits, operation| bits | (1 << operation.number()))
    }
}

const fn refused(is_allowed: bool, code: ErrorCode) -> Result<(), ErrorCode> {
    if is_allowed { Ok(()) } else { Err(code) }
}
