//! One connection: a request comes in, its answer goes out, then the next.

mod departed;
mod idle;
mod presence;
mod reading;
mod spare;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::frames::BadLength;
use super::inbox::Inbox;
use super::link::{CLOSING_WITHIN, Link};
use super::mailbox::Mailbox;
use super::shared::Shared;
use super::strangers::Stranger;
use super::transport::Stream;
use crate::engine::ListenerId;
use crate::engine::context::{Call, ConnectionId, Effect, Ticket};
use crate::engine::fault::FaultId;
use crate::engine::input::Input;
use crate::engine::sasl::Reads;
use crate::wire::api::Api;
use crate::wire::frame::{self, Decoded, FrameError, Outgoing};
use crate::wire::rope::RopeMut;
use crate::wire::units::NodeId;
use bytes::Bytes;
use departed::Departed;
use idle::Idle;
use presence::Presence;
use reading::outcome;

/// Requests whose answers have tokens, or their secrets.
const WITH_TOKENS: [i16; 3] = [
    Api::SaslAuthenticate.key(),
    Api::CreateDelegationToken.key(),
    Api::DescribeDelegationToken.key(),
];

/// After it a client may have to authenticate again.
const SASL_HANDSHAKE: i16 = Api::SaslHandshake.key();

/// What may be unsent before it is sent, whatever else has arrived.
const HELD_BACK_BYTES_MAX: usize = 64 * 1024;

