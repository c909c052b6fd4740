//! A message definition, as Kafka ships it in JSON.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Request,
    Response,
    /// What a coordinator writes into its state topic.
    #[serde(rename = "coordinator-value")]
    StateValue,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Definition {
    #[serde(default)]
    pub(crate) api_key: Option<i16>,
    #[serde(rename = "type")]
    pub(crate) role: Role,
    pub(crate) name: String,
    pub(crate) valid_versions: String,
    #[serde(default)]
    pub(crate) flexible_versions: Option<String>,
    /// The newest version of an unfinished API, which brokers do not offer.
    #[serde(default)]
    pub(crate) latest_version_unstable: bool,
    #[serde(default)]
    listeners: Vec<String>,
    #[serde(default)]
    pub(crate) fields: Vec<Field>,
    #[serde(default)]
    pub(crate) common_structs: Vec<CommonStruct>,
}

/// What every line says, whatever it defines.
#[derive(Debug, Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    role: Role,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CommonStruct {
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Field {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    versions: Option<String>,
    #[serde(default)]
    pub(crate) nullable_versions: Option<String>,
    #[serde(default)]
    pub(crate) tagged_versions: Option<String>,
    #[serde(default)]
    pub(crate) tag: Option<u32>,
    #[serde(default)]
    default: Option<serde_json::Value>,
    /// What a text or number stands for, if Kafka has a name for it.
    #[serde(default)]
    pub(crate) entity_type: Option<String>,
    #[serde(default)]
    pub(crate) fields: Vec<Self>,
}

impl Field {
    /// The default as it is written; `null` if that is the default, nothing if it is zero or empty.
    pub(crate) fn default(&self) -> Option<String> {
        let default = self.default.as_ref()?;
        let text = default.as_str().map(str::to_owned);
        Some(text.unwrap_or_else(|| default.to_string()))
    }

    /// The versions that have it; of a tagged field they may be told by its tag alone.
    pub(crate) fn versions(&self) -> Result<Range> {
        let said = self.versions.as_ref().or(self.tagged_versions.as_ref());
        Range::parse(said)
    }
}

impl Definition {
    pub(crate) fn is_served_by_brokers(&self) -> bool {
        self.role == Role::Request
            && self.valid_versions != "none"
            && self.listeners.iter().any(|listener| listener == "broker")
    }

    /// The versions that a broker offers.
    pub(crate) fn stable_versions(&self) -> Result<Range> {
        let mut range = Range::parse(Some(&self.valid_versions))?;
        if self.latest_version_unstable {
            range.last -= 1;
        }
        Ok(range)
    }
}

/// An inclusive range of versions; empty where the last is below the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) first: i16,
    pub(crate) last: i16,
}

impl Range {
    pub(crate) const NONE: Self = Self { first: 1, last: 0 };

    /// Reads `3`, `3-5`, `3+` or `none`.
    pub(crate) fn parse(text: Option<&String>) -> Result<Self> {
        let Some(text) = text.map(String::as_str).filter(|text| *text != "none") else {
            return Ok(Self::NONE);
        };
        let parse = |number: &str| {
            number
                .parse::<i16>()
                .with_context(|| format!("{text:?} is no range of versions"))
        };
        if let Some(first) = text.strip_suffix('+') {
            return Ok(Self {
                first: parse(first)?,
                last: i16::MAX,
            });
        }
        match text.split_once('-') {
            Some((first, last)) => Ok(Self {
                first: parse(first)?,
                last: parse(last)?,
            }),
            None => Ok(Self {
                first: parse(text)?,
                last: parse(text)?,
            }),
        }
    }

    pub(crate) fn intersect(self, other: Self) -> Self {
        Self {
            first: self.first.max(other.first),
            last: self.last.min(other.last),
        }
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.last < self.first
    }
}

/// Every definition of a file that has one on each line, by key.
pub(crate) fn read_all(path: &Path) -> Result<Vec<Definition>> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let mut definitions: Vec<Definition> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let place = || format!("{} line {}", path.display(), index + 1);
        let Kind { role } = serde_json::from_str(line).with_context(place)?;
        if role != Role::Other {
            definitions.push(serde_json::from_str(line).with_context(place)?);
        }
    }
    definitions.sort_by(|a, b| (a.api_key, &a.name).cmp(&(b.api_key, &b.name)));
    Ok(definitions)
}
