//! Batches as producers send them.

use std::fmt::Write as _;

use bytes::Bytes;

use crate::engine::testing::START;
use crate::wire::batch::{BatchView, ProducedRecords, UnverifiedBatch};
use crate::wire::compression::Codec;
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::{ProducerEpoch, ProducerId, Sequence};

/// The first version of Produce that may carry every codec.
const PRODUCE_VERSION: i16 = 7;

/// A batch.
#[derive(Debug, Clone)]
pub struct Batch {
    view: BatchView,
    bytes: Bytes,
    unfolded_bytes: usize,
}

impl Batch {
    /// Records with values of that size, by a codec's name in Kafka's settings, or `none`.
    pub fn new(codec: &str, records: u32, value_bytes: usize) -> Self {
        Self::built(BatchBuilder::default(), codec, (records, value_bytes))
    }

    /// One record in a transaction, the first that its producer sends.
    pub(super) fn in_transaction(id: ProducerId, epoch: ProducerEpoch) -> Self {
        let mut builder = BatchBuilder::default();
        let header = &mut builder.header;
        header.attributes = header.attributes.with_transactional();
        header.producer_id = id;
        header.producer_epoch = epoch;
        header.base_sequence = Sequence(0);
        Self::built(builder, "none", (1, 100))
    }

    fn built(mut builder: BatchBuilder, codec: &str, (records, value_bytes): (u32, usize)) -> Self {
        let mut codecs = (0..).map_while(Codec::from_id);
        let codec = codecs.find(|known| known.name() == codec).unwrap();
        let mut unfolded_bytes = 0;
        for (delta, seed) in (0..).zip(0..records) {
            let value = value(seed, value_bytes);
            let record = NewRecord::new(None, Some(value.as_bytes()));
            builder.append(delta, START, &record);
            unfolded_bytes += record.size(delta, 0);
        }
        let view = builder.build(codec).unwrap();
        let bytes = view.to_bytes();
        Self {
            view,
            bytes,
            unfolded_bytes,
        }
    }

    pub(super) const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// How large it is as it is sent.
    pub fn sent_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// How large its records are once they are unfolded.
    pub const fn unfolded_bytes(&self) -> usize {
        self.unfolded_bytes
    }

    /// Its checksum.
    pub fn crc(&self) -> u32 {
        self.view.header().checksum(self.view.records())
    }

    /// Finds it in what was produced, verifies it, and surveys its records.
    pub fn verify(&self) -> impl Sized + use<> {
        self.verified()
    }

    pub(super) fn verified(&self) -> (BatchView, Option<crate::wire::batch::Survey>) {
        let records = ProducedRecords::from(Some(self.bytes.clone()));
        let batch = UnverifiedBatch::from_produce(&records, PRODUCE_VERSION).unwrap();
        let survey = batch.survey();
        assert!(survey.is_some(), "records without a survey");
        (batch.verify(usize::MAX).unwrap(), survey)
    }

    /// Unfolds its records.
    pub fn unfold(&self) -> impl Sized + '_ {
        self.view.unfold().unwrap()
    }
}

/// What a record may say: words that come again, and numbers that do not.
fn value(seed: u32, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 64);
    let mut chance = u64::from(seed);
    while text.len() < bytes {
        // Knuth's MMIX generator.
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (customer, cents) = (chance >> 40, (chance >> 20) & 0xffff);
        let row = write!(
            text,
            r#"{{"customer":{customer},"cents":{cents},"state":"paid"}}"#
        );
        row.unwrap();
    }
    text.truncate(bytes);
    text
}
