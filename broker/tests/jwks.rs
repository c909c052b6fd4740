//! Keys for bearer tokens that come over HTTP: when they are asked for, and what becomes of what is none.

#![cfg(all(feature = "control", feature = "oauth"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test"
)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use fauxka::clock::Clock;
use fauxka::{Broker, Builder};

const PATIENCE: Duration = Duration::from_secs(20);
const HOUR: Duration = Duration::from_secs(3600);
const PREFIX: &str = "listener.name.sasl_plaintext.oauthbearer";
const HANDLER: &str =
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler";

/// Answers everybody the same, as long as nothing else is said.
#[derive(Clone)]
struct Provider {
    url: String,
    answer: Arc<Mutex<(String, usize)>>,
}

impl Provider {
    fn start(body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new((String::new(), 0)));
        let provider = Self { url, answer };
        provider.says(body);
        let said = Arc::clone(&provider.answer);
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut asked = [0; 4096];
                let _ = stream.read(&mut asked);
                let mut said = said.lock().unwrap();
                said.1 += 1;
                let _ = stream.write_all(said.0.as_bytes());
            }
        });
        provider
    }

    fn says(&self, body: &str) {
        let length = body.len();
        self.says_whole(&format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
    }

    fn says_whole(&self, answer: &str) {
        answer.clone_into(&mut self.answer.lock().unwrap().0);
    }

    fn was_asked(&self) -> usize {
        self.answer.lock().unwrap().1
    }
}

fn clock() -> Clock {
    Clock::manual().starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000))
}

/// Somebody who gives out tokens: one of them, and the keys.
fn issuer(seed: u64) -> (String, String) {
    let builder = Broker::builder().seed(seed).clock(clock());
    let builder = builder.oauth_lifetime(24 * HOUR).user("alice", "secret");
    let broker = builder.control("127.0.0.1:0").start_blocking().unwrap();
    let host = broker.control().unwrap().trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let asked = format!("GET /oauth/jwks HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, keys) = answer.split_once("\r\n\r\n").unwrap();
    (broker.token("alice", "secret").unwrap(), keys.to_owned())
}

fn builder(url: &str) -> Builder {
    Broker::builder()
        .clock(clock())
        .listener(
            "SASL_PLAINTEXT://127.0.0.1:0?mechanisms=OAUTHBEARER"
                .parse()
                .unwrap(),
        )
        .config(
            format!("{PREFIX}.sasl.server.callback.handler.class"),
            HANDLER,
        )
        .config("sasl.oauthbearer.expected.issuer", "fauxka")
        .config("sasl.oauthbearer.allow.unverified.audience", "true")
        .config("sasl.oauthbearer.jwks.endpoint.url", url)
        .config("connection.failed.authentication.delay.ms", "0")
}

fn call(stream: &mut TcpStream, key: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 10).unwrap();
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend([0, key, 0, 1, 0, 0, 0, 7, 0xff, 0xff]);
    frame.extend(body);
    stream.write_all(&frame).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
    stream.read_exact(&mut answer).unwrap();
    answer
}

