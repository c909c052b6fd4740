//! Members of classic groups.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::context::{Conn, Context};

/// A JoinGroup request; `of` has what a consumer sends.
#[derive(Debug, Clone, Copy)]
pub(in crate::cases) struct Join<'a> {
    /// The version of the request.
    pub version: i16,
    /// The member's id; "" for one that has none yet.
    pub member: &'a str,
    /// The id of a static member.
    pub instance: Option<&'a str>,
    /// The session timeout in milliseconds.
    pub session: i32,
    /// The rebalance timeout in milliseconds.
    pub rebalance: i32,
    /// The protocol type.
    pub kind: &'a str,
    /// Protocols by preference, each with its metadata.
    pub protocols: &'a [(&'a str, &'a str)],
}

impl<'a> Join<'a> {
    /// Of a member with this id, at the newest version.
    pub(in crate::cases) const fn of(member: &'a str) -> Self {
        Self {
            version: 9,
            member,
            instance: None,
            session: 30_000,
            rebalance: 30_000,
            kind: "consumer",
            protocols: &[("range", "")],
        }
    }

    /// The request's body.
    pub(in crate::cases) fn body(&self, group: &str) -> Value {
        let protocols: Vec<_> = self
            .protocols
            .iter()
            .map(|(name, metadata)| json!({"name": name, "metadata": metadata}))
            .collect();
        json!({"groupId": group, "sessionTimeoutMs": self.session, "rebalanceTimeoutMs": self.rebalance,
            "memberId": self.member, "groupInstanceId": self.instance, "protocolType": self.kind, "protocols": protocols})
    }

    /// Asks and waits for the answer.
    pub(in crate::cases) fn call(&self, cx: &mut Context, group: &str) -> Result<Value> {
        cx.call("JoinGroup", self.version, self.body(group))
    }
}

/// The protocols of all members of all cases.
const ANY: [&str; 6] = ["range", "sticky", "cooperative-sticky", "x", "p", "q"];

/// A member of a classic group, on a connection of its own.
#[derive(Debug, Clone)]
pub(in crate::cases) struct Classic {
    /// Its connection.
    pub conn: Conn,
    /// Its group.
    pub group: String,
    /// Its id; "" until a static member has joined.
    pub id: String,
    /// The id of a static member.
    pub instance: Option<String>,
    /// The generation it last heard of.
    pub generation: i64,
    /// Protocols by preference, each with its metadata.
    pub protocols: Vec<(&'static str, String)>,
    /// Session and rebalance timeouts in milliseconds.
    pub session: i32,
    pub rebalance: i32,
}

impl Classic {
    /// A dynamic member that was given its id, which is shown as `<name>`, and has not joined with it.
    pub(in crate::cases) fn pending(cx: &mut Context, group: &str, name: &str) -> Result<Self> {
        let mut member = Self::new(cx, group)?;
        // An id is given only to whom the group's protocols suit; the request that asks for it is not kept.
        let protocols = &ANY.map(|name| (name, ""));
        let body = Join {
            protocols,
            ..Join::of("")
        }
        .body(group);
        let answer = cx.quietly(|cx| cx.call_on(member.conn, "JoinGroup", 9, body))?;
        ensure!(answer["errorCode"] == 79, "JoinGroup answered {answer}");
        answer["memberId"]
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut member.id);
        cx.labels.text(&member.id, &format!("<{name}>"));
        Ok(member)
    }

    /// A member that chose its id itself, as a consumer group allows it.
    pub(in crate::cases) fn named(cx: &mut Context, group: &str, id: &str) -> Result<Self> {
        let id = id.to_owned();
        Ok(Self {
            id,
            ..Self::new(cx, group)?
        })
    }

    /// A static member that has not joined; its id will be the instance id and a UUID.
    pub(in crate::cases) fn fixed(cx: &mut Context, group: &str, instance: &str) -> Result<Self> {
        let instance = Some(instance.to_owned());
        Ok(Self {
            instance,
            ..Self::new(cx, group)?
        })
    }

    fn new(cx: &mut Context, group: &str) -> Result<Self> {
        Ok(Self {
            conn: cx.connect(1)?,
            group: group.to_owned(),
            id: String::new(),
            instance: None,
            generation: -1,
            protocols: vec![("range", String::new())],
            session: 30_000,
            rebalance: 30_000,
        })
    }

    /// Subscribes to a topic, as clients do, in a subscription of version 1.
    pub(in crate::cases) fn subscribe(&mut self, topic: &str) -> Result<()> {
        self.subscribe_with(1, &json!({"topics": [topic]}))
    }

    /// Subscribes with a subscription of any content.
    pub(in crate::cases) fn subscribe_with(&mut self, version: i16, body: &Value) -> Result<()> {
        let metadata = crate::subscriptions::subscription(version, body)?;
        let metadata = metadata.as_str().unwrap_or_default().to_owned();
        self.protocols = vec![("range", metadata)];
        Ok(())
    }

