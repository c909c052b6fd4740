//! Rows as people read them.

use std::fmt;

use super::exchange::{Exchange, Failure, Outcome};
use super::filter::Filter;
use super::row::{Event, Row};
use crate::engine::applied::Applied;
use crate::engine::sasl::ANONYMOUS;

/// The most partitions and errors that a line names.
const LISTED: usize = 5;

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.elapsed_ms / 1000, self.elapsed_ms % 1000);
        write!(f, "#{} {seconds}.{millis:03}s ", self.sequence)?;
        self.event.fmt(f)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        change(self, f)
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}", self.api, self.version)?;
        for group in &self.keys.groups {
            write!(f, " group={group}")?;
        }
        if let Some(member) = &self.keys.member {
            write!(f, " member={member}")?;
        }
        if let Some(generation) = self.keys.generation {
            write!(f, " generation={generation}")?;
        }
        for id in &self.keys.transactional_ids {
            write!(f, " transactional_id={id}")?;
        }
        if let Some(id) = self.keys.producer_id {
            let epoch = self.keys.producer_epoch.unwrap_or(-1);
            write!(f, " producer={id}/{epoch}")?;
        }
        for topic in self.keys.topics.iter().take(LISTED) {
            write!(f, " {}{:?}", topic.topic, topic.partitions)?;
        }
        write!(f, " from {}", self.client_id)?;
        if &*self.principal != ANONYMOUS {
            write!(f, " as {}", self.principal)?;
        }
        write!(f, " ({}) to node {}", self.connection, self.node)?;
        if self.says_applied() {
            f.write_str(match self.applied {
                Applied::Yes => ": applied",
                Applied::Partly => ": partly applied",
                Applied::No => ": not applied",
            })?;
        }
        match &self.outcome {
            Outcome::Answered => {}
            Outcome::Unanswered => write!(f, ": wants no answer")?,
            Outcome::Disconnected { why } => write!(f, ": connection closed: {why}")?,
            Outcome::Abandoned => write!(f, ": the connection was gone")?,
        }
        for failure in self.errors.iter().take(LISTED) {
            write!(f, ": {failure}")?;
        }
        if self.errors.len() > LISTED {
            write!(f, " and {} more errors", self.errors.len() - LISTED)?;
        }
        for denied in self.denied.iter().take(LISTED) {
            write!(f, ": {denied}")?;
        }
        if self.waited_ms > 0 {
            write!(f, " after {} ms", self.waited_ms)?;
        }
        if let Some(rule) = &self.rule {
            write!(f, " by rule {rule}")?;
        }
        if self.departed {
            f.write_str(", when its client sent no more")?;
        }
        Ok(())
    }
}

impl Exchange {
    /// Whether its outcome and errors do not tell how much of it was carried out.
    fn says_applied(&self) -> bool {
        let is_plain = match self.outcome {
            Outcome::Answered | Outcome::Unanswered => true,
            Outcome::Disconnected { .. } | Outcome::Abandoned => false,
        };
        let expected = if self.errors.is_empty() {
            Applied::Yes
        } else {
            Applied::No
        };
        !is_plain || self.applied != expected
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        match (&self.topic, self.partition) {
            (Some(topic), Some(partition)) => write!(f, " {topic}-{partition}")?,
            (Some(topic), None) => write!(f, " {topic}")?,
            _ => {}
        }
        match &self.reason {
            Some(reason) => write!(f, " ({reason})"),
            None => Ok(()),
        }
    }
}

fn node(id: Option<i32>) -> String {
    id.map_or_else(|| "nobody".to_owned(), |id| format!("node {id}"))
}

fn tasks(kinds: &[(&str, &Vec<String>)], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if kinds.iter().all(|(_, tasks)| tasks.is_empty()) {
        return f.write_str(" nothing");
    }
    let some = kinds.iter().filter(|(_, tasks)| !tasks.is_empty());
    for (at, (kind, tasks)) in some.enumerate() {
        f.write_str(if at == 0 { " " } else { ", " })?;
        f.write_str(kind)?;
        for task in tasks.iter().take(LISTED) {
            write!(f, " {task}")?;
        }
        if tasks.len() > LISTED {
            write!(f, " and {} more", tasks.len() - LISTED)?;
        }
    }
    Ok(())
}

