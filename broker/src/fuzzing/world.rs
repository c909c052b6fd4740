//! A cluster with clients, to which a fuzzer lets things happen: as the shell does it, without the shell.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::cluster::{plain, settings};
use super::words::Heard;
use crate::engine::commands::{Command, CommandFailure, TopicCommand};
use crate::engine::context::{Call, ConnectionId, Effect, Effects, Ticket};
use crate::engine::fault::FaultId;
use crate::engine::input::{Input, Reply};
use crate::engine::sasl::Reads;
use crate::engine::time::Now;
use crate::engine::{Engine, ListenerId, Settings};
use crate::wire::apis::{Request, Response};
use crate::wire::frame::{self, Decoded, Outgoing};
use crate::wire::rope::RopeMut;
use crate::wire::units::{NodeId, WallMillis};

/// When every cluster begins.
const START: WallMillis = WallMillis(1_700_000_000_000);

/// More timers than these at one moment, and time stands still.
const FIRINGS_MAX: usize = 2000;

/// After so many of them a wait is over earlier.
const TURNS_MAX: usize = 10_000;

/// What a connection has asked and is owed.
#[derive(Debug, Clone, Copy)]
struct Asked {
    api: (i16, i16),
    correlation_id: i32,
}

/// A connection that is open.
#[derive(Debug, Clone, Copy)]
struct Client {
    node: NodeId,
    /// The request that is in flight, or a token without one.
    asked: Option<Option<Asked>>,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) engine: Engine,
    pub(super) now: Now,
    pub(super) heard: Heard,
    clients: BTreeMap<ConnectionId, Client>,
    connections: u64,
    buffer: RopeMut,
}

impl World {
    /// A cluster of so many nodes, with a few topics.
    pub(super) fn new(nodes: usize) -> Self {
        let mut world = Self::of(settings(nodes, &[], vec![plain()]));
        let compacted = [("cleanup.policy", "compact"), ("segment.bytes", "1048576")];
        for (name, partitions, configs) in [
            ("a", 2, &[][..]),
            ("b", 1, &[("compression.type", "zstd")][..]),
            ("compacted", 1, &compacted[..]),
        ] {
            let configs = configs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
            let act = TopicCommand::Create {
                partitions: Some(partitions),
                replication: None,
                configs: configs.collect(),
            };
            let topic = name.to_owned();
            let made = world.command(Command::Topic { topic, act });
            made.expect("a topic that nobody has yet");
        }
        world.look_at_topics();
        world
    }

    pub(super) fn of(settings: Settings) -> Self {
        let now = Now {
            elapsed: Duration::ZERO,
            wall: START,
        };
        Self {
            engine: Engine::new(settings, now),
            now,
            heard: Heard {
                wall_ms: START.0,
                ..Heard::default()
            },
            clients: BTreeMap::new(),
            connections: 0,
            buffer: RopeMut::default(),
        }
    }

    /// Takes note of the ids that topics have by now.
    pub(super) fn look_at_topics(&mut self) {
        let topics = self.engine.state.cluster.topics();
        self.heard.topics = topics.map(|topic| topic.id).collect();
    }

    pub(super) fn nodes(&self) -> Vec<NodeId> {
        self.engine.state.cluster.all_ids().into_iter().collect()
    }

    /// Has a client connect.
    pub(super) fn open(&mut self, node: NodeId) -> ConnectionId {
        self.connections = self.connections.saturating_add(1);
        let connection = ConnectionId(self.connections);
        self.clients
            .insert(connection, Client { node, asked: None });
        let _ = self.handle(Input::Opened {
            connection,
            node,
            listener: ListenerId::default(),
            client_host: "/127.0.0.1".into(),
        });
        connection
    }

    /// Whether a connection is open, and owed nothing.
    pub(super) fn is_idle(&self, connection: ConnectionId) -> bool {
        let client = self.clients.get(&connection);
        client.is_some_and(|client| client.asked.is_none())
    }

    pub(super) fn is_open(&self, connection: ConnectionId) -> bool {
        self.clients.contains_key(&connection)
    }

    pub(super) fn close(&mut self, connection: ConnectionId) {
        if self.clients.remove(&connection).is_some() {
            let why = "the client closed it".to_owned();
            let _ = self.handle(Input::Closed { connection, why });
        }
    }

    /// Ends the connections to a node, as the shell does once it is out of service.
    pub(super) fn close_all_to(&mut self, node: NodeId) {
        let all = self
            .clients
            .iter()
            .filter(|(_, client)| client.node == node);
        let all: Vec<_> = all.map(|(connection, _)| *connection).collect();
        for connection in all {
            self.close(connection);
        }
    }

    /// What a connection may send next.
    pub(super) fn reads(&self, connection: ConnectionId) -> Reads {
        self.engine.state.sasl.reads(connection)
    }

    fn call(&self, connection: ConnectionId) -> Call {
        let client = self.clients.get(&connection);
        Call {
            ticket: Ticket(0),
            connection,
            node: client.map_or(NodeId(0), |client| client.node),
            version: 0,
            too_new: None,
            correlation_id: 0,
            bytes: 0,
            body: Bytes::new(),
            client_id: "".into(),
            client_host: "/127.0.0.1".into(),
            dialled_host: "localhost".into(),
            arrived: self.now,
            expired: false,
            last_rule: FaultId::default(),
            withheld: Vec::new(),
        }
    }

    /// Hands in a request that was decoded, on a connection that is idle.
    pub(super) fn hand_in(&mut self, connection: ConnectionId, decoded: Decoded, bytes: usize) {
        let Decoded {
            header,
            version,
            request,
            body,
            too_new,
        } = decoded;
        let asked = Asked {
            api: (header.api_key, version),
            correlation_id: header.correlation_id,
        };
        self.owe(connection, Some(asked));
        let call = Call {
            version,
            too_new,
            correlation_id: header.correlation_id,
            bytes,
            body,
            client_id: header.client_id.as_deref().unwrap_or("").into(),
            ..self.call(connection)
        };
        let _ = self.handle(Input::Request(call, request));
    }

