//! The exchanges, by the examples of the RFCs and by what Kafka does with what is not in order.

mod gate;
mod input;
mod rules;

use super::aws::{Aws, Reached};
use super::exchange::Exchange;
use super::known::Known;
use super::messages::{ClientFinal, ClientFirst};
use super::outcome::{Failed, Turn};
use super::scram::Server;
use super::{Mechanism, Scram, ScramCredential, Users};
use crate::wire::units::WallMillis;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::engine::delegation::DelegationTokens;

/// The example of RFC 7677.
const CLIENT_FIRST: &[u8] = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const SERVER_FIRST: &[u8] = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
    s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const CLIENT_FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
    p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const SERVER_FINAL: &[u8] = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

fn users() -> Users {
    let mut users = Users::default();
    let salt = BASE64_STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
    let salted = Scram::Sha256.salted_password("pencil", &salt, 4096);
    let credential = ScramCredential::of_salted(Scram::Sha256, &salted, salt, 4096);
    users.upsert(Scram::Sha256, "user", credential.unwrap());
    users
}

fn nonce() -> String {
    "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".to_owned()
}

/// By what clients are known where nobody has a bearer token.
fn known<'a>(users: &'a Users, tokens: &'a DelegationTokens, aws: &'a Aws) -> Known<'a> {
    let reached = Reached {
        now: WallMillis(0),
        hosts: &[],
        policies: None,
    };
    Known {
        users,
        tokens,
        aws,
        validator: None,
        reached,
    }
}

#[track_caller]
fn ends(client_final: &str, expected: Result<&[u8], Failed>) {
    let (users, tokens, aws) = (users(), DelegationTokens::default(), Aws::default());
    let known = known(&users, &tokens, &aws);
    let mut server = Server::new(Scram::Sha256);
    let challenge = server.take(CLIENT_FIRST, known, nonce);
    assert_eq!(challenge, Ok(Turn::Challenge(SERVER_FIRST.to_vec())));
    let expected = expected.map(|token| Turn::Done {
        token: token.to_vec(),
        name: "user".to_owned(),
        expires: None,
        by_token: false,
    });
    let answer = server.take(client_final.as_bytes(), known, nonce);
    assert_eq!(answer, expected);
}

#[test]
fn the_exchange_of_the_rfc_goes_as_it_says() {
    ends(CLIENT_FINAL, Ok(SERVER_FINAL));
    // What is not known is not signed.
    ends(&CLIENT_FINAL.replace(",p=", ",x=y,p="), Ok(SERVER_FINAL));
}

#[test]
fn a_wrong_end_is_refused() {
    let hidden = |why: &str| Err(Failed::Hidden(why.to_owned()));
    ends(
        &CLIENT_FINAL.replace("p=dH", "p=dI"),
        hidden("Invalid client credentials"),
    );
    ends(
        &CLIENT_FINAL.replace("c=biws", "c=biwt"),
        hidden("Invalid client credentials"),
    );
    ends(
        &CLIENT_FINAL.replace("$k0", "$k1"),
        hidden("Invalid client nonce in the final client message."),
    );
    // As librdkafka before 2.6.1 ends.
    ends(
        &CLIENT_FINAL.replace("r=", "r=rOprNGfwEbeRWgbNEkqO"),
        hidden(super::scram::NONCE_TWICE),
    );
    let broken = "Argument arrays must be of the same length";
    ends(
        &CLIENT_FINAL.replace("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", ""),
        Err(Failed::Broken(broken.to_owned())),
    );
    ends("", hidden("Invalid SCRAM client final message format"));
}

