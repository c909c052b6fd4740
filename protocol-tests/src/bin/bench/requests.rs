//! Small requests at full rate over several connections: what each costs, and what the journal and a recording add.

use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde_json::{Value, json};

use crate::DetailsOf;
use crate::exchange::{ask, connect, decoded, frame, pipelined};
use crate::metadata;
use crate::process::Process;
use crate::transfers::median;

const CONNECTIONS: usize = 8;
const TOPIC: &str = "committed";
/// An empty name is the member of a commit that comes from no member.
const NO_MEMBER: (&str, i32) = ("", -1);

/// A request, its version, and how often each connection sends it.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) api: &'static str,
    version: i16,
    times: usize,
    /// What the cluster needs before, and the body that one connection sends.
    body: fn(place: Place<'_>, connection: usize) -> Result<Value>,
}

/// Where requests go, and a topic there with a partition for each connection.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) address: &'a str,
    pub(crate) topic: &'a str,
    /// What names of groups begin with.
    pub(crate) groups: &'a str,
}

pub(crate) const HEARTBEAT: Asked = Asked {
    api: "Heartbeat",
    version: 4,
    times: 20_000,
    body: heartbeat,
};

pub(crate) const COMMIT: Asked = Asked {
    api: "OffsetCommit",
    version: 8,
    times: 20_000,
    body: commit,
};

pub(crate) const ALL_TOPICS: Asked = Asked {
    api: "Metadata",
    version: 12,
    times: 20_000,
    body: |_, _| Ok(json!({"topics": null})),
};

const ASKED: [Asked; 4] = [
    HEARTBEAT,
    COMMIT,
    Asked {
        api: "FindCoordinator",
        version: 4,
        times: 20_000,
        body: find,
    },
    Asked {
        times: 20,
        body: many_topics,
        ..ALL_TOPICS
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
pub(crate) fn measure(of: &DetailsOf<'_>, out: &mut impl Write) -> Result<()> {
    writeln!(
        out,
        "\nRequests at full rate over {CONNECTIONS} connections: CPU microseconds of the server per request, medians of {} rounds\n\
         Metadata asks for 10,000 partitions; \"no rows\" is without a journal; each ratio is to the first column",
        of.rounds
    )?;
    for (place, asked) in ASKED.iter().enumerate() {
        let mut servers = servers(of);
        for _ in 0..of.rounds {
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
    if of.kfake.is_none() {
        writeln!(out, "SKIPPED kfake: --peer kfake measures it, too")?;
    }
    Ok(())
}

/// The broker in each way, then what it is compared with.
fn servers(of: &DetailsOf<'_>) -> Vec<Server> {
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
        server("journal", of.program, &[]),
        server("no rows", of.program, &no_journal),
        server("recorded", of.program, &record),
    ];
    if let Some(earlier) = of.earlier {
        servers.push(server("earlier", earlier, &[]));
        servers.push(server("no rows", earlier, &no_journal));
    }
    if let Some(kfake) = of.kfake {
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
        let place = Place {
            address: &process.address,
            topic: TOPIC,
            groups: asked.api,
        };
        metadata::create(place.address, &[TOPIC.to_owned()], CONNECTIONS)?;
        asked.cost(place, || process.cpu(), asked.times)
    }
}

impl Asked {
    /// CPU time of one request, of which each connection sends so many.
    pub(crate) fn cost(
        &self,
        place: Place<'_>,
        cpu: impl Fn() -> Result<Duration>,
        times: usize,
    ) -> Result<Duration> {
        let mut prepared = at_once((0..CONNECTIONS).collect(), |connection| {
            let body = (self.body)(place, connection)?;
            let request = frame(self.api, self.version, &body)?;
            Ok((connect(place.address)?, request))
        })?;
        let before = cpu()?;
        at_once(prepared.iter_mut().collect(), |(stream, request)| {
            self.send(stream, request, times)
        })?;
        let spent = cpu()?.saturating_sub(before);
        Ok(spent / u32::try_from(CONNECTIONS * times)?)
    }

    fn send(&self, stream: &mut TcpStream, request: &[u8], times: usize) -> Result<()> {
        let mut is_first = true;
        pipelined(stream, (0..times).map(|_| request), |answer| {
            if std::mem::take(&mut is_first) {
                let answer = decoded(self.api, self.version, answer)?;
                ensure!(is_good(&answer), "{} answered {answer}", self.api);
            }
            Ok(())
        })
    }
}

/// One thread for each.
fn at_once<T: Send, R: Send>(each: Vec<T>, work: impl Fn(T) -> Result<R> + Sync) -> Result<Vec<R>> {
    thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = each
            .into_iter()
            .map(|one| scope.spawn(move || work(one)))
            .collect();
        let results = threads.into_iter().map(|thread| {
            let result = thread.join();
            result.map_err(|_| anyhow!("a connection failed"))?
        });
        results.collect()
    })
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
fn heartbeat(place: Place<'_>, connection: usize) -> Result<Value> {
    let (address, group) = (place.address, place.group(connection)?);
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
fn commit(place: Place<'_>, connection: usize) -> Result<Value> {
    let (member, generation) = NO_MEMBER;
    Ok(json!({
        "groupId": place.group(connection)?, "memberId": member, "generationIdOrMemberEpoch": generation,
        "topics": [{"name": place.topic, "partitions": [{"partitionIndex": connection, "committedOffset": 7}]}],
    }))
}

fn find(place: Place<'_>, connection: usize) -> Result<Value> {
    Ok(json!({"keyType": 0, "coordinatorKeys": [place.group(connection)?]}))
}

fn many_topics(place: Place<'_>, connection: usize) -> Result<Value> {
    if connection == 0 {
        metadata::create(place.address, &metadata::names(2000), 5)?;
    }
    Ok(json!({"topics": null}))
}

impl Place<'_> {
    /// A connection's group, once its coordinator is there.
    fn group(self, connection: usize) -> Result<String> {
        let group = format!("{}-{}-{connection}", self.topic, self.groups);
        coordinator_of(self.address, &group)?;
        Ok(group)
    }
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
