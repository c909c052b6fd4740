//! The errors in an answer: read from its typed form, and found by the schema in one that is encoded already because a
//! fault rule has changed it. Nothing is encoded to find them.

use bytes::Bytes;
use uuid::Uuid;

use super::exchange::Failure;
use super::keys::topic_name;
use crate::engine::applied::Applied;
use crate::engine::cluster::Cluster;
use crate::wire::api::Api;
use crate::wire::apis::Response;
use crate::wire::dynamic::{Row, Shape, Value};
use crate::wire::error::ErrorCode;
use crate::wire::messages::TopicName;

/// The most errors that a row lists.
const FAILURES_MAX: usize = 1000;

/// Errors as they are found.
struct Found<'a> {
    cluster: &'a Cluster,
    failures: Vec<Failure>,
    tally: Tally,
}

/// How many of an answer's innermost rows say that something was done.
#[derive(Debug, Default)]
struct Tally {
    done: usize,
    failed: usize,
    row: OpenRow,
}

/// The row that is being read.
#[derive(Debug, Default)]
struct OpenRow {
    says_how_it_went: bool,
    has_failed: bool,
    /// It has rows of its own, which say more.
    has_rows: bool,
}

impl Tally {
    fn code(&mut self, code: i16) {
        self.row.says_how_it_went = true;
        self.row.has_failed |= code != 0;
    }

    /// Begins a row, and hands back the one around it.
    fn begin(&mut self) -> OpenRow {
        std::mem::take(&mut self.row)
    }

    /// Ends a row, and goes on with the one around it.
    fn end(&mut self, around: OpenRow) {
        let row = std::mem::replace(&mut self.row, around);
        self.row.has_rows |= row.has_rows || row.says_how_it_went;
        if row.has_failed {
            self.failed = self.failed.saturating_add(1);
        } else if row.says_how_it_went && !row.has_rows {
            self.done = self.done.saturating_add(1);
        }
    }

    fn applied(mut self) -> Applied {
        self.end(OpenRow::default());
        match (self.done, self.failed) {
            (_, 0) => Applied::Yes,
            (0, _) => Applied::No,
            (_, _) => Applied::Partly,
        }
    }
}

impl Found<'_> {
    fn add(&mut self, code: i16, place: RowPath<'_>) {
        if code == 0 || self.failures.len() >= FAILURES_MAX {
            return;
        }
        let named = |(name, id): (&str, Uuid)| topic_name(self.cluster, name, id);
        self.failures.push(Failure {
            error: ErrorCode::of(code),
            topic: place.topic.map(named).filter(|name| !name.is_empty()),
            partition: place.partition,
            reason: None,
        });
    }
}

/// Reads errors where a response has them, in the order in which it is written: `code` is an error's field, `stored` the
/// offset of what is in the log in spite of it, `each` goes over a list whose rows may name a topic, by its name or its id, or a partition.
macro_rules! read {
    ($response:ident, $found:ident; $($name:ident { $($body:tt)* })*) => {
        match $response {
            $(Response::$name(response) => {
                let place = RowPath::default();
                read!(@in response, place, $found; $($body)*);
            })*
        }
    };
    (@in $row:ident, $place:ident, $found:ident;) => {
        let _ = ($row, $place);
    };
    (@in $row:ident, $place:ident, $found:ident; code $field:ident; $($rest:tt)*) => {
        $found.add($row.$field, $place);
        $found.tally.code($row.$field);
        read!(@in $row, $place, $found; $($rest)*);
    };
    (@in $row:ident, $place:ident, $found:ident; stored $offset:ident; $($rest:tt)*) => {
        $found.tally.row.has_failed &= $row.$offset < 0;
        read!(@in $row, $place, $found; $($rest)*);
    };
    (@in $row:ident, $place:ident, $found:ident; each $list:ident($($key:ident $field:ident),*) { $($body:tt)* } $($rest:tt)*) => {
        for row in &$row.$list {
            let place = $place;
            $(let place = place.$key(&row.$field);)*
            let around = $found.tally.begin();
            read!(@in row, place, $found; $($body)*);
            $found.tally.end(around);
        }
        read!(@in $row, $place, $found; $($rest)*);
    };
}

