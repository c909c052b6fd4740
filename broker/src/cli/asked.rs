//! A request of the control port, whom it goes to, and how its answer is printed.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use serde_json::Value as Json;

use super::http;
use super::show::human;

/// How long `--watch` pauses.
const PAUSE: Duration = Duration::from_secs(1);
/// Has a terminal begin an empty page.
const NEW_PAGE: &str = "\x1b[H\x1b[2J";

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
    /// Ask and print again every second, until you interrupt it
    #[arg(long, global = true)]
    pub(super) watch: bool,
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

    pub(super) fn put(path: impl Into<String>, body: Json) -> Self {
        Self::new("PUT", path, Some(body))
    }

    pub(super) fn patch(path: impl Into<String>, body: Json) -> Self {
        Self::new("PATCH", path, Some(body))
    }

    fn new(method: &'static str, path: impl Into<String>, body: Option<Json>) -> Self {
        let path = path.into();
        Self { method, path, body }
    }

    /// Whether it only looks, and does not wait.
    fn looks(&self) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        self.method == "GET" && !path.ends_with("/wait")
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
        self.show(requests, human)
    }

    /// The same; `render` has people's form of an answer.
    pub(super) fn show(&self, requests: &[Asked], render: impl Fn(&Json) -> String) -> Result<()> {
        if !requests.iter().all(Asked::looks) {
            self.refuse_watch()?;
        }
        self.repeat(|out| {
            for asked in requests {
                let answer = self.ask(asked)?;
                let text = if self.json {
                    format!("{answer}\n")
                } else {
                    render(&answer)
                };
                out.write_all(text.as_bytes())?;
            }
            Ok(())
        })
    }

    /// # Errors
    /// It was asked to be repeated.
    pub(super) fn refuse_watch(&self) -> Result<()> {
        if self.watch {
            bail!("--watch is for what shows or lists something");
        }
        Ok(())
    }

    /// Writes something, with `--watch` again and again.
    #[expect(
        clippy::disallowed_methods,
        reason = "somebody watches, and there is nothing to wait for"
    )]
    pub(super) fn repeat(&self, write: impl Fn(&mut io::Stdout) -> Result<()>) -> Result<()> {
        let mut out = io::stdout();
        loop {
            if self.watch && out.is_terminal() {
                out.write_all(NEW_PAGE.as_bytes())?;
            }
            write(&mut out)?;
            if !self.watch {
                return Ok(());
            }
            writeln!(out)?;
            out.flush()?;
            std::thread::sleep(PAUSE);
        }
    }
}
