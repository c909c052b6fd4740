//! The control port of a program that runs.

use crate::support::{answers, ask, check_runs, value_of};

#[test]
fn its_control_port_describes_the_cluster() {
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--topic",
        "a:3",
        "--control",
        "127.0.0.1:0",
    ];
    check_runs(&arguments, "INT", |ready| {
        let control = value_of(ready, "control").unwrap();
        let address = control.strip_prefix("http://").unwrap();
        let answer = ask(control, address, "GET", "/v1/cluster", "");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("\"topics\":1"), "{answer}");
        let answer = ask(control, "evil.example", "GET", "/v1/cluster", "");
        assert!(answer.starts_with("HTTP/1.1 403 "));
    });
}

/// Kind of clock, method, path, body; status and words of the answer.
type Step = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const CLOCK_STEPS: &[Step] = &[
    ("manual", "GET", "/v1/clock", "", "200", "\"elapsed_ms\":0,"),
    (
        "manual",
        "POST",
        "/v1/clock/advance",
        r#"{"by":"1m 30s"}"#,
        "200",
        "\"elapsed_ms\":90000,",
    ),
    (
        "manual",
        "POST",
        "/v1/clock/advance",
        r#"{"by_ms":45}"#,
        "200",
        "\"elapsed_ms\":90045,",
    ),
    (
        "manual",
        "POST",
        "/v1/clock/advance",
        r#"{"to":"next"}"#,
        "200",
        "\"elapsed_ms\":90045,",
    ),
    (
        "manual",
        "POST",
        "/v1/clock/advance",
        r#"{"by_ms":0,"silent":["worker-*"]}"#,
        "200",
        "\"elapsed_ms\":90045,",
    ),
    (
        "manual",
        "POST",
        "/v1/clock/advance",
        r#"{"to":"next","silent":["worker-1"]}"#,
        "404",
        "no group member has the client id worker-1",
    ),
    (
        "manual",
        "POST",
        "/v1/clock/advance",
        r#"{"by":"1s","silent":"worker-1"}"#,
        "422",
        "\\\"silent\\\":[\\\"CLIENT_ID\\\"]",
    ),
    (
        "manual",
        "POST",
        "/v1/clock/advance",
        r#"{"by":"soon"}"#,
        "400",
        "not a duration",
    ),
    (
        "manual",
        "POST",
        "/v1/clock/advance",
        r#"{"by_ms":-1}"#,
        "422",
        "Expected {",
    ),
    (
        "manual",
        "GET",
        "/v1/clock",
        "",
        "200",
        "\"elapsed_ms\":90045,",
    ),
    ("real", "GET", "/v1/clock", "", "200", "\"clock\":\"real\""),
    (
        "real",
        "POST",
        "/v1/clock/advance",
        r#"{"by":"1s"}"#,
        "409",
        "--clock manual",
    ),
];

#[test]
fn the_control_port_moves_a_manual_clock() {
    for kind in ["manual", "real"] {
        let arguments = [
            "--listen",
            "127.0.0.1:0",
            "--control",
            "127.0.0.1:0",
            "--clock",
            kind,
        ];
        check_runs(&arguments, "TERM", |ready| {
            let control = value_of(ready, "control").unwrap();
            for (_, method, path, body, status, words) in
                CLOCK_STEPS.iter().filter(|step| step.0 == kind)
            {
                let answer = ask(control, "localhost", method, path, body);
                assert!(
                    answer.starts_with(&format!("HTTP/1.1 {status} ")),
                    "{body}: {answer}"
                );
                assert!(answer.contains(words), "{body}: {answer}");
            }
        });
    }
}

