//! Changes, one by one and as a whole.

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
fn plan(resource: &str, script: &str) -> Result<Overrides, Refusal> {
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
fn check_refused(resource: &str, script: &str, kind: RefusalKind, message: &str) {
    let refusal = plan(resource, script).unwrap_err();
    let expected = Refusal {
        kind,
        message: message.to_owned(),
    };
    assert_eq!(refusal, expected, "{resource}: {script}");
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

use RefusalKind::{InvalidConfig, InvalidRequest, UnknownServerError};

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
    let refusal = edit(&mut configs, &mut topics)
        .replace(4, "", given)
        .unwrap_err();
    let message = "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.";
    assert_eq!(refusal.message, message);
}

#[test]
fn groups_refuse_as_kafkas_do() {
    let cases = [
        ("foo = 1", "Unknown group config name: foo"),
        (
            "consumer.session.timeout.ms = 1",
            "consumer.session.timeout.ms must be in the range 45000 to 60000 inclusive.",
        ),
        (
            "consumer.session.timeout.ms = 0",
            "Invalid value 0 for configuration consumer.session.timeout.ms: Value must be at least 1",
        ),
        (
            "consumer.heartbeat.interval.ms = x; share.isolation.level = nope",
            "Invalid value x for configuration consumer.heartbeat.interval.ms: Not a number of type INT",
        ),
        (
            "share.isolation.level = nope",
            "Invalid value nope for configuration share.isolation.level: String must be one of: read_committed, read_uncommitted",
        ),
        (
            "share.auto.offset.reset = nope",
            "Invalid value nope for configuration share.auto.offset.reset: Invalid value `nope` for configuration share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
        ),
        (
            "streams.assignor.name = nope",
            "streams.assignor.name 'nope' is not a registered task assignor. Registered assignors are: [sticky].",
        ),
        (
            "streams.num.standby.replicas = 9",
            "streams.num.standby.replicas must be less than or equal to 2",
        ),
        (
            "streams.task.offset.interval.ms = 1",
            "streams.task.offset.interval.ms must be greater than or equal to 15000",
        ),
        (
            "streams.num.warmup.replicas = 900",
            "streams.num.warmup.replicas must be less than or equal to 20",
        ),
        (
            "streams.rack.aware.assignment.tags = a,b,a",
            "streams.rack.aware.assignment.tags must not contain duplicate tag keys.",
        ),
        (
            "streams.rack.aware.assignment.tags + a",
            "Can't APPEND to key streams.rack.aware.assignment.tags because its type is not LIST.",
        ),
        (
            "errors.deadletterqueue.topic.name = __x",
            "errors.deadletterqueue.topic.name: DLQ topic name must not start with '__'",
        ),
    ];
    for (script, message) in cases {
        check_refused("group", script, InvalidConfig, message);
    }
    check_accepted(
        "group",
        "consumer.session.timeout.ms = 50000",
        &[("consumer.session.timeout.ms", "50000")],
    );
    check_accepted(
        "group",
        "share.auto.offset.reset = by_duration:P1D",
        &[("share.auto.offset.reset", "by_duration:P1D")],
    );
}

#[test]
fn client_metrics_refuse_as_kafkas_do() {
    check_refused(
        "metrics",
        "foo = 1",
        InvalidRequest,
        "Unknown client metrics configuration: foo",
    );
    check_refused(
        "metrics",
        "interval.ms = 1",
        InvalidRequest,
        "Invalid value 1 for interval.ms, interval must be between 100 and 3600000 (1 hour)",
    );
    check_refused(
        "metrics",
        "interval.ms = x",
        InvalidConfig,
        "Invalid value x for configuration interval.ms: Not a number of type INT",
    );
    check_refused(
        "metrics",
        "metrics = a,,b",
        InvalidConfig,
        "Configuration 'metrics' values must not be empty.",
    );
    check_refused(
        "metrics",
        "metrics + c",
        InvalidConfig,
        "Can't APPEND to key metrics because its type is not LIST.",
    );
    for pattern in ["foo", "foo=bar", "client_id=["] {
        let message = format!("Illegal client matching pattern: {pattern}");
        check_refused(
            "metrics",
            &format!("match = {pattern}"),
            InvalidConfig,
            &message,
        );
    }
    check_accepted(
        "metrics",
        "match = client_id=a,client_id=b",
        &[("match", "client_id=a,client_id=b")],
    );
}

#[test]
fn loggers_refuse_as_kafkas_do() {
    let levels = "as it is not a supported log level. Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN";
    check_refused(
        "logger",
        "root = warn",
        InvalidConfig,
        &format!("Cannot set the log level of root to warn {levels}"),
    );
    check_refused(
        "logger",
        "nope.logger = DEBUG",
        InvalidConfig,
        "Logger nope.logger does not exist!",
    );
    check_refused(
        "logger",
        "nope.logger !",
        InvalidConfig,
        "Logger nope.logger does not exist!",
    );
    check_refused(
        "logger",
        "root !",
        InvalidRequest,
        "Removing the log level of the root logger is not allowed",
    );
    check_refused(
        "logger",
        "root + DEBUG",
        InvalidRequest,
        "APPEND operation is not allowed for the BROKER_LOGGER resource",
    );
    check_refused(
        "logger",
        "root #7 DEBUG",
        InvalidRequest,
        "Unknown operation type 7 is not allowed for the BROKER_LOGGER resource",
    );
    check_accepted("logger", "root = WARN; kafka.server.KafkaApis !", &[]);
}

#[test]
fn new_topics_refuse_as_kafkas_do() {
    let create = |given: &[(&str, Option<&str>)]| {
        let own = |(name, raw): &(&str, Option<&str>)| ((*name).to_owned(), raw.map(str::to_owned));
        cluster(&[]).validate_topic_overrides(NODE, &given.iter().map(own).collect::<Vec<_>>())
    };
    let message = |refused: Result<Overrides, Refusal>| refused.unwrap_err().message;
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
