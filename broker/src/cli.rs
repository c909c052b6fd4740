//! The command line.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

mod asked;
mod faults;
mod groups;
mod http;
mod journal;
mod metrics;
mod nodes;
mod recordings;
pub(crate) mod remote;
pub(crate) mod rerun;
mod rule;
mod show;
mod snapshots;
mod topics;
mod users;

/// Where the first node listens when nothing is said about it.
pub(crate) const DEFAULT_LISTEN: &str = "127.0.0.1:9092";

/// Where the control port is when nothing is said about it.
pub(crate) const DEFAULT_CONTROL: &str = "127.0.0.1:9700";

/// An emulator of an Apache Kafka cluster for tests.
///
/// Once every node accepts connections one line is printed:
/// READY bootstrap=HOST:PORT[,HOST:PORT…] control=URL seed=N
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a cluster until SIGTERM or SIGINT; what happens without a command, too
    Serve(Box<Serve>),
    /// Sends the requests of a journal once more, to any cluster
    Replay(Replay),
    /// Has what was recorded happen again, and checks every answer
    Rerun(Box<rerun::Options>),
    /// Prints what a shell needs to complete these commands
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Asks a running cluster
    #[command(flatten)]
    Remote(remote::Remote),
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Task {
    Serve(Box<Serve>),
    Replay(Replay),
    Rerun(Box<rerun::Options>),
    Completions(clap_complete::Shell),
    Remote(remote::Remote),
}

/// A journal to send once more.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Rows as JSON lines, with bodies: what /v1/journal?format=jsonl gives with --journal-bodies
    #[arg(value_name = "FILE")]
    pub(crate) journal: PathBuf,
    /// The cluster's nodes, in the order of their ids
    #[arg(long, value_name = "HOST:PORT,…")]
    pub(crate) bootstrap: String,
}

impl Cli {
    /// What is to be done; serving if nothing is said.
    pub(crate) fn task(self) -> Task {
        match self.command {
            Some(Command::Serve(serve)) => Task::Serve(serve),
            Some(Command::Replay(replay)) => Task::Replay(replay),
            Some(Command::Rerun(rerun)) => Task::Rerun(rerun),
            Some(Command::Completions { shell }) => Task::Completions(shell),
            Some(Command::Remote(remote)) => Task::Remote(remote),
            None => Task::Serve(Box::new(self.serve)),
        }
    }
}

/// What a cluster looks like.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// A description of the cluster, in TOML: its nodes, settings, topics, records and committed offsets.
    /// All other options are stronger
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Fault rules that are there from the start, in JSON: a rule or a list of rules
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Vec<PathBuf>,
    /// A snapshot to start from, with its nodes; all other options come on top
    #[arg(long, value_name = "FILE")]
    pub(crate) snapshot: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// Number of nodes [default: 1]
    #[arg(long, value_name = "N")]
    pub(crate) nodes: Option<usize>,
    /// Id of the first node [default: 1]
    #[arg(long, value_name = "ID")]
    pub(crate) first_node_id: Option<i32>,
    /// A topic that exists from the start
    #[arg(long, value_name = "NAME[:PARTITIONS[:REPLICATION]]")]
    pub(crate) topic: Vec<Topic>,
    /// Somebody who can log in, by PLAIN and SCRAM; with users nobody else is served
    #[arg(long, value_name = "USER:PASSWORD", value_parser = user)]
    pub(crate) sasl: Vec<User>,
    /// A property of Kafka's brokers; stronger than --properties
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    pub(crate) config: Vec<(String, String)>,
    /// A server.properties file of Kafka's
    #[arg(long, value_name = "FILE")]
    pub(crate) properties: Option<PathBuf>,
    /// What moves time [default: real]
    #[arg(long, value_enum)]
    pub(crate) clock: Option<ClockKind>,
    /// Offer the requests and features of another release: 2.8, 3.0 to 3.9, 4.0 to 4.4, msk-serverless
    #[arg(long, value_name = "RELEASE")]
    pub(crate) as_version: Option<String>,
    /// Decides every random choice [default: a new one each time]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Most bytes of records that are held [default: 1 GiB]
    #[arg(long, value_name = "BYTES")]
    pub(crate) max_log_bytes: Option<u64>,
    /// How long it takes until a topic is there that is made because a client asks about it; 0s for at once
    /// [default: 30ms, and 0s with a manual clock]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(crate) auto_create_delay: Option<Duration>,
    /// How many rows the journal keeps; 0 for none [default: 10000]
    #[arg(long, value_name = "N")]
    pub(crate) journal_rows: Option<usize>,
    /// The journal keeps requests and answers whole
    #[arg(long)]
    pub(crate) journal_bodies: bool,
    /// Write down everything that happens, for fauxka rerun; ends at 1 GiB
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Record over a file that is there
    #[arg(long, requires = "record")]
    pub(crate) force: bool,
    /// Look after every input whether the cluster is still sound, and stop where it is not; slow, for a defect of Fauxka itself
    #[arg(long)]
    pub(crate) check_invariants: bool,
    /// What is logged to standard error, such as warn or fauxka=debug
    #[arg(long, value_name = "FILTER", default_value = "info")]
    pub(crate) log: String,
}

