//! OffsetFetch (key 9), v1–v10 (KIP-447, KIP-709, KIP-848, KIP-516).
//!
//! Oracle: the group and each topic take DESCRIBE; of all topics the others are left out. A group that does not exist has no offsets, which is no error; a partition without one
//! answers offset -1, whether it exists or not. From v10 on, topics are named by id: unknown ones are
//! answered after all others. Up to v1 an error of the whole group is said of every partition.

mod shapes;

use crate::engine::authorizer::Operation;
use crate::engine::context::{Answer, ReadContext};
use crate::engine::group::Groups;
use crate::engine::group::coordinator;
use crate::engine::group::offsets::CommittedOffset;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{
    OffsetFetchRequest, OffsetFetchResponse, StrBytes, TopicName, str_bytes,
};
use uuid::Uuid;

/// The first version that names topics by id (KIP-516).
const TOPIC_IDS_SINCE: i16 = 10;

/// A group whose offsets are asked for.
struct RequestGroup {
    group: StrBytes,
    member: Option<StrBytes>,
    member_epoch: i32,
    /// None for all.
    topics: Option<Vec<RequestTopic>>,
}

struct RequestTopic {
    name: TopicName,
    id: Uuid,
    partitions: Vec<i32>,
}

/// What is said of a group.
struct ResponseGroup {
    group: StrBytes,
    outcome: Result<Vec<ResponseTopic>, ErrorCode>,
    /// What was asked for, to say an error of.
    asked: Vec<RequestTopic>,
}

struct ResponseTopic {
    name: TopicName,
    id: Uuid,
    partitions: Vec<ResponsePartition>,
}

/// A partition's offset, if there is one to tell.
struct ResponsePartition {
    index: i32,
    committed: Result<Option<CommittedOffset>, ErrorCode>,
}

/// Answers at once.
pub(crate) fn handle(
    cx: ReadContext<'_>,
    request: OffsetFetchRequest,
) -> Answer<OffsetFetchResponse> {
    let version = cx.call.version;
    let require_stable = request.require_stable;
    let groups = shapes::groups(request, version);
    let responses = groups
        .into_iter()
        .map(|group| fetch(cx, group, require_stable));
    Answer::Reply(shapes::response(responses.collect(), version))
}

fn fetch(cx: ReadContext<'_>, asked: RequestGroup, require_stable: bool) -> ResponseGroup {
    let may_see = cx.access().group(Operation::Describe, &asked.group);
    let checked = may_see.and_then(|()| coordinator::check(cx, &asked.group));
    let checked = checked.and_then(|()| {
        let (member, epoch) = (asked.member.as_deref(), asked.member_epoch);
        let groups = &cx.state.groups;
        groups.check_fetcher(&asked.group, member, epoch)
    });
    let offsets = Offsets {
        groups: &cx.state.groups,
        group: &asked.group,
        require_stable,
    };
    let outcome = checked.map(|()| match &asked.topics {
        None => all(cx, &offsets),
        Some(topics) => some(cx, &offsets, topics),
    });
    ResponseGroup {
        outcome,
        group: asked.group,
        asked: asked.topics.unwrap_or_default(),
    }
}

/// The offsets of one group, as they may be seen.
struct Offsets<'a> {
    groups: &'a Groups,
    group: &'a str,
    require_stable: bool,
}

impl Offsets<'_> {
    /// The partition's offset, unless it was committed to another topic of the same name.
    fn of(&self, topic: &str, id: Uuid, index: i32) -> ResponsePartition {
        let store = &self.groups.offsets;
        let committed = if self.require_stable && store.is_unstable(self.group, topic, index) {
            Err(ErrorCode::UnstableOffsetCommit)
        } else {
            let meant = |known: &&CommittedOffset| {
                id.is_nil() || known.topic_id.is_nil() || known.topic_id == id
            };
            let known = store.get(self.group, topic, index);
            Ok(known.filter(meant).cloned())
        };
        ResponsePartition { index, committed }
    }
}

fn some(cx: ReadContext<'_>, offsets: &Offsets<'_>, topics: &[RequestTopic]) -> Vec<ResponseTopic> {
    let (mut told, mut refused) = (Vec::with_capacity(topics.len()), Vec::new());
    for RequestTopic {
        name,
        id,
        partitions,
    } in topics
    {
        let mut topic = ResponseTopic {
            name: name.clone(),
            id: *id,
            partitions: Vec::with_capacity(partitions.len()),
        };
        let found = if cx.call.version < TOPIC_IDS_SINCE {
            Some(&*name.0)
        } else {
            let known = cx.state.cluster.topic_by_id(*id);
            known.map(|topic| topic.name.as_str())
        };
        let partitions = partitions.iter();
        let found = found.ok_or(ErrorCode::UnknownTopicId).and_then(|name| {
            let may_see = cx.access().topic(Operation::Describe, name);
            may_see.map(|()| name)
        });
        let found = match found {
            Ok(found) => found,
            Err(code) => {
                let row = |index: &i32| ResponsePartition {
                    index: *index,
                    committed: Err(code),
                };
                topic.partitions.extend(partitions.map(row));
                refused.push(topic);
                continue;
            }
        };
        let offset = |index: &i32| offsets.of(found, *id, *index);
        topic.partitions.extend(partitions.map(offset));
        told.push(topic);
    }
    told.append(&mut refused);
    told
}

/// Everything that the group has committed; by id, only what has one.
fn all(cx: ReadContext<'_>, offsets: &Offsets<'_>) -> Vec<ResponseTopic> {
    let mut told: Vec<ResponseTopic> = Vec::new();
    let store = &offsets.groups.offsets;
    for (name, index, _) in store.of_group(offsets.group) {
        let id = cx.state.cluster.topic(name).map(|topic| topic.id);
        if cx.call.version >= TOPIC_IDS_SINCE && id.is_none() {
            continue;
        }
        if cx.access().topic(Operation::Describe, name).is_err() {
            continue;
        }
        let partition = offsets.of(name, Uuid::nil(), index);
        match told.last_mut().filter(|last| *last.name.0 == *name) {
            Some(last) => last.partitions.push(partition),
            None => told.push(ResponseTopic {
                name: str_bytes(name).into(),
                id: id.unwrap_or_default(),
                partitions: vec![partition],
            }),
        }
    }
    told
}
