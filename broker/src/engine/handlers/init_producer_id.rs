//! InitProducerId (key 22), v0–v5.
//!
//! Oracle: without a transactional id every call gives a new id at epoch 0; a producer id or epoch
//! in the request is looked at only for whether both are given. An empty transactional id is
//! INVALID_REQUEST.

use crate::engine::context::{Answer, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{InitProducerIdRequest, InitProducerIdResponse};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: InitProducerIdRequest,
) -> Answer<InitProducerIdResponse> {
    let has_id = request.producer_id.0 != -1;
    let has_epoch = request.producer_epoch != -1;
    let empty = request
        .transactional_id
        .as_ref()
        .is_some_and(|id| id.is_empty());
    let response = if empty || has_id != has_epoch {
        refused(ErrorCode::InvalidRequest)
    } else if request.transactional_id.is_some() {
        refused(ErrorCode::CoordinatorNotAvailable)
    } else {
        let id = cx.engine.next_producer_id();
        InitProducerIdResponse::default()
            .with_producer_id(id.0.into())
            .with_producer_epoch(0)
    };
    Answer::Reply(response)
}

fn refused(code: ErrorCode) -> InitProducerIdResponse {
    InitProducerIdResponse::default()
        .with_error_code(code.code())
        .with_producer_id((-1).into())
        .with_producer_epoch(-1)
}
