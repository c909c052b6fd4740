//! What settings of groups and of client metrics subscriptions must be beyond their types.

use super::keys::Scope;
use super::store::Overrides;
use super::value::{self, Value};

/// The broker's bound of a group's setting.
enum Bound {
    /// Between `group.P.min.NAME` and `group.P.max.NAME`.
    Range(&'static str, &'static str),
    /// Not below.
    Least(&'static str),
    /// Not above.
    Most(&'static str),
}

use Bound::{Least, Most, Range};

/// In the order in which Kafka asks.
const BOUNDS: &[(&str, Bound)] = &[
    (
        "consumer.heartbeat.interval.ms",
        Range(
            "group.consumer.min.heartbeat.interval.ms",
            "group.consumer.max.heartbeat.interval.ms",
        ),
    ),
    (
        "consumer.session.timeout.ms",
        Range(
            "group.consumer.min.session.timeout.ms",
            "group.consumer.max.session.timeout.ms",
        ),
    ),
    (
        "consumer.assignment.interval.ms",
        Range(
            "group.consumer.min.assignment.interval.ms",
            "group.consumer.max.assignment.interval.ms",
        ),
    ),
    (
        "share.heartbeat.interval.ms",
        Range(
            "group.share.min.heartbeat.interval.ms",
            "group.share.max.heartbeat.interval.ms",
        ),
    ),
    (
        "share.session.timeout.ms",
        Range(
            "group.share.min.session.timeout.ms",
            "group.share.max.session.timeout.ms",
        ),
    ),
    (
        "share.record.lock.duration.ms",
        Range(
            "group.share.min.record.lock.duration.ms",
            "group.share.max.record.lock.duration.ms",
        ),
    ),
    (
        "share.delivery.count.limit",
        Range(
            "group.share.min.delivery.count.limit",
            "group.share.max.delivery.count.limit",
        ),
    ),
    (
        "share.partition.max.record.locks",
        Range(
            "group.share.min.partition.max.record.locks",
            "group.share.max.partition.max.record.locks",
        ),
    ),
    (
        "share.assignment.interval.ms",
        Range(
            "group.share.min.assignment.interval.ms",
            "group.share.max.assignment.interval.ms",
        ),
    ),
    (
        "streams.heartbeat.interval.ms",
        Range(
            "group.streams.min.heartbeat.interval.ms",
            "group.streams.max.heartbeat.interval.ms",
        ),
    ),
    (
        "streams.session.timeout.ms",
        Range(
            "group.streams.min.session.timeout.ms",
            "group.streams.max.session.timeout.ms",
        ),
    ),
    (
        "streams.num.standby.replicas",
        Most("group.streams.max.standby.replicas"),
    ),
    (
        "streams.assignment.interval.ms",
        Range(
            "group.streams.min.assignment.interval.ms",
            "group.streams.max.assignment.interval.ms",
        ),
    ),
    (
        "streams.task.offset.interval.ms",
        Least("group.streams.min.task.offset.interval.ms"),
    ),
    (
        "streams.num.warmup.replicas",
        Most("group.streams.max.warmup.replicas"),
    ),
];

const TAGS: &str = "streams.rack.aware.assignment.tags";

/// Asks before the types are looked at, as Kafka does.
pub(super) fn check_tags(settings: &Overrides) -> Result<(), String> {
    let Some(raw) = settings.get(TAGS) else {
        return Ok(());
    };
    let mut tags: Vec<&str> = raw.trim().split(',').map(str::trim).collect();
    let given = tags.len();
    tags.sort_unstable();
    tags.dedup();
    if raw.trim().is_empty() || tags.len() == given {
        return Ok(());
    }
    Err(format!("{TAGS} must not contain duplicate tag keys."))
}

/// Asks whether well-formed settings of a group keep within the broker's.
pub(super) fn check(settings: &Overrides, broker: &dyn Fn(&str) -> Value) -> Result<(), String> {
    let bound = |name: &str| broker(name).number().unwrap_or_default();
    for (name, rule) in BOUNDS {
        let Some(value) = number(settings, name) else {
            continue;
        };
        match rule {
            Range(least, most) if !(bound(least)..=bound(most)).contains(&value) => {
                let (least, most) = (bound(least), bound(most));
                return Err(format!(
                    "{name} must be in the range {least} to {most} inclusive."
                ));
            }
            Least(least) if value < bound(least) => {
                return Err(format!(
                    "{name} must be greater than or equal to {}",
                    bound(least)
                ));
            }
            Most(most) if value > bound(most) => {
                return Err(format!(
                    "{name} must be less than or equal to {}",
                    bound(most)
                ));
            }
            Range(..) | Least(_) | Most(_) => {}
        }
    }
    check_assignor(settings, broker)?;
    for protocol in ["consumer", "share", "streams"] {
        let session = format!("{protocol}.session.timeout.ms");
        let heartbeat = format!("{protocol}.heartbeat.interval.ms");
        let in_force =
            |name: &str| number(settings, name).unwrap_or_else(|| bound(&format!("group.{name}")));
        if in_force(&session) <= in_force(&heartbeat) {
            return Err(format!("{session} must be greater than {heartbeat}"));
        }
    }
    match settings.get("errors.deadletterqueue.topic.name") {
        Some(topic) if topic.trim().starts_with("__") => Err(
            "errors.deadletterqueue.topic.name: DLQ topic name must not start with '__'".to_owned(),
        ),
        _ => Ok(()),
    }
}

fn number(settings: &Overrides, name: &str) -> Option<i64> {
    value::parse(Scope::Group.key(name)?, settings.get(name)?)
        .ok()?
        .number()
}

fn check_assignor(settings: &Overrides, broker: &dyn Fn(&str) -> Value) -> Result<(), String> {
    let Some(name) = settings.get("streams.assignor.name").map(|raw| raw.trim()) else {
        return Ok(());
    };
    let Value::List(offered) = broker("group.streams.assignors") else {
        return Ok(());
    };
    if offered.iter().any(|assignor| assignor == name) {
        return Ok(());
    }
    Err(format!(
        "streams.assignor.name '{name}' is not a registered task assignor. Registered assignors \
         are: [{}].",
        offered.join(", ")
    ))
}

/// Whether the text is `parameter=expression` with a parameter that clients have (KIP-714).
pub(super) fn is_client_pattern(pattern: &str) -> bool {
    const PARAMETERS: [&str; 6] = [
        "client_instance_id",
        "client_id",
        "client_software_name",
        "client_software_version",
        "client_source_address",
        "client_source_port",
    ];
    let mut parts = pattern.split('=');
    let (Some(parameter), Some(expression), None) = (parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    PARAMETERS.contains(&parameter.trim()) && is_balanced(expression.trim())
}

/// Whether every bracket of a regular expression is closed and nothing is repeated at its start.
fn is_balanced(expression: &str) -> bool {
    let (mut open, mut in_class, mut escaped) = (0_usize, false, false);
    for c in expression.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => in_class = false,
            _ if in_class => {}
            '[' => in_class = true,
            '(' => open += 1,
            ')' if open == 0 => return false,
            ')' => open -= 1,
            _ => {}
        }
    }
    open == 0 && !in_class && !escaped && !expression.starts_with(['*', '+', '?'])
}
