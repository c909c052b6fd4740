//! What the command line promises besides its commands: exit statuses, closed pipes, the environment, files of rows, the log.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::support::{answers, ask, check_refuses, check_runs, command, start, value_of};

const OPEN: [&str; 4] = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"];

/// A file of a test's own.
fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("fauxka-{name}-{}", std::process::id()))
}

/// A program that runs, and the line that says so.
fn running(command: &mut Command) -> (Child, String) {
    let mut program = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(program.stdout.as_mut().unwrap())
        .read_line(&mut ready)
        .unwrap();
    (program, ready)
}

fn fauxka(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fauxka"));
    command.args(arguments);
    command
}

/// Has a program end as an operator does, and gives its status and what it complained of.
fn terminated(program: Child) -> (Option<i32>, String) {
    let id = program.id().to_string();
    let told = Command::new("kill").args(["-s", "TERM", &id]).status();
    assert!(told.unwrap().success());
    let output = program.wait_with_output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), complaint)
}

#[test]
fn a_broken_expectation_has_a_status_of_its_own() {
    let rules = file("expectation.json");
    let rule = r#"{"name":"lost","api":"ApiVersions","observe":true,"expect":1}"#;
    fs::write(&rules, rule).unwrap();
    let from_file = ["--log", "off", "--faults", rules.to_str().unwrap()];
    let from_file = [&OPEN[..], &from_file].concat();
    for (arguments, mounts) in [(&*from_file, false), (&OPEN[..], true)] {
        for (meets, status) in [(false, 3), (true, 0)] {
            let (program, ready) = running(&mut fauxka(arguments));
            if mounts {
                let control = value_of(&ready, "control").unwrap();
                command(control, &["fault", "add", "--rule", rule]).unwrap();
            }
            if meets {
                assert!(answers(value_of(&ready, "bootstrap").unwrap()));
            }
            let (ended, complaint) = terminated(program);
            assert_eq!(ended, Some(status), "{arguments:?}: {complaint}");
            let says_so = complaint.contains("fauxka: ") && complaint.contains("acted 0 times");
            assert_eq!(says_so, !meets, "{complaint}");
        }
    }
    fs::remove_file(&rules).unwrap();
}

#[test]
fn a_journal_without_requests_or_bodies_is_not_replayed() {
    let journal = file("bodiless.jsonl");
    let path = journal.to_str().unwrap();
    check_runs(&OPEN, "TERM", |ready| {
        let (control, bootstrap) = (value_of(ready, "control"), value_of(ready, "bootstrap"));
        let (control, bootstrap) = (control.unwrap(), bootstrap.unwrap());
        let replay = ["replay", path, "--bootstrap", bootstrap];
        let changes = command(control, &["journal", "--lines"]).unwrap();
        fs::write(&journal, changes).unwrap();
        check_refuses(
            &replay,
            "save what clients sent with fauxka journal --lines",
        );
        assert!(answers(bootstrap));
        let requests = command(control, &["journal", "--lines"]).unwrap();
        fs::write(&journal, requests).unwrap();
        check_refuses(
            &replay,
            "start the cluster that is recorded with --journal-bodies",
        );
    });
    fs::remove_file(&journal).unwrap();
}

#[test]
fn a_closed_pipe_ends_a_command_quietly() {
    check_runs(&OPEN, "TERM", |ready| {
        let control = value_of(ready, "control").unwrap();
        for words in [
            "completions bash",
            "metrics",
            "journal",
            "cluster --watch",
            "--help",
        ] {
            let (reader, writer) = io::pipe().unwrap();
            drop(reader);
            let arguments: Vec<&str> = words.split(' ').collect();
            let output = fauxka(&arguments)
                .env("FAUXKA_CONTROL", control)
                .stdout(writer)
                .stderr(Stdio::piped())
                .output()
                .unwrap();
            let complaint = String::from_utf8(output.stderr).unwrap();
            assert_eq!(
                (output.status.code(), &*complaint),
                (Some(0), ""),
                "{words}"
            );
        }
    });
}

