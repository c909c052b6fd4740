//! What coordinators write to their internal topics, taken apart by Kafka's definitions.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::codec::bytes::{Reader, unhex};
use crate::codec::{decode, schema};
use crate::context::{Conn, Context};

/// A coordinator's topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoordinatorTopic {
    /// `__consumer_offsets`
    Groups,
    /// `__transaction_state`
    Transactions,
    /// `__share_group_state`
    Shares,
}

impl CoordinatorTopic {
    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Groups => "__consumer_offsets",
            Self::Transactions => "__transaction_state",
            Self::Shares => "__share_group_state",
        }
    }

    /// The definitions of a record, less `Key` and `Value`, by the number at the start of its key.
    const fn definition(self, kind: i64) -> Option<&'static str> {
        Some(match (self, kind) {
            (Self::Groups, 0) => "LegacyOffsetCommit",
            (Self::Groups, 1) => "OffsetCommit",
            (Self::Groups, 2) => "GroupMetadata",
            (Self::Groups, 3) => "ConsumerGroupMetadata",
            (Self::Groups, 4) => "ConsumerGroupPartitionMetadata",
            (Self::Groups, 5) => "ConsumerGroupMemberMetadata",
            (Self::Groups, 6) => "ConsumerGroupTargetAssignmentMetadata",
            (Self::Groups, 7) => "ConsumerGroupTargetAssignmentMember",
            (Self::Groups, 8) => "ConsumerGroupCurrentMemberAssignment",
            (Self::Groups, 10) => "ShareGroupMemberMetadata",
            (Self::Groups, 11) => "ShareGroupMetadata",
            (Self::Groups, 12) => "ShareGroupTargetAssignmentMetadata",
            (Self::Groups, 13) => "ShareGroupTargetAssignmentMember",
            (Self::Groups, 14) => "ShareGroupCurrentMemberAssignment",
            (Self::Groups, 15) => "ShareGroupStatePartitionMetadata",
            (Self::Groups, 16) => "ConsumerGroupRegularExpression",
            (Self::Groups, 17) => "StreamsGroupMetadata",
            (Self::Groups, 19) => "StreamsGroupMemberMetadata",
            (Self::Groups, 20) => "StreamsGroupTargetAssignmentMetadata",
            (Self::Groups, 21) => "StreamsGroupTargetAssignmentMember",
            (Self::Groups, 22) => "StreamsGroupCurrentMemberAssignment",
            (Self::Groups, 23) => "StreamsGroupTopology",
            (Self::Transactions, 0) => "TransactionLog",
            (Self::Shares, 0) => "ShareSnapshot",
            (Self::Shares, 1) => "ShareUpdate",
            _ => return None,
        })
    }
}

/// Which of so many partitions holds what is about a key: by Java's hash of a string, and its absolute value, which
/// is 0 for the least.
#[must_use]
pub(crate) fn partition_for(key: &str, count: i32) -> i32 {
    let hash = key.encode_utf16().fold(0_i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    });
    hash.checked_abs().unwrap_or(0) % count.max(1)
}

impl Context {
    /// Shows the records that a coordinator has written about a group or a transactional id, and the
    /// markers of the transactions that some of them are part of.
    ///
    /// # Errors
    /// When the topic cannot be read, or holds what no definition describes.
    pub fn coordinator_records(&mut self, topic: CoordinatorTopic, key: &str) -> Result<()> {
        self.coordinator_records_from(topic, key, 0)
    }

    /// Where the coordinator's partition that is about this key ends.
    ///
    /// # Errors
    /// When the topic cannot be read.
    pub fn coordinator_records_end(&mut self, topic: CoordinatorTopic, key: &str) -> Result<i64> {
        let partition = self.partition_of(topic, key)?;
        let conn = self.leader_of(topic, partition)?;
        let rows = json!([{"partitionIndex": partition, "timestamp": -1}]);
        let body = json!({"replicaId": -1, "topics": [{"name": topic.name(), "partitions": rows}]});
        let answer = self.quietly(|cx| cx.call_on(conn, "ListOffsets", 5, body))?;
        self.forget_last_connection();
        let row = &answer["topics"][0]["partitions"][0];
        row["offset"].as_i64().context("an end")
    }

    /// The records that the coordinator has written from this offset on.
    ///
    /// # Errors
    /// When the topic cannot be read, or holds what no definition describes.
    pub fn coordinator_records_from(
        &mut self,
        topic: CoordinatorTopic,
        key: &str,
        from: i64,
    ) -> Result<()> {
        let partition = self.partition_of(topic, key)?;
        let batches = self.whole_partition(topic, partition, from)?;
        let mut producers = Vec::new();
        for batch in batches
            .iter()
            .flat_map(|page| page.as_array().into_iter().flatten())
        {
            let attributes = batch["attributes"].as_str().unwrap_or_default();
            let producer = &batch["producerId"];
            let is_control = attributes.contains("control");
            let records: &[Value] = batch["records"].as_array().map_or(&[], Vec::as_slice);
            for record in records {
                if is_control && producers.contains(producer) {
                    self.note_marker(batch, record);
                } else if !is_control && self.note_record(topic, key, batch, record)? {
                    producers.push(producer.clone());
                }
            }
        }
        Ok(())
    }

