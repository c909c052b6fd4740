//! Running a sequence on one cluster.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::Step;
use super::memory::Memory;
use crate::clock;
use crate::cluster::Cluster;
use crate::context::{Conn, Context};

/// What a cluster said to each step; the last entry is what came after all of them.
pub type Told = Vec<String>;

/// Requests that may wait for others.
const WAITING: [&str; 2] = ["JoinGroup", "SyncGroup"];
/// Requests whose effect reaches the brokers after the answer.
const SPREADING: [&str; 12] = [
    "CreateTopics",
    "DeleteTopics",
    "CreatePartitions",
    "IncrementalAlterConfigs",
    "AlterConfigs",
    "ElectLeaders",
    "AlterPartitionReassignments",
    "DeleteGroups",
    "Metadata",
    "ShareGroupHeartbeat",
    "AlterShareGroupOffsets",
    "DeleteShareGroupOffsets",
];
const CONNECTIONS: usize = 4;
/// Longest wait for an answer that nothing keeps back.
const PATIENCE: Duration = Duration::from_secs(5);

struct Session {
    cx: Context,
    memory: Memory,
    conns: Vec<Conn>,
    /// The step whose answer is awaited on each connection.
    waiting: Vec<Option<usize>>,
    is_oracle: bool,
}

/// Sends a sequence; what differs from run to run has names in what comes back.
///
/// # Errors
/// When the cluster cannot be used.
pub fn run(cluster: &Arc<Cluster>, steps: &[Step], is_oracle: bool) -> Result<Told> {
    let mut cx = Context::new(Arc::clone(cluster))?;
    cx.labels.own_topics_only = true;
    // Ours are sentences of our own.
    cx.labels.hidden.push("documentation");
    // Told again to each client.
    cx.labels.hidden.push("subscriptionId");
    cx.labels.hidden.push("controllerId");
    if has_share_members(steps) {
        // Who has which partition depends on the ids of topics, which are by chance.
        cx.labels.hidden.push("assignment");
    }
    let memory = cx.quietly(Memory::new)?;
    let mut conns = vec![Context::A];
    for k in 1..CONNECTIONS {
        conns.push(cx.connect(k % cx.node_count() + 1)?);
    }
    let mut session = Session {
        cx,
        memory,
        conns,
        waiting: vec![None; CONNECTIONS],
        is_oracle,
    };
    let mut told = Vec::new();
    for at in 0..=steps.len() {
        let before = session.cx.transcript().len();
        if at < steps.len() {
            session.step(steps, at)?;
        }
        session.collect(steps)?;
        let all = session.cx.transcript();
        told.push(in_one_order(all.get(before..).unwrap_or_default()));
    }
    session.clean_up()?;
    Ok(told)
}

/// Whether several members share.
fn has_share_members(steps: &[Step]) -> bool {
    let beats = steps
        .iter()
        .filter(|step| step.api == "ShareGroupHeartbeat");
    let mut members = beats.map(|step| step.focus.member);
    let first = members.next();
    members.any(|member| Some(member) != first)
}

impl Session {
    fn step(&mut self, steps: &[Step], at: usize) -> Result<()> {
        let step = &steps[at];
        let body = self.memory.resolve(step.api, &step.body)?;
        let waits = WAITING.contains(&step.api);
        let wanted = if waits {
            step.focus.member % CONNECTIONS
        } else {
            0
        };
        let free = |k: &usize| self.waiting[*k].is_none();
        let Some(at_conn) = Some(wanted)
            .filter(free)
            .or_else(|| (0..CONNECTIONS).rev().find(free))
        else {
            self.cx.note("all connections wait");
            return Ok(());
        };
        let conn = self.conns[at_conn];
        self.cx.send_on(conn, step.api, step.version, body)?;
        if waits {
            self.waiting[at_conn] = Some(at);
            return Ok(());
        }
        match self.cx.receive_if_any(conn, PATIENCE)? {
            Some(answer) => {
                self.memory.learn(step, &answer);
                self.await_topics(step, &answer);
            }
            None if self.is_oracle => bail!(
                "Kafka does not answer {} v{} {}",
                step.api,
                step.version,
                step.body
            ),
            None => self.cx.note("no answer"),
        }
        self.settle(step)
    }

