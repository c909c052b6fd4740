//! A running cluster: its nodes, and what keeps it running.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::clock;
use crate::codec::bytes::Reader;
use crate::codec::{decode, encode, schema};
use crate::connection::{Connection, Incoming};
use crate::profile::Listener;

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    /// The nodes, by id.
    pub nodes: Vec<Node>,
    /// The cluster id.
    pub id: Option<String>,
    /// Longest wait for anything that a broker owes us.
    pub patience: Duration,
    /// What we started ourselves, which ends with this value.
    process: Option<Box<dyn Process>>,
}

/// A cluster that we started ourselves; it ends when this is dropped.
pub trait Process: std::fmt::Debug + Send + Sync {
    /// Stops the node at this place (from 0) in good order.
    ///
    /// # Errors
    /// When it does not stop.
    fn stop(&self, at: usize) -> Result<()>;

    /// Starts it again.
    ///
    /// # Errors
    /// When it does not start.
    fn start(&self, at: usize) -> Result<()>;

    /// The number of the node's process, if it has one of its own.
    fn pid(&self, at: usize) -> Option<u32> {
        let _ = at;
        None
    }

    /// The cluster's clock, if it is ours to move.
    fn time(&self) -> Option<&dyn MovedTime> {
        None
    }
}

/// A clock that stands still until the suite moves it: then no case depends on how fast the machine is.
pub trait MovedTime {
    /// How far it was moved.
    fn elapsed(&self) -> Duration;

    /// Moves it.
    ///
    /// # Errors
    /// When it is not to be moved after all.
    fn advance(&self, by: Duration) -> Result<()>;

    /// How many connections have a request that waits for time to pass or for another request.
    fn waiting(&self) -> usize;
}

/// A node of a cluster.
#[derive(Debug)]
pub struct Node {
    /// Its id.
    pub id: i64,
    /// `host:port`.
    pub address: String,
    /// The same by each other listener that it has.
    pub others: BTreeMap<String, String>,
}

impl Cluster {
    /// Asks a bootstrap address for the cluster behind it.
    ///
    /// # Errors
    /// When it does not answer like a Kafka broker.
    pub fn discover(bootstrap: &str) -> Result<Self> {
        let address = bootstrap.split(',').next().unwrap_or(bootstrap);
        let metadata = metadata(address).with_context(|| format!("the cluster at {bootstrap}"))?;
        let mut nodes = Vec::new();
        for broker in metadata["brokers"].as_array().into_iter().flatten() {
            let host = broker["host"].as_str().context("a host")?;
            let id = broker["nodeId"].as_i64().context("a node id")?;
            nodes.push(Node {
                id,
                address: format!("{host}:{}", broker["port"]),
                others: BTreeMap::new(),
            });
        }
        nodes.sort_by_key(|node| node.id);
        let id = metadata["clusterId"].as_str().map(str::to_owned);
        let patience = Duration::from_secs(20);
        Ok(Self {
            nodes,
            id,
            patience,
            process: None,
        })
    }

    /// A cluster whose nodes 1, 2, 3… listen at these addresses, and do not talk to everybody.
    #[must_use]
    pub fn at(addresses: &str) -> Self {
        let addresses = addresses.split(',').map(str::to_owned);
        let nodes = (1..).zip(addresses).map(|(id, address)| Node {
            id,
            address,
            others: BTreeMap::new(),
        });
        Self {
            nodes: nodes.collect(),
            id: None,
            patience: Duration::from_secs(20),
            process: None,
        }
    }

    /// Says where the nodes (from 1) are by another listener.
    pub fn reached_by(&mut self, listener: Listener, addresses: impl IntoIterator<Item = String>) {
        for (at, address) in listener.nodes.iter().zip(addresses) {
            if let Some(node) = self.nodes.get_mut(at - 1) {
                node.others.insert(listener.name.to_owned(), address);
            }
        }
    }

    /// Waits until a cluster that is starting has all its nodes.
    ///
    /// # Errors
    /// When it has not within the bound.
    pub fn await_nodes(bootstrap: &str, nodes: u16, bound: Duration) -> Result<Self> {
        let deadline = clock::now() + bound;
        loop {
            match Self::discover(bootstrap) {
                Ok(cluster) if cluster.nodes.len() == usize::from(nodes) => return Ok(cluster),
                result if clock::now() > deadline => {
                    result?;
                    bail!("{bootstrap} has not {nodes} nodes after {bound:?}");
                }
                _ => clock::pause(),
            }
        }
    }

    /// The cluster, which lives as long as `process` does.
    #[must_use]
    pub fn kept_by(mut self, process: Box<dyn Process>) -> Self {
        self.process = Some(process);
        self
    }

    /// What runs the cluster.
    ///
    /// # Errors
    /// When somebody else does.
    pub fn process(&self) -> Result<&dyn Process> {
        self.process
            .as_deref()
            .context("the nodes of this cluster are not ours to stop")
    }

    /// The cluster's clock, if it is ours to move.
    #[must_use]
    pub fn time(&self) -> Option<&dyn MovedTime> {
        self.process.as_deref().and_then(Process::time)
    }

    /// Actual node ids to 1, 2, 3…
    #[must_use]
    pub fn canonical_nodes(&self) -> BTreeMap<i64, i64> {
        self.nodes.iter().map(|node| node.id).zip(1..).collect()
    }
}

fn metadata(address: &str) -> Result<Value> {
    let mut connection = Connection::open(address)?;
    let header = json!({"requestApiKey": 3, "requestApiVersion": 4, "correlationId": 1, "clientId": "protocol-tests"});
    let mut frame = encode(schema::message("RequestHeader")?, 1, &header)?;
    frame.extend(encode(
        schema::message("MetadataRequest")?,
        4,
        &json!({"topics": []}),
    )?);
    connection.send(&frame);
    match connection.receive(Duration::from_secs(5))? {
        Incoming::Frame(frame) => {
            let mut bytes = Reader(&frame);
            bytes.int(4)?;
            decode(schema::message("MetadataResponse")?, 4, &mut bytes)
        }
        other => bail!("instead of an answer to Metadata: {other:?}"),
    }
}
