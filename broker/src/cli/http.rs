//! Requests to the control port: one per connection, plain HTTP.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;

/// Asks, and gives back the answer's body; an error if the port refuses.
pub(super) fn ask(control: &str, method: &str, path: &str, body: Option<&Json>) -> Result<Json> {
    let address = control.strip_prefix("http://").unwrap_or(control);
    let address = address.trim_end_matches('/');
    let mut stream = TcpStream::connect(address).with_context(|| {
        format!("no cluster's control port answers at {control}: start one, or give --control URL")
    })?;
    let body = body.map_or_else(String::new, Json::to_string);
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    read(&answer)
        .with_context(|| format!("{control} does not speak HTTP as a control port does"))?
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
}
