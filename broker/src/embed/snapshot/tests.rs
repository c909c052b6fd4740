use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::*;
use crate::clock::Clock;
use crate::engine::reset::Kind;

/// A folder that ends with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("fauxka-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn shown(broker: &Broker) -> String {
    format!("{:?} {:?}", broker.topics(), broker.groups())
}

fn used() -> Broker {
    let broker = Broker::builder().nodes(2).rack(2, "b").topic("t", 2, 2);
    let broker = broker.start_blocking().unwrap();
    for value in ["a", "b"] {
        broker
            .produce("t")
            .partition(1)
            .value(value)
            .send()
            .unwrap();
    }
    broker
}

#[test]
fn a_file_is_whole_or_not_there() {
    let folder = Folder::new("whole");
    let (broker, file) = (used(), folder.file("t.fauxka"));
    fs::write(&file, "something else").unwrap();
    broker.snapshot().save(&file).unwrap();
    let loaded = Snapshot::load(&file).unwrap();
    let again = Broker::builder().snapshot(loaded.clone());
    assert_eq!(shown(&again.start_blocking().unwrap()), shown(&broker));
    let names = fs::read_dir(&folder.0).unwrap();
    assert_eq!(names.count(), 1, "no draft is left");
    let nowhere = folder.file("no/t.fauxka");
    let error = broker.snapshot().save(&nowhere).unwrap_err().to_string();
    assert_eq!(error, format!("cannot write {}", nowhere.display()));
    assert!(loaded.save(&folder.0).is_err(), "a folder");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
}

#[test]
fn what_is_no_snapshot_is_not_loaded() {
    let folder = Folder::new("none");
    let file = folder.file("t.fauxka");
    let mut bytes = used().snapshot().to_bytes().unwrap();
    bytes.push(0);
    for bytes in [&b""[..], b"text", b"FAUXKA\x1a\n\0\0\0\x01", &bytes] {
        fs::write(&file, bytes).unwrap();
        let error = Snapshot::load(&file).unwrap_err();
        assert!(matches!(error, SnapshotError::Bad { .. }), "{error:?}");
    }
    for path in [folder.file("missing"), folder.0.clone()] {
        let error = Snapshot::load(path).unwrap_err();
        assert!(matches!(error, SnapshotError::File { .. }), "{error:?}");
    }
}

#[test]
fn nodes_stop_and_start_with_what_is_restored() {
    let broker = used();
    let both = broker.snapshot();
    broker.node(2).stop_blocking().unwrap();
    let before = shown(&broker);
    let one = broker.snapshot();
    broker.restore_blocking(&both).unwrap();
    assert!(broker.node(2).is_running());
    let address = broker.bootstrap().split(',').nth(1).unwrap();
    let mut open = TcpStream::connect(address).unwrap();
    broker.restore_blocking(&one).unwrap();
    assert!(!broker.node(2).is_running());
    assert!(matches!(open.read(&mut [0]), Ok(0) | Err(_)));
    broker.node(2).start_blocking().unwrap();
    broker.restore_blocking(&one).unwrap();
    let after = shown(&broker);
    let epochs = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    assert_eq!(epochs(&after), epochs(&before));
}

#[test]
fn what_cannot_be_restored_changes_nothing() {
    let broker = used();
    let both = broker.snapshot();
    let address = broker.bootstrap().split(',').nth(1).unwrap();
    broker.node(2).stop_blocking().unwrap();
    broker.create_topic("u").create().unwrap();
    let before = shown(&broker);
    {
        let _taken = TcpListener::bind(address).unwrap();
        let error = broker.restore_blocking(&both).unwrap_err().to_string();
        assert!(error.contains("cannot listen"), "{error}");
        assert_eq!(shown(&broker), before);
    }
    broker.node(2).remove_blocking().unwrap();
    let error = broker.restore_blocking(&both).unwrap_err().to_string();
    assert!(error.contains("--nodes 2 --first-node-id 1"), "{error}");
}

#[test]
fn a_cluster_starts_from_a_snapshot_and_is_reset_to_it() {
    let first = used();
    first.node(1).stop_blocking().unwrap();
    let snapshot = first.snapshot();
    let before = shown(&first);
    let second = Broker::builder()
        .snapshot(snapshot.clone())
        .topic("u", 1, 1);
    let second = second.start_blocking().unwrap();
    assert!(!second.node(1).is_running());
    assert!(second.node(2).is_running());
    let own = |broker: &Broker| {
        let mut topics = broker.topics();
        topics.retain(|topic| topic.name != "u");
        format!("{topics:?} {:?}", broker.groups())
    };
    assert_eq!(own(&second), before);
    assert_eq!(second.topics().len(), 2);
    second.node(1).start_blocking().unwrap();
    second.topic("t").recreate().unwrap();
    second.reset_blocking().unwrap();
    assert!(!second.node(1).is_running());
    assert_eq!(own(&second), before);
    second.topic("t").recreate().unwrap();
    second.reset_only_blocking(&[Kind::Topics]).unwrap();
    assert_eq!(own(&second), before);
    let fewer = Broker::builder().snapshot(snapshot).nodes(1);
    let error = fewer.start_blocking().unwrap_err().to_string();
    assert!(error.contains("--nodes 2"), "{error}");
}

#[test]
fn a_manual_clock_shows_the_time_of_day_again() {
    let broker = Broker::builder().topic("t", 1, 1).clock(Clock::manual());
    let broker = broker.start_blocking().unwrap();
    let stamp = |broker: &Broker| {
        broker.produce("t").value("v").send().unwrap();
        let records = broker.partition("t", 0).records().unwrap();
        records.last().unwrap().timestamp
    };
    let snapshot = broker.snapshot();
    let then = stamp(&broker);
    let day = Duration::from_secs(24 * 3600);
    broker.clock().advance_blocking(day).unwrap();
    assert_eq!(stamp(&broker), then + 24 * 3600 * 1000);
    broker.restore_blocking(&snapshot).unwrap();
    assert_eq!(stamp(&broker), then);
    assert_eq!(broker.clock().elapsed(), day);
    let other = Broker::builder().snapshot(snapshot).clock(Clock::manual());
    assert_eq!(stamp(&other.start_blocking().unwrap()), then);
}

#[test]
fn a_description_names_a_snapshot_beside_it() {
    let folder = Folder::new("described");
    let first = used();
    first.snapshot().save(folder.file("t.fauxka")).unwrap();
    let described = folder.file("cluster.toml");
    let text = "seed = 3\nsnapshot = \"t.fauxka\"\n[[topics]]\nname = \"u\"\n";
    fs::write(&described, text).unwrap();
    let second = Broker::builder().file(&described).unwrap();
    assert_eq!(second.node_count(), 2);
    let second = second.start_blocking().unwrap();
    let values = second.partition("t", 1).values().unwrap();
    assert_eq!(values, ["a", "b"]);
    assert_eq!(second.topics().len(), 2);
    fs::write(folder.file("t.fauxka"), "spoilt").unwrap();
    let error = Broker::builder().file(&described).unwrap_err().to_string();
    assert!(error.contains("line 2: cannot load"), "{error}");
    assert!(error.contains("not a snapshot"), "{error}");
}
