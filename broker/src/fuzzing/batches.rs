//! Record batches: what a producer sends, what a log makes of it, and what consumers get; and each codec by itself.

use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use super::choices::Choices;
use super::cluster;
use super::words::Words;
use super::world::World;
use crate::engine::commands::Command;
use crate::engine::context::ConnectionId;
use crate::engine::inspect;
use crate::engine::log::ReadLimits;
use crate::wire::batch::{BatchView, HEADER_BYTES, ProducedRecords, Survey};
use crate::wire::compression::replay::Reading;
use crate::wire::compression::{self, Codec};
use crate::wire::messages::fetch_request::{FetchPartition, FetchTopic};
use crate::wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use crate::wire::messages::{
    FetchRequest, InitProducerIdRequest, ListOffsetsRequest, TopicName, str_bytes,
};
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::{NodeId, Offset, WallMillis};

const CODECS: [Codec; 5] = [
    Codec::None,
    Codec::Gzip,
    Codec::Snappy,
    Codec::Lz4,
    Codec::Zstd,
];

pub(super) fn batches(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.byte() & 7 {
        0 => decompressed(&mut choices),
        1 => compressed(&mut choices),
        2 => walked(&mut choices),
        3 => produced(&mut choices, raw),
        4 => produced(&mut choices, repaired),
        5 => produced(&mut choices, enveloped),
        _ => produced(&mut choices, built),
    }
}

/// Bytes that claim to be of a codec.
fn decompressed(choices: &mut Choices<'_>) {
    let codec = choices.pick(&CODECS);
    if let Ok(bytes) = compression::decompress(codec, choices.rest()) {
        assert!(
            bytes.len() <= compression::UNFOLDED_BYTES_MAX,
            "nothing unfolds without a bound"
        );
    }
}

/// What a codec has compressed is the same again.
fn compressed(choices: &mut Choices<'_>) {
    let codec = choices.pick(&CODECS);
    let level = choices.pick(&[-1, 1, 9]);
    let bytes = choices.rest();
    let compressed =
        compression::compress(codec, bytes, level).expect("anything can be compressed");
    let again = compression::decompress(codec, &compressed);
    assert_eq!(again.as_deref(), Ok(bytes));
}

/// Batches whose checksum nobody asks for, read in every way.
fn walked(choices: &mut Choices<'_>) {
    let bytes = repaired(choices);
    let Ok(batches) = BatchView::parse_all(&bytes) else {
        return;
    };
    for batch in batches {
        walk(&batch);
    }
}

fn walk(batch: &BatchView) {
    let survey = Survey::of(batch);
    for reading in [Reading::Whole, Reading::InPart] {
        let Ok(records) = batch.unfold_for(reading, 1 << 20) else {
            continue;
        };
        let all: Result<Vec<_>, _> = records.iter().collect();
        let by_fields = records.iter_fields().count();
        std::hint::black_box(by_fields);
        if let Ok(all) = &all {
            for record in all {
                std::hint::black_box((record.headers().count(), record.headers_rewritten()));
            }
        }
    }
    std::hint::black_box((survey, batch.to_bytes()));
}

/// What is left, as it is.
fn raw(choices: &mut Choices<'_>) -> Bytes {
    Bytes::copy_from_slice(choices.rest())
}

/// What is left, with length, format and checksum right: what is damaged is behind them.
fn repaired(choices: &mut Choices<'_>) -> Bytes {
    let mut bytes = choices.rest().to_vec();
    if bytes.len() < HEADER_BYTES {
        bytes.resize(HEADER_BYTES, 0);
    }
    let length = u32::try_from(bytes.len() - 12).unwrap_or(u32::MAX);
    put(&mut bytes, 8, &length.to_be_bytes());
    put(&mut bytes, 16, &[2]);
    let checksum = crc32c::crc32c(bytes.get(21..).unwrap_or_default());
    put(&mut bytes, 17, &checksum.to_be_bytes());
    Bytes::from(bytes)
}

fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + what.len()) {
        place.copy_from_slice(what);
    }
}

/// What is left as the compressed records of a batch that is otherwise in order.
fn enveloped(choices: &mut Choices<'_>) -> Bytes {
    let codec = choices.pick(&CODECS);
    let count = choices.byte() % 8;
    let mut builder = BatchBuilder::default();
    for delta in 0..count {
        let record = NewRecord::new(None, Some(b"v"));
        builder.append(delta.into(), WallMillis(1_700_000_000_000), &record);
    }
    let Ok(batch) = builder.build(codec) else {
        return Bytes::new();
    };
    let head = batch.to_bytes().slice(..HEADER_BYTES);
    let all = [&head, choices.rest()].concat();
    repaired(&mut Choices::new(&all))
}

