//! Bytes that the oracle wrote to its state topics.

use bytes::Bytes;
use uuid::Uuid;

use super::*;
use crate::wire::units::{ProducerEpoch, ProducerId, WallMillis};

const ORDERS: Uuid = Uuid::from_u128(0x5f9d_7d66_0b88_42ee_b735_0e7a_d102_797c);
const OTHER: Uuid = Uuid::from_u128(0x6768_d76d_e401_4c5e_892c_5c65_9131_c468);

fn from_hex(digits: &str) -> Bytes {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(byte).collect()
}

fn check(record: &StateRecord, key: &str, value: Option<&str>) {
    let expected = StateRecord {
        key: from_hex(key),
        value: value.map(from_hex),
    };
    assert_eq!(record, &expected);
}

const fn committed(offset: i64, topic_id: Uuid) -> OffsetCommitValue<'static> {
    OffsetCommitValue {
        offset,
        leader_epoch: -1,
        metadata: "",
        commit_timestamp: WallMillis(0),
        expire_timestamp: None,
        topic_id,
    }
}

#[test]
fn commits() {
    let simple_orders = "0001000673696d706c6500066f726465727300000000";
    let value = OffsetCommitValue {
        leader_epoch: 7,
        metadata: "note",
        commit_timestamp: WallMillis(1_795_425_255_975),
        ..committed(42, ORDERS)
    };
    check(
        &value.record("simple", "orders", 0),
        simple_orders,
        Some(
            "0004000000000000002a00000007056e6f7465000001a207af42270100105f9d7d660b8842eeb7350e7ad102797c",
        ),
    );
    let value = OffsetCommitValue {
        commit_timestamp: WallMillis(1_795_425_256_032),
        expire_timestamp: Some(WallMillis(1_795_425_316_032)),
        ..committed(43, ORDERS)
    };
    check(
        &value.record("simple", "orders", 0),
        simple_orders,
        Some("0001000000000000002b0000000001a207af4260000001a207b02cc0"),
    );
    let key = StateKey::OffsetCommit {
        group: "simple",
        topic: "orders",
        partition: 0,
    };
    check(&key.tombstone(), simple_orders, None);
}

#[test]
fn classic_groups() {
    let classic = "00020007636c6173736963";
    let mut value = GroupMetadataValue {
        protocol_type: "",
        generation: 0,
        protocol: None,
        leader: None,
        current_state_timestamp: WallMillis(1_795_425_256_074),
        members: Vec::new(),
    };
    check(
        &value.record("classic"),
        classic,
        Some("0003000000000000ffffffff000001a207af428a00000000"),
    );
    let member_id = "inst-1-e3f21119-1474-485e-aa09-b8ddb896d923";
    let subscription = from_hex("00010000000100066f7264657273ffffffff00000000");
    let assignment = from_hex("00010000000100066f72646572730000000100000000ffffffff");
    value.protocol_type = "consumer";
    value.generation = 1;
    value.protocol = Some("range");
    value.leader = Some(member_id);
    value.current_state_timestamp = WallMillis(1_795_425_256_081);
    value.members.push(MemberMetadata {
        member_id,
        group_instance_id: Some("inst-1"),
        client_id: "cli",
        client_host: "/127.0.0.1",
        rebalance_timeout_ms: 60_000,
        session_timeout_ms: 10_000,
        subscription: &subscription,
        assignment: &assignment,
    });
    check(
        &value.record("classic"),
        classic,
        Some(concat!(
            "00030008636f6e73756d657200000001000572616e6765002b696e73742d312d65336632313131392d",
            "313437342d343835652d616130392d623864646238393664393233000001a207af4291000000010",
            "02b696e73742d312d65336632313131392d313437342d343835652d616130392d62386464623839366439",
            "32330006696e73742d310003636c69000a2f3132372e302e302e310000ea6000002710000000160001",
            "0000000100066f7264657273ffffffff000000000000001a00010000000100066f7264657273000000",
            "0100000000ffffffff",
        )),
    );
    let key = StateKey::GroupMetadata { group: "classic" };
    check(&key.tombstone(), classic, None);
}

#[test]
fn consumer_groups() {
    let value = ConsumerGroupMetadataValue {
        epoch: 2,
        metadata_hash: i64::from_be_bytes([0x8b, 0x21, 0xe3, 0xf1, 0xde, 0xde, 0xb0, 0xa0]),
    };
    let key = "00030008636f6e73756d6572";
    check(
        &value.record("consumer"),
        key,
        Some("0000000000020100088b21e3f1dedeb0a0"),
    );
    let value = ConsumerGroupMetadataValue {
        epoch: 5,
        metadata_hash: 0,
    };
    check(&value.record("consumer"), key, Some("00000000000500"));
    let value = ConsumerGroupTargetAssignmentMetadataValue {
        assignment_epoch: 2,
        assignment_timestamp: WallMillis(1_795_425_256_174),
    };
    check(
        &value.record("consumer"),
        "00060008636f6e73756d6572",
        Some("000000000002010008000001a207af42ee"),
    );
    let value = ConsumerGroupRegularExpressionValue {
        topics: vec!["orders"],
        version: 127,
        timestamp: WallMillis(1_795_425_257_707),
    };
    check(
        &value.record("consumer", "ord.*"),
        "00100008636f6e73756d657200056f72642e2a",
        Some("000002076f7264657273000000000000007f000001a207af48eb00"),
    );
}

