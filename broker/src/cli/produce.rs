//! `fauxka produce`.

use clap::Args;
use serde_json::{Value as Json, json};

use super::asked::Asked;
use super::http::encoded;
use super::setting;

/// Records to write. Key, headers, timestamp and partition are those of each.
#[derive(Debug, Args)]
pub(crate) struct ProduceOptions {
    /// The topic
    topic: String,
    /// The values, one record each
    #[arg(value_name = "VALUE", required_unless_present = "tombstone")]
    values: Vec<String>,
    /// A record without a value, which deletes its key from a compacted topic
    #[arg(long, conflicts_with = "values", requires = "key")]
    tombstone: bool,
    /// The partition [default: the one Kafka's Java client picks for the key, or 0]
    #[arg(long, value_name = "N")]
    partition: Option<i32>,
    /// The key
    #[arg(long)]
    key: Option<String>,
    /// A header; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    header: Vec<(String, String)>,
    /// Milliseconds since 1970 [default: the cluster's time]
    #[arg(long, value_name = "MILLIS")]
    timestamp: Option<i64>,
    /// Values, key and headers' values are base64
    #[arg(long)]
    base64: bool,
    /// Write them in a transaction with this transactional id, and leave it open
    #[arg(long, value_name = "TRANSACTIONAL_ID")]
    open_transaction: Option<String>,
}

impl ProduceOptions {
    /// What to ask.
    pub(super) fn asked(&self) -> Asked {
        let values = self.values.iter().map(|value| self.data(value));
        let nothing = self.tombstone.then_some(Json::Null);
        let records = values.chain(nothing).map(|value| self.record(value));
        let body = json!({
            "records": records.collect::<Vec<_>>(),
            "transactional_id": self.open_transaction,
        });
        Asked::post(format!("/v1/topics/{}/records", encoded(&self.topic)), body)
    }

    #[expect(clippy::needless_pass_by_value, reason = "maps values")]
    fn record(&self, value: Json) -> Json {
        let headers = self.header.iter();
        let headers = headers.map(|(key, value)| json!({ "key": key, "value": self.data(value) }));
        json!({
            "partition": self.partition,
            "key": self.key.as_ref().map(|key| self.data(key)),
            "value": value,
            "headers": headers.collect::<Vec<_>>(),
            "timestamp": self.timestamp,
        })
    }

    fn data(&self, text: &str) -> Json {
        if self.base64 {
            json!({ "base64": text })
        } else {
            text.into()
        }
    }
}
