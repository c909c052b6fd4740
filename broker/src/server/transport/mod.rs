//! How clients reach nodes: through sockets, or within the process.

pub(crate) mod memory;
mod tcp;

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};

pub(super) use tcp::Socket;

/// The broker's end of a connection.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Makes a new connection ready, and says which host its client dialled.
    ///
    /// # Errors
    /// The system's, if the connection is gone already.
    fn prepare(&self) -> io::Result<String>;

    /// Waits until there may be something to read, so that nobody need have room for it before.
    ///
    /// # Errors
    /// The system's.
    fn readable(&self) -> impl Future<Output = io::Result<()>> + Send {
        std::future::ready(Ok(()))
    }

    /// Has the client hear of a reset, not of an end, once this is dropped.
    ///
    /// # Errors
    /// The system's, if the connection is gone already.
    fn reset_when_dropped(&self) -> io::Result<()>;

    /// Tells the client that nothing more comes, where dropping this would not do.
    fn close(&mut self) -> impl Future<Output = io::Result<()>> + Send {
        std::future::ready(Ok(()))
    }
}

/// Where a node's connections come in.
pub(super) trait Listener: Send + 'static {
    /// What its connections are.
    type Stream: Stream;

    /// The next connection, and the address that it comes from.
    ///
    /// # Errors
    /// The system's, when it can accept none.
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Stream, SocketAddr)>> + Send;

    /// Has connecting fail, or be possible again. Open connections stay.
    ///
    /// # Errors
    /// The system's, when it cannot listen again.
    fn set_open(&mut self, open: bool) -> io::Result<()>;
}
