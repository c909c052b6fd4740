//! `fauxka topic records`: what partitions hold.

use anyhow::Result;
use clap::Args;
use serde_json::Value as Json;

use super::asked::{Asked, Asking};
use super::complete;
use super::http::{encoded, query};
use super::show::{aligned, human, time};

/// How many records of a partition are shown if nothing is said.
const MOST: usize = 100;

/// Which records.
#[derive(Debug, Args)]
pub(crate) struct RecordOptions {
    /// The topic
    #[arg(add = complete::topics())]
    name: String,
    /// The partition [default: all of them]
    partition: Option<i32>,
    /// The first offset [default: where each log starts]
    #[arg(long, value_name = "OFFSET")]
    from: Option<i64>,
    /// How many records of a partition at most
    #[arg(long, value_name = "N", default_value_t = MOST)]
    max: usize,
    /// Only what a consumer with isolation.level=read_committed sees
    #[arg(long)]
    committed: bool,
    /// The headers of the batches, too
    #[arg(long)]
    batches: bool,
}

impl RecordOptions {
    /// Asks, and prints the answers.
    pub(super) fn run(&self, asking: &Asking) -> Result<()> {
        asking.repeat(|out| {
            let contents = self.contents(asking)?;
            let text = match (asking.json, &*contents) {
                (true, [one]) if self.partition.is_some() => format!("{one}\n"),
                (true, all) => format!("{}\n", Json::from(all)),
                (false, all) => self.text(all),
            };
            std::io::Write::write_all(out, text.as_bytes())?;
            Ok(())
        })
    }

    /// What each partition holds.
    fn contents(&self, asking: &Asking) -> Result<Vec<Json>> {
        let topic = format!("/v1/topics/{}", encoded(&self.name));
        let partitions = if let Some(partition) = self.partition {
            vec![i64::from(partition)]
        } else {
            let shown = asking.ask(&Asked::get(&topic))?;
            let partitions = shown.get("partitions").and_then(Json::as_array);
            let number = |one: &Json| one.get("partition")?.as_i64();
            partitions
                .into_iter()
                .flatten()
                .filter_map(number)
                .collect()
        };
        let path = |partition| format!("{topic}/{partition}/records");
        let each = partitions.into_iter().map(path);
        each.map(|path| self.partition(asking, &path)).collect()
    }

    /// What a partition holds; asks again while there are too few records of those that are meant.
    fn partition(&self, asking: &Asking, path: &str) -> Result<Json> {
        let ask = |from: Option<i64>| {
            let from = from.map(|from| from.to_string());
            let asked = query(&[("from", from), ("max", Some(self.max.to_string()))]);
            asking.ask(&Asked::get(format!("{path}{asked}")))
        };
        let mut contents = ask(self.from)?;
        if !self.committed {
            return Ok(contents);
        }
        let stable = contents.pointer("/partition/last_stable_offset");
        let stable = stable.and_then(Json::as_i64).unwrap_or(i64::MAX);
        let mut meant = Vec::new();
        let mut page = records(&contents);
        while let Some(next) = page.last().map(|last| offset(last).saturating_add(1)) {
            meant.extend(
                page.into_iter()
                    .filter(|record| is_committed(record, stable)),
            );
            if meant.len() >= self.max {
                break;
            }
            page = records(&ask(Some(next))?);
        }
        meant.truncate(self.max);
        if let Some(records) = contents.get_mut("records") {
            *records = meant.into();
        }
        Ok(contents)
    }

    /// A line for each partition, and a table of the records.
    fn text(&self, contents: &[Json]) -> String {
        let mut text = String::new();
        let mut lines = vec![HEAD.map(str::to_owned).to_vec()];
        for one in contents {
            let number = |name: &str| {
                let value = one
                    .get("partition")
                    .and_then(|partition| partition.get(name));
                value.map(Json::to_string).unwrap_or_default()
            };
            text.push_str(&format!(
                "{}-{}: from {} to {}, last stable offset {}, high watermark {}\n",
                self.name,
                number("partition"),
                number("log_start_offset"),
                number("log_end_offset"),
                number("last_stable_offset"),
                number("high_watermark"),
            ));
            if let Some(batches) = one.get("batches").filter(|_| self.batches) {
                text.push_str(&human(batches));
            }
            lines.extend(
                records(one)
                    .iter()
                    .map(|record| row(&number("partition"), record)),
            );
        }
        if lines.len() > 1 {
            text.push_str(&aligned(&lines));
        }
        text
    }
}

