//! Record batches to send: right by default, wrong in any field that a case sets.

use serde_json::Value;

use super::compress::Codec;
use crate::clock;
use crate::codec::bytes::{hex, put_int, put_varint};

/// A record batch. `None` stands for the right value.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are those of Kafka's record batch")]
pub struct Batch {
    pub base_offset: i64,
    pub length: Option<i64>,
    pub leader_epoch: i64,
    pub magic: i64,
    pub crc: Option<i64>,
    /// Beside the codec's bits.
    pub attributes: i64,
    pub codec: Codec,
    pub last_offset_delta: Option<i64>,
    pub base_timestamp: i64,
    pub max_timestamp: Option<i64>,
    pub producer_id: i64,
    pub producer_epoch: i64,
    pub base_sequence: i64,
    pub count: Option<i64>,
    pub records: Vec<Record>,
    /// Replaces the records, as they would be written (compressed).
    pub body: Option<Vec<u8>>,
    /// Follows the batch.
    pub trailer: Vec<u8>,
}

/// A record of a batch.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of Kafka's record")]
pub struct Record {
    pub length: Option<i64>,
    pub attributes: i64,
    pub timestamp_delta: i64,
    pub offset_delta: Option<i64>,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Record {
    /// A record with a key and a value.
    #[must_use]
    pub fn keyed(key: &str, value: &str) -> Self {
        Self {
            key: Some(key.into()),
            ..Self::of(value)
        }
    }

    /// A record with a value only.
    #[must_use]
    pub fn of(value: &str) -> Self {
        Self {
            value: Some(value.into()),
            ..Self::default()
        }
    }

    /// A record that deletes a key.
    #[must_use]
    pub fn tombstone(key: &str) -> Self {
        Self {
            key: Some(key.into()),
            ..Self::default()
        }
    }

    /// The record, so much later than its batch's base timestamp.
    #[must_use]
    pub fn after(self, timestamp_delta: i64) -> Self {
        Self {
            timestamp_delta,
            ..self
        }
    }

    fn write(&self, out: &mut Vec<u8>, index: usize) {
        let mut body = Vec::new();
        put_int(&mut body, self.attributes, 1);
        put_varint(&mut body, self.timestamp_delta);
        put_varint(
            &mut body,
            self.offset_delta.unwrap_or_else(|| signed(index)),
        );
        put_bytes(&mut body, self.key.as_deref());
        put_bytes(&mut body, self.value.as_deref());
        put_varint(&mut body, signed(self.headers.len()));
        for (key, value) in &self.headers {
            put_bytes(&mut body, Some(key.as_bytes()));
            put_bytes(&mut body, value.as_deref());
        }
        put_varint(out, self.length.unwrap_or_else(|| signed(body.len())));
        out.extend(body);
    }
}

impl Batch {
    /// A batch of these records, stamped with the run's base time.
    #[must_use]
    pub fn new(records: Vec<Record>) -> Self {
        Self {
            base_offset: 0,
            length: None,
            leader_epoch: -1,
            magic: 2,
            crc: None,
            attributes: 0,
            codec: Codec::None,
            last_offset_delta: None,
            base_timestamp: clock::base_millis(),
            max_timestamp: None,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            count: None,
            records,
            body: None,
            trailer: Vec::new(),
        }
    }

    /// A batch of records that have these values and no keys.
    #[must_use]
    pub fn of(values: &[&str]) -> Self {
        Self::new(values.iter().map(|value| Record::of(value)).collect())
    }

    /// The batch as an idempotent producer sends it.
    #[must_use]
    pub fn from_producer(self, producer_id: i64, producer_epoch: i64, base_sequence: i64) -> Self {
        Self {
            producer_id,
            producer_epoch,
            base_sequence,
            ..self
        }
    }

    /// The bytes.
    ///
    /// # Panics
    /// When the compressor fails.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        for (index, record) in self.records.iter().enumerate() {
            record.write(&mut plain, index);
        }
        #[expect(clippy::expect_used, reason = "compressing into memory does not fail")]
        let body = self
            .body
            .clone()
            .unwrap_or_else(|| self.codec.compress(&plain).expect("compresses"));

        let count = signed(self.records.len());
        let last_delta = self
            .records
            .iter()
            .map(|record| record.timestamp_delta)
            .max()
            .unwrap_or(0);
        let mut checked = Vec::new();
        put_int(&mut checked, self.attributes | self.codec as i64, 2);
        put_int(&mut checked, self.last_offset_delta.unwrap_or(count - 1), 4);
        put_int(&mut checked, self.base_timestamp, 8);
        put_int(
            &mut checked,
            self.max_timestamp
                .unwrap_or(self.base_timestamp + last_delta),
            8,
        );
        put_int(&mut checked, self.producer_id, 8);
        put_int(&mut checked, self.producer_epoch, 2);
        put_int(&mut checked, self.base_sequence, 4);
        put_int(&mut checked, self.count.unwrap_or(count), 4);
        checked.extend(body);

        let mut out = Vec::new();
        put_int(&mut out, self.base_offset, 8);
        put_int(
            &mut out,
            self.length.unwrap_or_else(|| signed(checked.len()) + 9),
            4,
        );
        put_int(&mut out, self.leader_epoch, 4);
        put_int(&mut out, self.magic, 1);
        put_int(
            &mut out,
            self.crc
                .unwrap_or_else(|| i64::from(crc32c::crc32c(&checked))),
            4,
        );
        out.extend(checked);
        out.extend(&self.trailer);
        out
    }

    /// The value of a `records` field.
    #[must_use]
    pub fn json(&self) -> Value {
        Value::String(hex(&self.bytes()))
    }
}

fn put_bytes(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    put_varint(out, bytes.map_or(-1, |bytes| signed(bytes.len())));
    out.extend(bytes.unwrap_or_default());
}

fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
