//! The store: what is visible, and what transactions leave.

use super::*;
use crate::engine::topic_partition::TopicPartition;

const ORDERS: Uuid = Uuid::from_u128(1);
const PRODUCER: ProducerId = ProducerId(9);

fn offset(offset: i64) -> CommittedOffset {
    CommittedOffset {
        offset,
        leader_epoch: -1,
        metadata: StrBytes::new(),
        commit_timestamp: WallMillis(0),
        expire_timestamp: None,
        topic_id: ORDERS,
    }
}

/// What a group sees of `orders-0`, and whether it is stable.
fn seen(store: &OffsetStore, group: &str) -> (Option<i64>, bool) {
    let committed = store.get(group, "orders", 0);
    let stable = !store.is_unstable(group, "orders", 0);
    (committed.map(|committed| committed.offset), stable)
}

const A: (&str, &str, i32) = ("a", "orders", 0);
const B: (&str, &str, i32) = ("b", "orders", 0);

fn pending() -> OffsetStore {
    let mut store = OffsetStore::default();
    store.commit(A, offset(1), None);
    store.commit(A, offset(5), Some(PRODUCER));
    store.commit(B, offset(6), Some(PRODUCER));
    store
}

#[test]
fn a_transactions_offsets_show_after_its_commit() {
    let mut store = pending();
    assert_eq!(seen(&store, "a"), (Some(1), false));
    assert_eq!(seen(&store, "b"), (None, false));
    assert!(store.has_open_transaction("b"));
    store.end_transaction(PRODUCER, MarkerKind::Commit, |_| true);
    assert_eq!(seen(&store, "a"), (Some(5), true));
    assert_eq!(seen(&store, "b"), (Some(6), true));
    assert!(!store.has_open_transaction("b"));
}

#[test]
fn an_aborted_transaction_leaves_nothing() {
    let mut store = pending();
    store.end_transaction(PRODUCER, MarkerKind::Abort, |_| true);
    assert_eq!(seen(&store, "a"), (Some(1), true));
    assert_eq!(seen(&store, "b"), (None, true));
}

#[test]
fn a_marker_counts_for_the_groups_of_its_partition() {
    let mut store = pending();
    store.end_transaction(PRODUCER, MarkerKind::Commit, |group| group == "b");
    assert_eq!(seen(&store, "a"), (Some(1), false));
    assert_eq!(seen(&store, "b"), (Some(6), true));
    store.end_transaction(ProducerId(1), MarkerKind::Commit, |_| true);
    assert_eq!(seen(&store, "a"), (Some(1), false));
}

#[test]
fn a_later_commit_outlives_an_earlier_transaction() {
    let mut store = pending();
    store.commit(A, offset(7), None);
    store.end_transaction(PRODUCER, MarkerKind::Commit, |_| true);
    assert_eq!(seen(&store, "a"), (Some(7), true));
}

#[test]
fn removal_reaches_into_transactions() {
    let mut store = pending();
    assert_eq!(
        store.partitions_of_group("a"),
        [TopicPartition::new("orders", 0)]
    );
    assert_eq!(
        store.partitions_of_group("b"),
        [TopicPartition::new("orders", 0)]
    );
    store.remove("a", "orders", 0);
    store.remove("b", "orders", 0);
    store.end_transaction(PRODUCER, MarkerKind::Commit, |_| true);
    assert_eq!(seen(&store, "a"), (None, true));
    assert_eq!(store.partitions_of_group("b"), []);
}

#[test]
fn a_topic_is_meant_by_its_id() {
    let mut store = pending();
    let all = ["a", "a", "b"].map(|group| (group.to_owned(), 0));
    assert_eq!(store.of_topic("orders", ORDERS), all);
    assert_eq!(store.of_topic("orders", Uuid::from_u128(2)), []);
    assert_eq!(store.of_topic("other", ORDERS), []);
    let nameless = CommittedOffset {
        topic_id: Uuid::nil(),
        ..offset(8)
    };
    store.commit(("c", "orders", 3), nameless, None);
    assert_eq!(
        store.of_topic("orders", Uuid::from_u128(2)),
        [("c".to_owned(), 3)]
    );
}
