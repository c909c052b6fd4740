//! Numbers for Prometheus, in its text format.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::engine::Engine;
use crate::engine::authorizer::Acls;
use crate::engine::inspect::{GroupView, TopicView, TransactionView};
use crate::engine::journal::{ShareCounted, ShareCounts};
use crate::engine::time::Now;
use crate::server::shared::Shared;
use crate::server::traffic::Traffic;

/// The version of the text format.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Get metrics in Prometheus text format
///
/// Requests, errors, rebalances, group members, lag, share groups, tasks of streams groups, transactions and connections.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "metrics",
    operation_id = "get_metrics",
    responses((status = OK, body = str, content_type = "text/plain", description = "The metrics")),
)]
pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Response {
    let now = shared.clock.now();
    let mut text = shared.look(|engine| of_engine(engine, now));
    text.push_str(&of_connections(shared.connections(), shared.traffic.read()));
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response()
}

/// The text as it grows.
#[derive(Debug, Default)]
struct Exposition(String);

impl Exposition {
    /// Begins a metric; its samples follow.
    fn metric(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels = labels.iter().map(|(label, value)| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            format!("{label}=\"{}\"", value.replace('\n', "\\n"))
        });
        let labels: Vec<String> = labels.collect();
        let braces = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{}}}", labels.join(","))
        };
        let _ = writeln!(self.0, "{name}{braces} {value}");
    }
}

fn of_engine(engine: &Engine, now: Now) -> String {
    let mut text = Exposition::default();
    requests(engine, &mut text);
    let views = engine.state.group_views(now);
    groups(engine, &views, &mut text);
    shares(engine, &views, &mut text);
    tasks(&views, &mut text);
    transactions(&engine.state.transaction_views(), now, &mut text);
    partitions(&engine.state.topic_views(), &mut text);
    let name = "fauxka_log_bytes";
    text.metric(name, "gauge", "Bytes of records that are held in memory.");
    text.sample(name, &[], engine.state.log_bytes());
    let name = "fauxka_log_bytes_max";
    let help = "How many bytes of records may be held; then producers get KAFKA_STORAGE_ERROR.";
    text.metric(name, "gauge", help);
    text.sample(name, &[], engine.state.log_bytes_max());
    text.0
}

fn requests(engine: &Engine, text: &mut Exposition) {
    let counts = engine.passage.journal.counts();
    let name = "fauxka_requests_total";
    text.metric(name, "counter", "Requests by kind.");
    for (api, count) in &counts.requests {
        text.sample(name, &[("api", api.name())], count);
    }
    let name = "fauxka_errors_total";
    text.metric(name, "counter", "Errors in answers, by kind of request.");
    for (api, error, count) in counts.errors() {
        let labels = [("api", api.name()), ("error", &*error.name())];
        text.sample(name, &labels, count);
    }
    let name = "fauxka_rule_hits_total";
    text.metric(name, "counter", "Requests that a fault rule acted on.");
    for (rule, count) in &counts.rule_hits {
        text.sample(name, &[("rule", rule)], count);
    }
    let name = "fauxka_throttled_requests_total";
    let help = "Requests after which quotas or fault rules throttled the connection.";
    text.metric(name, "counter", help);
    for (client_id, throttled) in &counts.throttled {
        text.sample(name, &[("client_id", client_id)], throttled.requests);
    }
    let name = "fauxka_throttled_seconds_total";
    text.metric(name, "counter", "For how long they were throttled.");
    for (client_id, throttled) in &counts.throttled {
        let seconds = std::time::Duration::from_millis(throttled.millis).as_secs_f64();
        text.sample(name, &[("client_id", client_id)], seconds);
    }
    let name = "fauxka_connections_opened_total";
    text.metric(name, "counter", "Connections that clients have opened.");
    text.sample(name, &[], counts.connections);
    let name = "fauxka_authorization_denials_total";
    text.metric(
        name,
        "counter",
        "What clients wanted to do and were denied.",
    );
    text.sample(name, &[], counts.denials);
    let name = "fauxka_acls";
    text.metric(name, "gauge", "ACLs of the authorizer.");
    let acls = engine.state.authorizer.acls();
    text.sample(name, &[], acls.map_or(0, Acls::len));
}

