//! What broker settings must be to each other.

use super::value::Value;

enum Relation {
    AtLeast,
    AtMost,
    Below,
}

use Relation::{AtLeast, AtMost, Below};

/// In the order in which Kafka asks; the first broken one is the answer.
const RELATIONS: &[(&str, Relation, &str)] = &[
    (
        "group.consumer.max.heartbeat.interval.ms",
        AtLeast,
        "group.consumer.min.heartbeat.interval.ms",
    ),
    (
        "group.consumer.heartbeat.interval.ms",
        AtLeast,
        "group.consumer.min.heartbeat.interval.ms",
    ),
    (
        "group.consumer.heartbeat.interval.ms",
        AtMost,
        "group.consumer.max.heartbeat.interval.ms",
    ),
    (
        "group.consumer.max.session.timeout.ms",
        AtLeast,
        "group.consumer.min.session.timeout.ms",
    ),
    (
        "group.consumer.session.timeout.ms",
        AtLeast,
        "group.consumer.min.session.timeout.ms",
    ),
    (
        "group.consumer.session.timeout.ms",
        AtMost,
        "group.consumer.max.session.timeout.ms",
    ),
    (
        "group.consumer.heartbeat.interval.ms",
        Below,
        "group.consumer.session.timeout.ms",
    ),
    (
        "group.consumer.max.assignment.interval.ms",
        AtLeast,
        "group.consumer.min.assignment.interval.ms",
    ),
    (
        "group.consumer.assignment.interval.ms",
        AtLeast,
        "group.consumer.min.assignment.interval.ms",
    ),
    (
        "group.consumer.assignment.interval.ms",
        AtMost,
        "group.consumer.max.assignment.interval.ms",
    ),
    (
        "group.share.max.heartbeat.interval.ms",
        AtLeast,
        "group.share.min.heartbeat.interval.ms",
    ),
    (
        "group.share.heartbeat.interval.ms",
        AtLeast,
        "group.share.min.heartbeat.interval.ms",
    ),
    (
        "group.share.heartbeat.interval.ms",
        AtMost,
        "group.share.max.heartbeat.interval.ms",
    ),
    (
        "group.share.max.session.timeout.ms",
        AtLeast,
        "group.share.min.session.timeout.ms",
    ),
    (
        "group.share.session.timeout.ms",
        AtLeast,
        "group.share.min.session.timeout.ms",
    ),
    (
        "group.share.session.timeout.ms",
        AtMost,
        "group.share.max.session.timeout.ms",
    ),
    (
        "group.share.heartbeat.interval.ms",
        Below,
        "group.share.session.timeout.ms",
    ),
    (
        "group.share.max.assignment.interval.ms",
        AtLeast,
        "group.share.min.assignment.interval.ms",
    ),
    (
        "group.share.assignment.interval.ms",
        AtLeast,
        "group.share.min.assignment.interval.ms",
    ),
    (
        "group.share.assignment.interval.ms",
        AtMost,
        "group.share.max.assignment.interval.ms",
    ),
    (
        "group.streams.max.heartbeat.interval.ms",
        AtLeast,
        "group.streams.min.heartbeat.interval.ms",
    ),
    (
        "group.streams.heartbeat.interval.ms",
        AtLeast,
        "group.streams.min.heartbeat.interval.ms",
    ),
    (
        "group.streams.heartbeat.interval.ms",
        AtMost,
        "group.streams.max.heartbeat.interval.ms",
    ),
    (
        "group.streams.max.session.timeout.ms",
        AtLeast,
        "group.streams.min.session.timeout.ms",
    ),
    (
        "group.streams.session.timeout.ms",
        AtLeast,
        "group.streams.min.session.timeout.ms",
    ),
    (
        "group.streams.session.timeout.ms",
        AtMost,
        "group.streams.max.session.timeout.ms",
    ),
    (
        "group.streams.heartbeat.interval.ms",
        Below,
        "group.streams.session.timeout.ms",
    ),
    (
        "group.streams.max.assignment.interval.ms",
        AtLeast,
        "group.streams.min.assignment.interval.ms",
    ),
    (
        "group.streams.assignment.interval.ms",
        AtLeast,
        "group.streams.min.assignment.interval.ms",
    ),
    (
        "group.streams.assignment.interval.ms",
        AtMost,
        "group.streams.max.assignment.interval.ms",
    ),
    (
        "group.streams.num.standby.replicas",
        AtMost,
        "group.streams.max.standby.replicas",
    ),
    (
        "group.streams.task.offset.interval.ms",
        AtLeast,
        "group.streams.min.task.offset.interval.ms",
    ),
    (
        "group.streams.num.warmup.replicas",
        AtMost,
        "group.streams.max.warmup.replicas",
    ),
];

/// Asks whether the settings fit together. `value` gives the value of a setting.
pub(crate) fn check(value: &dyn Fn(&str) -> Value) -> Result<(), String> {
    check_relations(value)?;
    check_times(value)?;
    check_cleaner(value)?;
    check_replica_waits(value)?;
    check_listeners(value)?;
    check_connection_overrides(value)
}

fn number(value: &dyn Fn(&str) -> Value, name: &str) -> Option<i64> {
    value(name).number()
}

