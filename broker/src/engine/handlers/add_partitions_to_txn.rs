//! AddPartitionsToTxn (key 24), v0–v5.
//!
//! Clients send v0–v3, with one transaction; brokers v4 and later, with several, which may ask only
//! whether the partitions have been added (KIP-890). Oracle: one partition that does not exist keeps
//! all the others of its transaction from being added. Clients take WRITE on the transactional id and on each topic,
//! brokers CLUSTER_ACTION. A request without transactions is never answered.

use std::collections::BTreeMap;

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::java::{hash, hash_map, scala};
use crate::engine::repeats::{grouped, keep_last};
use crate::engine::state_topic::StateTopic;
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::{Producer, TransactionVersion, told};
use crate::wire::error::ErrorCode;
use crate::wire::messages::add_partitions_to_txn_request::{
    AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
};
use crate::wire::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResult, AddPartitionsToTxnTopicResult,
};
use crate::wire::messages::{AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, TopicName};
use crate::wire::units::{ProducerEpoch, ProducerId};

/// The first version that knows PRODUCER_FENCED.
const FENCED_SINCE: i16 = 2;

/// The first version with several transactions.
const BATCHED_SINCE: i16 = 4;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: AddPartitionsToTxnRequest,
) -> Answer<AddPartitionsToTxnResponse> {
    let response = AddPartitionsToTxnResponse::default();
    if cx.call.version >= BATCHED_SINCE {
        if let Err(code) = cx.access().cluster(Operation::ClusterAction) {
            return Answer::Reply(response.with_error_code(code.code()));
        }
        if request.transactions.is_empty() {
            return Answer::Held;
        }
        let results = batched(cx, request.transactions);
        return Answer::Reply(response.with_results_by_transaction(results));
    }
    let transaction = AddPartitionsToTxnTransaction::default()
        .with_transactional_id(request.v3_and_below_transactional_id)
        .with_producer_id(request.v3_and_below_producer_id)
        .with_producer_epoch(request.v3_and_below_producer_epoch)
        .with_topics(request.v3_and_below_topics);
    let id = &transaction.transactional_id;
    let results = match cx.access().transactional_id(Operation::Write, id) {
        Ok(()) => results(cx, &transaction, &transaction.topics),
        Err(code) => rows(&transaction.topics, |_| code),
    };
    Answer::Reply(response.with_results_by_topic_v3_and_below(results))
}

/// Oracle: of an id that comes twice, the last topics are added, and the first are answered.
fn batched(
    cx: &mut Context<'_>,
    transactions: Vec<AddPartitionsToTxnTransaction>,
) -> Vec<AddPartitionsToTxnResult> {
    let mut by_id: BTreeMap<_, (Vec<_>, Vec<_>)> = BTreeMap::new();
    for transaction in &transactions {
        let topics = &transaction.topics;
        by_id
            .entry(transaction.transactional_id.clone())
            .and_modify(|(_, last)| last.clone_from(topics))
            .or_insert_with(|| (topics.clone(), topics.clone()));
    }
    let answer = |mut transaction: AddPartitionsToTxnTransaction| {
        let named = by_id.get(&transaction.transactional_id);
        let (first, last) = named.cloned().unwrap_or_default();
        transaction.topics = last;
        AddPartitionsToTxnResult::default()
            .with_topic_results(results(cx, &transaction, &first))
            .with_transactional_id(transaction.transactional_id)
    };
    transactions.into_iter().map(answer).collect()
}

/// Topics with a code for each partition; those of `answered` with what came of adding them.
fn results(
    cx: &mut Context<'_>,
    transaction: &AddPartitionsToTxnTransaction,
    answered: &[AddPartitionsToTxnTopic],
) -> Vec<AddPartitionsToTxnTopicResult> {
    let refused: BTreeMap<_, _> = partitions(&transaction.topics)
        .filter_map(|place| Some((place.clone(), refusal(cx, &place)?)))
        .collect();
    if !refused.is_empty() {
        let order = |places: &mut [TxnPartition]| scala::sort_mutable(places, hash_of);
        return rows(&once(&transaction.topics, order), |place| {
            let code = refused.get(place).copied();
            code.unwrap_or(ErrorCode::OperationNotAttempted)
        });
    }
    if transaction.verify_only {
        let producer = producer(transaction);
        let order = |places: &mut [TxnPartition]| hash_map::sort(places, hash_of);
        return rows(&once(&transaction.topics, order), |place| {
            verify(cx, transaction, producer, place)
                .err()
                .unwrap_or(ErrorCode::None)
        });
    }
    let code = match add(cx, transaction) {
        Ok(()) => ErrorCode::None,
        Err(code) => told(code, cx.call.version, FENCED_SINCE),
    };
    rows(answered, |_| code)
}

