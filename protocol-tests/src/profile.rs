//! The clusters that cases run on.

/// The cluster that a case runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// One node with Kafka's defaults.
    One,
    /// The same; topics that are made because somebody asked about them take their time, as in Kafka.
    NewTopics,
    /// Three nodes with Kafka's defaults.
    Three,
    /// Three nodes that a case may stop and start.
    Stopping,
    /// Three nodes in racks a, b and c, which serve fetches from the reader's rack.
    Racks,
    /// One node whose operator changed defaults: small limits, no automatic topics, no deletion, offsets that go soon.
    Limits,
    /// One node whose groups are small and do not wait: no initial delay, short sessions allowed, assignments at once.
    Groups,
    /// The same, on which groups stay of their kind.
    GroupsKept,
    /// The same, on which only classic groups become consumer groups.
    GroupsUpgraded,
    /// The same, on which only consumer groups become classic groups.
    GroupsDowngraded,
    /// One node whose share groups are small and do not wait: locks of a second, sessions and assignments at once.
    Shares,
    /// One node that soon tidies what is written down of share groups.
    SharesTidied,
    /// One node whose streams groups are small and do not wait: no initial delay, short sessions allowed, assignments at once.
    Streams,
    /// One node whose groups wait half a second for their first members.
    Delayed,
    /// One node that looks often for transactions that take too long, and keeps all transactional ids in one partition.
    Transactions,
    /// One node that soon forgets idle transactional ids and producers.
    Forgetful,
    /// Three nodes, of which the first two have [`OTHER`] as another listener.
    Listeners,
    /// One node that has [`SECURE`] and other listeners with TLS.
    Tls,
    /// One node that has [`BEARER`], by which clients log in with unsigned tokens, as another listener.
    Bearer,
    /// One node on which [`USERS`] log in by SASL.
    Sasl,
    /// The same, on which they have to log in again every hour.
    SaslSessions,
    /// The same, with sessions that end at once.
    SaslExpiring,
    /// One node on which [`USERS`] log in, and do what ACLs allow; `admin` may do everything.
    Authorized,
}

/// Who can log in where ACLs say what they may do. The first may do everything.
pub const AUTHORIZED: [(&str, &str); 2] = [("admin", "admin-secret"), ("alice", "alice-secret")];

/// Who can log in where somebody has to, and their passwords.
pub const USERS: [(&str, &str); 2] = [("alice", "alice-secret"), ("bob", "bob-secret")];

