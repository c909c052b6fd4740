//! A policy in IAM's JSON, read as IAM reads it. What this program cannot hold to is refused, so that no policy is weaker here
//! than it says.

use super::action::Action;
use super::json::{BadPolicy, Node, Spot};
use super::pattern::matches;
use super::resource::{Resource, fault};

/// The service whose actions a broker asks about.
const SERVICE: &str = "kafka-cluster";

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// As it was given.
    pub(super) document: String,
    pub(super) statements: Vec<Statement>,
}

/// Some actions on some resources, allowed or denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// Its `Sid`, or its number from 1.
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) is_allow: bool,
    actions: Patterns,
    resources: Patterns,
}

/// Texts that something has to match, or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Patterns {
    all: Vec<String>,
    is_not: bool,
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub(crate) fn parse(document: &str) -> Result<Self, BadPolicy> {
        let whole = Spot::read(document)?;
        let Node::Object(members) = whole.node() else {
            return Err(whole.fault("a policy is a JSON object with a Version and a Statement"));
        };
        let mut statements = None;
        for (name, spot) in once(whole, members)? {
            match name.as_str() {
                "Version" => check_version(spot)?,
                "Id" => {
                    text(spot, "Id")?;
                }
                "Statement" => statements = Some(spot),
                other => return Err(spot.fault(unknown(other, &["Version", "Id", "Statement"]))),
            }
        }
        let spot = statements.ok_or_else(|| whole.fault("a policy needs a Statement"))?;
        let all = match spot.node() {
            Node::List(all) => all,
            Node::Object(_) => vec![spot],
            Node::Text(_) | Node::Other => {
                return Err(spot.fault("Statement is a JSON object, or a list of them"));
            }
        };
        let all = all.into_iter().enumerate();
        let statements = all.map(|(index, spot)| Statement::read(index + 1, spot));
        let statements: Vec<_> = statements.collect::<Result<_, _>>()?;
        for (index, statement) in statements.iter().enumerate() {
            let same = |other: &&Statement| other.name == statement.name;
            if statements.iter().skip(index + 1).any(|other| same(&other)) {
                let why = format!("two statements have the Sid {:?}", statement.name);
                return Err(BadPolicy::new(statement.line, why));
            }
        }
        let document = document.to_owned();
        Ok(Self {
            document,
            statements,
        })
    }
}

impl Statement {
    fn read(number: usize, whole: Spot<'_>) -> Result<Self, BadPolicy> {
        let Node::Object(members) = whole.node() else {
            return Err(whole.fault("a statement is a JSON object"));
        };
        let (mut name, mut effect) = (number.to_string(), None);
        let (mut actions, mut resources) = (None, None);
        for (member, spot) in once(whole, members)? {
            match member.as_str() {
                "Sid" => name = text(spot, "Sid")?,
                "Effect" => effect = Some(is_allow(spot)?),
                "Action" | "NotAction" if actions.is_none() => {
                    actions = Some(Patterns::read(spot, &member, check_action)?);
                }
                "Resource" | "NotResource" if resources.is_none() => {
                    resources = Some(Patterns::read(spot, &member, fault)?);
                }
                other => return Err(spot.fault(not_here(other))),
            }
        }
        let lacks = |what: &str| whole.fault(format!("statement {name} needs {what}"));
        Ok(Self {
            is_allow: effect.ok_or_else(|| lacks("an Effect, Allow or Deny"))?,
            actions: actions.ok_or_else(|| lacks("an Action"))?,
            resources: resources.ok_or_else(|| lacks("a Resource"))?,
            line: whole.line(),
            name,
        })
    }

    /// Whether it is about an action on a resource.
    pub(super) fn is_about(&self, action: Action, resource: &Resource) -> bool {
        self.has(action) && self.resources.take(|pattern| resource.is_in(pattern))
    }

    /// Whether it is about an action on anything.
    pub(super) fn has(&self, action: Action) -> bool {
        self.actions
            .take(|pattern| is_action(pattern, action.name()))
    }

    /// Whether it is about everything.
    pub(super) fn is_about_all_resources(&self) -> bool {
        !self.resources.is_not && self.resources.all.iter().any(|pattern| pattern == "*")
    }
}

