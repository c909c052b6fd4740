//! How much of a request was carried out.

use std::fmt;

/// How much of a request the broker carried out, by its own answer: whether that was sent, changed or lost does not
/// matter.
///
/// A Produce counts as carried out where its records are in the log, even if the answer is an error such as
/// NOT_ENOUGH_REPLICAS_AFTER_APPEND. A request that only reads counts as well.
///
/// ```
/// use fauxka::journal::Applied;
/// use fauxka::{Api, Broker};
///
/// let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").send()?;
/// let row = broker.journal().api(Api::Produce).last().unwrap();
/// assert_eq!(row.exchange().unwrap().applied, Applied::Yes);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "server", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum Applied {
    /// Nothing of it: it failed, a rule stopped it, or its connection was gone before.
    No,
    /// Some of what it names; the rest failed.
    Partly,
    /// All of it.
    Yes,
}

impl Applied {
    const ALL: [(&'static str, Self); 3] = [
        ("yes", Self::Yes),
        ("partly", Self::Partly),
        ("no", Self::No),
    ];

    /// The one of this name.
    #[cfg(feature = "control")]
    pub(crate) fn named(name: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(known, _)| *known == name);
        known.map(|(_, applied)| *applied)
    }

    /// What is left of it if no more than `most` of the request was let through.
    pub(crate) fn at_most(self, most: Self) -> Self {
        self.min(most)
    }
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Self::ALL.iter().find(|(_, applied)| applied == self);
        f.write_str(known.map_or("", |(name, _)| name))
    }
}
