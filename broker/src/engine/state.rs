//! What a cluster is. What becomes of requests on their way is the passage's; nothing here knows of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::authorizer::policy::Policies;
use super::authorizer::{Authorizer, Deciders};
use super::certificates::ExpiredCertificates;
use super::changes::JournaledTopics;
use super::cluster::configs::{BrokerConfig, Configs, Overrides, TopicConfig};
use super::cluster::{Cluster, Node};
use super::commands::metadata::StaleMetadata;
use super::context::{ConnectionId, Ticket};
use super::coordinators::{Coordinators, StatePartition};
use super::delegation::DelegationTokens;
use super::endpoints::Endpoints;
use super::features::Levels;
use super::fetch::sessions::FetchSessions;
use super::group::Groups;
use super::group::turn::GroupTimer;
use super::handlers::produce::Replicating;
use super::housekeeping::Chore;
use super::listeners::Listeners;
use super::log_dirs::LogDirs;
use super::origin::Origin;
use super::outbox::Outbox;
use super::producer_ids::ProducerIds;
use super::quota::Quotas;
use super::reassignment::Reassignments;
use super::rng::Rng;
use super::sasl::Sasl;
use super::sasl::oauth;
#[cfg(feature = "oauth")]
use super::sasl::oauth::SourceId;
use super::settings::{NodeSettings, Settings};
use super::share::{SharePartitionKey, Shares};
use super::telemetry::Telemetry;
use super::time::Now;
use super::timers::Timers;
use super::transaction::Transactions;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::releases::Release;
use crate::wire::units::NodeId;

/// What becomes due in the cluster itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum StateTimer {
    Chore(Chore),
    Group(GroupTimer),
    /// The load of a coordinator is held no longer.
    Load(StatePartition),
    /// A topic that was made on demand is there.
    NewTopic(String),
    /// A throttled replica of this partition may fetch again.
    Copy(TopicPartition),
    /// A member's lock on records of this share partition ends.
    ShareLock(SharePartitionKey),
    /// Something about a share partition that failed is tried again.
    ShareRetry(u64),
    /// Keys that tokens are checked with are asked for again.
    #[cfg(feature = "oauth")]
    KeySet(SourceId),
}

/// A cluster: its topics with their records, its settings, groups and transactions.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) cluster: Cluster,
    pub(crate) configs: Configs,
    pub(crate) features: Levels,
    pub(crate) release: Option<Release>,
    pub(crate) telemetry: Telemetry,
    pub(crate) fetch_sessions: FetchSessions,
    pub(crate) rng: Rng,
    pub(crate) sasl: Sasl,
    pub(crate) authorizer: Authorizer,
    pub(crate) tokens: DelegationTokens,
    /// What principals of IAM may do; everything if there is none.
    pub(crate) policies: Policies,
    pub(super) auto_create_delay: Duration,
    pub(super) seed: u64,
    /// How often it started over.
    pub(super) resets: u64,
    /// What a reset makes again.
    pub(super) origin: Arc<Origin>,
    pub(crate) listeners: Listeners,
    pub(super) endpoints: Endpoints,
    pub(crate) expired_certificates: ExpiredCertificates,
    /// What is wrong with keys that the next request of a connection names.
    pub(super) keys_refused: BTreeMap<ConnectionId, String>,
    pub(super) timers: Timers<StateTimer>,
    /// By what interval each chore was planned.
    pub(super) chore_intervals: BTreeMap<Chore, Duration>,
    /// The parked Produce requests that are written down.
    pub(crate) replicating: BTreeMap<Ticket, Replicating>,
    pub(crate) coordinators: Coordinators,
    pub(crate) quotas: Quotas,
    pub(crate) groups: Groups,
    pub(crate) shares: Shares,
    /// What tests read of the groups' changes.
    #[cfg(test)]
    pub(crate) group_notes: Vec<super::group::turn::Note>,
    pub(crate) producer_ids: ProducerIds,
    pub(crate) transactions: Transactions,
    pub(crate) reassignments: Reassignments,
    pub(super) log_bytes: u64,
    pub(super) log_dirs: LogDirs,
    pub(super) max_log_bytes: u64,
    /// When logs were last looked at for want of room, and nothing could go.
    pub(super) looked_for_room: Option<Duration>,
    pub(super) stale_metadata: Option<StaleMetadata>,
    /// What was told of topics and their leaders.
    pub(super) journaled_topics: JournaledTopics,
    pub(crate) outbox: Outbox,
}

