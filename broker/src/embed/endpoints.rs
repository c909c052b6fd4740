//! Where nodes are reached, and what each of them says that it was started with.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::engine::{Advertise, host_port};

/// An address as people shorten it: `9092` is a port of 127.0.0.1, and `:9092` one of all addresses.
pub(super) fn written_out(address: &str) -> String {
    let (host, port) = match address.split_once(':') {
        Some(("", port)) => ("0.0.0.0", port),
        Some(_) => return address.to_owned(),
        None => ("127.0.0.1", address),
    };
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if is_port {
        format!("{host}:{port}")
    } else {
        address.to_owned()
    }
}

/// What clients are told to connect to, as people write it: `HOST[:PORT]`, and `dialled` or `*` for the host at which they
/// reached the cluster.
pub(super) fn advertised(text: &str) -> Result<Advertise, String> {
    if matches!(text, "dialled" | "*") {
        return Ok(Advertise::Dialled);
    }
    let (host, port) = match text.rsplit_once(':') {
        // More colons and no brackets: an IPv6 address alone.
        Some((host, _)) if host.contains(':') && !host.ends_with(']') => (text, None),
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let port = port
        .map(|port| port.parse().map_err(|_| format!("{port} is not a port")))
        .transpose()?;
    let host = host.trim_matches(['[', ']']);
    if host.is_empty() {
        return Err("a host is missing".to_owned());
    }
    Ok(Advertise::Host(host.to_owned(), port))
}

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
        f.write_str(&host_port(&self.host, self.port))
    }
}

/// The endpoint of a node that listens there, with so many nodes before it.
pub(super) fn of(
    listen: &str,
    advertise: Option<&Advertise>,
    (rank, bound): (u16, &SocketAddr),
) -> Endpoint {
    let (host, port) = match advertise {
        Some(Advertise::Host(host, first)) => {
            let port = first.and_then(|first| first.checked_add(rank));
            (host.clone(), port.unwrap_or_else(|| bound.port()))
        }
        Some(Advertise::Bound | Advertise::Dialled) | None => {
            (bound_host(listen, bound.ip()), bound.port())
        }
    };
    Endpoint {
        host,
        port,
        all_addresses: bound.ip().is_unspecified(),
    }
}

/// What clients are told of them.
pub(super) fn advertise(asked: Option<&Advertise>, endpoints: &[Endpoint]) -> Advertise {
    // Nobody can dial "all addresses".
    let unreachable = endpoints.iter().any(|endpoint| endpoint.all_addresses);
    let default = if unreachable {
        Advertise::Dialled
    } else {
        Advertise::Bound
    };
    asked.cloned().unwrap_or(default)
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

#[cfg(test)]
mod tests {
    use super::{Advertise, advertised, written_out};

    #[test]
    fn addresses_to_advertise_are_read() {
        #[track_caller]
        fn check(text: &str, expected: Option<(&str, Option<u16>)>) {
            let expected = expected.map(|(host, port)| Advertise::Host(host.to_owned(), port));
            assert_eq!(advertised(text).ok(), expected, "{text}");
        }
        check("kafka", Some(("kafka", None)));
        check("kafka:9092", Some(("kafka", Some(9092))));
        check("[::1]:9092", Some(("::1", Some(9092))));
        check("[::1]", Some(("::1", None)));
        check("fe80::1", Some(("fe80::1", None)));
        check("kafka:x", None);
        check(":9092", None);
        assert_eq!(advertised("*"), Ok(Advertise::Dialled));
        assert_eq!(advertised("dialled"), Ok(Advertise::Dialled));
    }

    #[test]
    fn addresses_can_be_short() {
        for (written, expected) in [
            ("9092", "127.0.0.1:9092"),
            (":9092", "0.0.0.0:9092"),
            ("localhost:9092", "localhost:9092"),
            ("[::1]:9092", "[::1]:9092"),
            ("::1", "::1"),
            ("kafka", "kafka"),
            (":", ":"),
        ] {
            assert_eq!(written_out(written), expected, "{written}");
        }
    }
}