    /// Waits until the group coordinator has written so many records of this kind about a group.
    ///
    /// # Errors
    /// When it has not within the bound.
    pub fn await_records(&mut self, kind: &str, group: &str, count: usize) -> Result<()> {
        let partition = self.partition_of(CoordinatorTopic::Groups, group)?;
        self.until(kind, |cx| {
            let pages = cx.whole_partition(CoordinatorTopic::Groups, partition, 0)?;
            let batches = pages.iter().filter_map(Value::as_array).flatten();
            let records = batches.filter_map(|batch| batch["records"].as_array());
            let mut found = 0;
            for record in records.flatten() {
                let bytes = unhex(record["key"].as_str().unwrap_or_default())?;
                let mut rest = Reader(&bytes);
                let Ok(number) = rest.int(2) else { continue };
                if CoordinatorTopic::Groups.definition(number) != Some(kind) {
                    continue;
                }
                let key = decode(schema::message(&format!("{kind}Key"))?, 0, &mut rest)?;
                found += usize::from(key["groupId"] == group);
            }
            Ok(found >= count)
        })
    }

    /// The partition of a coordinator's topic that holds what is about this key.
    fn partition_of(&mut self, topic: CoordinatorTopic, key: &str) -> Result<i32> {
        let body = json!({"topics": [{"name": topic.name()}]});
        let answer = self.ask("Metadata", 9, body)?;
        let partitions = answer["topics"][0]["partitions"].as_array();
        let count = i32::try_from(partitions.map_or(0, Vec::len))?;
        ensure!(count > 0, "no topic {}", topic.name());
        Ok(partition_for(key, count))
    }

    fn whole_partition(
        &mut self,
        topic: CoordinatorTopic,
        partition: i32,
        from: i64,
    ) -> Result<Vec<Value>> {
        let (mut offset, mut pages) = (from, Vec::new());
        let conn = self.leader_of(topic, partition)?;
        loop {
            let rows = json!([{"partition": partition, "fetchOffset": offset, "partitionMaxBytes": 10_000_000}]);
            let body = json!({"maxWaitMs": 0, "minBytes": 0, "maxBytes": 50_000_000,
                "topics": [{"topic": topic.name(), "partitions": rows}]});
            let answer = self.quietly(|cx| cx.call_on(conn, "Fetch", 11, body))?;
            let found = &answer["responses"][0]["partitions"][0];
            ensure!(found["errorCode"] == 0, "Fetch answered {found}");
            let last = found["records"]
                .as_array()
                .and_then(|batches| batches.last());
            let Some(last) = last else { break };
            let base = last["baseOffset"].as_i64().context("an offset")?;
            offset = base + last["lastOffsetDelta"].as_i64().context("a delta")? + 1;
            pages.push(found["records"].clone());
        }
        self.forget_connections(self.connection_count() - 1);
        Ok(pages)
    }

    fn leader_of(&mut self, topic: CoordinatorTopic, partition: i32) -> Result<Conn> {
        let body = json!({"topics": [{"name": topic.name()}]});
        let answer = self.ask("Metadata", 9, body)?;
        let rows = answer["topics"][0]["partitions"].as_array();
        let row = rows
            .into_iter()
            .flatten()
            .find(|row| row["partitionIndex"] == partition);
        let leader = row.and_then(|row| row["leaderId"].as_u64());
        self.connect(usize::try_from(leader.context("a leader")?)?)
    }

    /// Whether the record is about this key; then it is shown.
    fn note_record(
        &mut self,
        topic: CoordinatorTopic,
        key: &str,
        batch: &Value,
        record: &Value,
    ) -> Result<bool> {
        let bytes = unhex(record["key"].as_str().context("a key")?)?;
        let mut rest = Reader(&bytes);
        let kind = rest.int(2)?;
        let name = topic
            .definition(kind)
            .with_context(|| format!("a record of kind {kind}"))?;
        let message = schema::message(&format!("{name}Key"))?;
        let decoded = decode(message, 0, &mut rest)?;
        let of = ["group", "groupId", "transactionalId"];
        if !of.iter().any(|field| decoded[*field] == key) {
            return Ok(false);
        }
        let shown_key = self.labels.message(&message.fields, &decoded, true).line();
        let shown_value = self.value(name, &record["value"])?;
        let inside = self.transaction_of(batch);
        self.note(&format!("{name} {shown_key}{inside}: {shown_value}"));
        Ok(true)
    }

    fn value(&mut self, name: &str, value: &Value) -> Result<String> {
        let Some(value) = value.as_str() else {
            return Ok("null".to_owned());
        };
        let bytes = unhex(value)?;
        let mut rest = Reader(&bytes);
        let version = i16::try_from(rest.int(2)?)?;
        let message = schema::message(&format!("{name}Value"))?;
        let decoded = decode(message, version, &mut rest)?;
        ensure!(rest.0.is_empty(), "bytes are left in {name}");
        let shown = self.labels.message(&message.fields, &decoded, true).line();
        Ok(format!("v{version} {shown}"))
    }

    fn transaction_of(&mut self, batch: &Value) -> String {
        let attributes = batch["attributes"].as_str().unwrap_or_default();
        if !attributes.contains("transactional") {
            return String::new();
        }
        let producer = json!({"producerId": batch["producerId"], "epoch": batch["producerEpoch"],
            "sequence": batch["baseSequence"]});
        format!(
            " in a transaction of {}",
            self.labels.message(&[], &producer, true).line()
        )
    }

    fn note_marker(&mut self, batch: &Value, record: &Value) {
        let inside = self.transaction_of(batch);
        let key = record["key"].as_str().unwrap_or_default();
        self.note(&format!("a marker {key}{inside}: {}", record["value"]));
    }
}
