//! Sending what a journal has recorded once more, to any cluster.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde::Deserialize;

use crate::wire::api::Api;
use crate::wire::dynamic::Shape;
use crate::wire::frame;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What [`run`] has sent.
///
/// ```
/// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
/// # use client::hello;
/// let first = fauxka::Broker::builder().journal_bodies(true).start_blocking()?;
/// hello(&first)?;
/// let second = fauxka::Broker::builder().start_blocking()?;
/// let sent = fauxka::replay::run(&first.journal().to_json_lines(), second.bootstrap())?;
/// assert_eq!((sent.requests, sent.connections), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replayed {
    /// How many requests.
    pub requests: usize,
    /// Over how many connections.
    pub connections: usize,
}

/// Why a journal cannot be replayed.
///
/// ```
/// let error = fauxka::replay::run("no journal", "localhost:9092").unwrap_err();
/// assert!(error.to_string().starts_with("line 1: "));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// A line is not a row of a journal, or is a request without its body.
    #[error("line {line}: {why}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// No row is a request that a client sent.
    #[error(
        "there is no client's request in it: start the cluster with --journal-bodies, and save what clients sent with \
         fauxka journal --lines > FILE"
    )]
    Nothing,
    /// The cluster cannot be reached, or does not answer.
    #[error("connection {connection}, {api}: {source}")]
    Connection {
        /// The number that the journal gives it.
        connection: u64,
        /// The request.
        api: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
}

/// Of a row what a replay needs.
#[derive(Debug, Deserialize)]
struct Line {
    kind: String,
    #[serde(default)]
    sequence: u64,
    #[serde(default)]
    elapsed_ms: u64,
    #[serde(default)]
    waited_ms: u64,
    #[serde(default)]
    node: i32,
    #[serde(default)]
    connection: u64,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    api: String,
    #[serde(default)]
    version: i16,
    #[serde(default)]
    correlation_id: i32,
    #[serde(default)]
    outcome: String,
    request: Option<serde_json::Value>,
}

/// A request to send.
#[derive(Debug)]
struct Step {
    api: Api,
    node: i32,
    connection: u64,
    /// When it came and when it was answered, then.
    arrived_ms: u64,
    answered_ms: u64,
    sequence: u64,
    is_answered: bool,
    frame: Vec<u8>,
}

impl Step {
    fn failed(&self) -> impl FnOnce(io::Error) -> ReplayError + use<> {
        let (connection, api) = (self.connection, self.api.name());
        move |source| ReplayError::Connection {
            connection,
            api,
            source,
        }
    }

    /// Whether this one was answered before the other came.
    const fn precedes(&self, other: &Self) -> bool {
        self.answered_ms < other.arrived_ms
            || (self.answered_ms == other.arrived_ms && self.sequence < other.sequence)
    }
}

/// Sends the requests of a journal to a cluster once more: this one or any other. The journal must have been kept with
/// [bodies](crate::Builder::journal_bodies), and be written [as JSON lines](crate::journal::Journal::to_json_lines).
///
/// Each connection of then is one of now. A request is sent once everything has been answered that had been
/// answered when it was first sent; the time that clients took between requests is left out. What depends on earlier
/// answers, such as the ids of members and producers, is sent as it was.
///
/// `bootstrap` names the nodes in the order of their ids. If it names too few, the first one serves for the
/// rest.
///
/// ```
/// # mod client { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/hello.rs")); }
/// # use client::hello;
/// use fauxka::{Api, Broker};
///
/// let first = Broker::builder().journal_bodies(true).start_blocking()?;
/// hello(&first)?;
/// let journal = first.journal().to_json_lines();
///
/// let second = Broker::builder().start_blocking()?;
/// let sent = fauxka::replay::run(&journal, second.bootstrap())?;
/// assert_eq!(sent.requests, 1);
/// assert_eq!(second.journal().api(Api::ApiVersions).count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A line is not what it should be, no line is a client's request, or the cluster closes a connection or does not answer
/// within a minute.
pub fn run(journal: &str, bootstrap: &str) -> Result<Replayed, ReplayError> {
    let mut steps = Vec::new();
    for (index, text) in journal.lines().enumerate() {
        let step = step(text);
        let step = step.map_err(|why| ReplayError::Line {
            line: index.saturating_add(1),
            why,
        })?;
        steps.extend(step);
    }
    if steps.is_empty() {
        return Err(ReplayError::Nothing);
    }
    steps.sort_by_key(|step| (step.arrived_ms, step.sequence));
    let mut replay = Replay::new(&steps, bootstrap);
    for step in &steps {
        replay.take(step)?;
    }
    replay.finish()?;
    Ok(Replayed {
        requests: steps.len(),
        connections: replay.streams.len(),
    })
}

/// The request of a row; none if it is no client's request.
fn step(text: &str) -> Result<Option<Step>, String> {
    let line: Line = serde_json::from_str(text).map_err(|error| error.to_string())?;
    // What no connection sent, a command or the cluster's file did.
    if line.kind != "request" || line.connection == 0 {
        return Ok(None);
    }
    let api: Api = line.api.parse().map_err(|error| format!("{error}"))?;
    let body = line.request.ok_or(
        "the request's body is missing: start the cluster that is recorded with --journal-bodies",
    )?;
    // An ApiVersions request of a version to come was read as one of version 0.
    let is_too_new = api == Api::ApiVersions && line.version > api.versions().1;
    let version = if is_too_new { 0 } else { line.version };
    let shape = Shape::request(api.key(), version).map_err(|error| error.to_string())?;
    let body = shape.read_json(&body).map_err(|error| error.to_string())?;
    let body = shape.encode(&body).map_err(|error| error.to_string())?;
    let header = (api.key(), line.version, line.correlation_id);
    Ok(Some(Step {
        api,
        node: line.node,
        connection: line.connection,
        arrived_ms: line.elapsed_ms.saturating_sub(line.waited_ms),
        answered_ms: line.elapsed_ms,
        sequence: line.sequence,
        is_answered: line.outcome == "answered",
        frame: frame::request(header, &line.client_id, &body),
    }))
}

