//! A codec for every Kafka message, driven by Kafka's own definitions and independent of the broker's.

pub mod bytes;
mod decode;
mod encode;
pub mod schema;

pub use decode::decode;
pub use encode::encode;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::bytes::Reader;
    use super::{decode, encode, schema};

    #[test]
    fn messages_round_trip() {
        let message = schema::message("CreateTopicsRequest").unwrap();
        let body = json!({"topics": [{"name": "a", "numPartitions": 3, "replicationFactor": 1, "assignments": [],
            "configs": [{"name": "k", "value": null}]}], "timeoutMs": 5, "validateOnly": true});
        for version in 2..=7 {
            let bytes = encode(message, version, &body).unwrap();
            let mut reader = Reader(&bytes);
            assert_eq!(decode(message, version, &mut reader).unwrap(), body);
            assert!(reader.0.is_empty());
        }
    }

    #[test]
    fn unknown_names_are_refused() {
        let message = schema::message("MetadataRequest").unwrap();
        assert!(encode(message, 1, &json!({"topic": Value::Null})).is_err());
    }
}
