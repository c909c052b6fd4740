//! What a ShareFetch reads, and acquires of it. Records are not copied.

use crate::engine::context::Context;
use crate::engine::log::{AbortedTransaction, PartitionLog, ReadLimits, Slice};
use crate::engine::replica::{self, Serves};
use crate::engine::share::SharePartitionKey;
use crate::engine::share::partition::{AcquireMode, Acquired, Acquiring, Fetched};
use crate::engine::share::waiting::{FetchedShare, Row, WaitingShareFetch};
use crate::engine::state::State;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::batch::BatchView;
use crate::wire::error::ErrorCode;
use crate::wire::messages::ShareFetchRequest;
use crate::wire::rope::Rope;
use crate::wire::units::{NodeId, Offset};

/// A share partition from which something may be acquired, and from where on.
#[derive(Debug, Clone)]
pub(super) struct Free {
    share: FetchedShare,
    from: i64,
}

/// What reading a partition gave.
type Reading<'a> = Result<(Slice<'a>, Vec<AbortedTransaction>), ErrorCode>;

/// How much an answer holds at most: what the client, the broker and a quota allow.
pub(super) fn bytes_max(cx: &Context<'_>, request: &ShareFetchRequest) -> i32 {
    let broker = cx.state.broker_config(cx.call.node);
    let broker = i32::try_from(broker.fetch_max_bytes).unwrap_or(i32::MAX);
    let quota = cx.fetch_bytes_max().unwrap_or(i32::MAX);
    request.max_bytes.min(broker).min(quota)
}

/// The share partitions from which something may be acquired.
pub(super) fn free(cx: &mut Context<'_>, waiting: &WaitingShareFetch) -> Vec<Free> {
    let partitions = waiting.partitions.iter();
    partitions.filter_map(|share| free_of(cx, share)).collect()
}

/// From where on something may be acquired of a share partition, if it may.
pub(super) fn free_of(cx: &mut Context<'_>, share: &FetchedShare) -> Option<Free> {
    let node = cx.call.node;
    let terms = cx.state.share_terms(node, &share.key.group);
    let partitions = &mut cx.state.shares.partitions;
    let known = partitions
        .get_mut(&share.key)
        .filter(|known| known.node == node)?;
    known.has_room(&terms).then(|| Free {
        share: share.clone(),
        from: known.next_offset(),
    })
}

/// Whether there may be anything to read.
pub(super) fn has_any(cx: &Context<'_>, free: &Free) -> bool {
    let key = &free.share.key;
    let partition = cx
        .state
        .shared_partition(cx.call.node, &free.share.name, key.partition);
    partition.is_ok_and(|partition| partition.log.high_watermark().0 > free.from)
}

/// Whether there is so much that nobody has to wait, or an error.
pub(super) fn is_enough(cx: &Context<'_>, request: &ShareFetchRequest, free: &[Free]) -> bool {
    if free.is_empty() {
        return false;
    }
    let bytes_max = bytes_max(cx, request);
    let wanted = i64::from(request.min_bytes.min(bytes_max));
    let committed = is_committed(cx.state, cx.call.node, free);
    let shares = Portions::new(bytes_max, free.len());
    let mut bytes = 0_i64;
    for (index, free) in free.iter().enumerate() {
        let portion = shares.of(index);
        let log =
            cx.state
                .shared_partition(cx.call.node, &free.share.name, free.share.key.partition);
        let Ok(log) = log.map(|partition| &partition.log) else {
            return true;
        };
        let Ok((slice, _)) = read(log, free.from, committed, (portion, true)) else {
            return true;
        };
        let end = end_of(log, committed);
        let last = slice.batches.last().map(BatchView::next_offset);
        // What lies in an older segment is not counted.
        if slice.cut.is_none() && last.is_some_and(|last| last < end) {
            return true;
        }
        let read = slice.bytes().min(portion);
        bytes = bytes.saturating_add(i64::try_from(read).unwrap_or(i64::MAX));
    }
    bytes >= wanted
}

