//! Beginning anew, from a test.

use super::node::wait;
use super::{Broker, CommandError};
use crate::engine::reset::Kind;

impl Broker {
    /// Makes the cluster what it was at its start: stopped and paused nodes run, and the topics, records, committed
    /// offsets and fault rules that the builder names are there; nothing else is. Topics have new ids, except for those
    /// of the snapshot that the cluster began from. Connections stay, except for those that wait for an answer: these are closed. Neither time nor nodes
    /// that were added or removed go back.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.produce("orders").value("first").send()?;
    /// broker.create_topic("payments").create()?;
    /// broker.reset()?;
    /// assert_eq!(broker.topics().len(), 1);
    /// assert!(broker.partition("orders", 0).values()?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When a node's port is taken meanwhile, or nodes were removed that topics need.
    pub fn reset(&self) -> Result<(), CommandError> {
        let closing = self.started.shared.reset(None)?;
        wait(&self.started.shared, closing);
        Ok(())
    }

    /// The same for some of what the cluster holds; everything else stays.
    ///
    /// # Errors
    /// When nodes were removed that topics need.
    pub fn reset_only(&self, kinds: &[Kind]) -> Result<(), CommandError> {
        let closing = self.started.shared.reset(Some(kinds))?;
        wait(&self.started.shared, closing);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpStream;

    use super::*;

    fn answers(broker: &Broker) -> bool {
        let mut stream = TcpStream::connect(broker.bootstrap()).unwrap();
        let request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
        let sent = std::io::Write::write_all(&mut stream, &request);
        sent.is_ok() && stream.read_exact(&mut [0; 14]).is_ok()
    }

    #[test]
    fn rules_about_bytes_come_with_the_file_and_come_again() {
        let file = "[[faults]]\nbytes = { cut = { after = 0, how = \"close\" } }";
        let broker = Broker::builder().toml(file).unwrap();
        let broker = broker.start_blocking().unwrap();
        assert!(!answers(&broker));
        broker.heal();
        assert!(answers(&broker));
        broker.reset_only(&[Kind::Topics]).unwrap();
        assert!(answers(&broker));
        broker.reset_only(&[Kind::Faults]).unwrap();
        assert!(!answers(&broker));
    }

    #[test]
    fn a_reset_ends_rules_about_bytes() {
        let broker = Broker::builder().start_blocking().unwrap();
        let cut = broker.on_any().bytes().cut(0, crate::Cut::Close);
        cut.mount();
        assert!(!answers(&broker));
        broker.reset().unwrap();
        assert!(answers(&broker));
    }

    #[test]
    fn a_reset_closes_the_connections_that_wait_and_no_others() {
        let broker = Broker::builder().nodes(2).start_blocking().unwrap();
        let request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
        let send = |to: &mut TcpStream| std::io::Write::write_all(to, &request).unwrap();
        let first = broker.bootstrap().split(',').next().unwrap();
        let mut open = [(); 2].map(|()| TcpStream::connect(first).unwrap());
        let [idle, waiting] = &mut open;
        send(idle);
        idle.read_exact(&mut [0; 14]).unwrap();
        let hold = broker.on(crate::Api::ApiVersions).before_apply().hold();
        let rule = hold.mount();
        send(waiting);
        let patience = std::time::Duration::from_secs(10);
        rule.wait_for_hits_blocking(1, patience).unwrap();
        broker.node(2).stop_blocking().unwrap();
        broker.create_topic("t").create().unwrap();
        broker.reset().unwrap();
        assert!(broker.topics().is_empty());
        assert!(broker.node(2).is_running());
        assert!(matches!(waiting.read(&mut [0]), Ok(0) | Err(_)));
        idle.set_nonblocking(true).unwrap();
        assert!(idle.read(&mut [0; 4096]).is_ok(), "the rest of the answer");
        idle.set_nonblocking(false).unwrap();
        send(idle);
        idle.read_exact(&mut [0; 14]).unwrap();
        broker.create_topic("t").create().unwrap();
        broker.reset_only(&[Kind::Groups]).unwrap();
        assert_eq!(broker.topics().len(), 1);
    }
}
