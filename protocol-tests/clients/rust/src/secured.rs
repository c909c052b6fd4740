//! What a client is told of a listener with TLS: the contract of ../../README.md for `secured`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Parser};

/// The values that are written and read back.
pub const VALUES: [&str; 3] = ["one", "two", "three"];

/// A client that is refused gives up within this time.
pub const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Parser)]
enum Command {
    Secured(Secured),
}

/// Where a client connects, whom it trusts, and who it is.
#[derive(Args, Clone)]
pub struct Secured {
    #[arg(long)]
    pub bootstrap: String,
    #[arg(long)]
    pub topic: String,
    #[arg(long)]
    pub protocol: String,
    /// Always PEM here.
    #[arg(long)]
    pub stores: String,
    #[arg(long)]
    pub ca: PathBuf,
    #[arg(long)]
    pub certificate: Option<PathBuf>,
    #[arg(long)]
    pub mechanism: Option<String>,
    #[arg(long)]
    pub user: Option<String>,
    #[arg(long)]
    pub password: Option<String>,
}

impl Secured {
    /// Reads the program's arguments.
    pub fn arguments() -> Self {
        let Command::Secured(secured) = Command::parse();
        secured
    }

    /// The user and the password, if the client logs in.
    pub fn log_in(&self) -> Option<(String, String)> {
        self.user.clone().zip(self.password.clone())
    }
}

/// Says what came back.
pub fn done(values: &[Vec<u8>]) -> Result<()> {
    if values.len() < VALUES.len() {
        bail!("only {} values came back", values.len());
    }
    for value in values {
        println!("{}", String::from_utf8_lossy(value));
    }
    Ok(())
}
