//! Topics, records and offsets as a file has them, and as a cluster begins with them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::grammar::{HeaderEntry, ListenerEntry, OffsetEntry, RecordEntry, TopicEntry};
use crate::embed::endpoints;
use crate::embed::listeners::{Listener, check_name};
use crate::engine::Protocol;
use crate::engine::commands::produce::RecordToWrite;
use crate::engine::origin::{NewCommit, NewRecord, NewTopic};

pub(super) fn topic_of(entry: TopicEntry) -> NewTopic {
    NewTopic {
        name: entry.name,
        partitions: entry.partitions,
        replication: entry.replication,
        overrides: entry
            .config
            .0
            .into_iter()
            .map(|setting| (setting.name, setting.value))
            .collect(),
    }
}

pub(super) fn record_of(entry: RecordEntry) -> Result<NewRecord, String> {
    let header = |header: HeaderEntry| {
        let value = bytes("value", header.value, header.value_base64)?;
        Ok((header.name, value.unwrap_or_default()))
    };
    let headers: Result<_, String> = entry.headers.into_iter().map(header).collect();
    Ok(NewRecord {
        topic: entry.topic,
        partition: entry.partition,
        record: RecordToWrite {
            key: bytes("key", entry.key, entry.key_base64)?,
            value: bytes("value", entry.value, entry.value_base64)?,
            headers: headers?,
            timestamp: entry.timestamp,
        },
    })
}

/// Bytes that are given as a text or in base64.
fn bytes(
    name: &str,
    text: Option<String>,
    base64: Option<String>,
) -> Result<Option<Vec<u8>>, String> {
    match (text, base64) {
        (Some(_), Some(_)) => Err(format!("there is both {name} and {name}_base64: keep one")),
        (Some(text), None) => Ok(Some(text.into_bytes())),
        (None, Some(base64)) => {
            let decoded = BASE64_STANDARD.decode(base64).map(Some);
            decoded.map_err(|error| format!("{name}_base64 is not base64: {error}"))
        }
        (None, None) => Ok(None),
    }
}

pub(super) fn commit_of(entry: OffsetEntry) -> NewCommit {
    NewCommit {
        group: entry.group,
        topic: entry.topic,
        partition: entry.partition,
        offset: entry.offset,
        metadata: entry.metadata,
    }
}

pub(super) fn listener_of(entry: ListenerEntry) -> Result<Listener, String> {
    let ListenerEntry {
        name,
        protocol,
        listen,
        advertise,
        mechanisms,
        nodes,
    } = entry;
    let protocol: Protocol = protocol.parse()?;
    let name = name.as_deref().unwrap_or_else(|| protocol.name());
    check_name(name)?;
    let mut listener = Listener::new(name, protocol);
    if let Some(listen) = listen {
        listener = listener.listen(listen);
    }
    if let Some(advertise) = advertise {
        listener.advertise = Some(endpoints::advertised(&advertise)?);
    }
    if let Some(mechanisms) = mechanisms {
        let offered = listener.mechanisms(mechanisms);
        listener = offered.map_err(|error| error.to_string())?;
    }
    Ok(match nodes {
        Some(nodes) => listener.only_on(nodes),
        None => listener,
    })
}
