//! Bounds of what clients can make without end, which Kafka lacks: it has a disk, and somebody who looks after it. They are
//! our own, so no request shows them.

use super::super::key::ConfigKey;

/// How much there may be of each.
pub(super) const LIMITS: &[ConfigKey] = &[
    ConfigKey::int("fauxka.max.groups", "200000")
        .at_least(0)
        .doc("How many groups there may be.")
        .internal(),
    ConfigKey::int("fauxka.max.transactional.ids", "200000")
        .at_least(0)
        .doc("How many transactional ids there may be.")
        .internal(),
    ConfigKey::int("fauxka.max.partitions", "400000")
        .at_least(0)
        .doc("How many partitions all topics may have together.")
        .internal(),
];
