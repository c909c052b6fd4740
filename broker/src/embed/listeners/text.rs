//! A listener as one text.

use super::Listener;
use crate::embed::endpoints;
use crate::engine::Protocol;

/// Reads `[NAME=]PROTOCOL://[HOST]:PORT[?KEY=VALUE&…]`.
pub(super) fn read(text: &str) -> Result<Listener, String> {
    let (head, options) = text.split_once('?').unwrap_or((text, ""));
    let (kind, address) = head
        .split_once("://")
        .ok_or("it is PROTOCOL://HOST:PORT, or NAME=PROTOCOL://HOST:PORT")?;
    let (name, protocol) = kind.split_once('=').unwrap_or((kind, kind));
    let protocol: Protocol = protocol.parse()?;
    check_name(name)?;
    if address.is_empty() {
        return Err("HOST:PORT is missing".to_owned());
    }
    let mut listener = Listener::new(name, protocol).listen(address);
    for option in options.split('&').filter(|option| !option.is_empty()) {
        let (key, value) = option
            .split_once('=')
            .ok_or_else(|| format!("{option:?} is not KEY=VALUE"))?;
        listener = with(listener, key, value)?;
    }
    Ok(listener)
}

fn with(listener: Listener, key: &str, value: &str) -> Result<Listener, String> {
    match key {
        "advertise" => Ok(Listener {
            advertise: Some(endpoints::advertised(value)?),
            ..listener
        }),
        "mechanisms" => listener
            .mechanisms(value.split('+'))
            .map_err(|error| error.to_string()),
        "nodes" => {
            let nodes = value.split('+').map(str::parse::<i32>);
            let nodes: Result<Vec<_>, _> = nodes.collect();
            let nodes = nodes.map_err(|_| format!("{value:?} are no ids of nodes, such as 1+2"))?;
            Ok(listener.only_on(nodes))
        }
        _ => Err(format!(
            "{key:?} is not known: there are advertise, mechanisms and nodes"
        )),
    }
}

/// A name that settings can have in theirs.
pub(in crate::embed) fn check_name(name: &str) -> Result<(), String> {
    let may_be = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || !name.chars().all(may_be) {
        return Err(format!(
            "{name:?} cannot be a listener's name: letters, digits, _ and - can"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_one_text() {
        let read = |text| read(text).map_err(|_| ());
        let plain = Listener::new("PLAINTEXT", Protocol::Plaintext);
        assert_eq!(
            read("PLAINTEXT://:9092"),
            Ok(plain.clone().listen("0.0.0.0:9092"))
        );
        assert_eq!(read("plaintext://9092"), Ok(plain.listen("127.0.0.1:9092")));
        let ssl = Listener::new("OUT", Protocol::SaslSsl).listen("[::1]:9094");
        let ssl = ssl.only_on([1, 3]).advertise("kafka", Some(1));
        assert_eq!(
            read("out=SASL_SSL://[::1]:9094?nodes=1+3&advertise=kafka:1"),
            Ok(ssl)
        );
    }

    #[test]
    fn what_is_no_listener_is_refused() {
        for bad in [
            "PLAINTEXT",
            "HTTP://:1",
            "a b=SSL://:1",
            "=SSL://:1",
            "SSL://",
            "SSL://:1?mechanisms=NTLM",
            "SSL://:1?nodes=x",
            "SSL://:1?x=y",
            "SSL://:1?advertise",
            "SSL://:1?advertise=:7",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
