//! Starting a cluster on a thread of its own.

use super::broker::Broker;
use super::builder::Builder;
use super::error::StartError;
use super::run;
use super::thread;

impl Builder {
    /// Starts the cluster and waits until every node accepts connections.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let broker = fauxka::Broker::builder().nodes(3).start().await?;
    /// assert_eq!(broker.bootstrap().split(',').count(), 3);
    /// # Ok::<(), fauxka::StartError>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// The cluster cannot listen on an address, or no cluster can have one of the settings or topics.
    pub async fn start(self) -> Result<Broker, StartError> {
        let (started, running) = thread::start(move || run::prepare(&self)).await?;
        Ok(Broker::running(started, running))
    }

    /// As [`Builder::start`], for tests without a runtime. You can call it from any thread.
    ///
    /// ```
    /// let broker = fauxka::Broker::builder().nodes(3).start_blocking()?;
    /// assert_eq!(broker.bootstrap().split(',').count(), 3);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// The cluster cannot listen on an address, or no cluster can have one of the settings or topics.
    pub fn start_blocking(self) -> Result<Broker, StartError> {
        let (started, running) = thread::start_blocking(move || run::prepare(&self))?;
        Ok(Broker::running(started, running))
    }
}
