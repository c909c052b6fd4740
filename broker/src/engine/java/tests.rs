//! Every order against what the tables themselves answered: see `fixtures/orders`.

use std::collections::BTreeMap;
use std::path::Path;

use super::timeline::TimelineMap;
use super::{hash, hash_map, scala, timeline};

const WORDS: [&str; 26] = [
    "orders",
    "payments",
    "Zz",
    "a",
    "b",
    "clicks",
    "users",
    "audit",
    "k",
    "stock",
    "returns",
    "x1",
    "x2",
    "x3",
    "prices",
    "billing-events",
    "q",
    "sessions",
    "geo",
    "mail",
    "Aa",
    "BB",
    "AaBB",
    "BBAa",
    "polygenelubricants",
    "é",
];

/// As `Orders.java` makes them.
fn names(count: usize) -> Vec<String> {
    let name = |k: usize| {
        let word = WORDS[k % WORDS.len()].repeat(1 + k / WORDS.len());
        format!("orders.{word}")
    };
    (0..count).map(name).collect()
}

/// What each table made of so many keys: the places that they had before.
fn golden() -> BTreeMap<(String, usize), Vec<usize>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/orders/orders.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let row = |line: &str| {
        let (head, places) = line.split_once(": ").unwrap();
        let (table, count) = head.split_once(' ').unwrap();
        let places = places.split(' ').map(|place| place.parse().unwrap());
        ((table.to_owned(), count.parse().unwrap()), places.collect())
    };
    lines.map(row).collect()
}

fn sorted(table: &str, count: usize, hashes: &[u32]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..hashes.len()).collect();
    let hash = |row: &usize| hashes[*row];
    match table {
        "hash_map" => hash_map::sort(&mut rows, hash),
        "hash_map_computed" => hash_map::sort_computed(&mut rows, hash),
        "hash_map_made_for" => hash_map::sort_in(&mut rows, hash_map::made_for(count), hash),
        "hash_set_copy" => hash_map::sort_in(&mut rows, hash_map::of_set_copy(count), hash),
        "hash_map_copy" => hash_map::sort_in(&mut rows, hash_map::of_map_copy(count), hash),
        "timeline" => timeline::sort(&mut rows, hash),
        "scala_mutable" => scala::sort_mutable(&mut rows, hash),
        "scala_immutable" => scala::sort_trie(&mut rows, hash),
        other => panic!("{other} is in no list"),
    }
    rows
}

fn put_again<K: Clone + Ord + hash::JavaHash>(keys: &[K]) -> Vec<usize> {
    let mut table = TimelineMap::new();
    for (place, key) in keys.iter().enumerate() {
        table.insert(key.clone(), place);
    }
    table.insert(keys[0].clone(), 0);
    table.walk().into_iter().map(|(_, place)| *place).collect()
}

#[test]
fn tables_are_walked_as_they_walk_themselves() {
    let golden = golden();
    assert!(golden.len() > 200);
    for ((table, count), expected) in golden {
        let names = names(count);
        let numbers: Vec<i32> = (0..i32::try_from(count).unwrap()).collect();
        let by_name: Vec<u32> = names.iter().map(|name| hash::of_str(name)).collect();
        let partitions = names
            .iter()
            .flat_map(|name| [2, 0, 7, 1].map(|k| (name, k)));
        let by_partition: Vec<u32> = partitions
            .map(|(name, k)| hash::of_partition(name, k))
            .collect();
        let by_number: Vec<u32> = numbers.iter().copied().map(hash::of_int).collect();
        let found = match table.as_str() {
            "timeline_put_again" => put_again(&names),
            "numbers_timeline_put_again" => put_again(&numbers),
            "numbers_timeline" => sorted("timeline", count, &by_number),
            other => match other.strip_prefix("partitions_") {
                Some(table) => sorted(table, count, &by_partition),
                None => sorted(other, count, &by_name),
            },
        };
        assert_eq!(found, expected, "{table} of {count}");
    }
}

#[test]
fn hashes_are_those_of_java() {
    for (key, expected) in [("", 0), ("g", 103), ("group", 98_629_247), ("é", 233)] {
        assert_eq!(hash::of_str(key), expected, "{key}");
    }
    assert_eq!(hash::of_long(-1), 0);
    assert_eq!(hash::of_long(1 << 32 | 5), 4);
}
