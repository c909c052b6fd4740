//! Answers whose records go in by reference, against `kafka-protocol`'s encoder, which copies them.

use bytes::Bytes;
use kafka_protocol::messages as k;
use kafka_protocol::messages::fetch_response as kf;
use kafka_protocol::protocol::Encodable as _;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::wire::ext::encode;
use crate::wire::messages::str_bytes;
use crate::wire::rope::RopeMut;

/// Records as they lie in a log, of all sizes that make a difference.
fn records() -> impl Strategy<Value = Rope> {
    let size = prop_oneof![Just(0_usize), 1..70_usize, 500..520_usize, 0..4000_usize];
    let part = (size, any::<u8>()).prop_map(|(size, byte)| Bytes::from(vec![byte; size]));
    vec(part, 0..4).prop_map(|parts| {
        let mut rope = Rope::default();
        parts.into_iter().for_each(|part| rope.push(part));
        rope
    })
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![Just(-1), Just(0), any::<i64>()]
}

fn small() -> impl Strategy<Value = i32> {
    prop_oneof![Just(-1), Just(0), any::<i32>()]
}

fn text() -> impl Strategy<Value = StrBytes> {
    "[a-zé]{0,20}".prop_map(str_bytes)
}

fn partition() -> impl Strategy<Value = PartitionData> {
    let aborted = (number(), number()).prop_map(|(producer, first_offset)| AbortedTransaction {
        producer_id: producer.into(),
        first_offset,
    });
    (
        (small(), any::<i16>(), number(), number(), number()),
        option::of(vec(aborted, 0..3)),
        option::of(records()),
        (
            small(),
            small(),
            number(),
            small(),
            small(),
            number(),
            small(),
        ),
    )
        .prop_map(
            |(first, aborted_transactions, records, last)| PartitionData {
                partition_index: first.0,
                error_code: first.1,
                high_watermark: first.2,
                last_stable_offset: first.3,
                log_start_offset: first.4,
                aborted_transactions,
                preferred_read_replica: last.0.into(),
                records,
                diverging_epoch: EpochEndOffset {
                    epoch: last.1,
                    end_offset: last.2,
                },
                current_leader: LeaderIdAndEpoch {
                    leader_id: last.3.into(),
                    leader_epoch: last.4,
                },
                snapshot_id: SnapshotId {
                    end_offset: last.5,
                    epoch: last.6,
                },
            },
        )
}

fn response() -> impl Strategy<Value = FetchResponse> {
    let topic =
        (text(), any::<u128>(), vec(partition(), 0..4)).prop_map(|(name, id, partitions)| {
            let (topic, topic_id) = (name.into(), Uuid::from_u128(id));
            FetchableTopicResponse {
                topic,
                topic_id,
                partitions,
            }
        });
    let endpoint =
        (small(), text(), any::<i32>(), option::of(text())).prop_map(|(node, host, port, rack)| {
            NodeEndpoint {
                node_id: node.into(),
                host,
                port,
                rack,
            }
        });
    (
        small(),
        any::<i16>(),
        small(),
        vec(topic, 0..4),
        vec(endpoint, 0..3),
    )
        .prop_map(
            |(throttle_time_ms, error_code, session_id, responses, node_endpoints)| FetchResponse {
                throttle_time_ms,
                error_code,
                session_id,
                responses,
                node_endpoints,
            },
        )
}

/// The same for the crate, which refuses a field that the version does not have.
fn copied(response: &FetchResponse, version: i16) -> k::FetchResponse {
    let topics = response.responses.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|row| copied_row(row, version));
        kf::FetchableTopicResponse::default()
            .with_topic(topic.topic.clone())
            .with_topic_id(topic.topic_id)
            .with_partitions(partitions.collect())
    });
    let endpoints = response.node_endpoints.iter().filter(|_| version >= 16);
    let endpoints = endpoints.map(|node| {
        kf::NodeEndpoint::default()
            .with_node_id(node.node_id)
            .with_host(node.host.clone())
            .with_port(node.port)
            .with_rack(node.rack.clone())
    });
    k::FetchResponse::default()
        .with_throttle_time_ms(response.throttle_time_ms)
        .with_error_code(response.error_code)
        .with_session_id(if version < 7 { 0 } else { response.session_id })
        .with_responses(topics.collect())
        .with_node_endpoints(endpoints.collect())
}

fn copied_row(row: &PartitionData, version: i16) -> kf::PartitionData {
    let aborted = row.aborted_transactions.as_ref().map(|all| {
        let all = all.iter().map(|aborted| {
            kf::AbortedTransaction::default()
                .with_producer_id(aborted.producer_id)
                .with_first_offset(aborted.first_offset)
        });
        all.collect()
    });
    let mut copied = kf::PartitionData::default()
        .with_partition_index(row.partition_index)
        .with_error_code(row.error_code)
        .with_high_watermark(row.high_watermark)
        .with_last_stable_offset(row.last_stable_offset)
        .with_log_start_offset(row.log_start_offset)
        .with_aborted_transactions(aborted)
        .with_records(row.records.as_ref().map(Rope::to_bytes));
    if version >= 11 {
        copied.preferred_read_replica = row.preferred_read_replica;
    }
    if version >= 12 {
        copied.diverging_epoch.epoch = row.diverging_epoch.epoch;
        copied.diverging_epoch.end_offset = row.diverging_epoch.end_offset;
        copied.current_leader.leader_id = row.current_leader.leader_id;
        copied.current_leader.leader_epoch = row.current_leader.leader_epoch;
        copied.snapshot_id.end_offset = row.snapshot_id.end_offset;
        copied.snapshot_id.epoch = row.snapshot_id.epoch;
    }
    copied
}

proptest! {
    #![proptest_config(crate::property::cases(128))]

    #[test]
    fn records_by_reference_make_the_same_bytes_as_copies(response in response()) {
        for version in 4..=18 {
            let mut expected = Vec::new();
            copied(&response, version).encode(&mut expected, version).unwrap();
            let mut body = RopeMut::default();
            encode(1, version, &mut response.clone(), &mut body).unwrap();
            prop_assert_eq!(body.len(), expected.len(), "v{}", version);
            prop_assert_eq!(&body.freeze().to_bytes(), &expected, "v{}", version);
        }
    }
}
