//! `fauxka recording`: recordings of a cluster that runs.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde_json::{Map, json};

use super::asked::{Asked, Asking};
use super::http;

#[derive(Debug, Subcommand)]
pub(crate) enum RecordingVerb {
    /// Writes down everything that happens from now on; coordinators load again, and anyone who waits is disconnected
    Start {
        /// Where to, on the cluster's machine [default: a temporary file]
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// Record over a file that is there
        #[arg(long, requires = "file")]
        force: bool,
        /// How many bytes the file may have [default: 1 GiB]
        #[arg(long, value_name = "SIZE", value_parser = fauxka::parse_size)]
        max_bytes: Option<u64>,
        /// Reset the cluster before
        #[arg(long)]
        reset: bool,
    },
    /// Ends the recording
    Stop,
    /// Says where the recording is, and how far it has come
    Show,
    /// Writes what was recorded so far to a file here, for fauxka rerun
    Fetch {
        /// The file
        file: PathBuf,
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
    },
}

impl RecordingVerb {
    /// Asks, and prints the answer.
    pub(super) fn run(&self, asking: &Asking) -> Result<()> {
        match self {
            Self::Start {
                file,
                force,
                max_bytes,
                reset,
            } => {
                let mut body = Map::new();
                if let Some(file) = file {
                    body.insert("file".to_owned(), json!(file));
                }
                if let Some(bytes) = max_bytes {
                    body.insert("max_bytes".to_owned(), json!(bytes));
                }
                for (name, wanted) in [("force", force), ("reset", reset)] {
                    if *wanted {
                        body.insert(name.to_owned(), json!(true));
                    }
                }
                asking.print(&[Asked::post("/v1/recording", body.into())])
            }
            Self::Stop => asking.print(&[Asked::command("/v1/recording/stop")]),
            Self::Show => asking.print(&[Asked::get("/v1/recording")]),
            Self::Fetch { file, force } => {
                asking.refuse_watch()?;
                fetch(asking, file, *force)
            }
        }
    }
}

fn fetch(asking: &Asking, path: &Path, force: bool) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(!force);
    options.create(force).truncate(force);
    let cannot = || format!("cannot write {}", path.display());
    // Asked for first, so that what cannot be fetched leaves no file.
    let bytes = http::download(&asking.control, "/v1/recording/file")?;
    let mut file = options.open(path).with_context(cannot)?;
    file.write_all(&bytes).with_context(cannot)
}
