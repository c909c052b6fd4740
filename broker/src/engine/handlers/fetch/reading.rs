//! Reading one partition for a Fetch.

use crate::engine::authorizer::Operation;
use crate::engine::cluster::{Partition, Topic};
use crate::engine::context::Context;
use crate::engine::fetch::sessions::{FetchedPartition, PartitionRequest, PartitionResponse};
use crate::engine::log::{AbortedTransaction, PartitionLog, ReadLimits, Slice};
use crate::engine::replica::{self, Serves};
use crate::wire::error::ErrorCode;
use crate::wire::messages::FetchRequest;
use crate::wire::messages::fetch_response::{
    AbortedTransaction as AbortedRow, EpochEndOffset, PartitionData,
};
use crate::wire::units::{LeaderEpoch, NodeId, Offset};

/// The first version whose consumers may read from followers (KIP-392).
const FOLLOWERS_SINCE: i16 = 11;

/// The first version that carries the epoch of the last fetched record (KIP-595).
const DIVERGING_SINCE: i16 = 12;

/// What is left of the request's bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct FetchBudget {
    pub(super) bytes: i32,
    /// Nothing was found so far: the next batch comes whole, whatever its size.
    pub(super) must_progress: bool,
}

/// What reading a partition gave.
#[derive(Debug)]
pub(super) enum Reading<'a> {
    /// No topic has this partition.
    Unknown(i32, ErrorCode),
    Failed(i32, ErrorCode),
    /// The reader's log is not this one: it ends where this epoch does.
    Diverging(i32, Watermarks, (LeaderEpoch, Offset)),
    /// A replica nearer to the reader.
    Elsewhere(i32, Watermarks, NodeId),
    Records(i32, Watermarks, Slice<'a>, Option<Vec<AbortedTransaction>>),
}

/// The offsets that every answer carries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watermarks {
    high_watermark: Offset,
    last_stable: Offset,
    log_start: Offset,
}

impl Watermarks {
    fn of(log: &PartitionLog) -> Self {
        Self {
            high_watermark: log.high_watermark(),
            last_stable: log.last_stable_offset(),
            log_start: log.start(),
        }
    }
}

/// Reads for one request.
pub(super) struct Reader<'a, 'b> {
    cx: &'a Context<'b>,
    committed: bool,
    /// A broker's id: only brokers that follow may use one.
    replica: bool,
    /// Whether the client may follow, if it says that it does.
    may_follow: Option<bool>,
    rack: Option<String>,
}

impl<'a, 'b> Reader<'a, 'b> {
    pub(super) fn new(cx: &'a Context<'b>, request: &FetchRequest) -> Self {
        let selects = cx
            .state
            .broker_config(cx.call.node)
            .replica_selector
            .is_some();
        let rack = (selects && cx.call.version >= FOLLOWERS_SINCE)
            .then(|| request.rack_id.to_string())
            .filter(|rack| !rack.is_empty());
        let replica = request.replica_id.0.max(request.replica_state.replica_id.0) >= 0;
        let may_follow = replica.then(|| cx.access().allows_cluster(Operation::ClusterAction));
        Self {
            cx,
            committed: request.isolation_level == 1,
            replica,
            may_follow,
            rack,
        }
    }

    pub(super) fn read(
        &self,
        partition: &FetchedPartition,
        wanted: &PartitionRequest,
        budget: &mut FetchBudget,
    ) -> Reading<'a> {
        let index = partition.partition;
        let (topic, found) = match self.find(partition) {
            Ok(found) => found,
            Err(code) => return Reading::Unknown(index, code),
        };
        if !partition.topic_id.is_nil() && topic.id != partition.topic_id {
            return Reading::Failed(index, ErrorCode::InconsistentTopicId);
        }
        match self.read_found(index, found, wanted, *budget) {
            Ok(reading) => {
                budget.take(reading.bytes());
                reading
            }
            Err(code) => {
                budget.take(0);
                Reading::Failed(index, code)
            }
        }
    }

    fn find(&self, asked: &FetchedPartition) -> Result<(&'a Topic, &'a Partition), ErrorCode> {
        if self.may_follow == Some(false) {
            return Err(ErrorCode::TopicAuthorizationFailed);
        }
        let name = asked.topic.as_deref().ok_or(ErrorCode::UnknownTopicId)?;
        if !self.replica {
            self.cx.access().topic(Operation::Read, name)?;
        }
        let topic = self.cx.state.cluster.topic(name);
        topic
            .and_then(|topic| Some((topic, topic.partition(asked.partition)?)))
            .ok_or(ErrorCode::UnknownTopicOrPartition)
    }

    fn read_found(
        &self,
        index: i32,
        partition: &'a Partition,
        wanted: &PartitionRequest,
        budget: FetchBudget,
    ) -> Result<Reading<'a>, ErrorCode> {
        let serves = if self.cx.call.version >= FOLLOWERS_SINCE && !self.replica {
            Serves::Anyone
        } else {
            Serves::Leader
        };
        replica::check(
            partition,
            self.cx.call.node,
            serves,
            wanted.current_leader_epoch,
        )?;
        if self.replica {
            return Err(ErrorCode::NotLeaderOrFollower);
        }
        let log = &partition.log;
        let marks = Watermarks::of(log);
        if let Some(nearer) = self.nearer(partition, wanted.offset) {
            return Ok(Reading::Elsewhere(index, marks, nearer));
        }
        if let Some(end) = self.diverging(partition, wanted)? {
            return Ok(Reading::Diverging(index, marks, end));
        }
        let up_to = if self.committed {
            marks.last_stable
        } else {
            marks.high_watermark
        };
        let limits = limits(wanted, (marks.log_start, up_to), budget)?;
        let slice = log.read(&limits).map_err(|_| ErrorCode::OffsetOutOfRange)?;
        let aborted = self
            .committed
            .then(|| log.aborted_in(wanted.offset, &slice));
        Ok(Reading::Records(index, marks, slice, aborted))
    }

    /// A follower in the reader's rack, if the leader is not in it (KIP-392).
    fn nearer(&self, partition: &Partition, offset: Offset) -> Option<NodeId> {
        let rack = self.rack.as_deref()?;
        let cluster = &self.cx.state.cluster;
        let in_rack = |node: &NodeId| cluster.rack(*node) == Some(rack);
        let leads = partition.leader == Some(self.cx.call.node);
        let reachable = partition.log.start() <= offset && offset <= partition.log.end();
        if !leads || !reachable || partition.leader.as_ref().is_some_and(in_rack) {
            return None;
        }
        partition
            .isr
            .iter()
            .filter(|node| in_rack(node))
            .min()
            .copied()
    }

    /// Where the reader's log parts from this one (KIP-595).
    fn diverging(
        &self,
        partition: &Partition,
        wanted: &PartitionRequest,
    ) -> Result<Option<(LeaderEpoch, Offset)>, ErrorCode> {
        let last = wanted
            .last_fetched_epoch
            .filter(|_| self.cx.call.version >= DIVERGING_SINCE);
        let Some(last) = last.map(LeaderEpoch) else {
            return Ok(None);
        };
        let log = &partition.log;
        let (epoch, end) = if last == partition.leader_epoch {
            (last, log.end())
        } else {
            log.epochs()
                .end_of(last, log.end())
                .ok_or(ErrorCode::OffsetOutOfRange)?
        };
        if wanted.offset < log.start() {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        Ok((epoch < last || end < wanted.offset).then_some((epoch, end)))
    }
}

