//! PEM as Kafka reads it: blocks anywhere in a text, whose base64 may also stand on one line, as in a properties file.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// A block: what it is called, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) label: String,
    pub(crate) der: Vec<u8>,
}

/// All blocks of a text, in order.
///
/// # Errors
/// A block that does not end, or is no base64.
pub(crate) fn blocks(text: &str) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let (label, after) = after
            .split_once("-----")
            .ok_or("a PEM block has no end to its first line")?;
        let end = format!("-----END {label}-----");
        let (body, after) = after
            .split_once(&end)
            .ok_or_else(|| format!("the PEM block {label} has no end"))?;
        let base64: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        let der = BASE64_STANDARD.decode(base64);
        let der = der.map_err(|why| format!("the PEM block {label} is no base64: {why}"))?;
        blocks.push(Block {
            label: label.to_owned(),
            der,
        });
        rest = after;
    }
    Ok(blocks)
}

/// A block as text.
pub(crate) fn written(label: &str, der: &[u8]) -> String {
    let base64 = BASE64_STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for (at, c) in base64.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            text.push('\n');
        }
        text.push(c);
    }
    text.push_str(&format!("\n-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let der = [7_u8; 100];
        let text = format!(
            "# a comment\n{}{}",
            written("ONE", &der),
            written("TWO", b"x")
        );
        let found = blocks(&text).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].label.as_str(), found[0].der.as_slice()),
            ("ONE", der.as_slice())
        );
        let on_one_line = text.replace('\n', " ");
        assert_eq!(blocks(&on_one_line).unwrap(), found);
        assert_eq!(blocks("nothing"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_damaged_is_refused() {
        for bad in [
            "-----BEGIN A",
            "-----BEGIN A-----\nxx",
            "-----BEGIN A-----\n?\n-----END A-----",
        ] {
            assert!(blocks(bad).is_err(), "{bad}");
        }
    }
}
