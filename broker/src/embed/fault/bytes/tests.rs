use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use tokio::time::Instant;

use super::*;
use crate::Broker;

/// ApiVersions version 0, with correlation id 7 and the client id "c".
const REQUEST: [u8; 15] = [0, 0, 0, 11, 0, 18, 0, 0, 0, 0, 0, 7, 0, 1, b'c'];

fn start() -> Broker {
    Broker::builder().nodes(2).start_blocking().unwrap()
}

fn connect(broker: &Broker, node: usize) -> TcpStream {
    let address = broker.bootstrap().split(',').nth(node - 1).unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    stream
}

/// The answer's correlation id and length.
fn answer(stream: &mut TcpStream) -> std::io::Result<(u8, usize)> {
    let mut head = [0; 8];
    stream.read_exact(&mut head)?;
    let length = usize::from(head[2]) * 256 + usize::from(head[3]);
    let mut body = vec![0; length - 4];
    stream.read_exact(&mut body)?;
    Ok((head[7], length))
}

fn ask(stream: &mut TcpStream) -> std::io::Result<(u8, usize)> {
    stream.write_all(&REQUEST)?;
    answer(stream)
}

#[track_caller]
fn until(done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !done() {
        assert!(Instant::now() < deadline, "it takes too long");
        std::thread::yield_now();
    }
}

#[test]
fn latency_is_of_one_node_and_one_direction() {
    let broker = start();
    let late = Duration::from_millis(40);
    let fault = broker
        .on_any()
        .node(2)
        .bytes()
        .to_client()
        .latency_with_jitter(late * 2, late)
        .mount();
    let began = Instant::now();
    assert_eq!(ask(&mut connect(&broker, 1)).unwrap().0, 7);
    assert_eq!(fault.hits(), 0);
    assert_eq!(ask(&mut connect(&broker, 2)).unwrap().0, 7);
    assert!(began.elapsed() >= late);
    assert_eq!(fault.hits(), 1);
}

#[test]
fn slices_arrive_whole() {
    let broker = start();
    let plain = ask(&mut connect(&broker, 1)).unwrap();
    let piece = 7;
    let fault = broker
        .on_any()
        .bytes()
        .slice(piece, Duration::from_micros(50))
        .mount();
    let mut stream = connect(&broker, 1);
    assert_eq!(ask(&mut stream).unwrap(), plain);
    assert_eq!(ask(&mut stream).unwrap(), plain);
    assert_eq!(fault.hits(), 1);
}

#[test]
fn silence_holds_bytes_back_and_loses_none() {
    let broker = start();
    let mut open = connect(&broker, 1);
    assert_eq!(ask(&mut open).unwrap().0, 7);
    for bytes in [
        broker.on_any().bytes().to_broker(),
        broker.on_any().client_id("c*").bytes().to_client(),
    ] {
        let fault = bytes.silence().expect(0..).mount();
        open.write_all(&REQUEST).unwrap();
        until(|| fault.hits() == 1);
        open.set_nonblocking(true).unwrap();
        let error = open.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
        open.set_nonblocking(false).unwrap();
        fault.release();
        assert_eq!(answer(&mut open).unwrap().0, 7);
        assert_eq!(fault.hits(), 1);
    }
}

#[test]
fn the_second_connection_is_cut_within_its_answer() {
    let broker = start();
    let fault = broker
        .on_any()
        .nth(2)
        .bytes()
        .to_client()
        .cut(6, Cut::Close)
        .expect(1)
        .mount();
    assert!(ask(&mut connect(&broker, 1)).is_ok());
    let mut second = connect(&broker, 1);
    second.write_all(&REQUEST).unwrap();
    let mut got = Vec::new();
    second.read_to_end(&mut got).unwrap();
    assert_eq!(got.len(), 6);
    assert!(ask(&mut connect(&broker, 1)).is_ok());
    assert_eq!(fault.hits(), 1);
}

#[test]
fn open_connections_are_reset_at_once() {
    let broker = start();
    let (mut first, mut second) = (connect(&broker, 1), connect(&broker, 2));
    assert!(ask(&mut first).is_ok() && ask(&mut second).is_ok());
    let fault = broker
        .on_any()
        .node(2)
        .count(1)
        .bytes()
        .cut(0, Cut::Reset)
        .mount();
    let error = second.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(ask(&mut first).is_ok());
    assert!(ask(&mut connect(&broker, 2)).is_ok(), "the second one");
    assert_eq!(fault.hits(), 1);
}

#[test]
fn half_a_connection_closes() {
    let broker = start();
    let fault = broker.on_any().bytes().cut(10, Cut::HalfClose).mount();
    let mut stream = connect(&broker, 1);
    stream.write_all(&REQUEST).unwrap();
    let mut got = Vec::new();
    stream.read_to_end(&mut got).unwrap();
    assert_eq!(got.len(), 10);
    assert!(stream.write_all(&REQUEST).is_ok());
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(fault.hits(), 1);
}

#[test]
fn a_corrupt_byte_arrives() {
    let broker = start();
    let fault = broker.on_any().bytes().to_client().corrupt(7).mount();
    let mut stream = connect(&broker, 1);
    assert_eq!(ask(&mut stream).unwrap().0, !7);
    assert_eq!(ask(&mut stream).unwrap().0, 7);
    assert_eq!(fault.hits(), 1);
}

#[test]
fn a_node_that_refuses_listens_again() {
    let broker = start();
    let mut open = connect(&broker, 1);
    assert!(ask(&mut open).is_ok());
    let address = broker.bootstrap().split(',').next().unwrap().to_owned();
    let fault = broker.on_any().node(1).bytes().refuse().mount();
    until(|| fault.hits() == 1);
    assert!(TcpStream::connect(&address).is_err());
    assert!(ask(&mut open).is_ok());
    assert!(ask(&mut connect(&broker, 2)).is_ok());
    fault.remove();
    until(|| TcpStream::connect(&address).is_ok());
    assert!(ask(&mut connect(&broker, 1)).is_ok());
}
