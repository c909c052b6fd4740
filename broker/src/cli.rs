//! The command line.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgGroup, Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use fauxka::listeners::Listener;

mod acls;
mod advertise;
mod asked;
mod certificates;
mod cluster;
mod complete;
mod evict;
mod faults;
mod groups;
mod http;
mod iam;
mod journal;
mod login;
mod metrics;
mod nodes;
mod produce;
mod recordings;
mod records;
pub(crate) mod remote;
mod report;
pub(crate) mod rerun;
mod rows;
mod rule;
pub(crate) mod shell;
mod show;
mod snapshots;
mod topics;
mod users;
mod values;
mod wait;

pub(crate) use values::read;
use values::{Topic, User, setting, user};

/// Where the first node listens when nothing is said about it.
pub(crate) const DEFAULT_LISTEN: &str = "127.0.0.1:9092";

/// The OpenAPI document of the control port.
const OPENAPI: &str = include_str!("../docs/openapi.json");

/// Where the control port is when nothing is said about it.
pub(crate) const DEFAULT_CONTROL: &str = "127.0.0.1:9700";

/// What the program ends with.
const STATUSES: &str = "Exit status:
  0  all went well; serve: it was asked to end, by SIGTERM or SIGINT
  1  it failed, the cluster refused, or what was waited for did not come in time
  2  the command line is wrong
  3  serve: a fault rule has not acted as often as it was expected to (--expect)";

