//! The contract of ../../README.md, shared by the Rust programs: arguments, lines in, lines out.

use std::path::PathBuf;
use std::time::Duration;
use std::{fs, future};

use anyhow::Result;
use clap::Parser;

/// Bounds one round trip.
pub const DEADLINE: Duration = Duration::from_secs(60);

#[derive(Parser)]
enum Command {
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
}

/// One round trip: through which broker, topic and codec, and what goes in.
pub struct Trip {
    pub bootstrap: String,
    pub topic: String,
    pub codec: String,
    pub lines: Vec<Vec<u8>>,
}

/// Runs the sub-command that the arguments name; `trip` returns what it consumed.
pub async fn main<F: future::Future<Output = Result<Vec<Vec<u8>>>>>(
    trip: impl Fn(Trip) -> F,
) -> Result<()> {
    let Command::Roundtrip {
        bootstrap,
        topic,
        input,
        output,
        codecs,
    } = Command::parse();
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
