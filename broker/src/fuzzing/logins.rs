//! Who clients say that they are: passwords, SCRAM, bearer tokens, what AWS's signers send; sets of keys; certificates.

use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::{Map, json};

use super::choices::Choices;
use super::cluster::settings;
use super::world::World;
use crate::engine::commands::{Command, IamCommand};
use crate::engine::context::ConnectionId;
use crate::engine::input::Input;
use crate::engine::msk::Place;
use crate::engine::principals::MappingRules;
use crate::engine::sasl::aws::AccessKey;
use crate::engine::sasl::oauth::{Issuer, Jwks, Secured, Unsecured, Validator};
use crate::engine::sasl::{Mechanism, Reads, Scram, ScramCredential};
use crate::engine::{Advertise, Listener, Protocol};
use crate::server::tls;
use crate::wire::messages::{SaslAuthenticateRequest, SaslHandshakeRequest, StrBytes, str_bytes};
use crate::wire::units::{NodeId, WallMillis};

/// When the tokens were made that the corpus begins with.
const TOKENS_MADE: WallMillis = WallMillis(1_796_017_251_000);
/// When AWS's signers signed.
const SIGNED: WallMillis = WallMillis(1_796_011_712_000);

const ISSUED_KEYS: u64 = 7;

pub(super) fn logins(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.byte() & 7 {
        0 => key_set(&mut choices),
        1 => bearer(&mut choices),
        2 => signed(&mut choices),
        3 => certificates(&mut choices),
        4 => mapped(&mut choices),
        _ => exchange(&mut choices),
    }
}

/// A set of keys, and a token that they are to verify.
fn key_set(choices: &mut Choices<'_>) {
    let token = text(&[choices.piece(), choices.piece()].concat());
    if let Ok(keys) = Jwks::parse(&text(choices.rest())) {
        judge(&secured(keys), &token);
    }
}

/// A token that nobody, or somebody unknown, has signed.
fn bearer(choices: &mut Choices<'_>) {
    static KEYS: OnceLock<Jwks> = OnceLock::new();
    let keys = KEYS.get_or_init(|| Jwks::parse(&golden("jwks ")).unwrap_or_default());
    let token = text(choices.rest());
    judge(&secured(keys.clone()), &token);
    judge(&Validator::Unsecured(Unsecured::default()), &token);
}

/// A token with any claims, which is signed as it should be.
fn signed(choices: &mut Choices<'_>) {
    static ISSUER: OnceLock<Issuer> = OnceLock::new();
    let issuer = ISSUER.get_or_init(|| Issuer::of(ISSUED_KEYS));
    let claims = match serde_json::from_slice(choices.rest()) {
        Ok(claims) => claims,
        Err(_) => Map::from_iter([("sub".to_owned(), json!("alice"))]),
    };
    judge(&secured(issuer.keys()), &issuer.sign(&claims));
}

fn secured(keys: Jwks) -> Validator {
    Validator::Secured(Secured {
        audiences: vec!["kafka".to_owned()],
        issuer: None,
        clock_skew_s: 30,
        scope_claim: "scope".to_owned(),
        subject_claim: "sub".to_owned(),
        keys,
        set: None,
    })
}

fn judge(validator: &Validator, token: &str) {
    for now in [TOKENS_MADE, WallMillis(i64::MAX), WallMillis(0)] {
        let _ = std::hint::black_box(validator.subject(token, now));
    }
}

/// Keys and certificates as settings have them: PEM and PKCS#12.
fn certificates(choices: &mut Choices<'_>) {
    let password = choices.pick(&["", "secret", "changeit"]);
    let kind = choices.byte();
    let bytes = choices.rest();
    if kind & 3 == 0 {
        let _ = tls::subject(bytes);
    }
    tls::examine(bytes, password);
}

/// Rules that make names of distinguished names.
fn mapped(choices: &mut Choices<'_>) {
    let name = text(choices.piece());
    if let Ok(rules) = MappingRules::parse(&text(choices.rest())) {
        let _ = std::hint::black_box(rules.name(&name));
    }
}

/// A client that shakes hands and sends tokens, and asks for something then.
fn exchange(choices: &mut Choices<'_>) {
    let mut world = cluster(choices.byte());
    let client = world.open(NodeId(0));
    if choices.byte() & 15 == 15 {
        let certificate = Some(text(choices.piece()).into());
        let _ = world.handle(Input::Secured {
            connection: client,
            node: NodeId(0),
            certificate,
        });
    }
    for _ in 0..8 {
        if choices.are_over() {
            break;
        }
        step(&mut world, client, choices);
        if !world.is_open(client) {
            break;
        }
        if !world.is_idle(client) {
            // A client that failed is told late.
            world.pass(Duration::from_secs(10));
        }
    }
    world.pass(Duration::from_secs(3600));
    world.look();
}

