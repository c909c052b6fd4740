//! `fauxka snapshot`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Subcommand;
use fauxka::snapshot::Snapshot;

use super::asked::{Asked, Asking};
use super::http;

#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotVerb {
    /// Writes what the cluster is now to a file
    Save {
        /// The file; it is there whole or not at all
        file: PathBuf,
    },
    /// Takes a snapshot that the cluster keeps
    Take {
        /// What to call it: letters, digits, - and _
        name: String,
    },
    /// Lists the snapshots that the cluster keeps
    List,
    /// Makes the cluster what it was: fauxka snapshot restore before, or ./orders.fauxka
    Restore {
        /// One that the cluster keeps, or a file: whatever has a dot or a slash in it
        #[arg(value_name = "NAME-or-FILE")]
        from: String,
    },
    /// Forgets a snapshot that the cluster keeps
    Forget {
        /// What it is called
        name: String,
    },
}

impl SnapshotVerb {
    /// Asks, and prints the answer.
    pub(super) fn run(&self, asking: &Asking) -> Result<()> {
        let kept = |name: &str| format!("/v1/snapshots/{}", http::encoded(name));
        match self {
            Self::Save { file } => {
                asking.refuse_watch()?;
                save(asking, file)
            }
            Self::Take { name } => asking.print(&[Asked::command(kept(name))]),
            Self::List => asking.print(&[Asked::get("/v1/snapshots")]),
            Self::Restore { from } if from.contains(['.', '/', '\\']) => {
                asking.refuse_watch()?;
                // Read first, so that what is wrong with the file is said of the file.
                let bytes = Snapshot::load(from)?.to_bytes()?;
                http::upload(&asking.control, "/v1/snapshot", &bytes)
            }
            Self::Restore { from } => {
                asking.print(&[Asked::command(format!("{}/restore", kept(from)))])
            }
            Self::Forget { name } => asking.print(&[Asked::delete(kept(name))]),
        }
    }
}

/// What came whole is written.
fn save(asking: &Asking, file: &Path) -> Result<()> {
    let bytes = http::download(&asking.control, "/v1/snapshot")?;
    let snapshot = Snapshot::from_bytes(bytes).context("what the control port gave")?;
    Ok(snapshot.save(file)?)
}
