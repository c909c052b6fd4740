//! What a connection waits for: its next request, or the answer to the one that it has sent.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::departed::Departed;
use super::{Connection, Ending};
use crate::engine::context::Effect;
use crate::engine::input::Input;
use crate::server::strangers::impatient;
use crate::server::transport::Stream;
use crate::wire::frame::Outgoing;

/// How far a connection is read ahead while its request waits for an answer.
const READ_AHEAD_BYTES: usize = 64 * 1024;

impl<S: Stream> Connection<S> {
    /// The next request, however many reads it takes.
    pub(super) async fn next_frame(&mut self) -> Result<Bytes, Ending> {
        loop {
            let longest = self.longest_frame();
            if let Some(frame) = self.inbox.take(longest)? {
                return Ok(frame);
            }
            if self.departed.is_some() {
                return Err(Ending::Left);
            }
            let begun = Instant::now();
            self.idle.begin(begun);
            tokio::select! {
                biased;
                read = self.link.read(&mut self.inbox) => {
                    if read? == 0 {
                        return Err(Ending::Left);
                    }
                }
                effect = self.mailbox.next() => {
                    outcome(effect)?;
                }
                () = self.idle.is_over(&self.shared, self.id) => return Err(Ending::Idle),
                () = impatient(self.stranger.as_ref()) => {
                    return Err(Ending::Refused("its client took too long to log in".to_owned()));
                }
            }
            if let Some(stranger) = &mut self.stranger {
                stranger.patience = stranger.patience.saturating_sub(begun.elapsed());
            }
        }
    }

    /// The answer to the request that the engine has, when it has one; `None` if it owes none.
    pub(super) async fn response(
        &mut self,
        at_once: Option<Effect>,
    ) -> Result<Option<Outgoing>, Ending> {
        match at_once {
            Some(effect) => outcome(effect),
            None => Box::pin(self.awaited()).await,
        }
    }

    /// The answer to the request that the engine has, which it has not given at once.
    pub(super) async fn awaited(&mut self) -> Result<Option<Outgoing>, Ending> {
        self.flush().await?;
        // A fault rule may let the request begin to wait only later.
        let mut begun = self.shared.long_poll_news.subscribe();
        let mut courtesy = self.shared.long_poll(self.id);
        let patience = real_time(courtesy);
        tokio::pin!(patience);
        loop {
            let departed = self.departed.is_some();
            let may_read = self.inbox.len() < READ_AHEAD_BYTES && !departed;
            tokio::select! {
                biased;
                effect = self.mailbox.next() => return outcome(effect),
                () = &mut patience => {
                    self.shared.tell(Input::LongPollOver(self.id));
                    patience.set(real_time(None));
                }
                Ok(()) = begun.changed(), if courtesy.is_none() => {
                    courtesy = self.shared.long_poll(self.id);
                    patience.set(real_time(courtesy));
                }
                () = self.idle.is_over(&self.shared, self.id), if departed => return Err(Ending::Idle),
                read = self.link.read(&mut self.inbox), if may_read => {
                    if is_last(read)? {
                        self.idle.begin(Instant::now());
                        self.depart()?;
                    }
                }
            }
        }
    }

    /// The client has closed its side, or all of it, while its request is in flight: that is done all the same.
    fn depart(&mut self) -> Result<(), Ending> {
        let bytes = self.request_bytes.saturating_add(self.inbox.len());
        self.departed = Departed::note(&self.shared, self.id, bytes);
        // The answer may have come just now.
        if self.departed.is_none() && self.mailbox.is_empty() {
            return Err(Ending::Left);
        }
        Ok(())
    }
}

pub(super) fn outcome(effect: Effect) -> Result<Option<Outgoing>, Ending> {
    match effect {
        Effect::Reply { response, .. } => Ok(Some(Outgoing::Response(response))),
        Effect::Encoded { body, .. } => Ok(Some(Outgoing::Body(body))),
        Effect::Nothing { .. } => Ok(None),
        Effect::Close { reason, .. } => Err(Ending::Refused(reason)),
    }
}

/// Whether a read says that there will be no more.
fn is_last(read: io::Result<usize>) -> io::Result<bool> {
    match read {
        Ok(bytes) => Ok(bytes == 0),
        // What closes with answers unread resets.
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(true),
        Err(error) => Err(error),
    }
}

/// Passes whatever the cluster's clock does.
async fn real_time(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
