//! Descriptions.

use super::super::keys::Scope;
use super::*;
use crate::engine::java::hash_map;

/// `name value source [synonyms]`, as one line.
fn line(described: &Described) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_owned());
    let synonym = |s: &Synonym| format!("{}={}@{}", s.name, value(&s.value), s.source as i8);
    let synonyms: Vec<_> = described.synonyms.iter().map(synonym).collect();
    let access = if described.read_only { "ro" } else { "rw" };
    let secret = if described.sensitive { " secret" } else { "" };
    format!(
        "{}={}@{} {access} type {}{secret} [{}]",
        described.name,
        value(&described.value),
        described.source as i8,
        described.kind,
        synonyms.join(" ")
    )
}

#[track_caller]
fn check(described: &[Described], expected: &[&str]) {
    for line_expected in expected {
        let name = line_expected.split('=').next().unwrap();
        let found = described.iter().find(|entry| entry.name == name);
        assert_eq!(found.map(line).as_deref(), Some(*line_expected));
    }
}

#[test]
fn a_topics_values_come_from_the_strongest_layer() {
    let mut configs = cluster(&[]);
    let topic =
        |configs: &Configs, own: &[(&str, &str)]| configs.describe_topic(NODE, &settings(own));
    check(
        &topic(&configs, &[]),
        &[
            "compression.type=producer@5 rw type 2 [compression.type=producer@5]",
            "min.insync.replicas=1@3 rw type 3 [min.insync.replicas=1@3 min.insync.replicas=1@5]",
            "retention.ms=604800000@5 rw type 5 []",
            "segment.jitter.ms=0@5 rw type 5 []",
            "flush.ms=9223372036854775807@5 rw type 5 []",
            "remote.storage.enable=false@5 rw type 1 []",
            "min.cleanable.dirty.ratio=0.5@5 rw type 6 [log.cleaner.min.cleanable.ratio=0.5@5]",
        ],
    );
    configs.set_brokers(Some(NODE), settings(&[("log.retention.ms", "1000")]));
    check(
        &topic(&configs, &[]),
        &["retention.ms=1000@2 rw type 5 [log.retention.ms=1000@2 log.retention.hours=168@5]"],
    );
    let all = settings(&[("log.retention.ms", "2000"), ("min.insync.replicas", "2")]);
    configs.set_brokers(None, all);
    check(
        &topic(
            &configs,
            &[
                ("retention.ms", " 77 "),
                ("cleanup.policy", "compact, delete"),
            ],
        ),
        &[
            "retention.ms=77@1 rw type 5 [retention.ms=77@1 log.retention.ms=1000@2 log.retention.ms=2000@3 log.retention.hours=168@5]",
            "cleanup.policy=compact,delete@1 rw type 7 [cleanup.policy=compact,delete@1 log.cleanup.policy=delete@5]",
            "min.insync.replicas=2@3 rw type 3 [min.insync.replicas=2@3 min.insync.replicas=1@5]",
        ],
    );
    let internal = topic(&configs, &[("internal.segment.bytes", "200000")]);
    assert_eq!(
        line(&internal[0]),
        "internal.segment.bytes=200000@1 rw type 3 [internal.segment.bytes=200000@1]"
    );
    assert_eq!(internal.len(), 38);
}

#[test]
fn a_broker_shows_what_it_was_started_with() {
    let configs = cluster(&[
        ("log.retention.hours", "1"),
        ("log.retention.minutes", "20"),
        ("unstable.api.versions.enable", "false"),
        ("foo.bar", "1"),
        ("listener.name.plaintext.max.connections", "500"),
        ("min.insync.replicas", "2"),
        ("log.cleanup.policy", "compact , delete"),
        ("ssl.keystore.password", "secret"),
        ("auto.create.topics.enable", "TRUE"),
    ]);
    let broker = configs.describe_broker(NODE);
    check(
        &broker,
        &[
            "listener.name.plaintext.max.connections=500@4 ro type 3 [listener.name.plaintext.max.connections=500@4 max.connections=2147483647@5]",
            "unstable.api.versions.enable=false@4 ro type 1 [unstable.api.versions.enable=false@4 unstable.api.versions.enable=false@5]",
            "foo.bar=null@4 ro type 0 secret [foo.bar=null@4]",
            "min.insync.replicas=2@3 rw type 3 [min.insync.replicas=2@3 min.insync.replicas=2@4 min.insync.replicas=1@5]",
            "log.retention.hours=1@4 ro type 3 [log.retention.hours=1@4 log.retention.hours=168@5]",
            "node.id=1@4 ro type 3 [node.id=1@4]",
            "broker.id=1@4 ro type 3 [broker.id=1@4 broker.id=-1@5]",
            "log.retention.minutes=20@4 ro type 3 [log.retention.minutes=20@4 log.retention.hours=1@4 log.retention.hours=168@5]",
            "log.retention.ms=null@5 rw type 5 []",
            "auto.create.topics.enable=true@4 ro type 1 [auto.create.topics.enable=TRUE@4 auto.create.topics.enable=true@5]",
            "ssl.keystore.password=null@4 rw type 9 secret [ssl.keystore.password=null@4]",
            "log.flush.interval.ms=null@5 rw type 5 []",
            "offsets.topic.replication.factor=1@4 ro type 4 [offsets.topic.replication.factor=1@4 offsets.topic.replication.factor=3@5]",
        ],
    );
    assert_eq!(broker.len(), 353);
    check(
        &configs.describe_topic(NODE, &Overrides::new()),
        &[
            "retention.ms=1200000@5 rw type 5 []",
            "cleanup.policy=compact,delete@4 rw type 7 [log.cleanup.policy=compact , delete@4 log.cleanup.policy=delete@5]",
        ],
    );
    let created = configs.describe_created(NODE, &settings(&[("segment.ms", "5")]));
    check(
        &created,
        &[
            "retention.ms=1200000@4 rw type 5 []",
            "cleanup.policy=compact , delete@4 rw type 7 []",
            "segment.ms=5@1 rw type 5 []",
            "min.insync.replicas=2@3 rw type 3 []",
        ],
    );
    assert!(created.is_sorted_by_key(|entry| &entry.name));
}

