//! Messages of clients that log in, cut, bent, in another order and once more: nobody gets in by them, and nothing panics.

use super::*;
use crate::engine::rng::Rng;
use crate::engine::sasl::oauth::Validator;

/// What a message comes to that is the first one.
fn first(mechanism: Mechanism, sent: &[u8]) -> Result<Turn, Failed> {
    let (mut users, tokens, aws) = (users(), DelegationTokens::default(), Aws::default());
    users.add("alice", "secret", || b"salt".to_vec());
    let validator = Validator::default();
    let known = Known {
        validator: Some(&validator),
        ..known(&users, &tokens, &aws)
    };
    Exchange::new(mechanism).take(sent, known, &mut Rng::new(1))
}

fn lets_in(turn: &Result<Turn, Failed>) -> bool {
    matches!(turn, Ok(Turn::Done { .. }))
}

const BEARER: &str =
    "n,,\u{1}auth=Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiZXhwIjoxMH0.\u{1}\u{1}";
const SIGNED: &[u8] = br#"{"version":"2020_10_22","host":"h","action":"kafka-cluster:Connect"}"#;

#[test]
fn what_is_cut_or_bent_lets_nobody_in() {
    let plain = b"\0alice\0secret".as_slice();
    assert!(lets_in(&first(Mechanism::Plain, plain)));
    assert!(lets_in(&first(Mechanism::OAuthBearer, BEARER.as_bytes())));
    for (mechanism, whole) in [
        (Mechanism::Plain, plain),
        (Mechanism::Scram(Scram::Sha256), CLIENT_FIRST),
        (Mechanism::Scram(Scram::Sha512), CLIENT_FIRST),
        (Mechanism::OAuthBearer, BEARER.as_bytes()),
        (Mechanism::AwsMskIam, SIGNED),
    ] {
        for end in 0..whole.len() {
            let turn = first(mechanism, &whole[..end]);
            assert!(!lets_in(&turn), "{mechanism} {end}");
        }
        for (place, byte) in (0..whole.len()).flat_map(|at| [0, 0x80, 0xff].map(|byte| (at, byte)))
        {
            let mut bent = whole.to_vec();
            bent[place] = byte;
            if bent == whole {
                continue;
            }
            let turn = first(mechanism, &bent);
            assert!(!lets_in(&turn), "{mechanism} {place} {byte}");
        }
        let twice = [whole, whole].concat();
        assert!(!lets_in(&first(mechanism, &twice)), "{mechanism}");
        // None of these is UTF-8.
        for hostile in [
            &[0xff; 4096][..],
            &[0xc3, 0x28],
            &[0xed, 0xa0, 0x80],
            &[0; 4096],
        ] {
            assert!(!lets_in(&first(mechanism, hostile)), "{mechanism}");
        }
    }
}

#[test]
fn the_end_of_another_exchange_of_scram_is_none_of_this_one() {
    let (users, tokens, aws) = (users(), DelegationTokens::default(), Aws::default());
    let known = known(&users, &tokens, &aws);
    let mut server = Server::new(Scram::Sha256);
    let early = server.take(CLIENT_FINAL.as_bytes(), known, nonce);
    let hidden = |why: &str| Err(Failed::Hidden(why.to_owned()));
    assert_eq!(early, hidden("Invalid SCRAM client first message format"));
    let mut server = Server::new(Scram::Sha256);
    let other = || "another nonce".replace(' ', "-");
    assert!(matches!(
        server.take(CLIENT_FIRST, known, other),
        Ok(Turn::Challenge(_))
    ));
    let replayed = server.take(CLIENT_FINAL.as_bytes(), known, other);
    let why = "Invalid client nonce in the final client message.";
    assert_eq!(replayed, hidden(why));
    // And what failed has to begin again.
    let again = server.take(CLIENT_FINAL.as_bytes(), known, nonce);
    assert_eq!(again, hidden("Invalid SCRAM client first message format"));
}
