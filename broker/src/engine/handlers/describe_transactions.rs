//! DescribeTransactions (key 65), v0 (KIP-664).
//!
//! Oracle: the id takes DESCRIBE, and so does each topic, or it is left out. An unknown id is TRANSACTIONAL_ID_NOT_FOUND, an
//! empty one INVALID_REQUEST.

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::transaction::{Open, Producer, Transaction};
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_transactions_response::{TopicData, TransactionState};
use crate::wire::messages::{
    DescribeTransactionsRequest, DescribeTransactionsResponse, StrBytes, TopicName, str_bytes,
};

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: DescribeTransactionsRequest,
) -> Answer<DescribeTransactionsResponse> {
    let states = request.transactional_ids.into_iter().map(|id| {
        let state = match find(cx, &id) {
            Ok(transaction) => state(cx, transaction),
            Err(code) => TransactionState::default().with_error_code(code.code()),
        };
        state.with_transactional_id(id)
    });
    let states = states.collect();
    Answer::Reply(DescribeTransactionsResponse::default().with_transaction_states(states))
}

fn find<'a>(cx: ReadContext<'a>, id: &str) -> Result<&'a Transaction, ErrorCode> {
    cx.access().transactional_id(Operation::Describe, id)?;
    if id.is_empty() {
        return Err(ErrorCode::InvalidRequest);
    }
    let transaction = cx.state.transaction(cx.call.node, id)?;
    transaction.ok_or(ErrorCode::TransactionalIdNotFound)
}

fn state(cx: ReadContext<'_>, transaction: &Transaction) -> TransactionState {
    let Producer { id, epoch } = transaction.producer();
    let topics = transaction.open().map(Open::by_topic);
    let may_see = |topic: &str| cx.access().topic(Operation::Describe, topic).is_ok();
    let topics = topics.into_iter().flatten();
    let topics = topics.filter(|(topic, _)| may_see(topic));
    let topics = topics.map(|(topic, partitions)| {
        let name = TopicName(str_bytes(topic));
        let topic = TopicData::default().with_topic(name);
        topic.with_partitions(partitions)
    });
    TransactionState::default()
        .with_transaction_state(StrBytes::from_static_str(transaction.state().name()))
        .with_transaction_timeout_ms(transaction.timeout_ms)
        .with_transaction_start_time_ms(transaction.started().0)
        .with_producer_id(id.0.into())
        .with_producer_epoch(epoch.0)
        .with_topics(topics.collect())
}
