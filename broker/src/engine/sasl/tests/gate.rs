//! What connections may do before and after their clients have authenticated, at virtual time.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a few kinds of answer are looked at among many"
)]

use std::time::Duration;

use bytes::Bytes;

use crate::engine::commands::Command;
use crate::engine::commands::heartbeats::Passing;
use crate::engine::context::{ConnectionId, Effect, Effects};
use crate::engine::input::Input;
use crate::engine::listeners::Listeners;
use crate::engine::reset::Kind;
use crate::engine::sasl::{Mechanism, Reads};
use crate::engine::testing::Bench;
use crate::engine::{Advertise, Engine, Listener, ListenerId, Protocol};
use crate::wire::apis::Response;
use crate::wire::error::ErrorCode;
use crate::wire::messages::str_bytes;
use crate::wire::messages::*;
use crate::wire::units::NodeId;

pub(super) const CONNECTION: ConnectionId = ConnectionId(3);

/// A cluster of one node on which alice and bob log in, and one connection to it.
pub(super) fn bench(settings: &[(&str, &str)]) -> Bench {
    let mut bench = Bench::new(settings);
    let (name, all) = ("SASL_PLAINTEXT", Mechanism::WITH_PASSWORDS.to_vec());
    let only = Listener::new(name, Protocol::SaslPlaintext, all, Advertise::Bound);
    bench.engine.state.listeners = Listeners::new(vec![only]);
    for name in ["alice", "bob"] {
        bench.engine.state.add_user(name, "secret").unwrap();
    }
    bench.open(CONNECTION, "/127.0.0.1");
    bench
}

