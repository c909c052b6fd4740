//! Clients log in as to Amazon MSK, and with bearer tokens: over sockets, message by message.

#![cfg(all(feature = "control", feature = "oauth"))]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

#[path = "logins/policies.rs"]
mod policies;
#[path = "logins/rules.rs"]
mod rules;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fauxka::clock::Clock;
use fauxka::iam::{AccessKey, Msk};
use fauxka::{Broker, Builder};
use serde_json::Value as Json;

/// Some minutes after `fixtures/aws` was signed.
const SIGNED: Duration = Duration::from_secs(1_796_011_980);
const ALICE: &str = "arn:aws:iam::123456789012:user/alice";

fn start(builder: Builder) -> Broker {
    let clock = Clock::manual().starting_at(SystemTime::UNIX_EPOCH + SIGNED);
    let builder = builder
        .clock(clock)
        .config("connection.failed.authentication.delay.ms", "0");
    builder.start_blocking().unwrap()
}

/// A connection, and what is sent by it.
struct Client(TcpStream);

/// What came of a token: the answer's error code, its message, and for how many milliseconds the session lasts.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    error: i16,
    message: String,
    token: Vec<u8>,
    lasts_ms: i64,
}

impl Client {
    fn dial(broker: &Broker) -> Self {
        let stream = TcpStream::connect(broker.bootstrap()).unwrap();
        let patience = Duration::from_secs(20);
        stream.set_read_timeout(Some(patience)).unwrap();
        Self(stream)
    }

    fn call(&mut self, (key, version): (u8, u8), body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 10).unwrap();
        let mut frame = length.to_be_bytes().to_vec();
        frame.extend([0, key, 0, version, 0, 0, 0, 7, 0xff, 0xff]);
        frame.extend(body);
        self.0.write_all(&frame).unwrap();
        let mut length = [0; 4];
        self.0.read_exact(&mut length).unwrap();
        let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
        self.0.read_exact(&mut answer).unwrap();
        answer[4..].to_vec()
    }

    fn shake_hands(&mut self, mechanism: &str) {
        let length = u16::try_from(mechanism.len()).unwrap().to_be_bytes();
        let answer = self.call((17, 1), &[&length[..], mechanism.as_bytes()].concat());
        assert_eq!(answer[..2], [0, 0], "{mechanism}");
    }

    /// SaslAuthenticate v1.
    fn authenticate(&mut self, token: &[u8]) -> Answer {
        let length = u32::try_from(token.len()).unwrap().to_be_bytes();
        let answer = self.call((36, 1), &[&length[..], token].concat());
        let number = |at: usize| i16::from_be_bytes([answer[at], answer[at + 1]]);
        let end = 4 + usize::try_from(number(2).max(0)).unwrap();
        let bytes = i32::from_be_bytes(answer[end..end + 4].try_into().unwrap());
        let rest = end + 4 + usize::try_from(bytes).unwrap();
        Answer {
            error: number(0),
            message: String::from_utf8(answer[4..end].to_vec()).unwrap(),
            token: answer[end + 4..rest].to_vec(),
            lasts_ms: i64::from_be_bytes(answer[rest..rest + 8].try_into().unwrap()),
        }
    }
}

fn log_in(broker: &Broker, mechanism: &str, token: &[u8]) -> Answer {
    let mut client = Client::dial(broker);
    client.shake_hands(mechanism);
    let answer = client.authenticate(token);
    if answer.error == 0 {
        // The journal names who asks.
        client.call((18, 0), &[]);
    }
    answer
}

/// What a client of OAUTHBEARER sends first.
fn bearer(token: &str) -> Vec<u8> {
    format!("n,,\u{1}auth=Bearer {token}\u{1}\u{1}").into_bytes()
}

/// What a signer sends, by the mechanism; the last part says whether there is a session token in it.
fn signed() -> Vec<(String, String, Vec<u8>, bool)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/aws/requests.txt");
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let read = lines.map(|line| {
        let parts: Vec<_> = line.splitn(3, ' ').collect();
        let (content, token) = match parts[1] {
            "OAUTHBEARER" => {
                let url = URL_SAFE_NO_PAD.decode(parts[2].trim_end_matches('='));
                (String::from_utf8(url.unwrap()).unwrap(), bearer(parts[2]))
            }
            _ => (parts[2].to_owned(), parts[2].as_bytes().to_vec()),
        };
        let has_session = content.to_ascii_lowercase().contains("security-token");
        (parts[0].to_owned(), parts[1].to_owned(), token, has_session)
    });
    read.collect()
}

fn key() -> AccessKey {
    AccessKey::new(
        "AKIAEXAMPLEEXAMPLE00",
        "exampl3/Secret+Key/0123456789abcdefABCDEF",
        ALICE,
    )
}

