//! ShareFetch (key 78), v1–v2 (KIP-932, KIP-1206, KIP-1222).
//!
//! Oracle: acknowledgements come first, then records. The request waits for its minimum of bytes of records that are
//! free, and is answered at once if a log cannot be read; a share partition that cannot begin is told of when the wait
//! is over. The answer waits for both, acknowledgements that are yet to be written down and records. The group and each
//! topic take READ. Top-level errors come without words and without the lock's duration.

mod acknowledging;
mod answers;
mod reading;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

pub(crate) use acknowledging::{acknowledge, has_error};
pub(crate) use answers::Leaders;
use reading::Free;

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, Context, Parking, WakeOn};
use crate::engine::share::SharePartitionKey;
use crate::engine::share::Unready;
use crate::engine::share::sessions::{FINAL_EPOCH, INITIAL_EPOCH, SessionKey, SessionPartition};
use crate::engine::share::waiting::{FailedShare, FetchedShare, Row, WaitingShareFetch};
use crate::engine::topic_partition::TopicPartition;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{ShareFetchRequest, ShareFetchResponse};

/// A member's id has as many UTF-16 units at most.
const MEMBER_ID_MAX: usize = 36;

/// Answers, or waits for records.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    mut request: ShareFetchRequest,
) -> Answer<ShareFetchResponse> {
    if let Some(waiting) = cx.state.shares.waiting.remove(&cx.call.ticket) {
        return go_on(cx, waiting, request);
    }
    match begin(cx, &mut request) {
        Ok(begun) => go_on(cx, begun, request),
        Err(code) => Answer::Reply(refused(code)),
    }
}

/// Oracle: an authorizer cannot be asked about a topic without a name, which is an error that Kafka did not expect.
pub(crate) fn check_names(
    cx: &Context<'_>,
    mut topics: impl Iterator<Item = Uuid>,
) -> Result<(), ErrorCode> {
    let is_unknown = |topic| cx.state.cluster.topic_name(topic).is_none();
    if cx.access().is_checked() && topics.any(is_unknown) {
        return Err(ErrorCode::UnknownServerError);
    }
    Ok(())
}

fn refused(code: ErrorCode) -> ShareFetchResponse {
    ShareFetchResponse {
        error_code: code.code(),
        ..ShareFetchResponse::default()
    }
}

/// Whose session it is: both names must be there, and the group takes READ.
pub(crate) fn session_of(
    cx: &Context<'_>,
    group: Option<&str>,
    member: Option<&str>,
) -> Result<SessionKey, ErrorCode> {
    if !cx.has_share_groups() {
        return Err(ErrorCode::UnsupportedVersion);
    }
    let fits = |member: &&str| !member.is_empty() && member.encode_utf16().count() <= MEMBER_ID_MAX;
    let group = group.ok_or(ErrorCode::InvalidRequest)?;
    cx.access().group(Operation::Read, group)?;
    let member = member.filter(fits).ok_or(ErrorCode::InvalidRequest)?;
    Ok(SessionKey {
        node: cx.call.node,
        group: group.into(),
        member: member.into(),
    })
}

/// Takes the session a step further and the acknowledgements, and finds the partitions.
fn begin(
    cx: &mut Context<'_>,
    request: &mut ShareFetchRequest,
) -> Result<WaitingShareFetch, ErrorCode> {
    let group = request.group_id.as_ref().map(|group| &*group.0);
    let session = session_of(cx, group, request.member_id.as_deref())?;
    let acknowledges = has_acknowledgements(request);
    let numbers = [
        request.max_bytes,
        request.min_bytes,
        request.max_records,
        request.max_wait_ms,
    ];
    if request.is_renew_ack && numbers != [0; 4] {
        return Err(ErrorCode::InvalidRequest);
    }
    let mut begun = WaitingShareFetch {
        epoch: request.share_session_epoch,
        partitions: Vec::new(),
        failed: Vec::new(),
        acknowledged: Vec::new(),
        is_refused: false,
        may_wait: false,
        rows: None,
        session,
    };
    match step(cx, &begun.session, request, acknowledges) {
        Err(ErrorCode::ShareSessionLimitReached) => {
            begun.is_refused = true;
            return Ok(begun);
        }
        stepped => stepped?,
    }
    if begun.epoch != FINAL_EPOCH && cx.access().is_checked() {
        let mut partitions = cx
            .state
            .shares
            .sessions
            .partitions(&begun.session)
            .into_iter();
        if partitions.any(|named| named.name.is_none()) {
            return Err(ErrorCode::UnknownServerError);
        }
    }
    let topics = request.topics.iter();
    let topics = topics.filter(|topic| !topic.partitions.is_empty());
    check_names(cx, topics.map(|topic| topic.topic_id))?;
    if acknowledges {
        begun.acknowledged = acknowledging::of_fetch(cx, &begun.session, request)?;
    }
    if !request.is_renew_ack && begun.epoch != FINAL_EPOCH {
        find(cx, &mut begun, request);
        // Oracle: nobody minds the mode until there is something to fetch from.
        let is_known = (0..=1).contains(&request.share_acquire_mode);
        if !is_known && begun.may_wait {
            return Err(ErrorCode::UnknownServerError);
        }
    }
    Ok(begun)
}

