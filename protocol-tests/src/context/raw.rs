//! Bytes that are no requests, and frames that are no answers.

use anyhow::{Result, bail};

use super::{CLOSING_PATIENCE, Conn, Context};
use crate::connection::Incoming;

impl Context {
    /// Sends bytes without any framing; `what` stands for them in the transcript.
    ///
    /// # Errors
    /// When there is no such connection.
    pub fn send_bytes(&mut self, conn: Conn, what: &str, bytes: &[u8]) -> Result<()> {
        let mark = self.mark(conn);
        self.line(format!("{mark}> {what}"));
        self.reopened(conn)?.connection.send_raw(bytes);
        Ok(())
    }

    /// Waits for a frame that is no answer to a request; nothing if the connection is closed instead.
    ///
    /// # Errors
    /// When the socket fails, or nothing comes.
    pub fn receive_frame(&mut self, conn: Conn) -> Result<Option<Vec<u8>>> {
        let mark = self.mark(conn);
        let patience = self.cluster.patience.max(CLOSING_PATIENCE);
        match self.incoming(conn, patience)? {
            Incoming::Frame(frame) => Ok(Some(frame)),
            Incoming::Closed => {
                self.link(conn)?.closed = true;
                self.line(format!("{mark}< closed"));
                Ok(None)
            }
            Incoming::Nothing => bail!("no frame within {patience:?}"),
        }
    }
}