fn groups(engine: &Engine, groups: &[GroupView], text: &mut Exposition) {
    let name = "fauxka_group_rebalances_total";
    text.metric(
        name,
        "counter",
        "New generations of a group, or new epochs.",
    );
    for (group, count) in &engine.passage.journal.counts().rebalances {
        text.sample(name, &[("group", group)], count);
    }
    let name = "fauxka_group_members";
    text.metric(name, "gauge", "Members of a group.");
    for group in groups {
        text.sample(name, &[("group", &group.id)], group.members.len());
    }
    let name = "fauxka_group_state";
    text.metric(name, "gauge", "The state that a group is in.");
    for group in groups {
        let labels = [("group", &*group.id), ("state", &*group.state)];
        text.sample(name, &labels, 1);
    }
    let name = "fauxka_group_lag";
    let help = "Records up to the high watermark that a group has not committed.";
    text.metric(name, "gauge", help);
    for group in groups {
        for offset in &group.offsets {
            let Some(lag) = offset.lag else {
                continue;
            };
            let partition = offset.partition.to_string();
            let labels = [
                ("group", &*group.id),
                ("topic", &*offset.topic),
                ("partition", &*partition),
            ];
            text.sample(name, &labels, lag);
        }
    }
}

fn shares(engine: &Engine, groups: &[GroupView], text: &mut Exposition) {
    counted_shares(&engine.passage.journal.counts().shares, text);
    let name = "fauxka_share_lag";
    let help = "Records up to the high watermark that a share group is not done with.";
    text.metric(name, "gauge", help);
    for group in groups {
        for share in &group.share_partitions {
            let partition = share.partition.to_string();
            let labels = [
                ("group", &*group.id),
                ("topic", &*share.topic),
                ("partition", &*partition),
            ];
            if let Some(lag) = share.lag {
                text.sample(name, &labels, lag);
            }
        }
    }
    let name = "fauxka_share_records";
    let help =
        "Records of a share group from its start on that were delivered, by what became of them.";
    text.metric(name, "gauge", help);
    for group in groups {
        let mut counts = BTreeMap::new();
        for run in &group.share_records {
            let length = run
                .last_offset
                .saturating_sub(run.first_offset)
                .saturating_add(1);
            let place = (&*run.topic, run.partition, &*run.state);
            let count: &mut i64 = counts.entry(place).or_default();
            *count = count.saturating_add(length);
        }
        for ((topic, partition, state), count) in counts {
            let partition = partition.to_string();
            let labels = [
                ("group", &*group.id),
                ("topic", topic),
                ("partition", &*partition),
                ("state", state),
            ];
            text.sample(name, &labels, count);
        }
    }
}

/// A counter of share groups: its name, what it counts, and the number of one share partition.
type ShareCounter = (&'static str, &'static str, fn(&ShareCounted) -> u64);

/// What only grows of share groups.
fn counted_shares(counts: &ShareCounts, text: &mut Exposition) {
    let metrics: [ShareCounter; 4] = [
        (
            "fauxka_share_deliveries_total",
            "Records that members of a share group acquired, each time.",
            |counted| counted.deliveries,
        ),
        (
            "fauxka_share_redeliveries_total",
            "Of these, those that had been delivered before.",
            |counted| counted.redeliveries,
        ),
        (
            "fauxka_share_locks_expired_total",
            "Records whose lock ended before a member said what became of them.",
            |counted| counted.expired,
        ),
        (
            "fauxka_share_exhausted_total",
            "Records that were delivered as often as they may be, and archived.",
            |counted| counted.exhausted,
        ),
    ];
    for (name, help, value) in metrics {
        text.metric(name, "counter", help);
        for (place, counted) in counts {
            let partition = place.partition.to_string();
            let labels = place.labels(&partition);
            text.sample(name, &labels, value(counted));
        }
    }
    let name = "fauxka_share_acknowledgements_total";
    let help = "Records that members of a share group acknowledged, by type.";
    text.metric(name, "counter", help);
    for (place, counted) in counts {
        let partition = place.partition.to_string();
        for (kind, count) in counted.acknowledged() {
            let [group, topic, partition] = place.labels(&partition);
            text.sample(name, &[group, topic, partition, ("type", kind)], count);
        }
    }
}

fn tasks(groups: &[GroupView], text: &mut Exposition) {
    let name = "fauxka_streams_tasks";
    let help = "Tasks of a streams group, by kind and by whether members have them.";
    text.metric(name, "gauge", help);
    for group in groups {
        let mut counts: BTreeMap<_, u64> = BTreeMap::new();
        for task in &group.tasks {
            let count = counts.entry((&*task.kind, &*task.state)).or_default();
            *count = count.saturating_add(1);
        }
        for ((kind, state), count) in counts {
            let labels = [("group", &*group.id), ("kind", kind), ("state", state)];
            text.sample(name, &labels, count);
        }
    }
    let name = "fauxka_streams_task_lag";
    let help = "Records of its changelog that a task's state lacks, as its member said.";
    text.metric(name, "gauge", help);
    for group in groups {
        for task in &group.tasks {
            let Some(lag) = task.lag else {
                continue;
            };
            let partition = task.partition.to_string();
            let labels = [
                ("group", &*group.id),
                ("member", &*task.member_id),
                ("kind", &*task.kind),
                ("subtopology", &*task.subtopology),
                ("partition", &*partition),
            ];
            text.sample(name, &labels, lag);
        }
    }
}

