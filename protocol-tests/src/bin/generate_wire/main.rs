//! Turns Kafka's message definitions into what the broker's `wire` folder takes from them: the tables of the
//! guard, and the messages that `kafka-protocol` lacks.
//!
//! `cargo run -p protocol-tests --bin generate_wire` rewrites `broker/src/wire/guard/*tables.rs` and
//! `broker/src/wire/ext/generated` from `fixtures/messages`; a test fails as long as they differ.

mod definition;
mod messages;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use definition::{Definition, Role};

/// Messages of which `kafka-protocol` lacks all or the newest version.
const MESSAGES: [&str; 22] = [
    "ShareFetchRequest",
    "ShareFetchResponse",
    "ShareAcknowledgeRequest",
    "ShareAcknowledgeResponse",
    "WriteShareGroupStateRequest",
    "WriteShareGroupStateResponse",
    "ReadShareGroupStateSummaryRequest",
    "ReadShareGroupStateSummaryResponse",
    "StreamsGroupHeartbeatRequest",
    "StreamsGroupHeartbeatResponse",
    "StreamsGroupDescribeRequest",
    "StreamsGroupDescribeResponse",
    "DescribeShareGroupOffsetsRequest",
    "DescribeShareGroupOffsetsResponse",
    "StreamsGroupTopologyDescriptionUpdateRequest",
    "StreamsGroupTopologyDescriptionUpdateResponse",
    "StreamsGroupMetadataValue",
    "StreamsGroupMemberMetadataValue",
    "StreamsGroupTargetAssignmentMetadataValue",
    "StreamsGroupTargetAssignmentMemberValue",
    "StreamsGroupCurrentMemberAssignmentValue",
    "StreamsGroupTopologyValue",
];

/// A generated file, and what belongs into it.
struct Generated {
    path: PathBuf,
    text: String,
}

fn main() -> Result<()> {
    for file in generated()? {
        fs::write(&file.path, &file.text)
            .with_context(|| format!("writing {}", file.path.display()))?;
    }
    Ok(())
}

fn generated() -> Result<Vec<Generated>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let definitions = definition::read_all(&root.join("fixtures/messages/definitions.jsonl"))?;
    let wire = root.join("broker/src/wire");
    let mut files = guard(&definitions, &wire.join("guard"))?;
    files.extend(messages(&definitions, &wire.join("ext/generated"))?);
    Ok(files)
}

/// The messages that are lacking, a file each.
fn messages(definitions: &[Definition], folder: &Path) -> Result<Vec<Generated>> {
    let mut files = Vec::new();
    let mut modules = Vec::new();
    for name in MESSAGES {
        let definition = definitions.iter().find(|known| known.name == name);
        let definition = definition.with_context(|| format!("there is no {name}"))?;
        let module = messages::snake(name);
        let path = folder.join(format!("{module}.rs"));
        let text = messages::file(definition)?;
        files.push(Generated { path, text });
        modules.push(module);
    }
    let path = folder.join("mod.rs");
    let text = messages::list(modules);
    files.push(Generated { path, text });
    Ok(files)
}

fn guard(definitions: &[Definition], folder: &Path) -> Result<Vec<Generated>> {
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
    Ok(vec![
        Generated {
            path: folder.join("tables.rs"),
            text: tables::table(
                "REQUESTS",
                "Every request that a broker's listener may serve.",
                &of(Role::Request),
            )?,
        },
        Generated {
            path: folder.join("response_tables.rs"),
            text: tables::table("RESPONSES", "The answers to them.", &of(Role::Response))?,
        },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_files_are_what_the_definitions_say() {
        for file in generated().unwrap() {
            let committed = fs::read_to_string(&file.path).unwrap();
            assert!(
                committed == file.text,
                "{} is out of date: run `cargo run -p protocol-tests --bin generate_wire`",
                file.path.display(),
            );
        }
    }
}
