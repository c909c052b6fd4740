//! TLS on listeners, as clients meet it.

#![cfg(feature = "tls")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test"
)]

#[path = "tls/client.rs"]
mod client;
#[path = "tls/keys.rs"]
mod keys;

use std::fs;
use std::io::{Read as _, Write as _};
use std::time::Duration;

use fauxka::clock::Clock;
use fauxka::journal::Event;
use fauxka::listeners::{Listener, Protocol};
use fauxka::{Api, Broker};

use client::{API_VERSIONS, Client, NEW, OLD, client, socket, tempdir};

/// Waits for a connection that was closed for such a reason.
fn closed_because(broker: &Broker, part: &str) {
    let closed = broker.journal().kind("connection_closed");
    for count in 1.. {
        let rows = closed.wait_for_blocking(count, Duration::from_secs(20));
        let rows = rows.unwrap_or_else(|unmet| panic!("nothing with {part:?}: {unmet}"));
        let mut reasons = rows.iter().map(ToString::to_string);
        if reasons.any(|why| why.contains(part)) {
            return;
        }
    }
}

/// Who was served.
fn principals(broker: &Broker) -> Vec<String> {
    let rows = broker.journal().api(Api::ApiVersions).rows();
    let principals = rows.iter().filter_map(|row| match &row.event {
        Event::Request(exchange) => Some(exchange.principal.to_string()),
        _ => None,
    });
    principals.collect()
}

#[test]
fn both_versions_of_tls_are_served() {
    let broker = Broker::builder().nodes(2).tls().start_blocking().unwrap();
    for versions in [OLD, NEW] {
        let client = Client {
            versions,
            ..client(&broker)
        };
        for address in broker.bootstrap().split(',') {
            assert_eq!(client.asks(address).unwrap(), 7);
        }
    }
    assert_eq!(principals(&broker), ["User:ANONYMOUS"; 4]);
}

#[test]
fn only_versions_that_are_enabled_are_served() {
    let builder = Broker::builder()
        .tls()
        .config("ssl.enabled.protocols", "TLSv1.3");
    let broker = builder.start_blocking().unwrap();
    let old = Client {
        versions: OLD,
        ..client(&broker)
    };
    old.asks(broker.bootstrap()).unwrap_err();
    closed_because(&broker, "no version or cipher in common");
    assert_eq!(client(&broker).asks(broker.bootstrap()).unwrap(), 7);
}

#[test]
fn a_client_is_who_its_certificate_says() {
    let rules = "RULE:^CN=(al.*?)$/$1/U,DEFAULT";
    let builder = Broker::builder()
        .tls_client("alice")
        .config("ssl.client.auth", "required")
        .config("ssl.principal.mapping.rules", rules);
    let broker = builder.start_blocking().unwrap();
    let address = broker.bootstrap();
    for name in ["client", "alice"] {
        let shows = Some(name);
        assert_eq!(
            Client {
                shows,
                ..client(&broker)
            }
            .asks(address)
            .unwrap(),
            7
        );
    }
    client(&broker).asks(address).unwrap_err();
    closed_because(&broker, "the client showed no certificate");
    assert_eq!(principals(&broker), ["User:CN=client", "User:ALICE"]);
}

#[test]
fn a_certificate_that_no_rule_is_about_closes_the_connection() {
    let builder = Broker::builder()
        .tls()
        .config("ssl.client.auth", "requested")
        .config("ssl.principal.mapping.rules", "RULE:^OU=.*$/x/");
    let broker = builder.start_blocking().unwrap();
    assert_eq!(client(&broker).asks(broker.bootstrap()).unwrap(), 7);
    let shows = Some("client");
    Client {
        shows,
        ..client(&broker)
    }
    .asks(broker.bootstrap())
    .unwrap_err();
    closed_because(&broker, "Failed to map name for 'CN=client'");
}

