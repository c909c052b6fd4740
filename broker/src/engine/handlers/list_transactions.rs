//! ListTransactions (key 66), v0–v2 (KIP-664, KIP-994, KIP-1152).
//!
//! Oracle: the transactional ids that the asked node coordinates. A state that does not exist matches
//! nothing and is named in the answer. The duration filter wants more than that many milliseconds
//! since the transaction began, and takes -1, which stands for "never", as a time; the pattern, in
//! RE2's syntax, must match the whole id. Ids that the client may not DESCRIBE are left out.

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::java::{hash, hash_map};
use crate::engine::re2::Pattern;
use crate::engine::repeats::grouped;
use crate::engine::state_topic::{StateTopic, partition_or_planned};
use crate::engine::transaction::{self, Transaction};
use crate::wire::error::ErrorCode;
use crate::wire::messages::list_transactions_response::TransactionState;
use crate::wire::messages::{
    ListTransactionsRequest, ListTransactionsResponse, StrBytes, str_bytes,
};

/// What can be asked for; the last two are never listed.
const STATES: [&str; 8] = [
    "Empty",
    "Ongoing",
    "PrepareCommit",
    "PrepareAbort",
    "CompleteCommit",
    "CompleteAbort",
    "Dead",
    "PrepareEpochFence",
];

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: ListTransactionsRequest,
) -> Answer<ListTransactionsResponse> {
    let response = ListTransactionsResponse::default();
    let coordinators = &cx.state.coordinators;
    if coordinators.is_loading(cx.call.node, StateTopic::Transactions) {
        let code = ErrorCode::CoordinatorLoadInProgress.code();
        return Answer::Reply(response.with_error_code(code));
    }
    let pattern = match pattern(&request) {
        Ok(pattern) => pattern,
        Err(code) => return Answer::Reply(response.with_error_code(code.code())),
    };
    let all = cx.state.transactions.iter();
    let listed = all.filter(|(id, transaction)| {
        let matches = pattern.as_ref().is_none_or(|pattern| pattern.matches(id));
        matches
            && is_asked_for(cx, &request, transaction)
            && cx.state.transaction_coordinator(id) == Some(cx.call.node)
    });
    let listed = ordered(cx, listed.collect());
    let may_see = |id: &str| {
        cx.access()
            .transactional_id(Operation::Describe, id)
            .is_ok()
    };
    let listed = listed.into_iter().filter(|(id, _)| may_see(id));
    let states = listed.map(|(id, transaction)| row(id, transaction));
    let states = states.collect();
    let unknown = request.state_filters.into_iter();
    let unknown = unknown.filter(|name| !STATES.contains(&name.as_str()));
    Answer::Reply(
        response
            .with_unknown_state_filters(unknown.collect())
            .with_transaction_states(states),
    )
}

/// By partition, in the order of a table of them, and then as a table of ids has them.
fn ordered<'a>(
    cx: ReadContext<'_>,
    listed: Vec<(&'a str, &'a Transaction)>,
) -> Vec<(&'a str, &'a Transaction)> {
    let partition = |id: &str| partition_or_planned(cx, StateTopic::Transactions, id);
    let all = cx
        .state
        .transactions
        .iter()
        .map(|(id, _)| (partition(id), id));
    let sizes = grouped(all);
    let listed = listed.into_iter().map(|row| (partition(row.0), row));
    let mut partitions = grouped(listed);
    // Partitions are so few that their table puts them in order.
    partitions.sort_by_key(|(partition, _)| *partition);
    for (partition, rows) in &mut partitions {
        let size = sizes.iter().find(|(known, _)| known == partition);
        let buckets = hash_map::concurrent(size.map_or(0, |(_, ids)| ids.len()));
        // Who came first, as the producer ids tell, is first in its bucket.
        rows.sort_by_key(|(_, transaction)| transaction.producer_id.0);
        hash_map::sort_in(rows, buckets, |(id, _)| hash::of_str(id));
    }
    partitions.into_iter().flat_map(|(_, rows)| rows).collect()
}

fn pattern(request: &ListTransactionsRequest) -> Result<Option<Pattern>, ErrorCode> {
    let pattern = request.transactional_id_pattern.as_ref();
    let Some(pattern) = pattern.filter(|pattern| !pattern.is_empty()) else {
        return Ok(None);
    };
    let parsed = Pattern::parse(pattern);
    parsed
        .map(Some)
        .map_err(|_| ErrorCode::InvalidRegularExpression)
}

fn is_asked_for(
    cx: ReadContext<'_>,
    request: &ListTransactionsRequest,
    transaction: &Transaction,
) -> bool {
    let name = transaction.state().name();
    let ids = &request.producer_id_filters;
    let states = &request.state_filters;
    let has_id = ids.is_empty() || ids.iter().any(|id| id.0 == transaction.producer_id.0);
    let has_state = states.is_empty() || states.iter().any(|state| **state == *name);
    let open_for = cx.now.wall.0.saturating_sub(transaction.started().0);
    let is_long = request.duration_filter < 0 || open_for > request.duration_filter;
    *transaction.state() != transaction::TransactionState::Dead && has_id && has_state && is_long
}

fn row(id: &str, transaction: &Transaction) -> TransactionState {
    TransactionState::default()
        .with_transactional_id(str_bytes(id).into())
        .with_producer_id(transaction.producer_id.0.into())
        .with_transaction_state(StrBytes::from_static_str(transaction.state().name()))
}
