//! The orders in which Java walks Kafka's tables, where they show: who is asked first for what is over,
//! and which partition of a topic goes first when too many are held.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::engine::cluster::configs::java_order::{bucket_count, spread};
use crate::engine::state_topic::java_hash;

/// Sorts member ids as the table that an assignor walks has them: a `java.util.HashMap` that was filled
/// from the group's own table, with `last` put in last.
pub(super) fn sort_members<T>(rows: &mut [T], id: impl Fn(&T) -> &str, last: Option<&str>) {
    sort_as_kept(rows, &id);
    rows.sort_by_key(|row| last == Some(id(row)));
    let buckets = bucket_count(rows.len());
    rows.sort_by_key(|row| spread(java_hash(id(row))) & (buckets - 1));
}

/// Sorts names as the coordinator's own table has them, a `TimelineHashMap` that grew from nothing.
pub(super) fn sort_as_kept<T>(rows: &mut [T], name: impl Fn(&T) -> &str) {
    let slots = slots_of_table(rows.len());
    rows.sort_by_key(|row| slot(java_hash(name(row)), slots));
}

/// Sorts partitions as the coordinator's own table of a topic has them.
pub(super) fn sort_partitions_as_kept<T>(rows: &mut [T], index: impl Fn(&T) -> i32) {
    let slots = slots_of_table(rows.len());
    rows.sort_by_key(|row| slot(index(row).cast_unsigned(), slots));
}

/// Such a table starts with two slots, and doubles when it would be more than three quarters full.
const fn slots_of_table(entries: usize) -> u64 {
    let mut slots = 2_u64;
    while entries as u64 * 3 > slots * 4 {
        slots *= 2;
    }
    slots
}

/// The highest bits of a Fibonacci hash.
const fn slot(hash: u32, slots: u64) -> u64 {
    let mixed = (hash.cast_signed() as i64).wrapping_mul(-7_046_029_254_386_353_131);
    mixed.cast_unsigned() >> (64 - slots.trailing_zeros())
}

/// Topics as a `java.util.HashMap` of their ids that grew walks them, in the order of the ids within a bucket: what
/// comes first there is not the same in every run of Kafka.
pub(super) fn topics<'a>(ids: impl IntoIterator<Item = &'a Uuid>) -> Vec<Uuid> {
    let ids: Vec<Uuid> = ids.into_iter().copied().collect();
    let buckets = bucket_count(ids.len());
    by_bucket(ids, buckets)
}

/// The same of a `java.util.HashSet` that was made from a collection.
pub(super) fn topics_of_set<'a>(ids: impl IntoIterator<Item = &'a Uuid>) -> Vec<Uuid> {
    let ids: Vec<Uuid> = ids.into_iter().copied().collect();
    let buckets = buckets_of_copy(ids.len());
    by_bucket(ids, buckets)
}

fn by_bucket(mut ids: Vec<Uuid>, buckets: u32) -> Vec<Uuid> {
    ids.sort_unstable();
    ids.sort_by_key(|id| spread(hash_of_id(*id)) & (buckets - 1));
    ids
}

/// Kafka's hash of an id: both halves of both halves.
const fn hash_of_id(id: Uuid) -> u32 {
    let (high, low) = id.as_u64_pair();
    let [a, b, c, d, e, f, g, h] = (high ^ low).to_be_bytes();
    u32::from_be_bytes([a, b, c, d]) ^ u32::from_be_bytes([e, f, g, h])
}

/// A table that is made for so many is made for three quarters of load, and never with fewer than 16 buckets.
fn buckets_of_copy(entries: usize) -> u32 {
    let wanted = (entries * 4 / 3 + 1).max(16);
    u32::try_from(wanted.next_power_of_two()).unwrap_or(1 << 31)
}

/// Partitions as a `java.util.HashSet` that was made from a list walks them.
pub(super) fn partitions(partitions: impl IntoIterator<Item = i32>) -> Vec<i32> {
    let mut sorted: Vec<i32> = partitions.into_iter().collect();
    let buckets = buckets_of_copy(sorted.len());
    sorted.sort_by_key(|index| spread(index.cast_unsigned()) & (buckets - 1));
    sorted
}

/// A topic's partitions after a step of their owner: the table was made for those before, lost some and
/// then took others.
pub(super) fn after_step(before: &[i32], after: &BTreeSet<i32>) -> Vec<i32> {
    let mut buckets = if before.is_empty() {
        16
    } else {
        (before.len() * 4 / 3 + 1).next_power_of_two()
    };
    let before = partitions(before.iter().copied());
    let mut sorted: Vec<i32> = before
        .iter()
        .copied()
        .filter(|index| after.contains(index))
        .collect();
    for index in partitions(
        after
            .iter()
            .copied()
            .filter(|index| !before.contains(index)),
    ) {
        sorted.push(index);
        if sorted.len() * 4 > buckets * 3 {
            buckets *= 2;
        }
    }
    let buckets = u32::try_from(buckets).unwrap_or(1 << 31);
    sorted.sort_by_key(|index| spread(index.cast_unsigned()) & (buckets - 1));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_go_by_their_bucket() {
        let cases: [(&[i32], &[i32]); 3] = [
            (&[0, 1, 2], &[0, 1, 2]),
            (&[5, 16, 17], &[16, 17, 5]),
            (&[3, 19, 35], &[3, 19, 35]),
        ];
        for (given, expected) in cases {
            assert_eq!(partitions(given.iter().copied()), expected);
        }
    }

    /// The first is what the oracle told a member that had one partition and got another.
    #[test]
    fn partitions_of_a_member_go_by_a_table_that_grew() {
        let cases: [(&[i32], &[i32], &[i32]); 4] = [
            (&[5], &[2, 5], &[5, 2]),
            (&[], &[2, 5], &[2, 5]),
            (&[1, 2, 4], &[1, 2, 4], &[1, 2, 4]),
            (&[1, 9], &[1, 8, 9], &[8, 1, 9]),
        ];
        for (before, after, expected) in cases {
            let after = after.iter().copied().collect();
            assert_eq!(after_step(before, &after), expected);
        }
    }

    #[test]
    fn members_go_by_the_hash_of_their_id() {
        // As jshell prints the keys of such a map.
        let mut ids = ["member-1", "a", "member-10", "b", "zz", "member-2"];
        sort_members(&mut ids, |id| id, Some("a"));
        assert_eq!(ids, MEMBERS);
    }
    const MEMBERS: [&str; 6] = ["zz", "a", "b", "member-1", "member-2", "member-10"];
}
