//! Files that a cluster reads: fault rules, descriptions of clusters, snapshots, recordings, policies.

use std::time::Duration;

use super::choices::Choices;
use super::cluster::{plain, settings};
use super::world::World;
use crate::embed::described;
use crate::engine::NodeSettings;
use crate::engine::authorizer::policy::Policy;
use crate::engine::cluster::configs::Overrides;
use crate::engine::commands::Command;
use crate::engine::fault::Rule;
use crate::engine::recording::{Entry, Head, Rerun};
use crate::engine::snapshot::Snapshot;
use crate::wire::units::NodeId;

/// Larger clusters take longer, and say nothing else.
const NODES_MAX: usize = 5;
const LINES_MAX: usize = 200;

pub(super) fn files(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.byte() % 5 {
        0 => rules(choices.rest()),
        1 => described::read(&String::from_utf8_lossy(choices.rest())),
        2 => snapshot(&mut choices),
        3 => recording(choices.rest()),
        _ => {
            let _ = Policy::parse(&String::from_utf8_lossy(choices.rest()));
        }
    }
}

/// Rules are the same once they are written and read, and act on a cluster.
fn rules(bytes: &[u8]) {
    let mut world = World::new(1);
    for line in bytes.split(|byte| *byte == b'\n').take(8) {
        let Ok(rule) = serde_json::from_slice::<Rule>(line) else {
            continue;
        };
        let written = serde_json::to_string(&rule).expect("a rule can be written");
        let again: Rule = serde_json::from_str(&written).expect("what was written is read");
        assert_eq!(again, rule);
        let _ = world.command(Command::MountRule {
            rule: Box::new(rule),
            place: None,
        });
    }
    let client = world.open(NodeId(0));
    for api in [18, 3, 10, 0, 1, 11, 12] {
        if world.is_idle(client) {
            let shape =
                crate::wire::dynamic::Shape::request(api, 4).expect("a version that is served");
            let body = shape.encode(&shape.initial()).expect("what nobody has set");
            world.ask(client, (api, 4), ("c", body));
        }
        world.pass(Duration::from_secs(60));
    }
    let _ = world.command(Command::Heal);
    world.look();
}

/// A snapshot whose lengths and checksum are right, so that what is wrong is within.
fn snapshot(choices: &mut Choices<'_>) {
    let described = usize::from(choices.byte()) << 8 | usize::from(choices.byte());
    let description = choices.take(described);
    let bytes = framed(description, choices.rest());
    let Ok(snapshot) = Snapshot::from_bytes(bytes) else {
        return;
    };
    let written = snapshot.to_bytes().expect("what was read can be written");
    let again = Snapshot::from_bytes(written.clone()).expect("what was written is read");
    assert_eq!(again.to_bytes().as_ref(), Ok(&written));
    let nodes = snapshot.nodes();
    if nodes.is_empty() || nodes.len() > NODES_MAX {
        return;
    }
    let mut settings = settings(1, &[], vec![plain()]);
    settings.nodes = nodes.iter().map(|node| node_of(node.id)).collect();
    let mut world = World::of(settings);
    let restored = world.command(Command::Restore { snapshot });
    if restored.is_ok() {
        world.look();
        world.pass(Duration::from_secs(3600));
        world.look();
    }
}

fn node_of(id: NodeId) -> NodeSettings {
    NodeSettings {
        id,
        rack: None,
        own: Overrides::new(),
    }
}

fn framed(description: &[u8], records: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes();
    let head = b"FAUXKA\x1a\n\0\0\0\x01";
    let parts = [
        &head[..],
        &length(description),
        &length(records),
        description,
        records,
    ];
    let mut bytes = parts.concat();
    let checksum = crc32c::crc32c(&bytes);
    bytes.extend(checksum.to_be_bytes());
    bytes
}

/// What a recording unfolds to, from its head on.
fn recording(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n').take(LINES_MAX);
    let head = lines.next().unwrap_or_default();
    let Ok(head) = serde_json::from_slice::<Head>(head) else {
        return;
    };
    let Ok(mut rerun) = Rerun::new(&head) else {
        return;
    };
    for line in lines {
        let Ok(entry) = serde_json::from_slice::<Entry>(line) else {
            return;
        };
        if rerun.take(entry).is_err() {
            return;
        }
    }
}
