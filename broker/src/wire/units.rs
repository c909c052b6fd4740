//! Numbers that Kafka puts on the wire, each with a type of its own.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident($raw:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[derive(Serialize, Deserialize)]
        pub(crate) struct $name(pub(crate) $raw);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

unit! {
    /// Position of a record in a partition; the first is 0.
    Offset(i64)
}
unit! {
    /// How often a partition's leader was chosen.
    LeaderEpoch(i32)
}
unit! {
    /// Identity of an idempotent or transactional producer.
    ProducerId(i64)
}
unit! {
    /// Incarnation of a producer id; a higher one fences the lower.
    ProducerEpoch(i16)
}
unit! {
    /// Number of a record among those that one producer wrote to one partition.
    Sequence(i32)
}
unit! {
    /// A node's id in the cluster.
    NodeId(i32)
}
unit! {
    /// Wall-clock time in milliseconds since 1970, as record timestamps are.
    WallMillis(i64)
}

impl Offset {
    /// The offset `records` further on; saturates at the largest offset.
    pub(crate) const fn plus(self, records: i64) -> Self {
        Self(self.0.saturating_add(records))
    }
}

impl ProducerId {
    /// What a batch of a plain producer carries.
    pub(crate) const NONE: Self = Self(-1);
}

impl ProducerEpoch {
    /// What stands for no epoch.
    pub(crate) const NONE: Self = Self(-1);

    /// The epoch that fences this one; stays at the largest.
    pub(crate) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Sequence {
    /// What a batch without a producer id carries.
    pub(crate) const NONE: Self = Self(-1);

    /// The sequence `records` further on; wraps from `i32::MAX` to 0 (KIP-98).
    pub(crate) const fn after(self, records: u32) -> Self {
        Self((self.0.cast_unsigned().wrapping_add(records) & 0x7FFF_FFFF).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::Sequence;

    #[test]
    fn sequence_wraps_after_the_largest() {
        assert_eq!(Sequence(i32::MAX).after(1), Sequence(0));
        assert_eq!(Sequence(i32::MAX - 1).after(3), Sequence(1));
        assert_eq!(Sequence(5).after(7), Sequence(12));
    }
}
