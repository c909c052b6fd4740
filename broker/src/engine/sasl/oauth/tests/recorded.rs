//! What Kafka's own server said of the same messages: see `fixtures/oauth`.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::engine::rng::Rng;
use crate::engine::sasl::aws::{Aws, Reached};
use crate::engine::sasl::oauth::{Judges, Jwks, Secured, Server, Unsecured, Validator};
use crate::engine::sasl::outcome::{Failed, Turn};
use crate::wire::units::WallMillis;

/// By the name of the rules.
fn validator(rules: &str, keys: &Jwks) -> Validator {
    let of_anybody = rules == "anybody";
    match rules {
        "unsecured" => Validator::default(),
        "scoped" => Validator::Unsecured(Unsecured {
            required_scope: vec!["a".to_owned(), "b".to_owned()],
            ..Unsecured::default()
        }),
        _ => Validator::Secured(Secured {
            audiences: if of_anybody {
                Vec::new()
            } else {
                vec!["me".to_owned(), "us".to_owned()]
            },
            issuer: (!of_anybody).then(|| "issuer".to_owned()),
            clock_skew_s: 30,
            scope_claim: "scope".to_owned(),
            subject_claim: "sub".to_owned(),
            keys: keys.clone(),
            set: None,
        }),
    }
}

/// What comes of a message, as the fixture says it.
fn came(server: &mut Server, sent: &[u8], judges: Judges<'_>) -> String {
    match server.take(sent, judges, &mut Rng::new(1)) {
        Ok(Turn::Challenge(_)) => "challenged".to_owned(),
        Ok(Turn::Refusal { token, .. }) => {
            let then = came(server, &[1], judges);
            format!("told {} then {then}", String::from_utf8(token).unwrap())
        }
        Ok(Turn::Done { name, expires, .. }) => format!("ok {} {name}", expires.unwrap().0),
        Err(Failed::Said(said) | Failed::Masked { said, .. }) => format!("said {said}"),
        Err(Failed::Hidden(why)) => format!("hidden {why}"),
        Err(Failed::Broken(_)) => "broken".to_owned(),
    }
}

#[test]
fn kafka_says_the_same() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/oauth/tokens.txt");
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let now = lines.next().unwrap().strip_prefix("now ").unwrap();
    let now = WallMillis(now.parse::<i64>().unwrap() * 1000);
    let keys = lines.next().unwrap().strip_prefix("jwks ").unwrap();
    let keys = Jwks::parse(keys).unwrap();
    let aws = Aws::default();
    let (mut different, mut count) = (Vec::new(), 0);
    for line in lines {
        let (case, expected) = line.split_once(" -> ").unwrap();
        let (rules, sent) = case.split_once(' ').unwrap();
        let sent = BASE64_STANDARD
            .decode(sent.trim_start_matches('-'))
            .unwrap();
        let validator = validator(rules, &keys);
        let judges = Judges {
            validator: Some(&validator),
            aws: &aws,
            reached: Reached {
                now,
                hosts: &[],
                policies: None,
            },
        };
        let came = came(&mut Server::new(), &sent, judges);
        let expected = match expected.split_once(' ') {
            Some(("broken", _)) => "broken",
            _ => expected,
        };
        count += 1;
        if came != expected {
            let sent = String::from_utf8_lossy(&sent).into_owned();
            different.push(format!(
                "{rules} {sent:?}\n  Kafka: {expected}\n  here:  {came}"
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(count > 250, "{count}");
}
