//! The broker itself: a pure state machine without sockets, clock, tasks or global randomness.

pub(crate) mod cluster;
pub(crate) mod fetch;
pub(crate) mod log;
pub(crate) mod repeats;
pub(crate) mod time;
