//! Fault rules that reject log-ins, and the journal's rows of those that succeed.

use super::gate::{CONNECTION, bench, came, leave, open, step};
use crate::engine::fault::FaultId;
use crate::engine::journal::Event;
use crate::engine::testing::Bench;
use crate::wire::messages::SaslAuthenticateRequest;

fn mount(bench: &mut Bench, rule: &str) -> FaultId {
    let rule = serde_json::from_str(rule).unwrap();
    bench.engine.passage.faults.mount(rule, None).unwrap()
}

fn hits(bench: &Bench, id: FaultId) -> u64 {
    bench.engine.passage.faults.get(id).unwrap().hits
}

/// SaslHandshake v1 as it comes over the wire, on a connection of its own: a rule reads the body.
fn shake(bench: &mut Bench, mechanism: &str) -> String {
    leave(bench);
    open(bench, CONNECTION);
    let length = u16::try_from(mechanism.len()).unwrap().to_be_bytes();
    let body = [&length, mechanism.as_bytes()].concat();
    came(bench.send_body(CONNECTION, "me", (17, 1), body.into()))
}

/// SaslAuthenticate v1 in the same way.
fn token(bench: &mut Bench, token: &str) -> String {
    let length = u32::try_from(token.len()).unwrap().to_be_bytes();
    let body = [&length, token.as_bytes()].concat();
    came(bench.send_body(CONNECTION, "me", (36, 1), body.into()))
}

/// What comes of a log-in by PLAIN on a connection of its own.
fn log_in(bench: &mut Bench, name: &str) -> String {
    shake(bench, "PLAIN");
    let at_once = token(bench, &format!("\0{name}\0secret"));
    at_once + &step(bench, "wait 100")
}

const REJECTED: &str = "answered, closed (a fault rule refuses the log-in)";

#[test]
fn a_rule_rejects_the_next_log_ins_of_whom_it_names() {
    let mut bench = bench(&[]);
    let rule = mount(
        &mut bench,
        r#"{"api":"SaslAuthenticate","principal":"User:alice","count":2,"before_apply":{"error":"SASL_AUTHENTICATION_FAILED"}}"#,
    );
    let came: Vec<_> = ["bob", "alice", "bob", "alice", "alice"]
        .map(|name| log_in(&mut bench, name))
        .into();
    assert_eq!(came, ["NONE", REJECTED, "NONE", REJECTED, "NONE"]);
    assert_eq!(hits(&bench, rule), 2);
}

#[test]
fn a_rule_rejects_log_ins_by_a_mechanism() {
    let mut bench = bench(&[]);
    let scram = mount(
        &mut bench,
        r#"{"mechanism":"SCRAM-*","api":"SaslAuthenticate","before_apply":{"error":"SASL_AUTHENTICATION_FAILED"}}"#,
    );
    let plain = mount(
        &mut bench,
        r#"{"mechanism":"PLAIN","api":"SaslHandshake","count":1,"before_apply":{"error":"UNSUPPORTED_SASL_MECHANISM"}}"#,
    );
    assert_eq!(shake(&mut bench, "PLAIN"), "");
    assert_eq!(step(&mut bench, "wait 100"), REJECTED);
    assert_eq!(log_in(&mut bench, "alice"), "NONE");
    assert_eq!((hits(&bench, plain), hits(&bench, scram)), (1, 0));
    assert_eq!(shake(&mut bench, "SCRAM-SHA-256"), "NONE");
    assert_eq!(token(&mut bench, "n,,n=alice,r=x"), "");
    assert_eq!(step(&mut bench, "wait 100"), REJECTED);
    assert_eq!(hits(&bench, scram), 1);
    let bad = r#"{"mechanism":"PLAIN","api":"Produce","observe":true}"#;
    let bad = bench
        .engine
        .passage
        .faults
        .mount(serde_json::from_str(bad).unwrap(), None);
    assert!(bad.unwrap_err().to_string().contains("does not log in"));
}

#[test]
fn the_second_message_of_scram_is_of_whom_the_first_names() {
    let mut bench = bench(&[]);
    let rule = mount(
        &mut bench,
        r#"{"api":"SaslAuthenticate","principal":"User:alice","observe":true}"#,
    );
    shake(&mut bench, "SCRAM-SHA-256");
    for sent in ["n,,n=alice,r=x", "c=biws,r=y,p=AA=="] {
        token(&mut bench, sent);
    }
    assert_eq!(hits(&bench, rule), 2);
}

#[test]
fn every_log_in_has_a_row() {
    let mut bench = bench(&[("connections.max.reauth.ms", "5000")]);
    step(&mut bench, "shake PLAIN");
    step(&mut bench, "plain alice wrong");
    step(&mut bench, "wait 100");
    log_in(&mut bench, "alice");
    step(&mut bench, "wait 2000");
    step(&mut bench, "shake PLAIN");
    let request = SaslAuthenticateRequest::default().with_auth_bytes("\0alice\0secret".into());
    let answer = bench.send_from(CONNECTION, "me", 1, request);
    assert_eq!(came(answer), "for 5000 ms");
    let rows = bench.engine.passage.journal.rows();
    let rows: Vec<_> = rows.filter(|row| row.event.kind() == "logged_in").collect();
    let expected = |again| Event::LoggedIn {
        connection: CONNECTION.0,
        node: 0,
        client_id: Some("me".to_owned()),
        mechanism: "PLAIN",
        principal: "User:alice".to_owned(),
        session_lifetime_ms: Some(5000),
        again,
    };
    let events: Vec<_> = rows.iter().map(|row| row.event.clone()).collect();
    assert_eq!(events, [expected(false), expected(true)]);
    let said = rows[1].to_string();
    assert!(
        said.contains("User:alice logged in again by PLAIN, connection 3 to node 0, for 5000 ms"),
        "{said}"
    );
}
