//! Every target over the inputs that are kept. What the fuzzer finds becomes a test of its own here, named for what was wrong.

mod seeds;

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{TARGETS, run};
use crate::wire::frame;

/// Takes the inputs of a target that are kept in `fixtures/fuzz`.
fn kept(target: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/fuzz");
    let path = Path::new(path).join(format!("{target}.txt"));
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(
        lines.len() > 20,
        "{}: nearly nothing is kept",
        path.display()
    );
    for line in lines {
        run(target, &BASE64_STANDARD.decode(line).unwrap());
    }
}

#[test]
fn frames_that_are_kept() {
    kept("frames");
}

#[test]
fn batches_that_are_kept() {
    kept("batches");
}

#[test]
fn metadata_that_is_kept() {
    kept("metadata");
}

#[test]
fn logins_that_are_kept() {
    kept("logins");
}

#[test]
fn control_requests_that_are_kept() {
    kept("control");
}

#[test]
fn files_that_are_kept() {
    kept("files");
}

#[test]
fn operations_that_are_kept() {
    kept("engine");
}

/// The journal had an error of a Metadata request with an id that the answer of v10 has no field for.
#[test]
fn an_error_that_the_version_cannot_say_is_not_in_the_journal() {
    let topics = [&[2][..], &[7; 16], &[2, b'x', 0]].concat();
    let frame = frame::request((3, 10, 1), "c", &[&topics[..], &[1, 0, 0, 0]].concat());
    run("frames", &[&[0], &frame[..]].concat());
}

/// The tree of a body with unknown tags in disorder was another one when it was written and read again.
#[test]
fn tagged_fields_in_disorder_are_one_tree() {
    let bytes = BASE64_STANDARD.decode("AAAAAC0ACwAIAAAAAQABYwACZwAAdTAAAHUwAQJpCWPvbnN1bWVyAgZyYW5nZQEAAAAAAAggAAwABAAAAAEAAWMAAmcAAAACC2otPHV1aWQgMz4CagAAAAAgAAwABAAAAAEAAWMAAmcAAAACC2ktPHV1aWQgMj4CaQAAAAAgAAwABAAAAAEAAWMAIQJnAAAAAgtpLTx1dWlkIDQ+AmkAAAAAMAAOAAUAAAABAAFjAP9nAAAAAgtpLTx1dWlkIDQ+AmkJY29uc3VtZXIGcmFuZ2UBAAAAABEADwAFAAAAAQABYwAmAgJnAAA=").unwrap();
    run("frames", &bytes);
}

/// A tag of more than 31 bits, which kafka-protocol counts and leaves out when it encodes: nobody but this fuzzer has it do so.
#[test]
fn tags_of_32_bits_are_read() {
    let frame = concat!(
        "AAAAKTAAHgACAAAAAQABYwADAQRhYmMBBGFiYwRhYmMBAQABBGFiYwEEYWJjBGFiKTCCAB4AEQAAAAAbAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAXACcAAQAA/34AAQABYwAAAAD//////////wAAABcAJwABAAAAAQABYwAAAAAAAAAAAAAAEAAAABdQJwBsb2cul5Bs",
        "bC5ob3VycwAAAADqYAAAAAAXACcAAQAAAAEAAWP/AAAAFwAn/v7+BAAAAAAAAAAAAAAAAAAAFwAnAAEAAAABAAFjAAAAAAAAAAAA",
        "AAAQAAAAF1AnAGxvZy5yb2xsLmhvdXJzAAAAAOpgAAAAFwAnAAEAAAABAAFj/wAAABcAJ/7+/gAAAAAAAAAAAAAAAAAA////+QgA",
        "AAAAAAAAAAAAAIAAAAAAAAAAAAAAAAAAAAAAAA==",
    );
    run("frames", &BASE64_STANDARD.decode(frame).unwrap());
}

#[test]
fn nothing_at_all_is_taken_by_every_target() {
    for (name, _) in TARGETS {
        run(name, b"");
    }
}

/// A snapshot was expected to be read of a cluster whose brokers clients had all unregistered.
#[test]
fn a_cluster_without_brokers_goes_on() {
    let operations = concat!(
        "qIYxxMdULcqDya41NtJAQKowS+CZf/XPCWe/nf26DTqDTmPBKws1fAnCjLj27o3z3dNtJNH9ao34/iGbB6jM8RuOfHedWCP87ZPH",
        "gYGBgYGBgYGBh4GBgYGBgYF7w/5dBarSRa0KrMDfc3RyZWFtcy52ZXJzaW9uJyFQvECfKwF46OwtTqMS6QZQ/v2n3qu1yzB4+1PV",
        "1B4Qhdgcjpxnl0CmR8xa35ZSRSXfhZU500CcvQ6+1L4UhklJZEKOS7EOvQZvPsKWkJJhUW4tQUxcgNBEZi5YaTLAPYlcEHXb7fCP",
        "cT34/tM4mgI3NfQUgfThZqOpQi8DkXu138KC5QokJKL9dSYDlrnh9kOc59AOnk3y5dyLU37cIw/swJNFmB1Mbs43p2acfeIGTupP",
        "h/n+OpnUQ24RL5+WkJJkBBtSCaIi2HxjIdGQiklN1PWDxZN0RH6Xd8iLUGeUx0cEJqAjLNWdjU14EqZ2P+gt0mGoDTuYW2ipUT4D",
        "7olYSu+V84nshg==",
    );
    run("engine", &BASE64_STANDARD.decode(operations).unwrap());
}

/// The first heartbeat of a streams group was refused, and left the timer of its first assignment behind.
#[test]
fn a_streams_group_that_is_refused_leaves_no_timer() {
    let operations = concat!(
        "CjY2NjY2NjY2NjYuNjY2NjY2TTZkZWxVZSVd/19fc2hhcmVfZ3JvdXBfc3RhdGU/Aw+nuPLFbG9nLnByZWFsbG9jYQ8PDw8PDw8P",
        "Dw8PAgC8AQAADw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDwIAvAEAAA8PD3RlqTscXXhR",
        "JlZT8wAAAnR4ADAAAQAAAAAAAAAAAAErwAMCAnQCAA==",
    );
    run("metadata", &BASE64_STANDARD.decode(operations).unwrap());
}
