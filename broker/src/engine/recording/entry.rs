//! One thing that happened, as it is written down.

use std::hash::Hasher as _;
use std::sync::Arc;
use std::time::Duration;

use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::hide;
use crate::engine::commands::Command;
use crate::engine::context::Call;
use crate::engine::delegation::DelegationTokens;
use crate::engine::ids::{ConnectionId, FaultId};
use crate::engine::input::Input;
use crate::engine::listeners::ListenerId;
use crate::engine::sasl::Verdict;
use crate::engine::time::Now;
use crate::wire::api::Api;
use crate::wire::apis::Request;
use crate::wire::rope::RopeMut;
use crate::wire::units::{NodeId, WallMillis};

/// One line of a recording.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Entry {
    /// An input, and when it came.
    Input {
        elapsed_ns: u64,
        wall_ms: i64,
        what: What,
    },
    /// The next answer of a connection left; nothing of one that holds a token.
    Answer {
        connection: ConnectionId,
        digest: Option<Digest>,
    },
    /// The recording ends here, though the cluster went on; why.
    Ended { why: String },
}

/// A digest of an answer's bytes, frame and all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Digest(u64);

/// An input.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum What {
    Opened {
        connection: ConnectionId,
        node: NodeId,
        #[serde(default)]
        listener: ListenerId,
        client_host: Arc<str>,
    },
    Secured {
        connection: ConnectionId,
        node: NodeId,
        certificate: Option<Arc<str>>,
    },
    KeysRefused {
        connection: ConnectionId,
        why: String,
    },
    KeySetCame {
        set: usize,
        came: Result<String, String>,
    },
    Request(RecordedRequest),
    Token(RecordedRequest),
    FrameRefused {
        asked: RecordedRequest,
        why: String,
    },
    Departed(ConnectionId),
    Misbehaved {
        connection: ConnectionId,
        why: String,
    },
    Closed {
        connection: ConnectionId,
        why: String,
    },
    LongPollOver(ConnectionId),
    LinkOffered(FaultId),
    LinkActed(FaultId),
    Deadline,
    Command(Box<Command>),
}

/// A request, and what is known of it besides.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordedRequest {
    pub(super) connection: ConnectionId,
    pub(super) node: NodeId,
    pub(super) api_key: i16,
    pub(super) version: i16,
    /// The version that was asked for, and the newest there is, where that one is too new.
    pub(super) too_new: Option<(i16, i16)>,
    pub(super) correlation_id: i32,
    pub(super) bytes: usize,
    pub(super) client_id: String,
    pub(super) client_host: Arc<str>,
    pub(super) dialled_host: String,
    #[serde(with = "base64_bytes")]
    pub(super) body: Bytes,
}

impl Digest {
    /// That of an answer, frame and all.
    pub(crate) fn of(answer: &RopeMut) -> Self {
        let mut hasher = twox_hash::xxhash3_64::Hasher::new();
        for part in answer.slices() {
            hasher.write(&part);
        }
        Self(hasher.finish())
    }
}

impl Entry {
    /// An input as it is written down, but for what came of a token.
    pub(crate) fn input(now: Now, input: &Input) -> Self {
        Self::Input {
            elapsed_ns: u64::try_from(now.elapsed.as_nanos()).unwrap_or(u64::MAX),
            wall_ms: now.wall.0,
            what: What::of(input),
        }
    }

    /// Says which delegation token a request names by its secret.
    pub(crate) fn name_token(&mut self, input: &Input, tokens: &DelegationTokens) {
        let Input::Request(call, request) = input else {
            return;
        };
        let hmac = if let Request::RenewDelegationToken(request) = request {
            &request.hmac
        } else if let Request::ExpireDelegationToken(request) = request {
            &request.hmac
        } else {
            return;
        };
        if let Self::Input {
            what: What::Request(asked),
            ..
        } = self
            && let Some(id) = tokens.id_of(hmac)
        {
            let hidden = hide::hmac_as(request.api(), call, id.as_bytes());
            asked.body = hidden.unwrap_or_default();
        }
    }

    /// Whether what came of a token is yet to be known.
    pub(crate) fn awaits_verdict(&self) -> bool {
        match self {
            Self::Input {
                what: What::Request(asked),
                ..
            } => asked.api_key == Api::SaslAuthenticate.key(),
            Self::Input {
                what: What::Token(_),
                ..
            } => true,
            Self::Input { .. } | Self::Answer { .. } | Self::Ended { .. } => false,
        }
    }

