//! What a corpus begins with, made of golden data. `FUZZ_SEEDS=FOLDER cargo test -p fauxka --features tls --lib seeds_` writes it.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value as Json;

use crate::control::fuzzing::served;
use crate::embed::builder::Builder;
use crate::engine::fault::transcripts;
use crate::engine::rng::Rng;
use crate::engine::snapshot::Snapshot;
use crate::fuzzing::run;
use crate::server::tls::pem;
use crate::wire::dynamic::Shape;
use crate::wire::frame;
use crate::wire::guard;
use crate::wire::guard::sample::{Fill, Sample};
use crate::wire::records::Records;

const SNAPSHOT: &[u8] = include_bytes!("../../../tests/snapshots/format-1.fauxka");

type Seeds = Vec<(&'static str, Vec<u8>)>;

fn fixture(path: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    fs::read_to_string(folder.join(path)).unwrap()
}

fn all() -> Seeds {
    let mut seeds = Seeds::new();
    frames(&mut seeds);
    batches(&mut seeds);
    metadata(&mut seeds);
    logins(&mut seeds);
    control(&mut seeds);
    files(&mut seeds);
    chance(&mut seeds);
    seeds
}

/// Every request at every version, with nothing and with everything in it; and those of the transcripts.
fn frames(seeds: &mut Seeds) {
    for (message, version) in guard::requests() {
        for fill in [Fill::Empty, Fill::Full] {
            let body = Sample::new(message, version, fill).bytes;
            let frame = frame::request((message.key, version, 1), "c", &body);
            seeds.push(("frames", [vec![0], frame].concat()));
        }
    }
    for case in transcripts::requests() {
        let mut stream = vec![0];
        for (api, version, mut asked) in case {
            let Ok(shape) = Shape::request(api.key(), version) else {
                continue;
            };
            without_labels(&mut asked);
            let tree = shape.read_json(&asked).ok();
            if let Some(body) = tree.and_then(|tree| shape.encode(&tree).ok()) {
                stream.extend(frame::request((api.key(), version, 1), "c", &body));
            }
        }
        seeds.push(("frames", stream));
    }
}

/// A transcript has `<base>` and the like where a moment or an id was.
fn without_labels(json: &mut Json) {
    match json {
        Json::String(text) if text.starts_with('<') => *json = 1.into(),
        Json::Array(all) => all.iter_mut().for_each(without_labels),
        Json::Object(fields) => {
            for (name, value) in fields {
                without_labels(value);
                if name == "records" {
                    *value = Json::Null;
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn batches(seeds: &mut Seeds) {
    let codecs = ["none", "gzip", "snappy", "lz4", "zstd"];
    let text = fixture("codecs/frames.txt");
    let mut codec = 0;
    for line in text.lines() {
        if let Some(named) = line.strip_prefix("== ") {
            let name = named.split(' ').next().unwrap();
            codec = u8::try_from(codecs.iter().position(|known| *known == name).unwrap()).unwrap();
        } else if let Ok(bytes) = BASE64_STANDARD.decode(line)
            && bytes.len() < 1500
        {
            seeds.push(("batches", [&[0, codec], &bytes[..]].concat()));
            seeds.push(("batches", [&[5, 0, 0, 0, codec, 3], &bytes[..]].concat()));
        }
    }
}

/// Records as coordinators write them.
fn metadata(seeds: &mut Seeds) {
    let snapshot = Snapshot::from_bytes(SNAPSHOT.to_vec()).unwrap();
    for log in snapshot.logs() {
        for batch in log.batches() {
            let records: Records<'_> = batch.unfold().unwrap();
            for record in records.iter().map(Result::unwrap) {
                let (Some(key), Some(value)) = (record.key, record.value) else {
                    continue;
                };
                for topic in 0..3 {
                    let mut seed = vec![1, 2, topic, 0, 0, 0];
                    seed.extend([&[u8::try_from(key.len()).unwrap_or(255)], key].concat());
                    seed.push(0);
                    seed.extend([&[u8::try_from(value.len()).unwrap_or(255)], value].concat());
                    seed.extend([0, 4]);
                    seeds.push(("metadata", seed));
                }
            }
        }
    }
    for subscription in [
        &b"\0\0\0\0\0\x01\0\x01a\xff\xff\xff\xff"[..],
        b"\0\x03\0\0\0\x01\0\x01a\xff\xff\xff\xff\0\0\0\x01\0\x01a\0\0\0\x01\0\0\0\0\0\0\0\x05\0\x01r",
    ] {
        seeds.push(("metadata", [&[0], subscription].concat()));
        let length = u8::try_from(subscription.len()).unwrap();
        seeds.push(("metadata", [&[1, 0, 0, 0, 0, 0, length], subscription].concat()));
    }
}

fn logins(seeds: &mut Seeds) {
    for line in fixture("oauth/tokens.txt").lines() {
        let mut words = line.split(' ');
        let kind = words.next().unwrap();
        let Some(Ok(sent)) = words.next().map(|word| BASE64_STANDARD.decode(word)) else {
            continue;
        };
        if let "secured" | "unsecured" | "scoped" | "anybody" = kind {
            let (shake, tell) = ([0, 3, 1], [4, 7]);
            seeds.push(("logins", [&[5, 0, 0], &shake[..], &tell, &sent].concat()));
            let token = String::from_utf8_lossy(&sent).into_owned();
            if let Some((_, token)) = token.split_once("earer ") {
                let token = token.trim_end_matches('\u{1}').trim();
                seeds.push(("logins", [&[1], token.as_bytes()].concat()));
            }
        }
    }
    let keys = fixture("oauth/tokens.txt");
    let keys = keys
        .lines()
        .find_map(|line| line.strip_prefix("jwks "))
        .unwrap()
        .to_owned();
    seeds.push(("logins", [&[0, 0, 0], keys.as_bytes()].concat()));
    for line in fixture("aws/requests.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let sent = line.splitn(3, ' ').nth(2).unwrap();
        let (shake, tell) = ([0, 4, 1], [4, 7]);
        seeds.push((
            "logins",
            [&[5, 6, 0], &shake[..], &tell, sent.as_bytes()].concat(),
        ));
        let token = [&[5, 6, 0, 0, 3, 1, 4, 4], sent.as_bytes()].concat();
        seeds.push(("logins", token));
    }
    for mechanism in [1, 2] {
        let (shake, first, last) = ([0, mechanism, 1], [4, 0], [4, mechanism + 1]);
        seeds.push(("logins", [&[5, 0, 0][..], &shake, &first, &last].concat()));
    }
    for claims in [
        r#"{"sub":"alice","aud":"kafka","iat":1796017000,"exp":1796018000,"scope":"a b"}"#,
        r#"{"sub":"alice","aud":["kafka"],"exp":1e300,"scope":["a"]}"#,
    ] {
        seeds.push(("logins", [&[2], claims.as_bytes()].concat()));
    }
    for rules in ["RULE:^CN=(.*?),.*$/$1/L, DEFAULT", "DEFAULT"] {
        let name = b"CN=Alice,O=x";
        let length = u8::try_from(name.len()).unwrap();
        seeds.push((
            "logins",
            [&[4, length], &name[..], rules.as_bytes()].concat(),
        ));
    }
    certificates(seeds);
}

fn certificates(seeds: &mut Seeds) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let certificate = pem::written("CERTIFICATE", made.cert.der());
    let key = pem::written("PRIVATE KEY", &made.signing_key.serialize_der());
    let pem = format!("{certificate}{key}");
    seeds.push(("logins", [&[3, 0, 1], pem.as_bytes()].concat()));
    seeds.push(("logins", [&[3, 0, 0], &made.cert.der()[..]].concat()));
}

/// The requests that the OpenAPI document shows.
fn control(seeds: &mut Seeds) {
    let examples = include_str!("../../control/document/examples.txt");
    let methods = ["GET", "POST", "PUT", "DELETE", "PATCH"];
    for line in examples.lines() {
        let mut words = line.splitn(3, ' ');
        let method = words.next().unwrap();
        let Some(method) = methods.iter().position(|known| *known == method) else {
            continue;
        };
        let path = words
            .next()
            .unwrap()
            .trim_start_matches('/')
            .replace("orders", "a");
        let body = words.next().unwrap_or_default().replace("orders", "a");
        let fours = body.len().div_ceil(4);
        let Ok(fours) = u8::try_from(fours) else {
            continue;
        };
        let mut seed = vec![255, u8::try_from(method).unwrap()];
        seed.push(u8::try_from(path.len()).unwrap());
        seed.extend(path.as_bytes());
        seed.push(fours);
        seed.extend(format!("{body:<width$}", width = usize::from(fours) * 4).as_bytes());
        seeds.push(("control", seed));
    }
    for place in 0..u8::try_from(served().len()).unwrap() {
        seeds.push(("control", vec![place]));
    }
}

fn files(seeds: &mut Seeds) {
    for rule in crate::fuzzing::commands::RULES {
        seeds.push(("files", [&[0], rule.as_bytes()].concat()));
    }
    seeds.push((
        "files",
        [&[1], crate::fuzzing::control::CLUSTER.as_bytes()].concat(),
    ));
    for page in ["guide.md", "faults.md", "logins.md", "tls.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("docs")
            .join(page);
        let text = fs::read_to_string(path).unwrap_or_default();
        for block in text.split("```toml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            seeds.push(("files", [&[1], block.as_bytes()].concat()));
        }
    }
    let length = |at: usize| u64::from_be_bytes(SNAPSHOT[at..at + 8].try_into().unwrap());
    let described = u16::try_from(length(12)).unwrap();
    let content = &SNAPSHOT[28..SNAPSHOT.len() - 4];
    seeds.push((
        "files",
        [&[2], &described.to_be_bytes()[..], content].concat(),
    ));
    seeds.push(("files", [&[3], &recording()[..]].concat()));
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kafka-cluster:*","Resource":"*"}]}"#;
    seeds.push(("files", [&[4], policy.as_bytes()].concat()));
}

/// A short recording, unpacked.
fn recording() -> Vec<u8> {
    let path = std::env::temp_dir().join(format!("fauxka-seed-{}.run", std::process::id()));
    let broker = Builder::default()
        .toml(crate::fuzzing::control::CLUSTER)
        .and_then(|builder| builder.record_over(&path).start_blocking())
        .unwrap();
    broker.produce("a").value("first").send().unwrap();
    broker
        .reset_only_blocking(&[crate::reset::Kind::Groups])
        .unwrap();
    drop(broker);
    let mut text = Vec::new();
    let file = fs::File::open(&path).unwrap();
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut text)
        .unwrap();
    fs::remove_file(path).unwrap();
    text
}

/// Where there is nothing golden, chance.
fn chance(seeds: &mut Seeds) {
    let mut rng = Rng::new(7);
    for target in ["engine", "metadata", "batches"] {
        for _ in 0..100 {
            let bytes = (0..400).map(|_| u8::try_from(rng.below(256)).unwrap());
            seeds.push((target, bytes.collect()));
        }
    }
}

#[test]
fn seeds_are_taken() {
    let seeds = all();
    for (number, (target, seed)) in seeds.iter().enumerate() {
        match std::env::var_os("FUZZ_SEEDS") {
            Some(folder) => {
                let folder = Path::new(&folder).join(target);
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
            }
            // All of them would take a minute.
            None if number % 50 == 0 => run(target, seed),
            None => {}
        }
    }
}
