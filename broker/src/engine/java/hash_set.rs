//! `java.util.HashSet`s of topics and of partitions, from which assignments are read.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{hash, hash_map};

/// Topics as a table of their ids that grew walks them, in the order of the ids within a bucket: what comes first
/// there is not the same in every run of Kafka.
pub(crate) fn topics<'a>(ids: impl IntoIterator<Item = &'a Uuid>) -> Vec<Uuid> {
    by_bucket(ids, hash_map::grown)
}

/// The same of a set that was made from a collection.
pub(crate) fn topics_of_copy<'a>(ids: impl IntoIterator<Item = &'a Uuid>) -> Vec<Uuid> {
    by_bucket(ids, hash_map::of_set_copy)
}

fn by_bucket<'a>(
    ids: impl IntoIterator<Item = &'a Uuid>,
    buckets: impl Fn(usize) -> u32,
) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.into_iter().copied().collect();
    ids.sort_unstable();
    let buckets = buckets(ids.len());
    hash_map::sort_in(&mut ids, buckets, |id| hash::of_id(*id));
    ids
}

/// Partitions as a set that was made from a list walks them.
pub(crate) fn partitions(partitions: impl IntoIterator<Item = i32>) -> Vec<i32> {
    let mut sorted: Vec<i32> = partitions.into_iter().collect();
    let buckets = hash_map::of_set_copy(sorted.len());
    hash_map::sort_in(&mut sorted, buckets, |index| hash::of_int(*index));
    sorted
}

/// A topic's partitions after a step of their owner: the table was made for those before, lost some and
/// then took others.
pub(crate) fn after_step(before: &[i32], after: &BTreeSet<i32>) -> Vec<i32> {
    let mut buckets = match before.len() {
        0 => hash_map::grown(0),
        some => hash_map::of_map_copy(some),
    };
    let before = partitions(before.iter().copied());
    let kept = before.iter().filter(|index| after.contains(index));
    let mut sorted: Vec<i32> = kept.copied().collect();
    let new = after.iter().filter(|index| !before.contains(index));
    for index in partitions(new.copied()) {
        sorted.push(index);
        buckets = hash_map::grown_from(buckets, sorted.len());
    }
    hash_map::sort_in(&mut sorted, buckets, |index| hash::of_int(*index));
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
}
