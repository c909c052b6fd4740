//! What requests are filled with: names that the cluster knows, ids that it has given out, and anything.

use bytes::Bytes;
use uuid::Uuid;

use super::choices::Choices;
use crate::wire::compression::Codec;
use crate::wire::guard::chosen::Choose;
use crate::wire::records::{BatchBuilder, NewRecord};
use crate::wire::units::{Offset, ProducerEpoch, ProducerId, Sequence, WallMillis};

/// Names by the end of a field's name; the last row is for all others.
const NAMES: &[(&str, &[&str])] = &[
    ("GroupId", &["g", "h", "s", "t", "", "c"]),
    ("Groups", &["g", "h", "s", "t", "c"]),
    ("GroupsNames", &["g", "h", "s", "t", "c"]),
    ("InstanceId", &["i", "j", ""]),
    ("TransactionalId", &["x", "y", ""]),
    ("TransactionalIds", &["x", "y"]),
    ("ProtocolType", &["consumer", "connect", "", "share"]),
    ("ProtocolName", &["range", "sticky", ""]),
    ("Assignor", &["uniform", "range", "none"]),
    ("Regex", &["a.*", "[ab]|c+", "(", "^$", "a{1000}{1000}"]),
    ("Topic", TOPICS),
    ("TopicName", TOPICS),
    ("TopicNames", TOPICS),
    ("SourceTopics", TOPICS),
    ("Topics", TOPICS),
    ("RackId", &["r", ""]),
    ("SubtopologyId", &["0", "1", ""]),
    ("ProcessId", &["p", "q", ""]),
    ("ResourceName", &["a", "0", "1", "", "g", "sub"]),
    ("Mechanism", &["PLAIN", "SCRAM-SHA-256", "OAUTHBEARER", "X"]),
    ("Principal", &["User:ANONYMOUS", "User:alice", "User:*", ""]),
    ("EntityType", &["user", "client-id", "ip", "x"]),
    ("EntityName", &["alice", "127.0.0.1", ""]),
    (
        "Key",
        &[
            "g",
            "x",
            "consumer_byte_rate",
            "producer_byte_rate",
            "request_percentage",
        ],
    ),
    (
        "Feature",
        &[
            "group.version",
            "share.version",
            "transaction.version",
            "metadata.version",
        ],
    ),
    ("", EVERYTHING),
];

const TOPICS: &[&str] = &[
    "a",
    "b",
    "compacted",
    "new",
    "missing",
    "",
    "__consumer_offsets",
    "__transaction_state",
    "__share_group_state",
    "a-changelog",
    "..",
];

/// Names that may be those of anything, and settings with their values.
const EVERYTHING: &[&str] = &[
    "a",
    "b",
    "g",
    "range",
    "sticky",
    "consumer",
    "compacted",
    "x",
    "",
    "retention.ms",
    "cleanup.policy",
    "compact",
    "delete",
    "segment.bytes",
    "retention.bytes",
    "min.insync.replicas",
    "compression.type",
    "gzip",
    "zstd",
    "lz4",
    "1",
    "100",
    "-1",
    "60000",
    "max.message.bytes",
    "message.timestamp.type",
    "LogAppendTime",
    "share.record.lock.duration.ms",
    "share.isolation.level",
    "read_committed",
    "share.auto.offset.reset",
    "earliest",
    "share.delivery.count.limit",
    "errors.deadletterqueue.topic.name",
    "consumer.session.timeout.ms",
    "streams.num.standby.replicas",
    "group.initial.rebalance.delay.ms",
    "leader.replication.throttled.replicas",
    "follower.replication.throttled.rate",
    "0:0,0:1",
    "*",
    "PLAIN",
    "127.0.0.1",
    "org.apache.kafka",
    "interval.ms",
];

/// What has been heard of the cluster.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) members: Vec<String>,
    pub(super) producers: Vec<(i64, i16)>,
    pub(super) topics: Vec<Uuid>,
    /// What who logs in was last told.
    pub(super) told: Vec<u8>,
    /// When records are written.
    pub(super) wall_ms: i64,
}

/// Who fills a request by a fuzzer's choices.
#[derive(Debug)]
pub(super) struct Words<'a, 'b> {
    pub(super) choices: &'a mut Choices<'b>,
    pub(super) heard: &'a Heard,
}