#[test]
fn options_can_come_from_the_environment() {
    let mut program = fauxka(&["--nodes", "2"]);
    program.envs([
        ("FAUXKA_LISTEN", "0"),
        ("FAUXKA_CONTROL_LISTEN", "0"),
        ("FAUXKA_NODES", "5"),
        ("FAUXKA_TOPIC", "a:2,b"),
        (
            "FAUXKA_CONFIG",
            "num.partitions=3\nlog.cleanup.policy=compact,delete",
        ),
        ("FAUXKA_CLOCK", "manual"),
        ("FAUXKA_SEED", "9"),
        ("FAUXKA_MAX_LOG_BYTES", "64MiB"),
        ("FAUXKA_JOURNAL_BODIES", "true"),
        ("FAUXKA_EXIT_WITH_PARENT", "no"),
    ]);
    let (program, ready) = running(&mut program);
    let bootstrap = value_of(&ready, "bootstrap").unwrap();
    assert_eq!(bootstrap.split(',').count(), 2, "an option is stronger");
    assert_eq!(value_of(&ready, "seed"), Some("9"));
    // The environment of a cluster is not in the way of commands.
    let control = value_of(&ready, "control").unwrap();
    let asked = fauxka(&["--control", control, "cluster"])
        .envs([("FAUXKA_NODES", "5"), ("FAUXKA_TOPIC", "a")])
        .output()
        .unwrap();
    let shown = String::from_utf8(asked.stdout).unwrap();
    for words in ["topics: 2", "clock: manual", "log: 0 B of 64 MiB (0 %)"] {
        assert!(shown.contains(words), "{shown}");
    }
    assert_eq!(terminated(program).0, Some(0));
    let output = fauxka(&["--no-control"])
        .env("FAUXKA_NODES", "many")
        .output();
    let complaint = String::from_utf8(output.unwrap().stderr).unwrap();
    assert!(complaint.contains("--nodes"), "{complaint}");
}

#[test]
fn a_cluster_is_waited_for() {
    check_runs(&OPEN, "TERM", |ready| {
        let (control, bootstrap) = (value_of(ready, "control"), value_of(ready, "bootstrap"));
        let control = control.unwrap();
        assert_eq!(command(control, &["wait"]), Ok(String::new()));
        let nodes = ["wait", "--bootstrap", bootstrap.unwrap()];
        assert_eq!(command("http://127.0.0.1:1", &nodes), Ok(String::new()));
        let stranger = control.strip_prefix("http://").unwrap();
        let stranger = ["wait", "--timeout", "1ms", "--bootstrap", stranger];
        let why = command(control, &stranger).unwrap_err();
        assert!(why.contains("no cluster answered within 1ms"), "{why}");
    });
    let nobody = command("http://127.0.0.1:1", &["wait", "--timeout", "60ms"]);
    let why = nobody.unwrap_err();
    assert!(why.contains("no cluster answered within 60ms"), "{why}");
}

#[test]
fn errors_of_the_control_port_are_json_under_every_path() {
    check_runs(&OPEN, "TERM", |ready| {
        let control = value_of(ready, "control").unwrap();
        for (method, path, body, status, words) in [
            (
                "GET",
                "/v1/nothing",
                "",
                "404",
                "there is no /v1/nothing here",
            ),
            (
                "DELETE",
                "/v1/cluster",
                "",
                "405",
                "/v1/cluster does not take DELETE",
            ),
            ("POST", "/v1/faults", "{", "400", "EOF while parsing"),
            ("GET", "/v1/faults/x", "", "404", "no fault rule"),
            (
                "GET",
                "/v1/journal?limit=x",
                "",
                "400",
                "limit: invalid digit",
            ),
            (
                "GET",
                "/v1/topics/t/0/records?form=1",
                "",
                "400",
                "did you mean `from`?",
            ),
            (
                "POST",
                "/v1/reset",
                r#"{"only":["topic"]}"#,
                "422",
                "did you mean `topics`?",
            ),
            (
                "POST",
                "/v1/faults",
                r#"{"topics":"a"}"#,
                "422",
                "did you mean `topic`?",
            ),
            (
                "POST",
                "/v1/faults",
                r#"{"api":"Fetch","before_apply":{"error":"NOT_LEADER"}}"#,
                "422",
                "did you mean NOT_LEADER_OR_FOLLOWER?",
            ),
        ] {
            let answer = ask(control, "localhost", method, path, body);
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{path}: {answer}"
            );
            let (_, said) = answer.split_once("\r\n\r\n").unwrap();
            let said: serde_json::Value = serde_json::from_str(said).expect(said);
            let error = said["error"].as_str().unwrap();
            assert!(error.contains(words), "{path}: {error}");
            assert!(!error.starts_with("Failed to"), "{path}: {error}");
        }
    });
}

