//! WriteTxnMarkers (key 27), v1–v2 (KIP-98, KIP-1228).
//!
//! What coordinators send to the leaders, and an administrator to end a transaction that hangs
//! (KIP-664). Oracle: version 2 says by which protocol the epoch is judged. The answer has a row for each
//! producer id, none for a marker of no partition; a marker that cannot be built fails the whole
//! request, though the markers before it are written.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::authorizer::Operation;
use crate::engine::cluster::Partition;
use crate::engine::context::{Answer, Context};
use crate::engine::java::{hash, hash_map};
use crate::engine::log::MarkerKind;
use crate::engine::repeats::grouped;
use crate::engine::topic_partition::TopicPartition;
use crate::engine::transaction::{Producer, TransactionMarker, TransactionVersion};
use crate::wire::error::ErrorCode;
use crate::wire::messages::write_txn_markers_response::{
    WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
};
use crate::wire::messages::{
    WritableTxnMarker, WriteTxnMarkersRequest, WriteTxnMarkersResponse, str_bytes,
};
use crate::wire::units::{ProducerEpoch, ProducerId};

/// What came of the markers of each producer in each partition.
type Results = BTreeMap<i64, BTreeMap<TopicPartition, ErrorCode>>;

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: WriteTxnMarkersRequest,
) -> Answer<WriteTxnMarkersResponse> {
    if let Err(code) = may_write(cx) {
        return Answer::Reply(answer(&request, all_failed(&request, code)));
    }
    let mut results = Results::new();
    for marker in &request.markers {
        let places = places(marker);
        if places.is_empty() {
            continue;
        }
        if cannot_be_built(marker) && places.iter().any(|place| hosted(cx, place).is_some()) {
            results = all_failed(&request, ErrorCode::UnknownServerError);
            break;
        }
        let written = places.into_iter().map(|place| {
            let code = write(cx, &place, marker).err().unwrap_or(ErrorCode::None);
            (place, code)
        });
        let written: Vec<_> = written.collect();
        results
            .entry(marker.producer_id.0)
            .or_default()
            .extend(written);
    }
    Answer::Reply(answer(&request, results))
}

/// Brokers take CLUSTER_ACTION, administrators ALTER.
fn may_write(cx: &Context<'_>) -> Result<(), ErrorCode> {
    let access = cx.access();
    if access.allows_cluster_quietly(Operation::Alter) {
        return Ok(());
    }
    access.cluster(Operation::ClusterAction)
}

fn answer(request: &WriteTxnMarkersRequest, results: Results) -> WriteTxnMarkersResponse {
    let mut results: Vec<_> = results.into_iter().collect();
    let asked = |producer: i64| {
        let mut markers = request.markers.iter();
        markers.position(|marker| marker.producer_id.0 == producer)
    };
    results.sort_by_cached_key(|(producer, _)| asked(*producer));
    hash_map::sort_concurrent(&mut results, |(producer, _)| hash::of_long(*producer));
    let rows = results.into_iter().map(row).collect();
    WriteTxnMarkersResponse::default().with_markers(rows)
}

/// Each partition once.
fn places(marker: &WritableTxnMarker) -> BTreeSet<TopicPartition> {
    let topics = marker.topics.iter();
    let places = topics.flat_map(|topic| {
        let indexes = topic.partition_indexes.iter();
        indexes.map(|index| TopicPartition::new(&topic.name, *index))
    });
    places.collect()
}

/// No batch has such a producer, or there is no such protocol.
const fn cannot_be_built(marker: &WritableTxnMarker) -> bool {
    marker.producer_id.0 == -1 || marker.producer_epoch == -1 || marker.transaction_version < 0
}

fn all_failed(request: &WriteTxnMarkersRequest, code: ErrorCode) -> Results {
    let rows = request.markers.iter().map(|marker| {
        let failed = |place| (place, code);
        let places = places(marker).into_iter().map(failed);
        (marker.producer_id.0, places.collect())
    });
    rows.collect()
}

fn row((producer, results): (i64, BTreeMap<TopicPartition, ErrorCode>)) -> WritableTxnMarkerResult {
    let mut results: Vec<_> = results.into_iter().collect();
    hash_map::sort_concurrent(&mut results, |(place, _)| {
        hash::of_partition(&place.topic, place.partition)
    });
    let rows = results.into_iter().map(|(place, code)| {
        let row = WritableTxnMarkerPartitionResult::default()
            .with_partition_index(place.partition)
            .with_error_code(code.code());
        (place.topic, row)
    });
    let mut topics = grouped(rows);
    hash_map::sort_by_name(&mut topics, |(topic, _)| topic);
    let topics = topics.into_iter().map(|(name, partitions)| {
        WritableTxnMarkerTopicResult::default()
            .with_name(str_bytes(name).into())
            .with_partitions(partitions)
    });
    WritableTxnMarkerResult::default()
        .with_producer_id(producer.into())
        .with_topics(topics.collect())
}

fn write(
    cx: &mut Context<'_>,
    place: &TopicPartition,
    marker: &WritableTxnMarker,
) -> Result<(), ErrorCode> {
    let node = cx.call.node;
    let partition = hosted(cx, place).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    if partition.leader != Some(node) {
        return Err(ErrorCode::NotLeaderOrFollower);
    }
    let kind = if marker.transaction_result {
        MarkerKind::Commit
    } else {
        MarkerKind::Abort
    };
    let marker = TransactionMarker {
        producer: Producer {
            id: ProducerId(marker.producer_id.0),
            epoch: ProducerEpoch(marker.producer_epoch),
        },
        kind,
        coordinator_epoch: marker.coordinator_epoch,
        version: TransactionVersion::of_level(marker.transaction_version.into()),
    };
    cx.state.write_marker(cx.now, place, marker)
}

/// The partition, if the asked node has a replica of it.
fn hosted<'a>(cx: &'a Context<'_>, place: &TopicPartition) -> Option<&'a Partition> {
    let topic = cx.state.cluster.topic(&place.topic)?;
    let partition = topic.partition(place.partition)?;
    partition
        .replicas
        .contains(&cx.call.node)
        .then_some(partition)
}
