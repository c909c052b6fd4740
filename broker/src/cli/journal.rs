//! `fauxka journal`: what happened.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use fauxka::Api;
use serde_json::{Value as Json, json};

use super::asked::{Asked, Asking};
use super::complete;
use super::http::{follow, query};
use super::rows::{Folded, journal_row, line};

/// How many rows are printed if nothing is said.
const LATEST: usize = 1000;

/// The journal's rows, or a verb.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct JournalOptions {
    #[command(subcommand)]
    verb: Option<JournalVerb>,
    #[command(flatten)]
    conditions: Conditions,
    #[command(flatten)]
    form: Form,
}

/// Which rows are left out, and how the others are printed.
#[derive(Debug, Args)]
struct Form {
    /// Goes on with rows to come
    #[arg(long)]
    follow: bool,
    /// The latest rows, so many of those that are shown [default: 1000, and all with --follow]
    #[arg(long, visible_alias = "limit", value_name = "N")]
    tail: Option<usize>,
    /// No requests of this kind, such as Metadata
    #[arg(long, value_name = "NAME", value_delimiter = ',', add = complete::apis())]
    not_api: Vec<Api>,
    /// Only what happened in so much time, such as 5m, on the cluster's clock
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    since: Option<Duration>,
    /// Heartbeats and empty fetches, too, instead of their count
    #[arg(long)]
    all: bool,
    /// A row a line, as JSON: what `fauxka replay` reads
    #[arg(long)]
    lines: bool,
    /// Colours: green for what went well, red for errors [auto: on a terminal, unless NO_COLOR is set]
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    color: Color,
}

/// When there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    fn is_on(self) -> bool {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb,
        }
    }
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
    #[arg(long, value_name = "NAME", add = complete::apis())]
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
    #[arg(long, value_name = "NAME", add = complete::topics())]
    topic: Option<String>,
    /// A partition
    #[arg(long, value_name = "INDEX")]
    partition: Option<i32>,
    /// A group
    #[arg(long, value_name = "ID", add = complete::groups())]
    group: Option<String>,
    /// A member, by its id or group instance id
    #[arg(long, value_name = "ID")]
    member: Option<String>,
    /// A transactional id
    #[arg(long, value_name = "ID", add = complete::transactions())]
    transactional_id: Option<String>,
    /// A producer
    #[arg(long, value_name = "ID")]
    producer_id: Option<i64>,
    /// Requests whose answer holds this error
    #[arg(long, value_name = "NAME", add = complete::errors())]
    error: Option<String>,
    /// Requests whose answer holds any error, or none
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    failed: Option<bool>,
    /// Requests of which so much was carried out, whatever their clients were told
    #[arg(long, value_name = "HOW", value_parser = ["yes", "partly", "no"])]
    applied: Option<String>,
    /// Requests that a fault rule of this name acted on
    #[arg(long, value_name = "NAME", add = complete::rules())]
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
            ("applied", said(self.applied.as_ref())),
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
        if let Some(verb) = &self.verb {
            return verb.run(asking);
        }
        if self.form.follow {
            asking.refuse_watch()?;
            return self.follow(asking);
        }
        asking.repeat(|out| {
            let mut printed = Printed::new(self, asking)?;
            let (rows, last) = self.rows(asking, &printed)?;
            if asking.json {
                let rows = json!({ "rows": rows, "last": last });
                return Ok(writeln!(out, "{rows}")?);
            }
            for row in &rows {
                out.write_all(printed.text(row).as_bytes())?;
            }
            Ok(out.write_all(printed.folded.line().as_bytes())?)
        })
    }

    /// The rows that there are, from the oldest on, and the number of the journal's last one.
    fn rows(&self, asking: &Asking, printed: &Printed<'_>) -> Result<(Vec<Json>, u64)> {
        let wanted = self.form.tail.unwrap_or(LATEST);
        // What is left out here must not count.
        let limit = if printed.chooses() {
            usize::MAX
        } else {
            wanted
        };
        let limit = ("limit", Some(limit.to_string()));
        let format = self.form.lines.then(|| "jsonl".to_owned());
        let asked = self.conditions.with([limit, ("format", format)]);
        let answer = asking.ask(&Asked::get(format!("/v1/journal{asked}")))?;
        let (rows, last) = read(&answer)?;
        let meant = rows.into_iter().filter(|row| printed.is_meant(row));
        let mut rows: Vec<Json> = meant.collect();
        if printed.chooses() && self.form.tail.is_some() {
            let shown = |row: &&Json| !printed.folds || !Folded::default().take(row);
            let too_many = rows.iter().filter(shown).count().saturating_sub(wanted);
            // Those that are only counted stay where there are no others.
            let mut left_out = rows.iter().enumerate().filter(|(_, row)| shown(row));
            let last = too_many.checked_sub(1).and_then(|nth| left_out.nth(nth));
            let last = last.map(|(at, _)| at);
            rows.drain(..last.map_or(0, |at| at.saturating_add(1)));
        }
        Ok((rows, last))
    }

    /// Prints rows as they come, after those that there are.
    fn follow(&self, asking: &Asking) -> Result<()> {
        let mut printed = Printed::new(self, asking)?;
        let mut out = io::stdout();
        let mut after = None;
        if self.form.tail.is_some() {
            let (rows, last) = self.rows(asking, &printed)?;
            for row in &rows {
                out.write_all(printed.text(row).as_bytes())?;
            }
            after = Some(("after", Some(last.to_string())));
        }
        let asked = [("follow", Some("true".to_owned()))]
            .into_iter()
            .chain(after);
        let path = format!("/v1/journal{}", self.conditions.with(asked));
        follow(&asking.control, &path, |row| {
            if printed.is_meant(&row) {
                out.write_all(printed.text(&row).as_bytes())?;
            }
            Ok(())
        })
    }
}

