//! Small requests at full rate over several connections: what each costs, and what the journal and a recording add.

use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde_json::{Value, json};

use crate::exchange::{ask, connect, decoded, frame, pipelined};
use crate::metadata;
use crate::process::Process;
use crate::{Options, median, timed};

const CONNECTIONS: usize = 8;
const TOPIC: &str = "committed";
/// An empty name is the member of a commit that comes from no member.
const NO_MEMBER: (&str, i32) = ("", -1);

/// A request, its version, and how often each connection sends it.
struct Asked {
    api: &'static str,
    version: i16,
    times: usize,
    /// What the cluster needs before, and the body that one connection sends.
    body: fn(address: &str, connection: usize) -> Result<Value>,
}

const ASKED: [Asked; 4] = [
    Asked {
        api: "Heartbeat",
        version: 4,
        times: 20_000,
        body: heartbeat,
    },
    Asked {
        api: "OffsetCommit",
        version: 8,
        times: 20_000,
        body: commit,
    },
    Asked {
        api: "FindCoordinator",
        version: 4,
        times: 20_000,
        body: find,
    },
    Asked {
        api: "Metadata",
        version: 12,
        times: 20,
        body: all_topics,
    },
];

/// A server that the requests go to.
struct Server {
    column: &'static str,
    program: PathBuf,
    options: Vec<String>,
    costs: Vec<Duration>,
}

/// Measures and prints a table.
pub(crate) fn measure(
    options: &Options,
    program: &Path,
    kfake: Option<&Path>,
    out: &mut impl Write,
) -> Result<()> {
    writeln!(
        out,
        "\nRequests at full rate over {CONNECTIONS} connections: CPU microseconds of the server per request, medians of {} rounds\n\
         Metadata asks for 10,000 partitions; \"no rows\" is without a journal; each ratio is to the first column",
        options.rounds
    )?;
    for (place, asked) in ASKED.iter().enumerate() {
        let mut servers = servers(options, program, kfake);
        for _ in 0..options.rounds {
            for server in &mut servers {
                let cost = server.cost(asked);
                server
                    .costs
                    .push(cost.with_context(|| format!("{} of {}", asked.api, server.column))?);
            }
        }
        if place == 0 {
            heading(&servers, out)?;
        }
        row(asked.api, servers, out)?;
    }
    if kfake.is_none() {
        writeln!(out, "SKIPPED kfake: it was not built")?;
    }
    Ok(())
}

/// The broker in each way, then what it is compared with.
fn servers(options: &Options, program: &Path, kfake: Option<&Path>) -> Vec<Server> {
    let recording = std::env::temp_dir().join(format!("fauxka-bench-{}", std::process::id()));
    let record = ["--record", &recording.to_string_lossy(), "--force"].map(str::to_owned);
    let server = |column, program: &Path, options: &[String]| Server {
        column,
        program: program.to_owned(),
        options: options.to_vec(),
        costs: Vec::new(),
    };
    let no_journal = ["--journal-rows=0".to_owned()];
    let mut servers = vec![
        server("journal", program, &[]),
        server("no rows", program, &no_journal),
        server("recorded", program, &record),
    ];
    if let Some(earlier) = &options.earlier {
        servers.push(server("earlier", earlier, &[]));
        servers.push(server("no rows", earlier, &no_journal));
    }
    if let Some(kfake) = kfake {
        servers.push(server("kfake", kfake, &[]));
    }
    servers
}

fn heading(servers: &[Server], out: &mut impl Write) -> Result<()> {
    write!(out, "{:16}", "")?;
    for (place, server) in servers.iter().enumerate() {
        write!(out, "{:>10}", server.column)?;
        if place > 0 {
            write!(out, "{:>7}", "ratio")?;
        }
    }
    writeln!(out)?;
    Ok(())
}

