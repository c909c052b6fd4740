//! What is asked of an authorizer, and what it says.

use std::sync::Arc;

use super::acl::Acl;
use super::words::{Operation, ResourceType};

/// Whether somebody may do something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// Such as `User:alice`.
    pub(crate) principal: &'a str,
    /// The client's address, as Java writes it, without a name.
    pub(crate) host: &'a str,
    pub(crate) operation: Operation,
    pub(crate) resource_type: ResourceType,
    pub(crate) resource: &'a str,
}

/// What is said to that, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) is_allowed: bool,
    pub(crate) rule: Rule,
}

/// What decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    /// There is no authorizer.
    NoAuthorizer,
    /// `super.users` names the principal.
    SuperUser,
    Acl(Arc<Acl>),
    /// So many ACLs are about the resource, and none allows it.
    NoneOf(usize),
    /// No ACL is about the resource: the default holds.
    NoAcl,
    /// Policies of IAM; what they say, in words.
    Policy(String),
}

impl Decision {
    pub(crate) const fn allowed(rule: Rule) -> Self {
        Self {
            is_allowed: true,
            rule,
        }
    }

    pub(crate) const fn denied(rule: Rule) -> Self {
        Self {
            is_allowed: false,
            rule,
        }
    }

    /// What decided, in words.
    pub(crate) fn why(&self) -> String {
        match (&self.rule, self.is_allowed) {
            (Rule::NoAuthorizer, _) => {
                "there is no authorizer (authorizer.class.name), so everything is allowed"
                    .to_owned()
            }
            (Rule::SuperUser, _) => "super.users names the principal".to_owned(),
            (Rule::Policy(why), _) => why.clone(),
            (Rule::Acl(acl), _) => format!("ACL: {acl}"),
            (Rule::NoneOf(1), _) => {
                "one ACL is about the resource, and does not allow it".to_owned()
            }
            (Rule::NoneOf(about), _) => {
                format!("{about} ACLs are about the resource, and none allows it")
            }
            (Rule::NoAcl, true) => {
                "no ACL is about the resource, and allow.everyone.if.no.acl.found is true"
                    .to_owned()
            }
            (Rule::NoAcl, false) => {
                "no ACL is about the resource, and allow.everyone.if.no.acl.found is false"
                    .to_owned()
            }
        }
    }
}