#[test]
fn members_of_consumer_groups() {
    let value = ConsumerGroupMemberMetadataValue {
        instance_id: Some("i1"),
        rack_id: Some("r1"),
        client_id: "cli",
        client_host: "/127.0.0.1",
        subscribed_topic_names: vec!["orders", "other"],
        subscribed_topic_regex: Some(""),
        rebalance_timeout_ms: 60_000,
        server_assignor: Some("range"),
        classic: None,
    };
    check(
        &value.record("consumer", "m1"),
        "00050008636f6e73756d657200026d31",
        Some(
            "000003693103723104636c690b2f3132372e302e302e3103076f7264657273066f74686572010000ea600672616e676501000100",
        ),
    );
    let value = ConsumerGroupTargetAssignmentMemberValue {
        topic_partitions: vec![(ORDERS, vec![0]), (OTHER, vec![0])],
    };
    check(
        &value.record("consumer", "m1"),
        "00070008636f6e73756d657200026d31",
        Some(
            "0000035f9d7d660b8842eeb7350e7ad102797c0200000000006768d76de4014c5e892c5c659131c46802000000000000",
        ),
    );
    let since_2 = |topic_id| CurrentTopicPartitions {
        topic_id,
        partitions: vec![0],
        assignment_epochs: Some(vec![2]),
    };
    let value = ConsumerGroupCurrentMemberAssignmentValue {
        member_epoch: 2,
        previous_member_epoch: 0,
        state: 0,
        assigned_partitions: vec![since_2(OTHER), since_2(ORDERS)],
        partitions_pending_revocation: Vec::new(),
    };
    check(
        &value.record("consumer", "m1"),
        "00080008636f6e73756d657200026d31",
        Some(
            "0000000000020000000000036768d76de4014c5e892c5c659131c468020000000001000502000000025f9d7d660b8842eeb7350e7ad102797c020000000001000502000000020100",
        ),
    );
}

#[test]
fn tombstones_of_consumer_groups() {
    let (group, member) = ("consumer", "m2");
    let expression = "ord.*";
    for (key, expected) in [
        (
            StateKey::ConsumerGroupCurrentMemberAssignment { group, member },
            "00080008636f6e73756d657200026d32",
        ),
        (
            StateKey::ConsumerGroupTargetAssignmentMember { group, member },
            "00070008636f6e73756d657200026d32",
        ),
        (
            StateKey::ConsumerGroupMemberMetadata { group, member },
            "00050008636f6e73756d657200026d32",
        ),
        (
            StateKey::ConsumerGroupRegularExpression { group, expression },
            "00100008636f6e73756d657200056f72642e2a",
        ),
    ] {
        check(&key.tombstone(), expected, None);
    }
}

#[test]
fn transactional_ids() {
    let key = "0000000174";
    let empty = TransactionLogValue {
        producer_id: ProducerId(0),
        previous_producer_id: ProducerId(0),
        next_producer_id: ProducerId::NONE,
        epoch: ProducerEpoch(0),
        timeout_ms: 60_000,
        status: 0,
        partitions: None,
        updated: WallMillis(0x01a2_0809_de51),
        started: WallMillis(-1),
        client_version: 0,
    };
    check(
        &empty.record("t", 1),
        key,
        Some(
            "0001000000000000000000000000ea600000000001a20809de51ffffffffffffffff0100080000000000000000",
        ),
    );
    let orders = TransactionPartitions {
        topic: "orders",
        partitions: vec![0],
    };
    let ending = TransactionLogValue {
        epoch: ProducerEpoch(1),
        status: 2,
        partitions: Some(vec![orders]),
        updated: WallMillis(0x01a2_0809_df8b),
        started: WallMillis(0x01a2_0809_df52),
        client_version: 2,
        ..empty.clone()
    };
    check(
        &ending.record("t", 1),
        key,
        Some(
            "0001000000000000000000010000ea600202076f7264657273020000000000000001a20809df8b000001a20809df52020008000000000000000002020002",
        ),
    );
    let complete = TransactionLogValue {
        status: 4,
        partitions: Some(Vec::new()),
        updated: WallMillis(0x01a2_0809_df8e),
        ..ending
    };
    check(
        &complete.record("t", 1),
        key,
        Some(
            "0001000000000000000000010000ea600401000001a20809df8e000001a20809df52020008000000000000000002020002",
        ),
    );
    check(&tombstone("t"), key, None);
}