impl State {
    pub(super) fn new(settings: Settings, now: Now) -> Self {
        let checks = oauth::checks(&settings);
        let mut rng = Rng::new(settings.seed);
        // What cannot be read was refused before.
        let authorizer = Authorizer::of(|name| settings.fixed.get(name)).unwrap_or_default();
        let tokens = DelegationTokens::new(settings.fixed.get("delegation.token.secret.key"));
        let mut configs = Configs::new(settings.fixed);
        let mut nodes = Vec::new();
        let mut endpoints = Endpoints::default();
        settings
            .places
            .into_iter()
            .for_each(|at| endpoints.bind(at));
        for node in settings.nodes {
            configs.add_node(node.id, node.own);
            let NodeSettings { id, rack, .. } = node;
            nodes.push(Node { id, rack, up: true });
        }
        let id = BASE64_URL_SAFE_NO_PAD.encode(rng.next_uuid().as_bytes());
        let mut sasl = Sasl::new(settings.seed);
        // Those that cannot be are refused before a cluster starts.
        let checks = checks.unwrap_or_default();
        sasl.validators = checks.validators;
        #[cfg(feature = "oauth")]
        {
            sasl.key_sets = checks.key_sets;
        }
        sasl.aws.place = settings.msk.unwrap_or_default();
        sasl.oauth = settings.oauth;
        let mut state = Self {
            cluster: Cluster::new(id, nodes),
            configs,
            features: Levels::new(settings.release.as_ref()),
            release: settings.release,
            telemetry: Telemetry::default(),
            fetch_sessions: FetchSessions::default(),
            rng,
            sasl,
            policies: Policies::default(),
            authorizer,
            tokens,
            auto_create_delay: settings.auto_create_delay,
            seed: settings.seed,
            resets: 0,
            origin: Arc::default(),
            listeners: Listeners::new(settings.listeners),
            endpoints,
            expired_certificates: ExpiredCertificates::default(),
            keys_refused: BTreeMap::new(),
            timers: Timers::new(),
            chore_intervals: BTreeMap::new(),
            replicating: BTreeMap::new(),
            coordinators: Coordinators::default(),
            quotas: Quotas::default(),
            groups: Groups::default(),
            shares: Shares::default(),
            #[cfg(test)]
            group_notes: Vec::new(),
            producer_ids: ProducerIds::default(),
            transactions: Transactions::default(),
            reassignments: Reassignments::default(),
            log_bytes: 0,
            log_dirs: LogDirs::default(),
            max_log_bytes: settings.max_log_bytes,
            looked_for_room: None,
            stale_metadata: None,
            journaled_topics: JournaledTopics::default(),
            outbox: Outbox::new(settings.journal.rows > 0),
        };
        state.schedule_chores(now);
        #[cfg(feature = "oauth")]
        state.plan_key_sets(now);
        state
    }

    /// Does what is due.
    pub(super) fn on_timer(&mut self, now: Now, timer: StateTimer) {
        match timer {
            StateTimer::Chore(chore) => self.do_chore(chore, now),
            StateTimer::Group(timer) => self.on_group_timer(now, &timer),
            StateTimer::Load(place) => self.end_hold(now, place),
            StateTimer::NewTopic(name) => self.publish_topic(now, &name),
            // What may go on does so after each input.
            StateTimer::Copy(..) => {}
            StateTimer::ShareLock(key) => self.end_share_locks(now, &key),
            StateTimer::ShareRetry(number) => self.try_share_again(now, number),
            #[cfg(feature = "oauth")]
            StateTimer::KeySet(id) => self.ask_for_keys(now, id),
        }
    }

    /// What a cluster does of itself after every input: replicas are filled, share partitions follow their leaders, and
    /// transactions whose end is certain get their markers.
    pub(super) fn follow_up(&mut self, now: Now) {
        self.go_on_reassigning(now);
        self.follow_share_leaders();
        self.write_due_markers(now);
    }

    /// The settings in force for a topic; Kafka's defaults where there is none.
    pub(crate) fn topic_config(&self, topic: &str) -> Arc<TopicConfig> {
        let node = self.cluster.controller();
        let resolve =
            |overrides: &Overrides| Arc::new(TopicConfig::resolve(&self.configs, node, overrides));
        let topic = self.cluster.topic(topic);
        Arc::clone(match topic.filter(|topic| !topic.overrides.is_empty()) {
            Some(topic) => topic.config.get_or_init(|| resolve(&topic.overrides)),
            None => {
                let plain = &self.cluster.plain_config;
                plain.get_or_init(|| resolve(&Overrides::default()))
            }
        })
    }

    pub(crate) fn broker_config(&self, node: NodeId) -> &BrokerConfig {
        self.configs.broker(node)
    }

    pub(super) fn settings_changed(&mut self, now: Now) {
        for topic in self.cluster.topics_mut() {
            topic.config.take();
        }
        self.cluster.plain_config.take();
        // More may go now.
        self.looked_for_room = None;
        self.schedule_chores(now);
    }

    /// Who decides what clients may do.
    pub(crate) const fn deciders(&self) -> Deciders<'_> {
        Deciders {
            authorizer: &self.authorizer,
            policies: &self.policies,
            place: &self.sasl.aws.place,
        }
    }

    /// What decides every random choice.
    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    /// What all logs hold in memory.
    pub(crate) const fn log_bytes(&self) -> u64 {
        self.log_bytes
    }

    pub(crate) const fn log_bytes_max(&self) -> u64 {
        self.max_log_bytes
    }

    /// Says that records were added, which wakes who waits for them.
    pub(crate) fn appended(&mut self, topic: &str, partition: i32) {
        self.count_log_bytes(topic, partition);
        self.outbox.wake_partition(topic, partition);
    }

    /// Says that a topic is gone, or that something about its partitions other than records is new.
    pub(crate) fn changed_topic(&mut self, now: Now, topic: &str) {
        self.cluster.changed();
        self.follow_leaders(now);
        self.wake_topic(topic);
    }

    /// Wakes who waits for a topic or for any of its partitions.
    pub(crate) fn wake_topic(&mut self, topic: &str) {
        if !self.outbox.is_awaited() {
            return;
        }
        self.outbox.wake_topic(topic);
        let partitions = self.cluster.topic(topic).map_or(0, |t| t.partitions.len());
        for index in (0_i32..).take(partitions) {
            self.outbox.wake_partition(topic, index);
        }
    }

    /// Brings the total up to date with one partition.
    pub(crate) fn count_log_bytes(&mut self, topic: &str, partition: i32) {
        let Some(partition) = self.cluster.partition_mut(topic, partition) else {
            return;
        };
        let held = partition.log.held_bytes();
        self.log_bytes = self
            .log_bytes
            .saturating_add(held)
            .saturating_sub(partition.counted_bytes);
        partition.counted_bytes = held;
    }
}
