//! One connection, frame by frame.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::clock;
use crate::tls::{self, Stream, TlsClient};

/// Longest wait for a connection.
const PATIENCE: Duration = Duration::from_secs(20);

/// A raw connection to a broker.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    received: Vec<u8>,
    /// The broker has closed it; what came before that may still lie here.
    ended: bool,
    /// Why it has ended, if TLS says so.
    ended_by: Option<String>,
}

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A frame without its length.
    Frame(Vec<u8>),
    /// The broker closed the connection.
    Closed,
    /// Nothing within the time given.
    Nothing,
}

impl Connection {
    /// Connects to `host:port`.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn open(address: &str) -> Result<Self> {
        Ok(Self::over(Stream::Plain(socket(address)?)))
    }

    /// Connects to `host:port` and shakes hands by TLS: the version that is spoken, or why hands were not shaken.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn open_tls(
        address: &str,
        client: &TlsClient,
    ) -> Result<Result<(Self, &'static str), String>> {
        let shaken = tls::shake(socket(address)?, client)?;
        Ok(shaken.map(|(stream, version)| (Self::over(stream), version)))
    }

    const fn over(stream: Stream) -> Self {
        Self {
            stream,
            received: Vec::new(),
            ended: false,
            ended_by: None,
        }
    }

    /// Why it has ended, if TLS says so.
    #[must_use]
    pub fn ended_by(&self) -> Option<&str> {
        self.ended_by.as_deref()
    }

    /// Sends bytes as they are. A connection that the broker has closed already is no error: the next
    /// [`Connection::receive`] tells.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        let _closed = self.stream.write_all(bytes);
    }

    /// Closes our side for writing.
    pub fn finish(&mut self) {
        let _closed = self.stream.socket().shutdown(std::net::Shutdown::Write);
    }

    /// Sends a frame: the length, then the bytes.
    pub fn send(&mut self, frame: &[u8]) {
        let mut bytes = u32::try_from(frame.len())
            .unwrap_or(u32::MAX)
            .to_be_bytes()
            .to_vec();
        bytes.extend(frame);
        self.send_raw(&bytes);
    }

    /// Waits for the next frame.
    ///
    /// # Errors
    /// When the socket fails otherwise than by being closed.
    pub fn receive(&mut self, patience: Duration) -> Result<Incoming> {
        let deadline = clock::now() + patience;
        loop {
            if let Some(incoming) = self.arrived() {
                return Ok(incoming);
            }
            let left = deadline.saturating_duration_since(clock::now());
            if left.is_zero() {
                return Ok(Incoming::Nothing);
            }
            self.stream.socket().set_read_timeout(Some(left))?;
            self.read()?;
        }
    }

    /// What has been read already: the next frame, or the end.
    pub fn arrived(&mut self) -> Option<Incoming> {
        let frame = self.take_frame().map(Incoming::Frame);
        frame.or_else(|| self.ended.then_some(Incoming::Closed))
    }

    /// How many answers have arrived that nobody has taken; `None` when the broker has closed the connection.
    ///
    /// # Errors
    /// When the socket fails otherwise than by being closed.
    pub fn answers_at_hand(&mut self) -> Result<Option<usize>> {
        self.stream.socket().set_nonblocking(true)?;
        while self.read()? {}
        self.stream.socket().set_nonblocking(false)?;
        let mut rest = self.received.as_slice();
        let mut count = 0;
        while let Some((_, after)) = split_frame(rest) {
            rest = after;
            count += 1;
        }
        Ok((!self.ended).then_some(count))
    }

    /// Reads once; whether anything came.
    fn read(&mut self) -> Result<bool> {
        let mut chunk = vec![0; 64 * 1024];
        match self.stream.read(&mut chunk) {
            Ok(0) => self.ended = true,
            Ok(count) => {
                self.received.extend(chunk.get(..count).unwrap_or_default());
                return Ok(true);
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {}
                ErrorKind::ConnectionReset
                | ErrorKind::BrokenPipe
                | ErrorKind::ConnectionAborted
                | ErrorKind::UnexpectedEof => self.ended = true,
                ErrorKind::InvalidData => {
                    self.ended = true;
                    self.ended_by = Some(tls::ended_by(&error));
                }
                _ => return Err(error.into()),
            },
        }
        Ok(false)
    }

    fn take_frame(&mut self) -> Option<Vec<u8>> {
        let (frame, rest) = split_frame(&self.received)?;
        let (frame, rest) = (frame.to_vec(), rest.to_vec());
        self.received = rest;
        Some(frame)
    }
}

fn socket(address: &str) -> Result<TcpStream> {
    let resolved = address
        .to_socket_addrs()
        .ok()
        .and_then(|mut all| all.next());
    let resolved = resolved.with_context(|| format!("no address: {address}"))?;
    let socket =
        TcpStream::connect_timeout(&resolved, PATIENCE).with_context(|| address.to_owned())?;
    socket.set_nodelay(true)?;
    Ok(socket)
}

/// The first frame, and what comes after it.
fn split_frame(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}