    /// Topics that a streams group lacks are made after the answer.
    fn await_topics(&self, step: &Step, answer: &Value) {
        let lacks = answer["status"]
            .as_array()
            .is_some_and(|all| !all.is_empty());
        if self.is_oracle && step.api == "StreamsGroupHeartbeat" && lacks {
            pause(Duration::from_millis(400));
        }
    }

    fn settle(&mut self, step: &Step) -> Result<()> {
        // Who closes a share session does not wait until what its member had is free.
        let releases = step.body["shareSessionEpoch"] == -1;
        if self.is_oracle && (releases || SPREADING.contains(&step.api)) {
            // Who joins a share group has the share coordinator begin states, one after the other.
            let spreads = if step.api == "ShareGroupHeartbeat" {
                300
            } else {
                60
            };
            pause(Duration::from_millis(spreads));
        }
        if matches!(step.api, "AlterPartitionReassignments") {
            self.cx.until("the reassignments", |cx| {
                let body = json!({"timeoutMs": 10_000, "topics": null});
                let answer = cx.call("ListPartitionReassignments", 0, body)?;
                Ok(answer["topics"] == json!([]))
            })?;
        }
        if matches!(step.api, "EndTxn" | "InitProducerId") {
            for id in self.memory.transactional_ids().to_vec() {
                self.cx.await_markers(&id)?;
            }
        }
        Ok(())
    }

    /// Looks for answers to the requests that wait.
    fn collect(&mut self, steps: &[Step]) -> Result<()> {
        let patience = Duration::from_millis(if self.is_oracle { 500 } else { 100 });
        let mut any = true;
        while any {
            any = false;
            for k in 0..CONNECTIONS {
                let Some(at) = self.waiting[k] else { continue };
                let conn = self.conns[k];
                if let Some(answer) = self.cx.receive_if_any(conn, patience)? {
                    self.waiting[k] = None;
                    self.memory.learn(&steps[at], &answer);
                    any = true;
                }
            }
        }
        Ok(())
    }

    fn clean_up(mut self) -> Result<()> {
        if self.is_oracle {
            for body in self.memory.closings()? {
                self.cx.ask("ShareAcknowledge", 1, body)?;
            }
            let names: Vec<_> = self
                .memory
                .topics()
                .iter()
                .filter(|name| !name.starts_with("missing"))
                .collect();
            let body = json!({"topicNames": names, "timeoutMs": 10_000});
            let _gone: Value = self.cx.quietly(|cx| {
                let conn = cx.connect(1)?;
                cx.call_on(conn, "DeleteTopics", 5, body)
            })?;
        }
        Ok(())
    }
}

fn pause(wait: Duration) {
    let until = clock::now() + wait;
    while clock::now() < until {
        clock::pause();
    }
}

/// Kafka names missing topics in the order of its table of them, which follows from their real names: those differ from run to run.
fn in_one_order(told: &str) -> String {
    const MISSING: &str = "Internal topics are missing: ";
    let line = |line: &str| match line.split_once(MISSING).and_then(|(before, after)| {
        let (names, rest) = after.split_once('"')?;
        let mut names: Vec<_> = names.split(", ").collect();
        names.sort_unstable();
        Some(format!("{before}{MISSING}{}\"{rest}", names.join(", ")))
    }) {
        Some(sorted) => sorted,
        None => line.to_owned(),
    };
    told.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_topics_have_one_order() {
        let told = "a\n  x: \"Internal topics are missing: new, a\"}]\n";
        let sorted = "a\n  x: \"Internal topics are missing: a, new\"}]\n";
        assert_eq!(in_one_order(told), sorted);
        assert_eq!(in_one_order(sorted), sorted);
    }
}