const HEAD: [&str; 7] = [
    "PARTITION",
    "OFFSET",
    "TIME",
    "KEY",
    "VALUE",
    "HEADERS",
    "TRANSACTION",
];

fn records(contents: &Json) -> Vec<Json> {
    let records = contents.get("records").and_then(Json::as_array);
    records.cloned().unwrap_or_default()
}

fn offset(record: &Json) -> i64 {
    record
        .get("offset")
        .and_then(Json::as_i64)
        .unwrap_or(i64::MAX)
}

/// Whether a reader of committed data sees it: no marker, nothing aborted or open.
fn is_committed(record: &Json, stable: i64) -> bool {
    let fate = record.get("transaction").and_then(Json::as_str);
    let is_in = matches!(fate, None | Some("committed"));
    is_in && record.get("marker").is_none() && offset(record) < stable
}

fn row(partition: &str, record: &Json) -> Vec<String> {
    let field = |name| record.get(name).unwrap_or(&Json::Null);
    let headers = field("headers").as_array().into_iter().flatten();
    let headers: Vec<String> = headers
        .map(|header| {
            let key = header.get("key").and_then(Json::as_str).unwrap_or_default();
            format!(
                "{key}={}",
                bytes(header.get("value").unwrap_or(&Json::Null))
            )
        })
        .collect();
    let kind = record.pointer("/marker/kind").and_then(Json::as_str);
    let (key, value) = match kind {
        Some(kind) => ("-".to_owned(), format!("({kind} marker)")),
        None => (bytes(field("key")), bytes(field("value"))),
    };
    let fate = field("transaction").as_str().unwrap_or("-");
    vec![
        partition.to_owned(),
        field("offset").to_string(),
        time(field("timestamp")),
        key,
        value,
        if headers.is_empty() {
            "-".to_owned()
        } else {
            headers.join(" ")
        },
        fate.to_owned(),
    ]
}

/// Bytes on one line: text as it is, and others in base 64.
fn bytes(value: &Json) -> String {
    if let Some(base64) = value.get("base64").and_then(Json::as_str) {
        return format!("base64:{base64}");
    }
    let Some(text) = value.as_str() else {
        return "(null)".to_owned();
    };
    let one_line = |letter: char| {
        if letter.is_control() {
            letter.escape_default().to_string()
        } else {
            letter.to_string()
        }
    };
    text.chars().map(one_line).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn options() -> RecordOptions {
        RecordOptions {
            name: "t".to_owned(),
            partition: None,
            from: None,
            max: 5,
            committed: false,
            batches: false,
        }
    }

    #[test]
    fn records_are_a_table_in_which_markers_are_no_values() {
        let contents = json!({
            "partition": {
                "partition": 0, "log_start_offset": 0, "log_end_offset": 3, "last_stable_offset": 3, "high_watermark": 3,
            },
            "records": [
                {
                    "offset": 0, "timestamp": 1_700_000_000_123_i64, "key": null, "value": "a\nb",
                    "headers": [{ "key": "h", "value": "1" }, { "key": "n", "value": null }],
                    "transaction": "committed",
                },
                { "offset": 1, "timestamp": -1, "key": "k", "value": { "base64": "AP8=" } },
                {
                    "offset": 2, "timestamp": 0, "key": "\u{0}", "value": "\u{0}",
                    "marker": { "kind": "commit", "coordinator_epoch": 0 },
                },
            ],
        });
        let expected = "\
t-0: from 0 to 3, last stable offset 3, high watermark 3
PARTITION  OFFSET  TIME                      KEY     VALUE            HEADERS       TRANSACTION
0          0       2023-11-14T22:13:20.123Z  (null)  a\\nb             h=1 n=(null)  committed
0          1       -                         k       base64:AP8=      -             -
0          2       1970-01-01T00:00:00.000Z  -       (commit marker)  -             -
";
        assert_eq!(options().text(&[contents]), expected);
    }

    #[test]
    fn readers_of_committed_data_see_less() {
        let record = |fate: Json| json!({ "offset": 4, "transaction": fate });
        assert!(is_committed(&record("committed".into()), 5));
        assert!(is_committed(&json!({ "offset": 4 }), 5));
        assert!(!is_committed(&json!({ "offset": 5 }), 5));
        assert!(!is_committed(&record("aborted".into()), 5));
        assert!(!is_committed(&record("open".into()), 5));
        assert!(!is_committed(&json!({ "offset": 4, "marker": {} }), 5));
    }
}
