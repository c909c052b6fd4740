//! What a fault rule does to the bytes between clients and nodes.

use std::time::Duration;

use super::FaultRule;
use crate::engine::fault::{ByteAction, Cut, Delay, Towards};

/// What a rule does to the bytes of connections; from [`FaultRule::bytes`].
///
/// The rule is about connections, open ones and those to come: it selects them by node and client id, and acts on
/// the n-th, on so many, on every n-th or by chance. A connection's client is known from its first request on. A hit is
/// a connection that it has really acted on. Bytes take their time in real time, whatever a manual clock does, or in the
/// time of the runtime where a cluster is [in memory](crate::InMemory). A rule that ends loses none: what it held back
/// passes.
///
/// ```
/// use std::time::Duration;
/// let broker = fauxka::Broker::builder().start_blocking()?;
/// let slow = broker.on_any().node(1).bytes().to_client().latency(Duration::from_millis(20)).mount();
/// let torn = broker.on_any().client_id("orders-*").nth(2).bytes().cut(1000, fauxka::Cut::Reset).mount();
/// // ... the application runs ...
/// assert_eq!(torn.hits(), 0);
/// slow.remove();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a stage does nothing without an action"]
pub struct FaultBytes<'a>(FaultRule<'a>);

impl<'a> FaultBytes<'a> {
    pub(super) const fn of(rule: FaultRule<'a>) -> Self {
        Self(rule)
    }

    /// Only what clients send.
    pub const fn to_broker(mut self) -> Self {
        self.0.rule.to = Some(Towards::Broker);
        self
    }

    /// Only what nodes send.
    pub const fn to_client(mut self) -> Self {
        self.0.rule.to = Some(Towards::Client);
        self
    }

    /// Bytes arrive later, in their order.
    pub fn latency(self, by: Duration) -> FaultRule<'a> {
        self.latency_with_jitter(by, Duration::ZERO)
    }

    /// Bytes arrive later, up to `jitter` more or less than `by`, in their order.
    pub fn latency_with_jitter(self, by: Duration, jitter: Duration) -> FaultRule<'a> {
        self.act(ByteAction::Latency(Delay { wait: by, jitter }))
    }

    /// No more bytes than these pass in a second.
    pub fn bandwidth(self, bytes_per_second: u64) -> FaultRule<'a> {
        self.act(ByteAction::Bandwidth(bytes_per_second))
    }

    /// Bytes arrive in pieces of this size, with a pause between two.
    pub fn slice(self, bytes: usize, pause: Duration) -> FaultRule<'a> {
        let jitter = Duration::ZERO;
        let pause = Delay {
            wait: pause,
            jitter,
        };
        self.act(ByteAction::Slice { bytes, pause })
    }

    /// One byte arrives with all its bits turned: the one at this place, counted from 0 and from when the
    /// rule took hold of the connection.
    pub fn corrupt(self, at: u64) -> FaultRule<'a> {
        self.act(ByteAction::Corrupt(at))
    }

    /// A connection is cut when so many bytes have passed since the rule took hold of it; at once for 0.
    pub fn cut(self, after_bytes: u64, how: Cut) -> FaultRule<'a> {
        let after = after_bytes;
        self.act(ByteAction::Cut { after, how })
    }

    /// Connections are accepted, and nothing passes on them until the rule is released; then all of it does.
    pub fn silence(self) -> FaultRule<'a> {
        self.act(ByteAction::Silence)
    }

    /// The node does not listen, so connecting to it fails; open connections stay. A hit is each time that a
    /// node has ceased to listen.
    pub fn refuse(self) -> FaultRule<'a> {
        self.act(ByteAction::Refuse)
    }

    fn act(mut self, action: ByteAction) -> FaultRule<'a> {
        self.0.rule.bytes = Some(action);
        self.0
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
}
