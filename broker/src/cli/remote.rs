//! Commands that ask a running cluster, over its control port.

use std::io::Write as _;

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;

use super::acls::AclVerb;
use super::advertise::AdvertiseOptions;
use super::asked::{Asked, Asking};
use super::certificates::CertificateVerb;
use super::faults::FaultVerb;
use super::groups::{GroupVerb, MetadataVerb, TransactionVerb};
use super::iam::{AccessKeyVerb, PolicyVerb};
use super::journal::JournalOptions;
use super::nodes::{ClockVerb, NodeVerb};
use super::produce::ProduceOptions;
use super::recordings::RecordingVerb;
use super::snapshots::SnapshotVerb;
use super::topics::{PartitionVerb, TopicVerb};
use super::users::UserVerb;
use super::{cluster, iam, metrics, report, wait};

/// What to ask.
#[derive(Debug, Subcommand)]
pub(crate) enum Remote {
    /// What goes wrong on demand
    Fault {
        #[command(subcommand)]
        verb: FaultVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// The cluster's time
    Clock {
        #[command(subcommand)]
        verb: ClockVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// The cluster's nodes
    Node {
        #[command(subcommand)]
        verb: NodeVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// Topics and their records
    Topic {
        #[command(subcommand)]
        verb: TopicVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// Writes records to a topic
    Produce {
        #[command(flatten)]
        records: Box<ProduceOptions>,
        #[command(flatten)]
        asking: Asking,
    },
    /// What happens to a partition
    Partition {
        #[command(subcommand)]
        verb: PartitionVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// Groups, their members and offsets
    Group {
        #[command(subcommand)]
        verb: GroupVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// Transactional ids and transaction markers
    Transaction {
        #[command(subcommand)]
        verb: TransactionVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// Sets the addresses that clients are told, once mapped ports are known
    Advertise {
        #[command(flatten)]
        addresses: AdvertiseOptions,
        #[command(flatten)]
        asking: Asking,
    },
    /// What clients are told of the cluster
    Metadata {
        #[command(subcommand)]
        verb: MetadataVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// What happened: requests with their outcomes, and changes of state
    Journal {
        #[command(flatten)]
        journal: Box<JournalOptions>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Who can log in by SASL
    User {
        #[command(subcommand)]
        verb: UserVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// Certificates that expire before their time
    Cert {
        #[command(subcommand)]
        verb: CertificateVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// Who may do what, where brokers authorize
    Acl {
        #[command(subcommand)]
        verb: AclVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// Who can log in as to Amazon MSK
    AccessKey {
        #[command(subcommand)]
        verb: AccessKeyVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// What principals of IAM may do
    Policy {
        #[command(subcommand)]
        verb: PolicyVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// The brokers' addresses, as GetBootstrapBrokers of Amazon MSK gives them
    Aws {
        #[command(flatten)]
        asking: Asking,
    },
    /// Makes the cluster what it was at its start
    Reset {
        /// Only this: topics, groups, transactions, configs, faults, journal
        #[arg(long, value_name = "KIND,…", value_delimiter = ',')]
        only: Option<Vec<String>>,
        #[command(flatten)]
        asking: Asking,
    },
    /// What the cluster was, and can be again
    Snapshot {
        #[command(subcommand)]
        verb: SnapshotVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// What happens to the cluster, written down for fauxka rerun
    Recording {
        #[command(subcommand)]
        verb: RecordingVerb,
        #[command(flatten)]
        asking: Asking,
    },
    /// Waits until a cluster answers: it is READY then
    Wait {
        #[command(flatten)]
        options: wait::Options,
        #[command(flatten)]
        asking: Asking,
    },
    /// The cluster and its nodes
    Cluster {
        #[command(flatten)]
        asking: Asking,
    },
    /// What a failed test should show: unmet fault rules, the seed, all rules and the end of the journal
    Report {
        #[command(flatten)]
        asking: Asking,
    },
    /// Numbers, as Prometheus reads them
    Metrics {
        #[command(flatten)]
        asking: Asking,
    },
}

/// Asks, and prints the answer.
pub(crate) fn run(remote: &Remote) -> Result<()> {
    match remote {
        Remote::Fault { verb, asking } => verb.run(asking),
        Remote::Clock { verb, asking } => asking.print(&[verb.asked()]),
        Remote::Node { verb, asking } => asking.print(&[verb.asked()]),
        Remote::Topic { verb, asking } => verb.run(asking),
        Remote::Produce { records, asking } => asking.print(&[records.asked()]),
        Remote::Advertise { addresses, asking } => asking.print(&[addresses.asked()]),
        Remote::Partition { verb, asking } => asking.print(&[verb.asked()]),
        Remote::Group { verb, asking } => verb.run(asking),
        Remote::Transaction { verb, asking } => asking.print(&[verb.asked()]),
        Remote::User { verb, asking } => asking.print(&[verb.asked()]),
        Remote::Cert { verb, asking } => asking.print(&[verb.asked()]),
        Remote::Acl { verb, asking } => asking.print(&[verb.asked()?]),
        Remote::AccessKey { verb, asking } => asking.print(&[verb.asked()]),
        Remote::Policy { verb, asking } => asking.print(&[verb.asked()?]),
        Remote::Aws { asking } => iam::bootstrap_brokers(asking),
        Remote::Metadata { verb, asking } => asking.print(&[verb.asked()]),
        Remote::Journal { journal, asking } => journal.run(asking),
        Remote::Reset { only, asking } => {
            let body = only
                .as_ref()
                .map_or_else(|| json!({}), |only| json!({ "only": only }));
            asking.print(&[Asked::post("/v1/reset", body)])
        }
        Remote::Snapshot { verb, asking } => verb.run(asking),
        Remote::Recording { verb, asking } => verb.run(asking),
        Remote::Wait { options, asking } => options.run(asking),
        Remote::Cluster { asking } => asking.show(&[Asked::get("/v1/cluster")], cluster::text),
        Remote::Report { asking } => asking.show(&[Asked::get("/v1/report")], report::text),
        Remote::Metrics { asking } if asking.json => asking.repeat(|out| {
            let text = asking.ask(&Asked::get("/metrics"))?;
            let metrics = metrics::as_json(text.as_str().unwrap_or_default());
            writeln!(out, "{metrics}")?;
            Ok(())
        }),
        Remote::Metrics { asking } => asking.print(&[Asked::get("/metrics")]),
    }
}
