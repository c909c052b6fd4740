//! What Kafka made of compressed records, whole and damaged: see `fixtures/codecs`.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;

use super::answers::FailedBatch;
use crate::engine::log::{AppendContext, LogConfig, Origin, PartitionLog};
use crate::engine::time::Now;
use crate::wire::batch::Survey;
use crate::wire::batch::{BatchHeader, BatchView};
use crate::wire::compression::{self, Codec};
use crate::wire::units::{LeaderEpoch, WallMillis};

const WALL: WallMillis = WallMillis(1_000_000);

/// A batch as it is recorded.
struct Sent {
    codec: Codec,
    records: Vec<u8>,
    count: i32,
}

impl Sent {
    /// The same with something done to it, as a line of the fixture says.
    fn changed(&self, how: &str) -> Self {
        let mut words = how.split(' ');
        let mut records = self.records.clone();
        let mut count = self.count;
        while let Some(change) = words.next() {
            let mut number = || words.next().unwrap().parse::<usize>().unwrap();
            match change {
                "=" => {}
                "cut" => records.truncate(number()),
                "count" => count = i32::try_from(number()).unwrap(),
                "skip" => {
                    let size = number();
                    let mut skippable = 0x184D_2A50_u32.to_le_bytes().to_vec();
                    skippable.extend(u32::try_from(size - 8).unwrap().to_le_bytes());
                    skippable.resize(size, 0);
                    skippable.append(&mut records);
                    records = skippable;
                }
                "xor" => {
                    let at = number();
                    records[at] ^= hex(words.next().unwrap())[0];
                }
                "put" => {
                    let at = number();
                    let with = hex(words.next().unwrap());
                    records[at..at + with.len()].copy_from_slice(&with);
                }
                "add" => records.extend(hex(words.next().unwrap_or_default())),
                other => panic!("{other}"),
            }
        }
        Self {
            records,
            count,
            ..*self
        }
    }

    fn batch(&self) -> BatchView {
        let header = BatchHeader {
            record_count: self.count,
            last_offset_delta: self.count - 1,
            base_timestamp: WALL,
            max_timestamp: WALL,
            ..BatchHeader::default()
        };
        let header = BatchHeader {
            attributes: header.attributes.with_codec(self.codec),
            ..header
        };
        BatchView::new(header, Bytes::from(self.records.clone())).unwrap()
    }

    /// What the stream unfolds to, and what becomes of the batch where it stays as it is and where
    /// its records are needed.
    fn verdict(&self) -> String {
        let mut verdict = String::new();
        match compression::decompress(self.codec, &self.records) {
            Ok(bytes) => verdict.push_str(&summary(&bytes)),
            Err(_) => verdict.push('!'),
        }
        for compression in [None, Some(Codec::None)] {
            let config = LogConfig {
                compression,
                max_message_bytes: usize::MAX,
                timestamp_after_max: Duration::MAX,
                ..LogConfig::default()
            };
            let batch = self.batch();
            let survey = Survey::of(&batch);
            let mut log = PartitionLog::new(WALL);
            let cx = AppendContext {
                config: &config,
                topic: "t",
                partition: 0,
                leader_epoch: LeaderEpoch(0),
                origin: Origin::Client,
                now: Now {
                    elapsed: Duration::ZERO,
                    wall: WALL,
                },
                record_bytes_max: 2_147_483_639,
                transaction_v2: false,
            };
            let appended = log
                .append_surveyed(batch, survey, &cx)
                .map_err(FailedBatch::from);
            match (appended, compression) {
                (Err(failed), _) => write!(verdict, " {}", failed.code.code()).unwrap(),
                (Ok(_), None) => verdict.push_str(" ok"),
                (Ok(_), Some(_)) => {
                    let kept = log.batches().next().unwrap();
                    verdict.push(' ');
                    verdict.push_str(&summary(kept.records()));
                }
            }
        }
        verdict
    }
}

fn summary(bytes: &[u8]) -> String {
    format!("{}:{:x}", bytes.len(), crc32c::crc32c(bytes))
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// What was done to a base, and what Kafka said.
struct Case<'a> {
    name: &'a str,
    base: usize,
    how: &'a str,
    want: &'a str,
}

fn read(text: &str) -> (Vec<Sent>, Vec<Case<'_>>) {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let (mut bases, mut cases) = (Vec::new(), Vec::new());
    let mut name = "";
    while let Some(line) = lines.next() {
        let Some(head) = line.strip_prefix("== ") else {
            let (how, want) = line.split_once(" -> ").unwrap();
            cases.push(Case {
                name,
                base: bases.len() - 1,
                how,
                want,
            });
            continue;
        };
        name = head;
        let mut words = head.split(' ');
        let codec = match words.next().unwrap() {
            "gzip" => Codec::Gzip,
            "snappy" => Codec::Snappy,
            "lz4" => Codec::Lz4,
            _ => Codec::Zstd,
        };
        bases.push(Sent {
            codec,
            count: words.next().unwrap().parse().unwrap(),
            records: STANDARD_NO_PAD.decode(lines.next().unwrap()).unwrap(),
        });
    }
    (bases, cases)
}

#[test]
fn frames_are_taken_and_refused_as_kafka_takes_and_refuses_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/codecs/frames.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let (bases, cases) = read(&text);
    assert!(cases.len() > 3000, "only {} cases", cases.len());
    let differing = |cases: &[Case<'_>]| -> Vec<String> {
        let differing = cases.iter().filter_map(|case| {
            let got = bases[case.base].changed(case.how).verdict();
            let Case {
                name, how, want, ..
            } = case;
            (got != *want).then(|| format!("{name}: {how}: {got}, Kafka: {want}"))
        });
        differing.collect()
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let parts = cases.chunks(cases.len().div_ceil(8));
        let running: Vec<_> = parts.map(|part| scope.spawn(|| differing(part))).collect();
        let parts = running.into_iter().map(|part| part.join().unwrap());
        parts.flatten().collect()
    });
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        cases.len(),
        wrong[..wrong.len().min(100)].join("\n")
    );
}
