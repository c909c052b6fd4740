//! Where Kafka's producers put a record with a key: the partitioner of its Java client, which goes by
//! the 32-bit MurmurHash2 of the key.

/// What Kafka seeds the hash with.
const SEED: u32 = 0x9747_b28c;

const MULTIPLIER: u32 = 0x5bd1_e995;

/// The partition for a key among so many.
pub(super) fn partition(key: &[u8], partitions: usize) -> i32 {
    let positive = hash(key) & 0x7fff_ffff;
    let count = u32::try_from(partitions).unwrap_or(u32::MAX);
    let picked = positive.checked_rem(count).unwrap_or_default();
    i32::try_from(picked).unwrap_or_default()
}

fn hash(key: &[u8]) -> u32 {
    let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
    let (words, rest) = key.as_chunks::<4>();
    let mut hash = words.iter().fold(SEED ^ length, |hash, word| {
        let word = u32::from_le_bytes(*word).wrapping_mul(MULTIPLIER);
        let word = (word ^ (word >> 24)).wrapping_mul(MULTIPLIER);
        hash.wrapping_mul(MULTIPLIER) ^ word
    });
    if !rest.is_empty() {
        let little_endian = rest.iter().rev();
        hash ^= little_endian.fold(0, |word, byte| (word << 8) | u32::from(*byte));
        hash = hash.wrapping_mul(MULTIPLIER);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MULTIPLIER);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes that Kafka's own `Utils.murmur2` gives.
    #[test]
    fn keys_hash_as_in_kafkas_java_client() {
        #[track_caller]
        fn check(key: &str, expected: i32) {
            assert_eq!(hash(key.as_bytes()).cast_signed(), expected, "{key:?}");
        }
        check("", 275_646_681);
        check("a", -1_563_381_124);
        check("ab", 316_155_434);
        check("abc", 479_470_107);
        check("orders", -1_029_842_276);
        check("customer-42", -542_987_495);
        check("Grüße aus Köln", 2_123_417_415);
    }

    #[test]
    fn any_number_of_partitions_will_do() {
        assert_eq!(partition(b"21", 0), 0);
        assert_eq!(partition(b"21", 1), 0);
        for partitions in 1..50 {
            let found = usize::try_from(partition(b"a", partitions)).unwrap();
            assert!(found < partitions);
        }
    }
}