#[test]
fn first_messages_are_read_as_kafka_reads_them() {
    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let read = ClientFirst::parse(text.as_bytes());
        let read = read.map(|first| (first.name.clone(), first.bare()));
        let expected = expected.map(|(name, bare)| (name.to_owned(), bare.to_owned()));
        assert_eq!(read, expected, "{text}");
    }
    check("n,,n=u,r=x", Some(("u", "n=u,r=x")));
    check("n,a=v,n=u,r=x", Some(("u", "n=u,r=x")));
    check("n,,m=z,n=u,r=x", Some(("u", "n=u,r=x")));
    check("n,,n==2C=3D,r=x", Some((",=", "n==2C=3D,r=x")));
    check("n,,n=u,r=x,a=b=c", Some(("u", "n=u,r=x,a=b=c")));
    // One of a name, in the order of Java's table.
    check("n,,n=u,r=x,b=1,a=2,b=3", Some(("u", "n=u,r=x,a=2,b=3")));
    for wrong in [
        "",
        "n",
        "n,",
        "n,,",
        "y,,n=u,r=x",
        "p=tls-unique,,n=u,r=x",
        "n,v,n=u,r=x",
        "n,a=,n=u,r=x",
        "n,,m=,n=u,r=x",
        "n,,n=,r=x",
        "n,,n=u=,r=x",
        "n,,n=u=2c,r=x",
        "n,,n=\u{e9},r=x",
        "n,,n=u",
        "n,,n=u,r=",
        "n,,n=u,r=x y",
        "n,,n=u,r=x,",
        "n,,n=u,r=x,1=2",
        "n,,n=u,r=x,a=",
    ] {
        check(wrong, None);
    }
    assert!(
        ClientFirst::parse(b"n,,n=u,r=x,tokenauth=TRUE")
            .unwrap()
            .is_by_token()
    );
    assert!(
        !ClientFirst::parse(b"n,,n=u,r=x,tokenauth=no")
            .unwrap()
            .is_by_token()
    );
}

#[test]
fn final_messages_are_read_as_kafka_reads_them() {
    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let read = ClientFinal::parse(text.as_bytes());
        let read = read.map(|last| last.without_proof());
        assert_eq!(read.as_deref(), expected, "{text}");
    }
    check("c=biws,r=x,p=YQ==", Some("c=biws,r=x"));
    check("c=,r=x,p=", Some("c=,r=x"));
    check("c=biws,r=x,ext=1,p=YQ==", Some("c=biws,r=x"));
    for wrong in [
        "",
        "c=biws,r=x",
        "c=biws,p=YQ==",
        "c=biw,r=x,p=YQ==",
        "c=biws,r=x,p=YQ=",
        "c=biws,r=x,p=YQ==,ext=1",
        "c=biws,r=x,ext,p=YQ==",
    ] {
        check(wrong, None);
    }
}

#[test]
fn passwords_are_known_by_plain() {
    #[track_caller]
    fn check(token: &[u8], expected: Result<&str, &str>) {
        let mut users = Users::default();
        users.add("alice", "secret", || b"salt".to_vec());
        let mut rng = crate::engine::rng::Rng::new(1);
        let (tokens, aws) = (DelegationTokens::default(), Aws::default());
        let known = known(&users, &tokens, &aws);
        let answer = Exchange::new(Mechanism::Plain).take(token, known, &mut rng);
        let expected = expected.map_err(|why| Failed::Said(why.to_owned()));
        let expected = expected.map(|name| Turn::Done {
            token: Vec::new(),
            name: name.to_owned(),
            expires: None,
            by_token: false,
        });
        assert_eq!(answer, expected);
    }
    let wrong = "Authentication failed: Invalid username or password";
    check(b"\0alice\0secret", Ok("alice"));
    check(b"alice\0alice\0secret", Ok("alice"));
    check(b"\0alice\0Secret", Err(wrong));
    check(b"\0alice\0secre", Err(wrong));
    check(b"\0bob\0secret", Err(wrong));
    check(b"\0alice\0\xff", Err(wrong));
    check(
        b"bob\0alice\0secret",
        Err(super::outcome::OTHER_AUTHORIZATION_ID),
    );
    check(
        b"\0\0secret",
        Err("Authentication failed: username not specified"),
    );
    check(
        b"\0alice\0",
        Err("Authentication failed: password not specified"),
    );
    let tokens = |found| format!("Invalid SASL/PLAIN response: expected 3 tokens, got {found}");
    check(b"", Err(&tokens(1)));
    check(b"alice\0secret", Err(&tokens(2)));
    check(b"\0alice\0secret\0more\0", Err(&tokens(4)));
}