/// Why a partition cannot be added; Kafka's own topics are not a client's to write to.
fn refusal(cx: &Context<'_>, place: &TopicPartition) -> Option<ErrorCode> {
    let is_internal = StateTopic::ALL
        .iter()
        .any(|topic| topic.name() == place.topic);
    if is_internal && cx.call.version < BATCHED_SINCE {
        return Some(ErrorCode::TopicAuthorizationFailed);
    }
    if cx.call.version < BATCHED_SINCE
        && let Err(code) = cx.access().topic(Operation::Write, &place.topic)
    {
        return Some(code);
    }
    let topic = cx.state.cluster.topic(&place.topic);
    let is_known = topic.is_some_and(|topic| topic.partition(place.partition).is_some());
    (!is_known).then_some(ErrorCode::UnknownTopicOrPartition)
}

fn producer(transaction: &AddPartitionsToTxnTransaction) -> Producer {
    Producer {
        id: ProducerId(transaction.producer_id.0),
        epoch: ProducerEpoch(transaction.producer_epoch),
    }
}

fn verify(
    cx: &Context<'_>,
    transaction: &AddPartitionsToTxnTransaction,
    producer: Producer,
    place: &TopicPartition,
) -> Result<(), ErrorCode> {
    let id = &transaction.transactional_id;
    if id.is_empty() {
        return Err(ErrorCode::InvalidRequest);
    }
    cx.state
        .verify_in_transaction(cx.call.node, id, producer, place)
}

fn add(cx: &mut Context<'_>, transaction: &AddPartitionsToTxnTransaction) -> Result<(), ErrorCode> {
    let id = &transaction.transactional_id;
    if id.is_empty() {
        return Err(ErrorCode::InvalidRequest);
    }
    let version = if cx.call.version >= BATCHED_SINCE {
        TransactionVersion::V2
    } else {
        TransactionVersion::V1
    };
    let partitions = partitions(&transaction.topics).collect();
    let at = (cx.now, cx.call.node);
    cx.state
        .add_to_transaction(at, id, producer(transaction), &partitions, version)
}

fn partitions(topics: &[AddPartitionsToTxnTopic]) -> impl Iterator<Item = TopicPartition> {
    topics.iter().flat_map(|topic| {
        let indexes = topic.partitions.iter();
        indexes.map(|index| TopicPartition::new(&topic.name, *index))
    })
}

/// A partition by its topic's name.
type TxnPartition = (TopicName, i32);

fn hash_of((topic, partition): &TxnPartition) -> u32 {
    hash::of_partition(topic, *partition)
}

/// Each partition once, in the order of the map that it comes from: so Kafka tells what it says of each partition, not
/// what it says of all alike.
fn once(
    topics: &[AddPartitionsToTxnTopic],
    order: impl FnOnce(&mut [TxnPartition]),
) -> Vec<AddPartitionsToTxnTopic> {
    let places = topics.iter().flat_map(|topic| {
        let indexes = topic.partitions.iter();
        indexes.map(|index| ((topic.name.clone(), *index), ()))
    });
    let places = keep_last(places).into_iter().map(|(place, ())| place);
    let mut places: Vec<TxnPartition> = places.collect();
    order(&mut places);
    let mut topics = grouped(places);
    hash_map::sort_by_name(&mut topics, |(topic, _)| topic);
    let topics = topics.into_iter().map(|(name, partitions)| {
        AddPartitionsToTxnTopic::default()
            .with_name(name)
            .with_partitions(partitions)
    });
    topics.collect()
}

fn rows(
    topics: &[AddPartitionsToTxnTopic],
    mut code: impl FnMut(&TopicPartition) -> ErrorCode,
) -> Vec<AddPartitionsToTxnTopicResult> {
    let row = |topic: &AddPartitionsToTxnTopic| {
        let indexes = topic.partitions.iter();
        let results = indexes.map(|index| {
            let code = code(&TopicPartition::new(&topic.name, *index));
            AddPartitionsToTxnPartitionResult::default()
                .with_partition_index(*index)
                .with_partition_error_code(code.code())
        });
        AddPartitionsToTxnTopicResult::default()
            .with_name(topic.name.clone())
            .with_results_by_partition(results.collect())
    };
    topics.iter().map(row).collect()
}
