//! Scripts of requests with what they are answered: `request => answer`, one a line.

use super::World;
use super::world::Refused;
use super::write::Write;
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::Producer;
use crate::wire::units::{ProducerEpoch, ProducerId};

/// Runs a script against a new cluster.
pub(super) fn check(settings: &[(&str, &str)], script: &str) {
    let mut world = World::new(settings);
    for line in script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let (request, wanted) = line.split_once("=>").unwrap_or((line, "ok"));
        let got = run(&mut world, request.trim());
        assert_eq!(got, wanted.trim(), "{line}\nin{script}");
    }
}

fn run(world: &mut World, request: &str) -> String {
    let words: Vec<&str> = request.split_whitespace().collect();
    match words[..] {
        ["init", id] => told(world.init(id, 60_000, None)),
        ["init", id, "timeout", millis] => told(world.init(id, millis.parse().unwrap(), None)),
        ["init", id, was] => told(world.init(id, 60_000, Some(producer(was)))),
        ["add", id, who, to] => word(world.add(id, producer(who), &place(to)), |()| "ok".into()),
        ["end", id, who, how, version] => {
            let version = version.trim_start_matches('v').parse().unwrap();
            told(world.end((id, producer(who)), how == "commit", version))
        }
        ["produce", id, who, sequence, to, value, version] => {
            let id = (id != "-").then_some(id);
            let write = Write {
                id,
                producer: producer(who),
                sequence: sequence.parse().unwrap(),
                place: place(to),
                value,
            };
            let version = version.trim_start_matches('v').parse().unwrap();
            word(world.produce(&write, version), |offset| offset.to_string())
        }
        ["offsets", id, who, group] => word(world.add_offsets((id, producer(who)), group), |()| {
            "ok".into()
        }),
        ["offset", id, who, group, offset, version] => {
            let version = version.trim_start_matches('v').parse().unwrap();
            let offset = offset.parse().unwrap();
            let committed = world.commit_offset((id, producer(who)), group, offset, version);
            word(committed, |()| "ok".into())
        }
        ["committed", group, how] => word(world.offset(group, how == "stable"), |offset| {
            offset.to_string()
        }),
        ["describe", id] => word(world.describe(id), |text| text),
        ["read", from, isolation] => world.read(&place(from), isolation == "committed").join(" "),
        ["lso", of] => world.last_stable_offset(&place(of)).to_string(),
        _ => direct(world, &words),
    }
}

/// What happens to the cluster meanwhile.
fn direct(world: &mut World, words: &[&str]) -> String {
    match *words {
        ["wait", millis] => {
            world.pass(millis.parse().unwrap());
        }
        ["level", level] => {
            world.set_level(level.parse().unwrap());
        }
        ["elect", what] => {
            world.elect(&coordinated_by(what));
        }
        ["lose", what] => {
            world.lose_leader(&coordinated_by(what));
        }
        ["find", what] => {
            world.elect(&coordinated_by(what));
            world.hold_markers(false);
        }
        ["delete", topic] => {
            let now = world.bench.now;
            world.bench.engine.state.delete_topic(now, topic);
        }
        ["take"] => world.kept = Some(world.bench.engine.state.snapshot(world.bench.now)),
        ["restore"] => world.restore(),
        ["hold", "markers"] => {
            world.hold_markers(true);
        }
        ["release", "markers"] => {
            world.hold_markers(false);
        }
        _ => panic!("no such request: {words:?}"),
    }
    "ok".to_owned()
}

fn word<T>(result: Result<T, Refused>, text: impl FnOnce(T) -> String) -> String {
    result.map_or_else(|code| format!("error {code}"), text)
}

fn told(result: Result<Producer, Refused>) -> String {
    word(result, |Producer { id, epoch }| format!("{id}@{epoch}"))
}

/// `id@epoch`.
fn producer(text: &str) -> Producer {
    let (id, epoch) = text.split_once('@').unwrap();
    Producer {
        id: ProducerId(id.parse().unwrap()),
        epoch: ProducerEpoch(epoch.parse().unwrap()),
    }
}

/// `topic-partition`.
fn place(text: &str) -> TopicPartition {
    let (topic, partition) = text.split_once('-').unwrap();
    TopicPartition::new(topic, partition.parse().unwrap())
}

/// A partition, or that of a transactional id.
fn coordinated_by(text: &str) -> TopicPartition {
    if text.contains('-') {
        return place(text);
    }
    TopicPartition::new("__transaction_state", World::partition_of(text))
}
