//! Scala's mutable and immutable tables, of the library's version 2.13.

use super::by_key;
use super::hash_map::spread;

/// The mutable table starts with so many buckets.
const BUCKETS_MIN: usize = 16;

/// Sorts rows as `mutable.HashMap` and `mutable.HashSet` are walked that grew from nothing: by bucket, and within a
/// bucket by hash.
pub(crate) fn sort_mutable<T>(rows: &mut [T], hash: impl Fn(&T) -> u32) {
    let mut buckets = BUCKETS_MIN;
    // They double before they are three quarters full.
    while rows.len().saturating_mul(4) >= buckets.saturating_mul(3) {
        buckets = buckets.saturating_mul(2);
    }
    let mask = u32::try_from(buckets.saturating_sub(1)).unwrap_or(u32::MAX);
    by_key::sort(rows, |row| {
        let hash = spread(hash(row));
        let signed = by_key::signed(hash.cast_signed());
        by_key::pair((hash & mask).into(), signed.into())
    });
}

/// The immutable set and map keep so many in the order in which they came.
pub(crate) const SMALL_MAX: usize = 4;

/// Sorts rows as `immutable.Map` and `immutable.Set` are walked: those that are larger than four are tries.
pub(crate) fn sort_immutable<T>(rows: &mut Vec<T>, hash: impl Fn(&T) -> u32) {
    if rows.len() > SMALL_MAX {
        sort_trie(rows, hash);
    }
}

/// Sorts rows as `immutable.HashMap` is walked, a trie by five bits of the hash a level: first what is alone in its
/// place, then what shares one.
pub(crate) fn sort_trie<T>(rows: &mut Vec<T>, hash: impl Fn(&T) -> u32) {
    let hashed = rows.drain(..).map(|row| (improve(hash(&row)), row));
    let hashed = hashed.collect();
    walk(hashed, 0, rows);
}

const BITS: u32 = 5;
const PLACES: usize = 1 << BITS;

fn walk<T>(hashed: Vec<(u32, T)>, shift: u32, out: &mut Vec<T>) {
    if hashed.len() < 2 || shift >= u32::BITS {
        out.extend(hashed.into_iter().map(|(_, row)| row));
        return;
    }
    let mut places: Vec<Vec<(u32, T)>> = Vec::new();
    places.resize_with(PLACES, Vec::new);
    for (hash, row) in hashed {
        let place = (hash >> shift) as usize % PLACES;
        if let Some(place) = places.get_mut(place) {
            place.push((hash, row));
        }
    }
    let (alone, shared): (Vec<_>, Vec<_>) = places.into_iter().partition(|rows| rows.len() < 2);
    out.extend(alone.into_iter().flatten().map(|(_, row)| row));
    for rows in shared {
        walk(rows, shift.saturating_add(BITS), out);
    }
}

/// `scala.collection.Hashing.improve`.
const fn improve(hash: u32) -> u32 {
    let hash = hash.wrapping_add(!(hash << 9));
    let hash = hash ^ (hash >> 14);
    let hash = hash.wrapping_add(hash << 4);
    hash ^ (hash >> 10)
}
