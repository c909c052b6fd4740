//! What a case works with: calls, connections, topics of its own, and the transcript that grows meanwhile.

mod raw;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::answer::read_answer;
use crate::clock;
use crate::cluster::Cluster;
use crate::codec::bytes::{Reader, hex};
use crate::codec::{encode, schema};
use crate::connection::{Connection, Incoming};
use crate::labels::Labels;
use crate::nodes::renumbered;

/// How long a broker may take to close a connection, at least.
const CLOSING_PATIENCE: Duration = Duration::from_secs(20);

/// One run of one case.
#[derive(Debug)]
pub struct Context {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) connections: Vec<Link>,
    lines: Vec<String>,
    quiet: usize,
    correlation: i32,
    unique: String,
    /// The nodes' ids: actual ones to those of the transcript, and back.
    our_ids: BTreeMap<i64, i64>,
    actual_ids: BTreeMap<i64, i64>,
    /// How messages are shown; cases hide fields or ask for exact order here.
    pub labels: Labels,
    /// The client id of every request.
    pub client_id: Option<String>,
}

/// Names one of a case's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conn(pub(crate) usize);

#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) connection: Connection,
    address: String,
    pub(crate) closed: bool,
    pub(crate) awaited: VecDeque<Awaited>,
}

#[derive(Debug)]
pub(crate) struct Awaited {
    api: String,
    version: i16,
    correlation: i32,
}

impl Context {
    /// A context on a cluster, with one connection to its first node.
    ///
    /// # Errors
    /// When the node cannot be reached.
    pub fn new(cluster: Arc<Cluster>) -> Result<Self> {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let mut labels = Labels::default();
        let ids = cluster.canonical_nodes();
        if let Some(id) = &cluster.id {
            labels.text(id, "<cluster>");
        }
        for node in &cluster.nodes {
            labels.text(&node.address, "<address>");
            for (listener, address) in &node.others {
                labels.text(address, &format!("<address of {listener}>"));
                labels.port(address, listener);
            }
        }
        let mut context = Self {
            connections: Vec::new(),
            lines: Vec::new(),
            quiet: 0,
            correlation: 0,
            unique: format!("{:x}.{run}", clock::millis() & 0xff_ffff_ffff),
            labels,
            client_id: Some("protocol-tests".to_owned()),
            actual_ids: ids.iter().map(|(actual, ours)| (*ours, *actual)).collect(),
            our_ids: ids,
            cluster,
        };
        context.connect(1)?;
        Ok(context)
    }

    /// The transcript so far.
    #[must_use]
    pub fn transcript(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// Adds a remark to the transcript.
    pub fn note(&mut self, text: &str) {
        let text = self.labels.replaced(text);
        self.line(format!("= {text}"));
    }

    fn line(&mut self, line: String) {
        if self.quiet == 0 {
            self.lines.push(line);
        }
    }

    /// Does something without leaving a trace in the transcript.
    ///
    /// # Errors
    /// What `body` fails with.
    pub fn quietly<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.quiet += 1;
        let result = body(self);
        self.quiet -= 1;
        result
    }

    /// The connection that every case starts with, to the first node.
    pub const A: Conn = Conn(0);

    /// Opens another connection, to the k-th node (from 1).
    ///
    /// # Errors
    /// When there is no such node or it cannot be reached.
    pub fn connect(&mut self, node: usize) -> Result<Conn> {
        let node = node
            .checked_sub(1)
            .and_then(|at| self.cluster.nodes.get(at))
            .context("no such node")?;
        let address = node.address.clone();
        self.open(address)
    }

    /// Opens a connection to the k-th node (from 1) by another listener than the first.
    ///
    /// # Errors
    /// When there is no such node or listener, or it cannot be reached.
    pub fn connect_by(&mut self, node: usize, listener: &str) -> Result<Conn> {
        let address = self.address_by(node, listener)?;
        self.open(address)
    }

