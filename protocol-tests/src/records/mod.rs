//! Record batches: what a case sends, and what it gets to see.

mod build;
mod compress;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

pub use build::{Batch, Record};
pub use compress::Codec;

use crate::codec::bytes::{Reader, hex};

/// Bytes as text where they are printable, in hexadecimal otherwise.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => hex(bytes),
    }
}

/// The batches of a `records` field, taken apart. What cannot be read is shown as bytes.
#[must_use]
pub fn describe(bytes: &[u8]) -> Value {
    let mut rest = Reader(bytes);
    let mut batches = Vec::new();
    while !rest.0.is_empty() {
        let mut ahead = rest.clone();
        if let Ok(shown) = batch(&mut ahead) {
            batches.push(shown);
            rest = ahead;
        } else {
            batches.push(json!({ "unreadable": format!("{} bytes", rest.0.len()) }));
            break;
        }
    }
    Value::Array(batches)
}

/// The same for batches that a case sends: without the fields that say what every batch says.
#[must_use]
pub fn describe_sent(bytes: &[u8]) -> Value {
    let mut shown = describe(bytes);
    for batch in shown
        .as_array_mut()
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        let number = |name: &str| batch.get(name).and_then(Value::as_i64).unwrap_or(-1);
        let records = batch.get("records").and_then(Value::as_array);
        let count = records.map(|records| i64::try_from(records.len()).unwrap_or(i64::MAX));
        let span = number("maxTimestamp") - number("baseTimestamp");
        let latest = records
            .into_iter()
            .flatten()
            .filter_map(|record| record["timestamp"].as_i64())
            .max();
        let ordinary = [
            ("maxTimestamp", latest == Some(span), Value::Null),
            (
                "lastOffsetDelta",
                count == Some(number("lastOffsetDelta") + 1),
                Value::Null,
            ),
            ("count", count == Some(number("count")), Value::Null),
            ("baseOffset", false, 0.into()),
            ("partitionLeaderEpoch", false, (-1).into()),
            ("magic", false, 2.into()),
            ("attributes", false, "none".into()),
            ("producerId", false, (-1).into()),
            ("producerEpoch", false, (-1).into()),
            ("baseSequence", false, (-1).into()),
        ];
        for (name, derived, default) in ordinary {
            if derived || batch.get(name) == Some(&default) {
                batch.shift_remove(name);
            }
        }
    }
    shown
}

fn batch(bytes: &mut Reader<'_>) -> Result<Value> {
    let base_offset = bytes.int(8)?;
    let length = usize::try_from(bytes.int(4)?)?;
    let mut inside = Reader(bytes.take(length)?);
    let leader_epoch = inside.int(4)?;
    let magic = inside.int(1)?;
    let crc = inside.uint(4)?;
    let crc_is_right = crc == i64::from(crc32c::crc32c(inside.0));
    let attributes = inside.int(2)?;
    let mut map = Map::new();
    let mut put = |name: &str, value: Value| drop(map.insert(name.to_owned(), value));
    put("baseOffset", base_offset.into());
    put("partitionLeaderEpoch", leader_epoch.into());
    put("magic", magic.into());
    if !crc_is_right {
        put("crc", "wrong".into());
    }
    put("attributes", attribute_names(attributes).into());
    for (name, width) in HEADER_FIELDS {
        put(name, inside.int(width)?.into());
    }
    let count = map.get("count").and_then(Value::as_i64).unwrap_or(0);
    let codec = Codec::of(attributes).context("an unknown codec")?;
    let shown = match codec
        .decompress(inside.0)
        .and_then(|plain| records(&plain, count))
    {
        Ok(records) => Value::Array(records),
        Err(_) => json!({ "unreadable": format!("{} bytes", inside.0.len()) }),
    };
    map.insert("records".to_owned(), shown);
    Ok(Value::Object(map))
}

/// The fields of a batch's header after the attributes, and their widths.
const HEADER_FIELDS: [(&str, usize); 7] = [
    ("lastOffsetDelta", 4),
    ("baseTimestamp", 8),
    ("maxTimestamp", 8),
    ("producerId", 8),
    ("producerEpoch", 2),
    ("baseSequence", 4),
    ("count", 4),
];

fn attribute_names(attributes: i64) -> String {
    let mut names = vec![Codec::of(attributes).map_or("unknown codec", Codec::name)];
    for (bit, name) in [
        (8, "log append time"),
        (16, "transactional"),
        (32, "control"),
        (64, "delete horizon"),
    ] {
        if attributes & bit != 0 {
            names.push(name);
        }
    }
    names.join(", ")
}

fn records(plain: &[u8], count: i64) -> Result<Vec<Value>> {
    let mut bytes = Reader(plain);
    let shown = (0..count)
        .map(|_| record(&mut bytes))
        .collect::<Result<Vec<_>>>()?;
    anyhow::ensure!(bytes.0.is_empty(), "bytes are left after the records");
    Ok(shown)
}

fn record(bytes: &mut Reader<'_>) -> Result<Value> {
    let length = usize::try_from(bytes.varint()?)?;
    let mut inside = Reader(bytes.take(length)?);
    let attributes = inside.int(1)?;
    let timestamp = inside.varint()?;
    let offset = inside.varint()?;
    let mut shown = json!({
        "offset": offset,
        "timestamp": timestamp,
        "key": nullable_text(&mut inside)?,
        "value": nullable_text(&mut inside)?,
    });
    let count = inside.varint()?;
    let headers = (0..count)
        .map(|_| {
            Ok(Value::Array(vec![
                nullable_text(&mut inside)?,
                nullable_text(&mut inside)?,
            ]))
        })
        .collect::<Result<Vec<_>>>()?;
    if let Some(map) = shown.as_object_mut() {
        if !headers.is_empty() {
            map.insert("headers".to_owned(), Value::Array(headers));
        }
        if attributes != 0 {
            map.insert("attributes".to_owned(), attributes.into());
        }
    }
    Ok(shown)
}

fn nullable_text(bytes: &mut Reader<'_>) -> Result<Value> {
    match bytes.varint()? {
        length if length < 0 => Ok(Value::Null),
        length => Ok(Value::String(text(bytes.take(usize::try_from(length)?)?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_comes_back_whole() {
        let mut record = Record::keyed("k", "v").after(3);
        record.headers = vec![("h".into(), Some(b"1".to_vec())), ("h".into(), None)];
        let mut batch = Batch {
            codec: Codec::Gzip,
            base_timestamp: 100,
            ..Batch::new(vec![Record::of("x"), record])
        };
        let shown = describe(&batch.bytes());
        assert_eq!(shown[0]["attributes"], "gzip");
        assert_eq!(shown[0]["maxTimestamp"], 103);
        assert_eq!(
            shown[0]["records"][1]["headers"],
            json!([["h", "1"], ["h", null]])
        );
        assert_eq!(shown[0]["records"][0]["key"], Value::Null);
        batch.crc = Some(0);
        assert_eq!(describe(&batch.bytes())[0]["crc"], "wrong");
    }
}