/// A cluster in which every mechanism is known, with somebody for each.
fn cluster(kind: u8) -> World {
    let all = Mechanism::ALL.to_vec();
    let sasl = Listener::new("SASL", Protocol::SaslPlaintext, all, Advertise::Bound);
    let reauthentication = ("connections.max.reauth.ms", "60000");
    let own: &[_] = if kind & 1 == 1 {
        &[reauthentication]
    } else {
        &[]
    };
    let mut settings = settings(1, own, vec![sasl]);
    settings.msk = (kind & 2 == 2).then(Place::default);
    let mut world = World::of(settings);
    world.now.wall = if kind & 4 == 4 { SIGNED } else { TOKENS_MADE };
    let user = Command::AddUser {
        name: "alice".to_owned(),
        password: "secret".to_owned(),
    };
    // Four thousand rounds would be most of each run.
    let users = &mut world.engine.state.sasl.users;
    for hash in [Scram::Sha256, Scram::Sha512] {
        let salt = b"salt".to_vec();
        let salted = hash.salted_password("secret", &salt, 2);
        if let Some(credential) = credential(hash, &salted, salt) {
            users.upsert(hash, "bob", credential);
        }
    }
    if kind & 8 == 8 {
        world.command(user).expect("a user that is new");
    }
    let key = AccessKey {
        id: "AKIAEXAMPLEEXAMPLE00".to_owned(),
        secret: "exampl3/Secret+Key/0123456789abcdefABCDEF".to_owned(),
        session_token: None,
        expires: None,
        arn: "arn:aws:iam::123456789012:user/alice".to_owned(),
    };
    let _ = world.command(Command::Iam(IamCommand::AddKey(key)));
    world
}

fn credential(hash: Scram, salted: &[u8], salt: Vec<u8>) -> Option<ScramCredential> {
    ScramCredential::of_salted(hash, salted, salt, 4096)
}

fn step(world: &mut World, client: ConnectionId, choices: &mut Choices<'_>) {
    let chosen = choices.byte();
    if world.reads(client) == Reads::Token {
        let token = token(world, choices);
        return world.token(client, &token);
    }
    match chosen % 8 {
        0 | 1 => {
            let all = Mechanism::ALL;
            let name = all
                .get(choices.below(all.len()))
                .map_or("", |known| known.name());
            let version = i16::from(choices.byte() % 2);
            let request = SaslHandshakeRequest::default().with_mechanism(str_bytes(name));
            world.send(client, version, request);
        }
        2 => world.refuse(client),
        3 => {
            let name = StrBytes::from_string(text(choices.piece()));
            let request = SaslHandshakeRequest::default().with_mechanism(name);
            world.send(client, 1, request);
        }
        _ => {
            let token = token(world, choices);
            let request = SaslAuthenticateRequest::default().with_auth_bytes(Bytes::from(token));
            world.send(client, i16::from(chosen >> 7) + 1, request);
        }
    }
}

/// What a client says: whatever is chosen, or what goes with what it was told.
fn token(world: &World, choices: &mut Choices<'_>) -> Vec<u8> {
    match choices.byte() % 8 {
        0 => b"n,,n=bob,r=abc".to_vec(),
        1 => [&b"n,,n=bob,r="[..], choices.piece()].concat(),
        2 => proof(&world.heard.told, Scram::Sha256),
        3 => proof(&world.heard.told, Scram::Sha512),
        4 => [
            &b"n,,\x01auth=Bearer "[..],
            choices.rest(),
            &b"\x01\x01"[..],
        ]
        .concat(),
        5 => b"\0alice\0secret".to_vec(),
        6 => choices.piece().to_vec(),
        _ => choices.rest().to_vec(),
    }
}

/// How a client that knows the password ends an exchange of SCRAM.
fn proof(told: &[u8], hash: Scram) -> Vec<u8> {
    let told = text(told);
    let part = |name: &str| told.split(',').find_map(|part| part.strip_prefix(name));
    let nonce = part("r=").unwrap_or_default();
    let salt = BASE64_STANDARD.decode(part("s=").unwrap_or_default());
    let salted = hash.salted_password("secret", &salt.unwrap_or_default(), 2);
    let bare = format!("c=biws,r={nonce}");
    let signed = format!("n=bob,r=abc,{told},{bare}");
    let key = hash.hmac(&salted, b"Client Key").unwrap_or_default();
    let signature = hash.hmac(&hash.hash(&key), signed.as_bytes());
    let both = key.iter().zip(signature.unwrap_or_default());
    let proof: Vec<_> = both.map(|(key, signed)| key ^ signed).collect();
    format!("{bare},p={}", BASE64_STANDARD.encode(proof)).into_bytes()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The first of the golden tokens' lines that begins so.
fn golden(begins: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/oauth/tokens.txt");
    let all = std::fs::read_to_string(path).unwrap_or_default();
    let found = all.lines().find_map(|line| line.strip_prefix(begins));
    found.unwrap_or_default().to_owned()
}
