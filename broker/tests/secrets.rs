//! Secrets that are planted wherever a cluster takes some show up nowhere: not in the journal, a recording, a snapshot, the
//! settings, the control port or the log.

#![cfg(all(feature = "tls", feature = "control"))]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fauxka::iam::AccessKey;
use fauxka::{Broker, Builder};
use flate2::read::MultiGzDecoder;
use tracing_subscriber::fmt::MakeWriter;

/// What must not be found; each is in one place alone.
const PLANTED: [&str; 11] = [
    "PLANTED-password-of-alice",
    "PLANTED-password-of-bob",
    "PLANTED-wrong-password",
    "PLANTED-keystore-password",
    "PLANTED-control-token",
    "PLANTED-jaas",
    "PLANTED-key-of-tokens",
    "PLANTED-secret-access-key",
    "PLANTED-session-token",
    "PLANTED-signature",
    "PLANTED.bearer.token",
];

const ALICE: &str = "arn:aws:iam::123456789012:user/alice";

/// What the log has.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn folder() -> PathBuf {
    let name = format!("fauxka-test-secrets-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A cluster that was given all of them.
fn cluster(folder: &std::path::Path) -> Builder {
    Broker::builder()
        .listener("SASL_PLAINTEXT://127.0.0.1:0".parse().unwrap())
        .listener("SSL://127.0.0.1:0".parse().unwrap())
        .tls()
        .user("alice", PLANTED[0])
        .access_key(AccessKey::new("AKIAEXAMPLE", PLANTED[7], ALICE).session_token(PLANTED[8]))
        .config("listener.name.ssl.ssl.keystore.password", PLANTED[3])
        .config("sasl.jaas.config", PLANTED[5])
        .config("delegation.token.secret.key", PLANTED[6])
        .lenient(true)
        .control("127.0.0.1:0")
        .control_token(PLANTED[4])
        .journal_bodies(true)
        .journal_file(folder.join("journal.jsonl"))
        .record(folder.join("recording.run"))
}

fn call(stream: &mut TcpStream, key: u8, version: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 10).unwrap();
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend([0, key, 0, version, 0, 0, 0, 7, 0xff, 0xff]);
    frame.extend(body);
    stream.write_all(&frame).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
    stream.read_exact(&mut answer).unwrap();
    answer
}

/// Logs in by PLAIN, and asks for all settings of the node if that was right.
fn log_in(address: &str, user: &str, password: &str) -> Vec<u8> {
    let token = format!("\0{user}\0{password}");
    exchange(address, "PLAIN", token.as_bytes())
}

/// Sends one token by a mechanism, and asks for all settings of the node if that was right.
fn exchange(address: &str, mechanism: &str, token: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let length = u16::try_from(mechanism.len()).unwrap().to_be_bytes();
    call(
        &mut stream,
        17,
        1,
        &[&length[..], mechanism.as_bytes()].concat(),
    );
    let length = u32::try_from(token.len()).unwrap().to_be_bytes();
    let mut heard = call(&mut stream, 36, 0, &[&length[..], token].concat());
    if heard[4..6] == [0, 0] {
        // DescribeConfigs v1 of broker 1, with synonyms.
        heard.extend(call(
            &mut stream,
            32,
            1,
            &[0, 0, 0, 1, 4, 0, 1, b'1', 0xff, 0xff, 0xff, 0xff, 1],
        ));
    }
    heard
}

/// Logs in as alice, and gets the secret of a delegation token.
fn token(address: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    let password = PLANTED[0];
    call(&mut stream, 17, 1, &[&[0, 5][..], b"PLAIN"].concat());
    let log_in = format!("\0alice\0{password}");
    let length = u32::try_from(log_in.len()).unwrap().to_be_bytes();
    call(
        &mut stream,
        36,
        0,
        &[&length[..], log_in.as_bytes()].concat(),
    );
    // CreateDelegationToken v1: no renewers, the longest life.
    let mut asked = vec![0; 4];
    asked.extend([0xff; 8]);
    let answer = call(&mut stream, 38, 1, &asked);
    assert_eq!(answer[4..6], [0, 0], "no token");
    // The secret's 64 bytes come before the throttle time.
    let secret = answer[answer.len() - 68..answer.len() - 4].to_vec();
    // DescribeDelegationToken v1, of everybody's.
    let described = call(&mut stream, 41, 1, &[0xff; 4]);
    assert!(described.windows(64).any(|known| known == secret));
    // RenewDelegationToken v1.
    let asked = [&[0, 0, 0, 64][..], &secret, &[0xff; 8]].concat();
    assert_eq!(
        call(&mut stream, 39, 1, &asked)[4..6],
        [0, 0],
        "not renewed"
    );
    secret
}