fn limits(
    wanted: &PartitionRequest,
    (log_start, up_to): (Offset, Offset),
    budget: FetchBudget,
) -> Result<ReadLimits, ErrorCode> {
    let max_bytes = wanted.max_bytes.min(budget.bytes);
    // A negative size is refused, but only once there is something to read.
    let max_bytes = match usize::try_from(max_bytes) {
        Ok(bytes) => bytes,
        Err(_) if wanted.offset < log_start => return Err(ErrorCode::OffsetOutOfRange),
        Err(_) if wanted.offset < up_to => return Err(ErrorCode::UnknownServerError),
        Err(_) => 0,
    };
    Ok(ReadLimits {
        from: wanted.offset,
        up_to,
        max_bytes,
        at_least_one: budget.must_progress,
    })
}

impl FetchBudget {
    fn take(&mut self, bytes: usize) {
        let bytes = i32::try_from(bytes).unwrap_or(i32::MAX);
        self.must_progress &= bytes == 0;
        self.bytes = self.bytes.saturating_sub(bytes).max(0);
    }
}

impl Reading<'_> {
    pub(super) const fn is_of_known_partition(&self) -> bool {
        !matches!(self, Self::Unknown(..))
    }

    /// Whether it ends the request's wait.
    pub(super) const fn is_urgent(&self) -> bool {
        matches!(
            self,
            Self::Failed(..) | Self::Diverging(..) | Self::Elsewhere(..)
        )
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Records(_, _, slice, _) => slice.bytes(),
            Self::Unknown(..) | Self::Failed(..) | Self::Diverging(..) | Self::Elsewhere(..) => 0,
        }
    }

    /// The partition's part of the answer, and what the session looks at.
    pub(super) fn into_row(self) -> (PartitionData, PartitionResponse) {
        let is_error = matches!(self, Self::Unknown(..) | Self::Failed(..));
        let has_hint = matches!(self, Self::Diverging(..) | Self::Elsewhere(..));
        let row = self.row();
        let answered = PartitionResponse {
            high_watermark: row.high_watermark,
            log_start: row.log_start_offset,
            has_records: row
                .records
                .as_ref()
                .is_some_and(|records| !records.is_empty()),
            is_error,
            has_hint,
        };
        (row, answered)
    }

    fn row(self) -> PartitionData {
        match self {
            Self::Unknown(index, code) => PartitionData {
                aborted_transactions: Some(Vec::new()),
                ..failed(index, code)
            },
            Self::Failed(index, code) => failed(index, code),
            Self::Diverging(index, marks, (epoch, end)) => PartitionData {
                diverging_epoch: EpochEndOffset {
                    epoch: epoch.0,
                    end_offset: end.0,
                },
                ..told(index, marks)
            },
            Self::Elsewhere(index, marks, node) => PartitionData {
                preferred_read_replica: node.0.into(),
                ..told(index, marks)
            },
            Self::Records(index, marks, slice, aborted) => PartitionData {
                records: Some(slice.to_rope()),
                aborted_transactions: aborted.map(|all| all.iter().map(aborted_row).collect()),
                ..told(index, marks)
            },
        }
    }
}

fn told(index: i32, marks: Watermarks) -> PartitionData {
    PartitionData {
        high_watermark: marks.high_watermark.0,
        last_stable_offset: marks.last_stable.0,
        log_start_offset: marks.log_start.0,
        ..row(index)
    }
}

pub(super) fn failed(index: i32, code: ErrorCode) -> PartitionData {
    PartitionData {
        error_code: code.code(),
        ..row(index)
    }
}

/// A row with everything as it is when nothing is known.
fn row(index: i32) -> PartitionData {
    PartitionData {
        partition_index: index,
        high_watermark: -1,
        ..PartitionData::default()
    }
}

fn aborted_row(aborted: &AbortedTransaction) -> AbortedRow {
    AbortedRow {
        producer_id: aborted.producer_id.0.into(),
        first_offset: aborted.first_offset.0,
    }
}
