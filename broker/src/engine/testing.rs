//! An engine under test, or under measurement: one node or several, and time that passes when the test says so.

#![cfg_attr(
    not(test),
    expect(dead_code, reason = "what is measured needs less than tests do")
)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what tests and benches set up either works or ends them"
)]

#[cfg(test)]
mod tape;

use std::time::Duration;

use bytes::Bytes;

use super::cluster::configs::{Overrides, StaticConfig};
use super::commands::{Command, CommandFailure};
use super::context::{Call, ConnectionId, Effect, Effects, Ticket};
use super::fault::FaultId;
use super::input::{Input, Reply};
use super::log::ReadLimits;
use super::time::Now;
use super::{
    Advertise, Engine, Listener, ListenerId, NodeAddress, NodeSettings, Protocol, Settings,
};
use crate::wire::apis::{Request, Response};
use crate::wire::batch::BatchView;
use crate::wire::compression::Codec;
use crate::wire::messages::{
    FindCoordinatorRequest, PartitionProduceData, ProduceRequest, TopicProduceData, str_bytes,
};
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::{NodeId, Offset, WallMillis};

#[cfg(test)]
pub(crate) use tape::Tape;

/// When every test begins.
pub(crate) const START: WallMillis = WallMillis(1_700_000_000_000);

/// An engine and its clock.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) now: Now,
    /// Who is asked.
    pub(crate) node: NodeId,
    /// How large requests are to be that have no body.
    pub(crate) request_bytes: usize,
    /// What happens, from the first input on; of a test that fails it is written to a file.
    #[cfg(test)]
    happened: Happened,
    /// The same from where a test wants it, with digests of what it leads to.
    #[cfg(test)]
    pub(crate) tape: Option<Tape>,
}

/// A tape that is written to its file when the test fails.
#[cfg(test)]
#[derive(Debug, Default)]
struct Happened(Option<Tape>);

#[cfg(test)]
impl Drop for Happened {
    fn drop(&mut self) {
        if let Some(tape) = &self.0 {
            tape.settle();
        }
    }
}

impl Bench {
    /// A cluster of one node, started with these settings.
    pub(crate) fn new(settings: &[(&str, &str)]) -> Self {
        Self::of_nodes(1, settings)
    }

    /// A cluster of nodes from 0 on. Requests go to the first, until another is to be asked.
    pub(crate) fn of_nodes(nodes: usize, settings: &[(&str, &str)]) -> Self {
        let given: Vec<_> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let (fixed, _) = StaticConfig::read(&[], &given, nodes).unwrap();
        let node = |id| NodeSettings {
            id: NodeId(id),
            rack: None,
            own: Overrides::new(),
        };
        let place = |id| NodeAddress {
            node: NodeId(id),
            listener: ListenerId::default(),
            host: "localhost".to_owned(),
            port: 9092,
        };
        let plain = Listener::new(
            "PLAINTEXT",
            Protocol::Plaintext,
            Vec::new(),
            Advertise::Bound,
        );
        let settings = Settings {
            nodes: (0..).map(node).take(nodes).collect(),
            fixed,
            seed: 7,
            max_log_bytes: 1 << 30,
            listeners: vec![plain],
            places: (0..).map(place).take(nodes).collect(),
            release: None,
            msk: None,
            oauth: None,
            jwks: std::collections::BTreeMap::new(),
            journal: super::journal::JournalSettings::default(),
            auto_create_delay: Duration::ZERO,
            check_invariants: cfg!(test),
        };
        let now = Now {
            elapsed: Duration::ZERO,
            wall: START,
        };
        let engine = Engine::new(settings, now);
        Self {
            engine,
            now,
            node: NodeId(0),
            request_bytes: 0,
            #[cfg(test)]
            happened: Happened::default(),
            #[cfg(test)]
            tape: None,
        }
    }

    /// What has happened so far, but for what the test itself did to the engine.
    #[cfg(test)]
    pub(crate) const fn happened(&self) -> Option<&Tape> {
        self.happened.0.as_ref()
    }

