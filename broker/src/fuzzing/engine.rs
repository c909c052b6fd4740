//! Any sequence of what can happen to a cluster: requests, connections, time, and what tests do. The engine looks after
//! each whether the whole cluster is sound.

use std::time::Duration;

use bytes::Bytes;

use super::choices::Choices;
use super::commands;
use super::words::Words;
use super::world::World;
use crate::engine::context::ConnectionId;
use crate::engine::fault::FaultId;
use crate::engine::input::Input;
use crate::engine::snapshot::Snapshot;
use crate::wire::guard::{self, Message, chosen};
use crate::wire::units::NodeId;

/// More of these, and an input says nothing that a shorter one would not.
const STEPS_MAX: usize = 64;
const CONNECTIONS: usize = 4;

/// How far time moves.
const WAITS_MS: &[u64] = &[
    0,
    1,
    99,
    500,
    3000,
    6000,
    10_000,
    30_000,
    45_000,
    60_000,
    300_000,
    900_000,
    86_400_000,
    691_200_000,
];

/// APIs by the first part of what a test of groups, of logs or of transactions would ask for; others by chance.
const OFTEN: &[i16] = &[
    0, 0, 1, 1, 2, 3, 8, 9, 10, 11, 11, 11, 12, 13, 14, 14, 22, 22, 24, 26, 28, 68, 68, 76, 76, 78,
    79, 88, 88, 19, 20, 21, 44, 45,
];

/// What a run has at hand.
struct Run<'a, 'b> {
    choices: &'a mut Choices<'b>,
    world: World,
    connections: [ConnectionId; CONNECTIONS],
    kept: Vec<Snapshot>,
}

pub(super) fn engine(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let nodes = choices.pick(&[1, 3]);
    let mut run = Run {
        world: World::new(nodes),
        choices: &mut choices,
        connections: [ConnectionId(u64::MAX); CONNECTIONS],
        kept: Vec::new(),
    };
    for _ in 0..STEPS_MAX {
        if run.choices.are_over() {
            break;
        }
        run.step();
    }
    run.world.look();
    // What is under way ends, and nothing goes on for ever.
    run.world.pass(Duration::from_secs(8 * 86_400));
    run.world.look();
}

impl Run<'_, '_> {
    fn step(&mut self) {
        match self.choices.byte() {
            0..=129 => self.request(),
            130..=169 => {
                let wait = Duration::from_millis(self.choices.pick(WAITS_MS));
                self.world.pass(wait);
            }
            170..=185 => self.connection(),
            186..=229 => {
                let command = commands::any(self.choices, &self.world);
                if let Some(command) = command {
                    let stops = commands::stops(&command);
                    let _ = self.world.command(command);
                    if let Some(node) = stops {
                        self.world.close_all_to(node);
                    }
                    self.world.look_at_topics();
                }
            }
            230..=239 => self.snapshot(),
            240..=247 => self.world.look(),
            _ => {
                let rule = FaultId(u64::from(self.choices.byte() % 4));
                let acted = self.choices.flag();
                let _ = self.world.handle(if acted {
                    Input::LinkActed(rule)
                } else {
                    Input::LinkOffered(rule)
                });
            }
        }
    }

    /// A connection that may ask something.
    fn idle(&mut self) -> ConnectionId {
        let place = self.choices.below(CONNECTIONS);
        let connection = self.connections.get_mut(place).expect("it is below");
        if !self.world.is_idle(*connection) {
            self.world.close(*connection);
            let nodes = self.world.nodes();
            let node = self.choices.below(nodes.len());
            *connection = self
                .world
                .open(nodes.get(node).copied().unwrap_or(NodeId(0)));
        }
        *connection
    }

    fn request(&mut self) {
        let Some((message, version)) = message(self.choices) else {
            return;
        };
        let connection = self.idle();
        let client = self.choices.pick(&["c", "d", "__admin_client", ""]);
        let mut words = Words {
            choices: self.choices,
            heard: &self.world.heard,
        };
        let body = Bytes::from(chosen::body(message, version, &mut words));
        self.world
            .ask(connection, (message.key, version), (client, body));
        self.world.look_at_topics();
    }

    fn connection(&mut self) {
        let place = self.choices.below(CONNECTIONS);
        let connection = self.connections.get(place).copied();
        let connection = connection.filter(|one| self.world.is_open(*one));
        let Some(connection) = connection else {
            return;
        };
        match self.choices.byte() & 3 {
            0 => self.world.close(connection),
            1 => {
                let owed = self.world.handle(Input::Departed(connection));
                if !owed.is_ok_and(|reply| reply.is()) {
                    self.world.close(connection);
                }
            }
            2 => {
                let _ = self.world.handle(Input::LongPollOver(connection));
            }
            _ => {
                let why = "it sent something odd".to_owned();
                let _ = self.world.handle(Input::Misbehaved { connection, why });
                self.world.close(connection);
            }
        }
    }

    /// Takes a snapshot, or puts one back that was written and read.
    fn snapshot(&mut self) {
        // Clients may unregister every broker, as in Kafka. No cluster starts from what is left, and whoever reads it is told.
        if self.world.engine.state.cluster.node_ids().is_empty() {
            return;
        }
        if self.kept.is_empty() || self.choices.flag() {
            let taken = self.world.engine.state.snapshot(self.world.now);
            let bytes = taken.to_bytes().expect("any cluster can be written");
            let read = Snapshot::from_bytes(bytes.clone()).expect("what was written is read");
            assert_eq!(
                read.to_bytes().as_ref(),
                Ok(&bytes),
                "it is written as it was read"
            );
            self.kept.push(read);
            return;
        }
        let place = self.choices.below(self.kept.len());
        if let Some(snapshot) = self.kept.get(place).cloned() {
            let _ = self.world.command(commands::restore(snapshot));
            self.world.look_at_topics();
        }
    }
}

/// A request at a version.
pub(super) fn message(choices: &mut Choices<'_>) -> Option<(&'static Message, i16)> {
    let key = choices.byte();
    let key = match OFTEN.get(usize::from(key)) {
        Some(often) => *often,
        None => i16::from(key) - 128,
    };
    let message = guard::request(key)?;
    let (first, last) = (message.versions.first, message.versions.last);
    let back = i16::from(choices.byte()) / 16;
    Some((message, last.saturating_sub(back).max(first)))
}
