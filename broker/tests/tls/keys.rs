//! Keys and certificates of one's own, in files and in the settings.

use std::fs;
use std::path::Path;

use fauxka::listeners::{Listener, Protocol};
use fauxka::{Broker, Builder};
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::client::{Client, NEW, tempdir};

/// A cluster that serves with the store at this path.
fn with_store(path: &Path, settings: &[(&str, &str)]) -> Builder {
    let builder = Broker::builder()
        .listener(Listener::new("SSL", Protocol::Ssl))
        .config("ssl.keystore.location", path.display().to_string());
    let mut settings = settings.iter();
    settings
        .try_fold(builder, |builder, (name, value)| {
            Some(builder.config(*name, *value))
        })
        .unwrap()
}

#[test]
fn keys_of_ones_own_are_served() {
    let folder = tempdir("own");
    drop(Broker::builder().tls_in(&folder).start_blocking().unwrap());
    let pem = folder.join("broker.pem");
    let chain: Vec<_> = CertificateDer::pem_file_iter(&pem)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let key = PrivateKeyDer::from_pem_file(&pem).unwrap();
    let chain = chain.iter().map(|der| Certificate::from_der(der).unwrap());
    let mut store = KeyStore::new();
    let own = PrivateKey::from_der(key.secret_der()).unwrap();
    let keys = PrivateKeyChain::new(vec![1], own, chain);
    store.add_entry("broker", KeyStoreEntry::PrivateKeyChain(keys));
    let p12 = folder.join("broker.p12");
    fs::write(&p12, store.writer("opensesame").write().unwrap()).unwrap();
    let serves = |builder: Builder| {
        let broker = builder.start_blocking().unwrap();
        let client = Client {
            folder: &folder,
            shows: None,
            versions: NEW,
        };
        assert_eq!(client.asks(broker.bootstrap()).unwrap(), 7);
    };
    serves(with_store(&pem, &[("ssl.keystore.type", "PEM")]));
    let password = ("ssl.keystore.password", "opensesame");
    serves(with_store(
        &p12,
        &[("ssl.keystore.type", "PKCS12"), password],
    ));
    // Kafka's default type, of which Java takes either.
    serves(with_store(&p12, &[password]));
    serves(with_store(
        &p12,
        &[("listener.name.ssl.ssl.keystore.type", "PKCS12"), password],
    ));
    let refused = |builder: Builder, why: &str| {
        let error = builder.start_blocking().unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    };
    let wrong = ("ssl.keystore.password", "wrong");
    refused(
        with_store(&p12, &[wrong]),
        "keystore password was incorrect",
    );
    refused(
        with_store(&pem, &[]),
        "it is PEM: set ssl.keystore.type=PEM",
    );
    refused(with_store(&folder.join("none"), &[]), "No such file");
    refused(
        with_store(&folder.join("ca.pem"), &[("ssl.keystore.type", "PEM")]),
        "no private key",
    );
    let jks = folder.join("broker.jks");
    fs::write(&jks, [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]).unwrap();
    refused(with_store(&jks, &[]), "keytool -importkeystore");
    let required = [
        ("ssl.keystore.type", "PEM"),
        ("ssl.client.auth", "required"),
    ];
    refused(
        with_store(&pem, &required),
        "ssl.client.auth needs ssl.truststore.location",
    );
    let plain = Broker::builder().listener(Listener::new("SSL", Protocol::Ssl));
    refused(plain, "start with --tls");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn keys_in_the_settings_are_served() {
    let folder = tempdir("inline");
    drop(Broker::builder().tls_in(&folder).start_blocking().unwrap());
    let pem = fs::read_to_string(folder.join("broker.pem")).unwrap();
    let (key, chain) = pem.split_at(pem.find("-----BEGIN CERTIFICATE").unwrap());
    let broker = Broker::builder()
        .listener(Listener::new("SSL", Protocol::Ssl))
        .config("ssl.keystore.type", "PEM")
        .config("ssl.keystore.key", key.replace('\n', " "))
        .config("ssl.keystore.certificate.chain", chain)
        .start_blocking()
        .unwrap();
    let client = Client {
        folder: &folder,
        shows: None,
        versions: NEW,
    };
    assert_eq!(client.asks(broker.bootstrap()).unwrap(), 7);
    fs::remove_dir_all(folder).unwrap();
}