fn row(api: &str, servers: Vec<Server>, out: &mut impl Write) -> Result<()> {
    write!(out, "{api:16}")?;
    let mut first = None;
    for server in servers {
        let cost = median(server.costs)?.as_secs_f64() * 1e6;
        write!(out, "{cost:>10.1}")?;
        match first {
            None => first = Some(cost),
            Some(first) => write!(out, "{:>7.2}", cost / first)?,
        }
    }
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

impl Server {
    /// CPU time of one request, in a process of its own.
    fn cost(&self, asked: &Asked) -> Result<Duration> {
        let process = if self.column == "kfake" {
            Process::start(&self.program, &[])?
        } else {
            let options: Vec<_> = self.options.iter().map(String::as_str).collect();
            let quick = ["--config=group.initial.rebalance.delay.ms=0"];
            Process::broker(&self.program, &[&quick, options.as_slice()].concat())?
        };
        asked.cost(&process)
    }
}

impl Asked {
    fn cost(&self, server: &Process) -> Result<Duration> {
        let prepared = (0..CONNECTIONS).map(|connection| {
            let body = (self.body)(&server.address, connection)?;
            let request = frame(self.api, self.version, &body)?;
            Ok((connect(&server.address)?, request))
        });
        let mut prepared = prepared.collect::<Result<Vec<_>>>()?;
        let cost = timed(server, || {
            thread::scope(|scope| {
                let asking: Vec<_> = prepared
                    .iter_mut()
                    .map(|(stream, request)| scope.spawn(|| self.send(stream, request)))
                    .collect();
                asking.into_iter().try_for_each(|thread| {
                    thread.join().map_err(|_| anyhow!("a connection failed"))?
                })
            })
        })?;
        Ok(cost.cpu / u32::try_from(CONNECTIONS * self.times)?)
    }

    fn send(&self, stream: &mut TcpStream, request: &[u8]) -> Result<()> {
        let mut is_first = true;
        pipelined(stream, (0..self.times).map(|_| request), |answer| {
            if std::mem::take(&mut is_first) {
                let answer = decoded(self.api, self.version, answer)?;
                ensure!(is_good(&answer), "{} answered {answer}", self.api);
            }
            Ok(())
        })
    }
}

/// Whether no part of an answer is an error.
pub(crate) fn is_good(answer: &Value) -> bool {
    match answer {
        Value::Object(fields) => fields.iter().all(|(name, value)| {
            let is_code = name == "errorCode" || name == "acknowledgeErrorCode";
            (!is_code || value.as_i64() == Some(0)) && is_good(value)
        }),
        Value::Array(rows) => rows.iter().all(is_good),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// A group with one member for each connection.
fn heartbeat(address: &str, connection: usize) -> Result<Value> {
    let group = format!("group-{connection}");
    coordinator_of(address, &group)?;
    let join = |member: &str| {
        ask(
            address,
            "JoinGroup",
            6,
            &json!({
                "groupId": group, "sessionTimeoutMs": 60000, "rebalanceTimeoutMs": 60000, "memberId": member,
                "protocolType": "consumer", "protocols": [{"name": "range", "metadata": ""}],
            }),
        )
    };
    let named = join("")?;
    let member = text(&named, "memberId")?;
    let joined = join(&member)?;
    ensure!(is_good(&joined), "JoinGroup answered {joined}");
    let generation = joined.get("generationId").context("a generation")?;
    let synced = ask(
        address,
        "SyncGroup",
        4,
        &json!({
            "groupId": group, "generationId": generation, "memberId": member,
            "assignments": [{"memberId": member, "assignment": ""}],
        }),
    )?;
    ensure!(is_good(&synced), "SyncGroup answered {synced}");
    Ok(json!({"groupId": group, "generationId": generation, "memberId": member}))
}

/// A group without members for each connection.
fn commit(address: &str, connection: usize) -> Result<Value> {
    let group = format!("group-{connection}");
    coordinator_of(address, &group)?;
    if connection == 0 {
        metadata::create(address, &[TOPIC.to_owned()], CONNECTIONS)?;
    }
    let (member, generation) = NO_MEMBER;
    Ok(json!({
        "groupId": group, "memberId": member, "generationIdOrMemberEpoch": generation,
        "topics": [{"name": TOPIC, "partitions": [{"partitionIndex": connection, "committedOffset": 7}]}],
    }))
}

fn find(address: &str, connection: usize) -> Result<Value> {
    let group = format!("group-{connection}");
    coordinator_of(address, &group)?;
    Ok(json!({"keyType": 0, "coordinatorKeys": [group]}))
}

fn all_topics(address: &str, connection: usize) -> Result<Value> {
    if connection == 0 {
        metadata::create(address, &metadata::names(2000), 5)?;
    }
    Ok(json!({"topics": null}))
}

/// Asks until the coordinator is there.
fn coordinator_of(address: &str, group: &str) -> Result<()> {
    let body = json!({"keyType": 0, "coordinatorKeys": [group]});
    for _ in 0..1000 {
        if is_good(&ask(address, "FindCoordinator", 4, &body)?) {
            return Ok(());
        }
    }
    bail!("no coordinator of {group}")
}

fn text(answer: &Value, field: &str) -> Result<String> {
    let text = answer.get(field).and_then(Value::as_str);
    Ok(text
        .with_context(|| format!("no {field} in {answer}"))?
        .to_owned())
}
