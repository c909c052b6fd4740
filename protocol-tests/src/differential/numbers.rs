//! Numbers that mean something.

use serde_json::{Value, json};

use super::bodies::Writer;
use crate::codec::schema::Field;

/// The value of a number by its name.
#[expect(clippy::too_many_lines, reason = "a table: a row for each field")]
pub(super) fn number(w: &mut Writer<'_>, owner: &str, field: &Field, wild: bool) -> Value {
    let focus = w.focus;
    let epoch_delta = if wild {
        *w.chance.pick(&[-1, 1, -100, 100])
    } else {
        0
    };
    let roll = w.chance.below(30);
    let mut of = |usual: &[i64], odd: &[i64]| json!(*w.chance.pick(if wild { odd } else { usual }));
    match (w.api, owner, field.name.as_str()) {
        ("DescribeQuorum", ..) => json!(0),
        (_, _, "partitions" | "partitionIndexes" | "partitionIndex" | "partition" | "index") => {
            let here = i64::try_from(focus.partition).unwrap_or(0);
            of(&[here], &[-1, 2, 1000, i64::from(i32::MAX), 1 - here])
        }
        ("DeleteRecords", _, "offset") => of(&[0, 1, 2, -1], &[-2, 100, i64::MAX]),
        (_, _, "fetchOffset") => of(&[0, 0, 1, 2, 3], &[-1, -2, 100, i64::MAX]),
        (_, _, "committedOffset") => of(&[0, 1, 5, 7], &[-1, -2, i64::MAX]),
        (_, _, "currentLeaderEpoch") => of(&[-1, -1, 0], &[1, -2, 1_000_000]),
        (_, _, "lastFetchedEpoch") => of(&[-1, -1, -1, 0], &[1, -2, 1_000_000]),
        (
            "ReadShareGroupState" | "WriteShareGroupState" | "ReadShareGroupStateSummary",
            _,
            "leaderEpoch",
        ) => of(&[0, 0, 1], &[-1, 100]),
        (_, _, "committedLeaderEpoch" | "leaderEpoch") => of(&[-1, 0], &[1, -2, 1_000_000]),
        (_, _, "timestamp") => match wild {
            false => w
                .chance
                .pick(&[
                    json!(-1),
                    json!(-2),
                    json!(-3),
                    json!({"$base": 0}),
                    json!(0),
                ])
                .clone(),
            true => w
                .chance
                .pick(&[
                    json!(-4),
                    json!(-5),
                    json!(-6),
                    json!(-7),
                    json!(i64::MAX),
                    json!({"$base": 1}),
                    json!({"$base": -1}),
                ])
                .clone(),
        },
        (_, _, "isolationLevel") => of(&[0, 1], &[2, -1]),
        (_, _, "acks") => of(&[-1, 1], &[2, -2]),
        // Its first fetch has a share partition begin, for which an answer at once does not wait.
        ("ShareFetch", _, "maxWaitMs") => json!(300),
        (_, _, "maxWaitMs") => json!(0),
        (_, _, "shareSessionEpoch") => match (w.chance.below(12), wild) {
            (0, _) => json!(0),
            (1, _) => json!(-1),
            (_, true) => json!(*w.chance.pick(&[-2, 7, i64::from(i32::MAX)])),
            _ => json!({"$shareSession": [focus.group, focus.member]}),
        },
        (_, _, "maxRecords" | "batchSize") => of(&[1, 2, 100, 100], &[0, -1]),
        (_, _, "shareAcquireMode") => of(&[0, 0, 1], &[2, -1]),
        (
            "AlterShareGroupOffsets" | "InitializeShareGroupState" | "WriteShareGroupState",
            _,
            "startOffset",
        ) => of(&[0, 1, 2], &[-1, -2, 100, i64::MAX]),
        (_, _, "stateEpoch") => of(&[1, 2, 3, 4], &[0, -1, 100]),
        (_, "stateBatches", "firstOffset") => of(&[0, 1, 2], &[-1, 100]),
        (_, "stateBatches", "lastOffset") => of(&[2, 3], &[1, -1]),
        (_, _, "deliveryState") => of(&[0, 2, 4], &[1, 3, 9, -1]),
        (_, _, "deliveryCount") => of(&[1, 2, 4], &[0, -1, 32_767]),
        (_, _, "deliveryCompleteCount") => of(&[0, 1], &[-1, 100]),
        ("ShareFetch", _, "minBytes") => of(&[1], &[0, -1]),
        (_, _, "minBytes") => of(&[0, 1], &[-1]),
        (_, _, "maxBytes" | "partitionMaxBytes") => of(&[1_000_000], &[0, 1, -1, 100]),
        (_, _, "sessionId") => match w.chance.below(4) {
            0 => json!(0),
            _ if wild => json!(12345),
            _ => json!({"$session": 0}),
        },
        (_, _, "sessionEpoch") => match w.chance.below(6) {
            0 => json!(-1),
            1 => json!(0),
            _ => json!({"$sessionEpoch": epoch_delta}),
        },
        (_, _, "rebalanceTimeoutMs") => of(&[30_000], &[-1, 0, 40_000]),
        (_, _, "sessionTimeoutMs") => of(&[30_000], &[-1, 0, 40_000, 10_000_000]),
        (_, _, "generationId") => json!({"$generation": [focus.group, epoch_delta]}),
        (_, _, "generationIdOrMemberEpoch") => match (wild, roll % 3) {
            (false, 0) => json!(-1),
            _ => json!({"$epoch": [focus.group, focus.member, epoch_delta]}),
        },
        ("ConsumerGroupHeartbeat" | "ShareGroupHeartbeat", _, "memberEpoch") => match roll % 10 {
            8 if w.wildness > 0 => json!(-1),
            9 if w.wildness > 0 => json!(*w.chance.pick(&[-2, 0, -3])),
            _ => json!({"$epoch": [focus.group, focus.member, epoch_delta]}),
        },
        (_, _, "memberEpoch") => json!({"$epoch": [focus.group, focus.member, epoch_delta]}),
        ("InitProducerId", _, "producerId") if roll < 18 => json!(-1),
        ("InitProducerId", _, "producerEpoch") if roll < 2 => json!(-1),
        (_, _, "producerId" | "v3AndBelowProducerId") => match wild {
            true => json!(*w.chance.pick(&[-1, 0, 123_456_789, -2])),
            false => json!({"$producer": focus.producer}),
        },
        (_, _, "producerEpoch" | "v3AndBelowProducerEpoch") => {
            json!({"$producerEpoch": [focus.producer, epoch_delta]})
        }
        (_, _, "transactionTimeoutMs") => of(&[60_000], &[-1, 0, 900_001]),
        ("CreateTopics", _, "numPartitions") => of(&[1, 2, -1], &[0, -2, 3]),
        ("CreateTopics", _, "replicationFactor") => of(&[1, -1], &[0, 2, 9, -2]),
        (_, _, "count") => of(&[3, 4], &[0, 1, 2, -1, 3]),
        (_, _, "resourceType") => of(&[2, 2, 2, 32], &[0, 1, 3, 4, 99]),
        (_, _, "configOperation") => of(&[0, 0, 0, 1, 2, 3], &[0, 1, 2, 3]),
        (_, _, "electionType") => of(&[0, 1], &[2]),
        (_, _, "keyType") => of(&[0, 1], &[2, 3, -1]),
        (_, _, "endpointType") => of(&[1], &[2, 0]),
        (_, _, "responsePartitionLimit") => of(&[1, 2, 2000], &[0, -1]),
        (_, _, "transactionVersion") => of(&[0, 1, 2], &[3]),
        (_, _, "maxVersionLevel") => of(&[1, 2], &[0, -1, 99]),
        (_, _, "upgradeType") => of(&[1, 2, 3], &[0, 9]),
        (_, _, "durationFilter") => of(&[-1], &[100_000]),
        (_, _, "replicaId") => of(&[-1], &[-2]),
        (_, _, "timeoutMs") => json!(10_000),
        (_, _, "brokerIds" | "replicas") => json!(1),
        (_, _, "coordinatorEpoch") => of(&[0], &[1, -1]),
        (_, _, "retentionTimeMs") => json!(-1),
        _ => field
            .default
            .as_deref()
            .and_then(|text| text.parse::<i64>().ok())
            .map_or_else(|| json!(0), |number| json!(number)),
    }
}
