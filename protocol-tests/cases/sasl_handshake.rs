//! What a client may send before it has logged in, and in what order.

use anyhow::Result;
use serde_json::{Value, json};

use crate::case::{Area, cases};
use crate::context::{Conn, Context};
use crate::profile::{Profile, USERS};
use crate::records::Batch;
use crate::sasl::{Way, plain_token};

const A: Conn = Context::A;
const MECHANISMS: [&str; 3] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];
const FRAMED: Way = Way::Requests(1);

pub(super) fn area() -> Area {
    let area = Area::new("sasl_handshake").on(Profile::Sasl);
    let area = EARLY
        .iter()
        .fold(area, |area, row| area.with(row.0, row, too_early));
    let area = LATE
        .iter()
        .fold(area, |area, row| area.with(row.0, row, instead_of_a_token));
    let area = FRAMES
        .iter()
        .fold(area, |area, row| area.with(row.0, row, no_request));
    area.versions("mechanism", 0..=1, mechanisms)
        .cases_for(
            ["GSSAPI", "plain", "PLAIN ", "OAUTHBEARER"],
            cases![unsupported],
        )
        .case("unsupported_by_an_empty_name", |cx| unsupported(cx, ""))
        .cases_at(0..=5, cases![after_api_versions])
        .cases(cases![
            api_versions_twice,
            api_versions_too_new,
            api_versions_too_new_after_another,
            api_versions_too_new_instead_of_a_token,
            api_versions_of_bad_software,
            api_versions_of_another_cluster,
            handshake_instead_of_a_bare_token,
            malformed_instead_of_a_token,
            unknown_version_instead_of_a_token,
            pipelined,
            answers_once_when_refused,
            after_login,
            one_connection_says_nothing_of_another,
        ])
}

fn mechanisms(cx: &mut Context, version: i16) -> Result<()> {
    for mechanism in MECHANISMS {
        let conn = cx.connect(1)?;
        let body = json!({"mechanism": mechanism});
        cx.call_on(conn, "SaslHandshake", version, body)?;
    }
    Ok(())
}

fn unsupported(cx: &mut Context, mechanism: &str) -> Result<()> {
    for version in 0..=1 {
        let conn = cx.connect(1)?;
        let body = json!({"mechanism": mechanism});
        cx.call_on(conn, "SaslHandshake", version, body)?;
        cx.expect_closed(conn)?;
    }
    Ok(())
}

fn software() -> Value {
    json!({"clientSoftwareName": "protocol-tests", "clientSoftwareVersion": "1"})
}

/// What ApiVersions lists is the same as ever, and long.
fn hide_versions(cx: &mut Context) {
    cx.labels.hidden = vec!["apiKeys", "supportedFeatures", "finalizedFeatures"];
}

fn after_api_versions(cx: &mut Context, version: i16) -> Result<()> {
    hide_versions(cx);
    cx.call("ApiVersions", version, software())?;
    cx.shake_hands(A, "PLAIN", FRAMED)?;
    Ok(())
}

fn api_versions_twice(cx: &mut Context) -> Result<()> {
    hide_versions(cx);
    cx.call("ApiVersions", 3, software())?;
    cx.call("ApiVersions", 3, software())?;
    Ok(())
}

/// An ApiVersions request of a version to come.
fn too_new(cx: &mut Context) -> Result<()> {
    let frame = cx.header(18, 99, true)?;
    cx.send_frame(A, "ApiVersions v99", &frame)?;
    cx.expect_answer(A, "ApiVersions", 0)
}

fn api_versions_too_new(cx: &mut Context) -> Result<()> {
    for _ in 0..2 {
        too_new(cx)?;
        cx.receive_on(A)?;
    }
    hide_versions(cx);
    cx.call("ApiVersions", 3, software())?;
    cx.shake_hands(A, "PLAIN", FRAMED)?;
    Ok(())
}

fn api_versions_too_new_after_another(cx: &mut Context) -> Result<()> {
    hide_versions(cx);
    cx.call("ApiVersions", 3, software())?;
    too_new(cx)?;
    cx.expect_closed(A)
}

fn api_versions_too_new_instead_of_a_token(cx: &mut Context) -> Result<()> {
    cx.shake_hands(A, "PLAIN", FRAMED)?;
    too_new(cx)?;
    cx.receive_on(A)?;
    cx.expect_closed(A)
}

fn api_versions_of_bad_software(cx: &mut Context) -> Result<()> {
    hide_versions(cx);
    let bad = json!({"clientSoftwareName": "-", "clientSoftwareVersion": "1"});
    for _ in 0..2 {
        cx.call("ApiVersions", 3, bad.clone())?;
    }
    cx.call("ApiVersions", 3, software())?;
    cx.shake_hands(A, "PLAIN", FRAMED)?;
    Ok(())
}

