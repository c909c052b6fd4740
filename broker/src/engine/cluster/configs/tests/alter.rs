//! Changes, one by one and as a whole.

mod others;

use super::*;

/// Reads `name op value` changes separated by semicolons; `=` sets, `+` appends, `-` subtracts,
/// `!` deletes, `#7` is an operation by number.
fn changes(script: &str) -> Vec<Change> {
    let change = |text: &str| {
        let mut words = text.trim_start().splitn(3, ' ');
        let name = words.next().unwrap().to_owned();
        let sign = words.next().unwrap();
        let operation = match sign {
            "=" => 0,
            "!" => 1,
            "+" => 2,
            "-" => 3,
            other => other.strip_prefix('#').unwrap().parse().unwrap(),
        };
        Change {
            name,
            operation,
            value: words.next().map(str::to_owned),
        }
    };
    script.split(';').map(change).collect()
}

/// Makes changes to `topic`, `broker`, `all`, `group`, `metrics` or `logger`; returns the settings.
fn plan(resource: &str, script: &str) -> Result<Overrides, ApiError> {
    let (mut configs, mut topics) = (cluster(&[]), Topics::of(&["t"]));
    let (kind, name) = match resource {
        "topic" => (2, "t"),
        "broker" => (4, "1"),
        "all" => (4, ""),
        "logger" => (8, "1"),
        "metrics" => (16, "m"),
        "group" => (32, "g"),
        other => panic!("no such resource: {other}"),
    };
    edit(&mut configs, &mut topics).change(kind, name, changes(script))?;
    let settings = match resource {
        "topic" => topics.overrides("t"),
        "broker" => configs.dynamic(NODE),
        "all" => Some(configs.all_brokers()),
        "group" => configs.group("g"),
        _ => configs.client_metrics("m"),
    };
    Ok(settings.cloned().unwrap_or_default())
}

#[track_caller]
fn check_refused(resource: &str, script: &str, code: ErrorCode, message: &str) {
    let refused = plan(resource, script).unwrap_err();
    assert_eq!(refused, api_error(code, message), "{resource}: {script}");
}

#[track_caller]
fn check_accepted(resource: &str, script: &str, expected: &[(&str, &str)]) {
    let planned = plan(resource, script);
    let mut expected = settings(expected);
    if resource == "all" {
        expected.insert("min.insync.replicas".to_owned(), "1".to_owned());
    }
    assert_eq!(planned, Ok(expected), "{resource}: {script}");
}

use ErrorCode::{InvalidConfig, InvalidRequest, UnknownServerError};

#[test]
fn lags_that_contradict_the_brokers_are_refused() {
    let configs = cluster(&[("log.cleaner.min.compaction.lag.ms", "100")]);
    let refused = |given: &[(&str, &str)]| {
        let refused = configs.validate_topic(NODE, &settings(given)).err();
        refused.and_then(|error| error.message)
    };
    assert_eq!(refused(&[]), None);
    assert_eq!(refused(&[("max.compaction.lag.ms", "100")]), None);
    assert_eq!(
        refused(&[("max.compaction.lag.ms", "99")]).as_deref(),
        Some(
            "conflict topic config setting min.compaction.lag.ms (100) > max.compaction.lag.ms (99)"
        )
    );
}

