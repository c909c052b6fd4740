//! What the log says of what happens: one line for each thing that anyone who watches the log looks for.

use std::sync::Arc;

use crate::engine::journal::{Event, Row};
use crate::wire::api::Api;

/// States of a group that a line is for: the beginning and the end of a rebalance, and a group's own end.
const GROUP_STATES: &[&str] = &[
    "PreparingRebalance",
    "Assigning",
    "Reconciling",
    "Stable",
    "Empty",
    "Dead",
];

/// The rows that the log tells, if anybody reads it.
pub(super) fn notable<'a>(rows: impl Iterator<Item = &'a Arc<Row>>) -> Vec<Arc<Row>> {
    if !tracing::enabled!(tracing::Level::INFO) {
        return Vec::new();
    }
    rows.filter(|row| is_notable(&row.event)).cloned().collect()
}

fn is_notable(event: &Event) -> bool {
    match event {
        Event::Request(exchange) => {
            let logs_in = matches!(exchange.api, Api::SaslAuthenticate | Api::SaslHandshake);
            logs_in && !exchange.errors.is_empty()
        }
        // A step within a rebalance, or a generation after the other without a change of state, is for the journal.
        Event::GroupState { from, to, .. } => from != to && GROUP_STATES.contains(to),
        Event::KeysNotFetched { .. }
        | Event::NodeStopped { .. }
        | Event::NodeStarted { .. }
        | Event::CertificateExpired { .. }
        | Event::CertificateRenewed { .. }
        | Event::Restored { .. }
        | Event::RecordingBegan
        | Event::Advertised { .. }
        | Event::AclAdded(_)
        | Event::AclRemoved(_)
        | Event::TopicCreated { .. }
        | Event::PartitionsAdded { .. }
        | Event::TopicDeleted { .. } => true,
        Event::ConnectionOpened { .. }
        | Event::LoggedIn { .. }
        | Event::KeysFetched { .. }
        | Event::ConnectionClosed { .. }
        | Event::Assigned { .. }
        | Event::TasksAssigned { .. }
        | Event::TransactionState { .. }
        | Event::LeaderMoved { .. }
        | Event::CoordinatorMoved { .. }
        | Event::AcquisitionExpired { .. }
        | Event::DeliveriesExhausted { .. }
        | Event::DeadLettered { .. }
        | Event::LogStartMoved { .. }
        | Event::LogTruncated { .. } => false,
    }
}

/// Logs them.
pub(super) fn tell(rows: &[Arc<Row>]) {
    for row in rows {
        match row.exchange() {
            Some(exchange) => tracing::info!("log-in refused: {exchange}"),
            None => tracing::info!("{}", row.event),
        }
    }
}

/// Logs what the engine has to say, which holds nobody up.
pub(super) fn log(warnings: Vec<String>) {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_tells_what_begins_and_ends() {
        let state = |from, to| Event::GroupState {
            group: "g".to_owned(),
            from,
            to,
            generation: 1,
            why: "a member joins".to_owned(),
        };
        for (event, expected) in [
            (state("Empty", "PreparingRebalance"), true),
            (state("PreparingRebalance", "CompletingRebalance"), false),
            (state("CompletingRebalance", "Stable"), true),
            (state("Stable", "Stable"), false),
            (Event::NodeStopped { node: 1 }, true),
            (
                Event::ConnectionOpened {
                    connection: 1,
                    node: 1,
                    listener: "PLAINTEXT".to_owned(),
                    client_host: String::new(),
                },
                false,
            ),
        ] {
            assert_eq!(is_notable(&event), expected, "{event}");
        }
    }
}