fn has_acknowledgements(request: &ShareFetchRequest) -> bool {
    let mut partitions = request.topics.iter().flat_map(|topic| &topic.partitions);
    partitions.any(|partition| !partition.acknowledgement_batches.is_empty())
}

fn step(
    cx: &mut Context<'_>,
    session: &SessionKey,
    request: &ShareFetchRequest,
    acknowledges: bool,
) -> Result<(), ErrorCode> {
    let epoch = request.share_session_epoch;
    let sessions_max = cx.state.broker_config(cx.call.node).share_sessions_max;
    if epoch == FINAL_EPOCH {
        let sessions = &cx.state.shares.sessions;
        return if sessions.contains(session) {
            Ok(())
        } else {
            Err(ErrorCode::ShareSessionNotFound)
        };
    }
    let topics = request.topics.iter();
    let named: Vec<SessionPartition> = topics
        .flat_map(|topic| {
            let name = cx.state.cluster.topic_name(topic.topic_id);
            let partitions = topic.partitions.iter();
            partitions.map(move |partition| SessionPartition {
                topic: topic.topic_id,
                partition: partition.partition_index,
                name: name.clone(),
            })
        })
        .collect();
    if epoch == INITIAL_EPOCH {
        if acknowledges {
            return Err(ErrorCode::InvalidRequest);
        }
        let connection = cx.call.connection;
        let sessions = &mut cx.state.shares.sessions;
        return sessions.open(session, connection, named, sessions_max);
    }
    let forgotten = request.forgotten_topics_data.iter();
    let forgotten: Vec<_> = forgotten
        .flat_map(|topic| {
            topic
                .partitions
                .iter()
                .map(|partition| (topic.topic_id, *partition))
        })
        .collect();
    let sessions = &mut cx.state.shares.sessions;
    sessions.go_on(session, epoch, (named, &forgotten))
}

/// Finds the session's partitions, and begins those of their share partitions that have not begun.
fn find(cx: &mut Context<'_>, begun: &mut WaitingShareFetch, request: &ShareFetchRequest) {
    for named in cx.state.shares.sessions.partitions(&begun.session) {
        let SessionPartition {
            topic,
            partition,
            name,
        } = named;
        if cx.call.withheld.contains(&(topic, partition)) {
            continue;
        }
        let known = name
            .as_deref()
            .and_then(|name| cx.state.cluster.topic(name));
        let code = match (&name, known.and_then(|known| known.partition(partition))) {
            (None, _) => ErrorCode::UnknownTopicId,
            (Some(name), _) if cx.access().topic(Operation::Read, name).is_err() => {
                ErrorCode::TopicAuthorizationFailed
            }
            (Some(_), None) => ErrorCode::UnknownTopicOrPartition,
            (Some(name), Some(_)) => {
                let key = SharePartitionKey {
                    group: Arc::clone(&begun.session.group),
                    topic,
                    partition,
                };
                let name = name.clone();
                begun.partitions.push(FetchedShare { key, name });
                continue;
            }
        };
        begun.failed.push(FailedShare {
            topic,
            partition,
            name,
            code,
        });
    }
    // Each request begins with another partition.
    let turn = usize::try_from(begun.epoch).unwrap_or_default();
    let turn = turn.checked_rem(begun.partitions.len()).unwrap_or_default();
    begun.partitions.rotate_left(turn);
    if request.max_records == 0 || reading::bytes_max(cx, request) == 0 {
        begun.partitions.clear();
        return;
    }
    begin_partitions(cx, begun, request);
}

/// The share partitions that have begun, by their turn, and what is free of them.
#[derive(Default)]
struct Ready {
    partitions: BTreeMap<usize, FetchedShare>,
    free: BTreeMap<usize, Free>,
    is_enough: bool,
}

