//! Re-makes `fixtures/messages/definitions.jsonl` from Kafka's published jars.
//!
//! Kafka ships the JSON definitions of its messages inside its jars (`common/message/*.json`). This program
//! takes them out, drops comments and prose, and writes one message a line, sorted by name.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use serde_json::Value;

/// Extracts Kafka's message definitions from its jars.
#[derive(Parser)]
struct Options {
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
    /// Jars that hold `common/message/*.json`.
    #[arg(required = true)]
    jars: Vec<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let mut lines = BTreeMap::new();
    for jar in &options.jars {
        for (name, text) in definitions(jar)? {
            let mut message: Value = serde_json::from_str(&without_comments(&text))
                .with_context(|| format!("{name} in {}", jar.display()))?;
            compact(&mut message);
            let key = message
                .get("name")
                .and_then(Value::as_str)
                .context("a nameless message")?;
            lines.insert(key.to_owned(), message.to_string());
        }
    }
    ensure!(!lines.is_empty(), "no definitions found");
    let text: String = lines.into_values().map(|line| line + "\n").collect();
    fs::write(&options.out, text).with_context(|| options.out.display().to_string())
}

/// Drops what a codec does not need.
fn compact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !matches!(key.as_str(), "about" | "zeroCopy"));
            map.values_mut().for_each(compact);
        }
        Value::Array(items) => items.iter_mut().for_each(compact),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The definitions are JSON with `//` comments.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let mut quoted = false;
        let mut before = ' ';
        for c in line.chars() {
            match c {
                '"' if before != '\\' => quoted = !quoted,
                '/' if before == '/' && !quoted => {
                    out.pop();
                    break;
                }
                _ => {}
            }
            out.push(c);
            before = c;
        }
        out.push('\n');
    }
    out
}

/// Names and texts of the definitions in a jar: just enough of the zip format.
fn definitions(jar: &Path) -> Result<Vec<(String, String)>> {
    let zip = fs::read(jar).with_context(|| jar.display().to_string())?;
    let end = zip
        .windows(4)
        .rposition(|w| w == b"PK\x05\x06")
        .context("not a zip file")?;
    let entries = number(&zip, end + 10, 2)?;
    let mut at = number(&zip, end + 16, 4)?;
    let mut found = Vec::new();
    for _ in 0..entries {
        let method = number(&zip, at + 10, 2)?;
        let packed = number(&zip, at + 20, 4)?;
        let name_length = number(&zip, at + 28, 2)?;
        let skip = number(&zip, at + 30, 2)? + number(&zip, at + 32, 2)?;
        let local = number(&zip, at + 42, 4)?;
        let name = String::from_utf8_lossy(slice(&zip, at + 46, name_length)?).into_owned();
        if name.starts_with("common/message/") && name.ends_with(".json") {
            let start = local + 30 + number(&zip, local + 26, 2)? + number(&zip, local + 28, 2)?;
            let data = slice(&zip, start, packed)?;
            let mut text = String::new();
            match method {
                0 => text.push_str(std::str::from_utf8(data)?),
                _ => drop(flate2::read::DeflateDecoder::new(data).read_to_string(&mut text)?),
            }
            found.push((name, text));
        }
        at += 46 + name_length + skip;
    }
    Ok(found)
}

fn slice(zip: &[u8], at: usize, length: usize) -> Result<&[u8]> {
    zip.get(at..at + length)
        .context("the zip file is cut short")
}

/// A little-endian number of `width` bytes.
fn number(zip: &[u8], at: usize, width: usize) -> Result<usize> {
    Ok(slice(zip, at, width)?
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
}