#[test]
fn topics_refuse_as_kafkas_do() {
    let cases = [
        ("foo = x", "Unknown topic config name: foo"),
        ("zz = 1; retention.ms = x", "Unknown topic config name: zz"),
        (
            "retention.ms = x; segment.ms = y",
            "Invalid value y for configuration segment.ms: Not a number of type LONG",
        ),
        (
            "min.compaction.lag.ms = 100; max.compaction.lag.ms = 50",
            "conflict topic config setting min.compaction.lag.ms (100) > max.compaction.lag.ms (50)",
        ),
        (
            "remote.storage.enable = true",
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.",
        ),
        (
            "retention.ms + 5",
            "Can't APPEND to key retention.ms because its type is not LIST.",
        ),
        (
            "retention.ms - 5",
            "Can't SUBTRACT to key retention.ms because its type is not LIST.",
        ),
        (
            "nope + 5",
            "Can't APPEND to key nope because its type is not LIST.",
        ),
        (
            "cleanup.policy + foo",
            "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete",
        ),
        (
            "cleanup.policy + ",
            "Configuration 'cleanup.policy' values must not be empty.",
        ),
    ];
    for (script, message) in cases {
        check_refused("topic", script, InvalidConfig, message);
    }
    check_refused(
        "topic",
        "retention.ms =; segment.ms +",
        InvalidRequest,
        "Null value not supported for : retention.ms, segment.ms",
    );
    check_refused(
        "topic",
        "retention.ms = 1; retention.ms !",
        InvalidRequest,
        "Error due to duplicate config keys",
    );
    check_refused("topic", "retention.ms #7 1", UnknownServerError, "");
}

#[test]
fn topics_take_changes() {
    check_accepted("topic", "nope !", &[]);
    check_accepted(
        "topic",
        "cleanup.policy + compact",
        &[("cleanup.policy", "delete,compact")],
    );
    check_accepted(
        "topic",
        "cleanup.policy - delete",
        &[("cleanup.policy", "")],
    );
    check_accepted(
        "topic",
        "cleanup.policy - nothere",
        &[("cleanup.policy", "delete")],
    );
    check_accepted(
        "topic",
        "cleanup.policy + compact,delete,compact",
        &[("cleanup.policy", "delete,compact")],
    );
    check_accepted(
        "topic",
        "leader.replication.throttled.replicas + 0:1",
        &[("leader.replication.throttled.replicas", "0:1")],
    );
    check_accepted(
        "topic",
        "internal.segment.bytes = 50",
        &[("internal.segment.bytes", "50")],
    );
}

#[test]
fn brokers_refuse_as_kafkas_do() {
    let wrapped = |why: &str| {
        format!(
            "Invalid value org.apache.kafka.common.config.ConfigException: {why} for configuration Invalid dynamic configuration"
        )
    };
    let cases = [
        ("broker", "num.partitions = 3; node.id = 3", "Cannot update these configs dynamically: [node.id, num.partitions]".to_owned()),
        ("broker", "log.retention.ms = x", "Invalid value x for configuration log.retention.ms: Not a number of type LONG".to_owned()),
        ("broker", "log.retention.ms #9 5", "Unknown operations type 9".to_owned()),
        ("broker", "ssl.keystore.location = /x", "These security configs can be dynamically updated only per-listener using the listener prefix: [ssl.keystore.location]".to_owned()),
        ("all", "sasl.jaas.config = x", "Cannot update these configs at default cluster level, broker id must be specified: [sasl.jaas.config]".to_owned()),
        ("all", "listener.name.foo.sasl.jaas.config = 5", "Cannot update these configs at default cluster level, broker id must be specified: [listener.name.foo.sasl.jaas.config]".to_owned()),
        ("all", "min.insync.replicas = 0", "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1".to_owned()),
        ("broker", "listener.name.foo.max.connections = x", "Invalid value x for configuration max.connections: Not a number of type INT".to_owned()),
        ("broker", "log.cleanup.policy = compact , compact", "Configuration 'log.cleanup.policy' values must not be duplicated.".to_owned()),
        ("broker", "principal.builder.class = nope", "Invalid value nope for configuration principal.builder.class: Class nope could not be found.".to_owned()),
        ("broker", "log.cleaner.threads = 0", "/ by zero".to_owned()),
        ("broker", "log.cleaner.threads = 10", wrapped("Log cleaner threads cannot be increased to more than double the current value 1")),
        ("broker", "num.io.threads = 100", wrapped("Dynamic thread count update validation failed for num.io.threads=100, value should not be greater than double the current value 8")),
        ("broker", "num.io.threads = 1", wrapped("Dynamic thread count update validation failed for num.io.threads=1, value should be at least half the current value 8")),
        ("broker", "num.io.threads = 50; background.threads = 50", wrapped("Dynamic thread count update validation failed for background.threads=50, value should not be greater than double the current value 10")),
        ("broker", "log.roll.ms = 0", "requirement failed: log.roll.ms must be greater than or equal to 1".to_owned()),
        ("broker", "log.retention.ms = 0", "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1".to_owned()),
        ("broker", "group.consumer.assignment.interval.ms = 15001", "group.consumer.assignment.interval.ms must be less than or equal to group.consumer.max.assignment.interval.ms".to_owned()),
        ("broker", "max.connections.per.ip.overrides = foo", "Error parsing configuration property 'max.connections.per.ip.overrides': begin 0, end -1, length 3".to_owned()),
        ("broker", "max.connections.per.ip.overrides = 1.2.3.4:x", "For input string: \"x\"".to_owned()),
        ("broker", "listeners = foo", "Unable to parse a listener name from foo".to_owned()),
        ("broker", "follower.replication.throttled.rate = -1", "Invalid value -1 for configuration follower.replication.throttled.rate: Value must be at least 0".to_owned()),
    ];
    for (resource, script, message) in cases {
        check_refused(resource, script, InvalidRequest, &message);
    }
    let cases = [
        (
            "broker",
            "log.retention.ms + 5",
            "Config value append is not allowed for config key: log.retention.ms",
        ),
        ("broker", "foo + 5", "Unknown config name: foo"),
        (
            "broker",
            "min.insync.replicas = 2",
            "Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
        ),
        (
            "all",
            "min.insync.replicas !",
            "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
        ),
    ];
    for (resource, script, message) in cases {
        check_refused(resource, script, InvalidConfig, message);
    }
}