#[test]
fn other_protocols_are_named_where_their_connections_end() {
    check_runs(&OPEN, "TERM", |ready| {
        let bootstrap = value_of(ready, "bootstrap").unwrap();
        for (bytes, words) in [
            (&b"\x16\x03\x01\x02\x00\x01\x00"[..], "TLS ClientHello"),
            (b"GET /v1/cluster HTTP/1.1\r\n\r\n", "HTTP request"),
        ] {
            let mut stream = TcpStream::connect(bootstrap).unwrap();
            stream.write_all(bytes).unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
            let wait = ["journal", "wait", "--kind", "connection_closed"];
            let control = value_of(ready, "control").unwrap();
            let closed = command(control, &wait).unwrap();
            assert!(closed.contains(words), "{closed}");
            command(control, &["journal", "clear"]).unwrap();
        }
    });
}

#[test]
fn rows_are_in_a_file_as_they_happen() {
    let rows = file("rows.jsonl");
    let path = rows.to_str().unwrap();
    let arguments = [&OPEN[..], &["--topic", "t", "--journal-file", path]].concat();
    let (mut program, ready) = running(&mut fauxka(&arguments));
    let bootstrap = value_of(&ready, "bootstrap").unwrap();
    for _ in 0..50 {
        assert!(answers(bootstrap));
    }
    let mut seen = 0;
    // They are there though the program still runs, and was not asked to write them.
    while seen < 50 {
        let text = fs::read_to_string(&rows).unwrap();
        seen = text.matches(r#""api":"ApiVersions""#).count();
    }
    program.kill().unwrap();
    program.wait().unwrap();
    let text = fs::read_to_string(&rows).unwrap();
    assert!(text.ends_with('\n') && text.contains(r#""kind":"topic_created""#));
    for (line, number) in text.lines().zip(1..) {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(row["sequence"], number);
    }
    check_refuses(&arguments, "is there already");
    check_runs(&[&arguments[..], &["--force"]].concat(), "TERM", |_| {});
    fs::remove_file(&rows).unwrap();
}

#[test]
fn the_log_says_what_happens() {
    let arguments = [&OPEN[..], &["--topic", "t:2", "--nodes", "2"]].concat();
    let (program, ready) = running(&mut fauxka(&arguments));
    let control = value_of(&ready, "control").unwrap();
    command(control, &["node", "stop", "2"]).unwrap();
    let (_, log) = terminated(program);
    for words in [
        "is ready at 127.0.0.1:",
        "topic t created with 2 partitions",
        "node 2 stopped",
    ] {
        assert!(log.contains(words), "{log}");
    }
}

#[test]
fn what_is_shown_is_shown_again_while_somebody_watches() {
    check_runs(&OPEN, "TERM", |ready| {
        let control = value_of(ready, "control").unwrap();
        let (mut program, first) = running(&mut fauxka(&[
            "clock",
            "show",
            "--watch",
            "--control",
            control,
        ]));
        assert_eq!(first, "clock: real\n");
        let mut again = BufReader::new(program.stdout.take().unwrap()).lines();
        assert!(again.any(|line| line.unwrap() == "clock: real"));
        program.kill().unwrap();
        program.wait().unwrap();
    });
}

#[test]
fn shells_and_readers_of_manuals_are_served() {
    let folder = file("man");
    let output = start(&["man", folder.to_str().unwrap()])
        .wait_with_output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let page = fs::read_to_string(folder.join("fauxka-topic-records.1")).unwrap();
    assert!(page.contains("committed"), "{page}");
    fs::remove_dir_all(&folder).unwrap();
    check_runs(
        &[&OPEN[..], &["--topic", "orders"]].concat(),
        "TERM",
        |ready| {
            let control = value_of(ready, "control").unwrap();
            command(control, &["fault", "add", "--name", "lost", "--observe"]).unwrap();
            let candidates = |words: &str| {
                let words: Vec<&str> = words.split(' ').collect();
                let last = (words.len() - 1).to_string();
                let output = fauxka(&["--"])
                    .args(words)
                    .envs([("COMPLETE", "bash"), ("FAUXKA_CONTROL", control)])
                    .envs([("_CLAP_COMPLETE_INDEX", &*last), ("_CLAP_IFS", "\n")])
                    .output()
                    .unwrap();
                String::from_utf8(output.stdout).unwrap()
            };
            for (words, expected) in [
                ("fauxka fault add --api Prod", "Produce"),
                ("fauxka journal --error NOT_LE", "NOT_LEADER_OR_FOLLOWER"),
                ("fauxka topic show ord", "orders"),
                ("fauxka fault show l", "lost"),
            ] {
                assert_eq!(candidates(words), expected, "{words}");
            }
        },
    );
}
