//! Listeners by Kafka's own settings: `listeners`, `advertised.listeners`, `listener.security.protocol.map`.

use std::collections::BTreeMap;

use crate::embed::endpoints;
use crate::embed::listeners::{Listener, check_name};
use crate::engine::Protocol;
use crate::engine::cluster::configs::StaticConfig;

/// What the settings say of listeners for clients; nothing if they name none.
///
/// # Errors
/// What Kafka would not start with, in its words where it has some.
pub(super) fn listeners(config: &StaticConfig) -> Result<Vec<Listener>, String> {
    let Some(said) = config.get("listeners") else {
        return Ok(Vec::new());
    };
    let protocols = protocols(config)?;
    let controllers = elements(
        config
            .get("controller.listener.names")
            .unwrap_or("CONTROLLER"),
    );
    let controllers: Vec<_> = controllers.map(str::to_ascii_uppercase).collect();
    let mut advertised = BTreeMap::new();
    for entry in elements(config.get("advertised.listeners").unwrap_or_default()) {
        let (name, address) = parts("advertised.listeners", entry)?;
        advertised.insert(name, address);
    }
    let mut listeners: Vec<Listener> = Vec::new();
    for entry in elements(said) {
        let (name, address) = parts("listeners", entry)?;
        if controllers.contains(&name) {
            continue;
        }
        if listeners.iter().any(|known| known.name == name) {
            return Err(format!(
                "Each listener must have a different name, listeners: {said}"
            ));
        }
        let protocol = protocols.get(&name).copied();
        let protocol = protocol.or_else(|| name.parse().ok()).ok_or_else(|| {
            format!("No security protocol defined for listener {name}: name it in listener.security.protocol.map")
        })?;
        let mut listener = Listener::new(&name, protocol).listen(address);
        if let Some(address) = advertised.remove(&name) {
            let read = endpoints::advertised(address);
            let advertise = read.map_err(|why| format!("advertised.listeners: {why}"))?;
            listener.advertise = Some(advertise);
        }
        listeners.push(listener);
    }
    let known = |name: &String| controllers.contains(name);
    if let Some(name) = advertised.into_keys().find(|name| !known(name)) {
        return Err(format!(
            "advertised.listeners listener names must be equal to or a subset of the ones defined in listeners: \
             {name} is not"
        ));
    }
    Ok(listeners)
}

fn protocols(config: &StaticConfig) -> Result<BTreeMap<String, Protocol>, String> {
    let map = config
        .get("listener.security.protocol.map")
        .unwrap_or_default();
    let pairs = elements(map).map(|pair| {
        let bad = || format!("listener.security.protocol.map: {pair:?} is not NAME:PROTOCOL");
        let (name, protocol) = pair.split_once(':').ok_or_else(bad)?;
        let protocol = protocol.trim().parse();
        let protocol = protocol.map_err(|why| format!("listener.security.protocol.map: {why}"))?;
        Ok((name.trim().to_ascii_uppercase(), protocol))
    });
    pairs.collect()
}

/// The name, in upper case, and the address behind it.
fn parts<'a>(setting: &str, entry: &'a str) -> Result<(String, &'a str), String> {
    let bad = || format!("Unable to parse a listener name from {entry} to a broker endpoint");
    let (name, address) = entry.split_once("://").ok_or_else(bad)?;
    check_name(name).map_err(|why| format!("{setting}: {why}"))?;
    if !address.contains(':') {
        return Err(format!("{setting}: {entry:?} has no port"));
    }
    Ok((name.to_ascii_uppercase(), address))
}

fn elements(list: &str) -> impl Iterator<Item = &str> {
    let elements = list.split(',').map(str::trim);
    elements.filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Advertise;

    fn read(settings: &[(&str, &str)]) -> Result<Vec<Listener>, String> {
        let given: Vec<_> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let (config, _) = StaticConfig::read(&given, &[], 1).unwrap();
        listeners(&config)
    }

    #[test]
    fn a_file_of_kafkas_says_what_it_says_to_kafka() {
        let read = read(&[
            (
                "listeners",
                "PLAINTEXT://:9092,CONTROLLER://:9093, out://127.0.0.1:9094",
            ),
            (
                "advertised.listeners",
                "OUT://kafka.test:19094,PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
            ),
            ("controller.listener.names", "CONTROLLER"),
            (
                "listener.security.protocol.map",
                "OUT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
            ),
        ]);
        let listeners = read.unwrap();
        let [plain, out] = &*listeners else {
            panic!("{listeners:?}");
        };
        assert_eq!(
            (plain.name.as_str(), plain.protocol),
            ("PLAINTEXT", Protocol::Plaintext)
        );
        assert_eq!(plain.listen, "0.0.0.0:9092");
        assert_eq!(
            (out.name.as_str(), out.protocol),
            ("OUT", Protocol::SaslPlaintext)
        );
        let told = Advertise::Host("kafka.test".to_owned(), Some(19094));
        assert_eq!(out.advertise, Some(told));
    }

    #[test]
    fn what_kafka_would_not_start_with_is_refused() {
        for (settings, why) in [
            (
                &[("listeners", "OUT://:1")][..],
                "No security protocol defined for listener OUT",
            ),
            (
                &[("listeners", "PLAINTEXT://:1,plaintext://:2")],
                "a different name",
            ),
            (
                &[
                    ("listeners", "PLAINTEXT://:1"),
                    ("advertised.listeners", "SSL://a:1"),
                ],
                "SSL is not",
            ),
            (
                &[
                    ("listeners", "PLAINTEXT://:1"),
                    ("listener.security.protocol.map", "PLAINTEXT:TLS"),
                ],
                "\"TLS\" is no protocol",
            ),
        ] {
            let refused = read(settings).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
        assert_eq!(read(&[]), Ok(Vec::new()));
    }
}
