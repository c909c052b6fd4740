//! Metadata of all topics, asked for over several connections at once; kfake beside the broker.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use serde_json::{Value, json};

use crate::DetailsOf;
use crate::exchange::{ask, connect, decoded, frame, pipelined};
use crate::process::Process;
use crate::transfers::{median, timed};

const VERSION: i16 = 12;
const CONNECTIONS: usize = 8;

/// Topics, partitions of each, and how many times each connection asks.
const CLUSTERS: [(usize, usize, usize); 3] = [(1, 24, 2000), (2, 50, 2000), (2000, 5, 20)];

/// Topics that one request makes.
const TOPICS_AT_ONCE: usize = 500;

/// Measures and prints a table.
pub(crate) fn measure(of: &DetailsOf<'_>, out: &mut impl Write) -> Result<()> {
    writeln!(
        out,
        "\nMetadata of all topics over {CONNECTIONS} connections: CPU microseconds of the server per request"
    )?;
    writeln!(
        out,
        "{:>8}{:>12}{:>8}{:>8}{:>7}{:>8}{:>7}",
        "topics", "partitions", "broker", "earlier", "ratio", "kfake", "ratio"
    )?;
    for cluster in CLUSTERS {
        let (mut broker, mut earlier, mut beside) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..of.rounds {
            broker.push(cost(&Process::broker(of.program, &[])?, cluster)?);
            if let Some(program) = of.earlier {
                earlier.push(cost(&Process::broker(program, &[])?, cluster)?);
            }
            if let Some(kfake) = of.kfake {
                beside.push(cost(&Process::start(kfake, &[])?, cluster)?);
            }
        }
        let (topics, partitions, _) = cluster;
        let broker = micros(median(broker)?);
        write!(out, "{topics:>8}{:>12}{broker:>8.1}", topics * partitions)?;
        for costs in [earlier, beside] {
            if costs.is_empty() {
                write!(out, "{:>8}{:>7}", "-", "-")?;
            } else {
                let beside = micros(median(costs)?);
                write!(out, "{beside:>8.1}{:>7.2}", broker / beside)?;
            }
        }
        writeln!(out)?;
        out.flush()?;
    }
    if of.kfake.is_none() {
        writeln!(out, "SKIPPED kfake: --peer kfake measures it, too")?;
    }
    Ok(())
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// CPU time of one request.
fn cost(
    server: &Process,
    (topics, partitions, requests): (usize, usize, usize),
) -> Result<Duration> {
    create(&server.address, &names(topics), partitions)?;
    let request = frame("Metadata", VERSION, &json!({"topics": null}))?;
    let mut streams = (0..CONNECTIONS)
        .map(|_| connect(&server.address))
        .collect::<Result<Vec<_>>>()?;
    let exchange = |stream: &mut TcpStream| {
        let mut read = Value::Null;
        let requests = (0..requests).map(|_| request.as_slice());
        pipelined(stream, requests, |answer| {
            if read.is_null() {
                read = decoded("Metadata", VERSION, answer)?;
            }
            Ok(())
        })?;
        let told = read.pointer("/topics").and_then(Value::as_array);
        let told = told.map_or(0, Vec::len);
        ensure!(told == topics, "Metadata told of {told} topics");
        Ok(())
    };
    let cost = timed(server, || {
        thread::scope(|scope| {
            let asking: Vec<_> = streams
                .iter_mut()
                .map(|stream| scope.spawn(|| exchange(stream)))
                .collect();
            asking
                .into_iter()
                .try_for_each(|thread| thread.join().map_err(|_| anyhow!("a connection failed"))?)
        })
    })?;
    Ok(cost.cpu / u32::try_from(CONNECTIONS * requests)?)
}

/// So many names of topics.
pub(crate) fn names(topics: usize) -> Vec<String> {
    (0..topics).map(|index| format!("topic-{index}")).collect()
}

pub(crate) fn create(address: &str, names: &[String], partitions: usize) -> Result<()> {
    for names in names.chunks(TOPICS_AT_ONCE) {
        let topic =
            |name| json!({"name": name, "numPartitions": partitions, "replicationFactor": 1});
        let topics: Vec<_> = names.iter().map(topic).collect();
        let body = json!({"topics": topics, "timeoutMs": 60000});
        ask(address, "CreateTopics", 5, &body)?;
    }
    Ok(())
}
