//! Where requests to the control port come in.

use std::io;
use std::net::SocketAddr;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};

/// A listener, and the connection that it had to accept to see that there is one.
pub(super) struct Door {
    first: Option<(TcpStream, SocketAddr)>,
    listener: TcpListener,
}

impl Door {
    /// Waits for the first connection.
    pub(super) async fn opened(mut listener: TcpListener) -> Self {
        let first = Listener::accept(&mut listener).await;
        Self {
            first: Some(first),
            listener,
        }
    }
}

impl Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        match self.first.take() {
            Some(first) => first,
            None => Listener::accept(&mut self.listener).await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
