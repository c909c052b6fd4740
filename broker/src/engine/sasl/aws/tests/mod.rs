//! What published signers send, which must verify, and the same bent in one place, which must not: see `fixtures/aws`.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{AccessKey, Aws, Denied, Form, Reached, moment};
use crate::wire::units::WallMillis;

const ID: &str = "AKIAEXAMPLEEXAMPLE00";
const SECRET: &str = "exampl3/Secret+Key/0123456789abcdefABCDEF";
const SESSION: &str = "FwoGZXIvYXdzEXAMPLE//token+with/slashes==";
const ARN: &str = "arn:aws:iam::123456789012:user/alice";
const BROKER: &str = "b-1.demo.a1b2c3.c2.kafka.us-east-1.amazonaws.com";

/// What one signer sent.
struct Golden {
    signer: String,
    form: Form,
    sent: String,
}

impl Golden {
    /// The JSON object, or the URL.
    fn text(&self) -> String {
        match self.form {
            Form::Payload => self.sent.clone(),
            Form::Token => String::from_utf8(URL_SAFE_NO_PAD.decode(&self.sent).unwrap()).unwrap(),
        }
    }

    fn is_session(&self) -> bool {
        self.text().to_ascii_lowercase().contains("security-token")
    }

    /// When it was signed.
    fn signed(&self) -> WallMillis {
        let text = self.text();
        let at = text.find("T04").unwrap();
        moment::parse(&text[at - 8..at + 8]).unwrap()
    }

    /// What is sent instead if the text is another.
    fn as_sent(&self, text: &str) -> Vec<u8> {
        match self.form {
            Form::Payload => text.as_bytes().to_vec(),
            Form::Token => URL_SAFE_NO_PAD.encode(text).into_bytes(),
        }
    }
}

fn all() -> Vec<Golden> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/aws/requests.txt");
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let read = |line: &str| {
        let mut parts = line.splitn(3, ' ').map(str::to_owned);
        let signer = parts.next().unwrap();
        let form = match parts.next().unwrap().as_str() {
            "AWS_MSK_IAM" => Form::Payload,
            _ => Form::Token,
        };
        let sent = parts.next().unwrap();
        Golden { signer, form, sent }
    };
    lines.map(read).collect()
}

fn aws(is_session: bool) -> Aws {
    let mut aws = Aws::default();
    aws.keys.add(AccessKey {
        id: ID.to_owned(),
        secret: SECRET.to_owned(),
        session_token: is_session.then(|| SESSION.to_owned()),
        expires: None,
        arn: ARN.to_owned(),
    });
    aws
}

fn verify(aws: &Aws, form: Form, sent: &[u8], now: WallMillis) -> Result<String, Denied> {
    let hosts = [BROKER.to_owned(), "127.0.0.1".to_owned()];
    let hosts = &hosts;
    let key = aws.verify(
        form,
        sent,
        Reached {
            now,
            hosts,
            policies: None,
        },
    );
    key.map(|key| key.arn.clone())
}

#[test]
fn what_published_signers_send_verifies() {
    let all = all();
    let signers: std::collections::BTreeSet<_> =
        all.iter().map(|golden| golden.signer.as_str()).collect();
    assert_eq!((all.len(), signers.len()), (20, 6));
    for golden in all {
        let aws = aws(golden.is_session());
        for wait_s in [-900, 0, 298] {
            let now = WallMillis(golden.signed().0 + wait_s * 1000);
            let verified = verify(&aws, golden.form, golden.sent.as_bytes(), now);
            assert_eq!(verified.as_deref(), Ok(ARN), "{}", golden.signer);
        }
    }
}

/// Every character but those of what is not signed is changed, one after the other.
#[test]
fn bent_anywhere_none_verifies() {
    let mut bent = 0;
    for golden in all() {
        let (aws, text, now) = (aws(golden.is_session()), golden.text(), golden.signed());
        let agent = text.to_ascii_lowercase().find("user-agent").unwrap();
        let end = text[agent + 13..]
            .find(['"', '&'])
            .map_or(text.len(), |end| agent + 13 + end);
        for at in (0..text.len()).filter(|at| !(agent..end).contains(at)) {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let sent = golden.as_sent(std::str::from_utf8(&bytes).unwrap());
            let verified = verify(&aws, golden.form, &sent, now);
            assert!(verified.is_err(), "{} bent at {at}", golden.signer);
            bent += 1;
        }
    }
    assert!(bent > 8000, "{bent}");
}

#[track_caller]
fn check(change: impl Fn(&str) -> String, expected: &str) {
    for golden in all().iter().filter(|golden| !golden.is_session()) {
        let text = change(&golden.text());
        let sent = golden.as_sent(&text);
        let denied = verify(&aws(false), golden.form, &sent, golden.signed());
        let said = denied.unwrap_err().to_string();
        assert!(
            said.starts_with(expected),
            "{}: {said}\n{text}",
            golden.signer
        );
    }
}

