//! Connections within the process: no sockets, and no time but the runtime's.

use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Listener, Stream};

/// How much may be on its way in one direction before its sender waits; about what sockets hold.
const BUFFERED_BYTES: usize = 1024 * 1024;

/// Where every client comes from. Connections within the process have no ports.
const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A client's end of a connection within the process; from [`Network`](crate::in_memory::Network). It behaves as a
/// socket does: reading ends when the node has closed the connection, and fails when a rule about bytes
/// has reset it.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use tokio::io::AsyncReadExt as _;
///
/// let cluster = fauxka::Broker::builder().start_in_memory()?;
/// let mut client = cluster.connect(1).await?;
/// cluster.node(1).stop().await?;
/// assert_eq!(client.read(&mut [0]).await?, 0, "the node has closed the connection");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct MemoryStream {
    bytes: DuplexStream,
    is_reset: Arc<AtomicBool>,
}

/// A node's end.
#[derive(Debug)]
pub(in crate::server) struct ServedStream {
    bytes: DuplexStream,
    is_reset: Arc<AtomicBool>,
    dialled_host: String,
}

/// Where clients connect to a node.
#[derive(Debug, Clone)]
pub(in crate::server) struct Entrance(UnboundedSender<ServedStream>);

/// The connections that wait for a node to take them.
#[derive(Debug)]
pub(in crate::server) struct Queue(UnboundedReceiver<ServedStream>);

/// A node's entrance, and what comes in there.
pub(in crate::server) fn listen() -> (Entrance, Queue) {
    let (entrance, queue) = unbounded_channel();
    (Entrance(entrance), Queue(queue))
}

impl Entrance {
    /// A connection to the node, if it still takes any.
    pub(in crate::server) fn connect(&self, dialled_host: String) -> Option<MemoryStream> {
        let (client, node) = duplex(BUFFERED_BYTES);
        let is_reset = Arc::<AtomicBool>::default();
        let served = ServedStream {
            bytes: node,
            is_reset: Arc::clone(&is_reset),
            dialled_host,
        };
        self.0.send(served).ok()?;
        Some(MemoryStream {
            bytes: client,
            is_reset,
        })
    }
}

impl Listener for Queue {
    type Stream = ServedStream;

    async fn accept(&mut self) -> io::Result<(ServedStream, SocketAddr)> {
        match self.0.recv().await {
            Some(stream) => Ok((stream, CLIENT)),
            None => std::future::pending().await,
        }
    }

    /// Anyone who connects asks the rules itself; what has come before them is let go, as by a socket.
    fn set_open(&mut self, open: bool) -> io::Result<()> {
        while !open && let Ok(waiting) = self.0.try_recv() {
            waiting.reset_when_dropped()?;
        }
        Ok(())
    }
}

impl Stream for ServedStream {
    fn prepare(&self) -> io::Result<String> {
        Ok(self.dialled_host.clone())
    }

    fn reset_when_dropped(&self) -> io::Result<()> {
        self.is_reset.store(true, Ordering::Release);
        Ok(())
    }
}

impl MemoryStream {
    fn unless_reset(&self) -> io::Result<()> {
        if self.is_reset.load(Ordering::Acquire) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for MemoryStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.bytes).poll_read(cx, buf));
        Poll::Ready(self.unless_reset().and(read))
    }
}

impl AsyncWrite for MemoryStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.unless_reset()?;
        Pin::new(&mut self.bytes).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_shutdown(cx)
    }
}

impl AsyncRead for ServedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_read(cx, buf)
    }
}

impl AsyncWrite for ServedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.bytes).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.bytes).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.bytes.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_shutdown(cx)
    }
}
