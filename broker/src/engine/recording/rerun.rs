//! Having what was recorded happen again, and comparing the answers.

use std::collections::{HashMap, VecDeque};
use std::fmt;

use super::entry::{Digest, Entry, RecordedRequest, What, moment};
use super::head::{BadHead, Head};
use crate::engine::Engine;
use crate::engine::context::{Call, Effect, Effects, Ticket};
use crate::engine::ids::{ConnectionId, FaultId};
use crate::engine::input::Input;
use crate::engine::time::Now;
use crate::wire::api::Api;
use crate::wire::apis::Request;
use crate::wire::frame::{self, Outgoing};
use crate::wire::messages::{ApiVersionsRequest, TooNew};
use crate::wire::rope::RopeMut;

/// A cluster to which a recording happens.
#[derive(Debug)]
pub(crate) struct Rerun {
    engine: Engine,
    now: Now,
    /// How many inputs have happened, and how many answers were compared.
    inputs: u64,
    answers: u64,
    /// What each connection asked last.
    asked: HashMap<ConnectionId, RecordedRequest>,
    /// Answers that are yet to be compared.
    owed: HashMap<ConnectionId, VecDeque<Digest>>,
    buffer: RopeMut,
    last_connection: ConnectionId,
}

/// Where a rerun stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) inputs: u64,
    pub(crate) answers: u64,
    pub(crate) now: Now,
}

/// The first answer that is another than was recorded, or an input that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) struct Difference {
    /// The inputs that had happened.
    pub(crate) inputs: u64,
    pub(crate) elapsed_ms: u128,
    why: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            inputs,
            elapsed_ms,
            why,
        } = self;
        write!(f, "after input {inputs}, at {elapsed_ms} ms: {why}")
    }
}

impl Rerun {
    /// The cluster as it was when the recording began.
    ///
    /// # Errors
    /// This program cannot make it.
    pub(crate) fn new(head: &Head) -> Result<Self, BadHead> {
        let engine = head.engine()?;
        let connected = engine.passage.journal.connected();
        Ok(Self {
            last_connection: connected.last().copied().unwrap_or(ConnectionId(0)),
            engine,
            now: head.began(),
            inputs: 0,
            answers: 0,
            asked: HashMap::new(),
            owed: HashMap::new(),
            buffer: RopeMut::default(),
        })
    }

    /// The cluster as it is by now.
    pub(crate) const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The same, to go on from there: the connection that came last, and the cluster.
    pub(crate) fn into_engine(self) -> (ConnectionId, Engine) {
        (self.last_connection, self.engine)
    }

    pub(crate) const fn step(&self) -> Step {
        Step {
            inputs: self.inputs,
            answers: self.answers,
            now: self.now,
        }
    }

    /// Has one entry happen, or compares an answer.
    ///
    /// # Errors
    /// The answer is another one, or the entry cannot be read.
    pub(crate) fn take(&mut self, entry: Entry) -> Result<(), Difference> {
        match entry {
            Entry::Input {
                elapsed_ns,
                wall_ms,
                what,
            } => {
                self.now = moment(elapsed_ns, wall_ms);
                self.happen(what)
            }
            Entry::Answer { connection, digest } => self.compare(connection, digest),
            Entry::Ended { .. } => Ok(()),
        }
    }

    fn happen(&mut self, what: What) -> Result<(), Difference> {
        self.inputs = self.inputs.saturating_add(1);
        if let What::Request(asked) | What::Token(asked) = &what {
            self.asked.insert(asked.connection, asked.clone());
        }
        if let What::Opened { connection, .. } = &what {
            self.last_connection = self.last_connection.max(*connection);
        }
        if let What::Closed { connection, .. } = &what {
            self.asked.remove(connection);
            self.owed.remove(connection);
        }
        let input = input(what, self.now).map_err(|why| self.differs(why))?;
        let mut effects = Effects::default();
        // That a command was refused is as recorded.
        let _ = self.engine.handle(self.now, input, &mut effects);
        for effect in effects.0 {
            self.owe(effect);
        }
        Ok(())
    }

