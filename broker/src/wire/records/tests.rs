use bytes::Bytes;

use super::*;

fn two(codec: Codec) -> BatchView {
    let mut builder = BatchBuilder::default();
    builder.append(0, WallMillis(50), &NewRecord::new(Some(b"key"), None));
    let headers = [4, 2, b'h', 2, b'1', 2, b'h', 1];
    let record = NewRecord {
        key: None,
        value: Some(&[9; 300]),
        raw_headers: &headers,
    };
    builder.append(1, WallMillis(-7), &record);
    builder.build(codec).unwrap()
}

#[test]
fn records_come_back_with_every_codec() {
    for codec in [
        Codec::None,
        Codec::Gzip,
        Codec::Snappy,
        Codec::Lz4,
        Codec::Zstd,
    ] {
        let batch = two(codec);
        let unfolded = batch.unfold().unwrap();
        let read: Vec<_> = unfolded.iter().map(Result::unwrap).collect();
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].key, read[0].value), (Some(&b"key"[..]), None));
        assert_eq!(read[0].timestamp, WallMillis(50));
        assert_eq!(read[1].timestamp, WallMillis(-7));
        assert_eq!(read[1].offset_delta, 1);
        let headers: Vec<_> = read[1].headers().collect();
        assert_eq!(headers, [(&b"h"[..], Some(&b"1"[..])), (&b"h"[..], None)]);
        assert_eq!(batch.max_timestamp(), WallMillis(50));
    }
}

#[test]
fn numbers_zigzag() {
    for value in [
        0,
        -1,
        1,
        63,
        -64,
        64,
        300,
        i64::from(i32::MIN),
        i64::from(i32::MAX),
    ] {
        let mut out = Vec::new();
        put_varint(&mut out, value);
        assert_eq!(get_varint(&mut out.as_slice()).map(i64::from), Some(value));
        assert_eq!(get_varlong(&mut out.as_slice()), Some(value));
    }
    for value in [i64::MIN, i64::MAX] {
        let mut out = Vec::new();
        put_varint(&mut out, value);
        assert_eq!(get_varlong(&mut out.as_slice()), Some(value));
    }
    assert_eq!(get_varint(&mut &[0x80; 5][..]), None);
}

fn check(records: &[u8], count: i32, want: &RecordsError) {
    let header = BatchHeader {
        record_count: count,
        ..BatchHeader::default()
    };
    let batch = BatchView::new(header, Bytes::copy_from_slice(records)).unwrap();
    let unfolded = batch.unfold().unwrap();
    let error = unfolded.iter().find_map(Result::err);
    assert_eq!(error.as_ref(), Some(want));
}

#[test]
fn malformed_records_are_found() {
    let good = [12, 0, 0, 0, 1, 1, 0];
    check(&good, 2, &RecordsError::Fewer);
    check(&[good, good].concat(), 1, &RecordsError::Remaining);
    check(&[1], 1, &RecordsError::Structure);
    check(&[40, 0, 0, 0, 1, 1, 0], 1, &RecordsError::Structure);
    check(&[12, 0, 0, 0, 1, 1, 8], 1, &RecordsError::Structure);
    check(&[14, 0, 0, 0, 1, 1, 0, 0], 1, &RecordsError::Structure);
    check(&[12, 0, 0, 0, 1, 1, 0xff], 1, &RecordsError::Structure);
    check(&[255; 30], i32::MAX, &RecordsError::Number);
}

#[test]
fn lengths_may_be_ignored() {
    for length in [0, 12, 60] {
        let header = BatchHeader {
            record_count: 1,
            ..BatchHeader::default()
        };
        let bytes = Bytes::copy_from_slice(&[length, 0, 0, 0, 1, 1, 0]);
        let batch = BatchView::new(header, bytes).unwrap();
        let unfolded = batch.unfold().unwrap();
        assert!(
            unfolded.iter_fields().all(|record| record.is_ok()),
            "{length}"
        );
        assert_eq!(unfolded.iter().all(|record| record.is_ok()), length == 12);
    }
}

#[test]
fn a_batch_that_announces_billions_of_records_allocates_nothing() {
    check(&[], i32::MAX, &RecordsError::Fewer);
}
