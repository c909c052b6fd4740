//! What the broker costs, beside others that the command line names: `make bench`.
//!
//! One table has what users meet. `--only` also knows tables of details, by this program's own load. Figures depend on the
//! machine, the ratios much less.

mod comparison;
mod exchange;
mod figures;
mod frames;
mod latency;
mod librdkafka;
mod load;
mod machine;
mod metadata;
mod peer;
mod plain;
mod process;
mod records;
mod requests;
mod scale;
mod server;
mod shares;
mod sizes;
mod small;
mod start;
mod transfers;
mod unread;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, ValueEnum};

use comparison::{Comparison, Row};
use librdkafka::Librdkafka;
use peer::{How, Installed, Peer};
use sizes::Sizes;

/// Measures a built broker, and others beside it, and prints a table in Markdown.
#[derive(Parser)]
struct Options {
    /// The broker's program [default: the one beside this]
    #[arg(long)]
    program: Option<PathBuf>,
    /// Another server, measured in turn: `kafka`, `kfake`, `tansu` or `mock` as installed by `clients/peers.py`,
    /// NAME=PROGRAM that prints `bootstrap=HOST:PORT`, NAME='PROGRAM WORD {port}' with its words, or NAME=HOST:PORT of what
    /// runs already. Programs whose names begin with `fauxka` are started as the broker is
    #[arg(long = "peer", value_name = "PEER")]
    peers: Vec<String>,
    /// Bytes of record values that each load of 1 KiB records moves, in MiB
    #[arg(long, default_value_t = 480)]
    mebibytes: usize,
    /// How often each is measured, in turn with the others; the medians are printed
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Measures little, to see that all can be measured
    #[arg(long)]
    quick: bool,
    /// Measures these rows or tables alone
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Where other servers and the load were installed [default: `clients` beside the programs' folder]
    #[arg(long)]
    installed: Option<PathBuf>,
    /// The folder of Apache Kafka's jars [default: `oracle/libs` beside the programs' folder]
    #[arg(long)]
    oracle: Option<PathBuf>,
    /// Serves plain TCP instead: what the broker's transfers are compared with
    #[arg(long, hide = true)]
    plain: bool,
    /// Keeps frames and gives them back instead, for a topic NAME:PARTITIONS: what librdkafka's load costs at least
    #[arg(long, hide = true)]
    frames: Option<String>,
}

/// What can be measured alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Of the table.
    Row(Row),
    Details(Details),
}

/// Tables of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Details {
    /// Batches of 1 MiB beside plain TCP
    Transfers,
    /// Metadata of clusters of three sizes
    Metadata,
    /// What the journal and a recording add to small requests
    Journal,
    /// ShareFetch and ShareAcknowledge beside Fetch
    Shares,
    /// Memory of answers that nobody reads
    Unread,
}

impl ValueEnum for Part {
    fn value_variants<'a>() -> &'a [Self] {
        use Details::{Journal, Metadata, Shares, Transfers, Unread};
        use Row::{
            Connections, Embedded, Latency, Lz4, Plain, Requests, Small, SmallMany, Start, Topics,
            Transactions,
        };
        &[
            Self::Row(Start),
            Self::Row(Embedded),
            Self::Row(Plain),
            Self::Row(Lz4),
            Self::Row(Small),
            Self::Row(SmallMany),
            Self::Row(Latency),
            Self::Row(Transactions),
            Self::Row(Topics),
            Self::Row(Connections),
            Self::Row(Requests),
            Self::Details(Transfers),
            Self::Details(Metadata),
            Self::Details(Journal),
            Self::Details(Shares),
            Self::Details(Unread),
        ]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        match self {
            Self::Row(row) => row.to_possible_value(),
            Self::Details(details) => details.to_possible_value(),
        }
    }
}

impl Options {
    /// The rows of the table that are measured.
    fn rows(&self) -> Vec<Row> {
        let all = Part::value_variants();
        let parts = if self.only.is_empty() {
            all
        } else {
            &self.only
        };
        let row = |part: &Part| match part {
            Part::Row(row) => Some(*row),
            Part::Details(_) => None,
        };
        parts.iter().filter_map(row).collect()
    }

