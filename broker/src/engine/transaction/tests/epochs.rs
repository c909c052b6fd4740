//! What happens when a producer id's epochs are used up: the last that clients have is 32766.

use std::collections::BTreeSet;

use super::super::decisions::{Decision, End, Initialize};
use super::super::metadata::{Producer, Transaction, TransactionState, TransactionVersion};
use crate::engine::log::MarkerKind;
use crate::engine::producer_ids::ProducerIds;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::units::{ProducerEpoch, ProducerId, WallMillis};

const NOW: WallMillis = WallMillis(1000);
const LAST: i16 = i16::MAX - 1;
const V1: TransactionVersion = TransactionVersion::V1;
const V2: TransactionVersion = TransactionVersion::V2;

/// A transactional id of producer 0, and the ids that follow.
struct Desk {
    transaction: Transaction,
    ids: ProducerIds,
}

impl Desk {
    fn at(epoch: i16) -> Self {
        let mut ids = ProducerIds::default();
        let mut transaction = Transaction::new(ids.next(), 60_000, NOW);
        transaction.epoch = ProducerEpoch(epoch);
        Self { transaction, ids }
    }

    fn init(&mut self, claim: Option<(i64, i16)>, server: TransactionVersion) -> String {
        let request = Initialize {
            timeout_ms: 60_000,
            expected: claim.map(|(id, epoch)| producer(id, epoch)),
        };
        let decided = self
            .transaction
            .initialize(request, server, &mut self.ids, NOW);
        told(decided)
    }

    fn open(&mut self) {
        let partitions = BTreeSet::from([TopicPartition::new("a", 0)]);
        let producer = self.transaction.producer();
        self.transaction
            .add(producer, &partitions, V2, NOW)
            .unwrap();
    }

    fn end(&mut self, (id, epoch): (i64, i16), version: TransactionVersion) -> String {
        let end = End {
            producer: producer(id, epoch),
            kind: MarkerKind::Commit,
            version,
        };
        let decided = self.transaction.end(end, &mut self.ids, NOW);
        told(decided)
    }

    /// The epoch of the markers, once they are written.
    fn complete(&mut self) -> i16 {
        let epoch = self.transaction.epoch.0;
        self.transaction.complete();
        assert!(!self.transaction.is_ending());
        epoch
    }
}

const fn producer(id: i64, epoch: i16) -> Producer {
    Producer {
        id: ProducerId(id),
        epoch: ProducerEpoch(epoch),
    }
}

fn told(decided: Result<Decision, ErrorCode>) -> String {
    match decided {
        Ok(Decision::Changed(to)) => format!("{}@{}", to.id, to.epoch),
        Ok(Decision::Unchanged(is)) => format!("still {}@{}", is.id, is.epoch),
        Ok(Decision::Fenced) => "fenced".to_owned(),
        Err(code) => format!("{code:?}"),
    }
}

#[test]
fn a_new_producer_id_follows_the_last_epoch() {
    let mut desk = Desk::at(LAST - 1);
    assert_eq!(desk.init(None, V2), "0@32766");
    assert_eq!(desk.init(None, V2), "1@0");
    assert_eq!(desk.init(None, V2), "1@1");
}

#[test]
fn a_lost_answer_with_a_new_producer_id_is_given_again() {
    let mut desk = Desk::at(LAST);
    assert_eq!(desk.init(Some((0, LAST)), V2), "1@0");
    assert_eq!(desk.init(Some((0, LAST)), V2), "1@0");
    assert_eq!(desk.init(Some((0, LAST - 1)), V2), "ProducerFenced");
    let mut desk = Desk::at(LAST);
    assert_eq!(desk.init(Some((0, 5)), V2), "UnknownServerError");
}

#[test]
fn the_second_protocol_changes_the_producer_id_between_transactions() {
    let mut desk = Desk::at(LAST);
    desk.open();
    assert_eq!(desk.end((0, LAST), V2), "1@0");
    assert_eq!(desk.end((0, LAST), V2), "ConcurrentTransactions");
    assert_eq!(desk.complete(), i16::MAX);
    assert_eq!(desk.end((0, LAST), V2), "still 1@0");
    assert_eq!(desk.end((0, LAST - 1), V2), "InvalidProducerIdMapping");
    assert_eq!(desk.end((1, 0), V2), "InvalidTxnState");
    assert_eq!(desk.init(None, V2), "1@1");
}

#[test]
fn the_first_protocol_keeps_the_producer_id_until_it_is_initialized() {
    let mut desk = Desk::at(LAST);
    desk.open();
    assert_eq!(desk.end((0, LAST), V1), "0@32766");
    assert_eq!(desk.complete(), LAST);
    assert_eq!(desk.init(None, V1), "1@0");
}

#[test]
fn the_last_epoch_can_be_fenced() {
    for (server, next) in [(V1, "1@0"), (V2, "1@1")] {
        let mut desk = Desk::at(LAST);
        desk.open();
        assert_eq!(desk.init(None, server), "fenced");
        assert!(matches!(
            desk.transaction.state(),
            TransactionState::PrepareAbort(_)
        ));
        assert_eq!(desk.complete(), i16::MAX);
        assert_eq!(desk.init(None, server), next);
    }
}
