//! WriteTxnMarkers (key 27), v1–v2 (KIP-98, KIP-1228).
//!
//! What coordinators send to the leaders, and an administrator to end a transaction that hangs
//! (KIP-664). Oracle: version 2 says by which protocol the epoch is judged.

use crate::engine::cluster::Partition;
use crate::engine::context::{Answer, Context};
use crate::engine::log::MarkerKind;
use crate::engine::transaction::{Producer, TopicPartition, TransactionMarker, TransactionVersion};
use crate::wire::error::ErrorCode;
use crate::wire::messages::write_txn_markers_response::{
    WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
};
use crate::wire::messages::{WritableTxnMarker, WriteTxnMarkersRequest, WriteTxnMarkersResponse};
use crate::wire::units::{ProducerEpoch, ProducerId};

/// Answers at once.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: WriteTxnMarkersRequest,
) -> Answer<WriteTxnMarkersResponse> {
    let mut results: Vec<WritableTxnMarkerResult> = Vec::new();
    for marker in request.markers {
        let topics = write_all(cx, &marker);
        let known = results
            .iter_mut()
            .find(|result| result.producer_id == marker.producer_id);
        match known {
            Some(result) => result.topics.extend(topics),
            None => results.push(
                WritableTxnMarkerResult::default()
                    .with_producer_id(marker.producer_id)
                    .with_topics(topics),
            ),
        }
    }
    Answer::Reply(WriteTxnMarkersResponse::default().with_markers(results))
}

fn write_all(
    cx: &mut Context<'_>,
    marker: &WritableTxnMarker,
) -> Vec<WritableTxnMarkerTopicResult> {
    let mut topics = Vec::with_capacity(marker.topics.len());
    for topic in &marker.topics {
        let mut rows = Vec::with_capacity(topic.partition_indexes.len());
        for index in &topic.partition_indexes {
            let place = TopicPartition::new(&topic.name, *index);
            let code = write(cx, &place, marker).err().unwrap_or(ErrorCode::None);
            let row = WritableTxnMarkerPartitionResult::default().with_partition_index(*index);
            rows.push(row.with_error_code(code.code()));
        }
        let topic = WritableTxnMarkerTopicResult::default().with_name(topic.name.clone());
        topics.push(topic.with_partitions(rows));
    }
    topics
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
    cx.engine.write_marker(cx.now, place, marker)
}

/// The partition, if the asked node has a replica of it.
fn hosted<'a>(cx: &'a Context<'_>, place: &TopicPartition) -> Option<&'a Partition> {
    let topic = cx.engine.cluster.topic(&place.topic)?;
    let partition = topic.partition(place.partition)?;
    partition
        .replicas
        .contains(&cx.call.node)
        .then_some(partition)
}
