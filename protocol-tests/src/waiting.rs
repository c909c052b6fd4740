//! How a case waits: for an answer, for the end of a connection, until something is so.
//!
//! Against a broker whose clock is real, waiting takes what it takes. An embedded broker's clock is ours: it
//! stands still while a request is on its way, and is moved only when all that we have asked for waits for
//! time to pass. So a session of 400 milliseconds never ends early because the machine is slow.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::clock;
use crate::cluster::MovedTime;
use crate::connection::Incoming;
use crate::context::{Conn, Context};

/// How far a clock of ours is moved at a time.
const STEP: Duration = Duration::from_millis(5);
/// How long most answers take at most, in real time.
const SOON: Duration = Duration::from_millis(2);
/// How long a broker may be busy with what we sent, in real time, until we take it that it owes no answer.
const BUSY: Duration = Duration::from_millis(500);
/// How long nothing may come at all, in real time, however the clock is moved.
const STUCK: Duration = Duration::from_secs(60);

impl Context {
    /// What comes next on a connection, if it comes in time.
    pub(crate) fn incoming(&mut self, conn: Conn, patience: Duration) -> Result<Incoming> {
        let cluster = Arc::clone(&self.cluster);
        match cluster.time() {
            None => self.link(conn)?.connection.receive(patience),
            Some(time) => self.incoming_by(time, conn, patience),
        }
    }

    fn incoming_by(
        &mut self,
        time: &dyn MovedTime,
        conn: Conn,
        patience: Duration,
    ) -> Result<Incoming> {
        let stuck = clock::now() + STUCK;
        let deadline = time.elapsed() + patience;
        let mut busy = BUSY;
        let soon = self.link(conn)?.connection.receive(SOON)?;
        if soon != Incoming::Nothing {
            return Ok(soon);
        }
        loop {
            let settled = self.settled(time, Some(conn), busy)?;
            if let Some(arrived) = self.link(conn)?.connection.arrived() {
                return Ok(arrived);
            }
            let left = deadline.saturating_sub(time.elapsed());
            if left.is_zero() || clock::now() > stuck {
                return Ok(Incoming::Nothing);
            }
            time.advance(STEP.min(left))?;
            if !settled {
                // What the broker does now is not to be seen, so it gets a little time after each step.
                busy = Duration::ZERO;
                clock::pause();
            }
        }
    }

    /// Waits until every request that we sent is answered or waits in the broker, or until there is something
    /// on the connection that matters. False when that cannot be seen within `busy`: when a request is never
    /// answered, or a connection is to be closed.
    fn settled(
        &mut self,
        time: &dyn MovedTime,
        matters: Option<Conn>,
        busy: Duration,
    ) -> Result<bool> {
        let until = clock::now() + busy;
        loop {
            let mut unanswered = 0;
            let mut is_there = false;
            let mut owes = false;
            // Looked at first: what is answered meanwhile counts as under way then.
            let waiting = time.waiting();
            for (at, link) in self.connections.iter_mut().enumerate() {
                let this = matters == Some(Conn(at));
                match link.connection.answers_at_hand()? {
                    _ if link.closed => {}
                    None => is_there |= this,
                    Some(count) => {
                        is_there |= this && count > 0;
                        owes |= this && link.awaited.is_empty();
                        unanswered += usize::from(link.awaited.len() > count);
                    }
                }
            }
            // Anyone who is to be closed waits for that as well.
            if is_there || unanswered + usize::from(owes) == waiting {
                return Ok(true);
            }
            if clock::now() >= until {
                return Ok(false);
            }
            clock::pause();
        }
    }

    /// Polls until `reached` says so.
    ///
    /// # Errors
    /// When it does not within the bound, or fails.
    pub fn until(
        &mut self,
        what: &str,
        mut reached: impl FnMut(&mut Self) -> Result<bool>,
    ) -> Result<()> {
        let cluster = Arc::clone(&self.cluster);
        let patience = cluster.patience;
        let deadline = clock::now() + patience;
        let moved_until = cluster.time().map(|time| time.elapsed() + patience);
        while !self.quietly(&mut reached)? {
            let left = cluster
                .time()
                .zip(moved_until)
                .filter(|(time, until)| time.elapsed() < *until);
            if let Some((time, _)) = left {
                self.settled(time, None, BUSY)?;
                time.advance(STEP)?;
            } else if clock::now() > deadline {
                bail!("waited for {patience:?} in vain: {what}");
            } else {
                clock::pause();
            }
        }
        Ok(())
    }
}
