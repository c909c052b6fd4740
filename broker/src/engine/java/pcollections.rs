//! `HashPMap` of the pcollections library, in which Kafka keeps its metadata: a tree by hash.

use super::{by_key, hash};

/// Sorts names as such a map is walked: by hash, the negative ones first.
pub(crate) fn sort_by_name<T>(rows: &mut [T], name: impl Fn(&T) -> &str) {
    by_key::sort(rows, |row| {
        let hash = hash::of_str(name(row)).cast_signed();
        by_key::signed(hash).into()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Apache Kafka 4.4.0 listed topics.
    #[test]
    fn names_come_by_their_hash() {
        let expected = [
            "polygenelubricants",
            "orders",
            "Z",
            "Aa",
            "zz",
            "abc",
            "t.1",
            "zzzzzzz",
        ];
        let mut names = expected;
        names.sort_unstable();
        sort_by_name(&mut names, |name| name);
        assert_eq!(names, expected);
    }
}
