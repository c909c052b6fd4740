//! The contract of ../../README.md, shared by the Rust programs: arguments, lines in, lines out.

pub mod secured;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Parser};

/// Bounds one round trip.
pub const DEADLINE: Duration = Duration::from_secs(60);

#[derive(Parser)]
pub enum Command {
    Roundtrip {
        #[arg(long)]
        bootstrap: String,
        #[arg(long)]
        topic: String,
        #[arg(long)]
        input: PathBuf,
        #[arg(long)]
        output: PathBuf,
        #[arg(long, value_delimiter = ',')]
        codecs: Vec<String>,
    },
    Transactions(Member),
    Successor(Member),
    Read {
        #[arg(long)]
        bootstrap: String,
        #[arg(long)]
        topic: String,
        #[arg(long)]
        isolation: String,
    },
}

/// Who consumes in a group and produces in transactions.
#[derive(Args, Clone)]
pub struct Member {
    #[arg(long)]
    pub bootstrap: String,
    #[arg(long)]
    pub input: String,
    #[arg(long)]
    pub output: String,
    #[arg(long)]
    pub group: String,
    #[arg(long)]
    pub transactional_id: String,
    #[arg(long)]
    pub session_ms: u32,
}

/// One round trip: through which broker, topic and codec, and what goes in.
pub struct Trip {
    pub bootstrap: String,
    pub topic: String,
    pub codec: String,
    pub lines: Vec<Vec<u8>>,
}

/// Runs a round trip, the only sub-command of most programs; `trip` returns what it consumed.
pub async fn main<F: Future<Output = Result<Vec<Vec<u8>>>>>(
    trip: impl Fn(Trip) -> F,
) -> Result<()> {
    round_trip(Command::parse(), trip).await
}

/// Runs the round trip that the arguments ask for.
pub async fn round_trip<F: Future<Output = Result<Vec<Vec<u8>>>>>(
    command: Command,
    trip: impl Fn(Trip) -> F,
) -> Result<()> {
    let Command::Roundtrip {
        bootstrap,
        topic,
        input,
        output,
        codecs,
    } = command
    else {
        bail!("it has no other sub-command");
    };
    let lines: Vec<Vec<u8>> = fs::read_to_string(input)?
        .lines()
        .map(|line| line.as_bytes().to_vec())
        .collect();
    for codec in codecs {
        let one = Trip {
            bootstrap: bootstrap.clone(),
            topic: format!("{topic}-{codec}"),
            codec: codec.clone(),
            lines: lines.clone(),
        };
        let values = tokio::time::timeout(DEADLINE, trip(one)).await??;
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.iter().chain(b"\n"))
            .copied()
            .collect();
        fs::write(output.join(&codec), bytes)?;
        println!("DONE {codec} {}", values.len());
    }
    Ok(())
}
