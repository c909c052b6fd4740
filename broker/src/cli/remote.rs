//! Commands that ask a running cluster, over its control port.

use std::io::{self, Write as _};

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::http::ask;
use super::rule::RuleOptions;

/// What to ask.
#[derive(Debug, Subcommand)]
pub(crate) enum Remote {
    /// What goes wrong on demand
    Fault {
        #[command(subcommand)]
        verb: FaultVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// The cluster's time
    Clock {
        #[command(subcommand)]
        verb: ClockVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// One node
    Node {
        #[command(subcommand)]
        verb: NodeVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// Makes the cluster what it was at its start
    Reset {
        /// Only this: topics, groups, transactions, configs, faults, journal
        #[arg(long, value_name = "KIND,…", value_delimiter = ',')]
        only: Option<Vec<String>>,
        #[command(flatten)]
        asking: Asking,
    },
    /// The cluster and its nodes
    Cluster {
        #[command(flatten)]
        asking: Asking,
    },
}

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
    control: String,
    /// Print the answer as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FaultVerb {
    /// Mounts a rule: fauxka fault add --api Produce --topic orders --nth 2 --after disconnect
    Add(Box<RuleOptions>),
    /// Lists the rules
    List,
    /// Ends a rule and forgets it
    Remove {
        /// Its number
        id: u64,
    },
    /// Ends a rule; what it keeps goes on
    Release {
        /// Its number
        id: u64,
    },
    /// Waits until a rule has acted
    Wait {
        /// Its number
        id: u64,
        /// How often; by default what it expects, or once
        #[arg(long)]
        hits: Option<u64>,
        /// How long, in real time
        #[arg(long, default_value = "30s")]
        timeout: String,
    },
    /// Ends all rules
    Heal,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockVerb {
    /// The time, and what is due
    Show,
    /// Moves a manual clock: fauxka clock advance 45s
    Advance {
        /// How far, such as 45s or "1h 30m"; "next": to what is due next
        by: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum NodeVerb {
    /// Stops a node, as a shutdown does
    Stop {
        /// Its id
        id: i32,
    },
    /// Starts it again
    Start {
        /// Its id
        id: i32,
    },
}

/// Asks, and prints the answer.
pub(crate) fn run(remote: Remote) -> Result<()> {
    let (asking, requests) = match remote {
        Remote::Fault { verb, asking } => (asking, fault(&verb)?),
        Remote::Clock { verb, asking } => (asking, vec![clock(&verb)]),
        Remote::Node { verb, asking } => {
            let path = match verb {
                NodeVerb::Stop { id } => format!("/v1/nodes/{id}/stop"),
                NodeVerb::Start { id } => format!("/v1/nodes/{id}/start"),
            };
            (asking, vec![("POST", path, None)])
        }
        Remote::Reset { only, asking } => {
            let body = only.map_or_else(|| json!({}), |only| json!({ "only": only }));
            (asking, vec![("POST", "/v1/reset".to_owned(), Some(body))])
        }
        Remote::Cluster { asking } => (asking, vec![("GET", "/v1/cluster".to_owned(), None)]),
    };
    let mut out = io::stdout();
    for (method, path, body) in requests {
        let answer = ask(&asking.control, method, &path, body.as_ref())?;
        if asking.json {
            writeln!(out, "{answer}")?;
        } else {
            write!(out, "{}", human(&answer))?;
        }
    }
    Ok(())
}

/// Method, path and body.
type Asked = (&'static str, String, Option<Json>);

fn fault(verb: &FaultVerb) -> Result<Vec<Asked>> {
    let all = "/v1/faults".to_owned();
    Ok(vec![match verb {
        FaultVerb::Add(options) => {
            let rules = options.rules()?.into_iter();
            return Ok(rules
                .map(|rule| ("POST", all.clone(), Some(rule)))
                .collect());
        }
        FaultVerb::List => ("GET", all, None),
        FaultVerb::Heal => ("DELETE", all, None),
        FaultVerb::Remove { id } => ("DELETE", format!("{all}/{id}"), None),
        FaultVerb::Release { id } => ("POST", format!("{all}/{id}/release"), None),
        FaultVerb::Wait { id, hits, timeout } => {
            let hits = hits.map_or_else(String::new, |hits| format!("&hits={hits}"));
            let timeout = timeout.replace(' ', "%20");
            (
                "GET",
                format!("{all}/{id}/wait?timeout={timeout}{hits}"),
                None,
            )
        }
    }])
}

fn clock(verb: &ClockVerb) -> Asked {
    match verb {
        ClockVerb::Show => ("GET", "/v1/clock".to_owned(), None),
        ClockVerb::Advance { by } => {
            let body = if by == "next" {
                json!({ "to": "next" })
            } else {
                json!({ "by": by })
            };
            ("POST", "/v1/clock/advance".to_owned(), Some(body))
        }
    }
}

/// An answer for people: a line per field, a table for a list.
fn human(answer: &Json) -> String {
    if let Json::Array(rows) = answer {
        return table(rows);
    }
    let Json::Object(fields) = answer else {
        return String::new();
    };
    let mut text = String::new();
    for (name, value) in fields {
        let is_list = |rows: &&Vec<Json>| rows.iter().all(Json::is_object);
        if let Some(rows) = value.as_array().filter(is_list) {
            text.push_str(&format!("{name}: {}\n{}", rows.len(), table(rows)));
        } else {
            text.push_str(&format!("{name}: {}\n", cell(value)));
        }
    }
    text
}

/// Rows under the names of their fields.
fn table(rows: &[Json]) -> String {
    let mut lines: Vec<Vec<String>> = Vec::new();
    for row in rows.iter().filter_map(Json::as_object) {
        if lines.is_empty() {
            lines.push(row.keys().map(|name| name.to_uppercase()).collect());
        }
        lines.push(row.values().map(cell).collect());
    }
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths);
        let padded: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn cell(value: &Json) -> String {
    match value {
        Json::Null => "-".to_owned(),
        Json::String(text) => text.clone(),
        Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_for_people() {
        let answer =
            json!({ "id": "x", "nodes": [{ "id": 1, "up": true }, { "id": 12, "up": false }] });
        let expected = "id: x\nnodes: 2\nID  UP\n1   true\n12  false\n";
        assert_eq!(human(&answer), expected);
        assert_eq!(human(&json!([])), "");
        assert_eq!(human(&json!("")), "");
    }
}