#[test]
fn each_failure_is_told_apart() {
    let replaced = |from: &'static str, to: &'static str| move |text: &str| text.replace(from, to);
    check(
        replaced(ID, "AKIAOTHER"),
        "unknown key: there is no access key \"AKIAOTHER\"",
    );
    check(
        |text| {
            text.replace("/us-east-1/", "/eu-west-1/")
                .replace("%2Fus-east-1%2F", "%2Feu-west-1%2F")
        },
        "wrong region: it is signed for \"eu-west-1\", and the cluster is in \"us-east-1\"",
    );
    check(
        |text| {
            text.replace("/kafka-cluster/", "/kafka/")
                .replace("%2Fkafka-cluster%2F", "%2Fkafka%2F")
        },
        "wrong service: it is signed for \"kafka\" instead of \"kafka-cluster\"",
    );
    check(
        |text| {
            text.replace("localhost", "example.org")
                .replace(BROKER, "example.org")
                .replace("kafka.us-east-1.amazonaws.com", "example.org")
        },
        "wrong host: it is signed for \"example.org\"",
    );
    check(
        |text| {
            text.replace(":Connect", ":ReadData")
                .replace("%3AConnect", "%3AReadData")
        },
        "wrong action: it signs \"kafka-cluster:ReadData\"",
    );
    check(
        |text| text.replace("-HMAC-SHA256", "-HMAC-SHA1"),
        "malformed: its algorithm",
    );
    check(
        |text| {
            let bent = |digit: &str, other: &str| {
                text.replace(&format!("ignature{digit}"), &format!("ignature{other}"))
            };
            let bent_json = bent("\":\"", "\":\"0");
            if bent_json == text {
                bent("=", "=0")
            } else {
                bent_json
            }
        },
        "bad signature",
    );
}

#[test]
fn time_is_the_clusters() {
    for golden in all() {
        let aws = aws(golden.is_session());
        let verify = |wait_s: i64| {
            let now = WallMillis(golden.signed().0 + wait_s * 1000);
            let denied = verify(&aws, golden.form, golden.sent.as_bytes(), now);
            denied.map_err(|denied| denied.to_string())
        };
        let age = verify(900).unwrap_err();
        assert!(age.starts_with("expired: it was good for "), "{age}");
        assert!(age.ends_with("signed 900 s ago"), "{age}");
        let ahead = verify(-901).unwrap_err();
        assert!(
            ahead.starts_with("not yet valid: it was signed 901 s from now"),
            "{ahead}"
        );
    }
}

#[test]
fn sessions_have_their_tokens_and_their_ends() {
    for golden in all() {
        let now = golden.signed();
        let sent = golden.sent.as_bytes();
        let other = verify(&aws(!golden.is_session()), golden.form, sent, now);
        let said = other.unwrap_err().to_string();
        assert!(said.starts_with("wrong session token: "), "{said}");

        let mut aws = aws(golden.is_session());
        let mut key = aws.keys.get(ID).unwrap().clone();
        key.expires = Some(WallMillis(now.0 + 1));
        aws.keys.add(key);
        assert!(verify(&aws, golden.form, sent, now).is_ok());
        let over = verify(&aws, golden.form, sent, WallMillis(now.0 + 1)).unwrap_err();
        assert_eq!(over.told(), "Session too short");
    }
}

#[test]
fn what_is_no_request_is_malformed() {
    let check = |form, sent: &[u8], expected: &str| {
        let denied = verify(&aws(false), form, sent, WallMillis(0));
        let expected = format!("malformed: {expected}");
        assert_eq!(denied.unwrap_err().to_string(), expected);
    };
    let no_object = "it is not a JSON object of strings";
    for sent in ["", "{", "[]", "1", "{\"version\":1}", "\u{0}"] {
        check(Form::Payload, sent.as_bytes(), no_object);
    }
    check(Form::Payload, b"\xff", no_object);
    check(Form::Payload, b"{}", "it has no version");
    check(
        Form::Payload,
        br#"{"version":"2021_10_22"}"#,
        "its version is \"2021_10_22\" instead of \"2020_10_22\"",
    );
    check(
        Form::Payload,
        br#"{"version":"2020_10_22","host":"a","x-amz-signature":"b","x-amz-other":"c"}"#,
        "it has an unknown field \"x-amz-other\"",
    );
    let url = |url: &str| URL_SAFE_NO_PAD.encode(url).into_bytes();
    check(Form::Token, b"", "it is not a URL in base64url");
    check(Form::Token, b"!", "it is not a URL in base64url");
    check(
        Form::Token,
        &url("http://a?b"),
        "its URL does not begin with https://",
    );
    check(Form::Token, &url("https://a"), "its URL has no query");
    check(
        Form::Token,
        &url("https://a/?b=%f"),
        "its query is not percent-encoded UTF-8",
    );
    check(Form::Token, &url("https://a/?b=1&b=2"), "it has b twice");
    check(
        Form::Token,
        &url("https://a/?b"),
        "it has no X-Amz-Signature",
    );
    check(
        Form::Token,
        &url("https://a?X-Amz-Signature=b"),
        "it has no Action",
    );
}
