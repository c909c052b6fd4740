//! A server that keeps the frames of Produce requests and gives them back to Fetch: what moving the bytes costs.
//!
//! It understands as much as librdkafka needs for that. It looks at no checksum and no record, and knows one producer.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use protocol_tests::codec::bytes::{Reader, put_int, put_uvarint};
use protocol_tests::codec::{decode, encode, schema};
use serde_json::{Value, json};

/// What it understands, and up to which version. Only the newest Produce and Fetch are really there.
const VERSIONS: [(&str, i16); 6] = [
    ("Produce", 9),
    ("Fetch", 12),
    ("Metadata", 9),
    ("FindCoordinator", 2),
    ("InitProducerId", 1),
    ("ApiVersions", 3),
];

/// In a batch: its length follows its first offset, and in the end of its header stands how many records it has.
const BATCH_LENGTH_AT: usize = 8;
const RECORD_COUNT_AT: usize = 57;

/// How long a Fetch waits that finds nothing.
const NOTHING: Duration = Duration::from_millis(100);

/// A frame, of which a part is a batch.
#[derive(Debug)]
struct Kept {
    frame: Vec<u8>,
    batch: std::ops::Range<usize>,
    /// Behind its last record.
    end: i64,
}

/// By partition, in the order of offsets.
type Log = BTreeMap<i64, Vec<Arc<Kept>>>;

#[derive(Debug)]
struct Shared {
    port: u16,
    topic: String,
    partitions: usize,
    log: RwLock<Log>,
}

/// Serves one topic, given as NAME:PARTITIONS, until the process is killed.
pub(crate) fn serve(topic: &str) -> Result<()> {
    let (name, partitions) = topic.split_once(':').context("NAME:PARTITIONS")?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let shared = Shared {
        port: address.port(),
        topic: name.to_owned(),
        partitions: partitions.parse()?,
        log: RwLock::default(),
    };
    // Reads the definitions of messages, so that no client waits for that.
    versions()?;
    let mut out = io::stdout();
    writeln!(out, "READY bootstrap={address}")?;
    out.flush()?;
    thread::scope(|scope| {
        for stream in listener.incoming() {
            let stream = stream?;
            stream.set_nodelay(true)?;
            scope.spawn(|| {
                if let Err(error) = shared.converse(stream) {
                    let _lost = writeln!(io::stderr(), "frames: {error:#}");
                }
                // The kernel tells what living threads took.
                loop {
                    thread::park();
                }
            });
        }
        Ok(())
    })
}

/// Who asks for what.
struct Header {
    api: i64,
    version: i16,
    correlation_id: i64,
}

impl Shared {
    /// Answers until the client leaves.
    fn converse(&self, mut stream: TcpStream) -> Result<()> {
        let mut length = [0; 4];
        loop {
            if stream.read_exact(&mut length).is_err() {
                return Ok(());
            }
            // The kernel gives such memory page by page, when the bytes come.
            let mut frame = vec![0; usize::try_from(u32::from_be_bytes(length))?];
            stream.read_exact(&mut frame)?;
            let mut bytes = Reader(&frame);
            let header = Header {
                api: bytes.int(2)?,
                version: i16::try_from(bytes.int(2)?)?,
                correlation_id: bytes.int(4)?,
            };
            let client_id = bytes.length(false, 2)?.unwrap_or(0);
            bytes.take(client_id)?;
            match header.api {
                0 => {
                    let answer = self.produced(&header, frame)?;
                    send(&mut stream, &answer)?;
                }
                1 => self.fetch(&header, bytes, &mut stream)?,
                _ => send(&mut stream, &self.told(&header, bytes)?)?,
            }
        }
    }

