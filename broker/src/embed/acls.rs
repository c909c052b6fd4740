//! Who may do what.

use super::broker::Broker;
use super::error::CommandError;
use crate::engine::authorizer::{Acl, Operation, Question, ResourceType};
use crate::engine::commands::Command;
use crate::engine::commands::acls::{AclQuery, Explained};

/// Where clients on the same machine come from.
const LOOPBACK: &str = "127.0.0.1";

impl Broker {
    /// The ACLs that are meant, by resource; [`AclQuery::default`] means all.
    ///
    /// ```
    /// use fauxka::acl::AclQuery;
    ///
    /// let broker = fauxka::Broker::builder().start_blocking()?;
    /// assert!(broker.acls(&AclQuery::default()).is_empty());
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    #[must_use]
    pub fn acls(&self, query: &AclQuery) -> Vec<Acl> {
        self.look(|engine| engine.state.acls(query))
    }

    /// Adds an ACL, which holds from the next request on.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::acl::{Acl, AclQuery, Operation, ResourceType};
    ///
    /// let authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
    /// let broker = Broker::builder().config("authorizer.class.name", authorizer).start_blocking()?;
    /// broker.add_acl(&Acl::allow("User:alice", Operation::Read, ResourceType::Topic, "orders"))?;
    /// assert_eq!(broker.acls(&AclQuery::default()).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The cluster was started without an authorizer, or Kafka would not take the ACL.
    pub fn add_acl(&self, acl: &Acl) -> Result<(), CommandError> {
        let acl = acl.clone();
        let shared = &self.started.shared;
        Ok(shared.carry_out(Command::AddAcl { acl })?)
    }

    /// Removes the ACLs that are meant, and returns them. Requests that are under way go on.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::acl::{Acl, AclQuery, Operation, ResourceType};
    ///
    /// let authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
    /// let broker = Broker::builder().config("authorizer.class.name", authorizer).start_blocking()?;
    /// broker.add_acl(&Acl::allow("User:alice", Operation::Read, ResourceType::Topic, "orders"))?;
    /// assert_eq!(broker.remove_acls(&AclQuery::default())?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The cluster was started without an authorizer.
    pub fn remove_acls(&self, query: &AclQuery) -> Result<Vec<Acl>, CommandError> {
        let query = query.clone();
        let shared = &self.started.shared;
        Ok(shared.command(Command::RemoveAcls { query })?.acls())
    }

    /// Says whether a client on the same machine may do something, and what decides that.
    ///
    /// ```
    /// use fauxka::Broker;
    /// use fauxka::acl::{Operation, ResourceType};
    ///
    /// let authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
    /// let broker = Broker::builder().config("authorizer.class.name", authorizer).start_blocking()?;
    /// let said = broker.why("User:bob", Operation::Read, ResourceType::Topic, "orders");
    /// assert_eq!(
    ///     said.why,
    ///     "no ACL is about the resource, and allow.everyone.if.no.acl.found is false"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn why(
        &self,
        principal: &str,
        operation: Operation,
        resource_type: ResourceType,
        resource: &str,
    ) -> Explained {
        let question = Question {
            principal,
            host: LOOPBACK,
            operation,
            resource_type,
            resource,
        };
        self.look(|engine| engine.state.why(&question))
    }
}
