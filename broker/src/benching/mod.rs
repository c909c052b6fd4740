//! What `protocol-tests/hot` measures: single functions of the library, each with what it works on made before. Compiled with
//! `--cfg benching` only.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what is measured was made here, and fails by panicking"
)]
#![allow(
    clippy::missing_panics_doc,
    reason = "nothing comes from outside but names and numbers of benches"
)]

mod answers;
mod assigning;
mod batches;
mod bodies;
mod logs;
mod scene;
mod sessions;

pub use answers::{Answer, ReadyAnswer};
pub use assigning::Members;
pub use batches::Batch;
pub use bodies::Frame;
pub use logs::{Log, ReadyBatch};
pub use scene::{Asked, Scene};
pub use sessions::FetchSession;
