//! What a principal may do, and by which statement.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::action::{Action, Kind};
use super::document::{Policy, Statement};
use super::resource::Resource;
use crate::engine::msk::Place;

/// What comes of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) is_allowed: bool,
    /// What decided, in words.
    pub(crate) why: String,
}

/// A policy, and who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptPolicy {
    pub(crate) name: String,
    /// In IAM's JSON.
    pub(crate) document: String,
    /// The ARNs of those who have it.
    pub(crate) principals: Vec<String>,
}

/// Policies by their names, and to whom they are attached.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policies {
    named: BTreeMap<String, Policy>,
    /// By principal, such as `arn:aws:iam::123456789012:role/orders`, in the order in which they came.
    attached: BTreeMap<String, Vec<String>>,
}

/// A question, with what is needed to answer it.
struct Question<'a> {
    statements: Vec<(&'a str, &'a Statement)>,
    place: &'a Place,
}

impl Policies {
    /// Whether nothing is decided by policies.
    pub(crate) fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// Adds a policy, or puts another in its place.
    pub(crate) fn put(&mut self, name: &str, policy: Policy) {
        self.named.insert(name.to_owned(), policy);
    }

    /// Takes a policy away, also from everybody who has it. Says whether there was one.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        for names in self.attached.values_mut() {
            names.retain(|attached| attached != name);
        }
        self.attached.retain(|_, names| !names.is_empty());
        self.named.remove(name).is_some()
    }

    /// Attaches a policy to a principal. Says whether there is such a policy.
    pub(crate) fn attach(&mut self, name: &str, principal: &str) -> bool {
        if !self.named.contains_key(name) {
            return false;
        }
        let names = self.attached.entry(principal.to_owned()).or_default();
        if !names.iter().any(|attached| attached == name) {
            names.push(name.to_owned());
        }
        true
    }

    /// Takes a policy from a principal. Says whether it had it.
    pub(crate) fn detach(&mut self, name: &str, principal: &str) -> bool {
        let Some(names) = self.attached.get_mut(principal) else {
            return false;
        };
        let before = names.len();
        names.retain(|attached| attached != name);
        let had = names.len() < before;
        if names.is_empty() {
            self.attached.remove(principal);
        }
        had
    }

    /// All of them, as they can be written down.
    pub(crate) fn keep(&self) -> Vec<KeptPolicy> {
        let kept = self.named.iter().map(|(name, policy)| {
            let has = |(_, names): &(&String, &Vec<String>)| names.contains(name);
            let who = self.attached.iter().filter(has);
            KeptPolicy {
                name: name.clone(),
                document: policy.document.clone(),
                principals: who.map(|(who, _)| who.clone()).collect(),
            }
        });
        kept.collect()
    }

    /// Those that were written down. Each could be read then.
    pub(crate) fn of(kept: &[KeptPolicy]) -> Self {
        let mut all = Self::default();
        for one in kept {
            if let Ok(policy) = Policy::parse(&one.document) {
                all.put(&one.name, policy);
                for principal in &one.principals {
                    all.attach(&one.name, principal);
                }
            }
        }
        all
    }

    /// Whether a principal may do something to something of that name; the name of a cluster is not looked at.
    pub(crate) fn decide(
        &self,
        place: &Place,
        principal: &str,
        action: Action,
        name: &str,
    ) -> Decision {
        let statements = self.statements(principal);
        if statements.is_empty() {
            let why = format!("{principal} has no policy");
            return Decision::denied(why);
        }
        let question = Question { statements, place };
        let decided = question.ask(action, name);
        if !decided.is_allowed {
            return decided;
        }
        for required in action.required() {
            let needed = if required.kind() == action.kind() || required.kind() == Kind::Cluster {
                question.ask(*required, name)
            } else {
                ask_of_any(&question.statements, *required)
            };
            if !needed.is_allowed {
                let (action, required) = (action.name(), required.name());
                let why = format!("{action} needs {required} as well: {}", needed.why);
                return Decision::denied(why);
            }
        }
        decided
    }

    /// Whether a principal may do something to anything at all.
    pub(crate) fn decide_for_any(&self, principal: &str, action: Action) -> Decision {
        let all = self.statements(principal);
        let question = |action| ask_of_any(&all, action);
        let decided = question(action);
        let mut needed = action.required().iter();
        match needed.find_map(|required| Some(question(*required)).filter(|of| !of.is_allowed)) {
            Some(lacking) if decided.is_allowed => lacking,
            _ => decided,
        }
    }

    fn statements(&self, principal: &str) -> Vec<(&str, &Statement)> {
        let mut all = Vec::new();
        for holder in holders(principal) {
            for name in self.attached.get(&holder).into_iter().flatten() {
                if let Some((name, policy)) = self.named.get_key_value(name) {
                    let of_this = policy.statements.iter();
                    all.extend(of_this.map(|statement| (name.as_str(), statement)));
                }
            }
        }
        all
    }
}

/// A principal, and the role whose session it is if it is one.
fn holders(principal: &str) -> Vec<String> {
    let mut all = vec![principal.to_owned()];
    let parts: Vec<&str> = principal.splitn(6, ':').collect();
    if let &["arn", partition, "sts", _, account, rest] = parts.as_slice()
        && let Some(role) = rest.strip_prefix("assumed-role/")
    {
        let role = role.split('/').next().unwrap_or_default();
        all.push(format!("arn:{partition}:iam::{account}:role/{role}"));
    }
    all
}

impl Question<'_> {
    /// Whether one action is allowed, whatever else it needs: what denies it counts before what allows it.
    fn ask(&self, action: Action, name: &str) -> Decision {
        let resource = Resource::of(self.place, action.kind(), name);
        let about = |wants_allow: bool| {
            let mut all = self.statements.iter();
            all.find(|(_, statement)| {
                statement.is_allow == wants_allow && statement.is_about(action, &resource)
            })
        };
        let (said, resource) = (action.name(), resource.as_str());
        if let Some(by) = about(false) {
            return Decision::denied(format!("{} denies {said} on {resource}", By(by)));
        }
        match about(true) {
            Some(by) => Decision {
                is_allowed: true,
                why: format!("{} allows {said} on {resource}", By(by)),
            },
            None => Decision::denied(format!("no statement allows {said} on {resource}")),
        }
    }
}

/// Whether an action is allowed on anything at all.
fn ask_of_any(statements: &[(&str, &Statement)], action: Action) -> Decision {
    let said = action.name();
    let denies = |statement: &Statement| {
        !statement.is_allow && statement.has(action) && statement.is_about_all_resources()
    };
    let mut about = statements.iter();
    if let Some(by) = about.clone().find(|(_, statement)| denies(statement)) {
        return Decision::denied(format!("{} denies {said} on everything", By(by)));
    }
    match about.find(|(_, statement)| statement.is_allow && statement.has(action)) {
        Some(by) => Decision {
            is_allowed: true,
            why: format!("{} allows {said}", By(by)),
        },
        None => Decision::denied(format!("no statement allows {said} on anything")),
    }
}

impl Decision {
    const fn denied(why: String) -> Self {
        Self {
            is_allowed: false,
            why,
        }
    }
}

/// A statement in words.
struct By<'a>(&'a (&'a str, &'a Statement));

impl fmt::Display for By<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (policy, statement) = self.0;
        write!(
            f,
            "statement {} of policy {policy} (line {})",
            statement.name, statement.line
        )
    }
}
