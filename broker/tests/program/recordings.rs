//! Recordings of a program that runs, that was killed, and that is served again.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;

use fauxka::recording::Recording;

use crate::support::{ask, check_refuses, check_runs, command, start, value_of};

/// A file of a test's own, gone with it.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let file = format!("fauxka-program-{}-{name}.run", std::process::id());
        Self(std::env::temp_dir().join(file))
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

const OPEN: [&str; 4] = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"];

fn rerun(arguments: &[&str]) -> String {
    let arguments = [&["rerun"], arguments].concat();
    let output = start(&arguments).wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_recording_is_started_fetched_and_served() {
    let [place, other] = ["fetched", "again"].map(Place::new);
    let options = [&OPEN[..], &["--topic", "t:2"]].concat();
    check_runs(&options, "TERM", |ready| {
        let control = value_of(ready, "control").unwrap();
        for (method, at, words) in [
            ("GET", "/v1/recording", "404 Not Found"),
            ("GET", "/v1/recording", "nothing was recorded"),
            ("GET", "/v1/recording/file", "nothing was recorded"),
            ("POST", "/v1/recording/stop", "409 Conflict"),
            ("POST", "/v1/recording/stop", "nothing is being recorded"),
        ] {
            let answer = ask(control, "localhost", method, at, "");
            assert!(answer.contains(words), "{at}: {answer}");
        }
        let answer = ask(
            control,
            "localhost",
            "POST",
            "/v1/recording",
            r#"{"path":"x"}"#,
        );
        assert!(answer.contains("unknown field `path`"), "{answer}");
        command(control, &["recording", "start"]).unwrap();
        let answer = ask(control, "localhost", "POST", "/v1/recording", "{}");
        assert!(answer.contains("is being recorded already"), "{answer}");
        command(control, &["topic", "recreate", "t"]).unwrap();
        command(control, &["recording", "fetch", place.path()]).unwrap();
        let partial = Recording::load(&place.0).unwrap().rerun().unwrap();
        assert_eq!((partial.difference(), partial.is_whole()), (None, false));
        assert_eq!(partial.inputs(), 1);
        command(control, &["user", "list"]).unwrap();
        let stopped = command(control, &["recording", "stop"]).unwrap();
        assert!(stopped.contains("running: false"), "{stopped}");
        command(control, &["recording", "fetch", place.path(), "--force"]).unwrap();
        command(control, &["recording", "fetch", other.path()]).unwrap();
        let own = stopped.lines().find_map(|line| line.strip_prefix("file: "));
        let own = own.unwrap().to_owned();
        assert_eq!(fs::read(&place.0).unwrap(), fs::read(&own).unwrap());
    });
    let said = rerun(&[place.path()]);
    assert!(said.ends_with("0 answers as recorded\n"), "{said}");
    let served = [&["rerun", place.path(), "--serve"], &OPEN[..]].concat();
    check_runs(&served, "TERM", |ready| {
        let control = value_of(ready, "control").unwrap();
        let topics = command(control, &["topic", "list"]).unwrap();
        assert!(topics.contains('t'), "{topics}");
        let clock = command(control, &["clock", "show"]).unwrap();
        assert!(clock.contains("manual"), "{clock}");
    });
    check_refuses(
        &["rerun", place.path(), "--listen", "127.0.0.1:0"],
        "give --serve, too",
    );
}

#[test]
fn the_process_s_own_file_goes_with_it() {
    let mut own = String::new();
    check_runs(&OPEN, "TERM", |ready| {
        let control = value_of(ready, "control").unwrap();
        for _ in 0..2 {
            let started = command(control, &["recording", "start"]).unwrap();
            assert!(own.is_empty() || fs::exists(&own).is_ok_and(|there| !there));
            let file = started.lines().find_map(|line| line.strip_prefix("file: "));
            file.unwrap().clone_into(&mut own);
            assert!(fs::exists(&own).unwrap(), "{own}");
            command(control, &["recording", "stop"]).unwrap();
        }
    });
    assert!(!fs::exists(&own).unwrap(), "{own}");
}

#[test]
fn what_a_process_recorded_until_it_was_killed_runs_again() {
    let place = Place::new("killed");
    let options = [&OPEN[..], &["--record", place.path(), "--topic", "t"]].concat();
    let mut program = start(&options);
    let mut ready = String::new();
    let mut out = BufReader::new(program.stdout.take().unwrap());
    out.read_line(&mut ready).unwrap();
    let control = value_of(&ready, "control").unwrap();
    for _ in 0..3 {
        command(control, &["topic", "recreate", "t"]).unwrap();
    }
    // All that has happened is in the file as soon as somebody asks for it.
    let asked = ask(control, "localhost", "GET", "/v1/recording/file", "");
    assert!(asked.starts_with("HTTP/1.1 200"));
    program.kill().unwrap();
    program.wait().unwrap();
    let rerun = Recording::load(&place.0).unwrap().rerun().unwrap();
    assert_eq!((rerun.difference(), rerun.is_whole()), (None, false));
    assert!(rerun.inputs() >= 3);
    check_refuses(&options, "is there already");
}
