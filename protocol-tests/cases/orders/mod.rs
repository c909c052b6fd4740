//! The order of rows in answers, which is that of Kafka's own tables: names are the same in every run, and lists are
//! shown as they came.

mod admin;
mod groups;
mod topics;
mod transactions;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::context::Context;

pub(super) use admin::area as admin;
pub(super) use groups::area as groups;
pub(super) use topics::area as topics;
pub(super) use transactions::area as transactions;

/// So many names that only one case uses.
fn names(of: &str, count: usize) -> Vec<String> {
    let name = |k: usize| {
        format!(
            "{of}.{}",
            WORDS[k % WORDS.len()].repeat(1 + k / WORDS.len())
        )
    };
    (0..count).map(name).collect()
}

const WORDS: [&str; 20] = [
    "orders",
    "payments",
    "Zz",
    "a",
    "b",
    "clicks",
    "users",
    "audit",
    "k",
    "stock",
    "returns",
    "x1",
    "x2",
    "x3",
    "prices",
    "billing-events",
    "q",
    "sessions",
    "geo",
    "mail",
];

/// Java's hash of a text.
fn hash(text: &str) -> u32 {
    let unit = |hash: u32, unit: u16| hash.wrapping_mul(31).wrapping_add(unit.into());
    text.encode_utf16().fold(0, unit)
}

/// A hash as tables of Java's mix it.
const fn mixed(hash: u32) -> u32 {
    hash ^ (hash >> 16)
}

fn spread(name: &str) -> u32 {
    mixed(hash(name))
}

/// Topics of these names, with so many partitions each; an earlier run may have left them.
fn create(cx: &mut Context, names: &[String], partitions: i32) -> Result<()> {
    let row =
        |name: &String| json!({"name": name, "numPartitions": partitions, "replicationFactor": 1});
    let rows: Vec<Value> = names.iter().map(row).collect();
    let answer = cx.ask(
        "CreateTopics",
        7,
        json!({"topics": rows, "timeoutMs": 15_000}),
    )?;
    let rows = answer["topics"].as_array().into_iter().flatten();
    for row in rows {
        ensure!(
            row["errorCode"] == 0 || row["errorCode"] == 36,
            "CreateTopics answered {row}"
        );
    }
    for name in names {
        cx.labels.topic(name, name);
        cx.await_topic(name, partitions)?;
    }
    cx.note(&format!(
        "{} topics of {partitions} partitions",
        names.len()
    ));
    cx.labels.exact_order = true;
    Ok(())
}
