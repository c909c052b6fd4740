//! Fauxka in this process: a fresh cluster for each case.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::case::Profile;
use crate::target::Cluster;

/// Whether the library can be embedded.
pub const AVAILABLE: bool = true;

/// Longest wait for anything that an embedded broker owes us: nothing else keeps it busy.
const PATIENCE: Duration = Duration::from_secs(3);

/// Starts a cluster of the shape that a profile asks for; it ends with the value returned.
///
/// # Errors
/// When it does not start.
pub fn start(profile: Profile) -> Result<Cluster> {
    let mut builder = fauxka::Broker::builder().nodes(profile.nodes().into());
    for (key, value) in profile.properties() {
        builder = builder.config(*key, *value);
    }
    for (at, id) in (0..usize::from(profile.nodes())).zip(1..) {
        if let Some(rack) = profile.rack(at) {
            builder = builder.rack(id, rack);
        }
    }
    let broker = builder
        .start_blocking()
        .with_context(|| format!("an embedded cluster {profile:?}"))?;
    let mut cluster = Cluster::discover(broker.bootstrap())?.kept_by(Box::new(broker));
    cluster.patience = PATIENCE;
    Ok(cluster)
}