/// Who connected to which node, by which listener.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    pub(super) node: NodeId,
    pub(super) listener: ListenerId,
    pub(super) address: SocketAddr,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum Ending {
    #[error("the client closed it")]
    Left,
    #[error("idle for connections.max.idle.ms")]
    Idle,
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Length(#[from] BadLength),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("{0}")]
    Refused(String),
}

/// Serves a connection until it ends.
pub(super) async fn serve(shared: Arc<Shared>, peer: Peer, stream: impl Stream) {
    let (mut presence, mailbox) = Presence::new(Arc::clone(&shared), peer);
    let Ok(stranger) = admit(&presence) else {
        let why = "as many connections as may be have yet to log in".to_owned();
        return presence.end(&Ending::Refused(why));
    };
    #[cfg(feature = "tls")]
    if shared.keyring.has((peer.node, peer.listener)) {
        // A connection without TLS has no memory for its handshake.
        return Box::pin(secure(presence, mailbox, stranger, stream)).await;
    }
    converse(presence, mailbox, stranger, stream).await;
}

/// Has hands shaken, and takes requests then.
#[cfg(feature = "tls")]
async fn secure(
    mut presence: Presence,
    mailbox: Mailbox,
    stranger: Option<Stranger>,
    stream: impl Stream,
) {
    let (shared, peer) = (Arc::clone(&presence.shared), presence.peer);
    // As soon as there is a connection: hands are shaken in several small pieces.
    let prepared = stream.prepare().map_err(|error| error.to_string());
    let secured = match prepared {
        Ok(_) => {
            let place = (peer.node, peer.listener);
            shared.keyring.secure(place, stream).await
        }
        Err(why) => Err(why),
    };
    match secured {
        Ok((stream, certificate)) => {
            shared.tell(Input::Secured {
                connection: presence.id,
                node: peer.node,
                certificate,
            });
            converse(presence, mailbox, stranger, stream).await;
        }
        Err(why) => presence.end(&Ending::Refused(why)),
    }
}

/// Lets a client in, which is a stranger if it has yet to shake hands or to log in.
///
/// # Errors
/// There are too many strangers already.
fn admit(presence: &Presence) -> Result<Option<Stranger>, ()> {
    let Presence {
        shared, id, peer, ..
    } = presence;
    let is_stranger = shared.look(|engine| {
        let listener = engine.state.listeners.get(peer.listener);
        listener.protocol.has_tls() || engine.state.sasl.reads(*id) != Reads::Requests
    });
    match is_stranger {
        false => Ok(None),
        true => shared.strangers.admit().map(Some).ok_or(()),
    }
}

/// Takes requests and answers them until the connection ends.
async fn converse(
    presence: Presence,
    mailbox: Mailbox,
    stranger: Option<Stranger>,
    stream: impl Stream,
) {
    let mut connection = match Connection::open(presence, mailbox, stranger, stream) {
        Ok(connection) => connection,
        Err((mut presence, error)) => return presence.end(&Ending::Io(error)),
    };
    let ending = match connection.run().await {
        Ok(never) => match never {},
        Err(ending) => ending,
    };
    if !matches!(ending, Ending::Io(_)) {
        // What was answered before it ended.
        let _ = tokio::time::timeout(CLOSING_WITHIN, Box::pin(connection.flush())).await;
    }
    connection.presence.end(&ending);
    if !matches!(ending, Ending::Io(_)) {
        Box::pin(connection.link.close()).await;
    }
}

#[derive(Debug)]
struct Connection<S> {
    // It goes first: the engine knows that the connection has ended before its client does.
    presence: Presence,
    shared: Arc<Shared>,
    node: NodeId,
    id: ConnectionId,
    dialled_host: Arc<str>,
    client_host: Arc<str>,
    link: Link<S>,
    inbox: Inbox,
    mailbox: Mailbox,
    /// The length of the request that is in flight.
    request_bytes: usize,
    /// Answers to requests that came together, which are sent together.
    unsent: RopeMut,
    /// The client sends no more.
    departed: Option<Departed>,
    /// What may come next.
    reads: Reads,
    /// The longest frame that is read until the client has logged in.
    authentication_bytes: i32,
    idle: Idle,
    /// While the client has yet to log in.
    stranger: Option<Stranger>,
}

impl<S: Stream> Connection<S> {
    fn open(
        presence: Presence,
        mailbox: Mailbox,
        stranger: Option<Stranger>,
        stream: S,
    ) -> Result<Self, (Presence, io::Error)> {
        let Peer { node, listener, .. } = presence.peer;
        let shared = Arc::clone(&presence.shared);
        let dialled_host = match stream.prepare() {
            Ok(host) => host,
            Err(error) => return Err((presence, error)),
        };
        let (reads, config) = shared.look(|engine| {
            let config = engine.state.listener_config(node, listener);
            (engine.state.sasl.reads(presence.id), config)
        });
        let idle = Idle::new(shared.limits.idle);
        Ok(Self {
            link: Link::new(stream, node, Arc::clone(&shared)),
            shared,
            node,
            id: presence.id,
            dialled_host: dialled_host.into(),
            client_host: Arc::clone(&presence.client_host),
            inbox: Inbox::default(),
            mailbox,
            request_bytes: 0,
            unsent: RopeMut::default(),
            departed: None,
            reads,
            idle,
            authentication_bytes: config.sasl_receive_max_bytes,
            stranger: stranger.filter(|_| reads != Reads::Requests),
            presence,
        })
    }

    async fn run(&mut self) -> Result<std::convert::Infallible, Ending> {
        loop {
            if !self.may_hold_back() {
                self.flush().await?;
            }
            let frame = match self.next_frame().await {
                Ok(frame) => frame,
                Err(Ending::Length(bad)) if self.reads != Reads::Requests => {
                    return Err(Box::pin(self.refuse(&bad)).await);
                }
                Err(ending) => return Err(ending),
            };
            self.shared.traffic.count_received(&frame);
            self.request_bytes = frame.len();
            let was = self.reads;
            let (answer, api_key) = if was == Reads::Token {
                (Box::pin(self.take_token(&frame)).await?, None)
            } else {
                let decoded = frame::decode(frame, self.shared.release.as_ref())?;
                let api = (decoded.header.api_key, decoded.version);
                let id = decoded.header.correlation_id;
                // Not in a function of its own: every connection would have room for all that it is given.
                let response = match self.hand_in(decoded) {
                    Some(effect) => outcome(effect)?,
                    None => Box::pin(self.awaited()).await?,
                };
                (encode(api, id, response)?, Some(api.0))
            };
            if let Some(answer) = answer {
                let has_token =
                    was == Reads::Token || api_key.is_some_and(|key| WITH_TOKENS.contains(&key));
                self.shared.answered(self.id, has_token, &answer);
                self.shared.traffic.count_sent(answer.len());
                self.owe(answer);
            }
            // Only authentication changes what may be read.
            if was != Reads::Requests || api_key == Some(SASL_HANDSHAKE) {
                self.reads = self.shared.reads(self.id);
                if self.reads == Reads::Requests {
                    self.stranger = None;
                }
            }
        }
    }

    /// Whether what is unsent may wait for the answer to the next request, which has arrived with the one before it: to write to a socket
    /// takes longer than to answer most requests. A rule about bytes sees every answer for itself.
    fn may_hold_back(&self) -> bool {
        self.unsent.len() < HELD_BACK_BYTES_MAX
            && self.reads == Reads::Requests
            && self.link.is_plain_to_client()
            && self.inbox.has_whole()
    }

    /// Has an answer sent with what is unsent.
    fn owe(&mut self, answer: RopeMut) {
        if self.unsent.len() == 0 {
            self.unsent = answer;
        } else {
            self.unsent.append(&answer);
            spare::give_back(answer);
        }
    }

    /// Sends what is unsent.
    async fn flush(&mut self) -> io::Result<()> {
        if self.unsent.len() > 0 {
            self.link.write(&self.unsent).await?;
            spare::give_back(std::mem::take(&mut self.unsent));
        }
        Ok(())
    }

    /// Hands a request in. What the engine has to say at once is returned.
    fn hand_in(&mut self, decoded: Decoded) -> Option<Effect> {
        let Decoded {
            header,
            version,
            request,
            body,
            too_new,
        } = decoded;
        let client_id = header.client_id.as_deref().unwrap_or("");
        let client_id = self.link.belongs_to(client_id);
        let call = Call {
            version,
            too_new,
            correlation_id: header.correlation_id,
            body,
            client_id,
            ..self.call()
        };
        self.shared.request(call, request)
    }

    /// Has a token answered that came without a request around it.
    async fn take_token(&mut self, token: &[u8]) -> Result<Option<RopeMut>, Ending> {
        let call = self.call();
        let token = Bytes::copy_from_slice(token);
        let at_once = self
            .shared
            .input_of(call.arrived, self.id, Input::Token(call, token));
        let Some(Outgoing::Body(body)) = self.response(at_once).await? else {
            return Ok(None);
        };
        let mut answer = spare::take();
        frame::encode_token(&body, &mut answer);
        Ok(Some(answer))
    }

    /// Has the client refused for a frame of such a length, and waits until it is.
    async fn refuse(&mut self, bad: &BadLength) -> Ending {
        let call = self.call();
        let refused = Input::FrameRefused(call.clone(), bad.to_string());
        let mut at_once = self.shared.input_of(call.arrived, self.id, refused);
        loop {
            match self.response(at_once.take()).await {
                Ok(_) => {}
                Err(ending) => return ending,
            }
        }
    }

    /// What all calls of this connection have in common.
    fn call(&self) -> Call {
        Call {
            ticket: Ticket(0),
            connection: self.id,
            node: self.node,
            version: 0,
            too_new: None,
            correlation_id: 0,
            bytes: self.request_bytes,
            body: Bytes::new(),
            client_id: Arc::default(),
            client_host: Arc::clone(&self.client_host),
            dialled_host: Arc::clone(&self.dialled_host),
            arrived: self.shared.clock.now(),
            expired: false,
            last_rule: FaultId::default(),
            withheld: Vec::new(),
        }
    }

    /// The longest frame that is read now.
    fn longest_frame(&self) -> i32 {
        match self.reads {
            Reads::Requests => self.shared.limits.request_bytes,
            Reads::Authentication | Reads::Token => self.authentication_bytes,
        }
    }
}

fn encode(
    api: (i16, i16),
    correlation_id: i32,
    response: Option<Outgoing>,
) -> Result<Option<RopeMut>, FrameError> {
    let Some(response) = response else {
        return Ok(None);
    };
    let mut answer = spare::take();
    frame::encode(api, correlation_id, response, &mut answer)?;
    Ok(Some(answer))
}
