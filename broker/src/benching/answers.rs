//! Answers on their way to a socket.

use std::cell::RefCell;

use crate::wire::api::Api;
use crate::wire::apis::Response;
use crate::wire::frame::{self, Outgoing};
use crate::wire::rope::RopeMut;

/// An answer to encode.
#[derive(Debug)]
pub struct Answer {
    api: Api,
    version: i16,
    response: Response,
    /// Encoded into what a thread keeps for all its answers.
    frame: RefCell<RopeMut>,
}

/// The same, for once.
#[derive(Debug)]
pub struct ReadyAnswer(Response);

impl Answer {
    pub(super) fn new((api, version): (Api, i16), response: Response) -> Self {
        Self {
            api,
            version,
            response,
            frame: RefCell::default(),
        }
    }

    /// A copy, since encoding takes it.
    pub fn ready(&self) -> ReadyAnswer {
        ReadyAnswer(self.response.clone())
    }

    /// Encodes the answer with its header. Says how many bytes are to be sent.
    pub fn encode(&self, ReadyAnswer(response): ReadyAnswer) -> usize {
        let mut frame = self.frame.borrow_mut();
        let key = (self.api.key(), self.version);
        frame::encode(key, 7, Outgoing::Response(response), &mut frame).unwrap();
        frame.len()
    }
}
