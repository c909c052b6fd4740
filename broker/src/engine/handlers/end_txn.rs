//! EndTxn (key 26), v0–v5.
//!
//! Oracle: the answer comes before the markers. From version 5 on (KIP-890) every end bumps the
//! epoch and tells it; a retry with the epoch before gets the same answer, and an abort with nothing
//! to abort bumps, too. The transactional id takes WRITE.

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::log::MarkerKind;
use crate::engine::transaction::{End, Producer, TransactionVersion, told};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{EndTxnRequest, EndTxnResponse};
use crate::wire::units::{ProducerEpoch, ProducerId};

/// The first version that knows PRODUCER_FENCED.
const FENCED_SINCE: i16 = 2;

/// The first version whose clients take a new epoch for every transaction.
const EPOCHS_SINCE: i16 = 5;

/// Answers at once; the markers follow.
pub(crate) fn handle(cx: &mut Context<'_>, request: EndTxnRequest) -> Answer<EndTxnResponse> {
    let version = cx.call.version;
    let none = Producer {
        id: ProducerId::NONE,
        epoch: ProducerEpoch::NONE,
    };
    let (code, next) = match end(cx, &request) {
        Ok(next) if version >= EPOCHS_SINCE => (ErrorCode::None, next),
        Ok(_) => (ErrorCode::None, none),
        Err(code) => (told(code, version, FENCED_SINCE), none),
    };
    let response = EndTxnResponse::default().with_error_code(code.code());
    Answer::Reply(
        response
            .with_producer_id(next.id.0.into())
            .with_producer_epoch(next.epoch.0),
    )
}

fn end(cx: &mut Context<'_>, request: &EndTxnRequest) -> Result<Producer, ErrorCode> {
    let may_end = cx.access();
    may_end.transactional_id(Operation::Write, &request.transactional_id)?;
    if request.transactional_id.is_empty() {
        return Err(ErrorCode::InvalidRequest);
    }
    let end = End {
        producer: Producer {
            id: ProducerId(request.producer_id.0),
            epoch: ProducerEpoch(request.producer_epoch),
        },
        kind: if request.committed {
            MarkerKind::Commit
        } else {
            MarkerKind::Abort
        },
        version: if cx.call.version >= EPOCHS_SINCE {
            TransactionVersion::V2
        } else {
            TransactionVersion::V1
        },
    };
    let at = (cx.now, cx.call.node);
    cx.state.end_transaction(at, &request.transactional_id, end)
}
