//! Connections through sockets.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};

use tokio::net::{TcpListener, TcpStream};

use super::{Listener, Stream};

/// A listening socket.
#[derive(Debug)]
pub(in crate::server) struct Socket {
    /// None while it is closed.
    listener: Option<TcpListener>,
    /// Where it listens; none if the system does not say.
    address: Option<SocketAddr>,
}

impl Socket {
    pub(in crate::server) fn new(listener: StdListener) -> io::Result<Self> {
        let listener = TcpListener::from_std(listener)?;
        Ok(Self {
            address: listener.local_addr().ok(),
            listener: Some(listener),
        })
    }
}

impl Listener for Socket {
    type Stream = TcpStream;

    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        match &self.listener {
            Some(listener) => listener.accept().await,
            None => std::future::pending().await,
        }
    }

    fn set_open(&mut self, open: bool) -> io::Result<()> {
        match (open, &self.listener, self.address) {
            (false, ..) => self.listener = None,
            (true, None, Some(address)) => {
                let listener = StdListener::bind(address)?;
                listener.set_nonblocking(true)?;
                self.listener = Some(TcpListener::from_std(listener)?);
            }
            (true, ..) => {}
        }
        Ok(())
    }
}

impl Stream for TcpStream {
    fn prepare(&self) -> io::Result<String> {
        self.set_nodelay(true)?;
        Ok(self.local_addr()?.ip().to_canonical().to_string())
    }

    async fn readable(&self) -> io::Result<()> {
        Self::readable(self).await
    }

    fn reset_when_dropped(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}