#[expect(clippy::too_many_lines, reason = "a line for each kind of row")]
fn change(event: &Event, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match event {
        Event::Request(exchange) => fmt::Display::fmt(exchange, f),
        Event::ConnectionOpened {
            connection,
            node,
            listener,
            client_host,
        } => write!(
            f,
            "connection {connection} from {client_host} to node {node}, {listener}"
        ),
        Event::ConnectionClosed {
            connection, why, ..
        } => write!(f, "connection {connection} closed: {why}"),
        Event::GroupState {
            group,
            from,
            to,
            generation,
            why,
        } => write!(
            f,
            "group {group} {from} -> {to}, generation {generation}: {why}"
        ),
        Event::Assigned {
            group,
            member,
            epoch,
            topics,
            why,
        } => {
            write!(f, "share group {group} assigns {member}")?;
            if topics.is_empty() {
                f.write_str(" nothing")?;
            }
            for topic in topics.iter().take(LISTED) {
                write!(f, " {}{:?}", topic.topic, topic.partitions)?;
            }
            write!(f, ", epoch {epoch}: {why}")
        }
        Event::TasksAssigned {
            group,
            member,
            epoch,
            active,
            standby,
            warmup,
            why,
            ..
        } => {
            write!(f, "streams group {group} assigns {member}")?;
            tasks(
                &[
                    ("active", active),
                    ("standby", standby),
                    ("warm-up", warmup),
                ],
                f,
            )?;
            write!(f, ", epoch {epoch}: {why}")
        }
        Event::TransactionState {
            transactional_id,
            from,
            to,
            producer_id,
            producer_epoch,
        } => {
            let from = from.unwrap_or("unknown");
            let producer = format!("{producer_id}/{producer_epoch}");
            write!(
                f,
                "transaction {transactional_id} {from} -> {to}, producer {producer}"
            )
        }
        Event::LeaderMoved {
            topic,
            partition,
            from,
            to,
            leader_epoch,
        } => {
            let (from, to) = (node(*from), node(*to));
            write!(
                f,
                "leader of {topic}-{partition} {from} -> {to}, epoch {leader_epoch}"
            )
        }
        Event::CoordinatorMoved {
            topic,
            partition,
            from,
            to,
            ..
        } => {
            let (from, to) = (node(*from), node(*to));
            write!(f, "coordinator of {topic}-{partition} {from} -> {to}")
        }
        Event::AcquisitionExpired {
            group,
            topic,
            partition,
            first_offset,
            last_offset,
            member,
            deliveries,
        } => write!(
            f,
            "locks of {member} in share group {group} on {topic}-{partition} ended: offsets {first_offset} to \
             {last_offset}, delivery {deliveries}"
        ),
        Event::DeliveriesExhausted {
            group,
            topic,
            partition,
            first_offset,
            last_offset,
            deliveries,
        } => write!(
            f,
            "share group {group} gives up {topic}-{partition} offsets {first_offset} to {last_offset} after \
             {deliveries} deliveries"
        ),
        Event::DeadLettered {
            group,
            topic,
            partition,
            first_offset,
            last_offset,
            dead_letter_topic,
            failure,
        } => {
            write!(
                f,
                "share group {group} buries {topic}-{partition} offsets {first_offset} to {last_offset} in \
                 {dead_letter_topic}"
            )?;
            match failure {
                Some(why) => write!(f, ", which fails: {why}"),
                None => Ok(()),
            }
        }
        Event::LoggedIn {
            connection,
            node,
            mechanism,
            principal,
            session_lifetime_ms,
            again,
            client_id: _,
        } => {
            let again = if *again { " again" } else { "" };
            write!(
                f,
                "{principal} logged in{again} by {mechanism}, connection {connection} to node {node}"
            )?;
            match session_lifetime_ms {
                Some(millis) => write!(f, ", for {millis} ms"),
                None => Ok(()),
            }
        }
        Event::KeysFetched {
            url,
            keys,
            left_out,
        } => {
            write!(f, "keys for tokens came from {url}: {keys}")?;
            match left_out {
                0 => Ok(()),
                more => write!(f, ", and {more} that cannot be used"),
            }
        }
        Event::KeysNotFetched { url, why } => {
            write!(f, "no keys for tokens came from {url}: {why}")
        }
        Event::NodeStopped { node } => write!(f, "node {node} stopped"),
        Event::NodeStarted { node } => write!(f, "node {node} started"),
        Event::RecordingBegan => {
            f.write_str("a recording began, and every coordinator loaded again")
        }
        Event::Advertised {
            node,
            listener,
            host,
            port,
        } => write!(f, "node {node} is advertised at {listener}://{host}:{port}"),
        Event::CertificateExpired { certificate } => {
            write!(f, "the certificate {certificate} has expired")
        }
        Event::CertificateRenewed { certificate } => {
            write!(f, "the certificate {certificate} is good again")
        }
        Event::Restored { taken_at_ms } => {
            write!(f, "restored from a snapshot taken at {taken_at_ms}")
        }
        Event::AclAdded(acl) => write!(f, "ACL added: {acl}"),
        Event::AclRemoved(acl) => write!(f, "ACL removed: {acl}"),
        Event::TopicCreated { topic, partitions } => {
            write!(f, "topic {topic} created with {partitions} partitions")
        }
        Event::PartitionsAdded { topic, partitions } => {
            write!(f, "topic {topic} has {partitions} partitions now")
        }
        Event::TopicDeleted { topic } => write!(f, "topic {topic} deleted"),
        Event::LogStartMoved {
            topic,
            partition,
            from,
            to,
        } => write!(f, "{topic}-{partition} begins at {to} instead of {from}"),
        Event::LogTruncated {
            topic,
            partition,
            from,
            to,
        } => write!(f, "{topic}-{partition} ends at {to} instead of {from}"),
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |number: &dyn ToString| number.to_string();
        let conditions = [
            ("kind", self.kind.clone()),
            ("api", self.api.map(|api| api.to_string())),
            ("client_id", self.client_id.clone()),
            ("principal", self.principal.clone()),
            ("connection", self.connection.as_ref().map(|n| number(n))),
            ("node", self.node.as_ref().map(|n| number(n))),
            ("topic", self.topic.clone()),
            ("partition", self.partition.as_ref().map(|n| number(n))),
            ("group", self.group.clone()),
            ("member", self.member.clone()),
            ("transactional_id", self.transactional_id.clone()),
            ("producer_id", self.producer_id.as_ref().map(|n| number(n))),
            ("error", self.error.map(|error| error.to_string())),
            ("failed", self.failed.as_ref().map(|failed| number(failed))),
            ("applied", self.applied.map(|applied| applied.to_string())),
            ("rule", self.rule.clone()),
            ("after", (self.after > 0).then(|| number(&self.after))),
        ];
        let set = conditions.into_iter();
        let set = set.filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        let text: Vec<String> = set.collect();
        if text.is_empty() {
            f.write_str("any kind")
        } else {
            f.write_str(&text.join(" "))
        }
    }
}
