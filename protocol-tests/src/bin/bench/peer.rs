//! What is measured: Fauxka, and others beside it that the command line names.

use std::cell::{OnceCell, RefCell};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use anyhow::{Context as _, Result, bail, ensure};
use protocol_tests::oracle::Oracle;

use crate::exchange::Versions;
use crate::librdkafka::Librdkafka;
use crate::server::{self, Server};

/// A broker, or what stands in for one.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: String,
    /// Its version, if it tells one.
    pub(crate) version: String,
    pub(crate) how: How,
    versions: OnceCell<Versions>,
    /// Of what starts slowly, one server for many measurements, and the topic of the last one.
    held: RefCell<Option<(Rc<Server>, String)>>,
}

/// How it is started.
#[derive(Debug, Clone)]
pub(crate) enum How {
    /// A build of Fauxka.
    Fauxka(PathBuf),
    /// A program that prints a line with `bootstrap=ADDRESS`.
    Program(PathBuf),
    /// A program and its words, in which `{port}` stands for a free port that it is to listen on.
    Ported(Vec<String>),
    /// [`crate::frames`], in a process of this program.
    Frames(PathBuf),
    /// librdkafka's mock cluster, in a process of the load.
    Mock(PathBuf),
    /// Apache Kafka's jars.
    Kafka(PathBuf),
    /// It runs already.
    Address(String),
}

/// Where others were installed, for peers that are named without a place.
pub(crate) struct Installed<'a> {
    /// The folder `target/clients`.
    pub(crate) clients: &'a Path,
    /// Apache Kafka's jars.
    pub(crate) oracle: &'a Path,
    pub(crate) load: Option<&'a Librdkafka>,
}

/// In memory.
const TANSU: [&str; 7] = [
    "broker",
    "--listener-url",
    "tcp://127.0.0.1:{port}",
    "--advertised-listener-url",
    "tcp://127.0.0.1:{port}",
    "--storage-engine",
    "memory://tansu/",
];

/// What `clients/peers.py` wrote beside a program that it installed.
fn version_beside(program: &Path) -> Result<String> {
    ensure!(program.exists(), "it is not at {}", program.display());
    let version = std::fs::read_to_string(program.with_extension("version"));
    Ok(version.unwrap_or_default().trim().to_owned())
}

impl Peer {
    pub(crate) fn new(name: &str, version: String, how: How) -> Self {
        Self {
            name: name.to_owned(),
            version,
            how,
            versions: OnceCell::new(),
            held: RefCell::new(None),
        }
    }

    /// A build of Fauxka.
    pub(crate) fn fauxka(name: &str, program: &Path) -> Result<Self> {
        let output = Command::new(program).arg("--version").output();
        let output = output.with_context(|| program.display().to_string())?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok(Self::new(name, version, How::Fauxka(program.to_owned())))
    }

    /// What the command line names: `kfake`, `kafka`, `tansu` or `mock` as installed, `NAME=PROGRAM`, `NAME=PROGRAM … {port} …`, or
    /// `NAME=HOST:PORT`.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) fn named(text: &str, installed: &Installed<'_>) -> Result<Self> {
        if let Some((name, place)) = text.split_once('=') {
            if place.contains("{port}") {
                let words = place.split_whitespace().map(str::to_owned).collect();
                return Ok(Self::new(name, String::new(), How::Ported(words)));
            }
            let path = Path::new(place);
            if path.exists() {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                if file.starts_with("fauxka") {
                    return Self::fauxka(name, path);
                }
                return Ok(Self::new(
                    name,
                    String::new(),
                    How::Program(path.to_owned()),
                ));
            }
            let port = place.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
            ensure!(
                matches!(port, Some(Ok(_))),
                "{place} is neither a program nor HOST:PORT"
            );
            let how = How::Address(place.to_owned());
            return Ok(Self::new(name, "running already".to_owned(), how));
        }
        match text {
            "kfake" => {
                let program = installed.clients.join("go/kfake");
                let version = version_beside(&program)?;
                Ok(Self::new("kfake", version, How::Program(program)))
            }
            "tansu" => {
                let program = installed.clients.join("tansu/tansu");
                let version = version_beside(&program)?;
                let mut words = vec![program.to_string_lossy().into_owned()];
                words.extend(TANSU.map(str::to_owned));
                Ok(Self::new("tansu", version, How::Ported(words)))
            }
            "mock" => {
                let load = installed.load.context("librdkafka is not there")?;
                let how = How::Mock(load.program.clone());
                let version = format!("librdkafka {}", load.version);
                Ok(Self::new("mock", version, how))
            }
            "kafka" => {
                let kafka = Oracle::new(installed.oracle, Path::new("."))?;
                let how = How::Kafka(installed.oracle.to_owned());
                Ok(Self::new("Apache Kafka", kafka.version, how))
            }
            other => bail!("{other} is not known: say {other}=PROGRAM or {other}=HOST:PORT"),
        }
    }

    /// What its requests can be.
    pub(crate) fn versions(&self, server: &Server) -> Result<Versions> {
        if let Some(known) = self.versions.get() {
            return Ok(known.clone());
        }
        let found = Versions::of(&server.address)?;
        Ok(self.versions.get_or_init(|| found).clone())
    }

    /// A server that nobody has used; topics are there if it cannot be asked for them.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn fresh(&self, topics: &[(&str, usize)]) -> Result<Server> {
        if let How::Address(address) = &self.how {
            bail!("what runs at {address} is not fresh");
        }
        self.start(topics)
    }

    fn start(&self, topics: &[(&str, usize)]) -> Result<Server> {
        Server::start(&self.how, topics).with_context(|| format!("{} did not start", self.name))
    }

    /// Whether one server is used for many measurements.
    pub(crate) fn is_held(&self) -> bool {
        matches!(self.how, How::Kafka(_) | How::Address(_))
    }

    /// A server with a topic of its own: a fresh one, unless it starts slowly.
    pub(crate) fn with_topic(&self, topic: &str, partitions: usize) -> Result<Rc<Server>> {
        let own = [(topic, partitions)];
        let held = self.held.borrow_mut().take();
        let server = if let Some((server, before)) = held {
            server::delete(&server, &self.versions(&server)?, &before)?;
            server
        } else {
            Rc::new(self.start(&own)?)
        };
        if !matches!(self.how, How::Frames(_) | How::Mock(_)) {
            server::create(&server, &self.versions(&server)?, &own)?;
        }
        if self.is_held() {
            let held = (Rc::clone(&server), topic.to_owned());
            *self.held.borrow_mut() = Some(held);
        }
        Ok(server)
    }
}
