//! Where nodes are reached, and what each of them says that it was started with.

use std::fmt;
use std::io;
use std::net::{IpAddr, TcpListener};

use super::builder::Builder;
use crate::engine::Advertise;

/// Where clients reach a node.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) host: String,
    pub(super) port: u16,
    /// It listens on every address of the machine.
    pub(super) all_addresses: bool,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

/// The endpoints of nodes with these listeners.
pub(super) fn of(builder: &Builder, listeners: &[TcpListener]) -> io::Result<Vec<Endpoint>> {
    let endpoint = |(at, listener): (u16, &TcpListener)| {
        let bound = listener.local_addr()?;
        let (host, port) = match &builder.advertise {
            Some(Advertise::Host(host, first)) => {
                let port = first.and_then(|first| first.checked_add(at));
                (host.clone(), port.unwrap_or_else(|| bound.port()))
            }
            Some(Advertise::Bound | Advertise::Dialled) | None => {
                (bound_host(&builder.listen, bound.ip()), bound.port())
            }
        };
        Ok(Endpoint {
            host,
            port,
            all_addresses: bound.ip().is_unspecified(),
        })
    };
    (0..=u16::MAX).zip(listeners).map(endpoint).collect()
}

/// The host as it was asked for, so that `localhost` stays that; one that can be dialled in place of
/// "all addresses".
fn bound_host(listen: &str, ip: IpAddr) -> String {
    let asked = listen.rsplit_once(':').map_or("", |(host, _)| host);
    match (ip.is_unspecified(), asked) {
        (true, _) => "localhost".to_owned(),
        (false, "") => ip.to_string(),
        (false, asked) => asked.trim_matches(['[', ']']).to_owned(),
    }
}
