//! AddRaftVoter v1, a request with one more field, and UnregisterController.

use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use super::structs::{message, structs};

structs! {
    struct AddRaftVoterRequest {
        cluster_id: Option<StrBytes> = None, 0..=1;
        timeout_ms: i32 = 0, 0..=1;
        voter_id: i32 = 0, 0..=1;
        voter_directory_id: Uuid = Uuid::nil(), 0..=1;
        listeners: Vec<AddRaftVoterListener> = Vec::new(), 0..=1;
        ack_when_committed: bool = true, 1..=1;
    }

    struct AddRaftVoterListener {
        name: StrBytes = StrBytes::new(), 0..=1;
        host: StrBytes = StrBytes::new(), 0..=1;
        port: u16 = 0, 0..=1;
    }

    struct UnregisterControllerRequest {
        controller_id: i32 = 0, 0..=0;
    }

    struct UnregisterControllerResponse {
        throttle_time_ms: i32 = 0, 0..=0;
        error_code: i16 = 0, 0..=0;
        error_message: Option<StrBytes> = None, 0..=0;
    }
}
message!(AddRaftVoterRequest, 0..=1, flexible from 0);
message!(UnregisterControllerRequest, 0..=0, flexible from 0);
message!(UnregisterControllerResponse, 0..=0, flexible from 0);
