//! Where the nodes of a cluster listen: what a test, a file, the command line or Kafka's own settings say of listeners,
//! taken together, and the sockets that come of it.

mod bind;
mod kafka;
mod plan;

pub(super) use bind::{Bound, bind, in_memory};
pub(super) use plan::{Plan, Planned, plan};