impl Ready {
    fn add(&mut self, cx: &mut Context<'_>, (fetched, turn): (FetchedShare, usize)) {
        if let Some(free) = reading::free_of(cx, &fetched) {
            self.free.insert(turn, free);
        }
        self.partitions.insert(turn, fetched);
    }

    /// Looks whether they are enough, of which this one came last.
    fn compare(&mut self, cx: &Context<'_>, request: &ShareFetchRequest, last: Option<usize>) {
        let last = last.and_then(|turn| self.free.get(&turn));
        // What has no records changes nothing; so that many that begin cost no more than they must.
        if last.is_none_or(|last| request.min_bytes <= 0 || reading::has_any(cx, last)) {
            let free: Vec<Free> = self.free.values().cloned().collect();
            self.is_enough = reading::is_enough(cx, request, &free);
        }
    }
}

/// Begins the share partitions that have not begun. Oracle: one after the other, and as soon as those that have begun
/// are enough, they are answered without the rest.
fn begin_partitions(
    cx: &mut Context<'_>,
    begun: &mut WaitingShareFetch,
    request: &ShareFetchRequest,
) {
    let node = cx.call.node;
    let named = std::mem::take(&mut begun.partitions)
        .into_iter()
        .zip(0_usize..);
    let (known, coming): (Vec<_>, Vec<_>) =
        named.partition(|(fetched, _)| cx.state.shares.has_begun(&fetched.key, node));
    begun.may_wait = !known.is_empty();
    let mut ready = Ready::default();
    for known in known {
        ready.add(cx, known);
    }
    ready.compare(cx, request, None);
    for (fetched, turn) in coming {
        let place = (&fetched.key, fetched.name.as_str());
        let began = cx.state.begin_share_partition(cx.now, cx.call, place);
        begun.may_wait |= !matches!(began, Err(Unready::Refused(_)));
        let code = match began {
            Err(Unready::Refused(code)) => code,
            _ if ready.is_enough => continue,
            Ok(()) => {
                ready.add(cx, (fetched, turn));
                ready.compare(cx, request, Some(turn));
                continue;
            }
            Err(Unready::Failed(error)) => error.code,
        };
        begun.failed.push(FailedShare {
            topic: fetched.key.topic,
            partition: fetched.key.partition,
            name: Some(fetched.name),
            code,
        });
    }
    begun.partitions = ready.partitions.into_values().collect();
}

/// Reads, and answers or waits.
fn go_on(
    cx: &mut Context<'_>,
    mut waiting: WaitingShareFetch,
    request: ShareFetchRequest,
) -> Answer<ShareFetchResponse> {
    if let Some(rows) = waiting.rows.take() {
        return conclude(cx, waiting, rows, request);
    }
    let may_wait = request.max_wait_ms > 0 && !cx.call.expired;
    if waiting.is_refused {
        return if may_wait {
            wait(cx, waiting, request)
        } else {
            Answer::Reply(refused(ErrorCode::ShareSessionLimitReached))
        };
    }
    if !waiting.may_wait {
        return conclude(cx, waiting, Vec::new(), request);
    }
    let free = reading::free(cx, &waiting);
    if may_wait && !reading::is_enough(cx, &request, &free) {
        return wait(cx, waiting, request);
    }
    let rows = reading::acquire(cx, &waiting, &request, free);
    conclude(cx, waiting, rows, request)
}

/// Answers, once it is known what came of the acknowledgements. As in Kafka, what was acquired meanwhile waits with them.
fn conclude(
    cx: &mut Context<'_>,
    mut waiting: WaitingShareFetch,
    rows: Vec<Row>,
    request: ShareFetchRequest,
) -> Answer<ShareFetchResponse> {
    if !waiting.has_open_outcomes() {
        return Answer::Reply(answers::answer(cx, waiting, rows));
    }
    waiting.rows = Some(rows);
    let ticket = cx.call.ticket;
    cx.state.shares.waiting.insert(ticket, waiting);
    Answer::Park(Parking::until_told(ticket), Box::new(request.into()))
}

fn wait(
    cx: &mut Context<'_>,
    waiting: WaitingShareFetch,
    request: ShareFetchRequest,
) -> Answer<ShareFetchResponse> {
    let time = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or_default());
    let partitions = waiting.partitions.iter();
    let wake = partitions.map(|fetched| {
        let place = TopicPartition::new(&fetched.name, fetched.key.partition);
        WakeOn::Partition(place)
    });
    let parking = Parking {
        until: Some(cx.call.arrived.plus(time)),
        wake: wake.collect(),
    };
    cx.state.shares.waiting.insert(cx.call.ticket, waiting);
    Answer::Park(parking, Box::new(request.into()))
}
