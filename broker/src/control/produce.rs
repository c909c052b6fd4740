//! Producing records without a Kafka client.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Refusal, Refused, refusal::read};
use crate::engine::commands::Command;
use crate::engine::commands::produce::{PlacedRecord, RecordToWrite};
use crate::engine::input::Reply;
use crate::engine::inspect::Data;
use crate::server::shared::Shared;

/// Records to produce.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRecords {
    /// The records, in order. The records of one partition form one batch.
    records: Vec<NewRecord>,
    /// Produces the records in a transaction with this transactional id and leaves it open: consumers that read committed
    /// data wait for it. It aborts when it times out after a minute, when it is fenced, or when a producer
    /// with the same id starts.
    transactional_id: Option<String>,
}

/// A record to produce.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRecord {
    /// The partition. Default: the one Kafka's Java client picks for the key, or 0 if there is no key.
    partition: Option<i32>,
    /// The key.
    key: Option<Data>,
    /// The value. A record without one is a tombstone.
    value: Option<Data>,
    /// The headers, in order.
    #[serde(default)]
    headers: Vec<NewHeader>,
    /// The timestamp in milliseconds since 1970. Default: the cluster's time.
    timestamp: Option<i64>,
}

/// A record header to produce.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewHeader {
    /// The header's key.
    key: String,
    /// The header's value.
    value: Data,
}

/// Where the records were written.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Produced {
    /// One place per record, in the order of the request.
    records: Vec<RecordPlace>,
}

/// Where a record was written.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecordPlace {
    /// The partition.
    partition: i32,
    /// The offset in the partition.
    offset: i64,
}

/// Produce records
///
/// The records pass the checks that Kafka makes for a producer with `acks=1`.
#[utoipa::path(
    post,
    path = "/v1/topics/{topic}/records",
    tag = "topics",
    operation_id = "produce_records",
    params(("topic" = String, Path, description = "The topic's name")),
    request_body = NewRecords,
    responses(
        (status = OK, body = Produced, description = "The partition and offset of each record"),
        (status = BAD_REQUEST, body = Refused, description = "A record is invalid or too large"),
        (status = NOT_FOUND, body = Refused, description = "The topic or partition does not exist"),
        (status = CONFLICT, body = Refused, description = "A partition takes no records. Lower partitions may \
            have taken theirs"),
    )
)]
pub(super) async fn produce(
    State(shared): State<Arc<Shared>>,
    Path(topic): Path<String>,
    body: Result<Json<NewRecords>, JsonRejection>,
) -> Result<Json<Produced>, Refusal> {
    let expected = r#"{"records":[{"partition":0,"key":"k","value":"v","headers":[{"key":"h","value":{"base64":"/w=="}}],"timestamp":0}],"transactional_id":"t"}"#;
    let NewRecords {
        records,
        transactional_id,
    } = read(body, expected)?;
    let records = records.into_iter().map(PlacedRecord::try_from);
    let records = records.collect::<Result<_, _>>()?;
    let written = shared.command(Command::WriteRecords {
        topic,
        records,
        transactional_id,
    });
    let places = written.map(Reply::written)?.into_iter();
    let records = places.map(|(partition, offset)| RecordPlace { partition, offset });
    Ok(Json(Produced {
        records: records.collect(),
    }))
}

impl TryFrom<NewRecord> for PlacedRecord {
    type Error = Refusal;

    fn try_from(new: NewRecord) -> Result<Self, Refusal> {
        let headers = new.headers.into_iter();
        let headers = headers.map(|header| Ok((header.key, bytes(header.value)?)));
        Ok(Self {
            partition: new.partition,
            record: RecordToWrite {
                key: new.key.map(bytes).transpose()?,
                value: new.value.map(bytes).transpose()?,
                headers: headers.collect::<Result<_, Refusal>>()?,
                timestamp: new.timestamp,
            },
        })
    }
}

fn bytes(data: Data) -> Result<Vec<u8>, Refusal> {
    match data {
        Data::Text(text) => Ok(text.into_bytes()),
        Data::Bytes { base64 } => BASE64_STANDARD.decode(&base64).map_err(|error| {
            let why = format!("{base64:?} is not base64: {error}");
            Refusal::new(StatusCode::BAD_REQUEST, why)
        }),
    }
}