    /// Where the k-th node (from 1) is by another listener than the first.
    pub(crate) fn address_by(&self, node: usize, listener: &str) -> Result<String> {
        let node = node
            .checked_sub(1)
            .and_then(|at| self.cluster.nodes.get(at));
        let address = node.context("no such node")?.others.get(listener);
        Ok(address.context("no such listener")?.clone())
    }

    fn open(&mut self, address: String) -> Result<Conn> {
        let connection = Connection::open(&address)?;
        Ok(self.opened(address, connection))
    }

    /// Goes on with a connection that is open.
    pub(crate) fn opened(&mut self, address: String, connection: Connection) -> Conn {
        self.connections.push(Link {
            connection,
            address,
            closed: false,
            awaited: VecDeque::new(),
        });
        Conn(self.connections.len() - 1)
    }

    /// How many nodes the cluster has.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.cluster.nodes.len()
    }

    pub(crate) fn connection_count(&self) -> usize {
        self.connections.len()
    }

    /// Closes the connections that were opened after there were so many.
    pub(crate) fn forget_connections(&mut self, count: usize) {
        self.connections.truncate(count);
    }

    /// Closes the connection that was opened last.
    pub fn forget_last_connection(&mut self) {
        self.forget_connections(self.connection_count().saturating_sub(1));
    }

    /// The id of the k-th node (from 1) in cases and transcripts, whatever its real one is.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn node(&self, node: usize) -> Result<i64> {
        anyhow::ensure!((1..=self.node_count()).contains(&node), "no such node");
        Ok(i64::try_from(node)?)
    }

    /// Stops the k-th node (from 1) and waits until the first node has heard of it.
    ///
    /// # Errors
    /// When it is not ours to stop, or nobody hears of it.
    pub fn stop_node(&mut self, node: usize) -> Result<()> {
        self.note(&format!("node {node} stops"));
        self.cluster.process()?.stop(node - 1)?;
        self.await_live(node, false)
    }

    /// Starts the k-th node (from 1) again and waits until the first node has heard of it.
    ///
    /// # Errors
    /// When it is not ours to start, or does not start.
    pub fn start_node(&mut self, node: usize) -> Result<()> {
        self.note(&format!("node {node} starts"));
        self.cluster.process()?.start(node - 1)?;
        // A process takes its time to start.
        for _ in 0..3 {
            if self.await_live(node, true).is_ok() {
                return Ok(());
            }
        }
        self.await_live(node, true)
    }

    fn await_live(&mut self, node: usize, live: bool) -> Result<()> {
        let id = self.node(node)?;
        self.until("the nodes that are there", |cx| {
            let answer = cx.call("Metadata", 12, json!({"topics": []}))?;
            let brokers = answer["brokers"].as_array();
            let there = brokers.is_some_and(|rows| rows.iter().any(|row| row["nodeId"] == id));
            Ok(there == live)
        })
    }

    pub(crate) fn link(&mut self, conn: Conn) -> Result<&mut Link> {
        self.connections
            .get_mut(conn.0)
            .context("no such connection")
    }

    /// Asks on the first connection, and waits for the answer. It reconnects when the last call was
    /// answered by closing.
    ///
    /// # Errors
    /// When the request cannot be written or the answer cannot be read.
    pub fn call(&mut self, api: &str, version: i16, body: Value) -> Result<Value> {
        self.call_on(Self::A, api, version, body)
    }

    /// Asks on one connection, and waits for the answer. Null when there is none.
    ///
    /// # Errors
    /// When the request cannot be written or the answer cannot be read.
    pub fn call_on(&mut self, conn: Conn, api: &str, version: i16, body: Value) -> Result<Value> {
        self.send_on(conn, api, version, body)?;
        self.receive_on(conn)
    }

    /// Sends a request without waiting.
    ///
    /// # Errors
    /// When the request cannot be written.
    pub fn send_on(&mut self, conn: Conn, api: &str, version: i16, body: Value) -> Result<()> {
        let message = schema::message(&format!("{api}Request"))?;
        let frame = self.frame(api, version, &body)?;
        self.labels.sent_at = Some(version);
        let shown = self.labels.message(&message.fields, &body, false);
        let head = format!("{}> {api} v{version} ", self.mark(conn));
        self.line(format!("{head}{}", shown.render(0, head.len())));
        let correlation = self.correlation;
        self.write(conn, &frame)?;
        let awaited = Awaited {
            api: api.to_owned(),
            version,
            correlation,
        };
        self.link(conn)?.awaited.push_back(awaited);
        Ok(())
    }

    /// The bytes of a request, header included, length excluded.
    ///
    /// # Errors
    /// When the request cannot be written.
    pub fn frame(&mut self, api: &str, version: i16, body: &Value) -> Result<Vec<u8>> {
        let message = schema::message(&format!("{api}Request"))?;
        let key = message.api_key.context("a request has a key")?;
        let mut frame = self.header(key, version, message.flexible.contains(version))?;
        let body = renumbered(&message.fields, body.clone(), &self.actual_ids);
        frame.extend(encode(message, version, &body)?);
        Ok(frame)
    }

    /// The header of a request, for bodies that no definition allows.
    ///
    /// # Errors
    /// Never with the definitions that the suite has.
    pub fn header(&mut self, key: i16, version: i16, flexible: bool) -> Result<Vec<u8>> {
        self.correlation += 1;
        let header = json!({
            "requestApiKey": key, "requestApiVersion": version,
            "correlationId": self.correlation, "clientId": self.client_id,
        });
        encode(
            schema::message("RequestHeader")?,
            if flexible { 2 } else { 1 },
            &header,
        )
    }

    /// The correlation id that the next request is to have.
    pub const fn correlate(&mut self, next: i32) {
        self.correlation = next - 1;
    }

    /// Sends a frame of any content; `what` stands for it in the transcript.
    ///
    /// # Errors
    /// When there is no such connection.
    pub fn send_frame(&mut self, conn: Conn, what: &str, frame: &[u8]) -> Result<()> {
        let mark = self.mark(conn);
        self.line(format!("{mark}> {what}"));
        self.write(conn, frame)
    }

    /// Tells the next [`Context::receive_on`] which request a hand-made frame was.
    ///
    /// # Errors
    /// When there is no such connection.
    pub fn expect_answer(&mut self, conn: Conn, api: &str, version: i16) -> Result<()> {
        let correlation = self.correlation;
        self.link(conn)?.awaited.push_back(Awaited {
            api: api.to_owned(),
            version,
            correlation,
        });
        Ok(())
    }

    fn write(&mut self, conn: Conn, frame: &[u8]) -> Result<()> {
        self.reopened(conn)?.connection.send(frame);
        Ok(())
    }

    fn reopened(&mut self, conn: Conn) -> Result<&mut Link> {
        let link = self.link(conn)?;
        if link.closed {
            link.connection = Connection::open(&link.address)?;
            link.closed = false;
        }
        Ok(link)
    }

    /// Waits for the answer to the oldest request that has none.
    ///
    /// # Errors
    /// When the answer cannot be read.
    pub fn receive_on(&mut self, conn: Conn) -> Result<Value> {
        self.receive(conn, self.cluster.patience, None)
    }

    /// Waits so long for the answer to the oldest request that has none.
    ///
    /// # Errors
    /// When the answer cannot be read.
    pub fn receive_within(&mut self, conn: Conn, patience: Duration) -> Result<Value> {
        self.receive(conn, patience, Some(patience))
    }

    /// Waits so long for the answer to the oldest request that has none; nothing is said when none comes.
    ///
    /// # Errors
    /// When the answer cannot be read.
    pub fn receive_if_any(&mut self, conn: Conn, patience: Duration) -> Result<Option<Value>> {
        let mark = self.lines.len();
        let answer = self.receive(conn, patience, None)?;
        let nothing = self
            .lines
            .last()
            .is_some_and(|line| line.ends_with("< nothing"));
        if nothing {
            self.lines.truncate(mark);
        }
        Ok((!nothing).then_some(answer))
    }

    /// Waits for an answer or the end of a connection. A bound that is part of the case is told.
    fn receive(
        &mut self,
        conn: Conn,
        patience: Duration,
        bound: Option<Duration>,
    ) -> Result<Value> {
        let mark = self.mark(conn);
        let incoming = self.incoming(conn, patience)?;
        let link = self.link(conn)?;
        match incoming {
            Incoming::Frame(frame) => {
                let awaited = link.awaited.pop_front();
                self.answer(&mark, awaited, &frame)
            }
            Incoming::Closed => {
                link.closed = true;
                link.awaited.clear();
                self.line(format!("{mark}< closed"));
                Ok(Value::Null)
            }
            Incoming::Nothing => {
                let bound = bound.map_or_else(String::new, |bound| format!(" within {bound:?}"));
                self.line(format!("{mark}< nothing{bound}"));
                Ok(Value::Null)
            }
        }
    }

    fn answer(&mut self, mark: &str, awaited: Option<Awaited>, frame: &[u8]) -> Result<Value> {
        let Some(Awaited {
            api,
            version,
            correlation,
        }) = awaited
        else {
            self.line(format!("{mark}< unasked: {}", hex(frame)));
            return Ok(Value::Null);
        };
        let message = schema::message(&format!("{api}Response"))?;
        let mut bytes = Reader(frame);
        let answered = bytes.int(4)?;
        if answered != i64::from(correlation) {
            bail!(
                "{api} v{version} was answered with correlation id {answered}, not {correlation}"
            );
        }
        let (version, body, rest) = read_answer(message, &api, version, bytes.0)
            .with_context(|| format!("the answer {:.400}", hex(frame)))?;
        let body = renumbered(&message.fields, body, &self.our_ids);
        let shown = self.labels.message(&message.fields, &body, true);
        let head = format!("{mark}< ");
        let version = if version < 0 {
            " (in the layout of v0)"
        } else {
            ""
        };
        let rest = if rest == 0 {
            String::new()
        } else {
            format!(" and {rest} bytes more")
        };
        self.line(format!(
            "{head}{}{version}{rest}",
            shown.render(0, head.len())
        ));
        Ok(body)
    }

    /// Looks whether the broker closes the connection, and whether it says anything before that.
    ///
    /// # Errors
    /// When an answer cannot be read.
    pub fn expect_closed(&mut self, conn: Conn) -> Result<()> {
        // The broker may have to wait as well, such as until a connection was idle for long enough.
        let patience = self.cluster.patience.max(CLOSING_PATIENCE);
        self.receive(conn, patience, None).map(drop)
    }

    /// Looks whether nothing comes for so long.
    ///
    /// # Errors
    /// When an answer cannot be read.
    pub fn expect_silence(&mut self, conn: Conn, time: Duration) -> Result<()> {
        self.receive_within(conn, time).map(drop)
    }

    /// Closes our sending side.
    ///
    /// # Errors
    /// When there is no such connection.
    pub fn finish(&mut self, conn: Conn) -> Result<()> {
        self.link(conn)?.connection.finish();
        Ok(())
    }

    fn mark(&self, conn: Conn) -> String {
        let letter = u8::try_from(conn.0).map_or('?', |at| char::from(b'A' + at));
        if self.connections.len() == 1 {
            String::new()
        } else {
            letter.to_string()
        }
    }

    /// A name that only this case uses, shown as `short`.
    pub fn topic(&mut self, short: &str) -> String {
        let name = format!("{short}-{}", self.unique);
        self.labels.topic(&name, short);
        name
    }

    /// Asks without a trace in the transcript.
    ///
    /// # Errors
    /// When the request cannot be written or the answer cannot be read.
    pub fn ask(&mut self, api: &str, version: i16, body: Value) -> Result<Value> {
        self.quietly(|cx| cx.call(api, version, body))
    }
}
