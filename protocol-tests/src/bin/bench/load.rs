//! Records flat out: requests are written down before, and several are under way at once.

use std::io::Write as _;
use std::net::TcpStream;

use anyhow::{Result, ensure};
use protocol_tests::codec::bytes::hex;
use protocol_tests::records::{Batch, Record};
use serde_json::json;

use crate::exchange::{connect, decoded, frame, pipelined};
use crate::plain::Wish;

/// Bytes that a batch has at most: below Kafka's default of max.message.bytes.
const BATCH_BYTES: usize = 1 << 20;

/// Bytes of a record beside its value, at most; and of a batch beside its records.
const RECORD_OVERHEAD: usize = 12;
const BATCH_OVERHEAD: usize = 61;

/// Bytes of the answer to a Produce of one partition, and of a Fetch's beside its batch; a plain server sends as many.
const PRODUCE_ANSWER_BYTES: usize = 52;
const FETCH_ANSWER_OVERHEAD: usize = 65;

const PRODUCE: i16 = 9;
const FETCH: i16 = 12;

/// The same batch, so many times, to and from the partitions in turn.
pub(crate) struct Load {
    pub(crate) partitions: usize,
    pub(crate) record_bytes: usize,
    pub(crate) topic: &'static str,
    /// How many batches.
    pub(crate) batches: usize,
    /// Records in each of them.
    pub(crate) records: usize,
    pub(crate) batch_bytes: usize,
    /// A Produce request for each partition, its length in front.
    requests: Vec<Vec<u8>>,
}

impl Load {
    pub(crate) fn new(partitions: usize, record_bytes: usize, payload: usize) -> Result<Self> {
        let records = (BATCH_BYTES - BATCH_OVERHEAD) / (record_bytes + RECORD_OVERHEAD);
        let batches = payload / (records * record_bytes);
        Self::of("bench", (partitions, record_bytes), (batches, records))
    }

    /// So many batches of one record each, in one partition.
    pub(crate) fn single(topic: &'static str, record_bytes: usize, batches: usize) -> Result<Self> {
        Self::of(topic, (1, record_bytes), (batches, 1))
    }

    fn of(
        topic: &'static str,
        (partitions, record_bytes): (usize, usize),
        (batches, records): (usize, usize),
    ) -> Result<Self> {
        let value = "v".repeat(record_bytes);
        let batch = Batch::new(vec![Record::of(&value); records]).bytes();
        let text = hex(&batch);
        let request = |partition| {
            let data = json!([{"index": partition, "records": text}]);
            let topics = json!([{"name": topic, "partitionData": data}]);
            let body = json!({"acks": -1, "timeoutMs": 10000, "topicData": topics});
            frame("Produce", PRODUCE, &body)
        };
        Ok(Self {
            partitions,
            record_bytes,
            topic,
            batches,
            records,
            batch_bytes: batch.len(),
            requests: (0..partitions).map(request).collect::<Result<_>>()?,
        })
    }

    /// Bytes of the records' values, in 10^9.
    pub(crate) fn payload_gigabytes(&self) -> Result<f64> {
        let kilobytes = self.batches * self.records * self.record_bytes / 1000;
        Ok(f64::from(u32::try_from(kilobytes)?) / 1e6)
    }

    fn produce_requests(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let turns = self.requests.iter().cycle();
        turns.take(self.batches).map(Vec::as_slice)
    }

    /// Produces every batch; all must be accepted.
    pub(crate) fn produce(&self, address: &str) -> Result<()> {
        let mut stream = connect(address)?;
        pipelined(&mut stream, self.produce_requests(), |answer| {
            let answer = decoded("Produce", PRODUCE, answer)?;
            let code = answer.pointer("/responses/0/partitionResponses/0/errorCode");
            ensure!(
                code.is_some_and(|code| *code == 0),
                "Produce answered {answer}"
            );
            Ok(())
        })
    }

    /// Fetches every batch, one with each request.
    pub(crate) fn fetch(&self, address: &str) -> Result<()> {
        let mut stream = connect(address)?;
        self.each_fetched(&mut stream)
    }

    /// The frames of [`Load::produce`] to a plain server, which answers each with as many bytes.
    pub(crate) fn to_sink(&self, address: &str, keeps: bool) -> Result<()> {
        let mut stream = connect(address)?;
        let answer_bytes = PRODUCE_ANSWER_BYTES;
        stream.write_all(
            &Wish {
                answer_bytes,
                keeps,
            }
            .frame()?,
        )?;
        pipelined(&mut stream, self.produce_requests(), |_| Ok(()))
    }

    /// The frames of [`Load::fetch`] to a plain server, which answers each with as many bytes.
    pub(crate) fn by_source(&self, address: &str) -> Result<()> {
        let mut stream = connect(address)?;
        let answer_bytes = self.batch_bytes + FETCH_ANSWER_OVERHEAD;
        let keeps = false;
        stream.write_all(
            &Wish {
                answer_bytes,
                keeps,
            }
            .frame()?,
        )?;
        self.each_fetched(&mut stream)
    }

    fn each_fetched(&self, stream: &mut TcpStream) -> Result<()> {
        let requests = (0..self.batches)
            .map(|at| self.fetch_request(at % self.partitions, at / self.partitions))
            .collect::<Result<Vec<_>>>()?;
        pipelined(stream, requests.iter().map(Vec::as_slice), |answer| {
            ensure!(answer.len() > self.batch_bytes, "Fetch answered too little");
            Ok(())
        })
    }

    fn fetch_request(&self, partition: usize, batch: usize) -> Result<Vec<u8>> {
        let partition = json!({
            "partition": partition,
            "fetchOffset": batch * self.records,
            "partitionMaxBytes": self.batch_bytes,
        });
        let topics = json!([{"topic": self.topic, "partitions": [partition]}]);
        // A session of epoch -1 is none.
        let body = json!({
            "maxWaitMs": 1000, "minBytes": 1, "maxBytes": i32::MAX,
            "sessionId": 0, "sessionEpoch": -1, "topics": topics,
        });
        frame("Fetch", FETCH, &body)
    }
}
