//! What tasks share: the standard library's. `tests/interleavings.rs` gives files that name it here the twins of a model
//! checker, which tries the orders in which tasks may come to it.

pub(super) use std::sync::atomic::AtomicU64;
pub(super) use std::sync::{Arc, Mutex};
