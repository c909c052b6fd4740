//! The bytes of one connection, and what rules do to them on the way.
//!
//! The network is not the cluster's: latency passes in the time of the runtime, which is real unless a test
//! has paused it, whatever a manual clock does.

pub(super) mod door;
mod pieces;
mod shape;

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::inbox::{Inbox, Room};
use super::links::{InForce, Met};
use super::shared::Shared;
use super::transport::Stream;
use crate::engine::fault::{Cut, Towards};
use crate::wire::rope::RopeMut;
use crate::wire::units::NodeId;
use shape::{Hit, Shape};

/// How much may be on its way to the broker before no more is read.
const QUEUED_BYTES_MAX: usize = 1024 * 1024;

/// How long a client may take to be told that its connection is closed.
pub(super) const CLOSING_WITHIN: Duration = Duration::from_secs(1);

/// A connection's stream.
#[derive(Debug)]
pub(super) struct Link<S> {
    stream: S,
    shared: Arc<Shared>,
    node: NodeId,
    /// The latest client id that a request came with.
    client: Option<Arc<str>>,
    rules: watch::Receiver<InForce>,
    met: Met,
    to_broker: Shape,
    to_client: Shape,
    /// The client has sent its last byte.
    has_ended: bool,
    /// The client was told that it has read the last byte.
    is_half_closed: bool,
}

impl<S: Stream> Link<S> {
    pub(super) fn new(stream: S, node: NodeId, shared: Arc<Shared>) -> Self {
        let mut rules = shared.links.subscribe();
        rules.mark_changed();
        Self {
            stream,
            shared,
            node,
            client: None,
            rules,
            met: Met::default(),
            to_broker: Shape::default(),
            to_client: Shape::default(),
            has_ended: false,
            is_half_closed: false,
        }
    }

    /// Tells whose connection it is, which rules may be about. Gives the client's id as it is kept here.
    pub(super) fn belongs_to(&mut self, client: &str) -> Arc<str> {
        match &self.client {
            Some(known) if **known == *client => Arc::clone(known),
            _ => {
                self.rules.mark_changed();
                Arc::clone(self.client.insert(client.into()))
            }
        }
    }

    /// Reads what has arrived behind what is in the inbox; 0 when there will be no more. Nothing is lost when this is
    /// dropped, and an empty inbox holds no memory while nothing arrives.
    ///
    /// # Errors
    /// The socket's, or that a rule has cut the connection.
    pub(super) async fn read(&mut self, inbox: &mut Inbox) -> io::Result<usize> {
        loop {
            self.follow_rules();
            for cut in [self.to_broker.finished(), self.to_client.finished()] {
                self.cut(cut).await?;
            }
            if self.to_broker.is_clear() && !self.has_ended {
                let arrived = async {
                    if inbox.is_empty() {
                        inbox.clear();
                        self.stream.readable().await?;
                    }
                    match inbox.room() {
                        Room::Buffer(buffer) => self.stream.read_buf(buffer).await,
                        Room::Frame(room) => {
                            let read = self.stream.read(room).await?;
                            inbox.note_read(read);
                            Ok(read)
                        }
                    }
                };
                tokio::select! {
                    // In this order: a rule holds for whatever is sent after it was mounted.
                    biased;
                    () = changed(&mut self.rules) => continue,
                    read = arrived => return read,
                }
            }
            // Few connections have rules, and the others no memory for it.
            match inbox.room() {
                Room::Buffer(buffer) => {
                    let mut room = buffer.limit(usize::MAX);
                    if let Some(read) = Box::pin(self.read_shaped(&mut room)).await? {
                        return Ok(read);
                    }
                }
                Room::Frame(mut room) => {
                    if let Some(read) = Box::pin(self.read_shaped(&mut room)).await? {
                        inbox.note_read(read);
                        return Ok(read);
                    }
                }
            }
        }
    }

    /// One step of reading bytes that rules act on; `None` if it takes another.
    async fn read_shaped(&mut self, room: &mut impl BufMut) -> io::Result<Option<usize>> {
        let due = match self.to_broker.next() {
            _ if self.to_broker.is_silent() => None,
            Some(next) => Some(next.due),
            None if self.has_ended => return Ok(Some(0)),
            None => None,
        };
        let may_read = !self.has_ended && self.to_broker.queued_bytes() < QUEUED_BYTES_MAX;
        let mut arrived = BytesMut::new();
        tokio::select! {
            biased;
            () = changed(&mut self.rules) => {}
            () = moment(due) => {
                let bytes = self.to_broker.take(room.remaining_mut());
                bytes.parts().for_each(|part| room.put_slice(part));
                return Ok(Some(bytes.len()));
            }
            read = self.stream.read_buf(&mut arrived), if may_read => {
                self.has_ended = read? == 0;
                if !self.has_ended {
                    self.to_broker.admit(arrived.freeze().into(), Instant::now());
                    self.count_hits();
                }
            }
        }
        Ok(None)
    }

