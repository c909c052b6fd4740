//! Scripts: what clients send at which moment, and what comes of it, as one text.
//!
//! A script is its own expectation: [`check`] runs the inputs, writes what comes of each below it,
//! and compares. A line is one of
//!
//! ```text
//! config group.max.size=2            before anything else
//! a join v9 instance=i session=10s   client `a` sends a request; `a/2` is its second connection
//! a closes                           its connection goes
//! +3s                                time passes
//! joined a; b session=10s            these have joined the first generation
//! stable a assign=a:1; b             and have their assignments, too
//! take                               a snapshot is taken
//! restore                            and put back
//!   @3s a: ...                       what came of it: answers, and changes of groups' states
//! ```
//!
//! A client fills in what it was told: its member id, its generation. Member ids show as the client
//! that was told them, the second one of `a` as `a'`. See [`requests`] for what can be sent, and
//! [`answers`] for how answers are written, and [`opening`] for the two lines that most scripts begin with.

mod answers;
mod opening;
mod requests;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::engine::commands::Command;
use crate::engine::context::{ConnectionId, Effect};
use crate::engine::snapshot::Snapshot;
use crate::engine::testing::Bench;
use crate::wire::apis::Response;

/// Runs a script and compares what comes of it with what it says.
#[track_caller]
pub(crate) fn check(script: &str) {
    let lines = script.lines().map(str::trim_end);
    let lines: Vec<_> = lines.filter(|line| !line.trim().is_empty()).collect();
    let indent = lines
        .iter()
        .map(|line| line.len() - line.trim_start().len());
    let indent = indent.min().unwrap_or_default();
    let expected: Vec<_> = lines.iter().map(|line| &line[indent..]).collect();
    let inputs = expected.iter().filter(|line| !line.starts_with(' '));
    let actual = run(inputs.copied());
    let expected = expected.join("\n");
    assert!(
        actual.trim_end() == expected,
        "what came of it:\n{actual}\nwhat was expected:\n{expected}"
    );
}

fn run<'a>(inputs: impl Iterator<Item = &'a str>) -> String {
    let mut inputs = inputs.peekable();
    let mut settings = Vec::new();
    let mut text = String::new();
    while let Some(setting) = inputs.peek().and_then(|line| line.strip_prefix("config ")) {
        settings.extend(setting.split_once('='));
        writeln!(text, "config {setting}").unwrap();
        inputs.next();
    }
    let mut stage = Stage::new(&settings);
    for input in inputs {
        stage.text = String::new();
        stage.act(input);
        writeln!(text, "{input}").unwrap();
        text.push_str(&stage.text);
    }
    text
}

/// A request that waits for its answer.
#[derive(Debug)]
struct PendingRequest {
    client: String,
    group: String,
}

/// What a client was told of a group.
#[derive(Debug, Clone, Default)]
struct Membership {
    member: String,
    generation: i32,
}

/// The engine, and its clients.
#[derive(Debug)]
struct Stage {
    bench: Bench,
    /// Connections by their names; the id is the place, from 1.
    connections: Vec<String>,
    asked: BTreeMap<ConnectionId, PendingRequest>,
    told: BTreeMap<(String, String), Membership>,
    /// Clients by the member ids that they were told.
    names: BTreeMap<String, String>,
    text: String,
    /// What the cluster can be again.
    kept: Option<Snapshot>,
}

impl Stage {
    fn new(settings: &[(&str, &str)]) -> Self {
        // Kafka's default, which many scripts are about.
        let patient = [("group.initial.rebalance.delay.ms", "3000")];
        let mut bench = Bench::new(&[&patient, settings].concat());
        bench.find_coordinator("g");
        Self {
            bench,
            connections: Vec::new(),
            asked: BTreeMap::new(),
            told: BTreeMap::new(),
            names: BTreeMap::new(),
            text: String::new(),
            kept: None,
        }
    }