fn api_versions_of_another_cluster(cx: &mut Context) -> Result<()> {
    hide_versions(cx);
    let elsewhere = json!({
        "clientSoftwareName": "protocol-tests", "clientSoftwareVersion": "1",
        "clusterId": "another", "nodeId": 7,
    });
    cx.call("ApiVersions", 5, elsewhere)?;
    cx.shake_hands(A, "PLAIN", FRAMED)?;
    Ok(())
}

/// Name, API, version, body.
type Asked = (&'static str, &'static str, i16, fn() -> Value);

/// Requests of a client that has said nothing yet.
const EARLY: &[Asked] = &[
    ("early_metadata", "Metadata", 12, || json!({"topics": []})),
    (
        "early_authentication",
        "SaslAuthenticate",
        2,
        || json!({"authBytes": "0x00616c69636500616c6963652d736563726574"}),
    ),
    (
        "early_produce",
        "Produce",
        9,
        || json!({"acks": 1, "timeoutMs": 1000, "topicData": []}),
    ),
    (
        "early_group",
        "FindCoordinator",
        3,
        || json!({"key": "g", "keyType": 0}),
    ),
    (
        "early_credentials",
        "DescribeUserScramCredentials",
        0,
        || json!({"users": null}),
    ),
];

fn too_early(cx: &mut Context, (_, api, version, body): &Asked) -> Result<()> {
    cx.call(api, *version, body())?;
    hide_versions(cx);
    cx.call("ApiVersions", 3, software())?;
    cx.call(api, *version, body())?;
    Ok(())
}

/// Requests of a client that is to send a token.
const LATE: &[Asked] = &[
    (
        "instead_of_a_token_handshake",
        "SaslHandshake",
        1,
        || json!({"mechanism": "PLAIN"}),
    ),
    (
        "instead_of_a_token_api_versions_0",
        "ApiVersions",
        0,
        || json!({}),
    ),
    (
        "instead_of_a_token_api_versions",
        "ApiVersions",
        3,
        software,
    ),
    (
        "instead_of_a_token_metadata",
        "Metadata",
        12,
        || json!({"topics": [{"name": "a"}, {"name": "b"}]}),
    ),
    (
        "instead_of_a_token_metadata_of_all",
        "Metadata",
        1,
        || json!({"topics": null}),
    ),
    ("instead_of_a_token_produce", "Produce", 9, produced),
    (
        "instead_of_a_token_produce_without_acks",
        "Produce",
        9,
        || {
            let mut produced = produced();
            produced["acks"] = json!(0);
            produced
        },
    ),
    ("instead_of_a_token_fetch", "Fetch", 12, || {
        let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1000});
        json!({"maxWaitMs": 0, "minBytes": 1, "maxBytes": 1000, "sessionEpoch": -1,
            "topics": [{"topic": "a", "partitions": [partition]}]})
    }),
    ("instead_of_a_token_list_offsets", "ListOffsets", 7, || {
        let partition = json!({"partitionIndex": 0, "timestamp": -1});
        json!({"replicaId": -1, "topics": [{"name": "a", "partitions": [partition]}]})
    }),
    (
        "instead_of_a_token_find_coordinator",
        "FindCoordinator",
        4,
        || json!({"keyType": 0, "coordinatorKeys": ["g", "h"]}),
    ),
    (
        "instead_of_a_token_find_one_coordinator",
        "FindCoordinator",
        2,
        || json!({"key": "g", "keyType": 0}),
    ),
    ("instead_of_a_token_join", "JoinGroup", 7, || {
        json!({"groupId": "g", "sessionTimeoutMs": 10_000, "rebalanceTimeoutMs": 10_000, "memberId": "m",
            "protocolType": "consumer", "protocols": []})
    }),
    ("instead_of_a_token_commit", "OffsetCommit", 8, || {
        let partition = json!({"partitionIndex": 0, "committedOffset": 0});
        json!({"groupId": "g", "generationIdOrMemberEpoch": 1, "memberId": "m",
            "topics": [{"name": "a", "partitions": [partition]}]})
    }),
    (
        "instead_of_a_token_create_topics",
        "CreateTopics",
        7,
        || {
            let topic = json!({"name": "a", "numPartitions": 1, "replicationFactor": 1});
            json!({"timeoutMs": 1000, "topics": [topic]})
        },
    ),
    (
        "instead_of_a_token_describe_configs",
        "DescribeConfigs",
        4,
        || json!({"resources": [{"resourceType": 2, "resourceName": "a"}]}),
    ),
    (
        "instead_of_a_token_init_producer_id",
        "InitProducerId",
        4,
        || json!({"transactionalId": "t", "transactionTimeoutMs": 1000}),
    ),
    (
        "instead_of_a_token_describe_credentials",
        "DescribeUserScramCredentials",
        0,
        || json!({"users": [{"name": "alice"}]}),
    ),
    (
        "instead_of_a_token_alter_credentials",
        "AlterUserScramCredentials",
        0,
        || json!({"deletions": [{"name": "nobody", "mechanism": 1}], "upsertions": []}),
    ),
];

