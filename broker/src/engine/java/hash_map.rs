//! `java.util.HashMap`, and `HashSet`, which is one: by bucket, and within a bucket as they were put in. Bins that
//! became trees, of eight keys or more, are not told apart.

use super::{by_key, hash};

/// A table that is made without a size starts with so many.
const BUCKETS_MIN: u32 = 16;

/// The buckets of a table that grew from nothing: they double when more than three quarters full.
pub(crate) fn grown(entries: usize) -> u32 {
    grown_from(BUCKETS_MIN, entries)
}

/// The same of one that had so many buckets.
pub(crate) const fn grown_from(buckets: u32, entries: usize) -> u32 {
    let mut buckets = buckets;
    while entries.saturating_mul(4) > (buckets as usize).saturating_mul(3) {
        match buckets.checked_mul(2) {
            Some(more) => buckets = more,
            None => break,
        }
    }
    buckets
}

/// The buckets of `new HashMap(entries)` before it gets any.
pub(crate) fn made_for_none_of(entries: usize) -> u32 {
    next_power_of_two(entries)
}

/// The buckets of a table that was made for so many, and got them.
pub(crate) fn made_for(entries: usize) -> u32 {
    grown_from(next_power_of_two(entries), entries)
}

/// The buckets of `new HashMap(map)`: room for a load of three quarters.
pub(crate) fn of_map_copy(entries: usize) -> u32 {
    next_power_of_two((entries.saturating_mul(4) / 3).saturating_add(1))
}

/// The buckets of `new HashSet(collection)`: the same, and never fewer than 16.
pub(crate) fn of_set_copy(entries: usize) -> u32 {
    of_map_copy(entries).max(BUCKETS_MIN)
}

/// The buckets of a `ConcurrentHashMap` that grew from nothing: they double when three quarters full.
pub(crate) fn concurrent(entries: usize) -> u32 {
    grown(entries.saturating_add(1))
}

fn next_power_of_two(entries: usize) -> u32 {
    u32::try_from(entries.next_power_of_two()).unwrap_or(1 << 31)
}

/// Sorts rows as a table of so many buckets, a power of two, is walked.
pub(crate) fn sort_in<T>(rows: &mut [T], buckets: u32, hash: impl Fn(&T) -> u32) {
    by_key::sort(rows, |row| {
        let bucket = spread(hash(row)) & buckets.saturating_sub(1);
        bucket.into()
    });
}

/// Sorts rows as a table that grew from nothing is walked.
pub(crate) fn sort<T>(rows: &mut [T], hash: impl Fn(&T) -> u32) {
    let buckets = grown(rows.len());
    sort_in(rows, buckets, hash);
}

/// The same of keys that `computeIfAbsent` put in: each before those in its bucket, and the table grows only with the
/// key after the one that filled it.
pub(crate) fn sort_computed<T>(rows: &mut [T], hash: impl Fn(&T) -> u32) {
    let buckets = grown(rows.len().saturating_sub(1));
    rows.reverse();
    sort_in(rows, buckets, hash);
}

/// Sorts names as a table that grew from nothing is walked.
pub(crate) fn sort_by_name<T>(rows: &mut [T], name: impl Fn(&T) -> &str) {
    sort(rows, |row| hash::of_str(name(row)));
}

/// Sorts rows as a `ConcurrentHashMap` that grew from nothing is walked, but for what shares a bucket: growth turns
/// that around at times.
pub(crate) fn sort_concurrent<T>(rows: &mut [T], hash: impl Fn(&T) -> u32) {
    let buckets = concurrent(rows.len());
    sort_in(rows, buckets, hash);
}

/// Sorts names as a table that was made for so many is walked.
pub(crate) fn sort_made_for<T>(rows: &mut [T], name: impl Fn(&T) -> &str) {
    let buckets = made_for(rows.len());
    sort_in(rows, buckets, |row| hash::of_str(name(row)));
}

/// Mixes a hash, so that its upper half counts as well.
pub(super) const fn spread(hash: u32) -> u32 {
    hash ^ (hash >> 16)
}
