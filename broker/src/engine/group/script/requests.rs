//! What a script's clients can send.
//!
//! ```text
//! join v3 session=10s rebalance=60s type=consumer protocols=range:x,sticky:y reason=why instance=i
//! sync v3 assign=a:1,b:2 protocol=range type=consumer
//! beat v3
//! leave v3 members=a,b instances=i,j
//! ```
//!
//! Each takes `group=`, `id=` (the name of a member id, or `none`) and, where it has one, `generation=`.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::Membership;
use crate::wire::apis::Request;
use crate::wire::messages::join_group_request::JoinGroupRequestProtocol;
use crate::wire::messages::leave_group_request::MemberIdentity;
use crate::wire::messages::sync_group_request::SyncGroupRequestAssignment;
use crate::wire::messages::{
    GroupId, HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest, StrBytes, SyncGroupRequest,
    str_bytes,
};

/// Member ids' names.
type Names = BTreeMap<String, String>;

/// A request as the script has it.
#[derive(Debug)]
pub(super) struct Order<'a> {
    verb: &'a str,
    pub(super) version: i16,
    options: BTreeMap<&'a str, &'a str>,
}

/// Takes a line apart, behind the client's name.
pub(super) fn parse(text: &str) -> Order<'_> {
    let mut words = text.split(' ');
    let verb = words.next().unwrap();
    let mut words = words.peekable();
    let version = words.peek().and_then(|word| word.strip_prefix('v'));
    let version = version.and_then(|version| version.parse().ok());
    if version.is_some() {
        words.next();
    }
    let options = words.map(|word| word.split_once('=').unwrap_or_else(|| panic!("{word}")));
    Order {
        verb,
        version: version.unwrap_or(3),
        options: options.collect(),
    }
}

/// `500ms`, `3s` or `5m`.
pub(super) fn duration(text: &str) -> Duration {
    let (count, unit) = text.split_at(text.find(char::is_alphabetic).unwrap());
    let count: u64 = count.parse().unwrap();
    Duration::from_millis(match unit {
        "ms" => count,
        "s" => count * 1000,
        "m" => count * 60_000,
        _ => panic!("{text}"),
    })
}

/// A moment, in seconds.
pub(super) fn seconds(elapsed: Duration) -> String {
    format!("{}s", elapsed.as_secs_f64())
}

/// `a:1,b:2`; a value may be missing.
fn pairs(list: &str) -> impl Iterator<Item = (&str, Bytes)> {
    let items = list.split(',').filter(|item| !item.is_empty());
    items.map(|item| {
        let (name, value) = item.split_once(':').unwrap_or((item, ""));
        (name, Bytes::copy_from_slice(value.as_bytes()))
    })
}

/// The member id that a script knows by a name.
fn id_of(name: &str, names: &Names) -> String {
    let known = names.iter().find(|(_, known)| *known == name);
    known.map_or_else(|| name.to_owned(), |(id, _)| id.clone())
}

impl Order<'_> {
    pub(super) fn group(&self) -> &str {
        self.option("group").unwrap_or("g")
    }

    fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).copied()
    }

    fn millis(&self, name: &str, default: &str) -> i32 {
        let wait = duration(self.option(name).unwrap_or(default));
        i32::try_from(wait.as_millis()).unwrap()
    }

    fn optional_text(&self, name: &str) -> Option<StrBytes> {
        self.option(name).map(str_bytes)
    }

    fn generation(&self, told: &Membership) -> i32 {
        let given = self
            .option("generation")
            .map(|given| given.parse().unwrap());
        given.unwrap_or(told.generation)
    }

    pub(super) fn request(&self, told: &Membership, names: &Names) -> Request {
        let member = match self.option("id") {
            None => told.member.clone(),
            Some("none") => String::new(),
            Some(name) => id_of(name, names),
        };
        let group = GroupId(str_bytes(self.group()));
        let generation = self.generation(told);
        match self.verb {
            "join" => self.join(group, &member).into(),
            "sync" => self.sync(group, &member, generation, names).into(),
            "beat" => HeartbeatRequest::default()
                .with_group_id(group)
                .with_member_id(str_bytes(&member))
                .with_group_instance_id(self.optional_text("instance"))
                .with_generation_id(generation)
                .into(),
            "leave" => self.leave(group, &member, names).into(),
            other => panic!("{other}"),
        }
    }

    fn join(&self, group: GroupId, member: &str) -> JoinGroupRequest {
        let protocols = pairs(self.option("protocols").unwrap_or("range:x"));
        let protocols = protocols.map(|(name, metadata)| {
            JoinGroupRequestProtocol::default()
                .with_name(str_bytes(name))
                .with_metadata(metadata)
        });
        JoinGroupRequest::default()
            .with_group_id(group)
            .with_session_timeout_ms(self.millis("session", "10s"))
            .with_rebalance_timeout_ms(self.millis("rebalance", "60s"))
            .with_member_id(str_bytes(member))
            .with_group_instance_id(self.optional_text("instance"))
            .with_protocol_type(str_bytes(self.option("type").unwrap_or("consumer")))
            .with_protocols(protocols.collect())
            .with_reason(self.optional_text("reason"))
    }

    fn sync(
        &self,
        group: GroupId,
        member: &str,
        generation: i32,
        names: &Names,
    ) -> SyncGroupRequest {
        let assigned = pairs(self.option("assign").unwrap_or_default());
        let assigned = assigned.map(|(name, assignment)| {
            SyncGroupRequestAssignment::default()
                .with_member_id(str_bytes(id_of(name, names)))
                .with_assignment(assignment)
        });
        SyncGroupRequest::default()
            .with_group_id(group)
            .with_generation_id(generation)
            .with_member_id(str_bytes(member))
            .with_group_instance_id(self.optional_text("instance"))
            .with_protocol_type(self.optional_text("type"))
            .with_protocol_name(self.optional_text("protocol"))
            .with_assignments(assigned.collect())
    }

    /// Without anyone named, the client itself leaves.
    fn leave(&self, group: GroupId, member: &str, names: &Names) -> LeaveGroupRequest {
        let listed = |name: &str| {
            pairs(self.option(name).unwrap_or_default())
                .map(|(name, _)| name.to_owned())
                .collect::<Vec<_>>()
        };
        let row = |member: &str| MemberIdentity::default().with_member_id(str_bytes(member));
        let mut rows: Vec<_> = listed("members")
            .iter()
            .map(|name| row(&id_of(name, names)))
            .collect();
        for instance in listed("instances") {
            rows.push(row("").with_group_instance_id(Some(str_bytes(&instance))));
        }
        if self.option("members").is_none() && self.option("instances").is_none() {
            rows.push(row(member).with_group_instance_id(self.optional_text("instance")));
        }
        LeaveGroupRequest::default()
            .with_group_id(group)
            .with_member_id(str_bytes(member))
            .with_members(rows)
    }
}