    /// Hands in a request of these bytes, if they are one. Says whether they were.
    pub(super) fn ask(
        &mut self,
        connection: ConnectionId,
        (api_key, version): (i16, i16),
        (client_id, body): (&str, Bytes),
    ) -> bool {
        let Some(Ok(request)) = Request::decode(api_key, version, body.clone()) else {
            return false;
        };
        let asked = Asked {
            api: (api_key, version),
            correlation_id: 1,
        };
        self.owe(connection, Some(asked));
        let call = Call {
            version,
            correlation_id: 1,
            bytes: body.len(),
            body,
            client_id: client_id.into(),
            ..self.call(connection)
        };
        let _ = self.handle(Input::Request(call, request));
        true
    }

    /// Hands in a request, if the connection is idle and the version can say it.
    pub(super) fn send(
        &mut self,
        connection: ConnectionId,
        version: i16,
        request: impl Into<Request>,
    ) {
        let request = request.into();
        let body = request.body(version).filter(|_| self.is_idle(connection));
        if let Some(body) = body {
            self.ask(connection, (request.api().key(), version), ("c", body));
        }
    }

    /// Hands in a token without a request around it.
    pub(super) fn token(&mut self, connection: ConnectionId, token: &[u8]) {
        self.owe(connection, None);
        let call = self.call(connection);
        let _ = self.handle(Input::Token(call, Bytes::copy_from_slice(token)));
    }

    /// Refuses a frame that is too long for a client that has yet to log in.
    pub(super) fn refuse(&mut self, connection: ConnectionId) {
        let call = self.call(connection);
        let _ = self.handle(Input::FrameRefused(call, "it is too long".to_owned()));
    }

    fn owe(&mut self, connection: ConnectionId, asked: Option<Asked>) {
        if let Some(client) = self.clients.get_mut(&connection) {
            client.asked = Some(asked);
        }
    }

    pub(super) fn command(&mut self, command: Command) -> Result<Reply, CommandFailure> {
        self.handle(Input::Command(command))
    }

    /// Lets something happen. What is answered is encoded as it would be sent; who is to be closed is.
    pub(super) fn handle(&mut self, input: Input) -> Result<Reply, CommandFailure> {
        let mut effects = Effects::default();
        let reply = self.engine.handle(self.now, input, &mut effects);
        for effect in effects.0 {
            match effect {
                Effect::Reply {
                    connection,
                    response,
                } => {
                    self.heard.hear(&response);
                    self.answer(connection, Outgoing::Response(response));
                }
                Effect::Encoded { connection, body } => {
                    self.answer(connection, Outgoing::Body(body));
                }
                Effect::Nothing { connection } => {
                    self.settled(connection);
                }
                Effect::Close { connection, .. } => self.close(connection),
            }
        }
        reply
    }

    fn settled(&mut self, connection: ConnectionId) -> Option<Option<Asked>> {
        self.clients.get_mut(&connection)?.asked.take()
    }

    fn answer(&mut self, connection: ConnectionId, outgoing: Outgoing) {
        let Some(owed) = self.settled(connection) else {
            assert!(
                !self.clients.contains_key(&connection),
                "an answer that nobody asked for: {outgoing:?}"
            );
            return;
        };
        let Some(Asked {
            api,
            correlation_id,
        }) = owed
        else {
            if let Outgoing::Body(told) = outgoing {
                self.heard.told = told.to_vec();
            }
            return;
        };
        let encoded = frame::encode(api, correlation_id, outgoing, &mut self.buffer);
        encoded.expect("every answer can be said in the version that was asked for");
    }

    /// Lets time pass, and everything happen that is due meanwhile.
    pub(super) fn pass(&mut self, by: Duration) {
        let end = self.now.plus(by);
        let (mut at_once, mut last) = (0, self.now);
        for _ in 0..TURNS_MAX {
            let due = self.engine.next_deadline();
            let Some(at) = due.filter(|at| *at <= end.elapsed) else {
                self.now = end;
                break;
            };
            self.now = self.now.until(at.max(self.now.elapsed));
            at_once = if self.now == last { at_once + 1 } else { 0 };
            last = self.now;
            assert!(at_once < FIRINGS_MAX, "time stands still at {last:?}");
            let _ = self.handle(Input::Deadline);
        }
        self.heard.wall_ms = self.now.wall.0;
    }

    /// Looks at everything that can be looked at.
    pub(super) fn look(&self) {
        let state = &self.engine.state;
        let groups = state.group_views(self.now);
        for group in &groups {
            std::hint::black_box(state.commit_views(&group.id));
        }
        std::hint::black_box((groups, state.topic_views(), state.transaction_views()));
    }
}

impl Heard {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "other answers give no ids out"
    )]
    fn hear(&mut self, response: &Response) {
        let member = match response {
            Response::JoinGroup(joined) => Some(joined.member_id.to_string()),
            Response::ConsumerGroupHeartbeat(told) => {
                told.member_id.as_ref().map(ToString::to_string)
            }
            Response::ShareGroupHeartbeat(told) => told.member_id.as_ref().map(ToString::to_string),
            Response::InitProducerId(made) => {
                self.producers
                    .push((made.producer_id.0, made.producer_epoch));
                None
            }
            Response::SaslAuthenticate(told) => {
                self.told = told.auth_bytes.to_vec();
                None
            }
            _ => None,
        };
        self.members.extend(member.filter(|id| !id.is_empty()));
    }
}