#[derive(Debug)]
struct Replay<'a> {
    addresses: BTreeMap<i32, &'a str>,
    streams: BTreeMap<u64, TcpStream>,
    /// Sent, and not answered yet: at most one of each connection.
    waiting: Vec<&'a Step>,
}

impl<'a> Replay<'a> {
    fn new(steps: &[Step], bootstrap: &'a str) -> Self {
        let mut nodes: Vec<i32> = steps.iter().map(|step| step.node).collect();
        nodes.sort_unstable();
        nodes.dedup();
        let named: Vec<&str> = bootstrap.split(',').collect();
        let first = named.first().copied().unwrap_or_default();
        let addresses = nodes.into_iter().enumerate();
        let addresses =
            addresses.map(|(index, node)| (node, named.get(index).copied().unwrap_or(first)));
        Self {
            addresses: addresses.collect(),
            streams: BTreeMap::new(),
            waiting: Vec::new(),
        }
    }

    fn take(&mut self, step: &'a Step) -> Result<(), ReplayError> {
        let must_be_answered =
            |earlier: &Step| earlier.connection == step.connection || earlier.precedes(step);
        let (ready, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|earlier| must_be_answered(earlier));
        self.waiting = waiting;
        self.hear(ready)?;
        let mut stream = self.stream(step).map_err(step.failed())?;
        stream.write_all(&step.frame).map_err(step.failed())?;
        if step.is_answered {
            self.waiting.push(step);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReplayError> {
        let rest = std::mem::take(&mut self.waiting);
        self.hear(rest)
    }

    fn hear(&mut self, steps: Vec<&Step>) -> Result<(), ReplayError> {
        for step in steps {
            let stream = self.stream(step).map_err(step.failed())?;
            skip_answer(stream).map_err(step.failed())?;
        }
        Ok(())
    }

    fn stream(&mut self, step: &Step) -> io::Result<&TcpStream> {
        let address = self.addresses.get(&step.node).copied().unwrap_or_default();
        match self.streams.entry(step.connection) {
            std::collections::btree_map::Entry::Occupied(open) => Ok(open.into_mut()),
            std::collections::btree_map::Entry::Vacant(place) => {
                let stream = TcpStream::connect(address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                Ok(place.insert(stream))
            }
        }
    }
}

fn skip_answer(mut stream: &TcpStream) -> io::Result<()> {
    let mut size = [0; 4];
    stream.read_exact(&mut size)?;
    let size = usize::try_from(i32::from_be_bytes(size)).unwrap_or(usize::MAX);
    if size > ANSWER_BYTES_MAX {
        let why = format!("an answer of {size} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    let limit = u64::try_from(size).unwrap_or(u64::MAX);
    let read = io::copy(&mut stream.take(limit), &mut io::sink())?;
    if read < limit {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Broker;

    /// A Produce v9 of one record, recorded at a broker.
    fn record() -> String {
        let broker = Broker::builder().topic("t", 1, 1).journal_bodies(true);
        let broker = broker.start_blocking().unwrap();
        let metadata = r#"{"kind":"request","sequence":1,"api":"Metadata","version":9,"connection":1,"outcome":"answered","request":{"topics":[{"name":"t"}]}}"#;
        let join = r#"{"kind":"request","sequence":2,"api":"FindCoordinator","version":3,"connection":2,"correlation_id":5,"client_id":"me","outcome":"answered","request":{"key":"g"}}"#;
        let replayed = run(&format!("{metadata}\n{join}\n"), broker.bootstrap()).unwrap();
        assert_eq!((replayed.requests, replayed.connections), (2, 2));
        // A command is no traffic.
        broker.produce("t").value("x").send().unwrap();
        broker.journal().to_json_lines()
    }

    #[test]
    fn what_was_recorded_is_sent_again() {
        let journal = record();
        let broker = Broker::builder().topic("t", 1, 1).start_blocking().unwrap();
        let replayed = run(&journal, broker.bootstrap()).unwrap();
        assert_eq!((replayed.requests, replayed.connections), (2, 2));
        let rows = broker.journal().api(Api::FindCoordinator).client_id("me");
        let rows = rows.group("g").expect_count(1).unwrap();
        assert_eq!(rows[0].exchange().unwrap().correlation_id, 5);
        broker
            .journal()
            .api(Api::Metadata)
            .topic("t")
            .assert_count(1);
    }

    #[test]
    fn lines_that_cannot_be_sent_say_why() {
        #[track_caller]
        fn check(journal: &str, words: &str) {
            let error = run(journal, "localhost:1").unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        check("x", "line 1: ");
        check(
            r#"{"kind":"request","connection":1,"api":"Nothing"}"#,
            "line 1: ",
        );
        check(
            r#"{"kind":"request","connection":1,"api":"Metadata","version":9}"#,
            "start the cluster that is recorded with --journal-bodies",
        );
        check("", "there is no client's request in it");
        let change = r#"{"kind":"node_stopped","sequence":1,"node":1}"#;
        check(change, "save what clients sent with fauxka journal --lines");
        let unknown = r#"{"kind":"request","connection":1,"api":"Metadata","version":9,"request":{"topic":[]}}"#;
        check(unknown, "line 1: topic: this version has no such field");
        let good = r#"{"kind":"request","connection":1,"api":"Metadata","version":9,"request":{}}"#;
        check(good, "connection 1, Metadata: ");
    }
}
