//! Rules that cannot be are refused, with words on what would be right.

mod bytes;
mod throttle;

use serde_json::Value as Json;

use super::entities::{self, Entities, Selected};
use super::rule::{Action, Rule};
use crate::engine::commands::CommandFailure;
use crate::wire::api::Api;
use crate::wire::dynamic::{Shape, Value};
use crate::wire::error::ErrorCode;

/// Why there can be no such rule, and what would be right.
///
/// ```
/// # use fauxka::{Api, Broker};
/// let broker = Broker::builder().start_blocking()?;
/// let bad = broker.on(Api::Heartbeat).topic("orders").observe().try_mount().unwrap_err();
/// assert!(bad.to_string().contains("leave `topic` out"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadRule(String);

impl From<CommandFailure> for BadRule {
    fn from(refused: CommandFailure) -> Self {
        match refused {
            CommandFailure::Rule(bad) => bad,
            CommandFailure::Unknown(why) | CommandFailure::Impossible(why) => Self(why),
            said @ CommandFailure::Kafka { .. } => Self(said.to_string()),
        }
    }
}

type Checked = Result<(), BadRule>;

fn refuse(why: impl Into<String>) -> Checked {
    Err(BadRule(why.into()))
}

/// Whether a rule can be.
pub(super) fn check(rule: &Rule) -> Checked {
    check_stage(rule)?;
    check_trigger(rule)?;
    if let Some(action) = &rule.bytes {
        return bytes::check(rule, action);
    }
    if rule.to.is_some() {
        return refuse("`to` is about bytes: give the rule `bytes`, or leave `to` out");
    }
    let apis = concerned(rule)?;
    let (actions, after_apply) = rule.actions();
    for action in actions {
        match action {
            Action::Error(code) => check_error(rule, &apis, *code)?,
            Action::Edit(fields) if after_apply => {
                for (path, value) in fields {
                    check_edit(rule, &apis, path, value)?;
                }
            }
            Action::Edit(_) => {
                return refuse(
                    "`edit` changes an answer, and there is none before the request is done: \
                     put it into `after_apply`",
                );
            }
            Action::Throttle(wait) => throttle::check(rule, &apis, *wait, after_apply)?,
            Action::Pass
            | Action::Delay(_)
            | Action::Hold
            | Action::Swallow
            | Action::Disconnect => {}
        }
    }
    Ok(())
}

fn check_stage(rule: &Rule) -> Checked {
    let stages = [
        !rule.before_apply.is_empty(),
        !rule.after_apply.is_empty(),
        rule.observe,
        rule.bytes.is_some(),
    ];
    match stages.iter().filter(|given| **given).count() {
        1 => Ok(()),
        0 => refuse(
            "the rule does nothing: give it `before_apply` or `after_apply` with an action (error, \
             delay, hold, swallow, disconnect, edit, throttle), `bytes`, or `observe` to count alone",
        ),
        _ => refuse(
            "a rule has one of `before_apply`, `after_apply`, `bytes` and `observe`: mount two rules, the \
             first one acts first",
        ),
    }
}

fn check_trigger(rule: &Rule) -> Checked {
    for (field, number) in [
        ("nth", rule.nth),
        ("count", rule.count),
        ("every", rule.every),
    ] {
        if number == Some(0) {
            return refuse(format!("`{field}` counts from 1"));
        }
    }
    if let Some(p) = rule.probability
        && !(p > 0.0 && p <= 1.0)
    {
        return refuse(format!(
            "`probability` is above 0 and at most 1, which is always; {p} is not"
        ));
    }
    if rule.until_released && rule.count.is_some() {
        return refuse("`until_released` has no `count`: leave one of them out");
    }
    if rule.actions().0.len() > 1 && (rule.count.is_some() || rule.until_released) {
        return refuse(
            "a list of actions is one per hit and ends with the last: leave out `count` and \
             `until_released`",
        );
    }
    if let Some(expected) = rule.expect
        && let Some(most) = expected.at_most
        && most < expected.at_least
    {
        return refuse("`expect` has `at_most` below `at_least`");
    }
    if let (Some(expected), Some(limit)) = (rule.expect, rule.limit())
        && limit < expected.at_least
    {
        return refuse(format!(
            "the rule acts at most {limit} times, so it cannot be expected to act {expected} \
             times: change `count` or `nth`, or `expect`"
        ));
    }
    Ok(())
}

/// The APIs that the rule is about. All that are named must fit; of all APIs those count that do.
fn concerned(rule: &Rule) -> Result<Vec<&'static Entities>, BadRule> {
    let apis = if rule.api.is_empty() {
        Api::ALL
    } else {
        &rule.api
    };
    let mut fitting = Vec::new();
    for api in apis {
        let Some(entities) = entities::of(*api) else {
            continue;
        };
        let logs_in = matches!(api, Api::SaslHandshake | Api::SaslAuthenticate);
        if rule.mechanism.is_some() && !logs_in {
            if rule.api.is_empty() {
                continue;
            }
            refuse(format!(
                "a {api} request does not log in: leave `mechanism` out, or aim at SaslHandshake or SaslAuthenticate"
            ))?;
        }
        let mut selectors = Selected::ALL
            .into_iter()
            .filter(|kind| rule.selector(*kind));
        match selectors.find(|kind| !entities.names(*kind)) {
            None => fitting.push(entities),
            Some(kind) if !rule.api.is_empty() => refuse(names_nothing(*api, kind))?,
            Some(_) => {}
        }
    }
    if fitting.is_empty() {
        refuse("no API's requests name all of what the rule selects: leave some of it out")?;
    }
    Ok(fitting)
}

