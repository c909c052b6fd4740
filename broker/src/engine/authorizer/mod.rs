//! Authorization: who may do what. A handler asks by its context ([`Access`]), where and as Kafka's `KafkaApis` and
//! `ControllerApis` ask; what is denied is noted for the request's row in the journal, with what decided.
//!
//! `words.rs`, `acl.rs`, `hosts.rs` and `filter.rs` are Kafka's words for ACLs, `acls.rs` keeps them, `standard.rs` decides by
//! them, and `change.rs` adds and removes them as Kafka's controller does. `policy/` is IAM, `deciders.rs` says who decides about whom.

mod access;
mod acl;
mod acls;
pub(crate) mod change;
mod deciders;
mod decision;
mod filter;
mod hosts;
pub(crate) mod policy;
mod standard;
#[cfg(test)]
mod tests;
mod words;

pub use access::Denied;
pub(crate) use access::{Access, Denials};
pub use acl::Acl;
pub(crate) use acl::CLUSTER;
pub(crate) use acls::Acls;
pub(crate) use deciders::Deciders;
pub(crate) use decision::{Decision, Question, Rule};
pub(crate) use filter::{AclFilter, PatternSought, Sought};
pub(crate) use standard::Standard;
pub use words::{Operation, PatternType, Permission, ResourceType, UnknownWord};

/// The setting that turns authorization on.
pub(crate) const CLASS_NAME: &str = "authorizer.class.name";
/// Kafka's own authorizer.
pub(crate) const STANDARD: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

/// Who decides.
#[derive(Debug, Clone, Default)]
pub(crate) enum Authorizer {
    /// Nobody: everything is allowed.
    #[default]
    None,
    Standard(Standard),
}

impl Authorizer {
    /// By what brokers are started with: `authorizer.class.name` and its settings. A class that is not Kafka's own
    /// stands for nobody, which the cluster's owner has agreed to by then.
    ///
    /// # Errors
    /// Settings that cannot be read.
    pub(crate) fn of<'a>(setting: impl Fn(&str) -> Option<&'a str>) -> Result<Self, String> {
        if setting(CLASS_NAME).map(str::trim) != Some(STANDARD) {
            return Ok(Self::None);
        }
        let super_users = setting("super.users").unwrap_or_default();
        let by_default = setting("allow.everyone.if.no.acl.found").unwrap_or_default();
        let by_default = by_default.trim().eq_ignore_ascii_case("true");
        Standard::of(super_users, by_default).map(Self::Standard)
    }

    /// Whether a principal may do everything, whatever else is said of it.
    pub(crate) fn is_super(&self, principal: &str) -> bool {
        match self {
            Self::None => false,
            Self::Standard(standard) => standard.is_super(principal),
        }
    }

    /// Whether anybody decides.
    pub(crate) const fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// What is said to a question.
    pub(crate) fn decide(&self, question: &Question<'_>) -> Decision {
        match self {
            Self::None => Decision::allowed(Rule::NoAuthorizer),
            Self::Standard(standard) => standard.decide(question),
        }
    }

    /// Whether there is any resource of the question's type that may be used so, whatever its name.
    pub(crate) fn decide_for_any(&self, question: &Question<'_>) -> Decision {
        match self {
            Self::None => Decision::allowed(Rule::NoAuthorizer),
            Self::Standard(standard) => standard.decide_for_any(question),
        }
    }

    /// The ACLs by which it decides, if it does by ACLs.
    pub(crate) const fn acls(&self) -> Option<&Acls> {
        match self {
            Self::None => None,
            Self::Standard(standard) => Some(&standard.acls),
        }
    }

    /// All ACLs, to be kept.
    pub(crate) fn keep(&self) -> Vec<Acl> {
        let all = self.acls().into_iter().flat_map(Acls::iter);
        all.map(|acl| Acl::clone(acl)).collect()
    }

    /// Has these ACLs and no others.
    pub(crate) fn set_acls(&mut self, kept: &[Acl]) {
        let Some(acls) = self.acls_mut() else {
            return;
        };
        *acls = Acls::default();
        for acl in kept {
            acls.add(acl.clone());
        }
    }

    pub(crate) const fn acls_mut(&mut self) -> Option<&mut Acls> {
        match self {
            Self::None => None,
            Self::Standard(standard) => Some(&mut standard.acls),
        }
    }
}

/// What may be done to a resource of each type, for the bits of KIP-430.
pub(crate) const fn supported(resource_type: ResourceType) -> &'static [Operation] {
    use Operation::{
        Alter, AlterConfigs, ClusterAction, Create, CreateTokens, Delete, Describe,
        DescribeConfigs, DescribeTokens, IdempotentWrite, Read, TwoPhaseCommit, Write,
    };
    match resource_type {
        ResourceType::Topic => &[
            Read,
            Write,
            Create,
            Describe,
            Delete,
            Alter,
            DescribeConfigs,
            AlterConfigs,
        ],
        ResourceType::Group => &[Read, Describe, Delete, DescribeConfigs, AlterConfigs],
        ResourceType::Cluster => &[
            Create,
            ClusterAction,
            DescribeConfigs,
            AlterConfigs,
            IdempotentWrite,
            Alter,
            Describe,
        ],
        ResourceType::TransactionalId => &[Describe, Write, TwoPhaseCommit],
        ResourceType::DelegationToken => &[Describe],
        ResourceType::User => &[CreateTokens, DescribeTokens],
    }
}
