mod bad_files;
mod midway;
mod served;

use std::fs::{self, File};
use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;

use flate2::bufread::MultiGzDecoder;

use super::*;
use crate::Broker;
use crate::clock::Clock;

/// A file of its own, gone with the test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let process = std::process::id();
        let file = format!("fauxka-recording-{process}-{name}.run");
        Self(std::env::temp_dir().join(file))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Where a node is, of those that are numbered from 1.
fn address(broker: &Broker, node: i32) -> &str {
    let mut all = broker.bootstrap().split(',');
    all.nth(usize::try_from(node - 1).unwrap()).unwrap()
}

/// A client that asks and waits for the answer.
struct Client {
    stream: TcpStream,
    asked: i32,
}

impl Client {
    /// Of the first node.
    fn new(broker: &Broker) -> Self {
        Self::of(broker, 1)
    }

    fn of(broker: &Broker, node: i32) -> Self {
        let stream = TcpStream::connect(address(broker, node)).unwrap();
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).unwrap();
        Self { stream, asked: 0 }
    }

    fn ask(&mut self, key: i16, version: i16, body: &[u8]) -> Vec<u8> {
        self.asked += 1;
        let frame = crate::wire::frame::request((key, version, self.asked), "test", body);
        self.stream.write_all(&frame).unwrap();
        let mut size = [0; 4];
        self.stream.read_exact(&mut size).unwrap();
        let mut answer = vec![0; usize::try_from(u32::from_be_bytes(size)).unwrap()];
        self.stream.read_exact(&mut answer).unwrap();
        answer
    }

    fn metadata(&mut self) {
        self.ask(3, 1, &[0xff; 4]);
    }

    fn log_in(&mut self, name: &str, password: &str) {
        self.ask(17, 1, b"\0\x05PLAIN");
        let token = format!("\0{name}\0{password}");
        let size = i32::try_from(token.len()).unwrap();
        let body = [&size.to_be_bytes()[..], token.as_bytes()].concat();
        self.ask(36, 0, &body);
    }
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let file = BufReader::new(File::open(path).unwrap());
    MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

fn pack(path: &Path, text: &str) {
    let file = File::create(path).unwrap();
    let mut to = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    to.write_all(text.as_bytes()).unwrap();
    to.finish().unwrap();
}

/// A cluster to which something of everything happens.
fn record(place: &Place) {
    let builder = Broker::builder().nodes(1).topic("orders", 2, 1);
    // Who fails to log in is told at once.
    let builder = builder.config("connection.failed.authentication.delay.ms", "0");
    let builder = builder.clock(Clock::manual()).user("alice", "pa55word");
    let broker = builder.record(&place.0).start_blocking().unwrap();
    let mut client = Client::new(&broker);
    client.ask(18, 0, &[]);
    client.log_in("alice", "pa55word");
    client.metadata();
    broker.produce("orders").value("first").send().unwrap();
    broker.add_user("bob", "other5ecret").unwrap();
    broker.create_topic("payments").create().unwrap();
    broker
        .on(crate::Api::Metadata)
        .nth(2)
        .after_apply()
        .error(crate::ErrorCode::LeaderNotAvailable)
        .mount();
    client.metadata();
    client.metadata();
    broker
        .clock()
        .advance_blocking(Duration::from_secs(400))
        .unwrap();
    Client::new(&broker).log_in("bob", "wr0ng");
}

#[test]
fn a_run_happens_again_to_the_same_answers() {
    let place = Place::new("again");
    record(&place);
    let recording = Recording::load(&place.0).unwrap();
    assert_eq!(recording.recorded_by(), env!("CARGO_PKG_VERSION"));
    let rerun = recording.rerun().unwrap();
    assert_eq!(rerun.difference(), None);
    assert!(rerun.is_whole());
    assert_eq!(rerun.ended(), None);
    assert_eq!(rerun.answers(), 8);
    assert_eq!(rerun.topics().len(), 2);
    let rows = rerun.journal().count();
    assert!(rows > 10, "{rows}");
}

#[test]
fn passwords_and_tokens_are_not_written_down() {
    let place = Place::new("secrets");
    record(&place);
    let text = unpacked(&place.0);
    assert!(text.contains("alice"));
    for secret in ["pa55word", "other5ecret", "wr0ng"] {
        assert!(!text.contains(secret), "{secret}");
        let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, secret);
        assert!(!text.contains(&encoded[..encoded.len() - 4]), "{secret}");
    }
}

#[test]
fn another_answer_is_found() {
    let place = Place::new("differs");
    record(&place);
    let text = unpacked(&place.0);
    let last = text
        .lines()
        .rev()
        .find(|line| line.contains("\"digest\":") && !line.contains("null"));
    let last = last.unwrap();
    let start = last.rfind(':').unwrap() + 1;
    let changed = format!("{}1}}}}", &last[..start]);
    pack(&place.0, &text.replace(last, &changed));
    let rerun = Recording::load(&place.0).unwrap().rerun().unwrap();
    let difference = rerun.difference().unwrap();
    assert!(difference.contains("is another one"), "{difference}");
}

#[test]
fn a_rerun_stops_where_it_is_told_to() {
    let place = Place::new("until");
    record(&place);
    let recording = Recording::load(&place.0).unwrap();
    let early = recording.rerun_until(Until::Time(Duration::ZERO)).unwrap();
    let all = recording.rerun().unwrap();
    assert!(early.inputs() < all.inputs());
    assert_eq!(early.elapsed(), Duration::ZERO);
    let one = recording.rerun_until(Until::Input(1)).unwrap();
    assert_eq!((one.inputs(), one.topics().len()), (1, 1));
}
