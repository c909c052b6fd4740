//! A request of the control port, whom it goes to, and how its answer is printed.

use std::io::{self, Write as _};

use anyhow::Result;
use clap::Args;
use serde_json::Value as Json;

use super::http;
use super::show::human;

/// Whom to ask, and how to answer.
#[derive(Debug, Args)]
pub(crate) struct Asking {
    /// The control port of the cluster
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "FAUXKA_CONTROL",
        default_value = "http://127.0.0.1:9700"
    )]
    pub(super) control: String,
    /// Print the answer as JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
}

/// A request of the control port.
#[derive(Debug)]
pub(super) struct Asked {
    method: &'static str,
    path: String,
    body: Option<Json>,
}

impl Asked {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path, None)
    }

    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self::new("DELETE", path, None)
    }

    /// A POST that says what is to be done by its path alone.
    pub(super) fn command(path: impl Into<String>) -> Self {
        Self::new("POST", path, None)
    }

    pub(super) fn post(path: impl Into<String>, body: Json) -> Self {
        Self::new("POST", path, Some(body))
    }

    fn new(method: &'static str, path: impl Into<String>, body: Option<Json>) -> Self {
        let path = path.into();
        Self { method, path, body }
    }
}

impl Asking {
    /// The answer; an error if the port refuses.
    pub(super) fn ask(&self, asked: &Asked) -> Result<Json> {
        http::ask(
            &self.control,
            asked.method,
            &asked.path,
            asked.body.as_ref(),
        )
    }

    /// Asks, and prints the answers.
    pub(super) fn print(&self, requests: &[Asked]) -> Result<()> {
        let mut out = io::stdout();
        for asked in requests {
            let answer = self.ask(asked)?;
            if self.json {
                writeln!(out, "{answer}")?;
            } else {
                write!(out, "{}", human(&answer))?;
            }
        }
        Ok(())
    }
}