/// An emulator of an Apache Kafka cluster for tests.
///
/// Once every node accepts connections one line is printed:
/// READY bootstrap=HOST:PORT[,HOST:PORT…] control=URL seed=N
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, after_long_help = STATUSES)]
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
    /// Prints what a shell needs to complete these commands: source <(fauxka completions bash)
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Writes a man page for every command
    Man {
        /// A folder, which is made if it is not there
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Prints the OpenAPI document of the control port
    Openapi,
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
    Man(PathBuf),
    Openapi,
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

/// The command line of a cluster that is served. Building the parsers of all other commands takes longer than all else
/// until the cluster is ready.
#[derive(Debug, Parser)]
#[command(name = "fauxka", disable_help_flag = true)]
struct Serving {
    #[command(flatten)]
    serve: Serve,
}

impl Cli {
    /// Reads the command line. --control and --json may stand before a command that asks a cluster, too.
    pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Self {
        let arguments: Vec<_> = arguments.collect();
        if arguments.get(1).is_none_or(|first| is_option(first))
            && let Ok(Serving { serve }) = Serving::try_parse_from(&arguments)
        {
            return Self {
                command: None,
                serve,
            };
        }
        // Help, mistakes and all that has a command.
        Self::parse_from(moved_behind(arguments))
    }

    /// What is to be done; serving if nothing is said.
    pub(crate) fn task(self) -> Task {
        match self.command {
            Some(Command::Serve(serve)) => Task::Serve(serve),
            Some(Command::Replay(replay)) => Task::Replay(replay),
            Some(Command::Rerun(rerun)) => Task::Rerun(rerun),
            Some(Command::Completions { shell }) => Task::Completions(shell),
            Some(Command::Man { folder }) => Task::Man(folder),
            Some(Command::Openapi) => Task::Openapi,
            Some(Command::Remote(remote)) => Task::Remote(remote),
            None => Task::Serve(Box::new(self.serve)),
        }
    }
}

fn is_option(argument: &OsStr) -> bool {
    argument.as_encoded_bytes().starts_with(b"-")
}

/// Moves what says whom to ask, and how to answer, behind all else, if the command asks a cluster: so it may stand
/// anywhere, also before the command and between its words, where clap takes it for an option of something else.
fn moved_behind(given: Vec<OsString>) -> Vec<OsString> {
    let (mut kept, mut moved, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    let mut arguments = given.iter().cloned();
    while let Some(argument) = arguments.next() {
        let is_value_next = argument == "--control";
        match argument.to_str() {
            Some("--") => {
                rest.push(argument);
                rest.extend(arguments.by_ref());
            }
            Some("--control" | "--json" | "--watch") => moved.push(argument),
            Some(text) if text.starts_with("--control=") => moved.push(argument),
            _ => kept.push(argument),
        }
        if is_value_next {
            moved.extend(arguments.next());
        }
    }
    let command = kept.get(1).and_then(|word| word.to_str());
    let asks = command.is_some_and(|name| {
        let command = Cli::command();
        let found = command.find_subcommand(name);
        found.is_some_and(|command| command.get_arguments().any(|one| one.get_id() == "watch"))
    });
    if asks {
        [kept, moved, rest].concat()
    } else {
        given
    }
}

/// What a cluster looks like.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("written").args(["record", "journal_file"]).multiple(true))]
pub(crate) struct Serve {
    /// A description of the cluster, in TOML: its nodes, settings, topics, records and committed offsets.
    /// All other options are stronger
    #[arg(long, value_name = "FILE", env = "FAUXKA_FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Fault rules that are there from the start, in JSON: a rule or a list of rules
    #[arg(
        long,
        value_name = "FILE",
        env = "FAUXKA_FAULTS",
        value_delimiter = ','
    )]
    pub(crate) faults: Vec<PathBuf>,
    /// A snapshot to start from, with its nodes; all other options come on top
    #[arg(long, value_name = "FILE", env = "FAUXKA_SNAPSHOT")]
    pub(crate) snapshot: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// Number of nodes [default: 1]
    #[arg(long, value_name = "N", env = "FAUXKA_NODES")]
    pub(crate) nodes: Option<usize>,
    /// Id of the first node [default: 1]
    #[arg(long, value_name = "ID", env = "FAUXKA_FIRST_NODE_ID")]
    pub(crate) first_node_id: Option<i32>,
    /// A topic that exists from the start; in the environment several, with commas between them
    #[arg(
        long,
        value_name = "NAME[:PARTITIONS[:REPLICATION]]",
        env = "FAUXKA_TOPIC",
        value_delimiter = ','
    )]
    pub(crate) topic: Vec<Topic>,
    /// A listener, instead of --listen: more than one, or with a name, protocol and mechanisms of its own.
    /// [NAME=]PROTOCOL://HOST:PORT, such as SASL_PLAINTEXT://127.0.0.1:9096; behind it, if you like,
    /// ?advertise=HOST[:PORT]&mechanisms=PLAIN+SCRAM-SHA-512&nodes=1+2
    #[arg(long, value_name = "LISTENER", conflicts_with_all = ["listen", "advertise"], env = "FAUXKA_LISTENER", value_delimiter = ',')]
    pub(crate) listener: Vec<Listener>,
    /// Make a certificate authority and certificates for listeners with TLS, in DIR or in a folder that ends with the
    /// cluster; the READY line says where the authority's is. Without --listener the listener is SSL, or SASL_SSL with users
    #[cfg(feature = "tls")]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = "true", env = "FAUXKA_TLS")]
    pub(crate) tls: Option<String>,
    /// Refused: the program was built without TLS
    #[cfg(not(feature = "tls"))]
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "", env = "FAUXKA_TLS", value_parser = values::without_tls)]
    pub(crate) tls: Option<String>,
    /// A name or address that the nodes' certificate is for, beside those in use
    #[cfg(feature = "tls")]
    #[arg(
        long,
        value_name = "NAME",
        requires = "tls",
        env = "FAUXKA_TLS_NAME",
        value_delimiter = ','
    )]
    pub(crate) tls_name: Vec<String>,
    /// A client who gets a certificate, beside the one named client
    #[cfg(feature = "tls")]
    #[arg(
        long,
        value_name = "NAME",
        requires = "tls",
        env = "FAUXKA_TLS_CLIENT",
        value_delimiter = ','
    )]
    pub(crate) tls_client: Vec<String>,
    /// For how long certificates that are made are valid, on the cluster's clock [default: 825days]
    #[cfg(feature = "tls")]
    #[arg(long, value_name = "DURATION", requires = "tls", value_parser = humantime::parse_duration, env = "FAUXKA_TLS_VALID_FOR")]
    pub(crate) tls_valid_for: Option<Duration>,
    /// Somebody who can log in, by PLAIN and SCRAM; with users nobody else is served. In the environment one a line
    #[arg(long, value_name = "USER:PASSWORD", value_parser = user, env = "FAUXKA_SASL", value_delimiter = '\n', hide_env_values = true)]
    pub(crate) sasl: Vec<User>,
    #[command(flatten)]
    pub(crate) login: login::Login,
    /// A property of Kafka's brokers; stronger than --properties. In the environment one a line
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting, env = "FAUXKA_CONFIG", value_delimiter = '\n')]
    pub(crate) config: Vec<(String, String)>,
    /// A server.properties file of Kafka's
    #[arg(long, value_name = "FILE", env = "FAUXKA_PROPERTIES")]
    pub(crate) properties: Option<PathBuf>,
    /// Accept settings that would change who can connect or what clients may do, though they have no effect here; each gets a warning
    /// in the log. Without it they are refused
    #[arg(long, env = "FAUXKA_LENIENT", value_parser = BoolishValueParser::new())]
    pub(crate) lenient: bool,
    /// What moves time [default: real]
    #[arg(long, value_enum, env = "FAUXKA_CLOCK")]
    pub(crate) clock: Option<ClockKind>,
    /// Offer the requests and features of another release: 2.8, 3.0 to 3.9, 4.0 to 4.4, msk-serverless
    #[arg(long, value_name = "RELEASE", env = "FAUXKA_AS_VERSION")]
    pub(crate) as_version: Option<String>,
    /// Decides every random choice [default: a new one each time]
    #[arg(long, value_name = "N", env = "FAUXKA_SEED")]
    pub(crate) seed: Option<u64>,
    /// Most bytes of records that are held, such as 64MiB [default: half of the memory]
    #[arg(long, value_name = "SIZE", value_parser = fauxka::parse_size, env = "FAUXKA_MAX_LOG_BYTES")]
    pub(crate) max_log_bytes: Option<u64>,
    /// How long it takes until a topic is there that is made because a client asks about it; 0s for at once
    /// [default: 30ms, and 0s with a manual clock]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, env = "FAUXKA_AUTO_CREATE_DELAY")]
    pub(crate) auto_create_delay: Option<Duration>,
    /// How many rows the journal keeps; 0 for none [default: 10000]
    #[arg(long, value_name = "N", env = "FAUXKA_JOURNAL_ROWS")]
    pub(crate) journal_rows: Option<usize>,
    /// The journal keeps requests and answers whole
    #[arg(long, env = "FAUXKA_JOURNAL_BODIES", value_parser = BoolishValueParser::new())]
    pub(crate) journal_bodies: bool,
    /// Write down everything that happens, for fauxka rerun; ends at 1 GiB
    #[arg(long, value_name = "FILE", env = "FAUXKA_RECORD")]
    pub(crate) record: Option<PathBuf>,
    /// Have each row of the journal written as it happens, as a line of JSON
    #[arg(long, value_name = "FILE", env = "FAUXKA_JOURNAL_FILE")]
    pub(crate) journal_file: Option<PathBuf>,
    /// Write over a file that is there, with --record and --journal-file
    #[arg(long, requires = "written", env = "FAUXKA_FORCE", value_parser = BoolishValueParser::new())]
    pub(crate) force: bool,
    /// Look after every input whether the cluster is still sound, and stop where it is not; slow, for a defect of Fauxka itself
    #[arg(long, env = "FAUXKA_CHECK_INVARIANTS", value_parser = BoolishValueParser::new())]
    pub(crate) check_invariants: bool,
    /// What is logged to standard error, such as warn or fauxka=debug
    #[arg(
        long,
        value_name = "FILTER",
        default_value = "info",
        env = "FAUXKA_LOG"
    )]
    pub(crate) log: String,
}