    /// Adds a topic, with a replica on every node.
    pub(crate) fn topic(&mut self, name: &str, partitions: usize) {
        let replicas = vec![self.engine.state.cluster.node_ids(); partitions];
        let none = Overrides::new();
        self.engine
            .state
            .create_topic(self.now, name, replicas, none, false);
    }

    /// Writes a record of this value, as a producer that is not idempotent does.
    pub(crate) fn append(&mut self, topic: &str, partition: i32, value: &str) {
        let mut batch = BatchBuilder::default();
        let record = NewRecord::new(None, Some(value.as_bytes()));
        batch.append(0, self.now.wall, &record);
        let batch = batch.build(Codec::None).unwrap().to_bytes();
        self.ask(9, produce(topic, partition, batch));
    }

    /// Makes the internal topic, as a client that looks for its coordinator does.
    pub(crate) fn find_coordinator(&mut self, key: &str) {
        let key = str_bytes(key);
        self.ask(0, FindCoordinatorRequest::default().with_key(key));
    }

    /// What the first node answers at once.
    pub(crate) fn ask(&mut self, version: i16, request: impl Into<Request>) -> Response {
        self.ask_node(self.node, version, request)
    }

    /// What a node answers at once.
    pub(crate) fn ask_node(
        &mut self,
        node: NodeId,
        version: i16,
        request: impl Into<Request>,
    ) -> Response {
        let from = (ConnectionId(u64::MAX), node);
        match self.send_to(from, "test", version, request).0.pop() {
            Some(Effect::Reply { response, .. }) => response,
            other => panic!("no reply but {other:?}"),
        }
    }

    /// What a request leads to at once.
    pub(crate) fn send(&mut self, version: i16, request: impl Into<Request>) -> Effects {
        self.send_from(ConnectionId(u64::MAX), "test", version, request)
    }

    /// The same, from a connection and a client of that name.
    pub(crate) fn send_from(
        &mut self,
        connection: ConnectionId,
        client_id: &str,
        version: i16,
        request: impl Into<Request>,
    ) -> Effects {
        self.send_to((connection, self.node), client_id, version, request)
    }

    /// The same, to a node.
    pub(crate) fn send_to(
        &mut self,
        (connection, node): (ConnectionId, NodeId),
        client_id: &str,
        version: i16,
        request: impl Into<Request>,
    ) -> Effects {
        let call = Call {
            node,
            ..self.call(connection, client_id, version)
        };
        self.handle(Input::Request(call, request.into()))
    }

    /// Has a client connect to the node that is asked.
    pub(crate) fn open(&mut self, connection: ConnectionId, client_host: &str) {
        self.handle(Input::Opened {
            connection,
            node: self.node,
            listener: ListenerId::default(),
            client_host: client_host.into(),
        });
    }

    /// A request to the node that is asked.
    pub(crate) fn request(
        &self,
        connection: ConnectionId,
        client_id: &str,
        version: i16,
        request: impl Into<Request>,
    ) -> Input {
        Input::Request(self.call(connection, client_id, version), request.into())
    }

    /// What something leads to at once.
    pub(crate) fn handle(&mut self, input: Input) -> Effects {
        // Who wants to hear of it gives a command.
        self.take(input).1
    }

    #[cfg(not(test))]
    fn take(&mut self, input: Input) -> (Result<Reply, CommandFailure>, Effects) {
        let mut effects = Effects::default();
        let reply = self.engine.handle(self.now, input, &mut effects);
        (reply, effects)
    }

    #[cfg(test)]
    fn take(&mut self, input: Input) -> (Result<Reply, CommandFailure>, Effects) {
        let mut effects = Effects::default();
        let (engine, now) = (&mut self.engine, self.now);
        let happened = self.happened.0.get_or_insert_with(|| Tape::of(engine, now));
        happened.note(now, tape::copy(&input), None);
        let kept = self.tape.as_ref().map(|_| tape::copy(&input));
        let reply = engine.handle(now, input, &mut effects);
        if let (Some(tape), Some(input)) = (&mut self.tape, kept) {
            tape.note(now, input, Some(tape::digest(&reply, &effects)));
        }
        (reply, effects)
    }