impl JournalVerb {
    fn run(&self, asking: &Asking) -> Result<()> {
        asking.refuse_watch()?;
        let Self::Wait {
            conditions,
            count,
            timeout,
        } = self
        else {
            return asking.print(&[Asked::delete("/v1/journal")]);
        };
        let more = [
            ("count", said(count.as_ref())),
            ("timeout", timeout.clone()),
        ];
        let path = format!("/v1/journal/wait{}", conditions.with(more));
        let answer = asking.ask(&Asked::get(path))?;
        let text = if asking.json {
            format!("{answer}\n")
        } else {
            read(&answer)?.0.iter().map(journal_row).collect()
        };
        io::stdout().write_all(text.as_bytes())?;
        Ok(())
    }
}

/// The rows of an answer, which may be lines, and the number of the journal's last row if it says so.
fn read(answer: &Json) -> Result<(Vec<Json>, u64)> {
    let last = answer
        .get("last")
        .and_then(Json::as_u64)
        .unwrap_or_default();
    if let Some(rows) = answer.get("rows").and_then(Json::as_array) {
        return Ok((rows.clone(), last));
    }
    // A single line is JSON, and several together are not.
    let Some(lines) = answer.as_str() else {
        return Ok((vec![answer.clone()], last));
    };
    let rows = lines.lines().map(serde_json::from_str);
    Ok((rows.collect::<Result<_, _>>()?, last))
}

/// How rows are printed.
struct Printed<'a> {
    form: &'a Form,
    as_lines: bool,
    in_colour: bool,
    folds: bool,
    /// On the cluster's clock, in milliseconds since its start.
    since_ms: Option<u64>,
    folded: Folded,
}

impl<'a> Printed<'a> {
    fn new(options: &'a JournalOptions, asking: &Asking) -> Result<Self> {
        let form = &options.form;
        let since_ms = form
            .since
            .map(|since| -> Result<u64> {
                let clock = asking.ask(&Asked::get("/v1/clock"))?;
                let now = clock.get("elapsed_ms").and_then(Json::as_u64);
                let since = u64::try_from(since.as_millis())?;
                Ok(now.unwrap_or_default().saturating_sub(since))
            })
            .transpose()?;
        let as_lines = form.lines || asking.json;
        Ok(Self {
            form,
            as_lines,
            in_colour: form.color.is_on(),
            // Anyone who asks for one kind wants to see it.
            folds: !form.all && !as_lines && options.conditions.api.is_none(),
            since_ms,
            folded: Folded::default(),
        })
    }

    /// Whether rows are left out here, and not by the cluster.
    fn chooses(&self) -> bool {
        let folds = self.folds && self.form.tail.is_some();
        folds || self.since_ms.is_some() || !self.form.not_api.is_empty()
    }

    fn is_meant(&self, row: &Json) -> bool {
        let elapsed = row.get("elapsed_ms").and_then(Json::as_u64);
        let api = row.get("api").and_then(Json::as_str);
        let is_late = self.since_ms.is_none_or(|since| elapsed >= Some(since));
        is_late && !self.form.not_api.iter().any(|not| api == Some(not.name()))
    }

    /// The row, or nothing yet if it is only counted.
    fn text(&mut self, row: &Json) -> String {
        if self.as_lines {
            return format!("{row}\n");
        }
        if self.folds && self.folded.take(row) {
            return String::new();
        }
        self.folded.line() + &line(row, self.in_colour)
    }
}
