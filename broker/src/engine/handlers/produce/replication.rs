//! What acks=all waits for: that the high watermark passes what was written.
//!
//! Oracle: each partition is looked at by itself, and the answer goes out when none is open any
//! more. One whose time is up has REQUEST_TIMED_OUT, beside the offset that it got. One whose node no
//! longer leads, or whose topic is gone, has that error.

use std::time::Duration;

use super::answers::WrittenBatch;
use super::{ALL, Written, answer, tell_applied};
use crate::engine::context::{Answer, Context, Parking, WakeOn};
use crate::engine::replica::{self, Serves};
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{ProduceRequest, ProduceResponse};

/// A Produce that is written down, and whose answer waits for replicas.
#[derive(Debug)]
pub(crate) struct Replicating {
    written: Vec<Written>,
    until: Now,
}

/// Answers what was just written, or waits first.
pub(super) fn begin(
    cx: &mut Context<'_>,
    written: Vec<Written>,
    timeout_ms: i32,
) -> Answer<ProduceResponse> {
    if waiting(&written).next().is_none() {
        return answer(cx, ALL, written);
    }
    let timeout = Duration::from_millis(timeout_ms.try_into().unwrap_or(0));
    let until = cx.now.plus(timeout);
    // The records are not needed again.
    let request = ProduceRequest {
        acks: ALL,
        timeout_ms,
        ..ProduceRequest::default()
    };
    wait(cx, Replicating { written, until }, request)
}

/// Looks again, because something about a partition is new or the time is up.
pub(super) fn go_on(
    cx: &mut Context<'_>,
    mut replicating: Replicating,
    request: ProduceRequest,
) -> Answer<ProduceResponse> {
    for topic in &mut replicating.written {
        for (index, outcome) in &mut topic.outcomes {
            if let Ok(outcome) = outcome
                && outcome.waits
                && let Some(result) = look(cx, TopicPartition::at(&topic.name, *index), outcome)
            {
                outcome.waits = false;
                outcome.error = result.err();
            }
        }
    }
    if waiting(&replicating.written).next().is_some() {
        return wait(cx, replicating, request);
    }
    answer(cx, ALL, replicating.written)
}

/// How replicating a batch ended, if it has.
fn look(
    cx: &Context<'_>,
    place: TopicPartition<&str>,
    outcome: &WrittenBatch,
) -> Option<Result<(), ErrorCode>> {
    let (cluster, node) = (&cx.state.cluster, cx.call.node);
    let partition = match replica::find(cluster, place, node, Serves::Leader, None) {
        Ok(partition) => partition,
        Err(error) => return Some(Err(error)),
    };
    if partition.log.high_watermark() > outcome.appended.last_offset {
        let wanted = cx.state.topic_config(place.topic).min_insync_replicas;
        let enough = partition.isr.len() >= wanted.min(partition.replicas.len());
        return Some(if enough {
            Ok(())
        } else {
            Err(ErrorCode::NotEnoughReplicasAfterAppend)
        });
    }
    cx.call.expired.then_some(Err(ErrorCode::RequestTimedOut))
}

fn wait(
    cx: &mut Context<'_>,
    replicating: Replicating,
    request: ProduceRequest,
) -> Answer<ProduceResponse> {
    let places = waiting(&replicating.written);
    let wake = places.flat_map(|place| {
        [
            WakeOn::Partition(place.owned()),
            WakeOn::Topic(place.topic.to_owned()),
        ]
    });
    let parking = Parking {
        until: Some(replicating.until),
        wake: wake.collect(),
    };
    tell_applied(cx, &replicating.written);
    cx.state.replicating.insert(cx.call.ticket, replicating);
    Answer::Park(parking, Box::new(request.into()))
}

/// The partitions whose replicas are waited for.
fn waiting(written: &[Written]) -> impl Iterator<Item = TopicPartition<&str>> {
    written.iter().flat_map(|topic| {
        let waits = |outcome: &WrittenBatch| outcome.waits;
        let open = topic.outcomes.iter();
        let open = open.filter(move |(_, outcome)| outcome.as_ref().is_ok_and(waits));
        open.map(|(index, _)| TopicPartition::at(&topic.name, *index))
    })
}

#[cfg(test)]
mod tests {
    use crate::engine::cluster::Partition;
    use crate::engine::context::{ConnectionId, Effect, Effects};
    use crate::engine::testing::Bench;
    use crate::wire::apis::Response;
    use crate::wire::compression::Codec;
    use crate::wire::messages::{PartitionProduceData, StrBytes, TopicProduceData};
    use crate::wire::records::{BatchBuilder, NewRecord};
    use crate::wire::units::WallMillis;

    use super::*;
    use crate::engine::input::Input;