/// Properties of [`Profile::Streams`].
const STREAMS: &[(&str, &str)] = &[
    ("offsets.topic.num.partitions", "1"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("group.consumer.assignment.interval.ms", "0"),
    ("group.consumer.assignor.offload.enable", "false"),
    ("group.streams.max.size", "3"),
    ("group.streams.min.session.timeout.ms", "100"),
    ("group.streams.min.heartbeat.interval.ms", "50"),
    ("group.streams.initial.rebalance.delay.ms", "0"),
    ("group.streams.assignment.interval.ms", "0"),
    ("group.streams.assignor.offload.enable", "false"),
];

/// Properties of [`Profile::Shares`].
const SHARES: &[(&str, &str)] = &[
    // One coordinator of each kind.
    ("offsets.topic.num.partitions", "1"),
    ("share.coordinator.state.topic.num.partitions", "1"),
    (
        "share.coordinator.snapshot.update.records.per.snapshot",
        "3",
    ),
    ("group.initial.rebalance.delay.ms", "0"),
    ("group.consumer.assignment.interval.ms", "0"),
    ("group.share.max.size", "3"),
    ("group.share.max.share.sessions", "30"),
    ("group.share.min.session.timeout.ms", "100"),
    ("group.share.min.heartbeat.interval.ms", "50"),
    ("group.share.min.assignment.interval.ms", "0"),
    ("group.share.assignment.interval.ms", "0"),
    ("group.share.assignor.offload.enable", "false"),
    ("group.share.min.record.lock.duration.ms", "1000"),
    ("group.share.min.partition.max.record.locks", "100"),
    ("errors.deadletterqueue.auto.create.topics.enable", "true"),
];

/// Properties of [`Profile::SharesTidied`].
const SHARES_TIDIED: &[(&str, &str)] = &[
    ("offsets.topic.num.partitions", "1"),
    ("share.coordinator.state.topic.num.partitions", "1"),
    (
        "share.coordinator.cold.partition.snapshot.interval.ms",
        "1000",
    ),
    ("share.coordinator.state.topic.prune.interval.ms", "300"),
    ("group.consumer.assignment.interval.ms", "0"),
    ("group.share.min.assignment.interval.ms", "0"),
    ("group.share.assignment.interval.ms", "0"),
    ("group.share.assignor.offload.enable", "false"),
];

/// Properties of [`Profile::Authorized`].
const ACLS: &[(&str, &str)] = &[
    (
        "authorizer.class.name",
        "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    ),
    // Brokers have a listener of their own, on which nobody logs in.
    ("super.users", "User:admin;User:ANONYMOUS"),
    ("delegation.token.secret.key", "token-secret"),
    ("offsets.topic.num.partitions", "1"),
    ("transaction.state.log.num.partitions", "1"),
    ("share.coordinator.state.topic.num.partitions", "1"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("group.consumer.assignment.interval.ms", "0"),
    ("group.consumer.assignor.offload.enable", "false"),
    ("group.share.min.assignment.interval.ms", "0"),
    ("group.share.assignment.interval.ms", "0"),
    ("group.share.assignor.offload.enable", "false"),
    ("group.streams.initial.rebalance.delay.ms", "0"),
    ("group.streams.assignment.interval.ms", "0"),
    ("group.streams.assignor.offload.enable", "false"),
];

/// Properties of [`Profile::Limits`].
const LIMITS: &[(&str, &str)] = &[
    ("auto.create.topics.enable", "false"),
    ("delete.topic.enable", "false"),
    ("num.partitions", "3"),
    ("message.max.bytes", "10000"),
    ("socket.request.max.bytes", "100000"),
    ("max.request.partition.size.limit", "3"),
    ("max.incremental.fetch.session.cache.slots", "2"),
    ("connections.max.idle.ms", "3000"),
    ("log.retention.minutes", "30"),
    ("compression.type", "gzip"),
    ("fetch.max.bytes", "2000"),
    ("max.connections.per.ip", "1"),
    ("max.connections.per.ip.overrides", "localhost:60"),
    ("offsets.topic.num.partitions", "1"),
    ("offset.metadata.max.bytes", "10"),
    ("offsets.retention.check.interval.ms", "100"),
    ("group.min.session.timeout.ms", "500"),
    ("group.max.session.timeout.ms", "60000"),
    ("group.max.size", "1"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("group.consumer.max.size", "1"),
    ("group.consumer.assignors", "range"),
    ("group.consumer.migration.policy", "disabled"),
];

/// The other listener of [`Profile::Listeners`].
pub const OTHER: &str = "OTHER";

/// The listener of [`Profile::Tls`] that asks for no certificate.
pub const SECURE: &str = "SECURE";
/// The one that asks for a certificate and does without.
pub const REQUESTED: &str = "REQUESTED";
/// The one that wants a certificate.
pub const REQUIRED: &str = "REQUIRED";
/// The one that makes names of certificates by rules.
pub const MAPPED: &str = "MAPPED";
/// The one that speaks TLS 1.3 alone.
pub const MODERN: &str = "MODERN";
/// The one that speaks TLS 1.2 alone.
pub const OLDER: &str = "OLDER";

/// Properties of [`Profile::Tls`].
const TLS: &[(&str, &str)] = &[
    ("listener.name.requested.ssl.client.auth", "requested"),
    ("listener.name.required.ssl.client.auth", "required"),
    ("listener.name.mapped.ssl.client.auth", "required"),
    (
        "listener.name.mapped.ssl.principal.mapping.rules",
        "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/L,RULE:^CN=(cl.*)$/$1/U,RULE:.*OU=Gr.*$/ANONYMOUS/",
    ),
    ("listener.name.modern.ssl.enabled.protocols", "TLSv1.3"),
    ("listener.name.older.ssl.enabled.protocols", "TLSv1.2"),
];

const fn with_tls(name: &'static str) -> Listener {
    Listener {
        name,
        protocol: "SSL",
        nodes: &[1],
    }
}

/// The other listener of [`Profile::Bearer`].
pub const BEARER: &str = "BEARER";

/// Properties of [`Profile::Bearer`].
const TOKENS: &[(&str, &str)] = &[
    (
        "listener.name.bearer.sasl.enabled.mechanisms",
        "OAUTHBEARER",
    ),
    (
        "listener.name.bearer.oauthbearer.sasl.jaas.config",
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required \
         unsecuredLoginStringClaim_sub=\"broker\" unsecuredValidatorRequiredScope=\"read\";",
    ),
];

/// A listener for clients.
#[derive(Debug, Clone, Copy)]
pub struct Listener {
    /// Its name.
    pub name: &'static str,
    /// Its security protocol.
    pub protocol: &'static str,
    /// The nodes that have it, from 1.
    pub nodes: &'static [usize],
}

impl Profile {
    /// The number of nodes.
    #[must_use]
    pub const fn nodes(self) -> u16 {
        match self {
            Self::One
            | Self::NewTopics
            | Self::Limits
            | Self::Groups
            | Self::GroupsKept
            | Self::GroupsUpgraded
            | Self::GroupsDowngraded
            | Self::Shares
            | Self::SharesTidied
            | Self::Streams
            | Self::Delayed
            | Self::Transactions
            | Self::Forgetful
            | Self::Tls
            | Self::Bearer
            | Self::Sasl
            | Self::SaslSessions
            | Self::SaslExpiring
            | Self::Authorized => 1,
            Self::Three | Self::Stopping | Self::Racks | Self::Listeners => 3,
        }
    }

    /// Who can log in, if somebody has to.
    #[must_use]
    pub const fn users(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Sasl | Self::SaslSessions | Self::SaslExpiring => &USERS,
            Self::Authorized => &AUTHORIZED,
            _ => &[],
        }
    }

    /// Listeners for clients beside the first.
    #[must_use]
    pub const fn listeners(self) -> &'static [Listener] {
        match self {
            Self::Listeners => &[Listener {
                name: OTHER,
                protocol: "PLAINTEXT",
                nodes: &[1, 2],
            }],
            Self::Tls => {
                const ALL: &[Listener] = &[
                    with_tls(SECURE),
                    with_tls(REQUESTED),
                    with_tls(REQUIRED),
                    with_tls(MAPPED),
                    with_tls(MODERN),
                    with_tls(OLDER),
                ];
                ALL
            }
            Self::Bearer => &[Listener {
                name: BEARER,
                protocol: "SASL_PLAINTEXT",
                nodes: &[1],
            }],
            _ => &[],
        }
    }

    /// Broker properties beside the defaults.
    #[must_use]
    pub fn properties(self) -> Vec<(&'static str, &'static str)> {
        let mut properties = self.shared_properties().to_vec();
        properties.extend(
            self.migration_policy()
                .map(|policy| ("group.consumer.migration.policy", policy)),
        );
        properties
    }

    const fn migration_policy(self) -> Option<&'static str> {
        match self {
            Self::GroupsKept => Some("disabled"),
            Self::GroupsUpgraded => Some("upgrade"),
            Self::GroupsDowngraded => Some("DOWNGRADE"),
            _ => None,
        }
    }

    const fn shared_properties(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::One
            | Self::NewTopics
            | Self::Three
            | Self::Stopping
            | Self::Listeners
            | Self::Sasl => &[],
            Self::Tls => TLS,
            Self::Bearer => TOKENS,
            Self::SaslSessions => &[("connections.max.reauth.ms", "3600000")],
            Self::SaslExpiring => &[("connections.max.reauth.ms", "1")],
            Self::Authorized => ACLS,
            Self::Racks => &[(
                "replica.selector.class",
                "org.apache.kafka.common.replica.RackAwareReplicaSelector",
            )],
            Self::Limits => LIMITS,
            Self::Groups | Self::GroupsKept | Self::GroupsUpgraded | Self::GroupsDowngraded => &[
                // One coordinator for all groups: what one group has seen, all have.
                ("offsets.topic.num.partitions", "1"),
                ("group.initial.rebalance.delay.ms", "0"),
                ("group.min.session.timeout.ms", "100"),
                ("group.max.size", "3"),
                ("group.consumer.max.size", "3"),
                ("group.consumer.min.session.timeout.ms", "100"),
                ("group.consumer.min.heartbeat.interval.ms", "50"),
                ("group.consumer.assignment.interval.ms", "0"),
                ("group.consumer.assignor.offload.enable", "false"),
            ],
            Self::Shares => SHARES,
            Self::SharesTidied => SHARES_TIDIED,
            Self::Streams => STREAMS,
            Self::Delayed => &[
                ("offsets.topic.num.partitions", "1"),
                ("group.initial.rebalance.delay.ms", "500"),
                ("group.min.session.timeout.ms", "100"),
            ],
            Self::Transactions => &[
                (
                    "transaction.abort.timed.out.transaction.cleanup.interval.ms",
                    "50",
                ),
                ("transaction.max.timeout.ms", "70000"),
                ("transaction.state.log.num.partitions", "1"),
                // One coordinator for all groups, as in `Groups`.
                ("offsets.topic.num.partitions", "1"),
                ("group.initial.rebalance.delay.ms", "0"),
            ],
            Self::Forgetful => &[
                (
                    "transaction.remove.expired.transaction.cleanup.interval.ms",
                    "50",
                ),
                ("transactional.id.expiration.ms", "1500"),
                ("producer.id.expiration.ms", "600"),
                ("producer.id.expiration.check.interval.ms", "50"),
                ("transaction.state.log.num.partitions", "1"),
            ],
        }
    }

    /// The rack of the k-th node (from 0).
    #[must_use]
    pub fn rack(self, node: usize) -> Option<&'static str> {
        (self == Self::Racks)
            .then(|| ["a", "b", "c"].get(node).copied())
            .flatten()
    }
}