/// Where a cluster is reached, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Reach {
    /// Where the first node listens; the others follow on the next ports. Port 0: free ports
    /// [default: 127.0.0.1:9092]
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// What clients are told to connect to; "dialled" or "*": the host they reached us at
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) advertise: Option<Advertise>,
    /// Where the control port is [default: 127.0.0.1:9700, or a free port if that is taken]
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) control: Option<String>,
    /// What requests to the control port must show; one that others can reach needs it
    #[arg(
        long,
        value_name = "TOKEN",
        env = "FAUXKA_CONTROL_TOKEN",
        hide_env_values = true
    )]
    pub(crate) control_token: Option<String>,
    /// No control port
    #[arg(long, conflicts_with = "control")]
    pub(crate) no_control: bool,
    /// End when the process that started this one ends
    #[arg(long)]
    pub(crate) exit_with_parent: bool,
}

/// What moves time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClockKind {
    /// The system's clock
    Real,
    /// Requests to the control port
    Manual,
}

/// What clients are told to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Advertise {
    /// The host that they reached us at.
    Dialled,
    /// This one.
    Host(String, Option<u16>),
}

impl FromStr for Advertise {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if matches!(text, "dialled" | "*") {
            return Ok(Self::Dialled);
        }
        let (host, port) = match text.rsplit_once(':') {
            // More colons and no brackets: an IPv6 address alone.
            Some((host, _)) if host.contains(':') && !host.ends_with(']') => (text, None),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        };
        let port = port
            .map(|port| port.parse().map_err(|_| format!("{port} is not a port")))
            .transpose()?;
        let host = host.trim_matches(['[', ']']);
        if host.is_empty() {
            return Err("a host is missing".to_owned());
        }
        Ok(Self::Host(host.to_owned(), port))
    }
}

/// A topic that exists from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) partitions: usize,
    /// By default the number of nodes, at most three.
    pub(crate) replication: Option<usize>,
}

impl FromStr for Topic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| {
            part.parse()
                .map_err(|_| format!("{part} is not a number of partitions or replicas"))
        };
        let mut parts = text.split(':');
        let topic = Self {
            name: parts.next().unwrap_or_default().to_owned(),
            partitions: parts.next().map_or(Ok(1), number)?,
            replication: parts.next().map(number).transpose()?,
        };
        match parts.next() {
            Some(_) => Err("more than NAME:PARTITIONS:REPLICATION".to_owned()),
            None => Ok(topic),
        }
    }
}

/// Somebody who can log in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) password: String,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:…", self.name)
    }
}

/// A password may have colons in it.
fn user(text: &str) -> Result<User, String> {
    let (name, password) = text.split_once(':').ok_or("not USER:PASSWORD")?;
    Ok(User {
        name: name.to_owned(),
        password: password.to_owned(),
    })
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("not KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn addresses_to_advertise_are_read() {
        #[track_caller]
        fn check(text: &str, expected: Option<(&str, Option<u16>)>) {
            let expected = expected.map(|(host, port)| Advertise::Host(host.to_owned(), port));
            assert_eq!(text.parse::<Advertise>().ok(), expected, "{text}");
        }
        check("kafka", Some(("kafka", None)));
        check("kafka:9092", Some(("kafka", Some(9092))));
        check("[::1]:9092", Some(("::1", Some(9092))));
        check("[::1]", Some(("::1", None)));
        check("fe80::1", Some(("fe80::1", None)));
        check("kafka:x", None);
        check(":9092", None);
        assert_eq!("*".parse(), Ok(Advertise::Dialled));
        assert_eq!("dialled".parse(), Ok(Advertise::Dialled));
    }

    #[test]
    fn topics_are_read() {
        #[track_caller]
        fn check(text: &str, expected: Option<(&str, usize, Option<usize>)>) {
            let topic = text.parse::<Topic>().ok();
            let shown = topic
                .as_ref()
                .map(|topic| (topic.name.as_str(), topic.partitions, topic.replication));
            assert_eq!(shown, expected, "{text}");
        }
        check("a", Some(("a", 1, None)));
        check("a:6", Some(("a", 6, None)));
        check("a:6:3", Some(("a", 6, Some(3))));
        check("a:b", None);
        check("a:6:3:1", None);
    }
}
