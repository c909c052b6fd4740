//! Catching up by librdkafka with its defaults, whose answers hold up to a MiB of each partition: what `load` fetches
//! comes in smaller ones. kfake and plain TCP move the same.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use protocol_tests::clock;
use serde_json::{Value, json};

use crate::exchange::{ask, connect, frame, pipelined};
use crate::plain::Wish;
use crate::process::Process;
use crate::{Cost, Costs, Options, median, timed};

const PARTITIONS: usize = 24;
const RECORD_BYTES: usize = 1024;
const TOPIC: &str = "caught-up";

/// What librdkafka asks of one partition at most, and so bytes of the largest answers.
const PARTITION_BYTES: usize = 1 << 20;

/// Connections that ask and do not read, and what each asks for.
const READERS: usize = 10;
const ASKED_BYTES: usize = 48 << 20;

/// A server is at rest when it took no CPU for so long.
const REST: Duration = Duration::from_millis(200);

/// What others have made, which is measured with or beside the broker; see `clients/peers.py`.
pub(crate) struct Peers(pub(crate) PathBuf);

impl Peers {
    /// Python with librdkafka in it.
    fn python(&self) -> Option<PathBuf> {
        Some(self.0.join("python/bin/python")).filter(|path| path.exists())
    }

    pub(crate) fn kfake(&self) -> Option<PathBuf> {
        Some(self.0.join("go/kfake")).filter(|path| path.exists())
    }
}

/// What one codec's records cost.
#[derive(Debug, Default)]
struct Caught {
    broker: Costs,
    /// Another build of the broker.
    earlier: Costs,
    source: Costs,
    kfake: Costs,
    /// Bytes in the broker's logs.
    log_bytes: usize,
}

/// Measures and prints a table, or says what it lacks.
pub(crate) fn measure(
    options: &Options,
    (program, own): (&Path, &Path),
    peers: &Peers,
    out: &mut impl Write,
) -> Result<()> {
    let Some(python) = peers.python() else {
        writeln!(
            out,
            "\nSKIPPED catching up by librdkafka: no confluent-kafka in {}",
            peers.0.display()
        )?;
        return Ok(());
    };
    let records = (options.mebibytes << 20) / RECORD_BYTES;
    writeln!(
        out,
        "\nCatching up by librdkafka with its defaults, {PARTITIONS} partitions of {RECORD_BYTES} bytes: CPU seconds of the server per GB of record values"
    )?;
    writeln!(
        out,
        "{:8}{:>6}{:>7}{:>8}{:>8}{:>7}{:>8}{:>7}{:>8}{:>7}",
        "codec", "MB", "MB/s", "broker", "earlier", "ratio", "plain", "ratio", "kfake", "ratio"
    )?;
    let kfake = peers.kfake();
    for codec in ["none", "lz4"] {
        let load = Load {
            python: &python,
            codec,
            records,
        };
        let mut caught = Caught::default();
        for _ in 0..options.rounds {
            load.measure(&mut caught, (program, own), kfake.as_deref())?;
            if let Some(earlier) = &options.earlier {
                caught.earlier.push(load.read(&load.filled(earlier)?)?);
            }
        }
        load.row(caught, out)?;
    }
    if kfake.is_none() {
        writeln!(out, "SKIPPED kfake: it is not in {}", peers.0.display())?;
    }
    unread(
        program,
        &Load {
            python: &python,
            codec: "none",
            records,
        },
        out,
    )
}

/// Records that librdkafka writes and reads.
struct Load<'a> {
    python: &'a Path,
    codec: &'a str,
    records: usize,
}

