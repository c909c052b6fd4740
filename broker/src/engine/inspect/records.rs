//! Batches and records as they lie in a partition's log.

use std::collections::HashMap;

use bytes::Bytes;

use crate::wire::batch::BatchView;
use crate::wire::units::{Offset, ProducerId};

/// Bytes in JSON.
#[cfg(feature = "control")]
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Data {
    /// Text, if the bytes are UTF-8.
    Text(String),
    /// Any bytes.
    Bytes {
        /// The bytes in base64, with padding.
        base64: String,
    },
}

/// A record in the log, or a transaction marker.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").key("a").value("first").send()?;
/// let record = &broker.partition("orders", 0).records()?[0];
/// assert_eq!((record.offset, record.producer_id), (0, None));
/// assert_eq!(record.key.as_deref(), Some(b"a".as_slice()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Record {
    /// The offset.
    pub offset: i64,
    /// The timestamp in milliseconds since 1970: the producer's or the broker's, as the topic's config says.
    pub timestamp: i64,
    /// The key; in JSON text, or `{"base64": …}` if it is not UTF-8.
    #[cfg_attr(feature = "server", serde(serialize_with = "optional_text"))]
    #[cfg_attr(feature = "control", schema(value_type = Option<Data>))]
    pub key: Option<Bytes>,
    /// The value, likewise. A record without one is a tombstone.
    #[cfg_attr(feature = "server", serde(serialize_with = "optional_text"))]
    #[cfg_attr(feature = "control", schema(value_type = Option<Data>))]
    pub value: Option<Bytes>,
    /// The headers, in order.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Vec::is_empty"))]
    pub headers: Vec<Header>,
    /// The id of the producer, if it is idempotent or transactional.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub producer_id: Option<i64>,
    /// The producer epoch.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub producer_epoch: Option<i16>,
    /// The sequence number.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub sequence: Option<i32>,
    /// The leader epoch in which it was written.
    pub leader_epoch: i32,
    /// The state of its transaction, if it is part of one.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub transaction: Option<Fate>,
    /// The transaction marker, if it is one and not a client's record.
    #[cfg_attr(feature = "server", serde(skip_serializing_if = "Option::is_none"))]
    pub marker: Option<Marker>,
}

/// A record's header.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").header("trace", "7").send()?;
/// let header = &broker.partition("orders", 0).records()?[0].headers[0];
/// assert_eq!((header.key.as_str(), header.value.as_deref()), ("trace", Some(b"7".as_slice())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Header {
    /// The key.
    pub key: String,
    /// The value, if there is one.
    #[cfg_attr(feature = "server", serde(serialize_with = "optional_text"))]
    #[cfg_attr(feature = "control", schema(value_type = Option<Data>))]
    pub value: Option<Bytes>,
}

/// The state of a transaction.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// use fauxka::inspect::Fate;
///
/// // … the application runs …
/// let records = broker.partition("orders", 0).records()?;
/// assert!(records.iter().all(|record| record.transaction != Some(Fate::Open)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "server", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum Fate {
    /// No marker has ended it in this partition yet.
    Open,
    /// Consumers of committed data read its records.
    Committed,
    /// Consumers of committed data skip its records.
    Aborted,
}

/// What ends a transaction in a partition.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// use fauxka::inspect::MarkerKind;
///
/// // … the application runs …
/// let records = broker.partition("orders", 0).records()?;
/// let markers = records.iter().filter_map(|record| record.marker);
/// assert_eq!(markers.filter(|marker| marker.kind == MarkerKind::Abort).count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Marker {
    /// Whether it commits or aborts.
    pub kind: MarkerKind,
    /// The epoch of the coordinator that wrote it.
    pub coordinator_epoch: i32,
}

/// How a transaction ended.
///
/// ```
/// use fauxka::inspect::MarkerKind;
///
/// assert_ne!(MarkerKind::Abort, MarkerKind::Commit);
/// ```
///
/// See [`Marker`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "server", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
pub enum MarkerKind {
    /// It aborts the transaction.
    Abort,
    /// It commits the transaction.
    Commit,
}

/// The header of a batch in the log.
///
/// ```
/// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
/// broker.produce("orders").value("first").send()?;
/// let batch = &broker.partition("orders", 0).batches()?[0];
/// assert_eq!((batch.base_offset, batch.last_offset, batch.records), (0, 0, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(serde::Serialize))]
#[cfg_attr(feature = "control", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Batch {
    /// The offset of the first record.
    pub base_offset: i64,
    /// The offset of the last record.
    pub last_offset: i64,
    /// The number of records.
    pub records: i32,
    /// The size on the wire and in the log.
    pub bytes: usize,
    /// The compression codec, such as `none` or `zstd`.
    pub codec: String,
    /// The largest timestamp of a record.
    pub max_timestamp: i64,
    /// The leader epoch in which it was written.
    pub leader_epoch: i32,
    /// The producer id; -1 if the producer is not idempotent.
    pub producer_id: i64,
    /// The producer epoch; -1 if the producer is not idempotent.
    pub producer_epoch: i16,
    /// The sequence number of the first record; -1 if the producer is not idempotent.
    pub base_sequence: i32,
    /// Whether it is part of a transaction.
    pub is_transactional: bool,
    /// Whether it holds transaction markers.
    pub is_control: bool,
}

