use crate::Broker;

const WHOLE: &str = r#"
nodes = 3
first_node_id = 10
clock = "manual"
seed = 7
as_version = "4.0"
journal_rows = 100

[racks]
10 = "a"
12 = "b"

[config]
num.partitions = 4
"auto.create.topics.enable" = false
log.cleanup.policy = ["compact", "delete"]

[[topics]]
name = "orders"
partitions = 6
replication = 2
config.cleanup.policy = "compact"

[[topics]]
name = "small"

[[records]]
topic = "small"
key_base64 = "AP8="
value = "v"
timestamp = 12
headers = [{ name = "h", value = "1" }, { name = "h" }]

[[records]]
topic = "small"
key = "gone"

[[offsets]]
group = "g"
topic = "small"
partition = 0
offset = 1

[[faults]]
api = ["Produce", "Fetch"]
topic = "orders"
nth = 2
after_apply = "disconnect"

[[faults]]
before_apply = { delay = "5s" }
"#;

#[test]
fn a_file_describes_a_cluster() {
    let broker = Broker::builder().toml(WHOLE).unwrap();
    let broker = broker.start_blocking().unwrap();
    assert_eq!(broker.bootstrap().split(',').count(), 3);
    assert_eq!(broker.seed(), 7);
    assert!(broker.node(12).is_running());
    let replicas = |name: &str| {
        let topic = broker.topic(name).describe().unwrap();
        let partition = topic.partitions.first().unwrap();
        (topic.partitions.len(), partition.replicas.len())
    };
    assert_eq!(replicas("orders"), (6, 2));
    assert_eq!(replicas("small"), (1, 3));
    let records = broker.partition("small", 0).records().unwrap();
    let [first, tombstone] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!(first.key.as_deref(), Some(&[0, 0xff][..]));
    assert_eq!(first.value.as_deref(), Some(&b"v"[..]));
    assert_eq!((first.timestamp, first.headers.len()), (12, 2));
    assert_eq!(tombstone.value, None);
    assert_eq!(broker.groups().len(), 1);
    let rules = broker.started.shared.look(|engine| {
        let places = engine
            .passage
            .faults
            .iter()
            .map(|mounted| mounted.place.clone());
        places.flatten().collect::<Vec<_>>()
    });
    assert_eq!(rules, ["line 44", "line 50"]);
}

#[test]
fn what_is_said_later_is_stronger() {
    let file = "nodes = 2\nseed = 1\n[config]\nnum.partitions = 4\nlog.retention.hours = 1\n\
        compression.type = \"gzip\"\n[[topics]]\nname = \"t\"\nconfig = { retention.ms = 5 }";
    let broker = Broker::builder()
        .properties("log.retention.hours=2")
        .seed(9)
        .toml(file)
        .unwrap()
        .nodes(1)
        .config("num.partitions", "5")
        .topic("t", 3, 1)
        .start_blocking()
        .unwrap();
    assert_eq!((broker.seed(), broker.topics()[0].partitions.len()), (1, 3));
    let values = broker.started.shared.look(|engine| {
        let node = engine.state.cluster.controller();
        let retention = engine.state.cluster.topic("t").unwrap().overrides.clone();
        assert_eq!(retention.get("retention.ms").map(String::as_str), Some("5"));
        ["num.partitions", "log.retention.hours", "compression.type"].map(|name| {
            engine
                .state
                .configs
                .broker_value(node, name)
                .to_text()
                .unwrap()
        })
    });
    assert_eq!(values, ["5", "2", "gzip"]);
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    #[track_caller]
    fn check(text: &str, line: usize, words: &str) {
        let builder = Broker::builder().toml(text);
        let error = builder.and_then(super::Builder::start_blocking);
        let error = error.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(error.starts_with(&format!("line {line}: ")), "{error}");
    }
    check(
        "\nnodes = \"many\"",
        2,
        "expected a number from 0 on, not string",
    );
    check("nodes = 1\nnode = 2", 2, "did you mean `nodes`?");
    check("nodes = ", 1, "value");
    check(
        "[config]\nnum.partitons = 1",
        2,
        "did you mean num.partitions?",
    );
    check("[config]\n\nnum.partitions = \"x\"", 3, "num.partitions");
    check("[config]\nnum.partitions = [1]", 2, "expected");
    check("[racks]\none = \"a\"", 2, "not the id of a node");
    check("[[users]]\nname = \"alice\"", 1, "missing field `password`");
    check(
        "\n[[users]]\nname = \"alice\"\npassword = \"\"",
        2,
        "a user needs a password",
    );
    check("[[topics]]\npartitions = 1", 1, "missing field `name`");
    check("[[topics]]\nname = \"a/b\"", 1, "a/b");
    check(
        "[[topics]]\nname = \"t\"\n[[topics]]\nname = \"t\"",
        3,
        "line 1",
    );
    check(
        "[[topics]]\nname = \"t\"\nreplication = 2",
        1,
        "replication factor of 2",
    );
    check("\n[[records]]\ntopic = \"t\"", 2, "list it in topics");
    check(
        "[[records]]\ntopic = \"t\"\nvalue_base64 = \"?\"",
        1,
        "not base64",
    );
    check(
        "[[records]]\ntopic = \"t\"\nkey = \"\"\nkey_base64 = \"\"",
        1,
        "keep one",
    );
    check("[[offsets]]\ngroup = \"g\"", 1, "missing field `topic`");
    check(
        "[[faults]]\napi = \"Produze\"\nbefore_apply = \"hold\"",
        2,
        "Produze",
    );
    check("\n[[faults]]\napi = \"Produce\"", 2, "before_apply");
    check("\nauto_create_delay = \"soon\"", 2, "not a duration");
}

