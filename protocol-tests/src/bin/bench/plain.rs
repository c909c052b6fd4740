//! Plain TCP with Kafka's framing: a server that reads frames and answers each with so many bytes, and looks at none.
//!
//! It reads like a blocking program does that knows what comes: the length, then the frame. Either all frames go
//! through one buffer, or each is kept in memory of its own, as a broker must keep records.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use anyhow::{Result, ensure};

/// Bytes that a read or a write moves at most through the buffer that is used again.
const BUFFER_BYTES: usize = 256 * 1024;

/// What a connection wants, told by its first frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    /// Bytes of each answer, without its length.
    pub(crate) answer_bytes: usize,
    /// Whether the server keeps what it reads.
    pub(crate) keeps: bool,
}

impl Wish {
    /// The frame that says it.
    pub(crate) fn frame(self) -> Result<Vec<u8>> {
        let answer_bytes = u32::try_from(self.answer_bytes)?.to_be_bytes();
        let mut frame = 5_u32.to_be_bytes().to_vec();
        frame.extend(answer_bytes);
        frame.push(u8::from(self.keeps));
        Ok(frame)
    }

    fn read(stream: &mut TcpStream) -> Result<Self> {
        ensure!(number(stream)? == 5, "the first frame is a wish");
        let answer_bytes = number(stream)?;
        let mut keeps = [0];
        stream.read_exact(&mut keeps)?;
        Ok(Self {
            answer_bytes,
            keeps: keeps == [1],
        })
    }
}

/// Serves one connection after the other, as each wishes.
pub(crate) fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut out = io::stdout();
    writeln!(out, "READY bootstrap={}", listener.local_addr()?)?;
    out.flush()?;
    let mut kept = Vec::new();
    loop {
        let (mut stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        let wish = Wish::read(&mut stream)?;
        let _left = converse(&mut stream, wish, &mut kept);
    }
}

/// Answers frames until the client leaves.
fn converse(stream: &mut TcpStream, wish: Wish, kept: &mut Vec<Vec<u8>>) -> Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut answer = u32::try_from(wish.answer_bytes)?.to_be_bytes().to_vec();
    answer.resize(answer.len() + wish.answer_bytes, 0);
    loop {
        let mut length = number(stream)?;
        if wish.keeps {
            // The kernel gives such memory page by page, when the bytes come.
            let mut frame = vec![0; length];
            stream.read_exact(&mut frame)?;
            kept.push(frame);
        } else {
            while length > 0 {
                let (part, _) = buffer.split_at_mut(length.min(BUFFER_BYTES));
                let read = stream.read(part)?;
                ensure!(read > 0, "a frame ends early");
                length -= read;
            }
        }
        stream.write_all(&answer)?;
    }
}

fn number(stream: &mut TcpStream) -> Result<usize> {
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes)?;
    Ok(usize::try_from(u32::from_be_bytes(bytes))?)
}
