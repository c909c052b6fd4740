//! What a cluster runs on: a thread of its own, or the test's runtime.

use std::io;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::assemble::Started;
use super::error::StartError;
use crate::server::shared::Shared;

/// How long tasks that are in the middle of something may take to end.
const SHUTDOWN: Duration = Duration::from_millis(500);

/// Hears once whether the cluster runs.
type Report = Box<dyn FnOnce(Result<Started, StartError>) + Send>;

/// What a cluster runs on.
pub(super) enum Running {
    /// A thread of its own, which ends when it hears of it.
    Thread {
        stop: oneshot::Sender<()>,
        thread: JoinHandle<()>,
    },
    /// Whatever the test runs on; this is its timer.
    Tasks(AbortHandle),
}

impl Running {
    /// Ends it. What runs on a thread of its own has ended when this returns.
    pub(super) fn end(self, shared: &Shared) {
        match self {
            Self::Thread { stop, thread } => {
                drop(stop);
                // A panic of that thread was reported where it happened.
                let _ = thread.join();
            }
            Self::Tasks(timer) => {
                timer.abort();
                shared.close();
                shared.end_recording();
                shared.end_journal_file();
            }
        }
    }
}

/// A thread that is starting a cluster.
struct Launched {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Launched {
    /// What keeps the cluster running from now on.
    fn into_running(self) -> Running {
        let (stop, thread) = (self.stop, self.thread);
        Running::Thread { stop, thread }
    }
}

/// A cluster that is served.
pub(super) type Served = (Runtime, Started, Arc<Shared>);

/// Starts the thread; dropping the sender in the result ends it.
fn launch(
    prepare: impl FnOnce() -> Result<Served, StartError> + Send + 'static,
    report: Report,
) -> Result<Launched, StartError> {
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = thread::Builder::new()
        .name("fauxka".to_owned())
        .spawn(move || match prepare() {
            Ok((runtime, started, running)) => {
                report(Ok(started));
                // Ends with an error, when the sender is dropped.
                let _ = runtime.block_on(stopped);
                runtime.shutdown_timeout(SHUTDOWN);
                running.end_recording();
                running.end_journal_file();
                drop(running);
            }
            Err(error) => report(Err(error)),
        })?;
    Ok(Launched { stop, thread })
}

/// Starts a cluster on a thread of its own.
pub(super) async fn start(
    prepare: impl FnOnce() -> Result<Served, StartError> + Send + 'static,
) -> Result<(Started, Running), StartError> {
    let (report, reported) = oneshot::channel();
    let report: Report = Box::new(move |result| {
        let _ = report.send(result);
    });
    let launched = launch(prepare, report)?;
    let result = reported.await.unwrap_or_else(|_| Err(ended()));
    Ok((result?, launched.into_running()))
}

/// The same, and blocks until it runs.
pub(super) fn start_blocking(
    prepare: impl FnOnce() -> Result<Served, StartError> + Send + 'static,
) -> Result<(Started, Running), StartError> {
    let (report, reported) = mpsc::channel();
    let report: Report = Box::new(move |result| {
        let _ = report.send(result);
    });
    let launched = launch(prepare, report)?;
    let result = reported.recv().unwrap_or_else(|_| Err(ended()));
    Ok((result?, launched.into_running()))
}

fn ended() -> StartError {
    StartError::Run(io::Error::other("the broker's thread ended"))
}