    /// Keeps a frame; librdkafka writes to one partition at a time.
    fn produced(&self, header: &Header, frame: Vec<u8>) -> Result<Vec<u8>> {
        ensure!(header.version == 9, "Produce version {}", header.version);
        let mut bytes = Reader(&frame);
        bytes.take(8)?;
        let client_id = bytes.length(false, 2)?.unwrap_or(0);
        bytes.take(client_id)?;
        bytes.uvarint()?;
        let transactional_id = bytes.length(true, 2)?.unwrap_or(0);
        bytes.take(transactional_id)?;
        bytes.take(6)?;
        ensure!(bytes.length(true, 4)? == Some(1), "one topic at a time");
        let name = bytes.length(true, 2)?.unwrap_or(0);
        bytes.take(name)?;
        ensure!(bytes.length(true, 4)? == Some(1), "one partition at a time");
        let partition = bytes.int(4)?;
        let size = bytes.length(true, 4)?.context("records")?;
        let start = frame.len() - bytes.0.len();
        let base = self.keep(partition, frame, start..start + size)?;

        let mut answer = Vec::with_capacity(128);
        put_int(&mut answer, header.correlation_id, 4);
        answer.extend([0, 2]);
        put_name(&mut answer, &self.topic);
        answer.push(2);
        put_int(&mut answer, partition, 4);
        put_int(&mut answer, 0, 2);
        put_int(&mut answer, base, 8);
        put_int(&mut answer, -1, 8);
        put_int(&mut answer, 0, 8);
        // No errors of records, no message; then the ends of partition and topic, no throttling, and the end.
        answer.extend([1, 0, 0, 0]);
        put_int(&mut answer, 0, 4);
        answer.push(0);
        Ok(answer)
    }

    /// Gives the batch its offset: its first record's.
    fn keep(
        &self,
        partition: i64,
        mut frame: Vec<u8>,
        batch: std::ops::Range<usize>,
    ) -> Result<i64> {
        let bytes = frame.get_mut(batch.clone()).context("a batch")?;
        let length = bytes.get(BATCH_LENGTH_AT..).context("a length")?;
        let whole = Reader(length).int(4)? + 12;
        ensure!(
            usize::try_from(whole)? == bytes.len(),
            "one batch at a time"
        );
        let count = Reader(bytes.get(RECORD_COUNT_AT..).context("a count")?).int(4)?;
        let mut log = self.log.write().unwrap_or_else(PoisonError::into_inner);
        let kept = log.entry(partition).or_default();
        let base = kept.last().map_or(0, |last| last.end);
        let first = bytes.first_chunk_mut::<8>().context("an offset")?;
        *first = base.to_be_bytes();
        kept.push(Arc::new(Kept {
            frame,
            batch,
            end: base + count,
        }));
        Ok(base)
    }

    /// Gives batches back from where they are.
    fn fetch(&self, header: &Header, bytes: Reader<'_>, stream: &mut TcpStream) -> Result<()> {
        ensure!(header.version == 12, "Fetch version {}", header.version);
        let mut bytes = bytes;
        bytes.uvarint()?;
        let body = decode(schema::message("FetchRequest")?, 12, &mut bytes)?;
        let mut left = whole(&body, "/maxBytes")?;
        let asked = body.pointer("/topics/0/partitions");
        let mut found = Vec::new();
        for row in asked.and_then(Value::as_array).into_iter().flatten() {
            let partition = whole(row, "/partition")?;
            let most = whole(row, "/partitionMaxBytes")?.min(left);
            let (batches, end) = self.from(partition, whole(row, "/fetchOffset")?, most);
            left -= batches
                .iter()
                .map(|kept| size(&kept.batch))
                .sum::<i64>()
                .min(left);
            found.push((partition, batches, end));
        }
        if found.iter().all(|(_, batches, _)| batches.is_empty()) {
            thread::park_timeout(NOTHING);
        }
        let mut parts = Parts::default();
        put_int(&mut parts.small, header.correlation_id, 4);
        parts.small.push(0);
        // No throttling, no error, no session.
        parts.small.extend([0; 10]);
        parts.small.push(2);
        put_name(&mut parts.small, &self.topic);
        put_uvarint(&mut parts.small, u64::try_from(found.len() + 1)?);
        for (partition, batches, end) in found {
            put_int(&mut parts.small, partition, 4);
            put_int(&mut parts.small, 0, 2);
            put_int(&mut parts.small, end, 8);
            put_int(&mut parts.small, end, 8);
            put_int(&mut parts.small, 0, 8);
            // No aborted transactions, no other replica to read from.
            parts.small.push(0);
            put_int(&mut parts.small, -1, 4);
            let bytes = batches.iter().map(|kept| size(&kept.batch)).sum::<i64>();
            put_uvarint(&mut parts.small, u64::try_from(bytes + 1)?);
            batches.into_iter().for_each(|kept| parts.put(kept));
            parts.small.push(0);
        }
        parts.small.extend([0, 0]);
        parts.send(stream)
    }

