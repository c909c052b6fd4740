//! Clusters that commands ask, files describe and a reset makes again.

use crate::support::{answers, ask, check_refuses, check_runs, command, start, value_of};

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
        check(&["cluster"], &format!("\n1   {bootstrap}  -     true"));
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

#[test]
fn it_starts_from_a_snapshot_that_another_has_saved() {
    let file = std::env::temp_dir().join(format!("fauxka-{}.fauxka", std::process::id()));
    let path = file.to_str().unwrap();
    let open = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"];
    let first = [&open[..], &["--nodes", "2", "--topic", "t:3"]].concat();
    check_runs(&first, "TERM", |ready| {
        let control = value_of(ready, "control").unwrap();
        command(control, &["snapshot", "save", path]).unwrap();
        for (method, at, body, words) in [
            ("PUT", "/v1/snapshot", "x", "400 Bad Request"),
            ("PUT", "/v1/snapshot", "x", "this is not a snapshot"),
            ("POST", "/v1/snapshots/a", "", "\"topics\":1"),
        ] {
            let answer = ask(control, "localhost", method, at, body);
            assert!(answer.contains(words), "{at}: {answer}");
        }
        for number in 1..16 {
            let name = format!("s{number}");
            command(control, &["snapshot", "take", &name]).unwrap();
        }
        command(control, &["snapshot", "take", "s1"]).unwrap();
        let more = command(control, &["snapshot", "take", "more"]).unwrap_err();
        assert!(more.contains("16 snapshots are kept"), "{more}");
    });
    let second = [&["serve", "--snapshot", path], &open[..]].concat();
    check_runs(&second, "TERM", |ready| {
        let bootstrap = value_of(ready, "bootstrap").unwrap();
        assert_eq!(bootstrap.split(',').count(), 2);
        let control = value_of(ready, "control").unwrap();
        let shown = command(control, &["topic", "show", "t"]).unwrap();
        assert!(shown.contains("partitions: 3"), "{shown}");
    });
    std::fs::write(&file, "spoilt").unwrap();
    check_refuses(&["--snapshot", path], "this is not a snapshot");
    std::fs::remove_file(&file).unwrap();
    check_refuses(&["--snapshot", path], "cannot read");
}
