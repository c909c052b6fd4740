//! A broker process, and plain connections to it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::schema::Message;

/// Nothing here takes a tenth of this.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Broker {
    process: Child,
    address: String,
}

impl Broker {
    /// Starts the program with its address space limited, and waits until it is ready.
    pub(crate) fn start(address_space_kib: u64) -> Self {
        Self::start_with(address_space_kib, &[])
    }

    /// The same, with more options.
    pub(crate) fn start_with(address_space_kib: u64, options: &[&str]) -> Self {
        let limited = format!("ulimit -v {address_space_kib} && exec \"$0\" \"$@\"");
        // The program that is published may be asked instead.
        let program = std::env::var("FAUXKA");
        let program = program.unwrap_or_else(|_| env!("CARGO_BIN_EXE_fauxka").to_owned());
        let mut process = Command::new("sh")
            .args(["-c", &limited, &program, "serve"])
            .args([
                "--listen",
                "127.0.0.1:0",
                "--no-control",
                "--exit-with-parent",
            ])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut ready = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        let bootstrap = ready
            .split_whitespace()
            .find_map(|word| word.strip_prefix("bootstrap="));
        let address = bootstrap
            .unwrap_or_else(|| panic!("no READY line: {ready:?}"))
            .to_owned();
        Self { process, address }
    }

    pub(crate) fn connect(&self) -> Connection {
        let stream = TcpStream::connect(&self.address).expect("the broker is alive");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection { stream }
    }

    pub(crate) fn resident_kib(&self) -> u64 {
        self.status_kib("VmRSS:")
    }

    /// Resident memory without what is read from the program's file as it comes to run.
    pub(crate) fn anonymous_kib(&self) -> u64 {
        self.status_kib("RssAnon:")
    }

    fn status_kib(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let line = line.unwrap().trim();
        line.trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let alive = self.process.try_wait().is_ok_and(|status| status.is_none());
        drop(self.process.kill());
        drop(self.process.wait());
        if !std::thread::panicking() {
            assert!(alive, "the broker died");
        }
    }
}

pub(crate) struct Connection {
    stream: TcpStream,
}

impl Connection {
    /// Sends as much as the broker takes; it may close the connection before the end.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        drop(self.stream.write_all(bytes));
    }

    /// What the broker sends until it closes the connection.
    pub(crate) fn read_to_end(&mut self) -> Vec<u8> {
        let mut answer = Vec::new();
        match self.stream.read_to_end(&mut answer) {
            // Closing with unread bytes resets the connection.
            Err(error) if error.kind() != std::io::ErrorKind::ConnectionReset => {
                panic!("{error}, after {answer:x?}")
            }
            Ok(_) | Err(_) => answer,
        }
    }

    /// Sends frames one after the other without waiting, and gives what is answered to each.
    pub(crate) fn pipeline(&mut self, frames: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let mut sender = self.stream.try_clone().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for some in frames.chunks(200) {
                    drop(sender.write_all(&some.concat()));
                }
            });
            let answers = frames.iter().map(|_| self.answer().unwrap());
            answers.collect()
        })
    }

    /// Waits until something has come, and takes nothing of it: who closes then resets the connection.
    pub(crate) fn wait_unread(&self) {
        assert_eq!(self.stream.peek(&mut [0]).unwrap(), 1);
    }

    /// Sends whatever the system takes at once, and says how much that was.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> usize {
        self.stream.set_nonblocking(true).unwrap();
        let pushed = self.stream.write(bytes).unwrap_or(0);
        self.stream.set_nonblocking(false).unwrap();
        pushed
    }

    /// What is answered to a frame, without its size.
    pub(crate) fn ask(&mut self, frame: &[u8]) -> Vec<u8> {
        self.stream.write_all(frame).unwrap();
        self.answer().unwrap()
    }

    /// What is answered next, without its size; nothing if the broker closes the connection.
    pub(crate) fn answer(&mut self) -> Option<Vec<u8>> {
        let mut size = [0; 4];
        match self.stream.read_exact(&mut size) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                panic!("neither answered nor closed")
            }
            Err(_) => return None,
        }
        let mut answer = vec![0; usize::try_from(i32::from_be_bytes(size)).unwrap()];
        self.stream.read_exact(&mut answer).unwrap();
        Some(answer)
    }

    /// Keys with their versions, by ApiVersions version 0.
    pub(crate) fn api_versions(&mut self) -> Vec<(i16, i16, i16)> {
        self.stream
            .write_all(b"\0\0\0\x0a\0\x12\0\0\0\0\0\x01\xff\xff")
            .unwrap();
        let mut size = [0; 4];
        self.stream.read_exact(&mut size).unwrap();
        let mut answer = vec![0; usize::try_from(i32::from_be_bytes(size)).unwrap()];
        self.stream.read_exact(&mut answer).unwrap();
        let (rows, _) = answer.get(10..).unwrap().as_chunks::<6>();
        rows.iter()
            .map(|&[a, b, c, d, e, f]| {
                let number = |high, low| i16::from_be_bytes([high, low]);
                (number(a, b), number(c, d), number(e, f))
            })
            .collect()
    }
}

/// A whole request, with size and header.
pub(crate) struct Frame {
    pub(crate) bytes: Vec<u8>,
}

impl Frame {
    pub(crate) fn new(message: &Message, version: i16, body: &[u8]) -> Self {
        let mut request = message.key.to_be_bytes().to_vec();
        request.extend(version.to_be_bytes());
        request.extend([0, 0, 0, 7, 0, 1, b'h']);
        if message.is_flexible(version) {
            request.push(0);
        }
        request.extend(body);
        let mut bytes = i32::try_from(request.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend(request);
        Self { bytes }
    }
}
