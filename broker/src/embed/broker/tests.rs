#[cfg(feature = "control")]
mod http;

use std::io::Read as _;
use std::net::TcpStream;

use super::*;
use crate::embed::error::StartError;

#[test]
fn brokers_are_shared_between_threads() {
    const fn check<T: Send + Sync>() {}
    check::<Broker>();
    check::<Builder>();
    check::<StartError>();
}

#[test]
fn dropping_a_broker_closes_its_connections() {
    let broker = Broker::builder().nodes(3).start_blocking().unwrap();
    let addresses: Vec<String> = broker.bootstrap().split(',').map(str::to_owned).collect();
    assert_eq!(addresses.len(), 3);
    let mut open: Vec<_> = addresses
        .iter()
        .map(|address| TcpStream::connect(address).unwrap())
        .collect();
    drop(broker);
    for stream in &mut open {
        assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
    }
    for address in &addresses {
        assert!(TcpStream::connect(address).is_err());
    }
}

#[test]
fn a_stopped_node_closes_its_connections_and_comes_back_where_it_was() {
    let broker = Broker::builder().nodes(2).start_blocking().unwrap();
    let address = broker.bootstrap().split(',').nth(1).unwrap();
    for _ in 0..3 {
        let mut open = TcpStream::connect(address).unwrap();
        broker.node(2).stop_blocking().unwrap();
        assert!(!broker.node(2).is_running());
        assert!(matches!(open.read(&mut [0]), Ok(0) | Err(_)));
        assert!(TcpStream::connect(address).is_err());
        broker.node(2).start_blocking().unwrap();
        assert!(broker.node(2).is_running());
    }
    TcpStream::connect(address).unwrap();
    assert!(broker.node(3).stop_blocking().is_err());
    assert!(broker.node(3).start_blocking().is_err());
}

#[test]
fn nodes_come_go_and_stand_still() {
    let broker = Broker::builder().start_blocking().unwrap();
    assert!(broker.node(1).remove_blocking().is_err(), "the last one");
    let second = broker.add_node_blocking(Some("b")).unwrap();
    assert_eq!(second.id(), 2);
    assert!(second.is_running());
    broker.rolling_restart_blocking().unwrap();
    assert!(second.is_running());
    let mut open = TcpStream::connect(broker.bootstrap()).unwrap();
    broker.node(1).pause().unwrap();
    broker.node(1).pause().unwrap();
    let request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
    std::io::Write::write_all(&mut open, &request).unwrap();
    open.set_nonblocking(true).unwrap();
    assert!(open.read(&mut [0]).is_err());
    open.set_nonblocking(false).unwrap();
    broker.node(1).resume().unwrap();
    open.read_exact(&mut [0; 8]).unwrap();
    second.remove_blocking().unwrap();
    assert!(!second.is_running());
    assert!(second.pause().is_err());
}

#[test]
fn what_cannot_start_says_why() {
    #[track_caller]
    fn check(builder: Builder, words: &str) {
        let error = builder.start_blocking().unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    check(Broker::builder().nodes(0), "at least one node");
    check(
        Broker::builder().config("num.partitons", "1"),
        "num.partitions",
    );
    check(
        Broker::builder().config("num.partitions", "x"),
        "Not a number",
    );
    check(Broker::builder().properties("a=\\u00g0"), "line 1");
    check(Broker::builder().topic("a/b", 1, 1), "a/b");
    check(Broker::builder().topic("t", 1, 2), "replication");
    check(Broker::builder().topic("t", 0, 1), "partition");
    check(Broker::builder().rack(7, "r"), "7");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    check(Broker::builder().listen(&address), &address);
}
