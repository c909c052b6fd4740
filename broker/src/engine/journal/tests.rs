use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::engine::context::Effects;
use crate::engine::input::Input;
use crate::engine::testing::Bench;
use crate::wire::error::ErrorCode;
use crate::wire::messages::*;

/// The rows as people read them, without their time.
fn lines(bench: &Bench) -> Vec<String> {
    let rows = bench.engine.passage.journal.rows();
    rows.map(|row| {
        let text = row.to_string();
        text.splitn(3, ' ').nth(2).unwrap().to_owned()
    })
    .collect()
}

fn text(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

fn join(member: &'static str) -> JoinGroupRequest {
    let protocol = join_group_request::JoinGroupRequestProtocol::default()
        .with_name(text("range"))
        .with_metadata(Bytes::from_static(b"x"));
    JoinGroupRequest::default()
        .with_group_id(GroupId(text("g")))
        .with_member_id(text(member))
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(10_000)
        .with_protocol_type(text("consumer"))
        .with_protocols(vec![protocol])
}

#[test]
fn a_group_that_forms_is_a_story() {
    let mut bench = Bench::new(&[("group.initial.rebalance.delay.ms", "3000")]);
    bench.find_coordinator("g");
    bench.engine.passage.journal.clear();
    let connection = ConnectionId(3);
    bench.send_from(connection, "me", 5, join(""));
    assert_eq!(
        lines(&bench),
        ["JoinGroup v5 group=g from me (3) to node 0: MEMBER_ID_REQUIRED"],
    );
    bench.engine.passage.journal.clear();
    bench.send_from(connection, "me", 3, join(""));
    bench.advance(Duration::from_secs(3));
    let lines = lines(&bench);
    assert!(
        lines[0].starts_with("group g Empty -> PreparingRebalance, generation 0: "),
        "{lines:#?}"
    );
    assert!(lines[1].starts_with("group g PreparingRebalance -> CompletingRebalance"));
    assert_eq!(
        lines[2],
        "JoinGroup v3 group=g from me (3) to node 0 after 3000 ms"
    );
    assert_eq!(lines.len(), 3);
}

#[test]
fn who_leaves_before_the_answer_is_noted() {
    let mut bench = Bench::new(&[("group.initial.rebalance.delay.ms", "3000")]);
    bench.find_coordinator("g");
    let connection = ConnectionId(3);
    bench.open(connection, "/::1");
    bench.send_from(connection, "me", 3, join(""));
    let why = "it left".to_owned();
    bench.handle(Input::Closed { connection, why });
    let lines = lines(&bench);
    let [.., request, closed] = lines.as_slice() else {
        panic!("{lines:#?}")
    };
    assert_eq!(
        request,
        "JoinGroup v3 group=g from me (3) to node 0: applied: the connection was gone"
    );
    assert_eq!(closed, "connection 3 closed: it left");
}

#[test]
fn a_group_of_the_new_protocol_says_why_it_changes() {
    let mut bench = Bench::new(&[]);
    bench.topic("t", 2);
    bench.find_coordinator("g");
    bench.engine.passage.journal.clear();
    let member = "AAAAAAAAAAAAAAAAAAAAAQ";
    let join = ConsumerGroupHeartbeatRequest::default()
        .with_group_id(GroupId(text("g")))
        .with_member_id(text(member))
        .with_member_epoch(0)
        .with_rebalance_timeout_ms(10_000)
        .with_subscribed_topic_names(Some(vec![TopicName(text("t"))]))
        .with_topic_partitions(Some(Vec::new()));
    bench.ask(1, join.clone());
    let lines = lines(&bench);
    let expected = format!("group g Empty -> Stable, generation 2: member {member} joined");
    assert!(lines.contains(&expected), "{lines:#?}");
    let leave = join.with_member_epoch(-1);
    bench.ask(1, leave);
    let last = bench
        .engine
        .passage
        .journal
        .rows()
        .rev()
        .nth(1)
        .unwrap()
        .to_string();
    assert!(
        last.ends_with(&format!("generation 3: member {member} is gone")),
        "{last}"
    );
    let counts = bench.engine.passage.journal.counts();
    assert_eq!(counts.rebalances["g"], 2);
    assert_eq!(counts.requests[&Api::ConsumerGroupHeartbeat], 2);
}

#[test]
fn errors_are_found_in_any_answer() {
    let mut bench = Bench::new(&[("auto.create.topics.enable", "false")]);
    bench.topic("t", 1);
    bench.engine.write_down(bench.now, &Effects::default());
    bench.engine.passage.journal.clear();
    let delete = delete_topics_request::DeleteTopicState::default();
    let delete = delete.with_name(Some(TopicName(text("nothing"))));
    bench.ask(
        6,
        DeleteTopicsRequest::default()
            .with_timeout_ms(1000)
            .with_topics(vec![delete]),
    );
    let listed = list_offsets_request::ListOffsetsPartition::default().with_partition_index(7);
    let listed = list_offsets_request::ListOffsetsTopic::default()
        .with_name(TopicName(text("t")))
        .with_partitions(vec![listed]);
    bench.ask(5, ListOffsetsRequest::default().with_topics(vec![listed]));
    let metadata = metadata_request::MetadataRequestTopic::default();
    let metadata = metadata.with_name(Some(TopicName(text("nothing"))));
    bench.ask(
        9,
        MetadataRequest::default().with_topics(Some(vec![metadata])),
    );
    let client = format!("from test ({}) to node 0", u64::MAX);
    assert_eq!(
        lines(&bench),
        [
            format!("DeleteTopics v6 nothing[] {client}: UNKNOWN_TOPIC_OR_PARTITION nothing"),
            format!("ListOffsets v5 t[7] {client}: UNKNOWN_TOPIC_OR_PARTITION t-7"),
            format!("Metadata v9 nothing[] {client}: UNKNOWN_TOPIC_OR_PARTITION nothing"),
        ]
    );
}

/// A batch for `t-0` that says it is zstd, and is not.
fn damaged(acks: i16) -> ProduceRequest {
    use crate::wire::batch::{BatchHeader, BatchView};
    use crate::wire::compression::Codec;
    let header = BatchHeader::default();
    let header = BatchHeader {
        record_count: 1,
        attributes: header.attributes.with_codec(Codec::Zstd),
        ..header
    };
    let batch = BatchView::new(header, Bytes::from_static(b"garbage")).unwrap();
    let data = PartitionProduceData {
        index: 0,
        records: Some(batch.to_bytes()).into(),
    };
    let data = TopicProduceData {
        name: TopicName(text("t")),
        partition_data: vec![data],
        ..TopicProduceData::default()
    };
    ProduceRequest {
        acks,
        timeout_ms: 1000,
        topic_data: vec![data],
        ..ProduceRequest::default()
    }
}

#[test]
fn records_that_cannot_be_unfolded_say_why() {
    let mut bench = Bench::new(&[]);
    bench.topic("t", 1);
    let connection = ConnectionId(3);
    bench.open(connection, "/1.2.3.4");
    let hello = ApiVersionsRequest {
        client_software_name: text("apache-kafka-java"),
        client_software_version: text("4.4.0"),
        ..ApiVersionsRequest::default()
    };
    bench.send_from(connection, "me", 3, hello);
    bench.engine.passage.journal.clear();
    for _ in 0..300 {
        bench.send_from(connection, "me", 9, damaged(1));
    }
    let reason = "the compressed records are damaged: Unknown frame descriptor";
    let row =
        format!("Produce v9 t[0] from me (3) to node 0: UNKNOWN_SERVER_ERROR t-0 (zstd: {reason})");
    assert_eq!(lines(&bench), vec![row; 300]);
    let who = "client \"me\" at /1.2.3.4";
    let warning = format!(
        "refused a batch for t-0 from {who} (apache-kafka-java 4.4.0), codec zstd: {reason}"
    );
    assert_eq!(bench.engine.passage.warnings.take(), [warning]);
    bench.advance(Duration::from_secs(10));
    bench.send(0, HeartbeatRequest::default());
    let count =
        format!("batches refused, codec zstd from {who}: 299 more since the last such line");
    assert_eq!(bench.engine.passage.warnings.take(), [count]);
}

#[test]
fn a_connection_closed_for_its_records_says_why() {
    let mut bench = Bench::new(&[]);
    bench.topic("t", 1);
    bench.engine.write_down(bench.now, &Effects::default());
    bench.engine.passage.journal.clear();
    bench.send_from(ConnectionId(3), "me", 9, damaged(0));
    let line = lines(&bench).remove(0);
    assert!(line.contains("connection closed: Produce with acks=0 failed"));
    assert!(line.ends_with("Unknown frame descriptor)"), "{line}");
}

#[test]
fn topics_and_nodes_are_noted() {
    let mut bench = Bench::new(&[]);
    bench.topic("t", 2);
    bench.engine.write_down(bench.now, &Effects::default());
    bench.turn_node(NodeId(0), false);
    bench.turn_node(NodeId(0), true);
    bench.engine.state.delete_topic(bench.now, "t");
    bench.advance(Duration::from_secs(1));
    bench.turn_node(NodeId(0), false);
    assert_eq!(
        lines(&bench),
        [
            "topic t created with 2 partitions",
            "node 0 stopped",
            "leader of t-0 node 0 -> nobody, epoch 1",
            "leader of t-1 node 0 -> nobody, epoch 1",
            "node 0 started",
            "leader of t-0 nobody -> node 0, epoch 2",
            "leader of t-1 nobody -> node 0, epoch 2",
            "node 0 stopped",
            "topic t deleted",
        ]
    );
}

#[test]
fn the_oldest_rows_make_room() {
    let mut journal = Journal::new(JournalSettings {
        rows: 3,
        ..JournalSettings::default()
    });
    let now = Bench::new(&[]).now;
    for node in 0..5 {
        journal.push(now, Event::NodeStarted { node });
    }
    let kept: Vec<u64> = journal.rows().map(|row| row.sequence).collect();
    assert_eq!((kept, journal.last()), (vec![3, 4, 5], 5));
    assert_eq!(journal.after(4).count(), 1);
    let bytes = journal.bytes;
    journal.settings.bytes = bytes - 1;
    journal.push(now, Event::NodeStarted { node: 9 });
    assert_eq!(journal.rows().count(), 2);
    journal.clear();
    assert_eq!((journal.bytes, journal.last()), (0, 6));
}

#[test]
fn filters_look_at_every_condition() {
    let mut bench = Bench::new(&[]);
    bench.find_coordinator("g");
    bench.send_from(ConnectionId(3), "me", 5, join(""));
    #[track_caller]
    fn check(bench: &Bench, set: impl Fn(&mut Filter), expected: usize) {
        let mut filter = Filter {
            api: Some(Api::JoinGroup),
            ..Filter::default()
        };
        set(&mut filter);
        let rows = bench.engine.passage.journal.rows();
        assert_eq!(rows.filter(|row| filter.matches(row)).count(), expected);
    }
    let some = |text: &str| Some(text.to_owned());
    check(&bench, |_| {}, 1);
    check(&bench, |filter| filter.api = Some(Api::SyncGroup), 0);
    check(&bench, |filter| filter.client_id = some("me"), 1);
    check(&bench, |filter| filter.client_id = some("you"), 0);
    check(&bench, |filter| filter.group = some("g"), 1);
    check(&bench, |filter| filter.group = some("h"), 0);
    check(&bench, |filter| filter.connection = Some(4), 0);
    check(&bench, |filter| filter.node = Some(1), 0);
    check(&bench, |filter| filter.topic = some("t"), 0);
    check(&bench, |filter| filter.member = some("m"), 0);
    check(&bench, |filter| filter.transactional_id = some("t"), 0);
    check(&bench, |filter| filter.producer_id = Some(0), 0);
    check(&bench, |filter| filter.failed = Some(true), 1);
    check(&bench, |filter| filter.failed = Some(false), 0);
    check(
        &bench,
        |filter| filter.error = Some(ErrorCode::MemberIdRequired),
        1,
    );
    check(
        &bench,
        |filter| filter.error = Some(ErrorCode::UnknownMemberId),
        0,
    );
    check(&bench, |filter| filter.rule = some("r"), 0);
    check(&bench, |filter| filter.kind = some("request"), 1);
    check(&bench, |filter| filter.kind = some("node_started"), 0);
    check(&bench, |filter| filter.after = 1000, 0);
    let kinds = bench
        .engine
        .passage
        .journal
        .rows()
        .map(|row| row.event.kind());
    assert!(kinds.into_iter().all(|kind| Event::KINDS.contains(&kind)));
}

#[test]
fn requests_are_counted_without_rows() {
    let mut bench = Bench::new(&[]);
    bench.engine.passage.journal = Journal::new(JournalSettings {
        rows: 0,
        ..JournalSettings::default()
    });
    bench.send_from(ConnectionId(3), "me", 5, join(""));
    assert_eq!(lines(&bench), [""; 0]);
    let counts = bench.engine.passage.journal.counts();
    assert_eq!(counts.requests.get(&Api::JoinGroup), Some(&1));
    let errors: Vec<_> = counts.errors().collect();
    assert_eq!(errors, [(Api::JoinGroup, ErrorCode::NotCoordinator, 1)]);
}