    fn join_body(&self) -> Value {
        let protocols: Vec<_> = self
            .protocols
            .iter()
            .map(|(name, metadata)| (*name, metadata.as_str()))
            .collect();
        Join {
            instance: self.instance.as_deref(),
            session: self.session,
            rebalance: self.rebalance,
            protocols: &protocols,
            ..Join::of(&self.id)
        }
        .body(&self.group)
    }

    /// Sends a JoinGroup without waiting.
    pub(in crate::cases) fn send_join(&self, cx: &mut Context) -> Result<()> {
        cx.send_on(self.conn, "JoinGroup", 9, self.join_body())
    }

    /// The answer to the JoinGroup that was sent.
    pub(in crate::cases) fn joined(&mut self, cx: &mut Context) -> Result<Value> {
        let answer = cx.receive_on(self.conn)?;
        if answer["errorCode"] == 0 {
            self.generation = answer["generationId"].as_i64().unwrap_or(-1);
            answer["memberId"]
                .as_str()
                .unwrap_or_default()
                .clone_into(&mut self.id);
        }
        Ok(answer)
    }

    /// Sends a JoinGroup and waits for the answer.
    pub(in crate::cases) fn join(&mut self, cx: &mut Context) -> Result<Value> {
        self.send_join(cx)?;
        self.joined(cx)
    }

    /// Sends a SyncGroup with these assignments without waiting.
    pub(in crate::cases) fn send_sync(
        &self,
        cx: &mut Context,
        assignments: &[(&str, &str)],
    ) -> Result<()> {
        let assignments: Vec<_> = assignments
            .iter()
            .map(|(id, assignment)| json!({"memberId": id, "assignment": assignment}))
            .collect();
        let body = json!({"groupId": self.group, "generationId": self.generation, "memberId": self.id,
            "groupInstanceId": self.instance, "protocolType": "consumer", "protocolName": self.protocols[0].0,
            "assignments": assignments});
        cx.send_on(self.conn, "SyncGroup", 5, body)
    }

    /// The answer to the oldest request that has none.
    pub(in crate::cases) fn receive(&self, cx: &mut Context) -> Result<Value> {
        cx.receive_on(self.conn)
    }

    /// Sends a SyncGroup with these assignments and waits for the answer.
    pub(in crate::cases) fn sync(
        &self,
        cx: &mut Context,
        assignments: &[(&str, &str)],
    ) -> Result<Value> {
        self.send_sync(cx, assignments)?;
        self.receive(cx)
    }

    /// Sends a Heartbeat and waits for the answer.
    pub(in crate::cases) fn beat(&self, cx: &mut Context) -> Result<Value> {
        let body = json!({"groupId": self.group, "generationId": self.generation, "memberId": self.id,
            "groupInstanceId": self.instance});
        cx.call_on(self.conn, "Heartbeat", 4, body)
    }

    /// Leaves the group and waits for the answer.
    pub(in crate::cases) fn leave(&self, cx: &mut Context) -> Result<Value> {
        let member = json!({"memberId": self.id, "groupInstanceId": self.instance});
        let body = json!({"groupId": self.group, "members": [member]});
        cx.call_on(self.conn, "LeaveGroup", 5, body)
    }
}

/// Makes them one stable group of `Profile::Groups`, led by the first: generation 1 of one member, 2 of several. Each
/// is assigned "for" and its number.
pub(in crate::cases) fn stable(cx: &mut Context, members: &mut [&mut Classic]) -> Result<()> {
    cx.quietly(|cx| {
        let (first, others) = members.split_first_mut().context("no members")?;
        ensure!(first.join(cx)?["errorCode"] == 0, "the first did not join");
        for other in others.iter() {
            other.send_join(cx)?;
        }
        if !others.is_empty() {
            cx.await_members(Context::A, &first.group, others.len() + 1)?;
            first.join(cx)?;
        }
        for other in others.iter_mut() {
            ensure!(other.joined(cx)?["errorCode"] == 0, "one did not join");
        }
        let ids: Vec<_> = members
            .iter()
            .zip(1..)
            .map(|(member, at)| (member.id.clone(), format!("for {at}")))
            .collect();
        let ids: Vec<_> = ids
            .iter()
            .map(|(id, to)| (id.as_str(), to.as_str()))
            .collect();
        for member in members.iter() {
            ensure!(
                member.sync(cx, &ids)?["errorCode"] == 0,
                "one has no assignment"
            );
        }
        Ok(())
    })?;
    let (group, count) = (members[0].group.clone(), members.len());
    cx.note(&format!("{group}: stable, {count} members"));
    Ok(())
}