/// Every error in an answer, and how much of its request is done by that.
#[expect(clippy::too_many_lines, reason = "a line for each API")]
pub(super) fn errors(response: &Response, cluster: &Cluster) -> (Vec<Failure>, Applied) {
    let mut found = Found {
        cluster,
        failures: Vec::new(),
        tally: Tally::default(),
    };
    let found_in = &mut found;
    read! { response, found_in;
        Produce { each responses(topic name, id topic_id) { each partition_responses(partition index) { code error_code; stored base_offset; } } }
        Fetch { code error_code; each responses(topic topic, id topic_id) { each partitions(partition partition_index) { code error_code; } } }
        ListOffsets { each topics(topic name) { each partitions(partition partition_index) { code error_code; } } }
        Metadata {
            each topics(optional_topic name, id topic_id) { code error_code; each partitions(partition partition_index) { code error_code; } }
            code error_code;
        }
        OffsetCommit { each topics(topic name, id topic_id) { each partitions(partition partition_index) { code error_code; } } }
        OffsetFetch {
            each topics(topic name) { each partitions(partition partition_index) { code error_code; } }
            code error_code;
            each groups() { each topics(topic name, id topic_id) { each partitions(partition partition_index) { code error_code; } } code error_code; }
        }
        FindCoordinator { code error_code; each coordinators() { code error_code; } }
        JoinGroup { code error_code; }
        Heartbeat { code error_code; }
        LeaveGroup { code error_code; each members() { code error_code; } }
        SyncGroup { code error_code; }
        DescribeGroups { each groups() { code error_code; } }
        ListGroups { code error_code; }
        SaslHandshake { code error_code; }
        ApiVersions { code error_code; }
        CreateTopics { each topics(topic name) { code error_code; code topic_config_error_code; } }
        DeleteTopics { each responses(optional_topic name, id topic_id) { code error_code; } }
        DeleteRecords { each topics(topic name) { each partitions(partition partition_index) { code error_code; } } }
        InitProducerId { code error_code; }
        OffsetForLeaderEpoch { each topics(topic topic) { each partitions(partition partition) { code error_code; } } }
        AddPartitionsToTxn {
            code error_code;
            each results_by_transaction() { each topic_results(topic name) { each results_by_partition(partition partition_index) { code partition_error_code; } } }
            each results_by_topic_v3_and_below(topic name) { each results_by_partition(partition partition_index) { code partition_error_code; } }
        }
        AddOffsetsToTxn { code error_code; }
        EndTxn { code error_code; }
        WriteTxnMarkers { each markers() { each topics(topic name) { each partitions(partition partition_index) { code error_code; } } } }
        TxnOffsetCommit { each topics(topic name, id topic_id) { each partitions(partition partition_index) { code error_code; } } }
        DescribeAcls { code error_code; }
        CreateAcls { each results() { code error_code; } }
        DeleteAcls { each filter_results() { code error_code; each matching_acls() { code error_code; } } }
        AlterReplicaLogDirs { each results(topic topic_name) { each partitions(partition partition_index) { code error_code; } } }
        CreateDelegationToken { code error_code; }
        RenewDelegationToken { code error_code; }
        ExpireDelegationToken { code error_code; }
        DescribeDelegationToken { code error_code; }
        UnregisterBroker { code error_code; }
        AddRaftVoter { code error_code; }
        RemoveRaftVoter { code error_code; }
        UnregisterController { code error_code; }
        DescribeConfigs { each results() { code error_code; } }
        AlterConfigs { each responses() { code error_code; } }
        DescribeLogDirs { code error_code; each results() { code error_code; } }
        SaslAuthenticate { code error_code; }
        CreatePartitions { each results(topic name) { code error_code; } }
        DeleteGroups { each results() { code error_code; } }
        ElectLeaders { code error_code; each replica_election_results(topic topic) { each partition_result(partition partition_id) { code error_code; } } }
        IncrementalAlterConfigs { each responses() { code error_code; } }
        AlterPartitionReassignments { code error_code; each responses(topic name) { each partitions(partition partition_index) { code error_code; } } }
        ListPartitionReassignments { code error_code; }
        OffsetDelete { code error_code; each topics(topic name) { each partitions(partition partition_index) { code error_code; } } }
        DescribeClientQuotas { code error_code; }
        AlterClientQuotas { each entries() { code error_code; } }
        DescribeUserScramCredentials { code error_code; each results() { code error_code; } }
        AlterUserScramCredentials { each results() { code error_code; } }
        DescribeQuorum { code error_code; each topics(topic topic_name) { each partitions(partition partition_index) { code error_code; } } }
        UpdateFeatures { code error_code; each results() { code error_code; } }
        DescribeCluster { code error_code; }
        DescribeProducers { each topics(topic name) { each partitions(partition partition_index) { code error_code; } } }
        DescribeTransactions { each transaction_states() { code error_code; } }
        ListTransactions { code error_code; }
        ConsumerGroupHeartbeat { code error_code; }
        ConsumerGroupDescribe { each groups() { code error_code; } }
        StreamsGroupHeartbeat { code error_code; }
        StreamsGroupDescribe { each groups() { code error_code; } }
        StreamsGroupTopologyDescriptionUpdate { code error_code; }
        GetTelemetrySubscriptions { code error_code; }
        PushTelemetry { code error_code; }
        ListConfigResources { code error_code; }
        DescribeTopicPartitions { each topics(optional_topic name, id topic_id) { code error_code; each partitions(partition partition_index) { code error_code; } } }
        ShareGroupHeartbeat { code error_code; }
        ShareGroupDescribe { each groups() { code error_code; } }
        ShareFetch { code error_code; each responses(id topic_id) { each partitions(partition partition_index) { code error_code; code acknowledge_error_code; } } }
        ShareAcknowledge { code error_code; each responses(id topic_id) { each partitions(partition partition_index) { code error_code; } } }
        InitializeShareGroupState { each results(id topic_id) { each partitions(partition partition) { code error_code; } } }
        ReadShareGroupState { each results(id topic_id) { each partitions(partition partition) { code error_code; } } }
        WriteShareGroupState { each results(id topic_id) { each partitions(partition partition) { code error_code; } } }
        DeleteShareGroupState { each results(id topic_id) { each partitions(partition partition) { code error_code; } } }
        ReadShareGroupStateSummary { each results(id topic_id) { each partitions(partition partition) { code error_code; } } }
        DescribeShareGroupOffsets { each groups() { each topics(topic topic_name, id topic_id) { each partitions(partition partition_index) { code error_code; } } code error_code; } }
        AlterShareGroupOffsets { code error_code; each responses(topic topic_name, id topic_id) { each partitions(partition partition_index) { code error_code; } } }
        DeleteShareGroupOffsets { code error_code; each responses(topic topic_name, id topic_id) { code error_code; } }
    }
    (found.failures, found.tally.applied())
}

