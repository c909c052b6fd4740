//! The program's contract: one line on standard output, clean ends, clear errors.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "program/clusters.rs"]
mod clusters;
#[path = "program/command_line.rs"]
mod command_line;
#[path = "program/control.rs"]
mod control;
#[path = "program/recordings.rs"]
mod recordings;
#[path = "program/support.rs"]
mod support;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use support::{check_refuses, check_runs, value_of};

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
