//! AddOffsetsToTxn (key 25), v0–v4.
//!
//! Adds the partition of `__consumer_offsets` that holds the group's offsets. Oracle: the group need
//! not exist, nor the topic. The transactional id takes WRITE, the group READ.

use std::collections::BTreeSet;

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::engine::state_topic::{StateTopic, partition_or_planned};
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::{Producer, TransactionVersion, told};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse};
use crate::wire::units::{ProducerEpoch, ProducerId};

/// The first version that knows PRODUCER_FENCED.
const FENCED_SINCE: i16 = 2;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: AddOffsetsToTxnRequest,
) -> Answer<AddOffsetsToTxnResponse> {
    let code = match add(cx, &request) {
        Ok(()) => ErrorCode::None,
        Err(code) => told(code, cx.call.version, FENCED_SINCE),
    };
    Answer::Reply(AddOffsetsToTxnResponse::default().with_error_code(code.code()))
}

fn add(cx: &mut Context<'_>, request: &AddOffsetsToTxnRequest) -> Result<(), ErrorCode> {
    let access = cx.access();
    access.transactional_id(Operation::Write, &request.transactional_id)?;
    access.group(Operation::Read, &request.group_id)?;
    if request.transactional_id.is_empty() {
        return Err(ErrorCode::InvalidRequest);
    }
    let producer = Producer {
        id: ProducerId(request.producer_id.0),
        epoch: ProducerEpoch(request.producer_epoch),
    };
    let index = partition_or_planned(cx.read_only(), StateTopic::Groups, &request.group_id);
    let partition = TopicPartition::new(StateTopic::Groups.name(), index);
    cx.state.add_to_transaction(
        (cx.now, cx.call.node),
        &request.transactional_id,
        producer,
        &BTreeSet::from([partition]),
        TransactionVersion::V1,
    )
}
