//! A log under test: records are written as short words, time is a number.

mod cleaning;
mod producing;
mod random;
mod reading;

use std::time::Duration;

use super::validate::validate;
use super::*;
use crate::wire::batch::BatchView;
use crate::wire::batch::Survey;
use crate::wire::compression::Codec;
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::{ProducerEpoch, Sequence};

/// A log with its settings and the time.
struct Bench {
    log: PartitionLog,
    config: LogConfig,
    wall: i64,
    epoch: i32,
    transaction_v2: bool,
}

const START: i64 = 1_000_000;

/// Of compressed records; far above what the tests send, but for one.
const RECORD_BYTES_MAX: usize = 1000;

impl Bench {
    fn new(config: LogConfig) -> Self {
        let log = PartitionLog::new(WallMillis(START));
        Self {
            log,
            config,
            wall: START,
            epoch: 0,
            transaction_v2: false,
        }
    }

    fn now(&self) -> Now {
        let elapsed = Duration::from_millis(self.wall.abs_diff(START));
        Now {
            elapsed,
            wall: WallMillis(self.wall),
        }
    }

    fn with_context<R>(
        &mut self,
        origin: Origin,
        act: impl FnOnce(&mut PartitionLog, &AppendContext<'_>) -> R,
    ) -> R {
        let cx = AppendContext {
            config: &self.config,
            topic: "t",
            partition: 0,
            leader_epoch: LeaderEpoch(self.epoch),
            origin,
            now: self.now(),
            record_bytes_max: RECORD_BYTES_MAX,
            transaction_v2: self.transaction_v2,
        };
        let result = act(&mut self.log, &cx);
        self.log.check_invariants();
        result
    }

    fn append(&mut self, batch: BatchView) -> Result<Appended, AppendError> {
        self.with_context(Origin::Client, |log, cx| {
            let survey = Survey::of(&batch);
            let walked = validate(batch.clone(), None, log.end, cx);
            assert_eq!(validate(batch.clone(), survey, log.end, cx), walked);
            log.append_surveyed(batch, survey, cx)
        })
    }

    /// Appends records of the form `key=value@timestamp`; a missing part is null, or now.
    fn put(&mut self, records: &[&str]) -> i64 {
        let batch = self.batch(records, Codec::None);
        self.append(batch).unwrap().base_offset.0
    }

    fn batch(&self, records: &[&str], codec: Codec) -> BatchView {
        let mut builder = BatchBuilder::default();
        for (delta, text) in (0..).zip(records) {
            let (field, at) = text.split_once('@').unwrap_or((text, ""));
            let (key, value) = field.split_once('=').unwrap_or((field, ""));
            let some = |text: &'static str| (!text.is_empty()).then_some(text.as_bytes());
            let (key, value) = (some(leak(key)), some(leak(value)));
            let wall = at.parse().unwrap_or(self.wall);
            builder.append(delta, WallMillis(wall), &NewRecord::new(key, value));
        }
        builder.build(codec).unwrap()
    }

    /// A batch of `count` records of producer `id`.
    fn produced(
        &self,
        id: i64,
        epoch: i16,
        first: i32,
        count: i32,
        transactional: bool,
    ) -> BatchView {
        let mut builder = BatchBuilder::default();
        builder.header.producer_id = ProducerId(id);
        builder.header.producer_epoch = ProducerEpoch(epoch);
        builder.header.base_sequence = Sequence(first);
        if transactional {
            builder.header.attributes = builder.header.attributes.with_transactional();
        }
        for delta in 0..count {
            let key = format!("k{id}");
            builder.append(
                delta,
                WallMillis(self.wall),
                &NewRecord::new(Some(key.as_bytes()), Some(b"v")),
            );
        }
        builder.build(Codec::None).unwrap()
    }

    fn end(&mut self, id: i64, epoch: i16, kind: MarkerKind) -> Result<Offset, AppendError> {
        let marker = Marker {
            kind,
            coordinator_epoch: 0,
        };
        let producer = (ProducerId(id), ProducerEpoch(epoch));
        self.with_context(Origin::Coordinator, |log, cx| {
            log.append_marker(producer, marker, cx)
        })
    }

    /// Every record that is still there, as `offset:key=value`; markers as `offset:commit`.
    fn contents(&self) -> String {
        let mut words = Vec::new();
        for batch in self
            .log
            .segments
            .iter()
            .flat_map(|segment| &segment.batches)
        {
            if let Some(marker) = Marker::of(batch).filter(|_| batch.is_control()) {
                words.push(format!("{}:{:?}", batch.base_offset(), marker.kind).to_lowercase());
                continue;
            }
            let unfolded = batch.unfold().unwrap();
            let text = |part: Option<&[u8]>| {
                String::from_utf8_lossy(part.unwrap_or_default()).into_owned()
            };
            let records = unfolded.iter().map(|record| {
                let record = record.unwrap();
                format!(
                    "{}:{}={}",
                    batch.offset_of(&record),
                    text(record.key),
                    text(record.value)
                )
            });
            let before = words.len();
            words.extend(records);
            if words.len() == before {
                words.push(format!("{}:empty", batch.last_offset()));
            }
        }
        words.join(" ")
    }
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
