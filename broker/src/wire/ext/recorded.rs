//! Generated messages, and the records of share groups, are read and written as Kafka's own classes write them: see `fixtures/encodings`.

use std::fmt::Debug;

use bytes::{BufMut as _, Bytes, BytesMut};
use kafka_protocol::protocol::{Decodable, Encodable};

use uuid::Uuid;

use super::generated::*;
use crate::wire::state_records::{
    ShareGroupCurrentMemberAssignmentValue, ShareGroupMemberMetadataValue, ShareGroupMetadataValue,
    ShareGroupStatePartitionMetadataValue, ShareGroupTargetAssignmentMemberValue,
    ShareGroupTargetAssignmentMetadataValue, ShareSnapshotValue, ShareUpdateValue,
};

/// A line of the fixture.
struct Encoding<'a> {
    version: i16,
    initial: bool,
    body: Bytes,
    text: &'a str,
}

fn encoded<T: Encodable>(message: &T, version: i16) -> Bytes {
    let mut body = BytesMut::new();
    message.encode(&mut body, version).unwrap();
    body.freeze()
}

/// A message is read and written again, and one in which nothing is set is a default.
fn check<T: Encodable + Decodable + Default + PartialEq + Debug>(recorded: &Encoding<'_>) {
    let (version, text) = (recorded.version, recorded.text);
    let mut rest = recorded.body.clone();
    let message = T::decode(&mut rest, version).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert!(rest.is_empty(), "{text}: {} bytes left over", rest.len());
    assert_eq!(
        encoded(&message, version),
        recorded.body,
        "{text}: {message:?}"
    );
    if recorded.initial {
        assert_eq!(encoded(&T::default(), version), recorded.body, "{text}");
    }
    damaged::<T>(recorded);
}

/// Nobody stands before the records of state topics: a body that ends early is an error, and nothing is taken by an
/// announced length.
fn damaged<T: Decodable>(recorded: &Encoding<'_>) {
    for length in 0..recorded.body.len() {
        let mut cut = recorded.body.slice(..length);
        assert!(
            T::decode(&mut cut, recorded.version).is_err(),
            "{length} bytes of {}",
            recorded.text
        );
        let mut announced = BytesMut::from(&recorded.body[..length]);
        announced.put_slice(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]);
        announced.put_slice(&recorded.body[length..]);
        drop(T::decode(&mut announced.freeze(), recorded.version));
    }
}

macro_rules! check_by_name {
    ($name:expr, $recorded:expr, $($module:ident::$message:ident,)*) => {
        match $name {
            $(stringify!($message) => check::<$module::$message>($recorded),)*
            other => panic!("{other} is not generated"),
        }
    };
}

fn unhex(text: &str) -> Bytes {
    let digits = text.as_bytes().chunks(2);
    let bytes = digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap());
    bytes.collect()
}

#[test]
fn messages_are_encoded_as_kafka_encodes_them() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/encodings/encodings.txt"
    );
    let lines = std::fs::read_to_string(path).unwrap();
    let mut count = 0;
    for text in lines.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = text.split(' ').collect();
        let [name, version, fill, body] = words[..] else {
            panic!("{text}");
        };
        let recorded = Encoding {
            version: version.parse().unwrap(),
            initial: fill == "initial",
            body: unhex(body),
            text,
        };
        if let Some(again) = written_again(name, &recorded) {
            assert_eq!(again, recorded.body, "{text}");
        } else {
            check_one(name, &recorded);
        }
        count += 1;
    }
    assert_eq!(count, 88);
}

/// The value of a record that `state_records` reads, as it writes it; none if the message is a generated one.
fn written_again(name: &str, recorded: &Encoding<'_>) -> Option<Bytes> {
    let mut value = BytesMut::new();
    value.put_i16(recorded.version);
    value.put_slice(&recorded.body);
    let value = &*value;
    let place = ("g", Uuid::nil(), 0);
    let record = match name {
        "ShareGroupMemberMetadataValue" => {
            ShareGroupMemberMetadataValue::read(value).map(|value| value.record("g", "m"))
        }
        "ShareGroupMetadataValue" => {
            ShareGroupMetadataValue::read(value).map(|value| value.record("g"))
        }
        "ShareGroupTargetAssignmentMetadataValue" => {
            ShareGroupTargetAssignmentMetadataValue::read(value).map(|value| value.record("g"))
        }
        "ShareGroupTargetAssignmentMemberValue" => {
            ShareGroupTargetAssignmentMemberValue::read(value).map(|value| value.record("g", "m"))
        }
        "ShareGroupCurrentMemberAssignmentValue" => {
            ShareGroupCurrentMemberAssignmentValue::read(value).map(|value| value.record("g", "m"))
        }
        "ShareGroupStatePartitionMetadataValue" => {
            ShareGroupStatePartitionMetadataValue::read(value).map(|value| value.record("g"))
        }
        "ShareSnapshotValue" => ShareSnapshotValue::read(value).map(|value| value.record(place)),
        "ShareUpdateValue" => ShareUpdateValue::read(value).map(|value| value.record(place)),
        _ => return None,
    };
    let record = record.unwrap_or_else(|error| panic!("{}: {error:?}", recorded.text));
    Some(record.value.unwrap().slice(size_of::<i16>()..))
}

fn check_one(name: &str, recorded: &Encoding<'_>) {
    check_by_name!(name, recorded,
        share_fetch_request::ShareFetchRequest,
        share_fetch_response::ShareFetchResponse,
        share_acknowledge_request::ShareAcknowledgeRequest,
        share_acknowledge_response::ShareAcknowledgeResponse,
        write_share_group_state_request::WriteShareGroupStateRequest,
        write_share_group_state_response::WriteShareGroupStateResponse,
        read_share_group_state_summary_request::ReadShareGroupStateSummaryRequest,
        read_share_group_state_summary_response::ReadShareGroupStateSummaryResponse,
        streams_group_heartbeat_request::StreamsGroupHeartbeatRequest,
        streams_group_heartbeat_response::StreamsGroupHeartbeatResponse,
        streams_group_describe_request::StreamsGroupDescribeRequest,
        streams_group_describe_response::StreamsGroupDescribeResponse,
        describe_share_group_offsets_request::DescribeShareGroupOffsetsRequest,
        describe_share_group_offsets_response::DescribeShareGroupOffsetsResponse,
        streams_group_topology_description_update_request::StreamsGroupTopologyDescriptionUpdateRequest,
        streams_group_topology_description_update_response::StreamsGroupTopologyDescriptionUpdateResponse,
        streams_group_metadata_value::StreamsGroupMetadataValue,
        streams_group_member_metadata_value::StreamsGroupMemberMetadataValue,
        streams_group_target_assignment_metadata_value::StreamsGroupTargetAssignmentMetadataValue,
        streams_group_target_assignment_member_value::StreamsGroupTargetAssignmentMemberValue,
        streams_group_current_member_assignment_value::StreamsGroupCurrentMemberAssignmentValue,
        streams_group_topology_value::StreamsGroupTopologyValue,
    );
}
