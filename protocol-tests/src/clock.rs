//! The suite's only look at the clock.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The time now, for bounds on waiting.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "a black-box suite bounds its waiting by the real clock"
)]
pub fn now() -> Instant {
    Instant::now()
}

/// Milliseconds since 1970, as brokers stamp records.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "timestamps in records are compared with the real clock"
)]
pub fn millis() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// One hour before this run started: the base of every timestamp that a case chooses, so that transcripts
/// can tell chosen times from the broker's own.
#[must_use]
pub fn base_millis() -> i64 {
    static BASE: LazyLock<i64> = LazyLock::new(|| millis() - 3_600_000);
    *BASE
}

/// Lets a little time go by between two looks at something that is awaited.
#[expect(
    clippy::disallowed_methods,
    reason = "the pause between two polls; every use is a bounded wait"
)]
pub fn pause() {
    std::thread::sleep(Duration::from_millis(2));
}
