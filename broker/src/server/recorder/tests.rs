use std::io;
use std::time::Duration;

use super::*;
use crate::engine::ids::FaultId;
use crate::engine::input::Input;
use crate::engine::testing::Bench;
use crate::engine::time::Now;
use crate::wire::rope::RopeMut;
use crate::wire::units::WallMillis;

/// A disk with room for so many bytes.
struct Disk {
    room: usize,
    written: Arc<Mutex<Vec<u8>>>,
}

impl io::Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.written.lock().unwrap();
        let room = self.room - written.len();
        if room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = &bytes[..bytes.len().min(room)];
        written.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn begin(room: usize) -> (Recorder, Receiver<()>, Arc<Mutex<Vec<u8>>>) {
    let written = Arc::default();
    let disk = Disk {
        room,
        written: Arc::clone(&written),
    };
    let paper = Paper {
        path: "there".into(),
        to: Box::new(disk),
        bytes_max: BYTES_MAX,
    };
    let mut bench = Bench::new(&[]);
    let head = bench
        .engine
        .begin_recording(bench.now, &mut Default::default());
    let (recorder, begun) = Recorder::write_to(paper, head.unwrap());
    (recorder, begun, written)
}

fn unpacked(written: &Arc<Mutex<Vec<u8>>>) -> String {
    let mut text = Vec::new();
    let written = written.lock().unwrap();
    // What is cut off ends with an error.
    let _ = io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&**written), &mut text);
    String::from_utf8(text).unwrap()
}

fn entry(number: u64) -> Entry {
    let now = Now {
        elapsed: Duration::from_nanos(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        wall: WallMillis(0),
    };
    Entry::input(now, &Input::LinkActed(FaultId(number)))
}

#[test]
fn a_full_disk_ends_the_recording_and_says_so() {
    let (mut recorder, begun, written) = begin(10_000);
    begun.recv().unwrap();
    let mut noted = 0;
    while recorder.note(&entry(noted)) {
        noted += 1;
        assert!(noted < 1_000_000, "it goes on");
    }
    let why = io::Error::from(io::ErrorKind::StorageFull).to_string();
    assert_eq!(recorder.progress().ended(), Some(why));
    assert_eq!(recorder.progress().bytes(), 10_000);
    let settled = settle(&recorder.flush(), recorder.path(), recorder.progress());
    let settled = settled.unwrap_err().to_string();
    assert_eq!(settled, "there cannot be written: no storage space");
    drop(recorder);
    let lines = unpacked(&written).lines().count();
    assert!(lines > 10, "{lines}");
}

#[test]
fn a_disk_that_is_full_at_once_keeps_a_recording_from_beginning() {
    let (recorder, begun, _) = begin(3);
    let began = settle(&begun, recorder.path(), recorder.progress());
    let refused = began.unwrap_err().to_string();
    assert_eq!(refused, "there cannot be written: no storage space");
}

#[test]
fn an_answer_to_a_request_from_before_is_none_of_the_recording() {
    let (mut recorder, _begun, written) = begin(1_000_000);
    let answer = |connection| Entry::Answer {
        connection: ConnectionId(connection),
        digest: Some(crate::engine::recording::Digest::of(&RopeMut::default())),
    };
    let bench = Bench::new(&[]);
    let asked = bench.request(
        ConnectionId(2),
        "c",
        0,
        crate::wire::messages::ApiVersionsRequest::default(),
    );
    recorder.note(&answer(1));
    recorder.note(&Entry::input(bench.now, &asked));
    recorder.note(&answer(1));
    recorder.note(&answer(2));
    assert_eq!(recorder.progress().inputs(), 1);
    drop(recorder);
    let text = unpacked(&written);
    let lines: Vec<_> = text.lines().skip(1).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[1].starts_with(r#"{"answer":{"connection":2"#),
        "{text}"
    );
}