#[test]
fn places_are_looked_for_from_the_file_on() {
    let folder = std::env::temp_dir().join(format!("fauxka-places-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let text = "listen = \"0\"\nadvertise = \"kafka:7000\"\ncontrol = \"127.0.0.1:0\"\ncontrol_token = \"secret\"\n\
        properties = \"server.properties\"\nrecord = \"whole.run\"\njournal_file = \"rows.jsonl\"\n\
        check_invariants = true\nmax_log_bytes = \"64MiB\"\n[[topics]]\nname = \"t\"";
    std::fs::write(folder.join("cluster.toml"), text).unwrap();
    std::fs::write(folder.join("server.properties"), "num.partitions=7").unwrap();
    let builder = Broker::builder().file(folder.join("cluster.toml")).unwrap();
    let broker = builder.start_blocking().unwrap();
    assert_eq!(broker.bootstrap(), "kafka:7000");
    #[cfg(feature = "control")]
    assert!(broker.control().is_some());
    let (bytes, partitions) = broker.started.shared.look(|engine| {
        let node = engine.state.cluster.controller();
        let partitions = engine.state.configs.broker_value(node, "num.partitions");
        (engine.state.log_bytes_max(), partitions.to_text().unwrap())
    });
    assert_eq!((bytes, &*partitions), (64 << 20, "7"));
    drop(broker);
    let rows = std::fs::read_to_string(folder.join("rows.jsonl")).unwrap();
    assert!(rows.contains(r#""kind":"topic_created""#), "{rows}");
    assert!(folder.join("whole.run").exists());
    // What is there is not written over.
    let again = Broker::builder().file(folder.join("cluster.toml")).unwrap();
    let why = again.start_blocking().unwrap_err().to_string();
    assert!(why.contains("is there already"), "{why}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_control_port_is_wanted_by_its_address() {
    let wanted = |control: &str| Broker::builder().toml(&format!("control = {control}"));
    assert!(wanted("false").unwrap().control.is_none());
    let why = wanted("true").unwrap_err().to_string();
    assert!(why.contains("needs an address"), "{why}");
    let why = Broker::builder().toml("max_log_bytes = \"much\"");
    let why = why.unwrap_err().to_string();
    assert!(why.contains("is no number of bytes"), "{why}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = Broker::builder().file("/does/not/exist").unwrap_err();
    assert!(error.to_string().starts_with("cannot read /does/not/exist"));
}
