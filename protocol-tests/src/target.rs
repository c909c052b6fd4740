//! What the cases run against: any address, the oracle, or an embedded broker.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::Result;

use crate::cluster::Cluster;
use crate::embedded;
use crate::oracle::Oracle;
use crate::profile::Profile;
use crate::program;

/// Where clusters come from.
#[derive(Debug)]
pub enum Target {
    /// A cluster that somebody else runs.
    Address(Arc<Cluster>),
    /// Apache Kafka, started by us; the only target that transcripts are recorded from.
    Oracle(Oracle, Mutex<BTreeMap<Profile, Arc<Cluster>>>),
    /// Fauxka in this process, a fresh one for each case.
    Embedded,
    /// Fauxka as a program, a fresh process for each case.
    Program(PathBuf),
}

impl Target {
    /// A cluster for a case of this id; `None` when this target has none of that shape.
    ///
    /// # Errors
    /// When it does not start.
    pub fn cluster(&self, profile: Profile, case: &str) -> Result<Option<Arc<Cluster>>> {
        match self {
            Self::Address(cluster) => {
                let fits = cluster.nodes.len() == usize::from(profile.nodes())
                    && profile.properties().is_empty()
                    && profile.users().is_empty()
                    && profile.listeners().is_empty()
                    && profile != Profile::Stopping;
                Ok(fits.then(|| Arc::clone(cluster)))
            }
            Self::Oracle(oracle, running) => {
                let mut running = running
                    .lock()
                    .map_err(|_| anyhow::anyhow!("the oracle did not start"))?;
                if let Some(cluster) = running.get(&profile) {
                    return Ok(Some(Arc::clone(cluster)));
                }
                let cluster = Arc::new(oracle.start(profile)?);
                running.insert(profile, Arc::clone(&cluster));
                Ok(Some(cluster))
            }
            Self::Program(path) => {
                program::start(path, profile).map(|cluster| Some(Arc::new(cluster)))
            }
            Self::Embedded => {
                embedded::start(profile, Some(case)).map(|cluster| Some(Arc::new(cluster)))
            }
        }
    }

    /// Whether Apache Kafka answers, in processes that we started.
    #[must_use]
    pub const fn is_oracle(&self) -> bool {
        matches!(self, Self::Oracle(..))
    }
}
