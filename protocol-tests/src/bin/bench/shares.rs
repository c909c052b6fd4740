//! Share groups: what a ShareFetch costs beside a Fetch of the same records, and what a ShareAcknowledge costs; Fauxka
//! beside Apache Kafka and kfake, in turn.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use protocol_tests::clock;
use protocol_tests::cluster::Cluster;
use protocol_tests::oracle::Oracle;
use protocol_tests::profile::Profile;
use serde_json::{Value, json};

use crate::exchange::{ask, connect, decoded, frame, pipelined};
use crate::load::Load;
use crate::process::{self, Process};
use crate::requests::is_good;
use crate::transfers::median;
use crate::{DetailsOf, metadata};

const SHARE_FETCH: i16 = 1;
const SHARE_ACKNOWLEDGE: i16 = 1;
const MEMBER: &str = "bench-member-000000000";
const ACCEPT: i8 = 1;

/// Records of 100 bytes, each in a batch of its own.
const SINGLE_TOPIC: &str = "single";
const SINGLES: usize = 8_000;
const SINGLE_BYTES: usize = 100;

/// Records that are acquired at once, to be acknowledged one by one.
const ACQUIRED: usize = 100;

/// How long a group may take to give its only member a partition.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is measured.
struct Server {
    column: &'static str,
    running: Running,
    /// By row, each round's cost.
    costs: [Vec<Duration>; ROWS.len()],
    groups: usize,
}

enum Running {
    Own(Process),
    /// Apache Kafka, and its process's number.
    Oracle(Arc<Cluster>, u32),
}

const ROWS: [&str; 5] = [
    "Fetch, CPU s per GB",
    "ShareFetch, CPU s per GB",
    "Fetch of one record",
    "ShareFetch of one record",
    "ShareAcknowledge",
];