/// Whether a token lets in.
fn lets_in(broker: &Broker, token: &str) -> bool {
    let mut stream = TcpStream::connect(broker.bootstrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    call(&mut stream, 17, &[&[0, 11][..], b"OAUTHBEARER"].concat());
    let sent = format!("n,,\u{1}auth=Bearer {token}\u{1}\u{1}");
    let length = u32::try_from(sent.len()).unwrap().to_be_bytes();
    let answer = call(&mut stream, 36, &[&length[..], sent.as_bytes()].concat());
    !String::from_utf8_lossy(&answer).contains("invalid_token")
}

fn came(broker: &Broker, times: usize) {
    let rows = broker.journal().kind("keys_fetched");
    rows.wait_for_blocking(times, PATIENCE).unwrap();
}

/// Two sets in one.
fn both(one: &str, other: &str) -> String {
    let list = |text: &str| {
        let all: serde_json::Value = serde_json::from_str(text).unwrap();
        all["keys"].as_array().unwrap().clone()
    };
    let keys = [list(one), list(other)].concat();
    serde_json::json!({ "keys": keys }).to_string()
}

#[test]
fn keys_are_asked_for_again_on_the_clusters_clock() {
    let ((old, old_keys), (new, new_keys)) = (issuer(1), issuer(2));
    let provider = Provider::start(&old_keys);
    let broker = builder(&provider.url).start_blocking().unwrap();
    assert!(lets_in(&broker, &old));
    provider.says(&new_keys);
    broker.clock().advance_blocking(HOUR).unwrap();
    came(&broker, 2);
    assert!(lets_in(&broker, &new));
    assert!(!lets_in(&broker, &old), "its key is gone");
    assert_eq!(broker.clock().advance_to_next_blocking().unwrap(), []);
}

#[test]
fn a_token_with_an_unknown_key_has_keys_come_once_a_minute() {
    let ((old, old_keys), (new, new_keys)) = (issuer(1), issuer(2));
    let provider = Provider::start(&old_keys);
    let broker = builder(&provider.url).start_blocking().unwrap();
    assert!(
        !lets_in(&broker, &new),
        "Kafka answers first, and asks then"
    );
    came(&broker, 2);
    assert!(!lets_in(&broker, &new), "the key is not there");
    assert_eq!(
        provider.was_asked(),
        2,
        "and is not asked for again so soon"
    );
    provider.says(&both(&old_keys, &new_keys));
    broker
        .clock()
        .advance_blocking(Duration::from_secs(60))
        .unwrap();
    assert!(!lets_in(&broker, &new));
    came(&broker, 3);
    assert!(lets_in(&broker, &new) && lets_in(&broker, &old));
    assert_eq!(provider.was_asked(), 3);
}

#[test]
fn what_is_no_set_of_keys_ends_the_start_and_says_why() {
    let provider = Provider::start("");
    let failed = |answer: &str| {
        provider.says_whole(answer);
        let error = builder(&provider.url).start_blocking().unwrap_err();
        error.to_string()
    };
    let ok = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    let endless = format!("{ok}{}", "x".repeat(600_000));
    for (answer, why) in [
        (&*format!("{ok}<html>"), "the JWKS is not a JSON object"),
        (&*format!("{ok}{{}}"), "does not include the keys member"),
        (&*endless, "more than 524288 bytes"),
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "404 Not Found",
        ),
        ("SSH-2.0-OpenSSH\r\n", "HTTP"),
        (
            "HTTP/1.1 302 Found\r\nLocation: /keys\r\nContent-Length: 0\r\n\r\n",
            "from place to place",
        ),
    ] {
        let said = failed(answer);
        assert!(
            said.starts_with("sasl.oauthbearer.jwks.endpoint.url http://127"),
            "{said}"
        );
        assert!(said.contains(why) && said.lines().count() == 1, "{said}");
    }
    let refused = |url: &str| builder(url).start_blocking().unwrap_err().to_string();
    assert!(refused("ftp://localhost/keys").contains("\"file\" protocol"));
    assert!(refused("http://alice:secret@localhost/").contains("has a user"));
}

#[test]
fn what_is_no_set_of_keys_leaves_those_that_are_there() {
    let (token, keys) = issuer(1);
    let provider = Provider::start(&keys);
    let broker = builder(&provider.url);
    let broker = broker.config("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", "100");
    let broker = broker.start_blocking().unwrap();
    provider.says("[]");
    broker.clock().advance_blocking(HOUR).unwrap();
    let rows = broker.journal().kind("keys_not_fetched");
    rows.wait_for_blocking(1, PATIENCE).unwrap();
    assert!(lets_in(&broker, &token));
    // Keys of kinds that nobody knows are passed over, as jose4j does.
    let strange = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"},{"kty":"EC","crv":"P-256K"},{"kty":7},"key"]}"#;
    provider.says(&both(strange, &keys));
    broker.clock().advance_blocking(HOUR).unwrap();
    came(&broker, 2);
    let row = broker.journal().kind("keys_fetched").last().unwrap();
    assert!(
        row.to_string().ends_with(": 1, and 4 that cannot be used"),
        "{row}"
    );
    assert!(lets_in(&broker, &token));
}

#[test]
fn a_recording_has_the_keys_and_none_of_their_secrets() {
    let (token, keys) = issuer(1);
    let secret = r#"{"keys":[{"kty":"oct","kid":"o","k":"UExBTlRFRC1zZWNyZXQ"}]}"#;
    let provider = Provider::start(&both(secret, &keys));
    let path = std::env::temp_dir().join(format!("fauxka-jwks-{}.run", std::process::id()));
    let broker = builder(&provider.url)
        .record(&path)
        .start_blocking()
        .unwrap();
    assert!(lets_in(&broker, &token));
    drop(broker);
    let mut text = String::new();
    let file = std::fs::File::open(&path).unwrap();
    let mut file = flate2::read::MultiGzDecoder::new(file);
    file.read_to_string(&mut text).unwrap();
    assert!(text.contains("key_set_came"), "{text}");
    assert!(!text.contains("UExBTlRFRC1zZWNyZXQ"));
    let rerun = fauxka::recording::Recording::load(&path).unwrap();
    let again = rerun.rerun().unwrap().serve().start_blocking().unwrap();
    let asked = provider.was_asked();
    assert!(
        lets_in(&again, &token),
        "it is checked with the keys that came"
    );
    assert_eq!(provider.was_asked(), asked);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_cluster_in_memory_asks_nobody() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let error = runtime.block_on(async {
        builder("http://127.0.0.1:9/keys")
            .start_in_memory()
            .unwrap_err()
            .to_string()
    });
    assert!(error.contains("a cluster in memory asks nobody"), "{error}");
}