/// Gives the member what is free.
pub(super) fn acquire(
    cx: &mut Context<'_>,
    waiting: &WaitingShareFetch,
    request: &ShareFetchRequest,
    free: Vec<Free>,
) -> Vec<Row> {
    let (now, node) = (cx.now, cx.call.node);
    let bytes_max = bytes_max(cx, request);
    let terms = cx.state.share_terms(node, &waiting.session.group);
    let committed = is_committed(cx.state, node, &free);
    let portions = Portions::new(bytes_max, free.len());
    let mode = if request.share_acquire_mode == 1 {
        AcquireMode::RecordLimit
    } else {
        AcquireMode::BatchOptimized
    };
    let mut budget = Budget {
        left: usize::try_from(bytes_max).unwrap_or_default(),
        must_progress: true,
    };
    let mut records_left = i64::from(request.max_records);
    let mut rows = Vec::with_capacity(free.len());
    for (index, Free { share, from }) in free.into_iter().enumerate() {
        let asked = Acquiring {
            member: &waiting.session.member,
            mode,
            batch_size: request.batch_size,
            records_max: i32::try_from(records_left).unwrap_or(i32::MIN),
        };
        let State {
            shares, cluster, ..
        } = &mut *cx.state;
        let place = TopicPartition::at(&share.name, share.key.partition);
        let found = replica::find(cluster, place, node, Serves::Leader, None);
        let reading = found.map(|partition| &partition.log).and_then(|log| {
            let limits = (portions.of(index).min(budget.left), budget.must_progress);
            if bytes_max < 0 {
                return Err(ErrorCode::UnknownServerError);
            }
            read(log, from, committed, limits)
        });
        let (slice, aborted) = match reading {
            Ok(read) => read,
            Err(code) => {
                let code = cx.state.miss((&share.key, &share.name), node, code);
                rows.push(Row::empty(share, code));
                continue;
            }
        };
        budget.take(slice.bytes());
        let fetched = Fetched {
            from,
            batches: slice.batches,
            aborted: &aborted,
        };
        let acquired = match shares.partitions.get_mut(&share.key) {
            Some(partition) => partition.acquire(now, &terms, asked, fetched),
            None => Vec::new(),
        };
        let records = records_of(slice, &acquired);
        cx.state.tell_acquired((&share.key, &share.name), &acquired);
        records_left -= acquired.iter().map(Acquired::len).sum::<i64>();
        rows.push(Row {
            share,
            code: ErrorCode::None,
            records,
            acquired,
        });
    }
    for row in &rows {
        cx.state.schedule_share_locks(&row.share.key);
    }
    rows
}

impl Row {
    fn empty(share: FetchedShare, code: ErrorCode) -> Self {
        Self {
            share,
            code,
            records: Rope::default(),
            acquired: Vec::new(),
        }
    }
}

impl State {
    /// What is said of a partition that cannot be read. Records that the log has lost are no error: the share
    /// partition goes on where the log begins.
    fn miss(
        &mut self,
        (key, name): (&SharePartitionKey, &str),
        node: NodeId,
        code: ErrorCode,
    ) -> ErrorCode {
        if code != ErrorCode::OffsetOutOfRange {
            return code;
        }
        let start = self.shared_partition(node, name, key.partition);
        let start = start.map(|partition| partition.log.start().0);
        if let (Ok(start), Some(partition)) = (start, self.shares.partitions.get_mut(key)) {
            partition.follow_log_start(start);
        }
        ErrorCode::None
    }
}

/// Whether the group reads committed records alone.
fn is_committed(state: &State, node: NodeId, free: &[Free]) -> bool {
    let group = free.first().map(|free| &free.share.key.group);
    let level = group.map(|group| {
        state
            .configs
            .group_value(node, group, "share.isolation.level")
    });
    let level = level.and_then(|level| level.to_text()).unwrap_or_default();
    level.eq_ignore_ascii_case("read_committed")
}

fn end_of(log: &PartitionLog, committed: bool) -> Offset {
    if committed {
        log.last_stable_offset()
    } else {
        log.high_watermark()
    }
}

fn read(
    log: &PartitionLog,
    from: i64,
    committed: bool,
    (max_bytes, at_least_one): (usize, bool),
) -> Reading<'_> {
    let limits = ReadLimits {
        from: Offset(from),
        up_to: end_of(log, committed),
        max_bytes,
        at_least_one,
    };
    let slice = log.read(&limits).map_err(|_| ErrorCode::OffsetOutOfRange)?;
    let aborted = if committed {
        log.aborted_in(Offset(from), &slice)
    } else {
        Vec::new()
    };
    Ok((slice, aborted))
}

/// The batches in which the acquired records are; a single one comes with what follows it in the reader's room.
fn records_of(slice: Slice<'_>, acquired: &[Acquired]) -> Rope {
    let (Some(first), Some(last)) = (acquired.first(), acquired.last()) else {
        return Rope::default();
    };
    if slice.batches.len() < 2 {
        return slice.to_rope();
    }
    let begun = |offset: i64| {
        slice
            .batches
            .partition_point(|batch| batch.base_offset().0 <= offset)
    };
    let from = begun(first.first).saturating_sub(1);
    let to = begun(last.last).max(from.saturating_add(1));
    let batches = slice.batches.get(from..to).unwrap_or(slice.batches);
    Slice { batches, cut: None }.to_rope()
}

/// How the bytes of an answer are divided among its partitions. Oracle: evenly, and what is left over goes to one of
/// them by chance; here to the first.
struct Portions {
    each: usize,
    rest: usize,
}

impl Portions {
    fn new(bytes_max: i32, partitions: usize) -> Self {
        let bytes = usize::try_from(bytes_max).unwrap_or_default();
        Self {
            each: bytes.checked_div(partitions).unwrap_or_default(),
            rest: bytes.checked_rem(partitions).unwrap_or_default(),
        }
    }

    const fn of(&self, index: usize) -> usize {
        if self.each == 0 {
            // One byte for each of the first.
            if index < self.rest { 1 } else { 0 }
        } else if index == 0 {
            self.each.saturating_add(self.rest)
        } else {
            self.each
        }
    }
}

/// What is left of the answer's bytes.
struct Budget {
    left: usize,
    /// Nothing was found so far: the next batch comes whole, whatever its size.
    must_progress: bool,
}

impl Budget {
    fn take(&mut self, bytes: usize) {
        self.must_progress &= bytes == 0;
        self.left = self.left.saturating_sub(bytes);
    }
}
