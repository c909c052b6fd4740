//! The program as a process: starting and ending it, and asking what it serves.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

pub(crate) fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_fauxka"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What follows `word=` in the line that the program prints once it runs.
pub(crate) fn value_of<'a>(ready: &'a str, word: &str) -> Option<&'a str> {
    assert!(ready.starts_with("READY "), "{ready}");
    ready
        .split_whitespace()
        .find_map(|part| part.strip_prefix(word)?.strip_prefix('='))
}

fn signal(program: &Child, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &program.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[track_caller]
pub(crate) fn check_runs(arguments: &[&str], end: &str, check: impl FnOnce(&str)) {
    let mut program = start(arguments);
    let mut out = BufReader::new(program.stdout.take().unwrap());
    let mut ready = String::new();
    out.read_line(&mut ready).unwrap();
    check(&ready);
    signal(&program, end);
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "more than one line on standard output");
    assert_eq!(program.wait().unwrap().code(), Some(0));
}

#[track_caller]
pub(crate) fn check_refuses(arguments: &[&str], message: &str) {
    let output = start(arguments).wait_with_output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(output.stdout.is_empty());
    assert!(errors.contains(message), "{errors}");
}

/// The answer to a request of the control port that names `host`.
pub(crate) fn ask(control: &str, host: &str, method: &str, path: &str, body: &str) -> String {
    let address = control.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    // A file is no text.
    String::from_utf8_lossy(&answer).into_owned()
}

/// What the program prints when it asks a cluster, if that goes well; what it complains of if not.
pub(crate) fn command(control: &str, arguments: &[&str]) -> Result<String, String> {
    let arguments = [arguments, &["--control", control]].concat();
    let output = start(&arguments).wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

/// Whether a cluster answers a client.
pub(crate) fn answers(bootstrap: &str) -> bool {
    let mut stream = TcpStream::connect(bootstrap).unwrap();
    let request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
    stream.write_all(&request).unwrap();
    stream.read_exact(&mut [0; 14]).is_ok()
}