    /// Whether no rule acts on what the client is sent.
    pub(super) fn is_plain_to_client(&self) -> bool {
        self.to_client.is_clear()
    }

    /// Writes all of an answer, or of several, as the rules let it.
    ///
    /// # Errors
    /// The socket's, or that a rule has cut the connection.
    pub(super) async fn write(&mut self, answer: &RopeMut) -> io::Result<()> {
        self.follow_rules();
        if self.to_client.is_clear() {
            return write_all(&mut self.stream, answer.slices()).await;
        }
        Box::pin(self.write_shaped(answer)).await
    }

    async fn write_shaped(&mut self, answer: &RopeMut) -> io::Result<()> {
        self.to_client.admit(answer.to_rope(), Instant::now());
        self.count_hits();
        while let Some(next) = self.to_client.next() {
            let due = (!self.to_client.is_silent()).then_some(next.due);
            tokio::select! {
                biased;
                () = changed(&mut self.rules) => self.follow_rules(),
                () = moment(due) => {
                    let bytes = self.to_client.take(usize::MAX);
                    write_all(&mut self.stream, bytes.slices()).await?;
                }
            }
        }
        self.cut(self.to_client.finished()).await
    }

    /// Says to a client that is still there that nothing more comes, as TLS wants it said.
    pub(super) async fn close(&mut self) {
        if self.is_half_closed {
            return;
        }
        // Nobody need read it.
        let _ = tokio::time::timeout(CLOSING_WITHIN, self.stream.close()).await;
    }

    fn follow_rules(&mut self) {
        if !self.rules.has_changed().unwrap_or_default() {
            return;
        }
        let in_force = self.rules.borrow_and_update().clone();
        let now = Instant::now();
        self.to_broker.keep(&in_force, now);
        self.to_client.keep(&in_force, now);
        let whose = (self.node, self.client.as_deref());
        for rule in self
            .met
            .meet(|input| self.shared.tell(input), &in_force, whose)
        {
            let hit = Hit::default();
            if rule.spec.is_about(Towards::Broker) {
                self.to_broker.add(rule.clone(), hit.clone());
            }
            if rule.spec.is_about(Towards::Client) {
                self.to_client.add(rule, hit);
            }
        }
        self.count_hits();
    }

    /// Counts what rules have done, before anybody sees it.
    fn count_hits(&self) {
        for rule in self.to_broker.hits().chain(self.to_client.hits()) {
            rule.hit(|input| self.shared.tell(input));
        }
    }

    async fn cut(&mut self, cut: Option<Cut>) -> io::Result<()> {
        match cut {
            None => return Ok(()),
            Some(Cut::HalfClose) => {
                if !self.is_half_closed {
                    self.is_half_closed = true;
                    self.stream.shutdown().await?;
                }
                return Ok(());
            }
            Some(Cut::Reset) => self.stream.reset_when_dropped()?,
            Some(Cut::Close) => {}
        }
        let why = "a rule about bytes has cut it";
        Err(io::Error::new(io::ErrorKind::ConnectionAborted, why))
    }
}

/// Writes all of what lies in several places.
async fn write_all(
    stream: &mut (impl AsyncWrite + Unpin),
    mut slices: Vec<IoSlice<'_>>,
) -> io::Result<()> {
    // The kernel takes one place for less than a list of one.
    if let [only] = &*slices {
        stream.write_all(only).await?;
        return stream.flush().await;
    }
    let mut left = slices.as_mut_slice();
    while !left.is_empty() {
        let written = stream.write_vectored(left).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        IoSlice::advance_slices(&mut left, written);
    }
    // Sockets hold nothing back; TLS may.
    stream.flush().await
}

/// Ends when there are other rules.
async fn changed(rules: &mut watch::Receiver<InForce>) {
    if rules.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
    // Anyone who follows them has to see that.
    rules.mark_changed();
}

/// Ends at a moment; never without one.
async fn moment(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    #[tokio::test]
    async fn what_lies_in_several_places_is_written_whole_however_little_is_taken_at_once() {
        for room in 1..12 {
            let (mut client, mut node) = duplex(room);
            let write = async move {
                let parts: [&[u8]; 4] = [b"ab", b"cdefg", b"h", b"ij"];
                let slices = parts.map(IoSlice::new).to_vec();
                write_all(&mut node, slices).await
            };
            let mut read = Vec::new();
            let (written, _) = tokio::join!(write, client.read_to_end(&mut read));
            written.unwrap();
            assert_eq!(read, b"abcdefghij", "{room} at once");
        }
    }

    #[tokio::test]
    async fn nobody_to_write_to_is_an_error() {
        let (client, mut node) = duplex(1);
        drop(client);
        let slices = vec![IoSlice::new(b"ab")];
        assert!(write_all(&mut node, slices).await.is_err());
        assert!(write_all(&mut node, Vec::new()).await.is_ok());
    }
}