fn check_relations(value: &dyn Fn(&str) -> Value) -> Result<(), String> {
    for (one, relation, other) in RELATIONS {
        let (Some(left), Some(right)) = (number(value, one), number(value, other)) else {
            continue;
        };
        let (holds, words) = match relation {
            AtLeast => (left >= right, "greater than or equal to"),
            AtMost => (left <= right, "less than or equal to"),
            Below => (left < right, "less than"),
        };
        if !holds {
            return Err(format!("{one} must be {words} {other}"));
        }
    }
    Ok(())
}

/// Times that may be given in several units: the finest one given counts.
fn check_times(value: &dyn Fn(&str) -> Value) -> Result<(), String> {
    let first = |names: &[&str]| names.iter().find_map(|name| number(value, name));
    let roll = first(&["log.roll.ms", "log.roll.hours"]);
    let jitter = first(&["log.roll.jitter.ms", "log.roll.jitter.hours"]);
    let retention = first(&[
        "log.retention.ms",
        "log.retention.minutes",
        "log.retention.hours",
    ]);
    require(
        roll.is_none_or(|age| age >= 1),
        "log.roll.ms must be greater than or equal to 1",
    )?;
    let rule = "log.roll.jitter.ms must be greater than or equal to 0";
    require(jitter.is_none_or(|jitter| jitter >= 0), rule)?;
    let rule = "log.retention.ms must be unlimited (-1) or, greater than or equal to 1";
    require(retention != Some(0), rule)
}

fn check_cleaner(value: &dyn Fn(&str) -> Value) -> Result<(), String> {
    let buffer = number(value, "log.cleaner.dedupe.buffer.size");
    let threads = number(value, "log.cleaner.threads");
    let (Some(buffer), Some(threads)) = (buffer, threads) else {
        return Ok(());
    };
    let Some(share) = buffer.checked_div(threads) else {
        return Err("/ by zero".to_owned());
    };
    let rule = "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.";
    require(share > 1024 * 1024, rule)
}

fn check_replica_waits(value: &dyn Fn(&str) -> Value) -> Result<(), String> {
    let wait = number(value, "replica.fetch.wait.max.ms");
    let rule = "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to \
                prevent unnecessary socket timeouts";
    require(wait <= number(value, "replica.socket.timeout.ms"), rule)?;
    let rule = "replica.fetch.wait.max.ms should always be less than or equal to \
                replica.lag.time.max.ms to prevent frequent changes in ISR";
    require(wait <= number(value, "replica.lag.time.max.ms"), rule)
}

fn check_connection_overrides(value: &dyn Fn(&str) -> Value) -> Result<(), String> {
    let name = "max.connections.per.ip.overrides";
    let Value::Text(overrides) = value(name) else {
        return Ok(());
    };
    for pair in overrides
        .split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
    {
        let Some((_, most)) = pair.rsplit_once(':') else {
            let why = format!("begin 0, end -1, length {}", pair.len());
            return Err(format!(
                "Error parsing configuration property '{name}': {why}"
            ));
        };
        if most.trim().parse::<i32>().is_err() {
            return Err(format!("For input string: \"{}\"", most.trim()));
        }
    }
    Ok(())
}

fn check_listeners(value: &dyn Fn(&str) -> Value) -> Result<(), String> {
    let Value::List(listeners) = value("listeners") else {
        return Ok(());
    };
    match listeners.iter().find(|listener| !listener.contains("://")) {
        Some(bad) => Err(format!("Unable to parse a listener name from {bad}")),
        None => Ok(()),
    }
}

/// Pools in the order in which Kafka asks.
const POOLS: [&str; 5] = [
    "num.recovery.threads.per.data.dir",
    "num.replica.fetchers",
    "background.threads",
    "num.io.threads",
    "num.network.threads",
];

/// A running broker's pools may at most double or halve.
pub(super) fn check_threads(
    current: &dyn Fn(&str) -> Value,
    planned: &dyn Fn(&str) -> Value,
) -> Result<(), String> {
    let sizes = |name: &str| Some((number(current, name)?, number(planned, name)?));
    let refused = |why: String| {
        Err(format!(
            "Invalid value org.apache.kafka.common.config.ConfigException: {why} for \
             configuration Invalid dynamic configuration"
        ))
    };
    for name in POOLS {
        let Some((old, new)) = sizes(name) else {
            continue;
        };
        let what = format!("Dynamic thread count update validation failed for {name}={new}");
        if new < old / 2 {
            let rule = "value should be at least half the current value";
            return refused(format!("{what}, {rule} {old}"));
        }
        if new > old * 2 {
            let rule = "value should not be greater than double the current value";
            return refused(format!("{what}, {rule} {old}"));
        }
    }
    match sizes("log.cleaner.threads") {
        Some((old, new)) if new < old / 2 => refused(format!(
            "Log cleaner threads cannot be reduced to less than half the current value {old}"
        )),
        Some((old, new)) if new > old * 2 => refused(format!(
            "Log cleaner threads cannot be increased to more than double the current value {old}"
        )),
        _ => Ok(()),
    }
}

fn require(holds: bool, rule: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("requirement failed: {rule}"))
    }
}