#[test]
fn a_broker_shows_what_was_set_while_it_runs() {
    let mut configs = cluster(&[]);
    configs.set_brokers(
        Some(NODE),
        settings(&[
            ("foo.bar", "x"),
            ("listener.name.foo.max.connections", "5"),
            ("leader.replication.throttled.rate", "100"),
        ]),
    );
    configs.set_brokers(
        None,
        settings(&[
            ("listener.name.foo.max.connections", "5"),
            ("min.insync.replicas", "1"),
        ]),
    );
    check(
        &configs.describe_broker(NODE),
        &[
            "foo.bar=null@2 ro type 0 secret [foo.bar=null@2]",
            "listener.name.foo.max.connections=5@2 ro type 3 [listener.name.foo.max.connections=5@2 listener.name.foo.max.connections=5@3 max.connections=2147483647@5]",
            "leader.replication.throttled.rate=100@2 rw type 5 [leader.replication.throttled.rate=100@2]",
        ],
    );
    let all = configs.describe_all_brokers(NODE);
    check(
        &all,
        &["min.insync.replicas=1@3 rw type 3 [min.insync.replicas=1@3]"],
    );
    assert_eq!(all.len(), 2);
}

#[test]
fn groups_and_client_metrics_show_their_own_values() {
    let mut configs = cluster(&[]);
    configs.set_group(
        "g",
        settings(&[
            ("consumer.session.timeout.ms", "50000"),
            ("share.auto.offset.reset", "by_duration:P1D"),
        ]),
    );
    let group = configs.describe_group(NODE, "g");
    check(
        &group,
        &[
            "consumer.session.timeout.ms=50000@8 rw type 3 [consumer.session.timeout.ms=50000@8 group.consumer.session.timeout.ms=45000@5]",
            "consumer.heartbeat.interval.ms=5000@5 rw type 3 [group.consumer.heartbeat.interval.ms=5000@5]",
            "share.auto.offset.reset=by_duration:P1D@8 rw type 2 [share.auto.offset.reset=by_duration:P1D@8 share.auto.offset.reset=latest@5]",
            "streams.assignor.name=sticky@5 rw type 2 [group.streams.assignors=sticky@5]",
        ],
    );
    assert_eq!(group.len(), 21);
    configs.set_client_metrics(
        "m",
        settings(&[("interval.ms", "1000"), ("metrics", "a, b")]),
    );
    let lines: Vec<_> = configs
        .describe_client_metrics("m")
        .iter()
        .map(line)
        .collect();
    assert_eq!(
        lines,
        [
            "interval.ms=1000@7 rw type 3 [interval.ms=1000@7]",
            "match=@5 rw type 7 []",
            "metrics=a,b@7 rw type 7 [metrics=a,b@7]"
        ]
    );
    for name in ["g2", "zz"] {
        configs.set_group(
            name,
            settings(&[("share.isolation.level", "read_committed")]),
        );
    }
    assert_eq!(configs.groups(), ["zz", "g", "g2"]);
    configs.set_group("g", Overrides::new());
    assert_eq!(configs.groups(), ["zz", "g2"]);
}

#[test]
fn loggers_show_their_levels() {
    let mut configs = cluster(&[]);
    configs.loggers_mut(NODE).unwrap().set("root", Some("WARN"));
    check(
        &configs.describe_loggers(NODE),
        &["root=WARN@6 rw type 0 []", "kafka=WARN@6 rw type 0 []"],
    );
}

/// First and last names of what Apache Kafka 4.4.0 described for a topic, a broker and a group.
#[test]
fn descriptions_come_in_kafkas_order() {
    let cases = [
        (
            Scope::Topic,
            37,
            [
                "compression.type",
                "errors.deadletterqueue.group.enable",
                "segment.index.bytes",
            ],
        ),
        (
            Scope::Broker,
            350,
            [
                "log.cleaner.min.compaction.lag.ms",
                "offsets.topic.num.partitions",
                "queued.max.request.bytes",
            ],
        ),
        (
            Scope::Group,
            21,
            [
                "consumer.session.timeout.ms",
                "streams.assignor.name",
                "streams.num.standby.replicas",
            ],
        ),
        (Scope::ClientMetrics, 3, ["interval.ms", "match", "metrics"]),
    ];
    for (scope, count, [first, second, last]) in cases {
        let mut keys: Vec<_> = scope.keys().filter(|key| !key.internal).collect();
        hash_map::sort_by_name(&mut keys, |key| key.name);
        assert_eq!(keys.len(), count);
        let names = [keys[0].name, keys[1].name, keys[count - 1].name];
        assert_eq!(names, [first, second, last]);
    }
}
