//! Which certificates are valid: by the cluster's clock, and as a test has it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

/// Which certificates are valid, as the cluster has it.
pub(in crate::server) trait Validity: fmt::Debug + Send + Sync {
    /// The cluster's time of day, in milliseconds since 1970; nothing once it has ended.
    fn wall_millis(&self) -> Option<i64>;

    /// Whether a test has expired certificates with this distinguished name.
    fn has_expired(&self, subject: &str) -> bool;
}

/// The cluster's clock, by which certificates of clients expire.
#[derive(Debug)]
pub(super) struct ClusterTime(pub(super) Arc<dyn Validity>);

impl TimeProvider for ClusterTime {
    fn current_time(&self) -> Option<UnixTime> {
        let millis = u64::try_from(self.0.wall_millis()?).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_millis(millis)))
    }
}