/// What came, in a word each.
pub(super) fn came(effects: Effects) -> String {
    let words = effects.0.into_iter().map(|effect| match effect {
        Effect::Reply { response, .. } => said(response),
        Effect::Encoded { .. } => "answered".to_owned(),
        Effect::Nothing { .. } => "nothing".to_owned(),
        Effect::Close { reason, .. } => format!("closed ({reason})"),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn said(response: Response) -> String {
    let name = |code: i16| ErrorCode::of(code).to_string();
    match response {
        Response::SaslHandshake(response) => name(response.error_code),
        Response::SaslAuthenticate(response) if response.session_lifetime_ms > 0 => {
            format!("for {} ms", response.session_lifetime_ms)
        }
        Response::SaslAuthenticate(response) => name(response.error_code),
        _ => "answered".to_owned(),
    }
}

pub(super) fn leave(bench: &mut Bench) -> Effects {
    let (connection, why) = (CONNECTION, "gone".to_owned());
    bench.handle(Input::Closed { connection, why })
}

pub(super) fn open(bench: &mut Bench, connection: ConnectionId) {
    bench.handle(Input::Opened {
        connection,
        node: NodeId(0),
        listener: ListenerId::default(),
        client_host: "/127.0.0.1".into(),
    });
}

/// Does a step, written as a word and its arguments, and says what came of it.
pub(super) fn step(bench: &mut Bench, step: &str) -> String {
    let mut words = step.split(' ');
    let (verb, argument) = (words.next().unwrap(), words.next().unwrap_or_default());
    let effects = match verb {
        "shake" => {
            let request = SaslHandshakeRequest::default().with_mechanism(str_bytes(argument));
            bench.send_from(CONNECTION, "me", 1, request)
        }
        "plain" => {
            let token = format!("\0{argument}\0{}", words.next().unwrap());
            let request = SaslAuthenticateRequest::default().with_auth_bytes(token.into());
            bench.send_from(CONNECTION, "me", 1, request)
        }
        "metadata" => {
            let body = Bytes::from_static(&[0, 0, 0, 0]);
            bench.send_body(CONNECTION, "me", (3, 1), body)
        }
        "wait" => {
            let wait = Duration::from_millis(argument.parse().unwrap());
            let mut all = Effects::default();
            let end = bench.now.plus(wait);
            while let Some(effects) = bench.next_until(end) {
                all.0.extend(effects);
            }
            all
        }
        "leave" => leave(bench),
        "expire" => {
            let name = argument.to_owned();
            let (ended, effects) = bench.tell(Command::ExpireSessions { name });
            assert_eq!(ended.unwrap().count().to_string(), words.next().unwrap());
            effects
        }
        "reset" => {
            let (reset, effects) = bench.tell(Command::Reset { only: None });
            reset.unwrap();
            effects
        }
        other => panic!("no such step: {other}"),
    };
    came(effects)
}

#[track_caller]
fn check(settings: &[(&str, &str)], script: &[(&str, &str)]) -> Bench {
    let mut bench = bench(settings);
    for (index, (done, expected)) in script.iter().enumerate() {
        assert_eq!(step(&mut bench, done), *expected, "step {index}: {done}");
    }
    bench
}

const WRONG: &str = "Authentication failed: Invalid username or password";

#[test]
fn who_fails_hears_so_late() {
    let refused = format!("SASL_AUTHENTICATION_FAILED, closed ({WRONG})");
    check(
        &[],
        &[
            ("shake PLAIN", "NONE"),
            ("plain alice wrong", ""),
            // What comes meanwhile is not looked at, and neither is what comes later.
            ("plain alice secret", ""),
            ("wait 99", ""),
            ("wait 1", &refused),
            ("plain alice secret", ""),
            ("wait 1000", ""),
        ],
    );
    let at_once = [("connection.failed.authentication.delay.ms", "0")];
    check(
        &at_once,
        &[("shake PLAIN", "NONE"), ("plain alice wrong", &refused)],
    );
    let unsupported = "UNSUPPORTED_SASL_MECHANISM, closed (Unsupported SASL mechanism X)";
    check(&[], &[("shake X", ""), ("wait 100", unsupported)]);
    let unexpected =
        "answered, closed (Unexpected Kafka request of type METADATA during SASL authentication.)";
    check(
        &[],
        &[
            ("shake PLAIN", "NONE"),
            ("metadata", ""),
            ("wait 100", unexpected),
        ],
    );
}

#[test]
fn who_leaves_is_not_waited_for() {
    let bench = check(
        &[],
        &[
            ("shake PLAIN", "NONE"),
            ("plain alice wrong", ""),
            ("leave", ""),
            ("wait 1000", ""),
        ],
    );
    assert_eq!(bench.engine.next_event(&Passing::default()), None);
}

#[test]
fn a_reset_closes_those_who_wait_and_forgets_users_who_came_later() {
    let bench = check(
        &[],
        &[
            ("shake PLAIN", "NONE"),
            ("plain alice wrong", ""),
            ("reset", "closed (the cluster was reset)"),
            ("wait 1000", ""),
        ],
    );
    assert_eq!(bench.engine.state.users(), []);
}

#[test]
fn some_kinds_of_reset_leave_users_alone() {
    let mut bench = bench(&[]);
    let only = Some(vec![Kind::Topics, Kind::Configs]);
    bench.command(Command::Reset { only }).unwrap();
    assert_eq!(bench.engine.state.users().len(), 2);
}

#[test]
fn sessions_end_where_they_have_to() {
    let sessions = [("connections.max.reauth.ms", "5000")];
    let log_in = [
        ("shake PLAIN", "NONE"),
        ("plain alice secret", "for 5000 ms"),
    ];
    let expired = "closed (it was to authenticate again before its session ended)";
    let with = |script: &[(&'static str, &'static str)]| [&log_in, script].concat();
    check(
        &sessions,
        &with(&[
            ("metadata", "answered"),
            ("wait 5000", ""),
            ("metadata", "answered"),
            ("wait 1", ""),
            ("metadata", expired),
        ]),
    );
    // Not twice within a second; then the session goes on as it was.
    check(
        &sessions,
        &with(&[
            ("shake PLAIN", "NONE"),
            ("plain alice secret", "for 5000 ms"),
            ("wait 999", ""),
            ("shake PLAIN", "ILLEGAL_SASL_STATE"),
            ("metadata", "answered"),
            ("wait 1", ""),
            ("shake PLAIN", "NONE"),
            ("plain alice secret", "for 5000 ms"),
            ("wait 5000", ""),
            ("metadata", "answered"),
        ]),
    );
    check(
        &[],
        &[
            ("shake PLAIN", "NONE"),
            ("plain alice secret", "NONE"),
            ("shake PLAIN", "ILLEGAL_SASL_STATE"),
            ("plain alice secret", "ILLEGAL_SASL_STATE"),
            ("metadata", "answered"),
        ],
    );
}

#[test]
fn a_test_ends_the_sessions_of_a_user() {
    let closed = "closed (its session was expired: it is to authenticate again)";
    check(
        &[],
        &[
            ("shake PLAIN", "NONE"),
            ("plain alice secret", "NONE"),
            ("expire bob 0", ""),
            ("metadata", "answered"),
            ("expire alice 1", ""),
            ("expire alice 0", ""),
            ("metadata", closed),
        ],
    );
}

#[test]
fn the_shell_is_told_what_to_read() {
    let mut bench = bench(&[]);
    let reads = |engine: &Engine| engine.state.sasl.reads(CONNECTION);
    assert_eq!(reads(&bench.engine), Reads::Authentication);
    step(&mut bench, "shake PLAIN");
    assert_eq!(reads(&bench.engine), Reads::Authentication);
    step(&mut bench, "plain alice secret");
    assert_eq!(reads(&bench.engine), Reads::Requests);
    let elsewhere = ConnectionId(9);
    open(&mut bench, elsewhere);
    let request = SaslHandshakeRequest::default().with_mechanism(str_bytes("PLAIN"));
    bench.send_from(elsewhere, "me", 0, request);
    assert_eq!(bench.engine.state.sasl.reads(elsewhere), Reads::Token);
}

#[test]
fn principals_are_known_to_rules_and_to_the_journal() {
    let mut bench = bench(&[]);
    let rule = r#"{"principal":"User:alice","api":"Metadata","observe":true}"#;
    let rule = serde_json::from_str(rule).unwrap();
    let id = bench.engine.passage.faults.mount(rule, None).unwrap();
    let hits = |bench: &Bench| bench.engine.passage.faults.get(id).unwrap().hits;
    for (name, expected) in [("bob", 0), ("alice", 1)] {
        leave(&mut bench);
        open(&mut bench, CONNECTION);
        step(&mut bench, "shake PLAIN");
        step(&mut bench, &format!("plain {name} secret"));
        step(&mut bench, "metadata");
        assert_eq!(hits(&bench), expected, "{name}");
    }
    let rows = bench.engine.passage.journal.rows();
    let principals: Vec<_> = rows
        .filter_map(|row| row.exchange())
        .map(|exchange| (exchange.api.name(), exchange.principal.to_string()))
        .collect();
    let anonymous = || "User:ANONYMOUS".to_owned();
    let expected = ["bob", "alice"].map(|name| {
        [
            ("SaslHandshake", anonymous()),
            ("SaslAuthenticate", anonymous()),
            ("Metadata", format!("User:{name}")),
        ]
    });
    assert_eq!(principals, expected.concat());
}
