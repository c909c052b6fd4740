//! Plain TCP: a server that reads so many bytes, or writes them, through one buffer that it reuses.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use anyhow::{Context as _, Result};

/// Bytes that a read or a write moves at most.
const BUFFER_BYTES: usize = 256 * 1024;

/// Serves one connection after the other. A connection starts with how many bytes come and how many are to go.
pub(crate) fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut out = io::stdout();
    writeln!(out, "READY bootstrap={}", listener.local_addr()?)?;
    out.flush()?;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let (mut stream, _) = listener.accept()?;
        let (mut incoming, mut outgoing) = (count(&mut stream)?, count(&mut stream)?);
        while incoming > 0 {
            let read = stream.read(part(&mut buffer, incoming))?;
            incoming -= read.max(1);
        }
        while outgoing > 0 {
            outgoing -= stream.write(part(&mut buffer, outgoing))?;
        }
    }
}

/// Has a plain server read `frames`, and waits until it has: it answers with one byte.
pub(crate) fn send<'a>(
    address: &str,
    frames: impl Iterator<Item = &'a [u8]> + Clone,
) -> Result<()> {
    let bytes = frames.clone().map(<[u8]>::len).sum();
    let mut stream = open(address, bytes, 1)?;
    for frame in frames {
        stream.write_all(frame)?;
    }
    stream.read_exact(&mut [0])?;
    Ok(())
}

/// Has a plain server write so many bytes, and reads them.
pub(crate) fn receive(address: &str, mut bytes: usize) -> Result<()> {
    let mut stream = open(address, 0, bytes)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    while bytes > 0 {
        let part = part(&mut buffer, bytes);
        stream.read_exact(part)?;
        bytes -= part.len();
    }
    Ok(())
}

fn open(address: &str, incoming: usize, outgoing: usize) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address).context("plain TCP")?;
    stream.set_nodelay(true)?;
    for count in [incoming, outgoing] {
        stream.write_all(&u64::try_from(count)?.to_be_bytes())?;
    }
    Ok(stream)
}

fn count(stream: &mut TcpStream) -> Result<usize> {
    let mut bytes = [0; 8];
    stream.read_exact(&mut bytes)?;
    Ok(usize::try_from(u64::from_be_bytes(bytes))?)
}

fn part(buffer: &mut [u8], most: usize) -> &mut [u8] {
    let (part, _) = buffer.split_at_mut(most.min(BUFFER_BYTES));
    part
}
