//! A server that runs, whoever started it.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use protocol_tests::clock;
use protocol_tests::cluster::Cluster;
use protocol_tests::oracle::Oracle;
use protocol_tests::profile::Profile;
use serde_json::{Value, json};

use crate::exchange::{Versions, connect, decoded, exchanged, frame};
use crate::peer::How;
use crate::process::{self, Process};

/// How long topics may take until they are usable.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Topics that one request makes.
const TOPICS_AT_ONCE: usize = 500;

/// Versions that name topics by name.
const METADATA: i16 = 9;
const CREATE_TOPICS: i16 = 5;
const DELETE_TOPICS: i16 = 5;

/// Ends with this value, unless it ran before.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: String,
    /// From its process's start until it answered Metadata; none if somebody else started it.
    pub(crate) answered: Option<Duration>,
    running: Running,
}

#[derive(Debug)]
enum Running {
    Own(Process),
    /// Apache Kafka, and its process's number.
    Oracle {
        _cluster: Box<Cluster>,
        pid: u32,
    },
    /// The process's number, if it is on this machine.
    Elsewhere(Option<u32>),
}

impl Server {
    /// Starts it and waits until it answers; the topics are for those who cannot be asked for them.
    pub(crate) fn start(how: &How, topics: &[(&str, usize)]) -> Result<Self> {
        let named = topics.iter().map(|(name, count)| format!("{name}:{count}"));
        let named: Vec<_> = named.collect();
        let with = |before: &[&str], flag: &'static str| {
            let before = before.iter().map(|word| (*word).to_owned());
            let named = named
                .iter()
                .flat_map(|name| [flag.to_owned(), name.clone()]);
            before.chain(named).collect::<Vec<_>>()
        };
        match how {
            How::Fauxka(program) => {
                let bound = format!("--max-log-bytes={}", u64::MAX >> 24);
                let words = process::BROKER.into_iter().chain([&*bound]);
                Self::of(program, &words.map(str::to_owned).collect::<Vec<_>>())
            }
            How::Program(program) => Self::of(program, &[]),
            How::Ported(words) => Self::ported(words),
            How::Frames(program) => Self::of(program, &with(&[], "--frames")),
            How::Mock(program) => Self::of(program, &with(&["mock"], "--topic")),
            How::Kafka(libs) => Self::oracle(libs),
            How::Address(address) => Ok(Self {
                address: address.clone(),
                answered: None,
                running: Running::Elsewhere(process::listening_on(address)),
            }),
        }
    }

    fn of(program: &Path, words: &[String]) -> Result<Self> {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let probe = probe()?;
        let started = clock::now();
        let process = Process::start(program, &words)?;
        let stream = connect(&process.address)?;
        Self::answering(process, stream, &probe, started)
    }

    /// Asks again and again, since it does not say when it listens.
    fn ported(words: &[String]) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let words: Vec<_> = words
            .iter()
            .map(|word| word.replace("{port}", &port.to_string()))
            .collect();
        let address = format!("127.0.0.1:{port}");
        let probe = probe()?;
        let started = clock::now();
        let process = Process::at(&address, &words)?;
        loop {
            match connect(&address) {
                Ok(stream) => return Self::answering(process, stream, &probe, started),
                Err(error) => ensure!(clock::now() - started < PATIENCE, "{error:#}"),
            }
            clock::pause();
        }
    }

    fn answering(
        process: Process,
        mut stream: TcpStream,
        probe: &[u8],
        started: Instant,
    ) -> Result<Self> {
        let answer = exchanged(&mut stream, probe)?;
        let answered = clock::now() - started;
        let answer = decoded("Metadata", 4, &answer)?;
        let named = answer.get("brokers").and_then(Value::as_array);
        ensure!(
            named.is_some_and(|brokers| !brokers.is_empty()),
            "Metadata names no broker: {answer}"
        );
        Ok(Self {
            address: process.address.clone(),
            answered: Some(answered),
            running: Running::Own(process),
        })
    }

    /// One node of Apache Kafka with its defaults, its storage formatted before.
    fn oracle(libs: &Path) -> Result<Self> {
        let run = std::env::temp_dir().join(format!("fauxka-bench-oracle-{}", std::process::id()));
        let cluster = Oracle::new(libs, &run)?.start(Profile::One)?;
        let pid = cluster.process()?.pid(0).context("a process")?;
        let node = cluster.nodes.first().context("a node")?;
        Ok(Self {
            address: node.address.clone(),
            answered: Some(process::age(pid)?),
            running: Running::Oracle {
                pid,
                _cluster: Box::new(cluster),
            },
        })
    }

    fn pid(&self) -> Result<u32> {
        match &self.running {
            Running::Own(process) => Ok(process.pid()),
            Running::Oracle { pid, .. } => Ok(*pid),
            Running::Elsewhere(pid) => {
                pid.with_context(|| format!("no process here listens on {}", self.address))
            }
        }
    }

    /// CPU time so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        process::cpu_of(self.pid()?)
    }

    /// Resident memory.
    pub(crate) fn resident_bytes(&self) -> Result<f64> {
        Ok(f64::from(u32::try_from(process::resident_kib(self.pid()?)?)?) * 1024.0)
    }
}

