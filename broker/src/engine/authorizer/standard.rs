//! Kafka's own authorizer, `StandardAuthorizer`: what its ACLs, its super users and its default say.
//!
//! Oracle: an ACL that denies decides before any that allows. Where nothing is about a resource the default holds; where
//! something is, it takes an ACL that allows. To allow read, write, delete or alter allows to describe as well, to allow
//! alter-configs allows describe-configs; what is denied is denied alone. The `User:*` stands for every principal.

use std::collections::BTreeSet;

use super::acl::{Acl, WILDCARD};
use super::acls::Acls;
use super::decision::{Decision, Question, Rule};
use super::hosts;
use super::words::{Operation, PatternType, Permission};

/// Everybody.
const EVERYBODY: &str = "User:*";

/// A name that stands for no resource, by which it is asked whether all may be used.
const ANY_NAME: &str = "hardcode";

/// Kafka's own authorizer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standard {
    pub(crate) acls: Acls,
    super_users: BTreeSet<String>,
    /// What holds where there is no ACL about a resource.
    allows_by_default: bool,
}

impl Standard {
    /// With what `super.users` and `allow.everyone.if.no.acl.found` say.
    ///
    /// # Errors
    /// A super user that is no principal.
    pub(crate) fn of(super_users: &str, allows_by_default: bool) -> Result<Self, String> {
        let named = super_users.split(';').map(str::trim);
        let named = named.filter(|name| !name.is_empty()).map(|name| {
            if name.contains(':') {
                return Ok(name.to_owned());
            }
            Err(format!(
                "super.users: {name} is no principal: write User:{name}, and a semicolon between two"
            ))
        });
        Ok(Self {
            acls: Acls::default(),
            super_users: named.collect::<Result<_, _>>()?,
            allows_by_default,
        })
    }

    /// Whether `super.users` names a principal.
    pub(crate) fn is_super(&self, principal: &str) -> bool {
        self.super_users.contains(principal)
    }

    pub(crate) fn decide(&self, question: &Question<'_>) -> Decision {
        if self.is_super(question.principal) {
            return Decision::allowed(Rule::SuperUser);
        }
        let (mut allowing, mut about) = (None, 0_usize);
        for acl in self.acls.about(question.resource_type, question.resource) {
            about = about.saturating_add(1);
            if !is_about(acl, question) {
                continue;
            }
            match acl.permission {
                Permission::Deny => return Decision::denied(Rule::Acl(acl.clone())),
                Permission::Allow => allowing = Some(acl),
            }
        }
        match allowing {
            Some(acl) => Decision::allowed(Rule::Acl(acl.clone())),
            None if about > 0 => Decision::denied(Rule::NoneOf(about)),
            None => Decision {
                is_allowed: self.allows_by_default,
                rule: Rule::NoAcl,
            },
        }
    }

    /// Whether there is any resource of a type that may be used so.
    pub(crate) fn decide_for_any(&self, question: &Question<'_>) -> Decision {
        let of_any = Question {
            resource: ANY_NAME,
            ..*question
        };
        let decision = self.decide(&of_any);
        if decision.is_allowed {
            return decision;
        }
        let of_type = self.acls.of_type(question.resource_type);
        let meant: Vec<_> = of_type.filter(|acl| is_exactly(acl, question)).collect();
        let that = |permission, pattern| {
            let meant = meant.iter();
            meant.filter(move |acl| acl.permission == permission && acl.pattern == pattern)
        };
        let (deny, allow) = (Permission::Deny, Permission::Allow);
        let (literal, prefixed) = (PatternType::Literal, PatternType::Prefixed);
        let is_all = |acl: &&&std::sync::Arc<Acl>| acl.resource == WILDCARD;
        if let Some(acl) = that(deny, literal).find(is_all) {
            return Decision::denied(Rule::Acl((*acl).clone()));
        }
        if let Some(acl) = that(allow, literal).find(is_all) {
            return Decision::allowed(Rule::Acl((*acl).clone()));
        }
        let names = |pattern| -> BTreeSet<&str> {
            that(deny, pattern)
                .map(|acl| acl.resource.as_str())
                .collect()
        };
        let (denied, denied_prefixes) = (names(literal), names(prefixed));
        let is_free = |acl: &&&std::sync::Arc<Acl>| {
            let name = acl.resource.as_str();
            let is_denied = acl.pattern == literal && denied.contains(name);
            !is_denied && !begins_with_any(name, &denied_prefixes)
        };
        let mut allowing = that(allow, literal).chain(that(allow, prefixed));
        match allowing.find(is_free) {
            Some(acl) => Decision::allowed(Rule::Acl((*acl).clone())),
            None => Decision::denied(decision.rule),
        }
    }
}

/// Whether an ACL about the question's resource is about the question.
fn is_about(acl: &Acl, question: &Question<'_>) -> bool {
    let implies_describe = matches!(
        acl.operation,
        Operation::Read | Operation::Write | Operation::Delete | Operation::Alter
    );
    let asked = question.operation;
    let implied = (asked == Operation::Describe && implies_describe)
        || (asked == Operation::DescribeConfigs && acl.operation == Operation::AlterConfigs);
    let is_implied = acl.permission == Permission::Allow && implied;
    is_whose(acl, question) && (is_operation(acl, question) || is_implied)
}

/// The same without what operations imply.
fn is_exactly(acl: &Acl, question: &Question<'_>) -> bool {
    is_whose(acl, question) && is_operation(acl, question)
}

fn is_operation(acl: &Acl, question: &Question<'_>) -> bool {
    acl.operation == Operation::All || acl.operation == question.operation
}

fn is_whose(acl: &Acl, question: &Question<'_>) -> bool {
    let is_whose = acl.principal == question.principal || acl.principal == EVERYBODY;
    is_whose && hosts::matches(&acl.host, question.host)
}

/// Whether one of the prefixes is a beginning of a name. Walks along the name, as Kafka does.
fn begins_with_any(name: &str, prefixes: &BTreeSet<&str>) -> bool {
    let ends = name
        .char_indices()
        .map(|(at, c)| at.saturating_add(c.len_utf8()));
    let mut beginnings = ends.filter_map(|end| name.get(..end));
    beginnings.any(|beginning| prefixes.contains(beginning))
}
