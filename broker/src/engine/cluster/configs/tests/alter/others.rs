//! Groups, client metrics and loggers.

use super::*;

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
