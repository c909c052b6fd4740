//! Turns Kafka's message definitions into the tables of the broker's wire guard.
//!
//! `cargo run -p protocol-tests --bin guard_tables` rewrites `broker/src/wire/guard/*tables.rs`
//! from `fixtures/messages`; a test fails as long as they differ.

mod definition;
mod emit;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use definition::{Definition, Role};

/// A table file, and what belongs into it.
struct Table {
    path: PathBuf,
    text: String,
}

fn main() -> Result<()> {
    for table in tables()? {
        fs::write(&table.path, &table.text)
            .with_context(|| format!("writing {}", table.path.display()))?;
    }
    Ok(())
}

fn tables() -> Result<Vec<Table>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let definitions = definition::read_all(&root.join("fixtures/messages/definitions.jsonl"))?;
    let served: Vec<i16> = definitions
        .iter()
        .filter(|definition| definition.is_served_by_brokers())
        .filter_map(|definition| definition.api_key)
        .collect();
    let of = |role: Role| -> Vec<&Definition> {
        let of_role = definitions
            .iter()
            .filter(|definition| definition.role == role);
        of_role
            .filter(|d| d.api_key.is_some_and(|key| served.contains(&key)))
            .collect()
    };
    let guard = root.join("broker/src/wire/guard");
    Ok(vec![
        Table {
            path: guard.join("tables.rs"),
            text: emit::table(
                "REQUESTS",
                "Every request that a broker's listener may serve.",
                &of(Role::Request),
            )?,
        },
        Table {
            path: guard.join("response_tables.rs"),
            text: emit::table("RESPONSES", "The answers to them.", &of(Role::Response))?,
        },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_tables_are_what_the_definitions_say() {
        for table in tables().unwrap() {
            let committed = fs::read_to_string(&table.path).unwrap();
            assert!(
                committed == table.text,
                "{} is out of date: run `cargo run -p protocol-tests --bin guard_tables`",
                table.path.display(),
            );
        }
    }
}