    fn has(&self, details: Details) -> bool {
        self.only.contains(&Part::Details(details))
    }

    fn sizes(&self) -> Sizes {
        if self.quick {
            Sizes::quick()
        } else {
            Sizes::new(self.mebibytes)
        }
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let done = if options.plain {
        plain::serve()
    } else if let Some(topic) = &options.frames {
        frames::serve(topic)
    } else {
        measure(&options)
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _lost = writeln!(io::stderr(), "bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<()> {
    let own = std::env::current_exe()?;
    let built = || own.with_file_name("fauxka");
    let program = options.program.clone().unwrap_or_else(built);
    let targets = own.ancestors().nth(2).context("a folder of builds")?;
    let beside = |given: &Option<PathBuf>, name: &str| {
        let given = given.clone();
        given.unwrap_or_else(|| targets.join(name))
    };
    let clients = beside(&options.installed, "clients");
    let oracle = beside(&options.oracle, "oracle/libs");
    let mut out = io::stdout().lock();
    let load = Librdkafka::new(&clients.join("rust/debug/load"));
    if let Err(error) = &load {
        writeln!(out, "SKIPPED librdkafka and its mock: {error:#}")?;
    }
    let load = load.ok();
    let installed = Installed {
        clients: &clients,
        oracle: &oracle,
        load: load.as_ref(),
    };
    let peers = peers(options, (&program, &own), &installed, &mut out)?;
    let comparison = Comparison {
        peers: &peers,
        load: load.as_ref(),
        sizes: &options.sizes(),
        rounds: options.rounds,
        rows: options.rows(),
    };
    if !comparison.rows.is_empty() {
        comparison.print(&mut out)?;
    }
    details(options, &program, &own, &oracle, &peers, load.as_ref())
}

/// The broker, the server that only keeps frames, and what the command line names.
fn peers(
    options: &Options,
    (program, own): (&Path, &Path),
    installed: &Installed<'_>,
    out: &mut impl Write,
) -> Result<Vec<Peer>> {
    ensure!(options.rounds > 0, "measure at least one round");
    let frames = How::Frames(own.to_owned());
    let mut peers = vec![
        Peer::fauxka("Fauxka", program)?,
        Peer::new("frames only", String::new(), frames),
    ];
    for named in &options.peers {
        match Peer::named(named, installed) {
            Ok(peer) => peers.push(peer),
            Err(why) => writeln!(out, "SKIPPED {named}: {why:#}")?,
        }
    }
    Ok(peers)
}

/// Tables that are asked for by name.
fn details(
    options: &Options,
    program: &Path,
    own: &Path,
    oracle: &Path,
    peers: &[Peer],
    load: Option<&Librdkafka>,
) -> Result<()> {
    let mut out = io::stdout().lock();
    let earlier = peers.iter().skip(1).find_map(|peer| {
        let How::Fauxka(program) = &peer.how else {
            return None;
        };
        Some(program.as_path())
    });
    let kfake = peers.iter().find_map(|peer| {
        let How::Program(program) = &peer.how else {
            return None;
        };
        (peer.name == "kfake").then_some(program.as_path())
    });
    let details = DetailsOf {
        program,
        own,
        oracle,
        earlier,
        kfake,
        payload: options.mebibytes << 20,
        rounds: options.rounds,
    };
    if options.has(Details::Transfers) {
        transfers::measure(&details, &mut out)?;
    }
    if options.has(Details::Metadata) {
        metadata::measure(&details, &mut out)?;
    }
    if options.has(Details::Journal) {
        requests::measure(&details, &mut out)?;
    }
    if options.has(Details::Shares) {
        shares::measure(&details, &mut out)?;
    }
    if options.has(Details::Unread) {
        unread::measure(&details, load, &mut out)?;
    }
    Ok(())
}

/// What tables of details are measured with.
struct DetailsOf<'a> {
    program: &'a Path,
    /// This program, which serves plain TCP.
    own: &'a Path,
    /// Apache Kafka's jars.
    oracle: &'a Path,
    /// Another build of the broker, if one is among the peers.
    earlier: Option<&'a Path>,
    kfake: Option<&'a Path>,
    /// Bytes of record values.
    payload: usize,
    rounds: usize,
}