fn names_nothing(api: Api, kind: Selected) -> String {
    let others: Vec<_> = Api::ALL
        .iter()
        .filter(|api| entities::of(**api).is_some_and(|entities| entities.names(kind)))
        .map(|api| api.name())
        .collect();
    format!(
        "a {api} request names no {}: leave `{}` out, or aim at one of {}",
        kind.field().replace('_', " "),
        kind.field(),
        others.join(", "),
    )
}

/// An error must be one that Kafka can answer there.
fn check_error(rule: &Rule, apis: &[&'static Entities], code: ErrorCode) -> Checked {
    let mut any = false;
    for entities in apis {
        let mut allowed: Vec<ErrorCode> = Vec::new();
        let mut has_place = false;
        for tree in entities.trees {
            let depth = Selected::ALL
                .iter()
                .filter(|kind| rule.selector(**kind))
                .filter_map(|kind| tree.depth_of(*kind))
                .max()
                .unwrap_or_default();
            for place in tree.places.iter().filter(|place| place.depth >= depth) {
                has_place = true;
                allowed.extend(place.codes);
                any |= rule.unchecked || place.allows(code);
            }
        }
        let named = !rule.api.is_empty();
        let fits = code == ErrorCode::None
            || code == ErrorCode::UnknownServerError
            || rule.unchecked
            || allowed.contains(&code);
        if named && !(has_place && fits) {
            return refuse(cannot_answer(entities, rule, code, has_place, &allowed));
        }
    }
    if any {
        return Ok(());
    }
    refuse(format!(
        "no API that the rule is about answers {code}: name the API, or set `unchecked`"
    ))
}

fn cannot_answer(
    entities: &Entities,
    rule: &Rule,
    code: ErrorCode,
    has_place: bool,
    allowed: &[ErrorCode],
) -> String {
    let api = entities.api;
    let selected = Selected::ALL.iter().filter(|kind| rule.selector(**kind));
    let selected: Vec<_> = selected.map(|kind| kind.field()).collect();
    if !has_place {
        return format!(
            "the answer to {api} has no error code for each of them: leave out {}",
            selected.join(", ")
        );
    }
    let mut places = entities.trees.iter().flat_map(|tree| tree.places);
    if places.any(|place| place.allows(code)) {
        return format!(
            "{api} answers {code} for more than what {} selects: leave that out, or set `unchecked`",
            selected.join(", ")
        );
    }
    let mut names: Vec<_> = allowed.iter().map(|code| code.name()).collect();
    names.sort();
    names.dedup();
    format!(
        "{api} does not answer {code}; it answers UNKNOWN_SERVER_ERROR, {}; or set `unchecked` to \
         have it all the same",
        names.join(", ")
    )
}

/// The path must exist in some version of every named API, and take the value there.
fn check_edit(rule: &Rule, apis: &[&'static Entities], path: &str, value: &Json) -> Checked {
    if rule.api.is_empty() {
        return refuse("`edit` needs `api`: answers have different fields");
    }
    for entities in apis {
        let api = entities.api;
        let (first, last) = api.versions();
        let mut why = None;
        let fits = (first..=last).rev().any(|version| {
            let tried = try_edit(api, version, path, value);
            let fits = tried.is_ok();
            why = why.take().or_else(|| tried.err());
            fits
        });
        if !fits {
            return refuse(format!(
                "the answer to {api} cannot be edited so: {path}: {}. Its fields are {}",
                why.unwrap_or_default(),
                fields(api).join(", "),
            ));
        }
    }
    Ok(())
}

/// Puts the value into an answer that has one element in every array on the way.
fn try_edit(api: Api, version: i16, path: &str, value: &Json) -> Result<(), String> {
    let shape = Shape::response(api.key(), version).map_err(|error| error.to_string())?;
    let mut json = shape.initial().to_json();
    let mut at = &mut json;
    let names: Vec<_> = path.split('.').collect();
    for depth in 0..names.len() {
        let (Some(name), Some(way)) = (names.get(depth), names.get(..=depth)) else {
            break;
        };
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        let small: String = first.into_iter().chain(letters).collect();
        let Json::Object(fields) = at else {
            return Err(format!("{name} is in no struct"));
        };
        if depth.saturating_add(1) == names.len() {
            fields.insert(small, value.clone());
            break;
        }
        let field = fields.get_mut(&small);
        at = field.ok_or_else(|| format!("there is no field {name}"))?;
        if let Json::Array(elements) = at {
            let element = shape.element(&way.join("."));
            elements.extend(element.as_ref().map(Value::to_json));
            at = elements
                .last_mut()
                .ok_or_else(|| format!("{name} is no list"))?;
        }
    }
    let value = shape
        .read_json(&json)
        .map_err(|misfit| misfit.to_string())?;
    shape.encode(&value).map_err(|misfit| misfit.to_string())?;
    Ok(())
}

/// The fields of an API's newest answer, as paths.
fn fields(api: Api) -> Vec<String> {
    let (_, last) = api.versions();
    let Ok(shape) = Shape::response(api.key(), last) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    list_fields(shape, &shape.initial(), "", &mut found);
    found
}

fn list_fields(shape: Shape, value: &Value, path: &str, found: &mut Vec<String>) {
    let Some(row) = value.as_struct() else {
        return;
    };
    for (name, value) in row.iter() {
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        let name: String = first.into_iter().chain(letters).collect();
        let way = if path.is_empty() {
            name
        } else {
            format!("{path}.{name}")
        };
        let inner = if matches!(value, Value::Array(_)) {
            shape.element(&way)
        } else {
            Some(value.clone())
        };
        match inner {
            Some(inner @ Value::Struct(_)) => list_fields(shape, &inner, &way, found),
            _ => found.push(way),
        }
    }
}
