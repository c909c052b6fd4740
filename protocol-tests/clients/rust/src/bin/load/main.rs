//! The load of `make bench`: librdkafka with its defaults, as fast as it can or at a pace, and librdkafka's mock cluster.
//!
//! Each command prints one line with what it measured as JSON.

mod flat_out;
mod paced;

use std::io::{self, Write as _};

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};
use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;

/// Librdkafka as a load.
#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Which librdkafka this is
    Version,
    /// A mock cluster of one node, until the process is killed
    Mock {
        /// NAME:PARTITIONS of a topic that is there from the start
        #[arg(long)]
        topic: Vec<String>,
    },
    /// Records to all partitions in turn, as fast as they are taken
    Produce(Records),
    /// Every record, by assignment
    Consume(Records),
    /// Single records, so many a second: how long the acknowledgement took from the call on
    Paced {
        #[command(flatten)]
        records: Records,
        #[arg(long)]
        rate: u32,
        /// Transactions of this length; idempotent without it
        #[arg(long)]
        commit_ms: Option<u64>,
    },
    /// Transactions of one record: how long each commit took
    Commits(Records),
}

/// What is written or read.
#[derive(Args)]
struct Records {
    #[arg(long)]
    bootstrap: String,
    #[arg(long)]
    topic: String,
    #[arg(long)]
    partitions: usize,
    /// How many
    #[arg(long)]
    records: usize,
    #[arg(long, default_value_t = 1024)]
    record_bytes: usize,
    #[arg(long, value_enum, default_value_t = Codec::None)]
    codec: Codec,
    /// How long a batch waits for more records
    #[arg(long, default_value_t = 5)]
    linger_ms: u32,
    /// KEY=VALUE of librdkafka's configuration, beside the defaults
    #[arg(long)]
    set: Vec<String>,
    /// A load that takes longer fails
    #[arg(long, default_value_t = 120)]
    seconds: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Codec {
    None,
    Gzip,
    Lz4,
    Snappy,
    Zstd,
}

impl Records {
    fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap);
        for (key, value) in self.set.iter().filter_map(|one| one.split_once('=')) {
            config.set(key, value);
        }
        config
    }

    /// All acknowledgements, and none doubled.
    fn producer(&self) -> ClientConfig {
        let codec = match self.codec {
            Codec::None => "none",
            Codec::Gzip => "gzip",
            Codec::Lz4 => "lz4",
            Codec::Snappy => "snappy",
            Codec::Zstd => "zstd",
        };
        let mut config = self.client();
        config
            .set("acks", "all")
            .set("enable.idempotence", "true")
            .set("compression.type", codec)
            .set("linger.ms", self.linger_ms.to_string());
        config
    }

    fn partition(&self, index: usize) -> Result<i32> {
        Ok(i32::try_from(index % self.partitions)?)
    }
}

/// Values of records: half of each is random.
struct Values {
    pool: Vec<u8>,
    record_bytes: usize,
}

impl Values {
    const POOL_BYTES: usize = 8 << 20;

    fn new(record_bytes: usize) -> Self {
        let mut pool = vec![0; Self::POOL_BYTES / record_bytes * record_bytes];
        // Marsaglia's xorshift, from a fixed seed: every run writes the same.
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        for value in pool.chunks_mut(record_bytes) {
            for byte in value.iter_mut().take(record_bytes / 2) {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *byte = state.to_be_bytes()[0];
            }
        }
        Self { pool, record_bytes }
    }

    fn at(&self, index: usize) -> &[u8] {
        let count = self.pool.len() / self.record_bytes;
        let from = index % count * self.record_bytes;
        &self.pool[from..from + self.record_bytes]
    }
}

fn mock(topics: &[String]) -> Result<()> {
    let cluster = MockCluster::new(1)?;
    for topic in topics {
        let (name, partitions) = topic.rsplit_once(':').unwrap_or((topic, "1"));
        cluster.create_topic(name, partitions.parse()?, 1)?;
    }
    say(&format!("READY bootstrap={}", cluster.bootstrap_servers()))?;
    loop {
        std::thread::park();
    }
}

fn say(line: &str) -> Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

fn main() -> Result<()> {
    match Options::parse().command {
        Command::Version => say(&rdkafka::util::get_rdkafka_version().1),
        Command::Mock { topic } => mock(&topic),
        Command::Produce(records) => say(&flat_out::produce(&records)?),
        Command::Consume(records) => say(&flat_out::consume(&records)?),
        Command::Paced {
            records,
            rate,
            commit_ms,
        } => say(&paced::records(&records, rate, commit_ms)?),
        Command::Commits(records) => say(&paced::commits(&records)?),
    }
}
