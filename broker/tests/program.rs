//! The program's contract: one line on standard output, clean ends, clear errors.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_fauxka"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What follows `word=` in the line that the program prints once it runs.
fn value_of<'a>(ready: &'a str, word: &str) -> Option<&'a str> {
    assert!(ready.starts_with("READY "), "{ready}");
    ready
        .split_whitespace()
        .find_map(|part| part.strip_prefix(word)?.strip_prefix('='))
}

fn signal(program: &Child, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &program.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[track_caller]
fn check_runs(arguments: &[&str], end: &str, check: impl FnOnce(&str)) {
    let mut program = start(arguments);
    let mut out = BufReader::new(program.stdout.take().unwrap());
    let mut ready = String::new();
    out.read_line(&mut ready).unwrap();
    check(&ready);
    signal(&program, end);
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "more than one line on standard output");
    assert_eq!(program.wait().unwrap().code(), Some(0));
}

#[track_caller]
fn check_refuses(arguments: &[&str], message: &str) {
    let output = start(arguments).wait_with_output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(output.stdout.is_empty());
    assert!(errors.contains(message), "{errors}");
}

#[test]
fn it_is_ready_when_every_node_accepts() {
    let arguments = [
        "--listen",
        "127.0.0.1:0",
        "--nodes",
        "3",
        "--seed",
        "42",
        "--no-control",
    ];
    check_runs(&arguments, "TERM", |ready| {
        let bootstrap = value_of(ready, "bootstrap").unwrap();
        assert_eq!(bootstrap.split(',').count(), 3);
        for address in bootstrap.split(',') {
            TcpStream::connect(address).unwrap();
        }
        assert_eq!(value_of(ready, "seed"), Some("42"));
        assert_eq!(value_of(ready, "control"), None);
    });
}

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

