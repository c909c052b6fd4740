//! What a file can say.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::settings::Settings;
use crate::engine::authorizer::Acl;
use crate::engine::fault::Rule;

/// A whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) nodes: Option<usize>,
    pub(super) first_node_id: Option<i32>,
    pub(super) listen: Option<String>,
    pub(super) clock: Option<ClockKind>,
    pub(super) seed: Option<u64>,
    pub(super) as_version: Option<String>,
    pub(super) max_log_bytes: Option<Spanned<Size>>,
    pub(super) journal_rows: Option<usize>,
    pub(super) journal_bodies: Option<bool>,
    /// Where the rows go as they happen.
    pub(super) journal_file: Option<PathBuf>,
    pub(super) auto_create_delay: Option<Spanned<String>>,
    pub(super) control: Option<Spanned<Control>>,
    pub(super) control_token: Option<Spanned<String>>,
    pub(super) advertise: Option<Spanned<String>>,
    /// A `server.properties` file.
    pub(super) properties: Option<Spanned<PathBuf>>,
    pub(super) record: Option<PathBuf>,
    pub(super) lenient: Option<bool>,
    pub(super) check_invariants: Option<bool>,
    /// The snapshot's file that a cluster starts from.
    pub(super) snapshot: Option<Spanned<String>>,
    /// By the id of the node.
    pub(super) racks: BTreeMap<Spanned<String>, String>,
    pub(super) config: Settings,
    pub(super) topics: Vec<Spanned<TopicEntry>>,
    pub(super) records: Vec<Spanned<RecordEntry>>,
    pub(super) offsets: Vec<Spanned<OffsetEntry>>,
    pub(super) faults: Vec<Spanned<Rule>>,
    pub(super) users: Vec<Spanned<UserEntry>>,
    pub(super) acls: Vec<Spanned<Acl>>,
    /// The cluster of MSK that is meant, and who logs in as to MSK.
    pub(super) aws: Option<AwsEntry>,
    #[cfg(feature = "oauth")]
    pub(super) oauth: Option<OauthEntry>,
    pub(super) listeners: Vec<Spanned<ListenerEntry>>,
    /// Certificates that are to be made; `true`, or the folder for them.
    pub(super) tls: Option<Spanned<Tls>>,
    #[cfg(feature = "tls")]
    pub(super) tls_names: Vec<String>,
    #[cfg(feature = "tls")]
    pub(super) tls_clients: Vec<String>,
    #[cfg(feature = "tls")]
    pub(super) tls_valid_for: Option<Spanned<String>>,
}

/// Whether certificates are to be made, and where.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Tls {
    Wanted(bool),
    In(
        #[cfg_attr(
            not(feature = "tls"),
            expect(dead_code, reason = "it is refused without TLS")
        )]
        PathBuf,
    ),
}

/// A listener; what is left out is as `Listener` has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListenerEntry {
    /// The protocol's if none.
    pub(super) name: Option<String>,
    pub(super) protocol: String,
    pub(super) listen: Option<String>,
    pub(super) advertise: Option<String>,
    pub(super) mechanisms: Option<Vec<String>>,
    pub(super) nodes: Option<Vec<i32>>,
}

/// A number of bytes, or a text such as `64MiB`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Size {
    Bytes(u64),
    Text(String),
}

/// Where the control port is; `false` for none.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Control {
    Wanted(bool),
    Address(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserEntry {
    pub(super) name: String,
    pub(super) password: String,
}

impl std::fmt::Debug for UserEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "user {}", self.name)
    }
}

/// The table `[aws]`; what is left out is as `Msk` has it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AwsEntry {
    pub(super) region: Option<String>,
    pub(super) account: Option<String>,
    pub(super) cluster: Option<String>,
    pub(super) uuid: Option<String>,
    pub(super) hosts: Vec<String>,
    pub(super) keys: Vec<Spanned<KeyEntry>>,
    pub(super) policies: Vec<Spanned<PolicyEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyEntry {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) session_token: Option<String>,
    pub(super) principal: String,
}

impl std::fmt::Debug for KeyEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "access key {}", self.id)
    }
}

/// A policy: a file from the description's own folder on, or the document itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyEntry {
    pub(super) name: String,
    pub(super) file: Option<PathBuf>,
    pub(super) document: Option<String>,
    #[serde(default)]
    pub(super) principals: Vec<String>,
}

/// The table `[oauth]`, whose presence has tokens given out.
#[cfg(feature = "oauth")]
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OauthEntry {
    pub(super) lifetime: Option<Spanned<String>>,
    /// Sets of keys, by their files.
    pub(super) trust: Vec<Spanned<PathBuf>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ClockKind {
    Real,
    Manual,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TopicEntry {
    pub(super) name: String,
    #[serde(default = "one")]
    pub(super) partitions: usize,
    pub(super) replication: Option<usize>,
    #[serde(default)]
    pub(super) config: Settings,
}

const fn one() -> usize {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordEntry {
    pub(super) topic: String,
    pub(super) partition: Option<i32>,
    pub(super) key: Option<String>,
    pub(super) key_base64: Option<String>,
    /// Without a value the record is a tombstone.
    pub(super) value: Option<String>,
    pub(super) value_base64: Option<String>,
    #[serde(default)]
    pub(super) headers: Vec<HeaderEntry>,
    /// Milliseconds since 1970.
    pub(super) timestamp: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeaderEntry {
    pub(super) name: String,
    pub(super) value: Option<String>,
    pub(super) value_base64: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OffsetEntry {
    pub(super) group: String,
    pub(super) topic: String,
    pub(super) partition: i32,
    pub(super) offset: i64,
    #[serde(default)]
    pub(super) metadata: String,
}
