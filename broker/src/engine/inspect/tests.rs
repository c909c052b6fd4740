use super::*;
use crate::engine::testing::Bench;
use crate::wire::batch::BatchView;
use crate::wire::compression::Codec;
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, WallMillis};

/// A batch of one record of a transactional producer.
fn batch(producer: i64, offset: i64, record: &NewRecord<'_>, is_control: bool) -> BatchView {
    let mut builder = BatchBuilder::default();
    builder.header.producer_id = ProducerId(producer);
    builder.header.producer_epoch = ProducerEpoch(2);
    builder.header.base_sequence = if is_control {
        Sequence::NONE
    } else {
        Sequence(7)
    };
    builder.header.attributes = builder.header.attributes.with_transactional();
    if is_control {
        builder.header.attributes = builder.header.attributes.with_control();
    }
    builder.append(0, WallMillis(1000), record);
    let mut batch = builder.build(Codec::None).unwrap();
    batch.place(Offset(offset), LeaderEpoch(4));
    batch
}

fn data(producer: i64, offset: i64) -> BatchView {
    batch(
        producer,
        offset,
        &NewRecord::new(Some(b"k"), Some(b"v")),
        false,
    )
}

fn marker(producer: i64, offset: i64, kind: u8) -> BatchView {
    let (key, value) = ([0, 0, 0, kind], [0, 0, 0, 0, 0, 9]);
    batch(
        producer,
        offset,
        &NewRecord::new(Some(&key), Some(&value)),
        true,
    )
}

#[test]
fn records_say_what_became_of_their_transactions() {
    let log = [
        data(1, 0),
        data(2, 1),
        marker(1, 2, 1),
        data(1, 3),
        marker(2, 4, 0),
        data(2, 5),
    ];
    let records = records(&log, 0, 100);
    let fates: Vec<_> = records.iter().map(|record| record.transaction).collect();
    use Fate::{Aborted, Committed, Open};
    let expected = [
        Some(Committed),
        Some(Aborted),
        None,
        Some(Open),
        None,
        Some(Open),
    ];
    assert_eq!(fates, expected);
    let committed = Marker {
        kind: MarkerKind::Commit,
        coordinator_epoch: 9,
    };
    assert_eq!(records[2].marker, Some(committed));
    assert_eq!(records[4].marker.unwrap().kind, MarkerKind::Abort);
    let first = &records[0];
    assert_eq!(
        (first.producer_id, first.producer_epoch),
        (Some(1), Some(2))
    );
    assert_eq!((first.sequence, first.leader_epoch), (Some(7), 4));
    assert_eq!(first.key.as_deref(), Some(b"k".as_slice()));
    assert_eq!(super::records(&log, 3, 2).len(), 2);
    assert_eq!(super::records(&log, 3, 2)[0].offset, 3);
    let batches = batches(&log);
    assert_eq!((batches[4].base_offset, batches[4].is_control), (4, true));
}

#[test]
fn a_partition_and_what_is_written_to_it() {
    let mut bench = Bench::new(&[]);
    bench.topic("t", 2);
    let record = crate::engine::commands::produce::RecordToWrite {
        value: Some(vec![0xFF]),
        headers: vec![("h".to_owned(), b"1".to_vec())],
        ..Default::default()
    };
    let mut write = |partition| {
        let placed = crate::engine::commands::produce::PlacedRecord {
            partition: Some(partition),
            record: record.clone(),
        };
        let written = bench.command(crate::engine::commands::Command::WriteRecords {
            topic: "t".to_owned(),
            records: vec![placed],
            transactional_id: None,
        });
        written.map(crate::engine::input::Reply::written)
    };
    assert_eq!(write(1).unwrap(), [(1, 0)]);
    assert_eq!(write(1).unwrap(), [(1, 1)]);
    assert!(write(2).is_err());
    let view = bench.engine.state.partition_view("t", 1).unwrap();
    assert_eq!((view.log_end_offset, view.high_watermark), (2, 2));
    assert_eq!(view.leader, Some(0));
    let (log, start) = bench.engine.state.log_of("t", 1).unwrap();
    let records = records(&log, start, 10);
    assert_eq!(records[1].headers[0].key, "h");
    let json = serde_json::to_value(&records[1]).unwrap();
    assert_eq!(json["value"]["base64"], "/w==");
    assert_eq!(json["headers"][0]["value"], "1");
    assert_eq!(bench.engine.state.topic_view("u"), None);
}