    /// What a command comes to, and what it leads to at once.
    pub(crate) fn tell(&mut self, command: Command) -> (Result<Reply, CommandFailure>, Effects) {
        self.take(Input::Command(command))
    }

    /// What a command comes to.
    pub(crate) fn command(&mut self, command: Command) -> Result<Reply, CommandFailure> {
        self.tell(command).0
    }

    /// Takes a node out of service, or brings it back, and says what it leads to at once.
    pub(crate) fn turn_node(&mut self, node: NodeId, up: bool) -> Effects {
        let (turned, effects) = self.tell(if up {
            Command::StartNode { node }
        } else {
            Command::StopNode { node }
        });
        assert_eq!(turned, Ok(Reply::Is(true)));
        effects
    }

    /// What a request leads to that comes as its body.
    pub(crate) fn send_body(
        &mut self,
        connection: ConnectionId,
        client_id: &str,
        (api_key, version): (i16, i16),
        body: Bytes,
    ) -> Effects {
        let request = Request::decode(api_key, version, body.clone());
        let request = request.expect("a version that is served").unwrap();
        let mut call = self.call(connection, client_id, version);
        call.bytes = body.len();
        call.body = body;
        self.handle(Input::Request(call, request))
    }

    fn call(&self, connection: ConnectionId, client_id: &str, version: i16) -> Call {
        Call {
            ticket: Ticket(0),
            connection,
            node: self.node,
            version,
            correlation_id: 0,
            bytes: self.request_bytes,
            body: Bytes::new(),
            client_id: client_id.into(),
            client_host: "/127.0.0.1".into(),
            dialled_host: "localhost".into(),
            arrived: self.now,
            expired: false,
            last_rule: FaultId::default(),
            withheld: Vec::new(),
            too_new: None,
        }
    }

    /// Lets time pass, and everything happen that is due meanwhile.
    pub(crate) fn advance(&mut self, by: Duration) {
        let end = self.now.plus(by);
        while self.next_until(end).is_some() {}
    }

    /// Goes to the next moment at which something is due, and says what came of it; to the end and
    /// none if nothing is due until then.
    pub(crate) fn next_until(&mut self, end: Now) -> Option<Vec<Effect>> {
        let due = self.engine.next_deadline();
        let Some(at) = due.filter(|at| *at <= end.elapsed) else {
            self.now = end;
            return None;
        };
        self.now = self.now.plus(at.saturating_sub(self.now.elapsed));
        let mut all = Vec::new();
        while self
            .engine
            .next_deadline()
            .is_some_and(|at| at <= self.now.elapsed)
        {
            all.extend(self.handle(Input::Deadline).0);
        }
        Some(all)
    }

    /// Everything that a partition holds.
    pub(crate) fn batches(&self, topic: &str, partition: i32) -> Vec<BatchView> {
        let topic = self.engine.state.cluster.topic(topic).unwrap();
        let log = &topic.partition(partition).unwrap().log;
        let limits = ReadLimits {
            from: log.start(),
            up_to: Offset(i64::MAX),
            max_bytes: usize::MAX,
            at_least_one: true,
        };
        log.read(&limits).unwrap().batches.to_vec()
    }
}

/// A request that writes one batch.
pub(crate) fn produce(topic: &str, partition: i32, batch: Bytes) -> ProduceRequest {
    let data = PartitionProduceData {
        index: partition,
        records: Some(batch).into(),
    };
    let data = TopicProduceData {
        name: str_bytes(topic).into(),
        partition_data: vec![data],
        ..TopicProduceData::default()
    };
    ProduceRequest {
        acks: 1,
        timeout_ms: 1000,
        topic_data: vec![data],
        ..ProduceRequest::default()
    }
}

/// A batch of one record, as a producer sends it.
pub(crate) fn batch(value: &str) -> Bytes {
    let mut builder = BatchBuilder::default();
    let record = NewRecord::new(None, Some(value.as_bytes()));
    builder.append(0, START, &record);
    builder.build(Codec::None).unwrap().to_bytes()
}
