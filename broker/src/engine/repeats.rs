//! Requests that name the same thing more than once.

use std::collections::BTreeMap;

/// Each key once, where it first stood, with what was last said of it.
pub(crate) fn keep_last<K: Ord + Clone, V>(items: impl IntoIterator<Item = (K, V)>) -> Vec<(K, V)> {
    let mut places = BTreeMap::new();
    let mut once: Vec<(K, V)> = Vec::new();
    for (key, value) in items {
        let place = *places.entry(key.clone()).or_insert(once.len());
        match once.get_mut(place) {
            Some(known) => known.1 = value,
            None => once.push((key, value)),
        }
    }
    once
}

/// Everything of one group together, groups where they first stood.
pub(crate) fn grouped<G: Ord + Clone, V>(
    items: impl IntoIterator<Item = (G, V)>,
) -> Vec<(G, Vec<V>)> {
    let mut places = BTreeMap::new();
    let mut groups: Vec<(G, Vec<V>)> = Vec::new();
    for (group, value) in items {
        let place = *places.entry(group.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(known) => known.1.push(value),
            None => groups.push((group, vec![value])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_and_the_last_word_count() {
        assert_eq!(
            keep_last([(1, 'a'), (2, 'b'), (1, 'c')]),
            [(1, 'c'), (2, 'b')]
        );
        assert_eq!(
            grouped([(1, 'a'), (2, 'b'), (1, 'c')]),
            [(1, vec!['a', 'c']), (2, vec!['b'])]
        );
    }
}