/// The answer to a request of the control port that names `host`.
fn ask(control: &str, host: &str, method: &str, path: &str, body: &str) -> String {
    let address = control.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
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
        "expected",
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
    ("topics/t/0/leader", r#"{"to":3}"#, "422", "expected {"),
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

/// What the program prints when it asks a cluster, if that goes well; what it complains of if not.
fn command(control: &str, arguments: &[&str]) -> Result<String, String> {
    let arguments = [arguments, &["--control", control]].concat();
    let output = start(&arguments).wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

/// Whether a cluster answers a client.
fn answers(bootstrap: &str) -> bool {
    let mut stream = TcpStream::connect(bootstrap).unwrap();
    let request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
    stream.write_all(&request).unwrap();
    stream.read_exact(&mut [0; 14]).is_ok()
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
        check("GET", "/v1/faults/1", "", 404, "no fault rule 1");
        check("DELETE", "/v1/faults", "", 204, "");
        check("GET", "/v1/faults", "", 200, "[]");
        check("GET", "/v1/openapi.json", "", 200, "/v1/faults/{id}/wait");
    });
}

#[test]
fn the_program_asks_a_running_cluster() {
    let arguments = [
        "--listen",
        "127.0.0.1:0",
        "--control",
        "127.0.0.1:0",
        "--clock",
        "manual",
    ];
    check_runs(&arguments, "TERM", |ready| {
        let control = value_of(ready, "control").unwrap();
        let bootstrap = value_of(ready, "bootstrap").unwrap();
        let check = |arguments: &[&str], words: &str| {
            let said = command(control, arguments).unwrap();
            assert!(said.contains(words), "{arguments:?}: {said}");
        };
        let add = [
            "fault",
            "add",
            "--api",
            "ApiVersions",
            "--count",
            "1",
            "--before",
            "disconnect",
        ];
        check(&add, "state: active");
        assert!(!answers(bootstrap));
        check(&["fault", "wait", "1"], "hits: 1");
        check(&["fault", "list"], "ID  STATE");
        check(&["fault", "list", "--json"], r#""state":"spent""#);
        let rule = r#"[{"observe":true},{"before_apply":"hold"}]"#;
        check(&["fault", "add", "--rule", rule], "id: 3");
        check(&["fault", "release", "3"], "state: ended");
        check(&["fault", "remove", "2"], "");
        check(&["fault", "heal"], "");
        assert!(answers(bootstrap));
        check(&["clock", "advance", "45s"], "elapsed_ms: 45000");
        check(&["clock", "show"], "clock: manual");
        check(&["cluster"], "ID  RACK  UP\n1   -     true");
        check(&["node", "stop", "1"], "up: false");
        check(&["node", "start", "1"], "up: true");
        let completions = start(&["completions", "bash"]).wait_with_output().unwrap();
        assert!(
            String::from_utf8(completions.stdout)
                .unwrap()
                .contains("fault")
        );
        let refused = command(control, &["fault", "add", "--api", "Fetch"]).unwrap_err();
        assert!(refused.contains("the rule does nothing"), "{refused}");
    });
    let nobody = command("http://127.0.0.1:1", &["cluster"]).unwrap_err();
    assert!(
        nobody.contains("no cluster's control port answers"),
        "{nobody}"
    );
}

fn check_resets(control: &str) {
    for (body, status) in [
        ("{}", "204"),
        (r#"{"only":["topics","faults"]}"#, "204"),
        (r#"{"only":["topic"]}"#, "422"),
        (r#"{"all":true}"#, "422"),
    ] {
        let answer = ask(control, "localhost", "POST", "/v1/reset", body);
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{body}: {answer}");
    }
    command(control, &["reset"]).unwrap();
    command(control, &["reset", "--only", "groups,journal"]).unwrap();
    assert!(command(control, &["reset", "--only", "group"]).is_err());
    let answer = ask(control, "localhost", "GET", "/v1/cluster", "");
    assert!(answer.contains("\"topics\":2"), "{answer}");
}

#[test]
fn a_file_describes_the_cluster_and_options_are_stronger() {
    let file = std::env::temp_dir().join(format!("fauxka-{}.toml", std::process::id()));
    let text = "listen = \"127.0.0.1:0\"\nnodes = 2\nseed = 5\nclock = \"manual\"\n\
        [[topics]]\nname = \"t\"\n[[records]]\ntopic = \"t\"\nvalue = \"from the file\"\n";
    std::fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let arguments = ["--file", path, "--seed", "6", "--control", "127.0.0.1:0"];
    check_runs(
        &[&arguments[..], &["--topic", "u:4"]].concat(),
        "TERM",
        |ready| {
            let bootstrap = value_of(ready, "bootstrap").unwrap();
            assert_eq!(bootstrap.split(',').count(), 2);
            assert_eq!(value_of(ready, "seed"), Some("6"));
            let control = value_of(ready, "control").unwrap();
            for (path, words) in [
                ("/v1/clock", "\"clock\":\"manual\""),
                ("/v1/cluster", "\"topics\":2"),
                ("/v1/topics/t/0/records", "from the file"),
            ] {
                let answer = ask(control, "localhost", "GET", path, "");
                assert!(answer.contains(words), "{path}: {answer}");
            }
            check_resets(control);
        },
    );
    std::fs::write(&file, "nodes = 1\n[[topic]]\nname = \"t\"").unwrap();
    check_refuses(&["--file", path], ".toml, line 2: unknown field `topic`");
    std::fs::remove_file(&file).unwrap();
}

/// What ApiVersions says in version 0: the newest version of each request.
fn newest_versions(bootstrap: &str) -> Vec<(u16, u16)> {
    let mut stream = TcpStream::connect(bootstrap).unwrap();
    let request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
    stream.write_all(&request).unwrap();
    let mut head = [0; 14];
    stream.read_exact(&mut head).unwrap();
    let rows = usize::from(u16::from_be_bytes([head[12], head[13]]));
    let mut body = vec![0; rows * 6];
    stream.read_exact(&mut body).unwrap();
    let number = |bytes: &[u8]| u16::from_be_bytes([bytes[0], bytes[1]]);
    body.chunks(6)
        .map(|row| (number(&row[..2]), number(&row[4..])))
        .collect()
}

#[test]
fn it_can_be_as_an_older_release() {
    const FETCH: u16 = 1;
    const CONSUMER_GROUP_HEARTBEAT: u16 = 68;
    for (release, fetch, has_consumer_groups) in [("2.8", 12, false), ("4.0", 17, true)] {
        let arguments = ["--listen", "127.0.0.1:0", "--no-control", "--as-version"];
        check_runs(&[&arguments[..], &[release]].concat(), "TERM", |ready| {
            let versions = newest_versions(value_of(ready, "bootstrap").unwrap());
            assert!(
                versions.contains(&(FETCH, fetch)),
                "{release}: {versions:?}"
            );
            let heartbeat = versions.iter().any(|row| row.0 == CONSUMER_GROUP_HEARTBEAT);
            assert_eq!(heartbeat, has_consumer_groups, "{release}");
        });
    }
    check_refuses(&["--as-version", "1.0"], "not a known release");
    let open = ["--listen", "127.0.0.1:0", "--control", "0.0.0.0:0"];
    check_refuses(&open, "--control-token");
}

#[test]
fn it_refuses_what_cannot_be() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    check_refuses(
        &["--listen", &address],
        &format!("cannot listen on {address}"),
    );
    check_refuses(
        &["--listen", "127.0.0.1:0", "--control", &address],
        &format!("cannot listen on {address}"),
    );
    check_refuses(
        &["--config", "num.partitons=1"],
        "did you mean num.partitions?",
    );
    check_refuses(
        &["--topic", "a:1:2", "--listen", "127.0.0.1:0"],
        "replication factor of 2",
    );
    check_refuses(
        &["--properties", "/does/not/exist"],
        "cannot read /does/not/exist",
    );
}