/// Every error in an answer that is encoded already.
pub(super) fn errors_in(api: Api, version: i16, body: &Bytes, cluster: &Cluster) -> Vec<Failure> {
    let mut found = Found {
        cluster,
        failures: Vec::new(),
        tally: Tally::default(),
    };
    let shape = Shape::response(api.key(), version);
    if let Ok(Ok(tree)) = shape.map(|shape| shape.decode(body)) {
        search(&tree, RowPath::default(), &mut found);
    }
    found.failures
}

/// Where in a message the search is.
#[derive(Debug, Clone, Copy, Default)]
struct RowPath<'a> {
    topic: Option<(&'a str, Uuid)>,
    partition: Option<i32>,
}

fn search<'a>(value: &'a Value, place: RowPath<'a>, found: &mut Found<'_>) {
    match value {
        Value::Struct(row) => {
            let place = place.at(row);
            for (name, value) in row.iter() {
                match value.as_int() {
                    Some(code) if name.ends_with("ErrorCode") => {
                        let code = i16::try_from(code).unwrap_or_default();
                        found.add(code, place);
                    }
                    _ => search(value, place, found),
                }
            }
        }
        value => {
            for element in value.elements() {
                search(element, place, found);
            }
        }
    }
}

impl<'a> RowPath<'a> {
    fn topic(self, name: &'a str) -> Self {
        let id = self.topic.map_or_else(Uuid::nil, |(_, id)| id);
        Self {
            topic: Some((name, id)),
            ..self
        }
    }

    fn optional_topic(self, name: &'a Option<TopicName>) -> Self {
        self.topic(name.as_ref().map_or("", |name| name.as_str()))
    }

    fn id(self, id: &Uuid) -> Self {
        let name = self.topic.map_or("", |(name, _)| name);
        Self {
            topic: Some((name, *id)),
            ..self
        }
    }

    const fn partition(self, index: &i32) -> Self {
        Self {
            partition: Some(*index),
            ..self
        }
    }

    fn at(mut self, row: &'a Row) -> Self {
        for name in ["TopicName", "Topic", "Name"] {
            if let Some(topic) = row.get(name).and_then(Value::as_text) {
                self.topic = Some((topic, Uuid::nil()));
                break;
            }
        }
        if let Some(Value::Uuid(id)) = row.get("TopicId") {
            self = self.id(id);
        }
        for name in ["PartitionIndex", "PartitionId", "Partition", "Index"] {
            let number = row.get(name).and_then(Value::as_int);
            if let Some(index) = number.and_then(|number| i32::try_from(number).ok()) {
                self.partition = Some(index);
                break;
            }
        }
        self
    }
}