/// What batches say in their headers.
pub(crate) fn batches(log: &[BatchView]) -> Vec<Batch> {
    let all = log.iter().map(|batch| {
        let header = batch.header();
        Batch {
            base_offset: header.base_offset.0,
            last_offset: batch.last_offset().0,
            records: header.record_count,
            bytes: batch.size(),
            codec: format!("{:?}", batch.codec()).to_lowercase(),
            max_timestamp: header.max_timestamp.0,
            leader_epoch: header.partition_leader_epoch.0,
            producer_id: header.producer_id.0,
            producer_epoch: header.producer_epoch.0,
            base_sequence: header.base_sequence.0,
            is_transactional: batch.is_transactional(),
            is_control: batch.is_control(),
        }
    });
    all.collect()
}

/// At most `max` records from an offset on. A batch that cannot be unfolded, as when it was damaged, has
/// none.
pub(crate) fn records(log: &[BatchView], from: i64, max: usize) -> Vec<Record> {
    let fates = fates(log);
    let mut found = Vec::new();
    for (batch, fate) in log.iter().zip(fates) {
        if batch.last_offset().0 < from {
            continue;
        }
        let Ok(unfolded) = batch.unfold() else {
            continue;
        };
        for record in unfolded.iter().map_while(Result::ok) {
            let offset = batch.offset_of(&record);
            if offset.0 < from {
                continue;
            }
            if found.len() >= max {
                return found;
            }
            found.push(record_of(batch, &record, offset, fate));
        }
    }
    found
}

fn record_of(
    batch: &BatchView,
    record: &crate::wire::records::Record<'_>,
    offset: Offset,
    transaction: Option<Fate>,
) -> Record {
    let header = batch.header();
    let copy = |bytes: Option<&[u8]>| bytes.map(Bytes::copy_from_slice);
    let has_producer = batch.has_producer_id();
    let delta = record.offset_delta.cast_unsigned();
    let headers = record.headers().map(|(key, value)| Header {
        key: String::from_utf8_lossy(key).into_owned(),
        value: copy(value),
    });
    Record {
        offset: offset.0,
        timestamp: record.timestamp.0,
        key: copy(record.key),
        value: copy(record.value),
        headers: headers.collect(),
        producer_id: has_producer.then_some(header.producer_id.0),
        producer_epoch: has_producer.then_some(header.producer_epoch.0),
        sequence: (header.base_sequence.0 >= 0).then(|| header.base_sequence.after(delta).0),
        leader_epoch: header.partition_leader_epoch.0,
        transaction: transaction.filter(|_| !batch.is_control()),
        marker: batch.is_control().then(|| marker(record)).flatten(),
    }
}

/// A marker's key is its version and its kind, its value its version and the coordinator's epoch.
fn marker(record: &crate::wire::records::Record<'_>) -> Option<Marker> {
    let (_, kind) = record.key?.split_at_checked(2)?;
    let (_, epoch) = record.value?.split_at_checked(2)?;
    Some(Marker {
        kind: match i16::from_be_bytes(*kind.first_chunk()?) {
            0 => MarkerKind::Abort,
            1 => MarkerKind::Commit,
            _ => return None,
        },
        coordinator_epoch: i32::from_be_bytes(*epoch.first_chunk()?),
    })
}

/// What became of the transaction of each batch, by the marker that follows it.
fn fates(log: &[BatchView]) -> Vec<Option<Fate>> {
    let mut next: HashMap<ProducerId, Fate> = HashMap::new();
    let mut fates = Vec::with_capacity(log.len());
    for batch in log.iter().rev() {
        let producer = batch.header().producer_id;
        fates.push(
            batch
                .is_transactional()
                .then(|| next.get(&producer).copied().unwrap_or(Fate::Open)),
        );
        if batch.is_control()
            && let Some(kind) = first_marker(batch)
        {
            let fate = match kind {
                MarkerKind::Abort => Fate::Aborted,
                MarkerKind::Commit => Fate::Committed,
            };
            next.insert(producer, fate);
        }
    }
    fates.reverse();
    fates
}

fn first_marker(batch: &BatchView) -> Option<MarkerKind> {
    let unfolded = batch.unfold().ok()?;
    let record = unfolded.iter().next()?.ok()?;
    Some(marker(&record)?.kind)
}

/// Text as it is, and anything else in base 64.
#[cfg(feature = "server")]
fn optional_text<S: serde::Serializer>(bytes: &Option<Bytes>, to: S) -> Result<S::Ok, S::Error> {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use serde::Serialize as _;
    let Some(bytes) = bytes else {
        return to.serialize_none();
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => to.serialize_str(text),
        Err(_) => serde_json::json!({ "base64": BASE64_STANDARD.encode(bytes) }).serialize(to),
    }
}
