//! Values and refusals as Apache Kafka 4.4.0 gave them.

use super::super::keys::{Scope, dynamic_broker_keys};
use super::super::rule::read;
use super::*;

#[track_caller]
fn check_topic(name: &str, raw: &str, expected: Result<&str, &str>) {
    let key = Scope::Topic.key(name).unwrap();
    let shown = read(key, raw).map(|value| value.to_text().unwrap());
    assert_eq!(
        shown.as_deref().map_err(String::as_str),
        expected,
        "{name}={raw}"
    );
}

#[test]
fn values_are_read_as_kafka_does() {
    check_topic("retention.ms", " 5 ", Ok("5"));
    check_topic("segment.bytes", "+2000000", Ok("2000000"));
    check_topic("preallocate", "TRUE", Ok("true"));
    check_topic(
        "cleanup.policy",
        "delete,delete , compact",
        Ok("delete,compact"),
    );
    check_topic("cleanup.policy", "", Ok(""));
    check_topic(
        "min.cleanable.dirty.ratio",
        "0.123456789012345678",
        Ok("0.12345678901234568"),
    );
    check_topic(
        "leader.replication.throttled.replicas",
        "0:1, 1:2",
        Ok("0:1,1:2"),
    );
    check_topic("leader.replication.throttled.replicas", "*", Ok("*"));
}

#[test]
fn numbers_are_refused_as_kafka_does() {
    let refusals = [
        (
            "retention.ms",
            "x",
            "Invalid value x for configuration retention.ms: Not a number of type LONG",
        ),
        (
            "retention.ms",
            "",
            "Invalid value  for configuration retention.ms: Not a number of type LONG",
        ),
        (
            "retention.ms",
            "-2",
            "Invalid value -2 for configuration retention.ms: Value must be at least -1",
        ),
        (
            "segment.bytes",
            "1e9",
            "Invalid value 1e9 for configuration segment.bytes: Not a number of type INT",
        ),
        (
            "preallocate",
            "yes",
            "Invalid value yes for configuration preallocate: Expected value to be either true or false",
        ),
        (
            "min.cleanable.dirty.ratio",
            "-1",
            "Invalid value -1.0 for configuration min.cleanable.dirty.ratio: Value must be at least 0",
        ),
        (
            "min.cleanable.dirty.ratio",
            "1.5",
            "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
        ),
        (
            "min.cleanable.dirty.ratio",
            "abc",
            "Invalid value abc for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE",
        ),
    ];
    for (name, raw, message) in refusals {
        check_topic(name, raw, Err(message));
    }
}

#[test]
fn texts_and_lists_are_refused_as_kafka_does() {
    let refusals = [
        (
            "cleanup.policy",
            "bogus",
            "Invalid value bogus for configuration cleanup.policy: String must be one of: compact, delete",
        ),
        (
            "cleanup.policy",
            "delete,",
            "Configuration 'cleanup.policy' values must not be empty.",
        ),
        (
            "compression.type",
            "none",
            "Invalid value none for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer",
        ),
        (
            "compression.gzip.level",
            "0",
            "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1",
        ),
        (
            "compression.lz4.level",
            "18",
            "Invalid value 18 for configuration compression.lz4.level: Value must be no more than 17",
        ),
        (
            "leader.replication.throttled.replicas",
            "0:x",
            "Invalid value [0:x] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
        ),
    ];
    for (name, raw, message) in refusals {
        check_topic(name, raw, Err(message));
    }
}

#[test]
fn every_default_is_admitted_and_shown_as_it_is_written() {
    let scopes = [
        Scope::Topic,
        Scope::Broker,
        Scope::Group,
        Scope::ClientMetrics,
    ];
    for key in scopes
        .into_iter()
        .flat_map(Scope::keys)
        .chain(dynamic_broker_keys())
    {
        let Some(default) = key.default else { continue };
        let shown = read(key, default).map(|value| value.to_text());
        assert_eq!(shown, Ok(Some(default.to_owned())), "{}", key.name);
    }
}

#[test]
fn doubles_print_as_in_java() {
    let cases = [
        (f64::MAX, "1.7976931348623157E308"),
        (0.5, "0.5"),
        (1e7, "1.0E7"),
        (100.0, "100.0"),
    ];
    for (value, text) in cases {
        assert_eq!(java_double(value), text);
    }
}