impl Words<'_, '_> {
    fn heard<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let place = self.choices.below(of.len().max(1));
        of.get(place).cloned()
    }

    /// A member's id: an empty one, one that was given out, or one of the client's own.
    fn member(&mut self) -> String {
        let known = self.choices.below(4);
        let heard = self.heard;
        let given = (known > 1).then(|| self.heard(&heard.members)).flatten();
        given.unwrap_or_else(|| self.choices.pick(&["", "m", "n"]).to_owned())
    }

    /// What a consumer tells its group's leader.
    fn subscription(&mut self) -> Vec<u8> {
        let topic = self.choices.pick(TOPICS);
        let version = self.choices.below(4);
        let mut bytes = vec![0, u8::try_from(version).unwrap_or(0), 0, 0, 0, 1, 0];
        bytes.push(u8::try_from(topic.len()).unwrap_or(0));
        bytes.extend(topic.as_bytes());
        bytes.extend([0xFF; 4]);
        bytes.extend(self.choices.piece());
        bytes
    }

    /// A batch of records, as a producer makes it; or with one odd number.
    pub(super) fn batch(&mut self) -> Bytes {
        let codecs = [
            Codec::None,
            Codec::None,
            Codec::None,
            Codec::Gzip,
            Codec::Snappy,
            Codec::Lz4,
            Codec::Zstd,
        ];
        let codec = self.choices.pick(&codecs);
        let mut builder = BatchBuilder::default();
        self.producer(&mut builder);
        let wall = WallMillis(self.heard.wall_ms);
        for delta in 0..=self.choices.below(4) {
            let key = self.choices.pick(&[None, Some("k"), Some("l"), Some("")]);
            let value = self.choices.pick(&[Some("v"), Some("w"), None]);
            let record = NewRecord::new(key.map(str::as_bytes), value.map(str::as_bytes));
            builder.append(i32::try_from(delta).unwrap_or(0), wall, &record);
        }
        self.odd_header(&mut builder);
        builder
            .build(codec)
            .map_or_else(|_| Bytes::new(), |batch| batch.to_bytes())
    }

    /// Who has written it.
    fn producer(&mut self, builder: &mut BatchBuilder) {
        let kind = self.choices.below(8);
        let heard = self.heard;
        if kind < 4 {
            return;
        }
        let (id, epoch) = self.heard(&heard.producers).unwrap_or((1, 0));
        let epoch = match kind {
            4 => epoch.saturating_add(1),
            _ => epoch,
        };
        let header = &mut builder.header;
        header.producer_id = ProducerId(id);
        header.producer_epoch = ProducerEpoch(epoch);
        header.base_sequence = Sequence(i32::try_from(self.choices.below(8)).unwrap_or(0));
        if kind > 5 {
            header.attributes = header.attributes.with_transactional();
        }
    }

    fn odd_header(&mut self, builder: &mut BatchBuilder) {
        let header = &mut builder.header;
        let odd = self.choices.byte();
        if odd < 200 {
            return;
        }
        let number = self.choices.number();
        let [.., a, b, c, d] = number.to_be_bytes();
        let small = i32::from_be_bytes([a, b, c, d]);
        match odd % 7 {
            0 => header.base_offset = Offset(number),
            1 => header.max_timestamp = WallMillis(number),
            2 => header.base_timestamp = WallMillis(number),
            3 => header.last_offset_delta = small,
            4 => header.record_count = small,
            5 => header.attributes = header.attributes.with_control(),
            _ => header.base_sequence = Sequence(small),
        }
    }
}

impl Choose for Words<'_, '_> {
    fn omits(&mut self) -> bool {
        self.choices.byte() & 3 == 0
    }

    fn count(&mut self) -> u8 {
        match self.choices.byte() {
            0..=31 => 0,
            32..=220 => 1,
            more => more % 4,
        }
    }

    fn number(&mut self, field: &str, initial: i64) -> i64 {
        let chosen = self.choices.byte();
        match (field, chosen) {
            (_, 0..=63) => initial,
            ("ProducerId", 64..=200) => {
                let heard = self.heard;
                self.heard(&heard.producers).map_or(1, |(id, _)| id)
            }
            ("ProducerEpoch", 64..=200) => {
                let heard = self.heard;
                self.heard(&heard.producers)
                    .map_or(0, |(_, epoch)| epoch.into())
            }
            ("SessionTimeoutMs" | "RebalanceTimeoutMs" | "TransactionTimeoutMs", 64..=200) => {
                self.choices.pick(&[6000, 10_000, 45_000, 60_000, 300_000])
            }
            ("MaxWaitMs" | "TimeoutMs" | "timeoutMs", 64..=200) => {
                self.choices.pick(&[0, 100, 30_000])
            }
            ("MaxBytes" | "PartitionMaxBytes" | "MaxRecords" | "BatchSize", 64..=200) => {
                self.choices.pick(&[1, 100, 1 << 20])
            }
            _ => self.choices.number(),
        }
    }

    fn text(&mut self, field: &str) -> Vec<u8> {
        if self.choices.byte() > 230 {
            return self.choices.piece().to_vec();
        }
        if field.ends_with("MemberId") {
            return self.member().into_bytes();
        }
        let row = NAMES.iter().find(|(end, _)| field.ends_with(end));
        let names = row.map_or(EVERYTHING, |(_, names)| *names);
        self.choices.pick(names).as_bytes().to_vec()
    }

    fn bytes(&mut self, field: &str) -> Vec<u8> {
        match (field, self.choices.byte()) {
            ("Records", 0..=220) => self.batch().to_vec(),
            ("Metadata" | "Assignment", 0..=220) => self.subscription(),
            _ => self.choices.piece().to_vec(),
        }
    }

    fn uuid(&mut self) -> [u8; 16] {
        let chosen = self.choices.byte();
        let heard = self.heard;
        let known = (chosen > 31).then(|| self.heard(&heard.topics)).flatten();
        known.unwrap_or_default().into_bytes()
    }
}
