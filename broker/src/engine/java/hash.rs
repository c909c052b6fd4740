//! Hash codes, as Java's and Kafka's classes have them.

use std::cmp::Ordering;

use uuid::Uuid;

/// `String.hashCode`.
pub(crate) fn of_str(text: &str) -> u32 {
    let step = |hash: u32, unit: u16| hash.wrapping_mul(31).wrapping_add(unit.into());
    text.encode_utf16().fold(0, step)
}

/// `Integer.hashCode`.
pub(crate) const fn of_int(number: i32) -> u32 {
    number.cast_unsigned()
}

/// `Long.hashCode`: both halves.
pub(crate) const fn of_long(number: i64) -> u32 {
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    u32::from_be_bytes([a, b, c, d]) ^ u32::from_be_bytes([e, f, g, h])
}

/// Kafka's `Uuid.hashCode`: both halves of both halves.
pub(crate) const fn of_id(id: Uuid) -> u32 {
    let (high, low) = id.as_u64_pair();
    of_long((high ^ low).cast_signed())
}

/// Kafka's `Uuid.compareTo`: by halves as signed numbers.
pub(crate) fn compare_ids(a: Uuid, b: Uuid) -> Ordering {
    let halves = |id: Uuid| {
        let (high, low) = id.as_u64_pair();
        (high.cast_signed(), low.cast_signed())
    };
    halves(a).cmp(&halves(b))
}

/// Kafka's `TopicPartition.hashCode`.
pub(crate) fn of_partition(topic: &str, partition: i32) -> u32 {
    let index = of_int(partition).wrapping_add(31);
    index.wrapping_mul(31).wrapping_add(of_str(topic))
}

/// Kafka's `TopicIdPartition.hashCode`.
pub(crate) fn of_id_partition(id: Uuid, topic: &str, partition: i32) -> u32 {
    let id = of_id(id).wrapping_add(31);
    id.wrapping_mul(31)
        .wrapping_add(of_partition(topic, partition))
}

/// The hash code of Kafka's record of a topic's id and a partition, without the name.
pub(crate) const fn of_topic_id_partition(id: Uuid, partition: i32) -> u32 {
    of_id(id).wrapping_mul(31).wrapping_add(of_int(partition))
}

/// `Map.hashCode` of entries of texts: the sum of what each key and value make together. A null value is 0.
pub(crate) fn of_map<'a>(entries: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> u32 {
    let of_entry = |(key, value): (&str, Option<&str>)| of_str(key) ^ value.map_or(0, of_str);
    let sum = |sum: u32, entry| sum.wrapping_add(of_entry(entry));
    entries.into_iter().fold(0, sum)
}

/// What keys of Kafka's own tables are.
pub(crate) trait JavaHash {
    /// Its `hashCode`.
    fn java_hash(&self) -> u32;
}

impl JavaHash for i32 {
    fn java_hash(&self) -> u32 {
        of_int(*self)
    }
}

impl JavaHash for String {
    fn java_hash(&self) -> u32 {
        of_str(self)
    }
}

impl JavaHash for std::sync::Arc<str> {
    fn java_hash(&self) -> u32 {
        of_str(self)
    }
}
