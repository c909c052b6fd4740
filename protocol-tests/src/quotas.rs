//! Client quotas: setting them, and knowing that they are in force.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::context::{Conn, Context};

/// A quota that nobody exceeds.
pub const BOUNDLESS: f64 = 1e15;

/// What users and clients can have.
const KEYS: &[&str] = &[
    "producer_byte_rate",
    "consumer_byte_rate",
    "request_percentage",
    "controller_mutation_rate",
];

/// An entity as requests have it: types with names, none for the default.
#[must_use]
pub fn entity(names: &[(&str, Option<&str>)]) -> Value {
    names
        .iter()
        .map(|(kind, name)| json!({"entityType": kind, "entityName": name}))
        .collect()
}

/// Sets a quota of an entity, or removes it.
#[must_use]
pub fn op(key: &str, value: Option<f64>) -> Value {
    json!({"key": key, "value": value.unwrap_or_default(), "remove": value.is_none()})
}

impl Context {
    /// Sets quotas of an entity, or removes them, and waits until they are in force.
    ///
    /// # Errors
    /// When the broker refuses.
    pub fn set_quotas(&mut self, entity: &Value, ops: &[(&str, Option<f64>)]) -> Result<()> {
        let ops: Vec<_> = ops.iter().map(|(key, value)| op(key, *value)).collect();
        let body = json!({"entries": [{"entity": entity, "ops": ops}]});
        let answer = self.ask("AlterClientQuotas", 1, body)?;
        let error = &answer["entries"][0]["errorCode"];
        ensure!(*error == 0, "AlterClientQuotas answered {answer}");
        self.await_quotas()
    }

    /// Waits until all changes of quotas so far are in force. A broker shows them a moment before they are,
    /// but has done with one before it shows the next.
    ///
    /// # Errors
    /// When it takes too long.
    pub fn await_quotas(&mut self) -> Result<()> {
        let marker = self.topic("marker");
        let named = entity(&[("client-id", Some(&marker))]);
        let exact = json!([{"entityType": "client-id", "matchType": 0, "match": marker}]);
        for value in [Some(BOUNDLESS), None] {
            let ops = [op("request_percentage", value)];
            let body = json!({"entries": [{"entity": named, "ops": ops}]});
            self.ask("AlterClientQuotas", 1, body)?;
            self.until("the quotas", |cx| {
                let body = json!({"components": exact, "strict": true});
                let answer = cx.call("DescribeClientQuotas", 1, body)?;
                let entries = answer["entries"].as_array().map_or(0, Vec::len);
                Ok(entries == usize::from(value.is_some()))
            })?;
        }
        Ok(())
    }

    /// Alters quotas; the request and its answer are part of the case.
    ///
    /// # Errors
    /// When the request cannot be written or the answer cannot be read.
    pub fn alter_quotas(&mut self, version: i16, entries: &Value, only: bool) -> Result<Value> {
        let body = json!({"entries": entries, "validateOnly": only});
        self.call("AlterClientQuotas", version, body)
    }

    /// Shows what is set for exactly this entity.
    ///
    /// # Errors
    /// When the request cannot be written or the answer cannot be read.
    pub fn describe_quotas(&mut self, of: &Value) -> Result<Value> {
        self.await_quotas()?;
        let component = |row: &Value| {
            let name = &row["entityName"];
            json!({"entityType": row["entityType"], "matchType": i8::from(name.is_null()), "match": name})
        };
        let components: Vec<_> = of.as_array().into_iter().flatten().map(component).collect();
        let body = json!({"components": components, "strict": true});
        self.call("DescribeClientQuotas", 1, body)
    }

    /// Takes every quota of an entity back, without a trace in the transcript.
    ///
    /// # Errors
    /// When the request cannot be written or the answer cannot be read.
    pub fn remove_quotas(&mut self, of: &Value) -> Result<()> {
        let keys = if of[0]["entityType"] == "ip" {
            ["connection_creation_rate"].as_slice()
        } else {
            KEYS
        };
        let ops: Vec<_> = keys.iter().map(|key| op(key, None)).collect();
        let body = json!({"entries": [{"entity": of, "ops": ops}]});
        self.ask("AlterClientQuotas", 1, body).map(drop)
    }

    /// Does something as a client of another name, on a connection of its own.
    ///
    /// # Errors
    /// What `body` fails with.
    pub fn as_client<T>(
        &mut self,
        client_id: &str,
        body: impl FnOnce(&mut Self, Conn) -> Result<T>,
    ) -> Result<T> {
        let own = self.client_id.replace(client_id.to_owned());
        let conn = self.connect(1)?;
        let done = body(self, conn);
        self.client_id = own;
        done
    }
}
