//! FindCoordinator (key 10), v0–v6 (KIP-699, KIP-932).
//!
//! The coordinator is the leader of the internal topic's partition that the key's hash picks. Where
//! the oracle first answers COORDINATOR_NOT_AVAILABLE while it makes that topic, it is made here at
//! once. Oracle: flat answers of v1–v3 say "NONE" where those of a list say nothing; a share key is
//! INVALID_REQUEST before v6, and so is an unknown type.

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context, Endpoint};
use crate::engine::state_topic::{self, StateTopic};
use crate::wire::error::ErrorCode;
use crate::wire::messages::find_coordinator_response::Coordinator;
use crate::wire::messages::{FindCoordinatorRequest, FindCoordinatorResponse, StrBytes, str_bytes};
use crate::wire::units::NodeId;

/// What Kafka says of INVALID_REQUEST when it has nothing of its own to say.
const INVALID_REQUEST: &str = "This most likely occurs because of a request being malformed by the \
                               client library or the message was sent to an incompatible broker. \
                               See the broker logs for more details.";

/// First version that answers a list of keys.
const LISTS: i16 = 4;

/// The type of share keys, which brokers alone ask for.
const SHARES: i8 = 2;

/// First version that knows share keys.
const SHARE_KEYS: i16 = 6;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: FindCoordinatorRequest,
) -> Answer<FindCoordinatorResponse> {
    let kind = request.key_type;
    if cx.call.version >= LISTS {
        let is_for_brokers = kind == SHARES && cx.call.version >= SHARE_KEYS;
        let asked = !request.coordinator_keys.is_empty();
        if is_for_brokers && asked && cx.access().cluster(Operation::ClusterAction).is_err() {
            let keys = request.coordinator_keys.into_iter();
            let coordinators = keys.map(denied).collect();
            let response = FindCoordinatorResponse::default();
            return Answer::Reply(response.with_coordinators(coordinators));
        }
        let keys = request.coordinator_keys.into_iter();
        let coordinators = keys.map(|key| listed(cx, kind, key)).collect();
        return Answer::Reply(FindCoordinatorResponse::default().with_coordinators(coordinators));
    }
    Answer::Reply(flat(cx, kind, &request.key))
}

/// What is said of every key to who is no broker.
fn denied(key: StrBytes) -> Coordinator {
    let error = ErrorCode::ClusterAuthorizationFailed;
    Coordinator::default()
        .with_key(key)
        .with_node_id((-1).into())
        .with_port(-1)
        .with_error_code(error.code())
        .with_error_message(error.text().map(StrBytes::from_static_str))
}

fn listed(cx: &mut Context<'_>, kind: i8, key: StrBytes) -> Coordinator {
    let found = find(cx, kind, &key);
    let row = Coordinator::default().with_key(key);
    match found {
        Ok((node, endpoint)) => row
            .with_node_id(node.0.into())
            .with_host(str_bytes(endpoint.host))
            .with_port(endpoint.port),
        Err(error) => row
            .with_node_id((-1).into())
            .with_port(-1)
            .with_error_code(error.code.code())
            .with_error_message(error.wire_message()),
    }
}

fn flat(cx: &mut Context<'_>, kind: i8, key: &str) -> FindCoordinatorResponse {
    let response = FindCoordinatorResponse::default();
    let (response, message) = match find(cx, kind, key) {
        Ok((node, endpoint)) => {
            let response = response
                .with_node_id(node.0.into())
                .with_host(str_bytes(endpoint.host))
                .with_port(endpoint.port);
            (response, "NONE")
        }
        Err(error) => {
            let response = response
                .with_node_id((-1).into())
                .with_port(-1)
                .with_error_code(error.code.code());
            // A flat answer always has words for its error.
            let message = error
                .code
                .text()
                .filter(|_| error.code != ErrorCode::InvalidRequest);
            (response, message.unwrap_or(INVALID_REQUEST))
        }
    };
    if cx.call.version == 0 {
        return response;
    }
    response.with_error_message(Some(StrBytes::from_static_str(message)))
}

fn find(cx: &mut Context<'_>, kind: i8, key: &str) -> Result<(NodeId, Endpoint), ApiError> {
    let invalid = |message: &str| ApiError::invalid_request(message);
    let topic = match kind {
        0 => StateTopic::Groups,
        1 => StateTopic::Transactions,
        SHARES => StateTopic::Shares,
        _ => return Err(invalid(INVALID_REQUEST)),
    };
    may_find(cx, topic, key)?;
    let key = match topic {
        StateTopic::Shares if cx.call.version < SHARE_KEYS => return Err(invalid("")),
        StateTopic::Shares => share_key(key).ok_or_else(|| invalid(""))?,
        StateTopic::Groups | StateTopic::Transactions => key.to_owned(),
    };
    let leader = state_topic::leader_of(cx, topic, &key);
    leader
        .and_then(|node| Some((node, cx.read_only().endpoint(node)?)))
        .ok_or_else(|| ApiError::new(ErrorCode::CoordinatorNotAvailable, ""))
}

/// A group and a transactional id take DESCRIBE.
fn may_find(cx: &Context<'_>, topic: StateTopic, key: &str) -> Result<(), ApiError> {
    let found = match topic {
        StateTopic::Groups => cx.access().group(Operation::Describe, key),
        StateTopic::Transactions => cx.access().transactional_id(Operation::Describe, key),
        StateTopic::Shares => Ok(()),
    };
    found.map_err(|code| ApiError::new(code, ""))
}

/// The key of a share partition in its normal form, if it is one: group, topic id and partition with
/// colons between them. A group may have colons of its own; colons at the end do not count.
fn share_key(key: &str) -> Option<String> {
    let (rest, partition) = key.trim_end_matches(':').rsplit_once(':')?;
    let (group, id) = rest.rsplit_once(':')?;
    let id = id.strip_suffix("==").unwrap_or(id);
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_id = id.len() == 22 && id.bytes().all(base64);
    let partition: i32 = partition.parse().ok()?;
    (is_id && !group.trim().is_empty()).then(|| format!("{group}:{id}:{partition}"))
}

#[cfg(test)]
mod tests {
    use super::share_key;

    #[test]
    fn share_keys_are_read_as_kafka_reads_them() {
        let id = "AAAAAAAAAAAAAAAAAAAAAQ";
        for (key, normal) in [
            ("g:ID:0", Some("g:ID:0")),
            ("g:h:ID:0", Some("g:h:ID:0")),
            ("::ID:0", Some("::ID:0")),
            ("g:ID==:0", Some("g:ID:0")),
            ("g:ID:-1", Some("g:ID:-1")),
            ("g:ID:+1", Some("g:ID:1")),
            ("g:ID:0:", Some("g:ID:0")),
            (" :ID:0", None),
            (":ID:0", None),
            ("g:IDA:0", None),
            ("g:AAAA:0", None),
            ("g::0", None),
            ("g:ID: 1", None),
            ("g:ID:9999999999", None),
            ("g:ID", None),
            ("g", None),
            ("", None),
        ] {
            let expected = normal.map(|normal| normal.replace("ID", id));
            assert_eq!(share_key(&key.replace("ID", id)), expected, "{key}");
        }
    }
}