/// Where a cluster is reached, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Reach {
    /// Where the first node listens; the others follow on the next ports. Port 0: free ports. A port alone is one of
    /// 127.0.0.1, and :PORT one of all addresses
    /// [default: 127.0.0.1:9092]
    #[arg(long, value_name = "HOST:PORT", env = "FAUXKA_LISTEN")]
    pub(crate) listen: Option<String>,
    /// What clients are told to connect to; "dialled" or "*": the host they reached us at
    #[arg(long, value_name = "HOST[:PORT]", env = "FAUXKA_ADVERTISE")]
    pub(crate) advertise: Option<String>,
    /// Where the control port is [default: 127.0.0.1:9700, or a free port if that is taken]. FAUXKA_CONTROL is for
    /// commands that ask a cluster
    #[arg(long, value_name = "HOST:PORT", env = "FAUXKA_CONTROL_LISTEN")]
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
    #[arg(long, conflicts_with = "control", env = "FAUXKA_NO_CONTROL", value_parser = BoolishValueParser::new())]
    pub(crate) no_control: bool,
    /// End when the process that started this one ends
    #[arg(long, env = "FAUXKA_EXIT_WITH_PARENT", value_parser = BoolishValueParser::new())]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn who_is_asked_may_be_said_before_the_command() {
        let read = |line: &str| {
            let arguments = line.split(' ').map(OsString::from).collect();
            moved_behind(arguments)
                .join(" ".as_ref())
                .into_string()
                .unwrap()
        };
        for (line, expected) in [
            (
                "fauxka --control u --json topic list",
                "fauxka topic list --control u --json",
            ),
            ("fauxka --control=u cluster", "fauxka cluster --control=u"),
            (
                "fauxka journal --control u wait -- x",
                "fauxka journal wait --control u -- x",
            ),
            (
                "fauxka --control 9700 --nodes 3",
                "fauxka --control 9700 --nodes 3",
            ),
            ("fauxka --control 9700 serve", "fauxka --control 9700 serve"),
            ("fauxka --control", "fauxka --control"),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }
}
