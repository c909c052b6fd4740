//! UnregisterController (key 94), v0.
//!
//! Oracle: the active controller stays. One that runs registers again at once, so that only that of a
//! stopped node is gone, until the node is back. Who votes is another matter.

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::{UnregisterControllerRequest, UnregisterControllerResponse, str_bytes};
use crate::wire::units::NodeId;

/// Answers at once.
#[expect(clippy::needless_pass_by_value, reason = "all handlers have one shape")]
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: UnregisterControllerRequest,
) -> Answer<UnregisterControllerResponse> {
    if let Err(error) = cx.access().cluster_or_ends(Operation::Alter) {
        return Answer::Reply(UnregisterControllerResponse {
            error_code: error.code.code(),
            error_message: error.wire_message(),
            ..UnregisterControllerResponse::default()
        });
    }
    let id = NodeId(request.controller_id);
    let cluster = &mut cx.state.cluster;
    let (code, message) = if id == cluster.active_controller() {
        let message = "Controller cannot unregister itself while it is active.";
        (ErrorCode::InvalidRequest, message.to_owned())
    } else if cluster.unregister_controller(id) {
        (ErrorCode::None, String::new())
    } else {
        let message = format!("Controller ID {id} is not currently registered.");
        (ErrorCode::ControllerIdNotRegistered, message)
    };
    Answer::Reply(UnregisterControllerResponse {
        error_code: code.code(),
        error_message: Some(str_bytes(message)),
        ..UnregisterControllerResponse::default()
    })
}