fn transactions(all: &[TransactionView], now: Now, text: &mut Exposition) {
    let open: Vec<_> = all
        .iter()
        .filter(|one| !one.partitions.is_empty())
        .collect();
    let name = "fauxka_transactions_open";
    text.metric(
        name,
        "gauge",
        "Transactions that wait for their end or their markers.",
    );
    text.sample(name, &[], open.len());
    let name = "fauxka_transaction_age_seconds";
    text.metric(
        name,
        "gauge",
        "How long a transaction has been open, on the cluster's clock.",
    );
    for one in open {
        let millis = now.wall.0.saturating_sub(one.started_ms).max(0);
        let seconds = std::time::Duration::from_millis(millis.cast_unsigned()).as_secs_f64();
        let labels = [("transactional_id", &*one.transactional_id)];
        text.sample(name, &labels, seconds);
    }
}

fn partitions(topics: &[TopicView], text: &mut Exposition) {
    let all = || {
        let topics = topics.iter().filter(|topic| !topic.internal);
        topics.flat_map(|topic| topic.partitions.iter().map(|one| (&*topic.name, one)))
    };
    let name = "fauxka_partition_high_watermark";
    text.metric(name, "gauge", "The offset up to which consumers read.");
    for (topic, one) in all() {
        let partition = one.partition.to_string();
        let labels = [("topic", topic), ("partition", &partition)];
        text.sample(name, &labels, one.high_watermark);
    }
    let name = "fauxka_partition_stable_offset_lag";
    let help = "Records that readers of committed data wait for.";
    text.metric(name, "gauge", help);
    for (topic, one) in all() {
        let partition = one.partition.to_string();
        let labels = [("topic", topic), ("partition", &partition)];
        let lag = one.high_watermark.saturating_sub(one.last_stable_offset);
        text.sample(name, &labels, lag);
    }
}

fn of_connections(open: usize, traffic: Traffic) -> String {
    let mut text = Exposition::default();
    let name = "fauxka_connections";
    text.metric(name, "gauge", "Connections that are open.");
    text.sample(name, &[], open);
    let name = "fauxka_received_bytes_total";
    text.metric(name, "counter", "Bytes of requests.");
    text.sample(name, &[], traffic.received);
    let name = "fauxka_sent_bytes_total";
    text.metric(name, "counter", "Bytes of answers.");
    text.sample(name, &[], traffic.sent);
    text.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::inspect::TaskView;

    #[test]
    fn labels_are_escaped() {
        let mut text = Exposition::default();
        text.metric("m", "gauge", "Words.");
        text.sample("m", &[("a", "x\"y\\z\n"), ("b", "")], 3);
        text.sample("m", &[], 0.5);
        let expected = "# HELP m Words.\n# TYPE m gauge\nm{a=\"x\\\"y\\\\z\\n\",b=\"\"} 3\nm 0.5\n";
        assert_eq!(text.0, expected);
    }

    #[test]
    fn tasks_are_counted_and_lag() {
        let task = |kind: &str, member: &str, state: &str, lag| TaskView {
            subtopology: "0".to_owned(),
            partition: 1,
            kind: kind.to_owned(),
            member_id: member.to_owned(),
            state: state.to_owned(),
            offset: None,
            end_offset: None,
            lag,
        };
        let group = |id: &str, tasks| GroupView {
            id: id.to_owned(),
            kind: "streams".to_owned(),
            state: "Stable".to_owned(),
            coordinator: None,
            generation: 1,
            protocol: None,
            members: Vec::new(),
            offsets: Vec::new(),
            share_partitions: Vec::new(),
            share_records: Vec::new(),
            tasks,
        };
        let tasks_of_g = vec![
            task("active", "m", "revoking", None),
            task("active", "n", "awaited", Some(0)),
            task("standby", "n", "assigned", Some(6)),
            task("standby", "o", "assigned", None),
        ];
        let mut text = Exposition::default();
        let groups = [group("g", tasks_of_g), group("none", Vec::new())];
        tasks(&groups, &mut text);
        let samples = text.0.lines().filter(|line| !line.starts_with('#'));
        let of = |member: &str, kind: &str, lag: u32| {
            format!(
                r#"fauxka_streams_task_lag{{group="g",member="{member}",kind="{kind}",subtopology="0",partition="1"}} {lag}"#
            )
        };
        let expected = [
            r#"fauxka_streams_tasks{group="g",kind="active",state="awaited"} 1"#.to_owned(),
            r#"fauxka_streams_tasks{group="g",kind="active",state="revoking"} 1"#.to_owned(),
            r#"fauxka_streams_tasks{group="g",kind="standby",state="assigned"} 2"#.to_owned(),
            of("n", "active", 0),
            of("n", "standby", 6),
        ];
        assert_eq!(samples.collect::<Vec<_>>(), expected);
    }
}
