//! The broker itself: a pure state machine without sockets, clock, tasks or global randomness.

pub(crate) mod cluster;
pub(crate) mod commands;
pub(crate) mod context;
pub(crate) mod coordinators;
pub(crate) mod deadlines;
mod endpoints;
pub(crate) mod fault;
pub(crate) mod features;
pub(crate) mod fetch;
pub(crate) mod group;
pub(crate) mod handlers;
mod held;
mod housekeeping;
mod ids;
pub(crate) mod input;
pub(crate) mod inspect;
pub(crate) mod invariants;
pub(crate) mod java;
pub(crate) mod journal;
#[allow(
    dead_code,
    reason = "holds what groups, transactions and faults need of it, ahead of them"
)]
pub(crate) mod log;
mod log_dirs;
pub(crate) mod new_topics;
mod nodes;
pub(crate) mod origin;
pub(crate) mod parked;
pub(crate) mod producer_ids;
pub(crate) mod quota;
pub(crate) mod re2;
pub(crate) mod reassignment;
pub(crate) mod recording;
pub(crate) mod repeats;
pub(crate) mod replica;
pub(crate) mod reset;
pub(crate) mod rng;
pub(crate) mod sasl;
pub(crate) mod snapshot;
#[allow(
    dead_code,
    reason = "holds what transactions need of it, ahead of them"
)]
mod state_log;
pub(crate) mod state_topic;
pub(crate) mod telemetry;
#[cfg(test)]
#[allow(dead_code, reason = "holds what the tests of groups need")]
pub(crate) mod testing;
pub(crate) mod time;
mod timers;
mod topics;
pub(crate) mod transaction;
pub(crate) mod voters;
mod waiting;
pub(crate) mod warnings;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::wire::apis::{Request, Response};
use crate::wire::releases::Release;
use crate::wire::units::NodeId;
use cluster::configs::{BrokerConfig, Configs, Overrides, StaticConfig, TopicConfig};
use cluster::{Cluster, Node};
use context::{Answer, Call, ConnectionId, Context, Effect, Effects, Ticket};
use coordinators::{Coordinators, StatePartition};
pub(crate) use endpoints::Advertise;
use fault::{FaultId, Faults};
use fetch::sessions::FetchSessions;
use group::Groups;
use group::turn::GroupTimer;
use handlers::produce::Replicating;
use held::Held;
use housekeeping::Chore;
use journal::{Journal, JournalSettings};
use origin::{Origin, Unfounded};
use parked::Parked;
use producer_ids::ProducerIds;
use quota::Quotas;
use rng::Rng;
use sasl::{Mechanism, Sasl};
use time::Now;
use timers::Timers;
use transaction::Transactions;
use warnings::Warnings;

/// What a cluster is made of.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) nodes: Vec<NodeSettings>,
    /// What all brokers were started with.
    pub(crate) fixed: StaticConfig,
    pub(crate) seed: u64,
    /// Produce is refused while the logs hold this much.
    pub(crate) max_log_bytes: u64,
    pub(crate) advertise: Advertise,
    pub(crate) journal: JournalSettings,
    /// Whose requests and features are offered; the newest release's if none.
    pub(crate) release: Option<Release>,
    /// What clients may authenticate by; they need not if there is none.
    pub(crate) sasl: Vec<Mechanism>,
    /// How long it takes until a topic is there that is made because a client asks about it.
    pub(crate) auto_create_delay: Duration,
    /// Looks after every input for what must not be, and panics.
    pub(crate) check_invariants: bool,
}

/// One node to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeSettings {
    pub(crate) id: NodeId,
    pub(crate) rack: Option<String>,
    /// What it alone was started with.
    pub(crate) own: Overrides,
    /// Where its listener is bound.
    pub(crate) host: String,
    pub(crate) port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum TimerKey {
    Chore(Chore),
    /// A request or answer that a fault rule keeps.
    Fault(Ticket),
    /// A connection that a quota or a fault rule throttles.
    Mute(ConnectionId),
    /// A client that failed to authenticate, and is yet to be told.
    Refusal(ConnectionId),
    Group(GroupTimer),
    Parked(Ticket),
    /// The load of a coordinator is held no longer.
    Load(StatePartition),
    /// A topic that was made on demand is there.
    NewTopic(String),
    /// A throttled replica of this partition may fetch again.
    Copy(String, i32),
}

