//! Tokens without a signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::engine::sasl::oauth::{Refused, Subject, Unsecured};
use crate::wire::units::WallMillis;

const NOW: WallMillis = WallMillis(1_000_000);

fn token(header: &str, claims: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.", part(header), part(claims))
}

fn subject(token: &str, rules: &Unsecured) -> Result<Subject, Refused> {
    rules.subject(token, NOW)
}

#[track_caller]
fn takes(claims: &str, name: &str, expires: i64) {
    let taken = subject(&token(r#"{"alg":"none"}"#, claims), &Unsecured::default());
    let expected = Subject {
        name: name.to_owned(),
        expires: WallMillis(expires),
    };
    assert_eq!(taken, Ok(expected), "{claims}");
}

#[track_caller]
fn refuses(token: &str, why: &str) {
    let refused = subject(token, &Unsecured::default());
    assert_eq!(refused, Err(Refused::Invalid(why.to_owned())), "{token}");
}

#[test]
fn claims_are_read_as_jackson_reads_them() {
    takes(r#"{"sub":"alice","exp":1001}"#, "alice", 1_001_000);
    takes(
        r#"{"sub":"alice","exp":1000.0015,"iat":1000}"#,
        "alice",
        1_000_002,
    );
    takes(r#"{"sub":null,"exp":1001}"#, "null", 1_001_000);
    takes(
        r#"{"sub":true,"exp":1001,"scope":["a",1]}"#,
        "true",
        1_001_000,
    );
    takes(r#"{"sub":"alice","exp":1001} and more"#, "alice", 1_001_000);
    takes(
        r#"{"sub":"bob","sub":"alice","exp":1e9}"#,
        "alice",
        1_000_000_000_000,
    );
}

#[test]
fn what_kafka_does_not_take_is_refused() {
    let none = r#"{"alg":"none"}"#;
    let claims = r#"{"sub":"alice","exp":1001}"#;
    let parts =
        "Unsecured JWS compact serializations must have 3 dot-separated Base64URL-encoded values";
    refuses("a..", "Malformed compact serialization contains '..'");
    for token in ["a", "a.", ".", "a.b", "a.b.c.d"] {
        refuses(token, parts);
    }
    refuses("a.b.", "malformed Base64 URL encoded value");
    refuses("~~~~.e30.", "malformed Base64 URL encoded value");
    refuses("e30.e.", "malformed Base64 URL encoded value");
    refuses(&token("{", claims), "malformed JSON");
    refuses(
        &format!("{}abc", token(none, claims)),
        "Unsecured JWS must not contain a digital signature",
    );
    let signed = "Unsecured JWS must have 'none' for an algorithm, since no sasl.oauthbearer.jwks.endpoint.url is set";
    refuses(&token(r#"{"alg":"RS256"}"#, claims), signed);
    refuses(&token(r#"{"alg":"NONE"}"#, claims), signed);
    let check = |claims: &str, why: &str| refuses(&token(none, claims), why);
    check("[]", "No expiration time in JWT");
    check(
        r#"{"exp":"1001"}"#,
        "The 'exp' claim was not of type Number",
    );
    check(r#"{"exp":1001}"#, "No principal name in JWT claim: sub");
    check(
        r#"{"exp":1001,"sub":" "}"#,
        "No principal name in JWT claim: sub",
    );
    check(
        r#"{"exp":1001,"sub":{}}"#,
        "No principal name in JWT claim: sub",
    );
    check(
        r#"{"exp":1001,"sub":"a","scope":1}"#,
        "The 'scope' claim was not of type List",
    );
    check(
        r#"{"exp":1001,"sub":"a","iat":"1"}"#,
        "The 'iat' claim was not of type Number",
    );
    check(r#"{"exp":1000,"sub":"a"}"#, "it expired 0 s ago");
    check(r#"{"exp":900,"sub":"a"}"#, "it expired 100 s ago");
    check(
        r#"{"exp":1003,"sub":"a","iat":1001}"#,
        "it was issued later than now, by the cluster's clock",
    );
    for header in ["{}", "[]", "", "1"] {
        let refused = subject(&token(header, claims), &Unsecured::default());
        let broken = Refused::Broken("JWS header must have an Algorithm value".to_owned());
        assert_eq!(refused, Err(broken), "{header}");
    }
}

#[test]
fn a_skew_is_allowed_and_a_scope_required() {
    let mut rules = Unsecured {
        clock_skew_ms: 1000,
        required_scope: vec!["a".to_owned(), "b".to_owned()],
        ..Unsecured::default()
    };
    let taken = token(
        r#"{"alg":"none"}"#,
        r#"{"exp":999.5,"sub":"x","scope":["b"," a "]}"#,
    );
    assert!(subject(&taken, &rules).is_ok());
    let lacking = token(
        r#"{"alg":"none"}"#,
        r#"{"exp":1001,"sub":"x","scope":"a b"}"#,
    );
    let refused = subject(&lacking, &rules);
    let why = "the scope \"a\" is required".to_owned();
    let required = "[a, b]".to_owned();
    assert_eq!(refused, Err(Refused::Scope { required, why }));
    rules.required_scope = vec!["a b".to_owned()];
    assert!(subject(&lacking, &rules).is_ok());
}
