//! Fauxka in this process: a fresh cluster for each case.

use anyhow::Result;

use crate::case::Profile;
use crate::target::Cluster;

/// Whether the library can be embedded.
pub const AVAILABLE: bool = false;

/// Starts a cluster of the shape that a profile asks for; it ends with the value returned.
///
/// # Errors
/// When it does not start.
pub fn start(profile: Profile) -> Result<Cluster> {
    anyhow::bail!("Fauxka cannot be embedded yet, so there is no cluster {profile:?}")
}