/// A batch as a producer makes it, with records that are chosen.
fn built(choices: &mut Choices<'_>) -> Bytes {
    let heard = super::words::Heard {
        wall_ms: 1_700_000_000_000,
        producers: vec![(0, 0)],
        ..super::words::Heard::default()
    };
    let mut words = Words {
        choices,
        heard: &heard,
    };
    words.batch()
}

/// Produces to every topic, reads it back at several versions, and has time pass, in which logs are cleaned.
fn produced(choices: &mut Choices<'_>, make: impl Fn(&mut Choices<'_>) -> Bytes) {
    let mut world = World::new(1);
    let version = 3 + i16::from(choices.byte() % 11);
    let isolation = i8::from(choices.flag());
    let transactional = choices.byte() & 7 == 7;
    let client = world.open(NodeId(0));
    if transactional {
        begin(&mut world, client);
    }
    let bytes = make(choices);
    std::hint::black_box(format!(
        "{:?}",
        ProducedRecords::from(Some(bytes.clone())).header()
    ));
    for topic in ["a", "b", "compacted"] {
        for _ in 0..2 {
            produce(&mut world, client, (version, topic, transactional), &bytes);
        }
    }
    for version in [4, 12, 17] {
        fetch(&mut world, client, version, isolation);
    }
    offsets(&mut world, client);
    look(&world);
    world.pass(Duration::from_secs(2 * 86_400));
    let _ = world.command(Command::HoldMarkers { hold: false });
    fetch(&mut world, client, 12, isolation);
    look(&world);
}

fn begin(world: &mut World, client: ConnectionId) {
    let request = InitProducerIdRequest::default()
        .with_transactional_id(Some(str_bytes("x").into()))
        .with_transaction_timeout_ms(60_000);
    world.send(client, 2, request);
}

fn produce(
    world: &mut World,
    client: ConnectionId,
    (version, topic, transactional): (i16, &str, bool),
    records: &Bytes,
) {
    let mut request = cluster::produce(topic, records.clone());
    request.transactional_id = transactional.then(|| str_bytes("x").into());
    if version > 12 {
        for row in &mut request.topic_data {
            row.topic_id = id(world, topic);
            row.name = TopicName::default();
        }
    }
    world.send(client, version, request);
}

fn id(world: &World, topic: &str) -> Uuid {
    let topic = world.engine.state.cluster.topic(topic);
    topic.map(|topic| topic.id).unwrap_or_default()
}

fn fetch(world: &mut World, client: ConnectionId, version: i16, isolation: i8) {
    for name in ["a", "b", "compacted"] {
        let partition = FetchPartition::default().with_partition_max_bytes(1 << 20);
        let mut topic = FetchTopic::default().with_partitions(vec![partition]);
        if version > 12 {
            topic.topic_id = id(world, name);
        } else {
            topic.topic = str_bytes(name).into();
        }
        let request = FetchRequest::default()
            .with_max_bytes(1 << 20)
            .with_isolation_level(isolation)
            .with_topics(vec![topic]);
        world.send(client, version, request);
    }
}

fn offsets(world: &mut World, client: ConnectionId) {
    for timestamp in [-1, -2, -3, 0, 1_700_000_000_000] {
        let partition = ListOffsetsPartition::default().with_timestamp(timestamp);
        let topic = ListOffsetsTopic::default()
            .with_name(str_bytes("a").into())
            .with_partitions(vec![partition]);
        let request = ListOffsetsRequest::default()
            .with_replica_id((-1).into())
            .with_topics(vec![topic]);
        world.send(client, 8, request);
    }
}

fn look(world: &World) {
    world.look();
    for topic in world.engine.state.cluster.topics() {
        for partition in &topic.partitions {
            let limits = ReadLimits {
                from: partition.log.start(),
                up_to: Offset(i64::MAX),
                max_bytes: usize::MAX,
                at_least_one: true,
            };
            let read = partition.log.read(&limits).expect("it begins there");
            std::hint::black_box(inspect::batches(read.batches));
            std::hint::black_box(inspect::records(read.batches, 0, 100));
        }
    }
}
