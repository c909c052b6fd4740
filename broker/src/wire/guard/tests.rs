use super::sample::{Fill, Form, Of, Sample, varint};
use super::*;

fn check(key: i16, version: i16, body: &[u8]) -> Result<(), GuardError> {
    admit(key, version, Bytes::copy_from_slice(body)).map(drop)
}

#[test]
fn tables_are_sorted_and_answer_each_other() {
    assert!(tables::REQUESTS.is_sorted_by_key(|message| message.key));
    let keys = |table: &[Message]| table.iter().map(|m| (m.key, m.name)).collect::<Vec<_>>();
    assert_eq!(keys(&tables::REQUESTS), keys(&response_tables::RESPONSES));
    assert_eq!(requests().count(), 284);
}

#[test]
fn valid_bodies_pass() {
    for (message, version) in requests() {
        for fill in [Fill::Empty, Fill::Full] {
            let body = Sample::new(message, version, fill).bytes;
            assert_eq!(check(message.key, version, &body), Ok(()), "{fill:?}");
        }
    }
    let responses = response_tables::RESPONSES.iter();
    for message in responses {
        for version in message.versions.first..=message.versions.last {
            let body = Sample::new(message, version, Fill::Full).bytes;
            assert_eq!(check_response(message.key, version, &body), Ok(()));
        }
    }
}

#[test]
fn bytes_after_the_body_are_tolerated() {
    for (message, version) in requests() {
        let mut body = Sample::new(message, version, Fill::Full).bytes;
        body.extend(b"more");
        assert_eq!(check(message.key, version, &body), Ok(()));
    }
}

#[test]
fn every_truncation_is_refused() {
    for (message, version) in requests() {
        let body = Sample::new(message, version, Fill::Full).bytes;
        for cut in 0..body.len() {
            let refused = check(message.key, version, &body[..cut]);
            assert!(
                refused.is_err(),
                "{} v{version} cut to {cut} bytes",
                message.name
            );
        }
    }
}

#[test]
fn every_length_beyond_the_end_is_refused() {
    for (message, version) in requests() {
        let sample = Sample::new(message, version, Fill::Full);
        for length in &sample.lengths {
            for announced in [1000, 10_000_000, u32::MAX / 2 - 1] {
                let body = sample.with_length(length, announced);
                let refused = check(message.key, version, &body);
                assert!(
                    refused.is_err(),
                    "{} v{version} {length:?} {announced}",
                    message.name
                );
            }
        }
    }
}

#[test]
fn null_is_refused_where_the_version_has_none() {
    for (message, version) in requests() {
        let empty = Sample::new(message, version, Fill::Empty);
        for length in empty
            .lengths
            .iter()
            .filter(|length| length.of != Of::TaggedFields)
        {
            let mut body = empty.bytes.clone();
            let null: &[u8] = match length.form {
                Form::Int16 => &[0xFF; 2],
                Form::Int32 => &[0xFF; 4],
                Form::Compact | Form::Count => &[0],
            };
            body[length.at..length.at + null.len()].copy_from_slice(null);
            let refused = check(message.key, version, &body).unwrap_err();
            assert_eq!(refused.why, Why::UnexpectedNull, "{refused}");
        }
    }
}

fn check_text(key: i16, version: i16, body: &[u8], expected: &str) {
    let text = check(key, version, body).map_or_else(|error| error.to_string(), |()| String::new());
    assert_eq!(text, expected);
}

#[test]
fn errors_say_where_and_why() {
    let cases: [(i16, i16, &[u8], &str); 7] = [
        (
            3,
            1,
            b"\x7f\xff\xff\xff",
            "Metadata v1: Topics: 2147483647 elements of at least 2 bytes announced, 0 bytes left",
        ),
        (
            3,
            12,
            b"\xff\xff\xff\xff\x07",
            "Metadata v12: Topics: 2147483646 elements of at least 18 bytes announced, 0 bytes left",
        ),
        (
            3,
            0,
            b"\xff\xff\xff\xfe",
            "Metadata v0: Topics: null where this version has no null",
        ),
        (
            3,
            12,
            b"\xff\xff\xff\xff\xff\0",
            "Metadata v12: Topics: varint of more than five bytes",
        ),
        (
            3,
            1,
            b"\0\0\0\x02\0\x01a\0\x05b",
            "Metadata v1: Topics[1].Name: 5 bytes announced, 1 left",
        ),
        (4, 0, b"", "4 v0: no such API"),
        (3, 14, b"", "Metadata v14: no such version"),
    ];
    for (key, version, body, expected) in cases {
        check_text(key, version, body, expected);
    }
}

