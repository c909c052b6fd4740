//! UnregisterBroker (key 64), v0.
//!
//! Oracle: a broker that runs leaves the cluster as well: others lead and nobody is told of it any more,
//! while its process still answers. It is back once it is started again.

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    StrBytes, UnregisterBrokerRequest, UnregisterBrokerResponse, str_bytes,
};
use crate::wire::units::NodeId;

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: UnregisterBrokerRequest,
) -> Answer<UnregisterBrokerResponse> {
    let response = UnregisterBrokerResponse::default();
    if let Err(error) = cx.access().cluster_or_ends(Operation::Alter) {
        let response = response.with_error_code(error.code.code());
        return Answer::Reply(response.with_error_message(error.wire_message()));
    }
    let id = request.broker_id.0;
    if cx.state.unregister_broker(cx.now, NodeId(id)) {
        return Answer::Reply(response.with_error_message(Some(StrBytes::new())));
    }
    let message = format!("Broker ID {id} is not currently registered");
    let response = response
        .with_error_code(ErrorCode::BrokerIdNotRegistered.code())
        .with_error_message(Some(str_bytes(message)));
    Answer::Reply(response)
}
