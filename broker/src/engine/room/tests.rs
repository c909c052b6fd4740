use super::*;
use crate::engine::testing::{self, Bench};
use crate::wire::apis::Response;
use crate::wire::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use crate::wire::messages::{DeleteTopicsRequest, IncrementalAlterConfigsRequest, str_bytes};

#[test]
fn sizes_have_units() {
    for (bytes, expected) in [
        (0, "0 bytes"),
        (1_536, "1.5 KiB"),
        (512 << 20, "512 MiB"),
        (12 << 30, "12 GiB"),
    ] {
        assert_eq!(size(bytes), expected);
    }
}

/// The errors and messages of the one partition that is produced to.
fn produce(bench: &mut Bench, topic: &str) -> (i16, Option<String>) {
    let batch = testing::batch(&"x".repeat(300 << 10));
    let response = bench.ask(9, testing::produce(topic, 0, batch));
    let Response::Produce(response) = response else {
        panic!("{response:?}");
    };
    let answer = &response.responses[0].partition_responses[0];
    let message = answer.error_message.as_ref();
    (
        answer.error_code,
        message.map(|message| message.to_string()),
    )
}

const FULL: i16 = 56;

#[test]
fn whoever_fills_all_logs_is_told_once_what_to_do() {
    let mut bench = Bench::new(&[]);
    bench.engine.state.max_log_bytes = 1 << 20;
    bench.topic("t", 1);
    bench.topic("other", 1);
    for _ in 0..4 {
        assert_eq!(produce(&mut bench, "t"), (0, None));
    }
    let reason = "all logs together hold 1 MiB, which is the most that they may: raise --max-log-bytes, lower \
                  retention.bytes or retention.ms of topics, and segment.bytes with them (a segment goes as a whole), \
                  or delete topics";
    for _ in 0..3 {
        assert_eq!(
            produce(&mut bench, "other"),
            (FULL, Some(reason.to_owned()))
        );
    }
    let told = format!("LOGS ARE FULL, and producers get KAFKA_STORAGE_ERROR: {reason}");
    assert_eq!(bench.engine.passage.warnings.take(), [&*told]);
    let row = bench.engine.passage.journal.after(0).last().unwrap();
    let row = row.exchange().unwrap().to_string();
    assert!(row.contains("all logs together hold 1 MiB"), "{row}");
    // Once a tenth is free, they may fill again, and that is told.
    let delete = DeleteTopicsRequest::default()
        .with_timeout_ms(1)
        .with_topic_names(vec![str_bytes("t").into()]);
    bench.ask(1, delete);
    for _ in 0..4 {
        assert_eq!(produce(&mut bench, "other"), (0, None));
    }
    assert_eq!(produce(&mut bench, "other").0, FULL);
    assert_eq!(bench.engine.passage.warnings.take(), [&*told]);
}

#[test]
fn what_retention_lets_go_goes_before_anybody_is_refused() {
    let mut bench = Bench::new(&[
        ("log.retention.bytes", "1048576"),
        ("log.segment.bytes", "1048576"),
    ]);
    bench.engine.state.max_log_bytes = 3 << 20;
    bench.topic("t", 1);
    for _ in 0..100 {
        assert_eq!(produce(&mut bench, "t"), (0, None));
        assert!(bench.engine.state.log_bytes() < 4 << 20);
    }
    assert_eq!(bench.engine.passage.warnings.take(), [""; 0]);
}

#[test]
fn a_setting_that_lets_records_go_does_so_though_time_stands() {
    let mut bench = Bench::new(&[("log.segment.bytes", "1048576")]);
    bench.engine.state.max_log_bytes = 3 << 20;
    bench.topic("t", 1);
    while produce(&mut bench, "t") == (0, None) {}
    assert_eq!(produce(&mut bench, "t").0, FULL);
    let config = AlterableConfig::default()
        .with_name(str_bytes("retention.bytes"))
        .with_value(Some(str_bytes("1048576")));
    let resource = AlterConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(str_bytes("t"))
        .with_configs(vec![config]);
    let alter = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
    bench.ask(1, alter);
    assert_eq!(produce(&mut bench, "t"), (0, None));
}