/// Path and body of a POST; status and words of the answer.
const COMMANDS: &[(&str, &str, &str, &str)] = &[
    ("topics/t/0/leader", r#"{"node":2}"#, "204", ""),
    (
        "topics/t/0/leader",
        r#"{"node":9}"#,
        "404",
        "there is no node 9",
    ),
    (
        "topics/t/0/leader",
        r#"{"node":2,"end":0}"#,
        "400",
        "unclean",
    ),
    (
        "topics/t/0/leader",
        r#"{"node":3,"unclean":true,"end":0}"#,
        "204",
        "",
    ),
    ("topics/t/0/leader", r#"{"to":3}"#, "422", "Expected {"),
    (
        "topics/t/7/leader",
        r#"{"node":2}"#,
        "404",
        "partitions 0 to 0",
    ),
    (
        "topics/t/0/replicas",
        r#"{"node":1,"in_sync":false}"#,
        "204",
        "",
    ),
    (
        "topics/t/0/replicas",
        r#"{"node":3,"in_sync":false}"#,
        "409",
        "leads it",
    ),
    (
        "topics/t/0/replicas",
        r#"{"node":1,"in_sync":true}"#,
        "204",
        "",
    ),
    ("topics/t/0/high-watermark", r#"{"held":true}"#, "204", ""),
    ("topics/t/0/high-watermark", r#"{"held":false}"#, "204", ""),
    ("topics/t/0/reassignment", r#"{"held":true}"#, "204", ""),
    ("topics/t/0/reassignment", r#"{"held":false}"#, "204", ""),
    (
        "topics/t/0/log-start",
        r#"{"offset":1}"#,
        "409",
        "ends at 0",
    ),
    (
        "topics/t/0/damage",
        r#"{"offset":0}"#,
        "409",
        "not within the log",
    ),
    ("topics/t/0/expire-producer", "{}", "204", ""),
    (
        "topics/t/0/expire-producer",
        r#"{"producer_id":5}"#,
        "404",
        "producer 5",
    ),
    ("topics/t/recreate", "", "204", ""),
    ("topics/u/recreate", "", "404", "no topic u"),
    ("groups/g/evict", r#"{"member":"m"}"#, "404", "no group g"),
    ("groups/g/rebalance", "", "404", "no group g"),
    ("transactions/x/fence", "", "404", "no transactional id x"),
    ("transaction-markers", r#"{"held":true}"#, "204", ""),
    ("nodes/2/pause", "", "204", ""),
    ("nodes/2/resume", "", "204", ""),
    ("nodes/9/pause", "", "404", "no node 9"),
    ("nodes", r#"{"rack":"b"}"#, "201", "\"id\":4"),
    ("nodes/rolling-restart", "", "204", ""),
    (
        "groups/g/move-coordinator",
        r#"{"node":2,"loading":"5s"}"#,
        "404",
        "nobody coordinates g yet",
    ),
    (
        "groups/g/release-coordinator",
        "",
        "404",
        "nobody coordinates",
    ),
    (
        "transactions/x/move-coordinator",
        r#"{"loading":"x"}"#,
        "400",
        "not a duration",
    ),
    (
        "transactions/x/release-coordinator",
        "",
        "404",
        "nobody coordinates",
    ),
    ("metadata/freeze", r#"{"answers":2}"#, "204", ""),
];

#[test]
fn the_control_port_does_things_to_the_cluster() {
    let arguments = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"];
    let cluster = ["--nodes", "3", "--topic", "t:1:3"];
    check_runs(&[arguments, cluster].concat(), "TERM", |ready| {
        let control = value_of(ready, "control").unwrap();
        for (path, body, status, words) in COMMANDS {
            let path = format!("/v1/{path}");
            let answer = ask(control, "localhost", "POST", &path, body);
            let expected = format!("HTTP/1.1 {status} ");
            assert!(answer.starts_with(&expected), "{path} {body}: {answer}");
            assert!(answer.contains(words), "{path} {body}: {answer}");
        }
    });
}

#[test]
fn whoever_watches_over_the_process_hears_that_it_is_ready() {
    let arguments = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"];
    let cluster = ["--nodes", "2", "--control-token", "secret"];
    check_runs(&[arguments, cluster].concat(), "TERM", |ready| {
        let control = value_of(ready, "control").unwrap();
        let health = || ask(control, "localhost", "GET", "/v1/health", "");
        let answer = health();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(
            answer.contains(r#"{"id":2,"up":true,"listening":true}"#),
            "{answer}"
        );
        let refused = ask(control, "localhost", "GET", "/v1/cluster", "");
        assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
    });
    check_runs(&arguments, "TERM", |ready| {
        let control = value_of(ready, "control").unwrap();
        ask(control, "localhost", "POST", "/v1/nodes/1/stop", "");
        let answer = ask(control, "localhost", "GET", "/v1/health", "");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(
            answer.contains(r#"{"id":1,"up":false,"listening":false}"#),
            "{answer}"
        );
    });
}

#[test]
fn faults_are_mounted_over_http() {
    let arguments = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"];
    check_runs(&arguments, "TERM", |ready| {
        let control = value_of(ready, "control").unwrap();
        let bootstrap = value_of(ready, "bootstrap").unwrap();
        let rule = r#"{"api":"ApiVersions","nth":2,"after_apply":"disconnect"}"#;
        let wrong = r#"{"api":"Heartbeat","topic":"a","observe":true}"#;
        let check = |method: &str, path: &str, body: &str, status: u16, words: &str| {
            let answer = ask(control, "localhost", method, path, body);
            let line = format!("HTTP/1.1 {status} ");
            assert!(answer.starts_with(&line), "{method} {path}: {answer}");
            assert!(answer.contains(words), "{method} {path}: {answer}");
        };
        check(
            "POST",
            "/v1/faults",
            rule,
            201,
            "\"id\":1,\"state\":\"active\"",
        );
        check("POST", "/v1/faults", wrong, 422, "leave `topic` out");
        check(
            "POST",
            "/v1/faults",
            r#"{"topics":"a"}"#,
            422,
            "unknown field",
        );
        check(
            "GET",
            "/v1/faults/1/wait?timeout=1ms",
            "",
            408,
            "acted 0 times",
        );
        check(
            "GET",
            "/v1/faults/1/wait?timeout=soon",
            "",
            400,
            "not a duration",
        );
        assert!(answers(bootstrap));
        assert!(!answers(bootstrap));
        check(
            "GET",
            "/v1/faults/1/wait?hits=1&timeout=30s",
            "",
            200,
            "\"matches\":2",
        );
        check("GET", "/v1/faults/1", "", 200, "\"state\":\"spent\"");
        check(
            "POST",
            "/v1/faults/1/release",
            "",
            200,
            "\"state\":\"ended\"",
        );
        check("DELETE", "/v1/faults/1", "", 204, "");
        check("GET", "/v1/faults/1", "", 404, "no fault rule");
        check("DELETE", "/v1/faults", "", 204, "");
        check("GET", "/v1/faults", "", 200, "[]");
        check("GET", "/v1/openapi.json", "", 200, "/v1/faults/{rule}/wait");
    });
}