#[test]
fn strangers_certificates_are_not_taken() {
    let builder = Broker::builder()
        .tls()
        .config("ssl.client.auth", "required");
    let broker = builder.start_blocking().unwrap();
    let other = Broker::builder().tls().start_blocking().unwrap();
    let folder = tempdir("strangers");
    for (file, of) in [("ca.pem", &broker), ("client.pem", &other)] {
        let from = of.certificates().unwrap().folder().join(file);
        fs::copy(from, folder.join(file)).unwrap();
    }
    let stranger = Client {
        folder: &folder,
        shows: Some("client"),
        ..client(&broker)
    };
    stranger.asks(broker.bootstrap()).unwrap_err();
    closed_because(&broker, "nobody in the trust store has signed");
    // And the other way round: the client does not know who signed the broker's.
    client(&other).asks(broker.bootstrap()).unwrap_err();
    closed_because(&broker, "the client does not take the broker's certificate");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_certificate_expires_by_the_clusters_clock() {
    let hour = Duration::from_secs(3600);
    let builder = Broker::builder().clock(Clock::manual()).tls_valid_for(hour);
    let broker = builder.start_blocking().unwrap();
    let address = broker.bootstrap().to_owned();
    let mut early = client(&broker).connect(&address);
    early.write_all(&API_VERSIONS).unwrap();
    let mut answer = [0; 8];
    early.read_exact(&mut answer).unwrap();
    assert_eq!(client(&broker).asks(&address).unwrap(), 7);
    broker.clock().advance_blocking(hour * 2).unwrap();
    let error = client(&broker).asks(&address).unwrap_err();
    assert!(error.to_string().contains("CertificateExpired"), "{error}");
    closed_because(&broker, "has expired by the cluster's clock");
}

#[test]
fn a_test_has_certificates_expire_in_mid_run() {
    let builder = Broker::builder()
        .tls_client("alice")
        .config("ssl.client.auth", "required");
    let broker = builder.start_blocking().unwrap();
    let address = broker.bootstrap().to_owned();
    let alice = Client {
        shows: Some("alice"),
        ..client(&broker)
    };
    let other = Client {
        shows: Some("client"),
        ..alice
    };
    let mut open = alice.connect(&address);
    let mut asks = || {
        open.write_all(&API_VERSIONS).unwrap();
        let mut length = [0; 4];
        open.read_exact(&mut length).unwrap();
        let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
        open.read_exact(&mut answer).unwrap();
    };
    asks();
    broker.expire_certificate("alice").unwrap();
    // Who is connected stays so, and others come.
    asks();
    alice.asks(&address).unwrap_err();
    closed_because(&broker, "the client's certificate has expired");
    assert_eq!(other.asks(&address).unwrap(), 7);
    broker.renew_certificate("CN=alice").unwrap();
    assert_eq!(alice.asks(&address).unwrap(), 7);
    let served = &broker.served_certificates()[0];
    assert!(!served.has_expired && served.names.contains(&"DNS:localhost".to_owned()));
    broker.expire_certificate(&served.subject).unwrap();
    let error = alice.asks(&address).unwrap_err();
    assert!(error.to_string().contains("CertificateExpired"), "{error}");
    assert!(broker.served_certificates()[0].has_expired);
    broker.journal().kind("certificate_expired").assert_count(2);
    broker.reset_blocking().unwrap();
    assert_eq!(alice.asks(&address).unwrap(), 7);
    assert!(broker.renew_certificate("nobody").is_err());
    let plain = Broker::builder().start_blocking().unwrap();
    let refused = plain.expire_certificate("alice").unwrap_err().to_string();
    assert!(refused.contains("no listener has TLS"), "{refused}");
}

#[test]
fn plain_text_and_tls_are_told_apart() {
    let builder = Broker::builder()
        .listener(Listener::new("PLAIN", Protocol::Plaintext))
        .listener(Listener::new("SECURE", Protocol::Ssl))
        .tls();
    let broker = builder.start_blocking().unwrap();
    let mut plain = socket(broker.bootstrap_of("SECURE").unwrap());
    plain.write_all(&API_VERSIONS).unwrap();
    assert_eq!(plain.read(&mut [0]).unwrap_or(0), 0);
    closed_because(
        &broker,
        "a request in plain text came to a listener with TLS",
    );
    client(&broker)
        .asks(broker.bootstrap_of("PLAIN").unwrap())
        .unwrap_err();
    closed_because(&broker, "TLS ClientHello");
    let mut silent = socket(broker.bootstrap_of("SECURE").unwrap());
    silent.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(silent.read(&mut [0]).unwrap_or(0), 0);
    closed_because(&broker, "before the TLS handshake");
}

#[test]
fn clients_log_in_over_tls() {
    let builder = Broker::builder().tls().user("alice", "secret");
    let broker = builder.start_blocking().unwrap();
    assert_eq!(broker.bootstrap_of("SASL_SSL"), Some(broker.bootstrap()));
    let mut stream = client(&broker).connect(broker.bootstrap());
    let mut call = |key: u8, body: &[u8]| {
        let length = u32::try_from(body.len() + 10).unwrap();
        let mut frame = length.to_be_bytes().to_vec();
        frame.extend([
            0,
            key,
            0,
            if key == 17 { 1 } else { 0 },
            0,
            0,
            0,
            7,
            0xff,
            0xff,
        ]);
        frame.extend(body);
        stream.write_all(&frame).unwrap();
        let mut length = [0; 4];
        stream.read_exact(&mut length).unwrap();
        let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
        stream.read_exact(&mut answer).unwrap();
        answer
    };
    let mechanism = [&[0, 5][..], b"PLAIN"].concat();
    assert_eq!(call(17, &mechanism)[4..6], [0, 0]);
    let token = b"\0alice\0secret";
    let token = [&[0, 0, 0, 13][..], token].concat();
    assert_eq!(call(36, &token)[4..6], [0, 0]);
    call(18, &[]);
    assert!(principals(&broker).contains(&"User:alice".to_owned()));
}
