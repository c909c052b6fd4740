//! InitProducerId (key 22), v0–v5.
//!
//! Oracle: without a transactional id every call gives a new id at epoch 0; a producer id or epoch
//! in the request is looked at only for whether both are given. An empty transactional id is
//! INVALID_REQUEST. With one, the coordinator bumps the epoch; a transaction that is open is aborted
//! first, and the client asks again after CONCURRENT_TRANSACTIONS.

use crate::engine::authorizer::{Operation, ResourceType};
use crate::engine::context::{Answer, Context};
use crate::engine::transaction::{Initialize, Producer, told};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{InitProducerIdRequest, InitProducerIdResponse};
use crate::wire::units::{ProducerEpoch, ProducerId};

/// The first version that knows PRODUCER_FENCED.
const FENCED_SINCE: i16 = 4;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: InitProducerIdRequest,
) -> Answer<InitProducerIdResponse> {
    let response = InitProducerIdResponse::default();
    Answer::Reply(match initialize(cx, &request) {
        Ok(Producer { id, epoch }) => response
            .with_producer_id(id.0.into())
            .with_producer_epoch(epoch.0),
        Err(code) => response
            .with_error_code(told(code, cx.call.version, FENCED_SINCE).code())
            .with_producer_id((-1).into())
            .with_producer_epoch(-1),
    })
}

/// A transactional id takes WRITE. Without one it takes IDEMPOTENT_WRITE on the cluster, or WRITE on any topic.
fn may_initialize(cx: &Context<'_>, request: &InitProducerIdRequest) -> Result<(), ErrorCode> {
    let access = cx.access();
    let Some(id) = &request.transactional_id else {
        let is_allowed = access.allows_cluster_quietly(Operation::IdempotentWrite)
            || access.allows_any(Operation::Write, ResourceType::Topic);
        return if is_allowed {
            Ok(())
        } else {
            Err(ErrorCode::ClusterAuthorizationFailed)
        };
    };
    access.transactional_id(Operation::Write, id)
}

fn initialize(
    cx: &mut Context<'_>,
    request: &InitProducerIdRequest,
) -> Result<Producer, ErrorCode> {
    may_initialize(cx, request)?;
    let expected = match (request.producer_id.0, request.producer_epoch) {
        (-1, -1) => None,
        (-1, _) | (_, -1) => return Err(ErrorCode::InvalidRequest),
        (id, epoch) => Some(Producer {
            id: ProducerId(id),
            epoch: ProducerEpoch(epoch),
        }),
    };
    let Some(transactional_id) = &request.transactional_id else {
        return Ok(Producer {
            id: cx.state.producer_ids.next(),
            epoch: ProducerEpoch(0),
        });
    };
    if transactional_id.is_empty() {
        return Err(ErrorCode::InvalidRequest);
    }
    let timeout_ms = request.transaction_timeout_ms;
    let longest = cx.state.broker_config(cx.call.node);
    let longest = longest.transaction_max_timeout.as_millis();
    if timeout_ms <= 0 || u128::from(timeout_ms.unsigned_abs()) > longest {
        return Err(ErrorCode::InvalidTransactionTimeout);
    }
    let request = Initialize {
        timeout_ms,
        expected,
    };
    let at = (cx.now, cx.call.node);
    cx.state
        .initialize_transaction(at, transactional_id, request)
}
