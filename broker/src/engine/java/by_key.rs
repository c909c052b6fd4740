//! Sorting by a computed key, for tables and rows of many types.

/// Sorts rows by keys, each computed once. Rows with equal keys keep their order.
///
/// What is sorted are numbers: so the compiler makes one sort of it, and not four for each type of row, as it does of
/// `sort_by_cached_key`.
pub(crate) fn sort<T>(rows: &mut [T], key: impl FnMut(&T) -> u128) {
    for (at, from) in swaps(rows.iter().map(key).collect()) {
        rows.swap(at, from);
    }
}

/// A key of two parts, of which the first counts first.
pub(crate) const fn pair(first: u64, second: u64) -> u128 {
    (first as u128) << u64::BITS | second as u128
}

/// A signed number as a key: the negative ones first.
pub(crate) const fn signed(number: i32) -> u32 {
    number.cast_unsigned() ^ (1 << 31)
}

/// What brings a list with these keys in order, one after the other.
fn swaps(keys: Vec<u128>) -> Vec<(usize, usize)> {
    let mut order: Vec<(u128, usize)> = keys.into_iter().zip(0..).collect();
    order.sort_unstable();
    // Where the row is that was first at each place.
    let mut now_at: Vec<usize> = (0..order.len()).collect();
    let mut first_at = now_at.clone();
    let mut swaps = Vec::with_capacity(order.len());
    for (at, (_, row)) in order.into_iter().enumerate() {
        let Some(from) = now_at.get(row).copied() else {
            continue;
        };
        let Some(other) = first_at.get(at).copied() else {
            continue;
        };
        swaps.push((at, from));
        first_at.swap(at, from);
        now_at.swap(row, other);
    }
    swaps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::property::cases;

    proptest! {
        #![proptest_config(cases(200))]

        #[test]
        fn rows_are_sorted_as_the_standard_library_does(
            rows in prop::collection::vec((0..20_u64, any::<u64>()), 0..200),
        ) {
            let mut expected = rows.clone();
            expected.sort_by_cached_key(|(key, _)| *key);
            let mut sorted = rows;
            sort(&mut sorted, |(key, _)| pair(*key, 0));
            prop_assert_eq!(sorted, expected);
        }
    }

    #[test]
    fn keys_are_ordered_as_what_they_stand_for() {
        assert!([i32::MIN, -1, 0, 1, i32::MAX].map(signed).is_sorted());
        assert!(pair(1, u64::MAX) < pair(2, 0));
        assert!(pair(1, 2) < pair(1, 3));
    }
}