/// The cluster as a function of time and input.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) cluster: Cluster,
    pub(crate) configs: Configs,
    pub(crate) features: features::Levels,
    pub(crate) release: Option<Release>,
    pub(crate) telemetry: telemetry::Telemetry,
    pub(crate) fetch_sessions: FetchSessions,
    pub(crate) rng: Rng,
    pub(crate) sasl: Sasl,
    auto_create_delay: Duration,
    seed: u64,
    /// How often it began anew.
    resets: u64,
    /// What a reset makes again.
    origin: Arc<Origin>,
    advertise: Advertise,
    endpoints: HashMap<NodeId, (String, u16)>,
    timers: Timers<TimerKey>,
    /// By what interval each chore was planned.
    chore_intervals: BTreeMap<Chore, Duration>,
    parked: Parked,
    /// The parked Produce requests that are written down.
    pub(crate) replicating: BTreeMap<Ticket, Replicating>,
    held: Held,
    pub(crate) coordinators: Coordinators,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) quotas: Quotas,
    pub(crate) groups: Groups,
    /// What tests read of the groups' changes.
    #[cfg(test)]
    pub(crate) group_notes: Vec<group::turn::Note>,
    woken: Vec<Ticket>,
    last_ticket: u64,
    pub(crate) producer_ids: ProducerIds,
    pub(crate) transactions: Transactions,
    pub(crate) warnings: Warnings,
    pub(crate) reassignments: reassignment::Reassignments,
    log_bytes: u64,
    log_dirs: log_dirs::LogDirs,
    max_log_bytes: u64,
    stale_metadata: Option<commands::metadata::StaleMetadata>,
    checks_invariants: bool,
}

impl Engine {
    /// A cluster that begins with what `origin` says.
    ///
    /// # Errors
    /// The first of it that cannot be.
    pub(crate) fn begin(settings: Settings, now: Now, origin: &Origin) -> Result<Self, Unfounded> {
        let mut engine = Self::new(settings, now);
        engine.furnish(now, origin)?;
        engine.journal_cluster(now);
        Ok(engine)
    }

    pub(crate) fn new(settings: Settings, now: Now) -> Self {
        let mut rng = Rng::new(settings.seed);
        let mut configs = Configs::new(settings.fixed);
        let mut nodes = Vec::new();
        let mut endpoints = HashMap::new();
        for node in settings.nodes {
            configs.add_node(node.id, node.own);
            endpoints.insert(node.id, (node.host, node.port));
            let NodeSettings { id, rack, .. } = node;
            nodes.push(Node { id, rack, up: true });
        }
        let id = BASE64_URL_SAFE_NO_PAD.encode(rng.next_uuid().as_bytes());
        let mut engine = Self {
            cluster: Cluster::new(id, nodes),
            configs,
            features: features::Levels::new(settings.release.as_ref()),
            release: settings.release,
            telemetry: telemetry::Telemetry::default(),
            fetch_sessions: FetchSessions::default(),
            rng,
            sasl: Sasl::new(settings.sasl, settings.seed),
            auto_create_delay: settings.auto_create_delay,
            seed: settings.seed,
            resets: 0,
            origin: Arc::default(),
            advertise: settings.advertise,
            endpoints,
            timers: Timers::new(),
            chore_intervals: BTreeMap::new(),
            parked: Parked::default(),
            replicating: BTreeMap::new(),
            held: Held::default(),
            coordinators: Coordinators::default(),
            journal: Journal::new(settings.journal),
            faults: Faults::new(settings.seed),
            quotas: Quotas::default(),
            groups: Groups::default(),
            #[cfg(test)]
            group_notes: Vec::new(),
            woken: Vec::new(),
            last_ticket: 0,
            producer_ids: ProducerIds::default(),
            transactions: Transactions::default(),
            warnings: Warnings::default(),
            reassignments: reassignment::Reassignments::default(),
            log_bytes: 0,
            log_dirs: log_dirs::LogDirs::default(),
            max_log_bytes: settings.max_log_bytes,
            stale_metadata: None,
            checks_invariants: settings.check_invariants,
        };
        engine.schedule_chores(now);
        engine
    }

