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
    let items = items.into_iter();
    gathered(items.map(|(group, value)| (group, vec![value])))
}

/// The same for lists, which may be empty.
pub(crate) fn gathered<G: Ord + Clone, V>(
    items: impl IntoIterator<Item = (G, Vec<V>)>,
) -> Vec<(G, Vec<V>)> {
    let mut places = BTreeMap::new();
    let mut groups: Vec<(G, Vec<V>)> = Vec::new();
    for (group, values) in items {
        let place = *places.entry(group.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(known) => known.1.extend(values),
            None => groups.push((group, values)),
        }
    }
    groups
}

/// Earlier groups with the later ones added to them: how Kafka puts together what it refuses at once
/// and what a coordinator says. Without earlier ones, the later stay as they are, repetitions too.
pub(crate) fn joined<G: PartialEq, V>(
    mut earlier: Vec<(G, Vec<V>)>,
    later: Vec<(G, Vec<V>)>,
) -> Vec<(G, Vec<V>)> {
    if earlier.is_empty() {
        return later;
    }
    for (group, values) in later {
        match earlier.iter_mut().find(|(known, _)| *known == group) {
            Some((_, known)) => known.extend(values),
            None => earlier.push((group, values)),
        }
    }
    earlier
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

    #[test]
    fn what_comes_later_is_added() {
        let later = || vec![(2, vec!['b']), (1, vec!['c']), (2, vec!['d'])];
        assert_eq!(joined(Vec::new(), later()), later());
        assert_eq!(
            joined(vec![(1, vec!['a'])], later()),
            [(1, vec!['a', 'c']), (2, vec!['b', 'd'])]
        );
    }
}
