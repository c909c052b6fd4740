//! What happened to a cluster, written down: what it was at its start, every input with its moment, and a digest of
//! every answer. [`Rerun`] has it happen again.
//!
//! A recording is lines of JSON in a gzip stream, so `zcat` shows it. The first line is the [`Head`], every other one
//! an [`Entry`]. Passwords and tokens are not in it: what is written of an exchange of tokens is what came of it.

mod carried;
mod entry;
mod head;
mod hide;
mod rerun;
mod serve;

pub(crate) use entry::{Digest, Entry};
pub(crate) use head::Head;
pub(crate) use rerun::Rerun;

#[cfg(test)]
mod tests;
