//! `fauxka advertise`.

use clap::Args;
use serde_json::json;

use super::asked::Asked;

/// Where clients reach the nodes.
#[derive(Debug, Args)]
pub(crate) struct AdvertiseOptions {
    /// Nodes and their addresses, such as 1=localhost:32768
    #[arg(value_name = "NODE=HOST:PORT", required = true, value_parser = address)]
    nodes: Vec<(i32, String, u16)>,
    /// The listener that is reached there; needed if the cluster has several
    #[arg(long, value_name = "NAME")]
    listener: Option<String>,
}

impl AdvertiseOptions {
    /// What to ask.
    pub(super) fn asked(&self) -> Asked {
        let nodes = self.nodes.iter();
        let nodes = nodes.map(|(id, host, port)| {
            json!({ "id": id, "listener": self.listener, "host": host, "port": port })
        });
        Asked::put(
            "/v1/advertise",
            json!({ "nodes": nodes.collect::<Vec<_>>() }),
        )
    }
}

fn address(text: &str) -> Result<(i32, String, u16), String> {
    let (node, address) = text.split_once('=').ok_or("not NODE=HOST:PORT")?;
    let node = node.parse();
    let node = node.map_err(|_| "the node is not a number".to_owned())?;
    let (host, port) = address.rsplit_once(':').ok_or("the port is missing")?;
    let port = port.parse();
    let port = port.map_err(|_| "the port is not a number from 1 to 65535".to_owned())?;
    let host = host.trim_matches(['[', ']']);
    if host.is_empty() {
        return Err("the host is missing".to_owned());
    }
    Ok((node, host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        #[track_caller]
        fn check(text: &str, expected: Option<(i32, &str, u16)>) {
            let expected = expected.map(|(node, host, port)| (node, host.to_owned(), port));
            assert_eq!(address(text).ok(), expected, "{text}");
        }
        check("1=localhost:32768", Some((1, "localhost", 32768)));
        check("2=[::1]:9092", Some((2, "::1", 9092)));
        check("localhost:9092", None);
        check("a=localhost:9092", None);
        check("1=localhost", None);
        check("1=*", None);
    }
}
