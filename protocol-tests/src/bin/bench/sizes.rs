//! How much is measured.

use std::fmt;

/// Counts of one measurement.
#[derive(Debug, Clone)]
pub(crate) struct Sizes {
    /// Starts in each round.
    pub(crate) starts: usize,
    /// Bytes of values for records of 1 KiB; half as many for those of 100 bytes.
    pub(crate) payload: usize,
    /// Records whose acknowledgements are timed.
    pub(crate) timed: usize,
    /// Commits that are timed.
    pub(crate) commits: usize,
    pub(crate) topics: usize,
    /// Idle connections, first and then in all.
    pub(crate) connections: [usize; 2],
    /// Requests of each of 8 connections.
    pub(crate) requests: usize,
}

impl Sizes {
    pub(crate) const fn new(mebibytes: usize) -> Self {
        Self {
            starts: 10,
            payload: mebibytes << 20,
            timed: 2_000,
            commits: 300,
            topics: 2_000,
            connections: [1_000, 10_000],
            requests: 5_000,
        }
    }

    /// Enough to see that everything can be measured, and too little for figures.
    pub(crate) const fn quick() -> Self {
        Self {
            starts: 1,
            payload: 2 << 20,
            timed: 50,
            commits: 5,
            topics: 20,
            connections: [20, 50],
            requests: 100,
        }
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Each load of 1 KiB records is {} MiB of values, of 100 B records half of that.",
            self.payload >> 20
        )?;
        if self.topics < Self::new(0).topics {
            f.write_str(" All is far less than the rows say, so the figures mean nothing.")?;
        }
        Ok(())
    }
}
