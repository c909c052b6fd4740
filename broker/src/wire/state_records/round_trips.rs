//! What is written is read again, and nothing less is.

use std::fmt::Debug;

use uuid::Uuid;

use super::*;
use crate::wire::units::{ProducerEpoch, ProducerId, WallMillis};

const ORDERS: Uuid = Uuid::from_u128(0x5f9d_7d66_0b88_42ee_b735_0e7a_d102_797c);

#[track_caller]
fn check<'a, T: Debug + PartialEq>(
    written: &T,
    record: &'a StateRecord,
    read: impl Fn(&'a [u8]) -> Result<T, Unreadable>,
) {
    let value = record.value.as_deref().unwrap();
    assert_eq!(read(value).as_ref(), Ok(written));
    for length in 0..value.len() {
        let cut = read(&value[..length]);
        assert!(cut.is_err(), "{length} of {} bytes: {cut:?}", value.len());
    }
    let mut later = value.to_vec();
    later[..2].copy_from_slice(&99_i16.to_be_bytes());
    let later: &'a [u8] = later.leak();
    assert_eq!(read(later), Err(Unreadable::Version(99)));
}

#[test]
fn offsets() {
    let value = OffsetCommitValue {
        offset: 42,
        leader_epoch: 7,
        metadata: "note",
        commit_timestamp: WallMillis(5),
        expire_timestamp: None,
        topic_id: ORDERS,
    };
    check(
        &value,
        &value.record("g", "orders", 3),
        OffsetCommitValue::read,
    );
    // With an expire timestamp there is no room for epoch and id.
    let value = OffsetCommitValue {
        leader_epoch: -1,
        expire_timestamp: Some(WallMillis(9)),
        topic_id: Uuid::nil(),
        ..value
    };
    check(
        &value,
        &value.record("g", "orders", 3),
        OffsetCommitValue::read,
    );
}

#[test]
fn classic_groups() {
    let member = MemberMetadata {
        member_id: "m",
        group_instance_id: Some("i"),
        client_id: "c",
        client_host: "/127.0.0.1",
        rebalance_timeout_ms: 1,
        session_timeout_ms: 2,
        subscription: &[1, 2],
        assignment: &[],
    };
    let value = GroupMetadataValue {
        protocol_type: "consumer",
        generation: 3,
        protocol: Some("range"),
        leader: None,
        current_state_timestamp: WallMillis(6),
        members: vec![member],
    };
    check(&value, &value.record("g"), GroupMetadataValue::read);
}

#[test]
fn consumer_groups() {
    for metadata_hash in [0, -5] {
        let value = ConsumerGroupMetadataValue {
            epoch: 3,
            metadata_hash,
        };
        check(&value, &value.record("g"), ConsumerGroupMetadataValue::read);
    }
    let value = ConsumerGroupTargetAssignmentMetadataValue {
        assignment_epoch: 4,
        assignment_timestamp: WallMillis(8),
    };
    let read = ConsumerGroupTargetAssignmentMetadataValue::read;
    check(&value, &value.record("g"), read);
    let value = ConsumerGroupTargetAssignmentMemberValue {
        topic_partitions: vec![(ORDERS, vec![2, 0])],
    };
    let read = ConsumerGroupTargetAssignmentMemberValue::read;
    check(&value, &value.record("g", "m"), read);
    let value = ConsumerGroupRegularExpressionValue {
        topics: vec!["a", "b"],
        version: 5,
        timestamp: WallMillis(6),
    };
    let read = ConsumerGroupRegularExpressionValue::read;
    check(&value, &value.record("g", "a|b"), read);
}

#[test]
fn members_of_consumer_groups() {
    let classic = ClassicMemberMetadata {
        session_timeout_ms: 9,
        supported_protocols: vec![("range", &[7]), ("x", &[])],
    };
    for classic in [None, Some(classic)] {
        let value = ConsumerGroupMemberMetadataValue {
            instance_id: None,
            rack_id: Some("r"),
            client_id: "c",
            client_host: "/127.0.0.1",
            subscribed_topic_names: vec!["a"],
            subscribed_topic_regex: Some(""),
            rebalance_timeout_ms: 300,
            server_assignor: None,
            classic,
        };
        let read = ConsumerGroupMemberMetadataValue::read;
        check(&value, &value.record("g", "m"), read);
    }
    let topic = |epochs: Option<Vec<i32>>| CurrentTopicPartitions {
        topic_id: ORDERS,
        partitions: vec![1, 2],
        assignment_epochs: epochs,
    };
    let value = ConsumerGroupCurrentMemberAssignmentValue {
        member_epoch: 3,
        previous_member_epoch: 2,
        state: 1,
        assigned_partitions: vec![topic(Some(vec![3, 1])), topic(None)],
        partitions_pending_revocation: vec![topic(Some(vec![1, 1]))],
    };
    let read = ConsumerGroupCurrentMemberAssignmentValue::read;
    check(&value, &value.record("g", "m"), read);
}

#[test]
fn transactions() {
    let value = TransactionLogValue {
        producer_id: ProducerId(4),
        previous_producer_id: ProducerId(3),
        next_producer_id: ProducerId::NONE,
        epoch: ProducerEpoch(1),
        timeout_ms: 60_000,
        status: 1,
        partitions: Some(vec![TransactionPartitions {
            topic: "a",
            partitions: vec![1, 0],
        }]),
        updated: WallMillis(5),
        started: WallMillis(4),
        client_version: 2,
    };
    let record = value.record("t", 1);
    check(&value, &record, TransactionLogValue::read);
    assert_eq!(transactional_id(&record.key), Ok(Some("t")));
    // The old version does not tell what came later.
    let old = TransactionLogValue {
        previous_producer_id: ProducerId::NONE,
        partitions: None,
        client_version: 0,
        ..value
    };
    check(&old, &old.record("t", 0), TransactionLogValue::read);
}

#[test]
fn keys() {
    let (group, member) = ("g", "m");
    let keys = [
        StateKey::OffsetCommit {
            group,
            topic: "a",
            partition: 3,
        },
        StateKey::GroupMetadata { group },
        StateKey::ConsumerGroupMetadata { group },
        StateKey::ConsumerGroupPartitionMetadata { group },
        StateKey::ConsumerGroupMemberMetadata { group, member },
        StateKey::ConsumerGroupTargetAssignmentMetadata { group },
        StateKey::ConsumerGroupTargetAssignmentMember { group, member },
        StateKey::ConsumerGroupCurrentMemberAssignment { group, member },
        StateKey::ConsumerGroupRegularExpression {
            group,
            expression: "a.*",
        },
    ];
    for key in keys {
        let bytes = key.tombstone().key;
        assert_eq!(StateKey::read(&bytes), Ok(Some(key)));
        for length in 0..bytes.len() {
            assert!(StateKey::read(&bytes[..length]).is_err(), "{key:?}");
        }
    }
    assert_eq!(StateKey::read(&[0, 99]), Ok(None));
    assert_eq!(transactional_id(&[0, 99]), Ok(None));
}