/// Each of these answers on the oracle, and the decoder would read none of them so.
#[test]
fn what_kafka_tolerates_is_rewritten() {
    let cases: [(i16, i16, &[u8], &[u8]); 7] = [
        (3, 1, b"\xff\xff\xff\xfe", b"\xff\xff\xff\xff"),
        (3, 12, b"\xff\xff\xff\xff\x0f\0\0\0", b"\0\0\0\0"),
        (
            3,
            1,
            b"\0\0\0\x01\0\x02\xffa",
            b"\0\0\0\x01\0\x04\xef\xbf\xbda",
        ),
        (
            10,
            3,
            b"\x02\xff\0\x01\x09\x01x",
            b"\x04\xef\xbf\xbd\0\x01\x09\x01x",
        ),
        (
            75,
            0,
            b"\x01\0\0\0\x01\x02\x01\0\0\0\0\0\0",
            b"\x01\0\0\0\x01\x01\x01\0\0\0\0\0\0",
        ),
        // What the decoder reads like Kafka stays as it is.
        (75, 0, b"\x01\0\0\0\x01\xfe\0", b"\x01\0\0\0\x01\xfe\0"),
        (3, 12, b"\x81\0\x01\0\0more", b"\x81\0\x01\0\0more"),
    ];
    for (key, version, body, expected) in cases {
        let admitted = admit(key, version, Bytes::from_static(body)).unwrap();
        assert_eq!(admitted, expected, "{key} v{version} {body:x?}");
    }
}

#[test]
fn strings_are_bounded_by_the_protocol() {
    let mut body = varint(0x8001);
    body.extend([b'a'; 0x8000]);
    body.extend([0; 4]);
    check_text(
        10,
        3,
        &body,
        "FindCoordinator v3: Key: string of 32768 bytes, more than the protocol allows",
    );
}

#[test]
fn unknown_tags_are_tolerated_in_any_order_and_twice() {
    // FindCoordinator v3: empty key, type 0, then the tagged fields.
    check_text(10, 3, &[1, 0, 3, 9, 0, 7, 1, b'x', 9, 0], "");
    check_text(
        10,
        3,
        &[1, 0, 1, 9, 2, b'x'],
        "FindCoordinator v3: 2 bytes announced, 1 left",
    );
    check_text(
        10,
        3,
        &[1, 0, 3, 9, 0],
        "FindCoordinator v3: 3 elements of at least 2 bytes announced, 2 bytes left",
    );
}

#[test]
fn a_tag_of_a_later_version_is_refused() {
    let sample = Sample::new(request(1).unwrap(), 12, Fill::Empty);
    let mut body = sample.bytes;
    body.pop();
    body.extend([1, 1, 1, 0]);
    check_text(
        1,
        12,
        &body,
        "Fetch v12: tag 1 does not exist in this version",
    );
}

#[test]
fn decoding_never_takes_more_than_the_limit() {
    // A million elements of the smallest size take 72 bytes each once decoded.
    let count = 1_000_000_u32;
    let mut body = count.to_be_bytes().to_vec();
    body.resize(body.len() + 2 * 1_000_000, 0);
    check_text(
        3,
        1,
        &body,
        "Metadata v1: Topics: decoding would take more than 67108864 bytes of memory",
    );
    // And so do tagged fields.
    let mut body = vec![1, 0];
    body.extend(varint(count));
    body.resize(body.len() + 2 * 1_000_000, 0);
    check_text(
        10,
        3,
        &body,
        "FindCoordinator v3: decoding would take more than 67108864 bytes of memory",
    );
}

/// The limit is worth what the estimate is worth.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn estimated_memory_is_what_the_decoder_takes() {
    use kafka_protocol::messages as m;
    let check = |estimated: &schema::Struct, field: &str, actual: usize| {
        let field = estimated.fields.iter().find(|f| f.name == field).unwrap();
        let Kind::Array(element) = field.kind else {
            panic!("{} is no array", field.name)
        };
        assert!(
            element.memory() >= actual,
            "{}: {} < {actual}",
            field.name,
            element.memory()
        );
        assert!(
            element.memory() <= actual + 40,
            "{}: {}, {actual}",
            field.name,
            element.memory()
        );
    };
    use schema::Kind;
    let body = |key: i16| request(key).unwrap().body;
    check(
        body(0),
        "TopicData",
        size_of::<m::produce_request::TopicProduceData>(),
    );
    check(body(1), "Topics", size_of::<m::fetch_request::FetchTopic>());
    check(
        body(2),
        "Topics",
        size_of::<m::list_offsets_request::ListOffsetsTopic>(),
    );
    check(
        body(3),
        "Topics",
        size_of::<m::metadata_request::MetadataRequestTopic>(),
    );
    check(
        body(8),
        "Topics",
        size_of::<m::offset_commit_request::OffsetCommitRequestTopic>(),
    );
    check(
        body(9),
        "Groups",
        size_of::<m::offset_fetch_request::OffsetFetchRequestGroup>(),
    );
    check(
        body(11),
        "Protocols",
        size_of::<m::join_group_request::JoinGroupRequestProtocol>(),
    );
    check(
        body(19),
        "Topics",
        size_of::<m::create_topics_request::CreatableTopic>(),
    );
    check(
        body(24),
        "Transactions",
        size_of::<m::add_partitions_to_txn_request::AddPartitionsToTxnTransaction>(),
    );
    check(
        body(44),
        "Resources",
        size_of::<m::incremental_alter_configs_request::AlterConfigsResource>(),
    );
    check(
        body(75),
        "Topics",
        size_of::<m::describe_topic_partitions_request::TopicRequest>(),
    );
}
