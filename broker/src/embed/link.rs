//! What a test does to the bytes between clients and nodes.

use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use crate::server::link::rules::{Cut as How, Direction, LinkEffect, LinkRule, LinkSpec, Which};
use crate::server::shared::Shared;
use crate::wire::units::NodeId;

/// The connections that something is to be done to; from [`Broker::link`](super::Broker::link).
///
/// Without further words it is every connection of every client to every node, open or yet to come, in
/// both directions. Time passes for bytes in real time, also when the cluster's clock is manual.
///
/// ```
/// use std::time::Duration;
/// let broker = fauxka::Broker::builder().start_blocking()?;
/// let slow = broker.link().node(1).to_client().latency(Duration::from_millis(20), Duration::ZERO);
/// let torn = broker.link().client_id("orders").nth(2).cut(1000, fauxka::Cut::Reset);
/// // ... the application runs ...
/// assert_eq!(torn.hits(), 0);
/// slow.remove();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is done yet"]
pub struct Link {
    pub(super) shared: Arc<Shared>,
    node: Option<NodeId>,
    client_id: Option<String>,
    direction: Direction,
    which: Which,
}

/// How a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cut {
    /// It is closed, as if the other side had done so.
    Close,
    /// It ends with a TCP reset.
    Reset,
    /// The client reads the end, and may still send, which the node still does.
    HalfClose,
}

/// Something that is done to the bytes of connections, until it is removed. It stays when this value is
/// dropped.
#[derive(Debug, Clone)]
pub struct LinkFault {
    shared: Arc<Shared>,
    rule: Arc<LinkRule>,
}

impl Link {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            node: None,
            client_id: None,
            direction: Direction::Both,
            which: Which::All,
        }
    }

    /// Only connections to this node.
    pub const fn node(mut self, id: i32) -> Self {
        self.node = Some(NodeId(id));
        self
    }

    /// Only connections of the client with this `client.id`, each from its first request on.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// Only what the clients send.
    pub const fn to_broker(mut self) -> Self {
        self.direction = Direction::ToBroker;
        self
    }

    /// Only what the nodes send.
    pub const fn to_client(mut self) -> Self {
        self.direction = Direction::ToClient;
        self
    }

    /// Only one of these connections: the `n`th, counted from 1 and from now on, open ones first.
    pub const fn nth(mut self, n: u64) -> Self {
        self.which = Which::Nth(n);
        self
    }

    /// Only the first `n` of these connections.
    pub const fn first(mut self, n: u64) -> Self {
        self.which = Which::First(n);
        self
    }

    /// Only every `n`th of these connections.
    pub const fn every(mut self, n: NonZeroU64) -> Self {
        self.which = Which::Every(n);
        self
    }

    /// Each of these connections with this probability, from 0 to 1, by the cluster's seed.
    pub const fn probability(mut self, probability: f64) -> Self {
        self.which = Which::Chance(probability);
        self
    }

    /// Bytes arrive later by `by` and a random share of `jitter`, in their order.
    pub fn latency(self, by: Duration, jitter: Duration) -> LinkFault {
        self.mount(LinkEffect::Latency { by, jitter })
    }

    /// No more bytes than these pass in a second.
    pub fn bandwidth(self, bytes_per_second: NonZeroU64) -> LinkFault {
        self.mount(LinkEffect::Bandwidth { bytes_per_second })
    }

    /// Bytes arrive in pieces of this size, with a pause between two pieces.
    pub fn slice(self, bytes: NonZeroUsize, pause: Duration) -> LinkFault {
        self.mount(LinkEffect::Slice { bytes, pause })
    }

    /// One byte arrives with all its bits turned: the one at this place, counted from 0 and from when this
    /// takes hold of the connection.
    pub fn corrupt(self, at: u64) -> LinkFault {
        self.mount(LinkEffect::Corrupt { at })
    }

    /// A connection is cut when so many bytes have passed since this took hold of it; at once for 0.
    pub fn cut(self, after_bytes: u64, how: Cut) -> LinkFault {
        let how = match how {
            Cut::Close => How::Close,
            Cut::Reset => How::Reset,
            Cut::HalfClose => How::HalfClose,
        };
        let after = after_bytes;
        self.mount(LinkEffect::Cut { after, how })
    }

    /// Connections are accepted, and nothing passes on them until this is removed; then all of it does.
    pub fn silence(self) -> LinkFault {
        self.mount(LinkEffect::Silence)
    }

    /// Nodes do not listen, so connecting to them fails; open connections stay. This is about nodes, whatever
    /// else was said.
    pub fn refuse(mut self) -> LinkFault {
        self.client_id = None;
        self.which = Which::All;
        self.mount(LinkEffect::Refuse)
    }

    fn mount(self, effect: LinkEffect) -> LinkFault {
        let rule = self.shared.links.mount(LinkSpec {
            node: self.node,
            client_id: self.client_id,
            direction: self.direction,
            which: self.which,
            effect,
        });
        LinkFault {
            shared: self.shared,
            rule,
        }
    }
}

impl LinkFault {
    /// How many connections it has acted on; for [`Link::refuse`], how many times a node has ceased to
    /// listen.
    #[must_use]
    pub fn hits(&self) -> u64 {
        *self.rule.hits().borrow()
    }

    /// Ends when it has acted on so many connections. Give it a time limit of your own.
    pub async fn hit(&self, times: u64) {
        // Fails when nothing can hit it any more.
        if self
            .rule
            .hits()
            .wait_for(|hits| *hits >= times)
            .await
            .is_err()
        {
            std::future::pending::<()>().await;
        }
    }

    /// Ends it; what it held back passes. Once more does nothing.
    pub fn remove(&self) {
        self.shared.links.remove(self.rule.id);
    }
}

#[cfg(test)]
mod tests {
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
        let fault = broker.link().node(2).to_client().latency(late, late / 2);
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
        let piece = NonZeroUsize::new(7).unwrap();
        let fault = broker.link().slice(piece, Duration::from_micros(50));
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
        for link in [
            broker.link().to_broker(),
            broker.link().client_id("c").to_client(),
        ] {
            let fault = link.silence();
            open.write_all(&REQUEST).unwrap();
            until(|| fault.hits() == 1);
            open.set_nonblocking(true).unwrap();
            let error = open.read(&mut [0]).unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
            open.set_nonblocking(false).unwrap();
            fault.remove();
            assert_eq!(answer(&mut open).unwrap().0, 7);
            assert_eq!(fault.hits(), 1);
        }
    }

    #[test]
    fn the_second_connection_is_cut_within_its_answer() {
        let broker = start();
        let fault = broker.link().to_client().nth(2).cut(6, Cut::Close);
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
        let fault = broker.link().node(2).first(1).cut(0, Cut::Reset);
        let error = second.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        assert!(ask(&mut first).is_ok());
        assert!(ask(&mut connect(&broker, 2)).is_ok(), "the second one");
        assert_eq!(fault.hits(), 1);
    }

    #[test]
    fn half_a_connection_closes() {
        let broker = start();
        let fault = broker.link().cut(10, Cut::HalfClose);
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
        let fault = broker.link().to_client().corrupt(7);
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
        let fault = broker.link().node(1).refuse();
        until(|| fault.hits() == 1);
        assert!(TcpStream::connect(&address).is_err());
        assert!(ask(&mut open).is_ok());
        assert!(ask(&mut connect(&broker, 2)).is_ok());
        fault.remove();
        until(|| TcpStream::connect(&address).is_ok());
        assert!(ask(&mut connect(&broker, 1)).is_ok());
    }
}
