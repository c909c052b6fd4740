//! `fauxka journal`: what happened.

use std::io::{self, Write as _};

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::Value as Json;

use super::asked::{Asked, Asking};
use super::http::{follow, query};
use super::show::journal_row;

/// The journal's rows, or a verb.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct JournalOptions {
    #[command(subcommand)]
    verb: Option<JournalVerb>,
    #[command(flatten)]
    conditions: Conditions,
    /// Goes on with rows to come
    #[arg(long)]
    follow: bool,
    /// So many of the latest rows [default: 1000]
    #[arg(long, value_name = "N", conflicts_with = "follow")]
    limit: Option<usize>,
    /// A row a line, as JSON: what `fauxka replay` reads
    #[arg(long, conflicts_with = "follow")]
    lines: bool,
}

#[derive(Debug, Subcommand)]
enum JournalVerb {
    /// Drops all rows; numbers go on
    Clear,
    /// Waits until there are so many rows
    Wait {
        #[command(flatten)]
        conditions: Box<Conditions>,
        /// How many [default: 1]
        #[arg(long, value_name = "N")]
        count: Option<usize>,
        /// How long, in real time [default: 30s]
        #[arg(long)]
        timeout: Option<String>,
    },
}

/// Which rows are meant: each condition narrows it down.
#[derive(Debug, Args)]
struct Conditions {
    /// A request, group_state, leader_moved, …
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Requests of one kind, such as Produce
    #[arg(long, value_name = "NAME")]
    api: Option<String>,
    /// The client's id
    #[arg(long, value_name = "NAME")]
    client_id: Option<String>,
    /// Who asks, such as User:alice
    #[arg(long, value_name = "NAME")]
    principal: Option<String>,
    /// The connection
    #[arg(long, value_name = "N")]
    connection: Option<u64>,
    /// The node
    #[arg(long, value_name = "ID")]
    node: Option<i32>,
    /// A topic
    #[arg(long, value_name = "NAME")]
    topic: Option<String>,
    /// A partition
    #[arg(long, value_name = "INDEX")]
    partition: Option<i32>,
    /// A group
    #[arg(long, value_name = "ID")]
    group: Option<String>,
    /// A member, by its id or group instance id
    #[arg(long, value_name = "ID")]
    member: Option<String>,
    /// A transactional id
    #[arg(long, value_name = "ID")]
    transactional_id: Option<String>,
    /// A producer
    #[arg(long, value_name = "ID")]
    producer_id: Option<i64>,
    /// Requests whose answer holds this error
    #[arg(long, value_name = "NAME")]
    error: Option<String>,
    /// Requests whose answer holds any error, or none
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    failed: Option<bool>,
    /// Requests that a fault rule of this name acted on
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,
    /// Rows of larger numbers only
    #[arg(long, value_name = "N")]
    after: Option<u64>,
}

/// A parameter of a request, if it has been given.
type Said = (&'static str, Option<String>);

fn said<T: ToString>(value: Option<&T>) -> Option<String> {
    value.map(ToString::to_string)
}

impl Conditions {
    fn with(&self, more: impl IntoIterator<Item = Said>) -> String {
        let mut parameters: Vec<Said> = vec![
            ("kind", said(self.kind.as_ref())),
            ("api", said(self.api.as_ref())),
            ("client_id", said(self.client_id.as_ref())),
            ("principal", said(self.principal.as_ref())),
            ("connection", said(self.connection.as_ref())),
            ("node", said(self.node.as_ref())),
            ("topic", said(self.topic.as_ref())),
            ("partition", said(self.partition.as_ref())),
            ("group", said(self.group.as_ref())),
            ("member", said(self.member.as_ref())),
            ("transactional_id", said(self.transactional_id.as_ref())),
            ("producer_id", said(self.producer_id.as_ref())),
            ("error", said(self.error.as_ref())),
            ("failed", said(self.failed.as_ref())),
            ("rule", said(self.rule.as_ref())),
            ("after", said(self.after.as_ref())),
        ];
        parameters.extend(more);
        query(&parameters)
    }
}

impl JournalOptions {
    /// Asks, and prints the answer.
    pub(super) fn run(&self, asking: &Asking) -> Result<()> {
        match &self.verb {
            Some(JournalVerb::Clear) => asking.print(&[Asked::delete("/v1/journal")]),
            Some(JournalVerb::Wait {
                conditions,
                count,
                timeout,
            }) => {
                let more = [
                    ("count", said(count.as_ref())),
                    ("timeout", timeout.clone()),
                ];
                print(
                    asking,
                    &format!("/v1/journal/wait{}", conditions.with(more)),
                )
            }
            None if self.follow => {
                let more = [("follow", Some("true".to_owned()))];
                let path = format!("/v1/journal{}", self.conditions.with(more));
                follow(&asking.control, &path, |row| {
                    let line = if asking.json {
                        format!("{row}\n")
                    } else {
                        journal_row(&row)
                    };
                    io::stdout().write_all(line.as_bytes())
                })
            }
            None => {
                let format = self.lines.then(|| "jsonl".to_owned());
                let more = [("limit", said(self.limit.as_ref())), ("format", format)];
                print(
                    asking,
                    &format!("/v1/journal{}", self.conditions.with(more)),
                )
            }
        }
    }
}

/// Asks for rows, and prints them: a line each unless they are wanted as JSON.
fn print(asking: &Asking, path: &str) -> Result<()> {
    let answer = asking.ask(&Asked::get(path))?;
    let text = match answer.get("rows").and_then(Json::as_array) {
        Some(rows) if !asking.json => rows.iter().map(journal_row).collect(),
        // Lines, of which several are no JSON together.
        _ => match answer.as_str() {
            Some("") => String::new(),
            Some(lines) => format!("{lines}\n"),
            None => format!("{answer}\n"),
        },
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
