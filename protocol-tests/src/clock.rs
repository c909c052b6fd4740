//! The suite's only look at the clock.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};
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

static BASE: LazyLock<AtomicI64> = LazyLock::new(|| AtomicI64::new(millis() - 3_600_000));

/// One hour before this run started: the base of every timestamp that a case chooses, so that transcripts
/// can tell chosen times from the broker's own.
#[must_use]
pub fn base_millis() -> i64 {
    BASE.load(Ordering::Relaxed)
}

/// Moves the base a little: what was named relative to it stays the same in transcripts, what was not shows.
pub fn shift_base() {
    BASE.fetch_add(-1_234_567, Ordering::Relaxed);
}

/// Lets a little time go by between two looks at something that is awaited.
#[expect(
    clippy::disallowed_methods,
    reason = "the pause between two polls; every use is a bounded wait"
)]
pub fn pause() {
    std::thread::sleep(Duration::from_millis(2));
}
