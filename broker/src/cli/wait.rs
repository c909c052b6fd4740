//! `fauxka wait`: until a cluster answers.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use super::asked::{Asked, Asking};

/// How long it takes until it is tried again.
const PAUSE: Duration = Duration::from_millis(50);
/// How long a node may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// An `ApiVersions` request of version 0, which every broker answers to anyone who asks.
const API_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];

/// What is waited for, and how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Ask these nodes for their versions, instead of a control port: any Kafka cluster answers that
    #[arg(long, value_name = "HOST:PORT,…", value_delimiter = ',')]
    bootstrap: Vec<String>,
    /// How long
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    timeout: Duration,
}

impl Options {
    /// Waits until the cluster answers. The control port opens once every node listens and everything is there that the
    /// cluster has from its start.
    #[expect(
        clippy::disallowed_methods,
        reason = "nothing tells when another process will be there"
    )]
    pub(super) fn run(&self, asking: &Asking) -> Result<()> {
        asking.refuse_watch()?;
        let end = Instant::now().checked_add(self.timeout);
        loop {
            let Some(why) = self.lacks(asking)? else {
                return Ok(());
            };
            if end.is_some_and(|end| Instant::now() >= end) {
                let timeout = humantime::format_duration(self.timeout);
                bail!("no cluster answered within {timeout}: {why}");
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Why the cluster does not answer yet.
    ///
    /// # Errors
    /// It will not, as when it wants a token.
    fn lacks(&self, asking: &Asking) -> Result<Option<String>> {
        if self.bootstrap.is_empty() {
            return match asking.ask(&Asked::get("/v1/cluster")) {
                Ok(_) => Ok(None),
                Err(error) if error.root_cause().is::<io::Error>() => Ok(Some(error.to_string())),
                Err(error) => Err(error),
            };
        }
        for node in &self.bootstrap {
            if let Err(error) = answers(node) {
                return Ok(Some(format!("{node}: {error}")));
            }
        }
        Ok(None)
    }
}

/// Whether a node answers a client.
fn answers(node: &str) -> io::Result<()> {
    let address = node
        .to_socket_addrs()?
        .next()
        .ok_or(io::ErrorKind::AddrNotAvailable)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(&API_VERSIONS)?;
    let mut answer = [0; 14];
    stream.read_exact(&mut answer)?;
    let [.., a, b, c, d, 0, 0, _, _, _, _] = answer else {
        return Err(io::Error::other("this is no broker of Kafka's"));
    };
    if i32::from_be_bytes([a, b, c, d]) != 7 {
        return Err(io::Error::other("this is no broker of Kafka's"));
    }
    // A connection that is closed with its answer unread is reset.
    stream.shutdown(Shutdown::Write)?;
    io::copy(&mut stream, &mut io::sink()).map(drop)
}
