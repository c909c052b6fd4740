//! Fauxka in this process: a fresh cluster for each case.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::case::Profile;
use crate::target::{Cluster, MovedTime, Process};

/// Whether the library can be embedded.
pub const AVAILABLE: bool = true;

/// Longest wait, on its own clock, for anything that an embedded broker owes us.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long topics take that are made because somebody asked, where that is what is tested.
const NEW_TOPICS: Duration = Duration::from_millis(30);

#[derive(Debug)]
struct Embedded(fauxka::Broker);

impl Embedded {
    fn node(&self, at: usize) -> Result<fauxka::Node> {
        Ok(self.0.node(i32::try_from(at)? + 1))
    }
}

impl Process for Embedded {
    fn stop(&self, at: usize) -> Result<()> {
        Ok(self.node(at)?.stop_blocking()?)
    }

    fn start(&self, at: usize) -> Result<()> {
        Ok(self.node(at)?.start()?)
    }

    fn time(&self) -> Option<&dyn MovedTime> {
        Some(self)
    }
}

impl MovedTime for Embedded {
    fn elapsed(&self) -> Duration {
        self.0.clock().elapsed()
    }

    fn advance(&self, by: Duration) -> Result<()> {
        self.0.clock().advance_blocking(by)?;
        Ok(())
    }

    fn waiting(&self) -> usize {
        self.0.clock().waiting()
    }
}

/// Starts a cluster of the shape that a profile asks for; it ends with the value returned.
///
/// # Errors
/// When it does not start.
pub fn start(profile: Profile) -> Result<Cluster> {
    let mut builder = fauxka::Broker::builder()
        .nodes(profile.nodes().into())
        .clock(fauxka::Clock::manual());
    if profile == Profile::NewTopics {
        builder = builder.auto_create_delay(NEW_TOPICS);
    }
    for (key, value) in profile.properties() {
        builder = builder.config(key, value);
    }
    for (at, id) in (0..usize::from(profile.nodes())).zip(1..) {
        if let Some(rack) = profile.rack(at) {
            builder = builder.rack(id, rack);
        }
    }
    for (name, password) in profile.users() {
        builder = builder.user(*name, *password);
    }
    let broker = builder
        .start_blocking()
        .with_context(|| format!("an embedded cluster {profile:?}"))?;
    let cluster = if profile.users().is_empty() {
        Cluster::discover(broker.bootstrap())?
    } else {
        Cluster::at(broker.bootstrap())
    };
    let mut cluster = cluster.kept_by(Box::new(Embedded(broker)));
    cluster.patience = PATIENCE;
    Ok(cluster)
}
