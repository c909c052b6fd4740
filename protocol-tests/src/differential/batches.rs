//! Record batches that are right but for one thing.

use serde_json::{Value, json};

use super::bodies::Writer;
use crate::records::{Batch, Record};

/// A batch, usually a right one.
pub(super) fn batch(w: &mut Writer<'_>) -> Value {
    let wild = w.is_wild();
    let change = match wild {
        true => *w.chance.pick(&[
            "crc",
            "magic",
            "count",
            "lastOffsetDelta",
            "length",
            "maxTimestamp",
            "attributes",
            "control",
            "baseOffset",
            "leaderEpoch",
            "empty",
            "trailer",
            "appendTime",
            "twice",
            "keyless",
            "codec",
            "deltas",
            "future",
            "past",
        ]),
        false => "",
    };
    let sequence = match w.chance.below(if w.wildness == 0 { 6 } else { 10 }) {
        0..7 => json!("next"),
        7 => json!("again"),
        8 => json!("gap"),
        _ => json!(*w.chance.pick(&[0, 1, -1, -2, i64::from(i32::MAX)])),
    };
    let plain =
        matches!(w.theme, "fetch" | "share") || (w.theme != "transactions" && w.chance.percent(25));
    let producer = if plain {
        json!(null)
    } else {
        json!(w.focus.producer)
    };
    let transactional = if w.is_wild() {
        w.focus.producer == 2
    } else {
        w.focus.producer < 2
    };
    let epoch = if w.is_wild() {
        *w.chance.pick(&[-1, 1, 5])
    } else {
        0
    };
    json!({"$batch": {"producer": producer, "epoch": epoch, "sequence": sequence, "transactional": transactional, "records": 1 + w.chance.below(3),
        "codec": w.chance.below(5) * usize::from(w.chance.percent(30)), "keyed": w.chance.percent(50), "change": change,
        "topic": w.focus.topic, "partition": w.focus.partition}})
}

/// The batch with one thing wrong.
#[expect(clippy::too_many_lines, reason = "a table: a row for each field")]
pub(super) fn changed(batch: Batch, change: &str) -> Batch {
    let records = batch.records.clone();
    match change {
        "crc" => Batch {
            crc: Some(7),
            ..batch
        },
        "magic" => Batch { magic: 1, ..batch },
        "count" => Batch {
            count: Some(7),
            ..batch
        },
        "lastOffsetDelta" => Batch {
            last_offset_delta: Some(7),
            ..batch
        },
        "length" => Batch {
            length: Some(20),
            ..batch
        },
        "maxTimestamp" => Batch {
            max_timestamp: Some(5),
            ..batch
        },
        "attributes" => Batch {
            attributes: batch.attributes | 0x80,
            ..batch
        },
        "control" => Batch {
            attributes: batch.attributes | 0x20,
            ..batch
        },
        "appendTime" => Batch {
            attributes: batch.attributes | 8,
            ..batch
        },
        "baseOffset" => Batch {
            base_offset: 9,
            ..batch
        },
        "leaderEpoch" => Batch {
            leader_epoch: 9,
            ..batch
        },
        "empty" => Batch {
            records: Vec::new(),
            ..batch
        },
        "trailer" => Batch {
            trailer: vec![0; 7],
            ..batch
        },
        "twice" => Batch {
            trailer: batch.bytes(),
            ..batch
        },
        "codec" => Batch {
            attributes: batch.attributes | 7,
            ..batch
        },
        "future" => Batch {
            base_timestamp: batch.base_timestamp + 3 * 86_400_000,
            ..batch
        },
        "past" => Batch {
            base_timestamp: -1,
            ..batch
        },
        "deltas" => Batch {
            records: records
                .into_iter()
                .map(|record| Record {
                    offset_delta: Some(3),
                    ..record
                })
                .collect(),
            ..batch
        },
        _ => batch,
    }
}