    /// Takes a request; what becomes of it is among the effects, now or after a later input.
    fn request(&mut self, now: Now, mut call: Call, request: Request, effects: &mut Effects) {
        if self.is_over(call.connection) {
            return;
        }
        self.last_ticket = self.last_ticket.saturating_add(1);
        call.ticket = Ticket(self.last_ticket);
        let Some((mut call, request)) = self.faults.unless_muted(call, request) else {
            return;
        };
        self.journal_request(&call, &request);
        if !self.cluster.runs(call.node) {
            let connection = call.connection;
            let reason = "the node stops".to_owned();
            return effects.0.push(Effect::Close { connection, reason });
        }
        if self.turned_away(now, &call, &request, effects) {
            return;
        }
        if let Request::ApiVersions(request) = &request {
            let software = &request.client_software_name;
            self.faults.introduce(call.connection, software);
        }
        call.last_rule = self.faults.last_id();
        if self.faults.is_idle() || call.connection == commands::NOBODY {
            self.run(now, call, request, effects);
        } else {
            self.meet_faults(now, call, request, FaultId(0), effects);
        }
    }

    /// A client sends no more, or is gone. Says whether its connection is owed an answer.
    fn departed(&mut self, connection: ConnectionId) -> bool {
        self.journal.departed(connection);
        self.held.connections().any(|held| held == connection)
            || self.parked.connections().any(|parked| parked == connection)
            || self.faults.keeps(connection)
    }

    /// Forgets what a connection that is gone waited for.
    fn closed(&mut self, now: Now, connection: ConnectionId, why: &str) {
        self.journal_closed(now, connection, why);
        self.sasl.closed(connection);
        self.timers.cancel(&TimerKey::Refusal(connection));
        self.forget_faults(connection);
        self.forget_waiting(connection);
    }

    /// When the next thing is due, as elapsed time.
    #[must_use]
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.timers.next()
    }

    fn run(&mut self, now: Now, call: Call, request: Request, effects: &mut Effects) {
        let changes_settings = request.changes_settings();
        if request.is_for_controller() {
            self.publish_topics(now);
        }
        let mut cx = Context {
            engine: self,
            now,
            call: &call,
            throttle_ms: 0,
        };
        let answer = handlers::run(&mut cx, request);
        let throttle_ms = cx.throttle_ms;
        if changes_settings {
            self.settings_changed(now);
        }
        let connection = call.connection;
        let effect = match answer {
            Answer::Reply(response) => Effect::Reply {
                connection,
                response,
            },
            Answer::Nothing => Effect::Nothing { connection },
            Answer::Close(reason) => Effect::Close { connection, reason },
            Answer::Refuse(response, why) => {
                return self.refuse_answered(now, &call, (response, why), effects);
            }
            Answer::Held => return self.held.hold(call),
            Answer::Park(parking, request) => {
                let key = TimerKey::Parked(call.ticket);
                self.timers.schedule(key, parking.until.elapsed);
                return self
                    .parked
                    .park(call, *request, parking.until, parking.wake);
            }
        };
        self.answer(now, &call, (effect, throttle_ms), effects);
    }

    /// Answers a request that a group held.
    fn reply(&mut self, now: Now, call: &Call, response: Response, effects: &mut Effects) {
        let connection = call.connection;
        let effect = Effect::Reply {
            connection,
            response,
        };
        self.answer(now, call, (effect, 0), effects);
    }

    /// The settings in force for a topic; Kafka's defaults where there is none.
    pub(crate) fn topic_config(&self, topic: &str) -> Arc<TopicConfig> {
        let node = self.cluster.controller();
        let resolve =
            |overrides: &Overrides| Arc::new(TopicConfig::resolve(&self.configs, node, overrides));
        match self.cluster.topic(topic) {
            Some(topic) => Arc::clone(topic.config.get_or_init(|| resolve(&topic.overrides))),
            None => resolve(&Overrides::default()),
        }
    }

    pub(crate) fn broker_config(&self, node: NodeId) -> &BrokerConfig {
        self.configs.broker(node)
    }

    fn settings_changed(&mut self, now: Now) {
        for topic in self.cluster.topics_mut() {
            topic.config.take();
        }
        self.schedule_chores(now);
    }

    /// What all logs hold in memory.
    pub(crate) const fn log_bytes(&self) -> u64 {
        self.log_bytes
    }

    pub(crate) const fn log_bytes_max(&self) -> u64 {
        self.max_log_bytes
    }

    /// Says that records were added, which wakes who waits for them.
    fn appended(&mut self, topic: &str, partition: i32) {
        self.count_log_bytes(topic, partition);
        self.wake_partition(topic, partition);
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
