//! Saying what goes wrong, from a test.

mod bytes;
mod mount;
mod mounted;
mod rule;
mod stage;
mod when;

pub use bytes::ByteStage;
pub use mounted::{MountedRule, TooFewHits};
pub use rule::Rule;
pub use stage::Stage;
pub use when::Times;