    /// Batches of a partition from an offset on, and where it ends.
    fn from(&self, partition: i64, offset: i64, mut most: i64) -> (Vec<Arc<Kept>>, i64) {
        let log = self.log.read().unwrap_or_else(PoisonError::into_inner);
        let all = log.get(&partition).map_or(&[][..], Vec::as_slice);
        let at = all.partition_point(|kept| kept.end <= offset);
        let batches = all.iter().skip(at).take_while(|kept| {
            let fits = most > 0;
            most -= size(&kept.batch);
            fits
        });
        let batches = batches.cloned().collect();
        (batches, all.last().map_or(0, |last| last.end))
    }

    /// Answers everything else.
    fn told(&self, header: &Header, bytes: Reader<'_>) -> Result<Vec<u8>> {
        let _asked = bytes;
        let here = json!({"nodeId": 1, "host": "127.0.0.1", "port": self.port});
        let (api, body) = match header.api {
            3 => ("Metadata", self.metadata(&here)),
            10 => ("FindCoordinator", here),
            18 => ("ApiVersions", versions()?),
            22 => {
                let body = json!({"producerId": 1, "producerEpoch": 0});
                ("InitProducerId", body)
            }
            other => bail!("a request of kind {other}"),
        };
        let message = schema::message(&format!("{api}Response"))?;
        let mut answer = Vec::new();
        put_int(&mut answer, header.correlation_id, 4);
        if message.flexible.contains(header.version) && api != "ApiVersions" {
            answer.push(0);
        }
        answer.extend(encode(message, header.version, &body)?);
        Ok(answer)
    }

    fn metadata(&self, here: &Value) -> Value {
        let partitions: Vec<_> = (0..self.partitions)
            .map(|index| {
                json!({"partitionIndex": index, "leaderId": 1, "leaderEpoch": 0,
                    "replicaNodes": [1], "isrNodes": [1]})
            })
            .collect();
        json!({"brokers": [here], "controllerId": 1, "clusterId": "frames",
            "topics": [{"name": self.topic, "partitions": partitions}]})
    }
}

fn versions() -> Result<Value> {
    let row = |(api, newest): (&str, i16)| {
        let message = schema::message(&format!("{api}Request"))?;
        Ok(json!({"apiKey": message.api_key, "minVersion": 0, "maxVersion": newest}))
    };
    let rows = VERSIONS.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    Ok(json!({"apiKeys": rows}))
}

/// An answer whose batches stay where they are until they are sent.
#[derive(Default)]
struct Parts {
    /// What is before a batch.
    small: Vec<u8>,
    /// Each with what is before it.
    batches: Vec<(Vec<u8>, Arc<Kept>)>,
}

impl Parts {
    fn put(&mut self, kept: Arc<Kept>) {
        self.batches.push((std::mem::take(&mut self.small), kept));
    }

    fn send(self, stream: &mut TcpStream) -> Result<()> {
        let batches = self.batches.iter();
        let length = batches
            .map(|(before, kept)| before.len() + kept.batch.len())
            .sum::<usize>();
        let length = u32::try_from(length + self.small.len())?;
        stream.write_all(&length.to_be_bytes())?;
        for (before, kept) in &self.batches {
            stream.write_all(before)?;
            let batch = kept.frame.get(kept.batch.clone());
            stream.write_all(batch.context("a batch")?)?;
        }
        stream.write_all(&self.small)?;
        Ok(())
    }
}

fn send(stream: &mut TcpStream, answer: &[u8]) -> Result<()> {
    let length = u32::try_from(answer.len())?;
    stream.write_all(&[length.to_be_bytes().as_slice(), answer].concat())?;
    Ok(())
}

fn put_name(out: &mut Vec<u8>, name: &str) {
    out.push(u8::try_from(name.len() + 1).unwrap_or(0));
    out.extend(name.as_bytes());
}

fn size(batch: &std::ops::Range<usize>) -> i64 {
    i64::try_from(batch.len()).unwrap_or(i64::MAX)
}

fn whole(value: &Value, at: &str) -> Result<i64> {
    let found = value.pointer(at).and_then(Value::as_i64);
    found.with_context(|| format!("no {at} in {value}"))
}