fn with_key(key: AccessKey) -> Builder {
    let host = "b-1.demo.a1b2c3.c2.kafka.us-east-1.amazonaws.com";
    Broker::builder()
        .access_key(key)
        .msk(Msk::default().host(host))
}

/// Why log-ins were refused, as the journal says.
fn refusals(broker: &Broker) -> String {
    broker.journal().to_json_lines()
}

#[test]
fn what_signers_of_aws_send_lets_their_clients_in() {
    let plain = start(with_key(key()));
    let session = key().session_token("FwoGZXIvYXdzEXAMPLE//token+with/slashes==");
    let session = start(with_key(session));
    let mut count = 0;
    for (signer, mechanism, token, has_session) in signed() {
        let (right, wrong) = if has_session {
            (&session, &plain)
        } else {
            (&plain, &session)
        };
        let answer = log_in(right, &mechanism, &token);
        assert_eq!(answer.error, 0, "{signer}: {}", answer.message);
        let is_jvm = mechanism == "AWS_MSK_IAM";
        assert_eq!(!answer.token.is_empty(), is_jvm, "{signer}");
        assert_eq!(log_in(wrong, &mechanism, &token).error, 58, "{signer}");
        count += 1;
    }
    assert_eq!(count, 20);
    let rows = refusals(&plain);
    assert!(rows.contains("wrong session token"), "{rows}");
}

#[test]
fn failures_are_told_apart() {
    #[track_caller]
    fn check(builder: Builder, why: &str) {
        let broker = start(builder);
        for (_, mechanism, token, has_session) in signed() {
            if !has_session {
                let answer = log_in(&broker, &mechanism, &token);
                assert_eq!(answer.error, 58);
                assert!(answer.message.ends_with("]: Access denied"), "{answer:?}");
            }
        }
        let rows = refusals(&broker);
        assert!(rows.matches(why).count() >= 10, "{why}: {rows}");
    }
    let other = |id: &str, secret: &str| with_key(AccessKey::new(id, secret, ALICE));
    check(other("AKIAOTHER", "secret"), "unknown key: ");
    check(other("AKIAEXAMPLEEXAMPLE00", "secret"), "bad signature: ");
    let moved = Msk::default().region("eu-central-1");
    check(with_key(key()).msk(moved), "wrong region: ");
    let deny = r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    let denied = with_key(key()).policy("none", deny, [ALICE]);
    check(
        denied,
        "denied action: statement 1 of policy none (line 1) denies kafka-cluster:Connect",
    );
}

#[test]
fn what_was_signed_expires_on_the_clusters_clock() {
    let broker = start(with_key(key()));
    let (_, mechanism, token, _) = signed().remove(0);
    broker
        .clock()
        .advance_blocking(Duration::from_secs(601))
        .unwrap();
    assert_eq!(log_in(&broker, &mechanism, &token).error, 0);
    broker
        .clock()
        .advance_blocking(Duration::from_secs(60))
        .unwrap();
    assert_eq!(log_in(&broker, &mechanism, &token).error, 58);
    let rows = refusals(&broker);
    assert!(rows.contains("expired: it was good for 900 s"), "{rows}");
}

#[test]
fn keys_and_policies_change_while_the_cluster_runs() {
    let broker = start(with_key(key()));
    let (_, mechanism, token, _) = signed().remove(0);
    let comes_in = || log_in(&broker, &mechanism, &token).error == 0;
    let all =
        r#"{"Statement":[{"Effect":"Allow","Action":"kafka-cluster:Connect","Resource":"*"}]}"#;
    broker.put_policy("connect", all).unwrap();
    assert!(!comes_in(), "alice has no policy");
    broker.attach_policy("connect", ALICE).unwrap();
    assert!(comes_in());
    broker.detach_policy("connect", ALICE).unwrap();
    broker.remove_policy("connect").unwrap();
    broker.remove_access_key("AKIAEXAMPLEEXAMPLE00").unwrap();
    assert!(!comes_in(), "the key is gone");
    broker.reset_blocking().unwrap();
    assert!(comes_in(), "it was there from the start");
}