    /// A step of a script, and what the producer then has been told.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        Hold(i32),
        Release(i32),
        /// To partitions from 0 on.
        Produce(i16, i32),
        Wait(u64),
        NoInSyncReplicas(i32),
        Unled(i32),
        Deleted,
        Closed,
    }
    use Step::{Closed, Deleted, Hold, NoInSyncReplicas, Produce, Release, Unled, Wait};

    const TIMEOUT_MS: i32 = 1000;
    const PRODUCER: ConnectionId = ConnectionId(7);

    fn request(acks: i16, partitions: i32) -> ProduceRequest {
        let data = |index| {
            let mut batch = BatchBuilder::default();
            batch.append(0, WallMillis(0), &NewRecord::new(None, Some(b"v")));
            PartitionProduceData {
                index,
                records: Some(batch.build(Codec::None).unwrap().to_bytes()).into(),
            }
        };
        let topic = TopicProduceData {
            name: StrBytes::from_static_str("t").into(),
            partition_data: (0..partitions).map(data).collect(),
            ..TopicProduceData::default()
        };
        ProduceRequest {
            acks,
            timeout_ms: TIMEOUT_MS,
            topic_data: vec![topic],
            ..ProduceRequest::default()
        }
    }

    /// Each answer as `partition:error@offset`.
    fn told(effects: &[Effect]) -> String {
        let mut replies = Vec::new();
        for effect in effects {
            if let Effect::Reply { response, .. } = effect
                && let Response::Produce(response) = response
            {
                replies.push(response);
            }
        }
        let rows = replies.into_iter().flat_map(|reply| &reply.responses);
        let mut rows: Vec<_> = rows.flat_map(|topic| &topic.partition_responses).collect();
        rows.sort_by_key(|row| row.index);
        let row = rows
            .into_iter()
            .map(|row| format!("{}:{}@{}", row.index, row.error_code, row.base_offset));
        row.collect::<Vec<_>>().join(" ")
    }

    fn partition(bench: &mut Bench, index: i32) -> &mut Partition {
        bench
            .engine
            .state
            .cluster
            .partition_mut("t", index)
            .unwrap()
    }

    fn do_step(bench: &mut Bench, step: Step) -> String {
        let mut effects = Effects::default();
        match step {
            Produce(acks, partitions) => {
                effects = bench.send_from(PRODUCER, "test", 9, request(acks, partitions));
            }
            Wait(millis) => {
                let end = bench.now.plus(Duration::from_millis(millis));
                while let Some(more) = bench.next_until(end) {
                    effects.0.extend(more);
                }
            }
            Closed => {
                let why = "the client left".to_owned();
                let connection = PRODUCER;
                bench.handle(Input::Closed { connection, why });
            }
            Deleted => {
                bench.engine.state.cluster.remove("t");
            }
            Hold(index) => partition(bench, index).log.hold_high_watermark(),
            Release(index) => partition(bench, index).log.release_high_watermark(),
            NoInSyncReplicas(index) => partition(bench, index).isr.clear(),
            Unled(index) => partition(bench, index).leader = None,
        }
        bench.engine.state.wake_topic("t");
        bench.engine.finish(bench.now, &mut effects);
        told(&effects.0)
    }

    /// What is told after each step, and how many batches each partition has in the end.
    fn check(script: &[(Step, &str)], batches: [usize; 2]) {
        let mut bench = Bench::new(&[]);
        bench.topic("t", 2);
        for (at, (step, expected)) in script.iter().enumerate() {
            assert_eq!(
                do_step(&mut bench, *step),
                *expected,
                "step {at} of {script:?}"
            );
        }
        assert!(
            bench.engine.state.replicating.is_empty(),
            "after {script:?}"
        );
        if bench.engine.state.cluster.topic("t").is_some() {
            let found = [0, 1].map(|index| bench.batches("t", index).len());
            assert_eq!(found, batches, "after {script:?}");
        }
    }

    #[test]
    fn waits_until_the_high_watermark_has_passed() {
        let held = (Hold(0), "");
        check(&[(Produce(-1, 2), "0:0@0 1:0@0")], [1, 1]);
        check(&[held, (Produce(1, 1), "0:0@0")], [1, 0]);
        check(
            &[held, (Produce(-1, 2), ""), (Release(0), "0:0@0 1:0@0")],
            [1, 1],
        );
        let both = [held, (Hold(1), ""), (Produce(-1, 2), "")];
        let rest = [
            (Release(1), ""),
            (Wait(999), ""),
            (Release(0), "0:0@0 1:0@0"),
        ];
        check(&[both.as_slice(), &rest].concat(), [1, 1]);
    }

    #[test]
    fn ends_with_what_kept_it_from_its_replicas() {
        let begun = [(Hold(0), ""), (Produce(-1, 2), "")];
        for (step, told) in [
            (Wait(1000), "0:7@0 1:0@0"),
            (Unled(0), "0:6@0 1:0@0"),
            (Deleted, "0:3@0 1:0@0"),
        ] {
            check(&[begun.as_slice(), &[(step, told)]].concat(), [1, 1]);
        }
        let alone = [(NoInSyncReplicas(0), ""), (Release(0), "0:20@0 1:0@0")];
        check(&[begun.as_slice(), &alone].concat(), [1, 1]);
    }

    #[test]
    fn nothing_is_left_of_a_connection_that_is_gone() {
        check(
            &[
                (Hold(0), ""),
                (Produce(-1, 1), ""),
                (Closed, ""),
                (Wait(2000), ""),
            ],
            [1, 0],
        );
    }
}