/// Metadata of no topic, written down before the clock runs.
fn probe() -> Result<Vec<u8>> {
    frame("Metadata", 4, &json!({"topics": []}))
}

/// Makes topics and waits until each partition has a leader.
pub(crate) fn create(server: &Server, versions: &Versions, topics: &[(&str, usize)]) -> Result<()> {
    Creation::of(versions, topics)?.carry_out(server)?.check()?;
    let partitions = topics.iter().map(|(_, count)| count).sum();
    let names = topics.iter().map(|(name, _)| json!({"name": name}));
    let named = json!({"topics": names.collect::<Vec<_>>()});
    usable(server, versions, (&named, partitions))?;
    Ok(())
}

/// Topics that are to be made. What is written and read as JSON is so before and after, since it takes longer than a server does.
#[derive(Debug)]
pub(crate) struct Creation {
    version: i16,
    requests: Vec<Vec<u8>>,
}

impl Creation {
    pub(crate) fn of(versions: &Versions, topics: &[(&str, usize)]) -> Result<Self> {
        let version = versions.newest("CreateTopics", CREATE_TOPICS)?;
        let requests = topics.chunks(TOPICS_AT_ONCE).map(|topics| {
            let rows = topics.iter().map(|(name, partitions)| {
                json!({"name": name, "numPartitions": partitions, "replicationFactor": 1})
            });
            let body = json!({"topics": rows.collect::<Vec<_>>(), "timeoutMs": 60000});
            frame("CreateTopics", version, &body)
        });
        let requests = requests.collect::<Result<_>>()?;
        Ok(Self { version, requests })
    }

    /// Has the topics made, one request after the other, and does not wait for their leaders.
    pub(crate) fn carry_out(self, server: &Server) -> Result<Created> {
        let mut stream = connect(&server.address)?;
        let answers = self.requests.iter();
        let answers = answers.map(|request| exchanged(&mut stream, request));
        Ok(Created {
            version: self.version,
            answers: answers.collect::<Result<_>>()?,
        })
    }
}

/// What a server said to CreateTopics.
#[derive(Debug)]
pub(crate) struct Created {
    version: i16,
    answers: Vec<Vec<u8>>,
}

impl Created {
    /// Whether all were made.
    pub(crate) fn check(self) -> Result<()> {
        for answer in self.answers {
            let answer = decoded("CreateTopics", self.version, &answer)?;
            ensure!(crate::requests::is_good(&answer), "CreateTopics: {answer}");
        }
        Ok(())
    }
}

/// Asks for topics until so many partitions have a leader: the moment of the answer that said so.
pub(crate) fn usable(
    server: &Server,
    versions: &Versions,
    (topics, partitions): (&Value, usize),
) -> Result<Instant> {
    let version = versions.newest("Metadata", METADATA)?;
    let request = frame("Metadata", version, topics)?;
    let mut stream = connect(&server.address)?;
    let deadline = clock::now() + PATIENCE;
    loop {
        let answer = exchanged(&mut stream, &request)?;
        let now = clock::now();
        let found = led(&decoded("Metadata", version, &answer)?);
        if found >= partitions {
            return Ok(now);
        }
        ensure!(
            now < deadline,
            "after {PATIENCE:?} {found} of {partitions} partitions were usable"
        );
    }
}

/// Partitions with a leader.
fn led(metadata: &Value) -> usize {
    let topics = metadata.get("topics").and_then(Value::as_array);
    let partitions = topics
        .into_iter()
        .flatten()
        .filter_map(|topic| topic.get("partitions")?.as_array())
        .flatten();
    let leaders = partitions.filter_map(|partition| partition.get("leaderId")?.as_i64());
    leaders.filter(|leader| *leader >= 0).count()
}

/// Makes room: a topic of a server that goes on.
pub(crate) fn delete(server: &Server, versions: &Versions, topic: &str) -> Result<()> {
    let version = versions.newest("DeleteTopics", DELETE_TOPICS)?;
    let body = json!({"topicNames": [topic], "timeoutMs": 60000});
    let request = frame("DeleteTopics", version, &body)?;
    exchanged(&mut connect(&server.address)?, &request)?;
    Ok(())
}
