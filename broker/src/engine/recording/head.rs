//! What a cluster was when its recording began.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::carried::Carried;
use super::entry::moment;
use super::hide;
use crate::engine::cluster::configs::{StaticConfig, is_password};
use crate::engine::journal::JournalSettings;
use crate::engine::msk::Place;
use crate::engine::origin::Origin;
use crate::engine::time::Now;
use crate::engine::{Engine, Listener, NodeAddress, NodeSettings, Settings};
use crate::wire::releases::Release;

/// The first line of a recording. A field that is added or renamed makes another version of the format.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    /// Says what this is; always `2`.
    fauxka_recording: u32,
    /// The version of the program.
    pub(crate) recorded_by: String,
    elapsed_ns: u64,
    wall_ms: i64,
    nodes: Vec<NodeSettings>,
    fixed: BTreeMap<String, String>,
    pub(crate) seed: u64,
    max_log_bytes: u64,
    listeners: Vec<Listener>,
    places: Vec<NodeAddress>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    msk: Option<Place>,
    journal: JournalSettings,
    auto_create_delay_ms: u64,
    /// The release that is offered, if it is not this one.
    as_version: Option<String>,
    origin: Origin,
    /// What it had become, if it was not new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    carried: Option<Box<Carried>>,
}

/// The format's version.
const FORMAT: u32 = 2;

/// Why a recording cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadHead {
    #[error("its format has version {0}; this program knows version {FORMAT}")]
    Format(u32),
    #[error("its cluster cannot be: {0}")]
    Cluster(String),
}

impl Head {
    /// What a cluster is that begins now.
    pub(crate) fn of(
        settings: &Settings,
        as_version: Option<&str>,
        origin: &Origin,
        now: Now,
    ) -> Self {
        let hidden = |(name, value): (&str, &str)| {
            let value = if is_password(name) { "hidden" } else { value };
            (name.to_owned(), value.to_owned())
        };
        Self {
            fauxka_recording: FORMAT,
            recorded_by: env!("CARGO_PKG_VERSION").to_owned(),
            elapsed_ns: u64::try_from(now.elapsed.as_nanos()).unwrap_or(u64::MAX),
            wall_ms: now.wall.0,
            nodes: settings.nodes.clone(),
            fixed: settings.fixed.iter().map(hidden).collect(),
            seed: settings.seed,
            max_log_bytes: settings.max_log_bytes,
            listeners: settings.listeners.clone(),
            places: settings.places.clone(),
            msk: settings.msk.clone(),
            journal: settings.journal,
            auto_create_delay_ms: u64::try_from(settings.auto_create_delay.as_millis())
                .unwrap_or(u64::MAX),
            as_version: as_version.map(str::to_owned),
            origin: hide::origin(origin),
            carried: None,
        }
    }

    /// The same of a cluster that has a past.
    pub(super) fn with(self, carried: Carried) -> Self {
        Self {
            carried: Some(Box::new(carried)),
            ..self
        }
    }

    /// When it began.
    pub(crate) const fn began(&self) -> Now {
        moment(self.elapsed_ns, self.wall_ms)
    }

    /// The cluster as it was then.
    ///
    /// # Errors
    /// This program cannot make it.
    pub(in crate::engine) fn engine(&self) -> Result<Engine, BadHead> {
        if self.fauxka_recording != FORMAT {
            return Err(BadHead::Format(self.fauxka_recording));
        }
        let cluster = |why: &dyn std::fmt::Display| BadHead::Cluster(why.to_string());
        let given: Vec<_> = self.fixed.clone().into_iter().collect();
        let fixed = StaticConfig::read(&given, &[], self.nodes.len());
        let (fixed, _) = fixed.map_err(|why| cluster(&why))?;
        let release = self.as_version.as_deref().map(Release::of).transpose();
        let settings = Settings {
            nodes: self.nodes.clone(),
            fixed,
            seed: self.seed,
            max_log_bytes: self.max_log_bytes,
            listeners: self.listeners.clone(),
            places: self.places.clone(),
            msk: self.msk.clone(),
            // What came of tokens is recorded instead.
            oauth: None,
            jwks: BTreeMap::new(),
            journal: self.journal,
            release: release.map_err(|why| cluster(&why))?,
            auto_create_delay: Duration::from_millis(self.auto_create_delay_ms),
            check_invariants: false,
        };
        let now = self.began();
        let mut engine = match &self.carried {
            None => Engine::begin(settings, now, &self.origin).map_err(|why| cluster(&why))?,
            Some(carried) => {
                Engine::resume(settings, &self.origin, now, carried).map_err(|why| cluster(&why))?
            }
        };
        engine.state.sasl.believe_verdicts();
        engine.state.tokens.believe_ids();
        Ok(engine)
    }
}