    /// Whose answer it is, if it is one.
    pub(crate) const fn answers(&self) -> Option<ConnectionId> {
        match self {
            Self::Answer { connection, .. } => Some(*connection),
            Self::Input { .. } | Self::Ended { .. } => None,
        }
    }

    /// Who asks, if it is a request or a token.
    pub(crate) const fn asks(&self) -> Option<ConnectionId> {
        match self {
            Self::Input {
                what: What::Request(asked) | What::Token(asked),
                ..
            } => Some(asked.connection),
            Self::Input { .. } | Self::Answer { .. } | Self::Ended { .. } => None,
        }
    }

    /// Whose connection ends, if one does.
    pub(crate) const fn closes(&self) -> Option<ConnectionId> {
        match self {
            Self::Input {
                what: What::Closed { connection, .. },
                ..
            } => Some(*connection),
            Self::Input { .. } | Self::Answer { .. } | Self::Ended { .. } => None,
        }
    }

    /// Says what came of the token, of which a client says that it is this one's; nothing if nobody looked at it.
    pub(crate) fn judge(&mut self, verdict: Option<&Verdict>, claims: Option<&str>) {
        let Self::Input {
            what: What::Request(asked) | What::Token(asked),
            ..
        } = self
        else {
            return;
        };
        let nobody = Verdict::Challenged;
        let verdict = verdict.unwrap_or(&nobody);
        asked.body = if asked.is_token() {
            verdict.to_token(claims).into()
        } else {
            hide::authenticate(asked.version, verdict, claims).unwrap_or_default()
        };
    }
}

/// The moment that an entry has.
pub(super) const fn moment(elapsed_ns: u64, wall_ms: i64) -> Now {
    Now {
        elapsed: Duration::from_nanos(elapsed_ns),
        wall: WallMillis(wall_ms),
    }
}

impl What {
    fn of(input: &Input) -> Self {
        match input {
            Input::Opened {
                connection,
                node,
                listener,
                client_host,
            } => Self::Opened {
                connection: *connection,
                node: *node,
                listener: *listener,
                client_host: Arc::clone(client_host),
            },
            Input::Secured {
                connection,
                node,
                certificate,
            } => Self::Secured {
                connection: *connection,
                node: *node,
                certificate: certificate.clone(),
            },
            Input::KeysRefused { connection, why } => Self::KeysRefused {
                connection: *connection,
                why: why.clone(),
            },
            Input::KeySetCame { set, came } => Self::KeySetCame {
                set: *set,
                came: came
                    .as_ref()
                    .map(|text| hide::key_set(text))
                    .map_err(Clone::clone),
            },
            Input::Request(call, request) => {
                Self::Request(RecordedRequest::of(call, Some(request)))
            }
            Input::Token(call, _) => Self::Token(RecordedRequest::of(call, None)),
            Input::FrameRefused(call, why) => Self::FrameRefused {
                asked: RecordedRequest::of(call, None),
                why: why.clone(),
            },
            Input::Departed(connection) => Self::Departed(*connection),
            Input::Misbehaved { connection, why } => Self::Misbehaved {
                connection: *connection,
                why: why.clone(),
            },
            Input::Closed { connection, why } => Self::Closed {
                connection: *connection,
                why: why.clone(),
            },
            Input::LongPollOver(connection) => Self::LongPollOver(*connection),
            Input::LinkOffered(rule) => Self::LinkOffered(*rule),
            Input::LinkActed(rule) => Self::LinkActed(*rule),
            Input::Deadline => Self::Deadline,
            Input::Command(command) => Self::Command(Box::new(hide::command(command))),
        }
    }
}

impl RecordedRequest {
    fn of(call: &Call, request: Option<&Request>) -> Self {
        let api = request.map(Request::api);
        let too_new = call.too_new.map(|too_new| (too_new.asked, too_new.newest));
        Self {
            connection: call.connection,
            node: call.node,
            api_key: api.map_or(-1, Api::key),
            version: call.version,
            too_new,
            correlation_id: call.correlation_id,
            bytes: call.bytes,
            client_id: call.client_id.to_string(),
            client_host: Arc::clone(&call.client_host),
            dialled_host: call.dialled_host.to_string(),
            body: hide::body(api, call),
        }
    }
}

/// Bytes as a text.
mod base64_bytes {
    use super::{BASE64_STANDARD, Bytes, Deserialize, Deserializer, Serialize, Serializer};
    use base64::Engine as _;
    use serde::de::Error as _;

    pub(super) fn serialize<S: Serializer>(
        bytes: &Bytes,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        BASE64_STANDARD.encode(bytes).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Bytes, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64_STANDARD.decode(text).map_err(D::Error::custom)?;
        Ok(bytes.into())
    }
}
