//! Requests to the control port: one per connection, plain HTTP.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;

/// Asks, and gives back the answer's body; an error if the port refuses.
pub(super) fn ask(control: &str, method: &str, path: &str, body: Option<&Json>) -> Result<Json> {
    let mut stream = send_json(control, method, path, body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    read(&answer).with_context(|| stranger(control))?
}

/// Asks for bytes.
pub(super) fn download(control: &str, path: &str) -> Result<Vec<u8>> {
    let mut stream = BufReader::new(send_json(control, "GET", path, None)?);
    let head = read_head(&mut stream, control)?;
    let mut body = Vec::new();
    stream.read_to_end(&mut body)?;
    if is_ok(&head) {
        return Ok(body);
    }
    let answer = head + &String::from_utf8_lossy(&body);
    let refused = read(&answer).with_context(|| stranger(control))?;
    refused.map(|_| Vec::new())
}

/// Puts bytes.
pub(super) fn upload(control: &str, path: &str, body: &[u8]) -> Result<()> {
    let kind = "application/octet-stream";
    let mut stream = send(control, ("PUT", path), (kind, body))?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let done = read(&answer).with_context(|| stranger(control))?;
    done.map(drop)
}

/// Asks for server-sent events, and passes each on until the cluster ends or nobody takes them any more.
pub(super) fn follow(
    control: &str,
    path: &str,
    mut take: impl FnMut(Json) -> io::Result<()>,
) -> Result<()> {
    let mut stream = BufReader::new(send_json(control, "GET", path, None)?);
    let mut head = read_head(&mut stream, control)?;
    if !is_ok(&head) {
        stream.read_to_string(&mut head)?;
        let refused = read(&head).with_context(|| stranger(control))?;
        return refused.map(|_| ());
    }
    for line in stream.lines() {
        let line = line?;
        let Some(event) = line.strip_prefix("data: ") else {
            continue;
        };
        match take(serde_json::from_str(event)?) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            taken => taken?,
        }
    }
    Ok(())
}

fn send_json(control: &str, method: &str, path: &str, body: Option<&Json>) -> Result<TcpStream> {
    let body = body.map_or_else(String::new, Json::to_string);
    let body = ("application/json", body.as_bytes());
    send(control, (method, path), body)
}

/// Sends a request. In version 1.0 an answer is never in chunks: it ends with the connection.
fn send(
    control: &str,
    (method, path): (&str, &str),
    (kind, body): (&str, &[u8]),
) -> Result<TcpStream> {
    let address = address(control);
    let mut stream = TcpStream::connect(&address).with_context(|| {
        format!("no cluster's control port answers at {control}: start one, or give --control URL")
    })?;
    let length = body.len();
    let token = std::env::var("FAUXKA_CONTROL_TOKEN").map_or_else(
        |_| String::new(),
        |token| format!("Authorization: Bearer {token}\r\n"),
    );
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\n{token}Connection: close\r\n\
         Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    stream.write_all(body)?;
    Ok(stream)
}

/// Where a control port is: its URL without the rest, and a port alone is one of this host.
fn address(control: &str) -> String {
    let address = control.strip_prefix("http://").unwrap_or(control);
    let address = address.trim_end_matches('/');
    let port = address.strip_prefix(':').unwrap_or(address);
    if port.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("127.0.0.1:{port}")
    } else {
        address.to_owned()
    }
}

/// Reads an answer up to its body.
fn read_head(stream: &mut impl io::BufRead, control: &str) -> Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            bail!("{}", stranger(control));
        }
    }
    Ok(head)
}

fn is_ok(head: &str) -> bool {
    head.split(' ').nth(1).is_some_and(|status| status == "200")
}

fn stranger(control: &str) -> String {
    format!("{control} does not speak HTTP as a control port does")
}

/// A name within a path or a query.
pub(super) fn encoded(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// The end of a path that gives parameters; those that have no value are left out.
pub(super) fn query(parameters: &[(&str, Option<String>)]) -> String {
    let given = parameters.iter().filter_map(|(name, value)| {
        let value = encoded(value.as_ref()?);
        Some(format!("{name}={value}"))
    });
    let given: Vec<String> = given.collect();
    if given.is_empty() {
        return String::new();
    }
    format!("?{}", given.join("&"))
}

/// The body, or what the port refuses it with; nothing if it is no answer.
fn read(answer: &str) -> Option<Result<Json>> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
    let json = serde_json::from_str(body).unwrap_or_else(|_| body.trim().into());
    Some(if status < 300 {
        Ok(json)
    } else {
        refused(&json)
    })
}

fn refused(json: &Json) -> Result<Json> {
    let said = json.get("error").and_then(Json::as_str);
    bail!("{}", said.or_else(|| json.as_str()).unwrap_or("refused"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let answer = |status: &str, body: &str| format!("HTTP/1.1 {status}\r\na: b\r\n\r\n{body}");
        let json = read(&answer("200 OK", "{\"a\":1}")).unwrap().unwrap();
        assert_eq!(json["a"], 1);
        let refused = read(&answer("404 Not Found", "{\"error\":\"no rule\"}"));
        assert_eq!(refused.unwrap().unwrap_err().to_string(), "no rule");
        assert!(read("SSH-2.0").is_none());
    }

    #[test]
    fn a_port_alone_is_one_of_this_host() {
        for (control, expected) in [
            ("http://h:1/", "h:1"),
            ("h:1", "h:1"),
            ("9700", "127.0.0.1:9700"),
            (":9700", "127.0.0.1:9700"),
        ] {
            assert_eq!(address(control), expected);
        }
    }

    #[test]
    fn names_are_encoded() {
        assert_eq!(encoded("a-b_1"), "a-b_1");
        assert_eq!(encoded("a/b ü?"), "a%2Fb%20%C3%BC%3F");
        assert_eq!(query(&[("a", None)]), "");
        let given = [
            ("a", Some("1 2".to_owned())),
            ("b", None),
            ("c", Some("3".to_owned())),
        ];
        assert_eq!(query(&given), "?a=1%202&c=3");
    }
}