#[test]
fn brokers_take_changes() {
    check_accepted("broker", "foo.bar = x", &[("foo.bar", "x")]);
    check_accepted("broker", "num.partitions !", &[]);
    check_accepted(
        "broker",
        "log.retention.ms = -5",
        &[("log.retention.ms", "-5")],
    );
    check_accepted(
        "broker",
        "log.cleanup.policy + compact",
        &[("log.cleanup.policy", "delete,compact")],
    );
    check_accepted("all", "log.retention.ms = 5", &[("log.retention.ms", "5")]);
    check_accepted(
        "all",
        "listener.name.foo.max.connections = 5",
        &[("listener.name.foo.max.connections", "5")],
    );
    let (mut configs, mut topics) = (cluster(&[]), Topics::of(&[]));
    let given = vec![("log.retention.ms".to_owned(), Some("5".to_owned()))];
    let refused = edit(&mut configs, &mut topics)
        .replace(4, "", given)
        .unwrap_err();
    let message = "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.";
    assert_eq!(refused.message.as_deref(), Some(message));
}

#[test]
fn new_topics_refuse_as_kafkas_do() {
    let create = |given: &[(&str, Option<&str>)]| {
        let own = |(name, raw): &(&str, Option<&str>)| ((*name).to_owned(), raw.map(str::to_owned));
        cluster(&[]).validate_topic_overrides(NODE, &given.iter().map(own).collect::<Vec<_>>())
    };
    let message = |refused: Result<Overrides, ApiError>| refused.unwrap_err().message.unwrap();
    assert_eq!(
        message(create(&[("retention.ms", None)])),
        "Null value not supported for topic configs: retention.ms"
    );
    assert_eq!(
        message(create(&[("foo", Some("2")), ("retention.ms", Some("x"))])),
        "Unknown topic config name: foo"
    );
    let twice = create(&[("retention.ms", Some("1")), ("retention.ms", Some("2"))]);
    assert_eq!(twice, Ok(settings(&[("retention.ms", "2")])));
}