fn produced() -> Value {
    let records = Batch::of(&["x"]).json();
    json!({"acks": 1, "timeoutMs": 1000, "topicData": [
        {"name": "a", "partitionData": [{"index": 0, "records": records}, {"index": 1, "records": records}]},
    ]})
}

fn instead_of_a_token(cx: &mut Context, (_, api, version, body): &Asked) -> Result<()> {
    cx.shake_hands(A, "PLAIN", FRAMED)?;
    let answer = cx.call(api, *version, body())?;
    if !answer.is_null() {
        cx.expect_closed(A)?;
    }
    Ok(())
}

fn handshake_instead_of_a_bare_token(cx: &mut Context) -> Result<()> {
    cx.shake_hands(A, "PLAIN", Way::Bare)?;
    cx.shake_hands(A, "PLAIN", Way::Bare)?;
    Ok(())
}

fn malformed_instead_of_a_token(cx: &mut Context) -> Result<()> {
    cx.shake_hands(A, "PLAIN", FRAMED)?;
    let mut frame = cx.header(36, 1, false)?;
    frame.extend([0, 0, 0, 9, 1]);
    cx.send_frame(A, "SaslAuthenticate v1 cut short", &frame)?;
    cx.expect_closed(A)
}

fn unknown_version_instead_of_a_token(cx: &mut Context) -> Result<()> {
    cx.shake_hands(A, "PLAIN", FRAMED)?;
    let mut frame = cx.header(36, 3, true)?;
    frame.extend([1, 0]);
    cx.send_frame(A, "SaslAuthenticate v3", &frame)?;
    cx.expect_closed(A)
}

/// Name, what stands for it in the transcript, bytes without framing.
type Frame = (&'static str, &'static str, &'static [u8]);

/// What is no request of a client that has said nothing yet.
const FRAMES: &[Frame] = &[
    ("frame_too_long", "a length of 524289", &[0, 8, 0, 1]),
    ("frame_of_negative_length", "a length of -1", &[255; 4]),
    ("frame_of_nothing", "a length of 0", &[0; 4]),
    (
        "frame_of_an_unknown_key",
        "key 999 v0",
        &[0, 0, 0, 10, 3, 231, 0, 0, 0, 0, 0, 1, 255, 255],
    ),
    (
        "frame_of_tls",
        "the beginning of TLS",
        &[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3],
    ),
    (
        "frame_of_a_bare_token",
        "PLAIN's token",
        b"\0\0\0\x13\0alice\0alice-secret",
    ),
];

fn no_request(cx: &mut Context, (_, what, bytes): &Frame) -> Result<()> {
    cx.send_bytes(A, what, bytes)?;
    cx.expect_closed(A)?;
    let conn = cx.connect(1)?;
    cx.shake_hands(conn, "PLAIN", Way::Bare)?;
    cx.send_bytes(conn, what, bytes)?;
    if *what == "PLAIN's token" {
        cx.receive_frame(conn)?;
        return Ok(());
    }
    cx.expect_closed(conn)
}

/// A client need not wait for answers.
fn pipelined(cx: &mut Context) -> Result<()> {
    hide_versions(cx);
    let (name, password) = USERS[0];
    cx.send_on(A, "ApiVersions", 3, software())?;
    cx.send_on(A, "SaslHandshake", 1, json!({"mechanism": "PLAIN"}))?;
    let token = crate::codec::bytes::hex(&plain_token(name, password));
    cx.send_on(A, "SaslAuthenticate", 2, json!({"authBytes": token}))?;
    cx.send_on(A, "Metadata", 1, json!({"topics": []}))?;
    for _ in 0..4 {
        cx.receive_on(A)?;
    }
    Ok(())
}

/// What a client sends after what it is refused for is not looked at.
fn answers_once_when_refused(cx: &mut Context) -> Result<()> {
    cx.shake_hands(A, "PLAIN", FRAMED)?;
    for _ in 0..3 {
        cx.send_on(A, "SaslAuthenticate", 2, json!({"authBytes": "0x00610062"}))?;
    }
    cx.receive_on(A)?;
    cx.expect_closed(A)
}

fn after_login(cx: &mut Context) -> Result<()> {
    cx.log_in(A, USERS[0])?;
    for version in 0..=1 {
        cx.call("SaslHandshake", version, json!({"mechanism": "PLAIN"}))?;
        cx.call("SaslHandshake", version, json!({"mechanism": "X"}))?;
    }
    for version in 0..=2 {
        cx.call(
            "SaslAuthenticate",
            version,
            json!({"authBytes": "0x00610062"}),
        )?;
    }
    hide_versions(cx);
    for _ in 0..2 {
        cx.call("ApiVersions", 3, software())?;
    }
    cx.call("Metadata", 1, json!({"topics": []}))?;
    Ok(())
}

fn one_connection_says_nothing_of_another(cx: &mut Context) -> Result<()> {
    cx.log_in(A, USERS[0])?;
    let other = cx.connect(1)?;
    cx.call_on(other, "Metadata", 1, json!({"topics": []}))?;
    cx.call("Metadata", 1, json!({"topics": []}))?;
    Ok(())
}