impl Patterns {
    fn read(
        spot: Spot<'_>,
        member: &str,
        fault: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, BadPolicy> {
        let spots = match spot.node() {
            Node::List(all) => all,
            Node::Text(_) | Node::Object(_) | Node::Other => vec![spot],
        };
        if spots.is_empty() {
            return Err(spot.fault(format!("{member} names nothing")));
        }
        let mut all = Vec::new();
        for spot in spots {
            let pattern = text(spot, member)?;
            if pattern.contains("${") {
                let why = format!("{pattern:?} has a policy variable, and there are none here");
                return Err(spot.fault(why));
            }
            if let Some(why) = fault(&pattern) {
                return Err(spot.fault(why));
            }
            all.push(pattern);
        }
        let is_not = member.starts_with("Not");
        Ok(Self { all, is_not })
    }

    fn take(&self, matches: impl Fn(&str) -> bool) -> bool {
        self.all.iter().any(|pattern| matches(pattern)) != self.is_not
    }
}

/// The members of an object, none of which is there twice.
fn once<'a>(
    whole: Spot<'a>,
    members: Vec<(String, Spot<'a>)>,
) -> Result<Vec<(String, Spot<'a>)>, BadPolicy> {
    if members.is_empty() {
        return Err(whole.fault("there is nothing in it"));
    }
    for (index, (name, _)) in members.iter().enumerate() {
        let mut others = members.iter().skip(index + 1);
        if let Some((_, again)) = others.find(|(other, _)| other == name) {
            return Err(again.fault(format!("there is a second {name}")));
        }
    }
    Ok(members)
}

fn text(spot: Spot<'_>, member: &str) -> Result<String, BadPolicy> {
    match spot.node() {
        Node::Text(text) => Ok(text),
        Node::List(_) | Node::Object(_) | Node::Other => {
            Err(spot.fault(format!("{member} is a text, in quotes")))
        }
    }
}

fn check_version(spot: Spot<'_>) -> Result<(), BadPolicy> {
    let version = text(spot, "Version")?;
    if ["2012-10-17", "2008-10-17"].contains(&version.as_str()) {
        return Ok(());
    }
    let why = format!("the Version {version:?} is neither \"2012-10-17\" nor \"2008-10-17\"");
    Err(spot.fault(why))
}

fn is_allow(spot: Spot<'_>) -> Result<bool, BadPolicy> {
    match text(spot, "Effect")?.as_str() {
        "Allow" => Ok(true),
        "Deny" => Ok(false),
        other => Err(spot.fault(format!(
            "the Effect {other:?} is neither \"Allow\" nor \"Deny\""
        ))),
    }
}

/// What is wrong with a pattern for actions; nothing if it is in order. Those of other services are not the broker's concern.
fn check_action(pattern: &str) -> Option<String> {
    if pattern == "*" {
        return None;
    }
    let Some((service, name)) = pattern.split_once(':') else {
        return Some(format!(
            "the action {pattern:?} has no service in front, as in {SERVICE}:{pattern}"
        ));
    };
    if !service.eq_ignore_ascii_case(SERVICE) {
        return None;
    }
    let mut all = Action::ALL.iter();
    if all.any(|action| is_action(pattern, action.name())) {
        return None;
    }
    let names = Action::ALL.iter().map(|action| action.name());
    let near = crate::wire::names::nearest(pattern, names);
    let near = near.map_or_else(String::new, |near| format!("; {near} is one"));
    Some(format!("there is no action {SERVICE}:{name}{near}"))
}

/// Actions are the same in large and small letters.
fn is_action(pattern: &str, name: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &name.to_ascii_lowercase())
}

fn unknown(name: &str, known: &[&str]) -> String {
    format!("there is no {name}; there are {}", known.join(", "))
}

/// Why a statement cannot have a member.
fn not_here(member: &str) -> String {
    match member {
        "Action" | "NotAction" => "a statement has an Action or a NotAction, not both".to_owned(),
        "Resource" | "NotResource" => {
            "a statement has a Resource or a NotResource, not both".to_owned()
        }
        "Principal" | "NotPrincipal" => {
            format!("a policy that is attached to a principal has no {member}")
        }
        "Condition" => {
            "conditions are not looked at here, so a statement that has one would say too much or too little".to_owned()
        }
        other => unknown(
            other,
            &["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"],
        ),
    }
}
