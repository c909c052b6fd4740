//! ACLs as an operator has them: adding, removing, and asking why something is allowed or denied.

use serde::{Deserialize, Serialize};

use super::CommandFailure;
use crate::engine::authorizer::{
    Acl, AclFilter, Acls, Operation, PatternSought, PatternType, Permission, Question,
    ResourceType, Rule, STANDARD, change,
};
use crate::engine::journal::Event;
use crate::engine::state::State;

/// Which ACLs are meant: those that have everything that is said.
///
/// ```
/// use fauxka::acl::AclQuery;
///
/// let mut of_alice = AclQuery::default();
/// of_alice.principal = Some("User:alice".to_owned());
/// # let broker = fauxka::Broker::builder().start_blocking()?;
/// assert!(broker.acls(&of_alice).is_empty());
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "control", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "control", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AclQuery {
    /// The principal, such as `User:alice`.
    pub principal: Option<String>,
    /// Whether they allow or deny.
    pub permission: Option<Permission>,
    /// The operation.
    pub operation: Option<Operation>,
    /// What they are about.
    pub resource_type: Option<ResourceType>,
    /// The resource's name, as it is written in the ACL.
    pub resource: Option<String>,
    /// Which names they are about.
    pub pattern: Option<PatternType>,
    /// The host, as it is written in the ACL.
    pub host: Option<String>,
}

impl AclQuery {
    /// As Kafka's filter.
    fn filter(&self) -> AclFilter {
        AclFilter {
            resource_type: self.resource_type.into(),
            resource: self.resource.clone(),
            pattern: self.pattern.map_or(PatternSought::Any, PatternSought::Is),
            principal: self.principal.clone(),
            host: self.host.clone(),
            operation: self.operation.into(),
            permission: self.permission.into(),
        }
    }
}

/// Why something is allowed or denied.
///
/// ```
/// use fauxka::Broker;
/// use fauxka::acl::{Operation, ResourceType};
///
/// let broker = Broker::builder().start_blocking()?;
/// let said = broker.why("User:bob", Operation::Read, ResourceType::Topic, "orders");
/// assert!(said.is_allowed, "there is no authorizer");
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Explained {
    /// Whether it is allowed.
    pub is_allowed: bool,
    /// What decides, in words.
    pub why: String,
    /// The ACL that decides, if one does.
    pub acl: Option<Acl>,
}

impl State {
    /// Adds an ACL that was checked. One that is there already stays.
    pub(crate) fn add_acl(&mut self, acl: Acl) {
        let Some(acls) = self.authorizer.acls_mut() else {
            return;
        };
        if acls.add(acl.clone()) {
            self.outbox.change(|| Event::AclAdded(acl));
        }
    }

    /// Takes an ACL away, if it is there.
    pub(crate) fn remove_acl(&mut self, acl: &Acl) {
        let Some(acls) = self.authorizer.acls_mut() else {
            return;
        };
        if acls.remove(acl) {
            let acl = acl.clone();
            self.outbox.change(|| Event::AclRemoved(acl));
        }
    }

    fn checked_acls(&self) -> Result<&Acls, CommandFailure> {
        let none = || {
            CommandFailure::Impossible(format!(
                "nobody authorizes here: start the cluster with authorizer.class.name={STANDARD}"
            ))
        };
        self.authorizer.acls().ok_or_else(none)
    }

    /// Adds an ACL, as an operator.
    ///
    /// # Errors
    /// There is no authorizer, or Kafka would not take the ACL.
    pub(in crate::engine) fn add_acl_checked(&mut self, acl: Acl) -> Result<(), CommandFailure> {
        self.checked_acls()?;
        let is_other_cluster = acl.resource_type == ResourceType::Cluster
            && acl.resource != crate::engine::authorizer::CLUSTER;
        if is_other_cluster {
            let why = "the cluster's name as a resource is kafka-cluster";
            return Err(CommandFailure::Impossible(why.to_owned()));
        }
        let checked = change::check(&acl, true);
        checked.map_err(|error| {
            CommandFailure::by_kafka(error.code.code(), error.message.as_deref())
        })?;
        self.add_acl(acl);
        Ok(())
    }

    /// Removes ACLs, and says which.
    ///
    /// # Errors
    /// There is no authorizer.
    pub(super) fn remove_acls(&mut self, query: &AclQuery) -> Result<Vec<Acl>, CommandFailure> {
        let filter = query.filter();
        let meant: Vec<Acl> = (self.checked_acls()?.matching(&filter))
            .map(|acl| Acl::clone(acl))
            .collect();
        for acl in &meant {
            self.remove_acl(acl);
        }
        Ok(meant)
    }

    /// The ACLs that are meant, by resource.
    pub(crate) fn acls(&self, query: &AclQuery) -> Vec<Acl> {
        let filter = query.filter();
        let all = self.authorizer.acls().into_iter();
        let meant = all.flat_map(|acls| acls.matching(&filter));
        meant.map(|acl| Acl::clone(acl)).collect()
    }

    /// Why a client may do something, or may not.
    pub(crate) fn why(&self, question: &Question<'_>) -> Explained {
        let decision = self.deciders().decide(question);
        let why = decision.why();
        let acl = match decision.rule {
            Rule::Acl(acl) => Some(Acl::clone(&acl)),
            Rule::NoAuthorizer
            | Rule::SuperUser
            | Rule::NoneOf(_)
            | Rule::NoAcl
            | Rule::Policy(_) => None,
        };
        Explained {
            is_allowed: decision.is_allowed,
            why,
            acl,
        }
    }
}
