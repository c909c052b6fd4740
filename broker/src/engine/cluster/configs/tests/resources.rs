//! Resources: which exist, which may be asked of whom.

use super::*;

use ErrorCode::{InvalidConfig, InvalidRequest, InvalidTopicException, UnknownTopicOrPartition};

const DESCRIPTIONS_REFUSED: &[(i8, &str, ErrorCode, &str)] = &[
    (2, "none", UnknownTopicOrPartition, ""),
    (
        2,
        "",
        InvalidTopicException,
        "Topic name is invalid: the empty string is not allowed",
    ),
    (
        2,
        "..",
        InvalidTopicException,
        "Topic name is invalid: '..' is not allowed",
    ),
    (
        2,
        "bad name",
        InvalidTopicException,
        "Topic name is invalid: 'bad name' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
    ),
    (
        4,
        "2",
        InvalidRequest,
        "Unexpected broker id, expected 1 or empty string, but received 2",
    ),
    (
        4,
        "x",
        InvalidRequest,
        "Broker id must be an integer, but it is: x",
    ),
    (8, "", InvalidRequest, "Broker id must not be empty"),
    (
        8,
        "7",
        InvalidRequest,
        "Unexpected broker id, expected 1 but received 7",
    ),
    (
        16,
        "",
        InvalidRequest,
        "Client metrics subscription name must not be empty",
    ),
    (32, "", InvalidRequest, "Group name must not be empty"),
];

#[test]
fn descriptions_are_refused_as_kafkas_are() {
    let (configs, topics) = (cluster(&[]), Topics::of(&["t"]));
    let view = View {
        configs: &configs,
        topics: &topics,
        node: NODE,
    };
    for (kind, name, error, message) in DESCRIPTIONS_REFUSED.iter().copied() {
        let refused = view
            .describe(ResourceKind::from_wire(kind).unwrap(), name, &[])
            .unwrap_err();
        assert_eq!(refused, api_error(error, message));
    }
    let wanted = view.describe(
        ResourceKind::Topic,
        "t",
        &["segment.ms", "nope", "cleanup.policy"],
    );
    let names: Vec<_> = wanted
        .unwrap()
        .into_iter()
        .map(|setting| setting.name)
        .collect();
    assert_eq!(names, ["cleanup.policy", "segment.ms"]);
}

/// With one setting that no resource has, if any.
const CHANGES_REFUSED: &[(i8, &str, bool, ErrorCode, &str)] = &[
    (
        2,
        "none",
        false,
        UnknownTopicOrPartition,
        "The topic 'none' does not exist.",
    ),
    (
        2,
        "none",
        true,
        InvalidConfig,
        "Unknown topic config name: bad",
    ),
    (
        2,
        "a b",
        false,
        InvalidTopicException,
        "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
    ),
    (
        2,
        "",
        false,
        InvalidRequest,
        "Default topic resources are not allowed.",
    ),
    (3, "x", false, InvalidRequest, "Unknown resource type 3"),
    (
        4,
        "x",
        false,
        InvalidRequest,
        "Node id must be an integer, but it is: x",
    ),
    (
        4,
        "5",
        false,
        InvalidRequest,
        "Unexpected broker id, expected 1, but received 5",
    ),
    (8, "1", false, InvalidRequest, "Unknown resource type 8"),
    (
        16,
        "",
        false,
        InvalidRequest,
        "Subscription name can't be empty",
    ),
    (
        32,
        "",
        false,
        InvalidRequest,
        "Default group resources are not allowed.",
    ),
];

#[test]
fn changes_are_refused_as_kafkas_are() {
    let (mut configs, mut topics) = (cluster(&[]), Topics::of(&["t"]));
    let mut editor = edit(&mut configs, &mut topics);
    for (kind, name, bad, error, message) in CHANGES_REFUSED.iter().copied() {
        let given = bad
            .then(|| ("bad".to_owned(), Some("1".to_owned())))
            .into_iter()
            .collect();
        let refused = editor.replace(kind, name, given).unwrap_err();
        assert_eq!(refused, api_error(error, message));
    }
    for (name, message) in [
        ("x", "Node id must be an integer, but it is: x"),
        ("", "Node id must be an integer, but it is: "),
        ("2", "Unexpected node id. Expected 1, but received 2"),
    ] {
        let refused = editor.change(8, name, vec![]).unwrap_err();
        assert_eq!(refused, api_error(InvalidRequest, message));
    }
}

#[test]
fn a_change_that_is_only_validated_changes_nothing() {
    let (mut configs, mut topics) = (cluster(&[]), Topics::of(&["t"]));
    for (validate_only, kept) in [(true, 0), (false, 1)] {
        let mut editor = Editor {
            validate_only,
            ..edit(&mut configs, &mut topics)
        };
        let given = |name: &str| vec![(name.to_owned(), Some("50000".to_owned()))];
        editor.replace(2, "t", given("retention.ms")).unwrap();
        editor.replace(4, "1", given("log.retention.ms")).unwrap();
        editor
            .replace(32, "g", given("consumer.session.timeout.ms"))
            .unwrap();
        editor.replace(16, "m", given("interval.ms")).unwrap();
        assert_eq!(topics.overrides("t").unwrap().len(), kept);
        assert_eq!(configs.dynamic(NODE).unwrap().len(), kept);
        assert_eq!(
            configs.groups().len() + configs.client_metrics_names().len(),
            2 * kept
        );
    }
}

#[test]
fn resources_are_listed_by_kind() {
    let (mut configs, topics) = (cluster(&[]), Topics::of(&["zz", "orders"]));
    configs.set_group(
        "g",
        settings(&[("share.isolation.level", "read_committed")]),
    );
    configs.set_client_metrics("m", settings(&[("interval.ms", "1000")]));
    let view = View {
        configs: &configs,
        topics: &topics,
        node: NODE,
    };
    let list = |kinds: &[ResourceKind]| {
        let listed = view.list(kinds, &[NodeId(1), NodeId(2)]);
        let words: Vec<_> = listed
            .iter()
            .map(|(kind, name)| format!("{name}@{}", *kind as i8))
            .collect();
        words.join(" ")
    };
    use ResourceKind::{Broker, BrokerLogger, ClientMetrics, Group, Topic};
    let all = [Topic, Broker, BrokerLogger, ClientMetrics, Group];
    assert_eq!(list(&all), "g@32 m@16 1@8 2@8 1@4 2@4 orders@2 zz@2");
    assert_eq!(list(&[ClientMetrics]), "m@16");
}

#[test]
fn a_resource_named_twice_is_found() {
    let named = [(2, "a"), (2, "b"), (4, "a"), (2, "a")];
    assert_eq!(named_twice(&named), [true, false, false, true]);
}
