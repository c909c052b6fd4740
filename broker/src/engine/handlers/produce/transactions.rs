//! Asking the coordinator about the transactions that a Produce writes to (KIP-890).
//!
//! Oracle: a producer that has no transaction open in a partition is asked about. Up to version 11 the
//! partition must have been added to the transaction before; from version 12 on the write adds it. All
//! of that comes before acks, the in-sync replicas and the log are looked at. While the last
//! transaction's markers are on their way, version 12 waits a moment for them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::answers::FailedBatch;
use super::{may_write, merged, topic_name};
use crate::engine::context::{Context, Parking, WakeOn};
use crate::engine::log::FirstWrite;
use crate::engine::replica::{self, Serves};
use crate::engine::state_topic::{StateTopic, partition_of};
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::{Producer, Support, Writer};
use crate::wire::batch::{BatchHeader, UnverifiedBatch};
use crate::wire::error::ErrorCode;
use crate::wire::messages::ProduceRequest;

/// The first version that adds partitions to the transaction itself (KIP-890).
pub(super) const ADDS_SINCE: i16 = 12;

/// The first version that knows TRANSACTION_ABORTABLE (KIP-890).
const ABORTABLE_SINCE: i16 = 11;

/// `add.partitions.to.txn.retry.backoff.max.ms`: how long a write waits for the last transaction.
const MARKERS_AWAITED: Duration = Duration::from_millis(100);

/// What is known before anything is written.
pub(super) enum Verification {
    Waits(Parking),
    Done(Verified),
}

/// Which writes are refused for their transaction.
#[derive(Debug, Default)]
pub(super) struct Verified {
    /// Batches of several producers, or epochs, came with one transactional id.
    pub(super) producers_differ: bool,
    failed: BTreeMap<TopicPartition, FailedBatch>,
}

impl Verified {
    /// Refuses a write for its transaction.
    pub(super) fn check(&self, topic: &str, partition: i32) -> Result<(), FailedBatch> {
        if self.failed.is_empty() {
            return Ok(());
        }
        let place = TopicPartition::new(topic, partition);
        self.failed.get(&place).cloned().map_or(Ok(()), Err)
    }

    fn refuse(&mut self, place: TopicPartition, batch: FailedBatch) {
        self.failed.insert(place, batch);
    }
}

/// Asks about every write of a transaction.
pub(super) fn verify(cx: &mut Context<'_>, request: &ProduceRequest) -> Verification {
    let mut verified = Verified::default();
    let Some(id) = request.transactional_id.as_deref() else {
        return Verification::Done(verified);
    };
    let writes = writes(cx, request);
    let Some(producer) = writes.values().next().map(producer) else {
        return Verification::Done(verified);
    };
    if writes
        .values()
        .any(|header| self::producer(header) != producer)
    {
        verified.producers_differ = true;
        return Verification::Done(verified);
    }
    let adds = cx.call.version >= ADDS_SINCE;
    if !adds
        && !cx
            .state
            .broker_config(cx.call.node)
            .transaction_partition_verification
    {
        return Verification::Done(verified);
    }
    let mut asked = BTreeSet::new();
    for (place, header) in writes {
        match begin(cx, &place, &header, adds) {
            Ok(true) => {
                asked.insert(place);
            }
            Ok(false) => {}
            Err(code) => verified.refuse(place, FailedBatch::early(code)),
        }
    }
    let writer = Writer {
        id,
        producer,
        support: support(cx.call.version),
    };
    for (place, code) in cx.state.ask_coordinator(cx.now, writer, &asked) {
        if adds && code == ErrorCode::ConcurrentTransactions && !cx.call.expired {
            return Verification::Waits(parking(cx, id));
        }
        verified.refuse(place, failed_batch(code, cx.call.version));
    }
    Verification::Done(verified)
}

const fn producer(header: &BatchHeader) -> Producer {
    Producer {
        id: header.producer_id,
        epoch: header.producer_epoch,
    }
}

/// The batches of a transaction that partitions which exist are to get.
fn writes(cx: &Context<'_>, request: &ProduceRequest) -> BTreeMap<TopicPartition, BatchHeader> {
    let mut writes = BTreeMap::new();
    for (topic, partitions) in merged(request.topic_data.clone(), cx.call.version) {
        let named = topic_name(cx, &topic).and_then(|name| may_write(cx, name));
        let Some(name) = named.ok() else {
            continue;
        };
        let Some(topic) = cx.state.cluster.topic(&name) else {
            continue;
        };
        for named in partitions {
            let batch = UnverifiedBatch::from_produce(&named.data.records, cx.call.version);
            let header = batch.ok().and_then(|batch| batch.header_of_transaction());
            let header = header.filter(|_| topic.partition(named.data.index).is_some());
            if let Some(header) = header {
                writes.insert(TopicPartition::new(&name, named.data.index), header);
            }
        }
    }
    writes
}

/// Whether the coordinator must be asked.
fn begin(
    cx: &mut Context<'_>,
    place: &TopicPartition,
    header: &BatchHeader,
    is_v2: bool,
) -> Result<bool, ErrorCode> {
    replica::find(
        &cx.state.cluster,
        place.borrowed(),
        cx.call.node,
        Serves::Leader,
        None,
    )?;
    let write = FirstWrite {
        id: header.producer_id,
        epoch: header.producer_epoch,
        sequence: header.base_sequence,
        is_v2,
    };
    cx.state.begin_write(cx.now, place, write)
}

const fn support(version: i16) -> Support {
    if version >= ADDS_SINCE {
        Support::Adds
    } else if version >= ABORTABLE_SINCE {
        Support::Abortable
    } else {
        Support::Least
    }
}

/// Until the transaction's markers are written, which the state topic tells.
fn parking(cx: &Context<'_>, id: &str) -> Parking {
    let topic = StateTopic::Transactions;
    let index = partition_of(&cx.state.cluster, topic, id).unwrap_or_default();
    Parking {
        until: Some(cx.call.arrived.plus(MARKERS_AWAITED)),
        wake: vec![WakeOn::Partition(TopicPartition::new(topic.name(), index))],
    }
}

/// What the client is told.
fn failed_batch(code: ErrorCode, version: i16) -> FailedBatch {
    let unable = |name: &str| {
        let message = format!(
            "Unable to verify the partition has been added to the transaction. Underlying error: \
             {name}"
        );
        FailedBatch::with_message(ErrorCode::NotEnoughReplicas, message)
    };
    if code == ErrorCode::InvalidTxnState {
        let message = "Partition was not added to the transaction";
        return FailedBatch::with_message(code, message.to_owned());
    }
    if version < ADDS_SINCE && code == ErrorCode::ConcurrentTransactions {
        return unable("CONCURRENT_TRANSACTIONS");
    }
    if code == ErrorCode::CoordinatorNotAvailable {
        return unable("COORDINATOR_NOT_AVAILABLE");
    }
    if code == ErrorCode::CoordinatorLoadInProgress {
        return unable("COORDINATOR_LOAD_IN_PROGRESS");
    }
    if code == ErrorCode::NotCoordinator {
        return unable("NOT_COORDINATOR");
    }
    FailedBatch::early(code)
}