/// Measures and prints a table, or says what it lacks.
pub(crate) fn measure(of: &DetailsOf<'_>, out: &mut impl Write) -> Result<()> {
    writeln!(
        out,
        "\nShare groups: CPU of the server, medians of {} rounds; the first two rows move batches of 1 MiB with records of\n\
         1 KiB, the others are microseconds per request. A ShareFetch accepts what the one before it got",
        of.rounds
    )?;
    let large = Load::new(1, 1024, of.payload / 2)?;
    let single = Load::single(SINGLE_TOPIC, SINGLE_BYTES, SINGLES)?;
    let mut servers = servers(of, out)?;
    for server in &mut servers {
        server.fill(&large, &single)?;
    }
    for _ in 0..of.rounds {
        for server in &mut servers {
            let column = server.column;
            let round = server.round(&large, &single);
            round.with_context(|| format!("share groups of {column}"))?;
        }
    }
    write!(out, "{:28}", "")?;
    for server in &servers {
        write!(out, "{:>10}", server.column)?;
    }
    writeln!(out)?;
    for (row, what) in ROWS.iter().enumerate() {
        write!(out, "{what:28}")?;
        for server in &servers {
            let cost = server.costs.get(row).cloned().unwrap_or_default();
            let cost = median(cost)?.as_secs_f64();
            if row < 2 {
                write!(out, "{:>10.3}", cost / large.payload_gigabytes()?)?;
            } else {
                write!(
                    out,
                    "{:>10.1}",
                    cost * 1e6 / f64::from(u32::try_from(SINGLES)?)
                )?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn servers(of: &DetailsOf<'_>, out: &mut impl Write) -> Result<Vec<Server>> {
    let server = |column, running| Server {
        column,
        running,
        costs: Default::default(),
        groups: 0,
    };
    let broker = |program: &Path| {
        let quick = [
            "--config=group.share.assignment.interval.ms=0",
            "--config=group.share.min.assignment.interval.ms=0",
        ];
        Ok::<_, anyhow::Error>(Running::Own(Process::broker(program, &quick)?))
    };
    let mut servers = vec![server("Fauxka", broker(of.program)?)];
    if let Some(earlier) = of.earlier {
        servers.push(server("earlier", broker(earlier)?));
    }
    match oracle(of.oracle) {
        Ok(kafka) => servers.push(server("Kafka", kafka)),
        Err(why) => writeln!(out, "SKIPPED Apache Kafka: {why:#}")?,
    }
    match of.kfake {
        Some(kfake) => {
            let running = Running::Own(Process::start(kfake, &[])?);
            servers.push(server("kfake", running));
        }
        None => writeln!(out, "SKIPPED kfake: --peer kfake measures it, too")?,
    }
    Ok(servers)
}

/// Apache Kafka from the folder where `make oracle` puts it, with one node.
fn oracle(libs: &Path) -> Result<Running> {
    let run = std::env::temp_dir().join(format!("fauxka-bench-oracle-{}", std::process::id()));
    let cluster = Oracle::new(libs, &run)?.start(Profile::Shares)?;
    let pid = cluster
        .process()?
        .pid(0)
        .context("the node has no process")?;
    Ok(Running::Oracle(Arc::new(cluster), pid))
}

impl Server {
    fn address(&self) -> Result<&str> {
        match &self.running {
            Running::Own(process) => Ok(&process.address),
            Running::Oracle(cluster, _) => {
                let node = cluster.nodes.first().context("a node")?;
                Ok(&node.address)
            }
        }
    }

    fn cpu(&self) -> Result<Duration> {
        match &self.running {
            Running::Own(process) => process.cpu(),
            Running::Oracle(_, pid) => process::cpu_of(*pid),
        }
    }

    /// Writes what is read in every round.
    fn fill(&self, large: &Load, single: &Load) -> Result<()> {
        let address = self.address()?;
        let topics = [large.topic, single.topic].map(str::to_owned);
        metadata::create(address, &topics, 1)?;
        for load in [large, single] {
            topic_id(address, load.topic)?;
            load.produce(address)?;
        }
        Ok(())
    }

    fn round(&mut self, large: &Load, single: &Load) -> Result<()> {
        for row in 0..ROWS.len() {
            let load = if row < 2 { large } else { single };
            let address = self.address()?.to_owned();
            let cost = match row {
                0 | 2 => self.timed(|| load.fetch(&address))?,
                _ => {
                    self.groups += 1;
                    let group = format!("share-{}", self.groups);
                    let topic = join(&address, &group, load.topic)?;
                    let sharing = Sharing {
                        address: &address,
                        group: &group,
                        topic: &topic,
                        load,
                    };
                    if row == 4 {
                        let requests = sharing.one_by_one()?;
                        self.timed(|| sharing.send(&requests))?
                    } else {
                        let requests = sharing.batch_by_batch()?;
                        self.timed(|| sharing.send(&requests))?
                    }
                }
            };
            if let Some(costs) = self.costs.get_mut(row) {
                costs.push(cost);
            }
        }
        Ok(())
    }

    fn timed(&self, work: impl FnOnce() -> Result<()>) -> Result<Duration> {
        let before = self.cpu()?;
        work()?;
        Ok(self.cpu()?.saturating_sub(before))
    }
}

/// A member that has a topic's only partition.
struct Sharing<'a> {
    address: &'a str,
    group: &'a str,
    topic: &'a str,
    load: &'a Load,
}

/// A request, and whether records must come of it.
type Request = (&'static str, Vec<u8>, bool);

impl Sharing<'_> {
    /// Every batch with a ShareFetch, which accepts the one before.
    fn batch_by_batch(&self) -> Result<Vec<Request>> {
        let records = self.load.records;
        let requests = (0..self.load.batches).map(|at| {
            let before = at
                .checked_sub(1)
                .map(|before| (before * records, at * records - 1));
            let fetch = self.fetch(at, before, records, self.load.batch_bytes)?;
            Ok(("ShareFetch", fetch, true))
        });
        requests.collect()
    }

    /// Some records at once, and a ShareAcknowledge for each of them.
    fn one_by_one(&self) -> Result<Vec<Request>> {
        let mut requests = Vec::new();
        for first in (0..self.load.batches).step_by(ACQUIRED) {
            let bytes = self.load.batch_bytes * ACQUIRED;
            let fetch = self.fetch(requests.len(), None, ACQUIRED, bytes)?;
            requests.push(("ShareFetch", fetch, true));
            for offset in first..first + ACQUIRED {
                let row = partition(Some((offset, offset)));
                let body = json!({
                    "groupId": self.group, "memberId": MEMBER, "shareSessionEpoch": requests.len(),
                    "topics": [{"topicId": self.topic, "partitions": [row]}],
                });
                let said = frame("ShareAcknowledge", SHARE_ACKNOWLEDGE, &body)?;
                requests.push(("ShareAcknowledge", said, false));
            }
        }
        Ok(requests)
    }

    fn fetch(
        &self,
        epoch: usize,
        before: Option<(usize, usize)>,
        records: usize,
        bytes: usize,
    ) -> Result<Vec<u8>> {
        let body = json!({
            "groupId": self.group, "memberId": MEMBER, "shareSessionEpoch": epoch,
            "maxWaitMs": 10_000, "minBytes": 1, "maxBytes": bytes, "maxRecords": records, "batchSize": records,
            "topics": [{"topicId": self.topic, "partitions": [partition(before)]}], "forgottenTopicsData": [],
        });
        frame("ShareFetch", SHARE_FETCH, &body)
    }

    fn send(&self, requests: &[Request]) -> Result<()> {
        let mut stream = connect(self.address)?;
        let mut apis = requests.iter();
        let frames = requests.iter().map(|(_, frame, _)| frame.as_slice());
        let last = requests.len();
        let mut count = 0;
        pipelined(&mut stream, frames, |answer| {
            let (api, _, has_records) = apis.next().context("a request")?;
            count += 1;
            let is_long = answer.len() > self.load.batch_bytes;
            ensure!(
                !has_records || is_long,
                "{api} {count} answered too little: {:?}",
                decoded(api, 1, answer)
            );
            // To look at each would cost more than the server takes for it.
            if count == 1 || count == last || !has_records && count % 97 == 0 {
                let answer = decoded(api, 1, answer)?;
                ensure!(is_good(&answer), "{api} {count} answered {answer}");
            }
            Ok(())
        })
    }
}

/// A partition with what became of its records.
fn partition(accepted: Option<(usize, usize)>) -> Value {
    let batches = accepted.map(|(first, last)| {
        json!({"firstOffset": first, "lastOffset": last, "acknowledgeTypes": [ACCEPT]})
    });
    let batches: Vec<Value> = batches.into_iter().collect();
    json!({"partitionIndex": 0, "acknowledgementBatches": batches})
}

/// Waits until a topic is there: its id.
fn topic_id(address: &str, topic: &str) -> Result<String> {
    let body = json!({"topics": [{"name": topic}], "allowAutoTopicCreation": false});
    let started = clock::now();
    loop {
        let answer = ask(address, "Metadata", 12, &body)?;
        let row = answer.pointer("/topics/0").unwrap_or(&Value::Null);
        let led = row
            .pointer("/partitions/0/leaderId")
            .and_then(Value::as_i64);
        if row.pointer("/errorCode").is_some_and(|code| *code == 0)
            && led.is_some_and(|leader| leader >= 0)
            && let Some(id) = row.pointer("/topicId").and_then(Value::as_str)
        {
            return Ok(id.to_owned());
        }
        ensure!(
            clock::now() - started < PATIENCE,
            "no topic {topic}: {answer}"
        );
        clock::pause();
    }
}

/// Has a group's only member join that begins at the first record; gives the topic's id once it has its partition.
fn join(address: &str, group: &str, topic: &str) -> Result<String> {
    let id = topic_id(address, topic)?;
    let settings =
        json!([{"name": "share.auto.offset.reset", "configOperation": 0, "value": "earliest"}]);
    let resource = json!({"resourceType": 32, "resourceName": group, "configs": settings});
    let body = json!({"resources": [resource], "validateOnly": false});
    let answer = ask(address, "IncrementalAlterConfigs", 1, &body)?;
    ensure!(is_good(&answer), "settings: {answer}");
    // Makes the topic with the groups, without which there is no coordinator.
    let coordinator = json!({"keyType": 0, "coordinatorKeys": [group]});
    ask(address, "FindCoordinator", 4, &coordinator)?;
    let started = clock::now();
    let mut epoch = 0;
    loop {
        let topics = if epoch == 0 {
            json!([topic])
        } else {
            Value::Null
        };
        let body = json!({"groupId": group, "memberId": MEMBER, "memberEpoch": epoch, "rackId": null,
            "subscribedTopicNames": topics});
        let answer = ask(address, "ShareGroupHeartbeat", 1, &body)?;
        if is_good(&answer) {
            epoch = answer
                .pointer("/memberEpoch")
                .and_then(Value::as_i64)
                .unwrap_or(0);
            let assigned = answer.pointer("/assignment/topicPartitions/0/partitions/0");
            if assigned.is_some() {
                return Ok(id);
            }
        }
        ensure!(clock::now() - started < PATIENCE, "no partition: {answer}");
        clock::pause();
    }
}