fn get(url: &str, path: &str, token: &str) -> Vec<u8> {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// A text, its base64 (which may begin at any of three places), and its bytes as hexadecimal digits.
fn forms(secret: &[u8]) -> Vec<String> {
    use base64::Engine as _;
    let encode = |text: &[u8]| base64::prelude::BASE64_STANDARD_NO_PAD.encode(text);
    let mut forms = Vec::from_iter(String::from_utf8(secret.to_vec()).ok());
    for skipped in 0..3 {
        let whole = &secret[skipped..];
        let whole = &whole[..whole.len() / 3 * 3];
        forms.push(encode(whole));
    }
    forms.push(secret.iter().map(|byte| format!("{byte:02x}")).collect());
    forms
}

fn check(place: &str, content: &[u8]) {
    assert!(!content.is_empty(), "{place} has nothing");
    let text = String::from_utf8_lossy(content);
    for secret in PLANTED {
        for form in forms(secret.as_bytes()) {
            assert!(!text.contains(&form), "{secret} is in {place}");
        }
    }
}

fn check_token(place: &str, content: &[u8], secret: &[u8]) {
    let text = String::from_utf8_lossy(content);
    for form in forms(secret) {
        assert!(!text.contains(&form), "a token's secret is in {place}");
    }
}

/// Rightly and wrongly, with names and passwords.
fn log_in_by_passwords(broker: &Broker) {
    check(
        "what alice hears",
        &log_in(broker.bootstrap(), "alice", PLANTED[0]),
    );
    check(
        "what bob hears",
        &log_in(broker.bootstrap(), "bob", PLANTED[1]),
    );
    check(
        "a refusal",
        &log_in(broker.bootstrap(), "alice", PLANTED[2]),
    );
}

/// Wrongly, with a request that is signed, and with a bearer token.
fn log_in_by_tokens(broker: &Broker) {
    let key = AccessKey::new("AKIAOTHER", PLANTED[7], ALICE).session_token(PLANTED[8]);
    broker.add_access_key(key).unwrap();
    let signed = format!(
        r#"{{"version":"2020_10_22","host":"localhost","user-agent":"a","action":"kafka-cluster:Connect",
        "x-amz-algorithm":"AWS4-HMAC-SHA256","x-amz-credential":"AKIAOTHER/20261130/us-east-1/kafka-cluster/aws4_request",
        "x-amz-date":"20261130T000000Z","x-amz-security-token":"{}","x-amz-signedheaders":"host","x-amz-expires":"900",
        "x-amz-signature":"{}"}}"#,
        PLANTED[8], PLANTED[9]
    );
    let refusal = exchange(broker.bootstrap(), "AWS_MSK_IAM", signed.as_bytes());
    check("a refusal of a signed request", &refusal);
    let bearer = format!("n,,\u{1}auth=Bearer {}\u{1}\u{1}", PLANTED[10]);
    let refusal = exchange(broker.bootstrap(), "OAUTHBEARER", bearer.as_bytes());
    check("a refusal of a token", &refusal);
}

#[test]
fn planted_secrets_are_found_nowhere() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_writer(lines.clone());
    subscriber.with_max_level(tracing::Level::TRACE).init();
    let folder = folder();
    let broker = cluster(&folder).start_blocking().unwrap();
    broker.add_user("bob", PLANTED[1]).unwrap();
    log_in_by_passwords(&broker);
    let secret = token(broker.bootstrap());
    log_in_by_tokens(&broker);
    let rows = broker.journal().to_json_lines();
    check_token("the journal", rows.as_bytes(), &secret);
    assert!(rows.contains("SaslAuthenticate"), "the bodies are there");
    check("the journal", rows.as_bytes());
    let url = broker.control().unwrap().to_owned();
    for path in [
        "/v1/cluster",
        "/v1/journal",
        "/v1/users",
        "/v1/access-keys",
        "/v1/policies",
        "/v1/topics",
        "/metrics",
        "/v1/faults",
    ] {
        check(path, &get(&url, path, PLANTED[4]));
    }
    check(
        "a refusal of the control port",
        &get(&url, "/v1/cluster", PLANTED[2]),
    );
    let snapshot = folder.join("snapshot");
    broker.snapshot().save(&snapshot).unwrap();
    check("the snapshot", &fs::read(&snapshot).unwrap());
    check_token("the snapshot", &fs::read(&snapshot).unwrap(), &secret);
    check("a handle's own words", format!("{broker:?}").as_bytes());
    let certificates = broker.certificates().unwrap();
    let key = fs::read_to_string(certificates.folder().join("broker.pem")).unwrap();
    let key = key.lines().nth(1).unwrap().to_owned();
    assert!(!rows.contains(&key), "a private key is in the journal");
    drop(broker);
    let mut recording = Vec::new();
    let file = fs::File::open(folder.join("recording.run")).unwrap();
    MultiGzDecoder::new(file)
        .read_to_end(&mut recording)
        .unwrap();
    check("the recording", &recording);
    check_token("the recording", &recording, &secret);
    check(
        "the journal's file",
        &fs::read(folder.join("journal.jsonl")).unwrap(),
    );
    check("the log", &lines.0.lock().unwrap());
    fs::remove_dir_all(folder).unwrap();
}
