//! Starting over, from a test.

use super::broker::{Broker, wait_blocking};
use super::error::CommandError;
use crate::engine::reset::Kind;

impl Broker {
    /// Makes the cluster what it was at its start: stopped and paused nodes run, and it holds the topics, records, committed
    /// offsets and fault rules that the builder names, and nothing else. Topics have new ids, except for those
    /// of the [snapshot](crate::Builder::snapshot) that the cluster began from. Connections stay, except for those that wait
    /// for an answer: these are closed. Time does not go back, and nodes that you have added or removed stay so.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start().await?;
    /// broker.produce("orders").value("first").await?;
    /// broker.create_topic("payments").await?;
    /// broker.reset().await?;
    /// assert_eq!(broker.topics().len(), 1);
    /// assert!(broker.partition("orders", 0).values()?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Somebody has taken a node's port meanwhile, or you have removed nodes that topics need.
    pub async fn reset(&self) -> Result<(), CommandError> {
        self.started.shared.reset(None)?.wait().await;
        Ok(())
    }

    /// As [`Broker::reset`], for tests without a runtime.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.create_topic("payments").create()?;
    /// broker.reset_blocking()?;
    /// assert_eq!(broker.topics().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Somebody has taken a node's port meanwhile, or you have removed nodes that topics need.
    pub fn reset_blocking(&self) -> Result<(), CommandError> {
        let closing = self.started.shared.reset(None)?;
        wait_blocking(&self.started.shared, closing);
        Ok(())
    }

    /// Makes some of what the cluster holds what it was at its start; everything else stays.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use fauxka::reset::Kind;
    ///
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start().await?;
    /// broker.create_topic("payments").await?;
    /// broker.reset_only(&[Kind::Groups, Kind::Transactions]).await?;
    /// assert_eq!(broker.topics().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// You have removed nodes that topics need.
    pub async fn reset_only(&self, kinds: &[Kind]) -> Result<(), CommandError> {
        self.started.shared.reset(Some(kinds))?.wait().await;
        Ok(())
    }

    /// As [`Broker::reset_only`], for tests without a runtime.
    ///
    /// ```
    /// use fauxka::reset::Kind;
    ///
    /// let broker = fauxka::Broker::builder().topic("orders", 1, 1).start_blocking()?;
    /// broker.reset_only_blocking(&[Kind::Journal])?;
    /// assert!(broker.journal().rows().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// You have removed nodes that topics need.
    pub fn reset_only_blocking(&self, kinds: &[Kind]) -> Result<(), CommandError> {
        let closing = self.started.shared.reset(Some(kinds))?;
        wait_blocking(&self.started.shared, closing);
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
        broker.reset_only_blocking(&[Kind::Topics]).unwrap();
        assert!(answers(&broker));
        broker.reset_only_blocking(&[Kind::Faults]).unwrap();
        assert!(!answers(&broker));
    }

    #[test]
    fn a_reset_ends_rules_about_bytes() {
        let broker = Broker::builder().start_blocking().unwrap();
        let cut = broker.on_any().bytes().cut(0, crate::fault::Cut::Close);
        cut.mount();
        assert!(!answers(&broker));
        broker.reset_blocking().unwrap();
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
        broker.reset_blocking().unwrap();
        assert!(broker.topics().is_empty());
        assert!(broker.node(2).is_running());
        assert!(matches!(waiting.read(&mut [0]), Ok(0) | Err(_)));
        idle.set_nonblocking(true).unwrap();
        assert!(idle.read(&mut [0; 4096]).is_ok(), "the rest of the answer");
        idle.set_nonblocking(false).unwrap();
        send(idle);
        idle.read_exact(&mut [0; 14]).unwrap();
        broker.create_topic("t").create().unwrap();
        broker.reset_only_blocking(&[Kind::Groups]).unwrap();
        assert_eq!(broker.topics().len(), 1);
    }
}