    fn act(&mut self, input: &str) {
        match input {
            "take" => return self.kept = Some(self.bench.engine.state.snapshot(self.bench.now)),
            "restore" => return self.restore(),
            _ => {}
        }
        if let Some(wait) = input.strip_prefix('+') {
            self.pass(requests::duration(wait));
            return;
        }
        match input.split_once(' ').unwrap() {
            ("joined", members) => self.joined(members),
            ("stable", members) => self.stable(members),
            (name, verb) => self.ask(name, verb),
        }
    }

    /// A client sends a request, or leaves.
    fn ask(&mut self, name: &str, verb: &str) {
        let connection = self.connection(name);
        if verb == "closes" {
            self.asked.remove(&connection);
            self.bench
                .engine
                .closed(self.bench.now, connection, "the client left");
            return;
        }
        let client = name.split('/').next().unwrap().to_owned();
        let order = requests::parse(verb);
        let group = order.group().to_owned();
        let told = self.told.get(&(client.clone(), group.clone()));
        let request = order.request(&told.cloned().unwrap_or_default(), &self.names);
        let asked = PendingRequest {
            client: client.clone(),
            group,
        };
        assert!(
            self.asked.insert(connection, asked).is_none(),
            "{name} still waits"
        );
        let version = order.version;
        let effects = self.bench.send_from(connection, &client, version, request);
        self.tell(effects.0);
    }

    /// Makes the cluster what was kept, read from the bytes of a file.
    fn restore(&mut self) {
        let bytes = self.kept.as_ref().unwrap().to_bytes().unwrap();
        let snapshot = Snapshot::from_bytes(bytes).unwrap();
        let (restored, effects) = self.bench.tell(Command::Restore { snapshot });
        restored.unwrap();
        self.tell(effects.0);
    }

    fn connection(&mut self, name: &str) -> ConnectionId {
        let known = self.connections.iter().position(|known| known == name);
        let place = known.unwrap_or_else(|| {
            self.connections.push(name.to_owned());
            self.connections.len() - 1
        });
        ConnectionId(u64::try_from(place).unwrap() + 1)
    }

    fn pass(&mut self, wait: Duration) {
        let end = self.bench.now.plus(wait);
        while let Some(effects) = self.bench.next_until(end) {
            self.tell(effects);
        }
    }

    /// Writes down what came of an input.
    fn tell(&mut self, effects: Vec<Effect>) {
        let moment = format!("  @{}", requests::seconds(self.bench.now.elapsed));
        for note in std::mem::take(&mut self.bench.engine.state.group_notes) {
            let (group, from, to) = (note.group, note.from, note.to);
            writeln!(self.text, "{moment} {group}: {from} -> {to}, {}", note.why).unwrap();
        }
        let mut answers = Vec::new();
        for effect in effects {
            let name = |connection: ConnectionId| {
                self.connections[usize::try_from(connection.0).unwrap() - 1].clone()
            };
            match effect {
                Effect::Reply {
                    connection,
                    response,
                } => {
                    answers.push((name(connection), response));
                    let asked = self.asked.remove(&connection).unwrap();
                    self.learn(&asked, &answers.last().unwrap().1.clone());
                }
                Effect::Close { connection, reason } => {
                    let name = name(connection);
                    writeln!(self.text, "{moment} {name}: closed, {reason}").unwrap();
                    self.asked.remove(&connection).unwrap();
                }
                other @ (Effect::Encoded { .. } | Effect::Nothing { .. }) => panic!("{other:?}"),
            }
        }
        answers.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, response) in answers {
            let answer = answers::text(&response, &self.names);
            writeln!(self.text, "{moment} {name}: {answer}").unwrap();
        }
    }

    fn learn(&mut self, asked: &PendingRequest, response: &Response) {
        let Some(member) = answers::member_told(response) else {
            return;
        };
        let names = &mut self.names;
        if !names.contains_key(&member.member) {
            let own = names
                .values()
                .filter(|name| name.trim_end_matches('\'') == asked.client);
            let name = format!("{}{}", asked.client, "'".repeat(own.count()));
            names.insert(member.member.clone(), name);
        }
        let key = (asked.client.clone(), asked.group.clone());
        self.told.insert(key, member);
    }
}
