//! A cluster inside the program that uses it.
//!
//! Imports go one way, which a test holds: from the handles to `broker`, from there to `thread`, `assemble` and `builder`.

pub(crate) mod broker;
pub(crate) mod builder;
#[cfg(feature = "tls")]
pub(crate) mod certificates;
pub(crate) mod clock;
pub(crate) mod clock_handle;
pub(crate) mod credentials;
pub(crate) mod error;
mod expiring;
pub(crate) mod fault;
pub(crate) mod group;
mod group_shares;
pub(crate) mod iam;
pub(crate) mod in_memory;
pub(crate) mod journal;
pub(crate) mod listeners;
pub(crate) mod node;
pub(crate) mod partition;
pub(crate) mod produce;
pub(crate) mod recording;
pub(crate) mod replay;
pub(crate) mod size;
pub(crate) mod snapshot;
pub(crate) mod topic;
pub(crate) mod transaction;

mod acls;
mod advertise;
mod assemble;
#[cfg(any(test, fuzzing))]
#[cfg(all(feature = "control", feature = "oauth", feature = "tls"))]
pub(crate) mod described;
mod ending;
mod endpoints;
mod file;
#[cfg(feature = "oauth")]
mod issued;
#[cfg(feature = "tls")]
mod keys;
mod memory;
mod placing;
mod reset;
mod run;
mod start;
mod thread;
mod tokens;
mod users;
