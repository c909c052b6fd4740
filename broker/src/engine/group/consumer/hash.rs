//! The hash of the topics that a group subscribes to (KIP-1101): a change of it bumps the group's epoch.

use twox_hash::XxHash3_64;

use crate::engine::cluster::{Cluster, Topic};

/// Version of the way in which a topic is hashed.
const MAGIC: u8 = 0;

/// XXH3 over the hashes of the topics there are, by name; 0 of none.
pub(crate) fn of_topics<'a>(cluster: &Cluster, names: impl Iterator<Item = &'a String>) -> i64 {
    let topics = names.filter_map(|name| cluster.topic(name));
    let hashes = topics.flat_map(|topic| of_topic(cluster, topic).to_le_bytes());
    let bytes: Vec<u8> = hashes.collect();
    if bytes.is_empty() {
        return 0;
    }
    XxHash3_64::oneshot(&bytes).cast_signed()
}

/// Id, name, partitions and the racks of their replicas.
fn of_topic(cluster: &Cluster, topic: &Topic) -> u64 {
    let (high, low) = topic.id.as_u64_pair();
    let mut bytes = vec![MAGIC];
    bytes.extend(high.to_le_bytes());
    bytes.extend(low.to_le_bytes());
    put_string(&mut bytes, &topic.name);
    let count = u32::try_from(topic.partitions.len()).unwrap_or(u32::MAX);
    bytes.extend(count.to_le_bytes());
    for (index, partition) in (0_u32..).zip(&topic.partitions) {
        bytes.extend(index.to_le_bytes());
        let replicas = partition.replicas.iter();
        let mut racks: Vec<&str> = replicas.filter_map(|node| cluster.rack(*node)).collect();
        racks.sort_unstable();
        for rack in racks {
            bytes.extend(units(rack).to_le_bytes());
            put_string(&mut bytes, rack);
        }
    }
    XxHash3_64::oneshot(&bytes)
}

/// As hash4j takes a string: UTF-16, then the number of units.
fn put_string(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.extend(units(text).to_le_bytes());
}

fn units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What hash4j 0.22 answers, which Kafka uses.
    #[test]
    fn strings_are_hashed_as_hash4j_hashes_them() {
        let mut bytes = Vec::new();
        put_string(&mut bytes, "foo");
        let hash = XxHash3_64::oneshot(&bytes).cast_signed();
        assert_eq!(hash, 7_324_479_985_248_136_222);
        let long: Vec<u8> = (0..300_i32).flat_map(i32::to_le_bytes).collect();
        let hash = XxHash3_64::oneshot(&long).cast_signed();
        assert_eq!(hash, -7_177_105_411_165_255_504);
    }
}