    /// Keeps an answer until the recording says which it was.
    fn owe(&mut self, effect: Effect) {
        let (connection, outgoing) = match effect {
            Effect::Reply {
                connection,
                response,
            } => (connection, Outgoing::Response(response)),
            Effect::Encoded { connection, body } => (connection, Outgoing::Body(body)),
            Effect::Nothing { .. } | Effect::Close { .. } => return,
        };
        let Some(asked) = self.asked.get(&connection) else {
            return;
        };
        let api = (asked.api_key, asked.version);
        let encoded = match outgoing {
            Outgoing::Body(body) if asked.is_token() => {
                frame::encode_token(&body, &mut self.buffer);
                Ok(())
            }
            outgoing @ (Outgoing::Response(_) | Outgoing::Body(_)) => {
                frame::encode(api, asked.correlation_id, outgoing, &mut self.buffer)
            }
        };
        // What cannot be encoded ends the connection, without an answer that could be compared.
        if encoded.is_ok() {
            let digest = Digest::of(&self.buffer);
            self.owed.entry(connection).or_default().push_back(digest);
        }
    }

    fn compare(
        &mut self,
        connection: ConnectionId,
        recorded: Option<Digest>,
    ) -> Result<(), Difference> {
        let number = connection.0;
        let owed = self.owed.get_mut(&connection);
        let Some(given) = owed.and_then(VecDeque::pop_front) else {
            return Err(self.differs(format!(
                "connection {number} was answered, and is not any more"
            )));
        };
        self.answers = self.answers.saturating_add(1);
        if recorded.is_none_or(|recorded| recorded == given) {
            return Ok(());
        }
        let asked = self.asked.get(&connection);
        let what = asked.map_or_else(|| "a request".to_owned(), RecordedRequest::describe);
        Err(self.differs(format!(
            "the answer to {what} of connection {number} is another one"
        )))
    }

    fn differs(&self, why: String) -> Difference {
        Difference {
            inputs: self.inputs,
            elapsed_ms: self.now.elapsed.as_millis(),
            why,
        }
    }
}

impl RecordedRequest {
    /// Whether it came without a request around it.
    pub(super) const fn is_token(&self) -> bool {
        self.api_key < 0
    }

    fn describe(&self) -> String {
        let name = Api::of_key(self.api_key).map_or("a token", |api| api.name());
        let (version, id) = (self.version, self.correlation_id);
        format!("{name} v{version} with correlation id {id}")
    }

    fn call(&self, now: Now) -> Call {
        Call {
            ticket: Ticket(0),
            connection: self.connection,
            node: self.node,
            version: self.version,
            too_new: self.too_new.map(|(asked, newest)| TooNew { asked, newest }),
            correlation_id: self.correlation_id,
            bytes: self.bytes,
            body: self.body.clone(),
            client_id: self.client_id.as_str().into(),
            client_host: self.client_host.clone(),
            dialled_host: self.dialled_host.as_str().into(),
            arrived: now,
            expired: false,
            last_rule: FaultId::default(),
            withheld: Vec::new(),
        }
    }

    fn request(&self) -> Result<Request, String> {
        if self.too_new.is_some() {
            return Ok(ApiVersionsRequest::default().into());
        }
        match Request::decode(self.api_key, self.version, self.body.clone()) {
            Some(Ok(request)) => Ok(request),
            Some(Err(error)) => Err(format!("{}: {error}", self.describe())),
            None => Err(format!("{} is not served here", self.describe())),
        }
    }
}

fn input(what: What, now: Now) -> Result<Input, String> {
    Ok(match what {
        What::Opened {
            connection,
            node,
            listener,
            client_host,
        } => Input::Opened {
            connection,
            node,
            listener,
            client_host,
        },
        What::Secured {
            connection,
            node,
            certificate,
        } => Input::Secured {
            connection,
            node,
            certificate,
        },
        What::KeysRefused { connection, why } => Input::KeysRefused { connection, why },
        What::KeySetCame { set, came } => Input::KeySetCame { set, came },
        What::Request(asked) => Input::Request(asked.call(now), asked.request()?),
        What::Token(asked) => Input::Token(asked.call(now), asked.body),
        What::FrameRefused { asked, why } => Input::FrameRefused(asked.call(now), why),
        What::Departed(connection) => Input::Departed(connection),
        What::Misbehaved { connection, why } => Input::Misbehaved { connection, why },
        What::Closed { connection, why } => Input::Closed { connection, why },
        What::LongPollOver(connection) => Input::LongPollOver(connection),
        What::LinkOffered(rule) => Input::LinkOffered(rule),
        What::LinkActed(rule) => Input::LinkActed(rule),
        What::Deadline => Input::Deadline,
        What::Command(command) => Input::Command(*command),
    })
}