impl Load<'_> {
    fn run(&self, what: &str, address: &str) -> Result<()> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/python/catch_up.py");
        let mut command = Command::new(self.python);
        command.arg("-B").arg(script).arg(what);
        for (name, value) in [
            ("--bootstrap", address),
            ("--topic", TOPIC),
            ("--partitions", &PARTITIONS.to_string()),
            ("--records", &self.records.to_string()),
            ("--record-bytes", &RECORD_BYTES.to_string()),
            ("--codec", self.codec),
        ] {
            command.args([name, value]);
        }
        let status = command
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        ensure!(status.success(), "librdkafka's {what} failed: {command:?}");
        Ok(())
    }

    fn filled(&self, program: &Path) -> Result<Process> {
        let broker = Process::broker(program, &[])?;
        self.run("fill", &broker.address)?;
        Ok(broker)
    }

    fn read(&self, server: &Process) -> Result<Cost> {
        timed(server, || self.run("read", &server.address))
    }

    fn measure(
        &self,
        caught: &mut Caught,
        (program, own): (&Path, &Path),
        kfake: Option<&Path>,
    ) -> Result<()> {
        let broker = self.filled(program)?;
        caught.broker.push(self.read(&broker)?);
        caught.log_bytes = log_bytes(&broker.address)?;
        drop(broker);
        let plain = Process::start(own, &["--plain"])?;
        caught.source.push(timed(&plain, || {
            from_source(&plain.address, caught.log_bytes)
        })?);
        drop(plain);
        if let Some(kfake) = kfake {
            let kfake = Process::start(kfake, &[])?;
            self.run("fill", &kfake.address)?;
            caught.kfake.push(self.read(&kfake)?);
        }
        Ok(())
    }

    fn row(&self, caught: Caught, out: &mut impl Write) -> Result<()> {
        let megabytes = f64::from(u32::try_from(self.records * RECORD_BYTES / 1000)?) / 1000.0;
        let per_gigabyte = |cost: Cost| cost.cpu.as_secs_f64() * 1000.0 / megabytes;
        let broker = median(caught.broker)?;
        let rate = megabytes / broker.wall.as_secs_f64();
        let cost = per_gigabyte(broker);
        write!(
            out,
            "{:8}{megabytes:>6.0}{rate:>7.0}{cost:>8.3}",
            self.codec
        )?;
        for costs in [caught.earlier, caught.source, caught.kfake] {
            if costs.is_empty() {
                write!(out, "{:>8}{:>7}", "-", "-")?;
            } else {
                let beside = per_gigabyte(median(costs)?);
                write!(out, "{beside:>8.3}{:>7.2}", cost / beside)?;
            }
        }
        writeln!(out)?;
        out.flush()?;
        Ok(())
    }
}

/// So many bytes from a plain server, in answers as large as librdkafka's.
fn from_source(address: &str, bytes: usize) -> Result<()> {
    let answer_bytes = PARTITIONS * PARTITION_BYTES;
    let wish = Wish {
        answer_bytes,
        keeps: false,
    };
    let mut stream = connect(address)?;
    stream.write_all(&wish.frame()?)?;
    let request = 0_u32.to_be_bytes();
    let requests = (0..bytes.div_ceil(answer_bytes)).map(|_| request.as_slice());
    pipelined(&mut stream, requests, |_| Ok(()))
}

/// What the broker's logs hold.
fn log_bytes(address: &str) -> Result<usize> {
    let answer = ask(address, "DescribeLogDirs", 4, &json!({"topics": null}))?;
    let topics = answer
        .pointer("/results/0/topics")
        .and_then(Value::as_array)
        .context("directories have topics")?;
    let partitions = topics
        .iter()
        .filter_map(|topic| topic.get("partitions")?.as_array())
        .flatten();
    let sizes = partitions.filter_map(|partition| partition.get("partitionSize")?.as_u64());
    Ok(usize::try_from(sizes.sum::<u64>())?)
}

/// What answers hold that nobody reads.
fn unread(program: &Path, load: &Load<'_>, out: &mut impl Write) -> Result<()> {
    let broker = load.filled(program)?;
    let before = broker.resident_kib()?;
    let partitions: Vec<_> = (0..PARTITIONS)
        .map(|partition| json!({"partition": partition, "fetchOffset": 0, "partitionMaxBytes": ASKED_BYTES / PARTITIONS}))
        .collect();
    let body = json!({
        "maxWaitMs": 1000, "minBytes": 1, "maxBytes": ASKED_BYTES, "sessionId": 0, "sessionEpoch": -1,
        "topics": [{"topic": TOPIC, "partitions": partitions}],
    });
    let request = frame("Fetch", 12, &body)?;
    let ask = || {
        let mut stream = connect(&broker.address)?;
        stream.write_all(&request)?;
        anyhow::Ok(stream)
    };
    let readers = (0..READERS).map(|_| ask()).collect::<Result<Vec<_>>>()?;
    let mut spent = broker.cpu()?;
    loop {
        let rested = clock::now() + REST;
        while clock::now() < rested {
            thread::park_timeout(REST);
        }
        let now = broker.cpu()?;
        if now == spent {
            break;
        }
        spent = now;
    }
    let after = broker.resident_kib()?;
    drop(readers);
    writeln!(
        out,
        "\n{READERS} connections that ask for {} MiB and do not read: resident {} MiB, before {} MiB",
        ASKED_BYTES >> 20,
        after >> 10,
        before >> 10
    )?;
    Ok(())
}
