//! The order in which Java walks a hash table. Kafka answers DescribeConfigs in it, and finds the
//! first unknown name by it.

use crate::engine::state_topic::java_hash;

/// Sorts names as `java.util.HashMap` walks them after they were put in the given order.
pub(crate) fn sort_by_name<T>(rows: &mut [T], name: impl Fn(&T) -> &str) {
    let buckets = bucket_count(rows.len());
    rows.sort_by_key(|row| bucket(name(row), buckets));
}

/// Sorts names as a `java.util.HashMap` walks them that was made for so many.
pub(crate) fn sort_sized<T>(rows: &mut [T], name: impl Fn(&T) -> &str) {
    let mut buckets = u32::try_from(rows.len().next_power_of_two()).unwrap_or(u32::MAX);
    // It doubles when it is more than three quarters full.
    if rows.len() * 4 > buckets as usize * 3 {
        buckets = buckets.saturating_mul(2);
    }
    rows.sort_by_key(|row| bucket(name(row), buckets));
}

/// The table starts with 16 buckets and doubles when it is more than three quarters full.
pub(crate) fn bucket_count(entries: usize) -> u32 {
    let mut buckets = 16_u32;
    while entries * 4 > buckets as usize * 3 {
        buckets *= 2;
    }
    buckets
}

/// Sorts topic names as Kafka's metadata keeps them: a tree of hashes, the negative ones first.
pub(crate) fn sort_as_in_metadata<T>(rows: &mut [T], name: impl Fn(&T) -> &str) {
    rows.sort_by_cached_key(|row| java_hash(name(row)).cast_signed());
}

fn bucket(name: &str, buckets: u32) -> u32 {
    spread(java_hash(name)) & (buckets - 1)
}

/// How Java's tables mix a hash, so that its upper half counts as well.
pub(crate) const fn spread(hash: u32) -> u32 {
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::super::keys::Scope;
    use super::*;

    #[test]
    fn topics_come_in_the_metadatas_order() {
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
        sort_as_in_metadata(&mut names, |name| name);
        assert_eq!(names, expected);
    }

    /// First and last names of what Apache Kafka 4.4.0 described for a topic, a broker and a group.
    #[test]
    fn descriptions_come_in_kafkas_order() {
        let cases = [
            (
                Scope::Topic,
                37,
                [
                    "compression.type",
                    "errors.deadletterqueue.group.enable",
                    "segment.index.bytes",
                ],
            ),
            (
                Scope::Broker,
                350,
                [
                    "log.cleaner.min.compaction.lag.ms",
                    "offsets.topic.num.partitions",
                    "queued.max.request.bytes",
                ],
            ),
            (
                Scope::Group,
                21,
                [
                    "consumer.session.timeout.ms",
                    "streams.assignor.name",
                    "streams.num.standby.replicas",
                ],
            ),
            (Scope::ClientMetrics, 3, ["interval.ms", "match", "metrics"]),
        ];
        for (scope, count, [first, second, last]) in cases {
            let mut keys: Vec<_> = scope.keys().filter(|key| !key.internal).collect();
            sort_by_name(&mut keys, |key| key.name);
            assert_eq!(keys.len(), count);
            let names = [keys[0].name, keys[1].name, keys[count - 1].name];
            assert_eq!(names, [first, second, last]);
        }
    }
}