/// An answer of the control port: the status, and the body.
fn ask(broker: &Broker, request: &str, body: &str) -> (u16, Json) {
    let host = broker.control().unwrap().trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    let sent = format!(
        "{request}\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(sent.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or(Json::Null))
}

fn token_endpoint(broker: &Broker, form: &str) -> (u16, Json) {
    let request = "POST /oauth/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
    ask(broker, request, form)
}

#[test]
fn the_token_endpoint_gives_tokens_that_let_in_until_they_expire() {
    let broker = start(
        Broker::builder()
            .oauth()
            .user("alice", "secret")
            .control("127.0.0.1:0"),
    );
    let form = "grant_type=client_credentials&client_id=alice&client_secret=secret&scope=kafka";
    let (status, given) = token_endpoint(&broker, form);
    assert_eq!(
        (status, &given["expires_in"], &given["scope"]),
        (200, &3600.into(), &"kafka".into())
    );
    let token = given["access_token"].as_str().unwrap();
    let answer = log_in(&broker, "OAUTHBEARER", &bearer(token));
    assert_eq!(
        (answer.error, answer.lasts_ms),
        (0, 3_600_000),
        "{}",
        answer.message
    );
    assert!(refusals(&broker).contains("User:alice"));

    let exchanged = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={token}&audience=kafka"
    );
    let (status, given) = token_endpoint(&broker, &exchanged);
    assert_eq!(status, 200, "{given}");
    assert_eq!(
        given["issued_token_type"],
        "urn:ietf:params:oauth:token-type:access_token"
    );
    let (status, refused) = token_endpoint(&broker, &form.replace("=secret", "=wrong"));
    assert_eq!((status, &refused["error"]), (401, &"invalid_client".into()));
    let (status, refused) = token_endpoint(&broker, "grant_type=password");
    assert_eq!(
        (status, &refused["error"]),
        (400, &"unsupported_grant_type".into())
    );

    // Half a minute is what clocks may differ by.
    broker
        .clock()
        .advance_blocking(Duration::from_secs(3631))
        .unwrap();
    let mut client = Client::dial(&broker);
    client.shake_hands("OAUTHBEARER");
    let told = client.authenticate(&bearer(token));
    assert_eq!(told.token, br#"{"status":"invalid_token"}"#);
    assert_eq!(client.authenticate(&[1]).error, 58);
}

#[test]
fn tokens_that_nobody_signed_are_taken_where_kafka_takes_them() {
    let listener = "SASL_PLAINTEXT://127.0.0.1:0?mechanisms=OAUTHBEARER";
    let builder = || Broker::builder().listener(listener.parse().unwrap());
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    let expires = SIGNED.as_secs() + 60;
    let claims = part(format!(
        r#"{{"sub":"alice","exp":{expires},"role":"reader"}}"#
    ));
    let token = bearer(&format!(
        "{}.{claims}.",
        part(r#"{"alg":"none"}"#.to_owned())
    ));
    let answer = log_in(&start(builder()), "OAUTHBEARER", &token);
    assert_eq!(
        (answer.error, answer.lasts_ms),
        (0, 60_000),
        "{}",
        answer.message
    );
    let jaas = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredValidatorPrincipalClaimName=\"role\";";
    let named = start(builder().config(
        "listener.name.sasl_plaintext.oauthbearer.sasl.jaas.config",
        jaas,
    ));
    assert_eq!(log_in(&named, "OAUTHBEARER", &token).error, 0);
    assert!(refusals(&named).contains("User:reader"));
    let secured = builder()
        .config(
            "listener.name.sasl_plaintext.oauthbearer.sasl.server.callback.handler.class",
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler",
        )
        .config("sasl.oauthbearer.expected.issuer", "fauxka");
    let error = secured.clone().start_blocking().unwrap_err().to_string();
    assert!(
        error.contains("sasl.oauthbearer.expected.audience is not set"),
        "{error}"
    );
    let secured = start(secured.config("sasl.oauthbearer.expected.audience", "kafka"));
    let mut client = Client::dial(&secured);
    client.shake_hands("OAUTHBEARER");
    assert_eq!(
        client.authenticate(&token).token,
        br#"{"status":"invalid_token"}"#
    );
}

#[test]
fn aws_api_says_where_brokers_are() {
    let broker = start(
        with_key(key())
            .nodes(3)
            .control("127.0.0.1:0")
            .control_token("token"),
    );
    let arn = broker.cluster_arn();
    let path = arn.replace(':', "%3A").replace('/', "%2F");
    let get = |path: &str| ask(&broker, &format!("GET {path} HTTP/1.1"), "");
    let (status, all) = get("/v1/clusters");
    assert_eq!(status, 200);
    assert_eq!(all["clusterInfoList"][0]["clusterArn"], arn);
    let (_, brokers) = get(&format!("/v1/clusters/{path}/bootstrap-brokers"));
    assert_eq!(brokers["bootstrapBrokerStringSaslIam"], broker.bootstrap());
    let (_, one) = get(&format!("/api/v2/clusters/{path}"));
    assert_eq!(one["clusterInfo"]["provisioned"]["numberOfBrokerNodes"], 3);
    let (status, _) = get("/v1/clusters/arn%3Aaws%3Akafka%3Aus-east-1%3A1%3Acluster%2Fx%2Fy");
    assert_eq!(status, 404);
}
