//! Java's properties files, as `java.util.Properties.load` reads them from bytes.

/// Why a file is not a properties file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: \\u is followed by something other than four hexadecimal digits")]
pub(crate) struct PropertiesError {
    /// Counted from 1; the first one of a continued line.
    pub(crate) line: usize,
}

/// Reads the keys and values in their order. A key that comes again is given again.
///
/// Bytes are characters of ISO 8859-1, as in Java; others are written as `\uXXXX`.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<(String, String)>, PropertiesError> {
    let text: String = bytes.iter().copied().map(char::from).collect();
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut pairs = Vec::new();
    let mut lines = unified.split('\n').enumerate();
    while let Some((at, first)) = lines.next() {
        let first = first.trim_start_matches(is_blank);
        if first.is_empty() || first.starts_with(['#', '!']) {
            continue;
        }
        let mut logical = first.to_owned();
        while is_continued(&logical) {
            logical.pop();
            let Some((_, next)) = lines.next() else { break };
            logical.push_str(next.trim_start_matches(is_blank));
        }
        let error = PropertiesError { line: at + 1 };
        let (key, value) = split(&logical);
        pairs.push((
            unescape(key).ok_or_else(|| error.clone())?,
            unescape(value).ok_or(error)?,
        ));
    }
    Ok(pairs)
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}')
}

/// An odd number of backslashes at its end continues a line.
fn is_continued(line: &str) -> bool {
    line.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1
}

/// The key ends at the first unescaped `=`, `:` or blank.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.find(|c: char| {
        let ends = !escaped && (matches!(c, '=' | ':') || is_blank(c));
        escaped = !escaped && c == '\\';
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start_matches(is_blank);
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (key, value.trim_start_matches(is_blank))
}

fn unescape(text: &str) -> Option<String> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut chars = text.chars();
    let mut push = |c: char| units.extend(c.encode_utf16(&mut [0; 2]).iter());
    while let Some(c) = chars.next() {
        if c != '\\' {
            push(c);
            continue;
        }
        match chars.next() {
            Some('t') => push('\t'),
            Some('n') => push('\n'),
            Some('r') => push('\r'),
            Some('f') => push('\u{c}'),
            Some('u') => {
                let digits = chars.as_str().get(..4)?;
                if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return None;
                }
                let unit = u16::from_str_radix(digits, 16).ok()?;
                chars.nth(3);
                push(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => push(other),
            None => {}
        }
    }
    Some(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let pairs = parse(text.as_bytes()).unwrap();
        let shown: Vec<_> = pairs
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(shown, expected, "{text:?}");
    }

    #[test]
    fn files_are_read_as_java_reads_them() {
        check(
            "a=1\nb : 2\n c   3\r\nd",
            &[("a", "1"), ("b", "2"), ("c", "3"), ("d", "")],
        );
        check("# one\n  ! two\n\n\t\na==b", &[("a", "=b")]);
        check(
            "a = one,\\\n    two,\\\n  three \nb=x",
            &[("a", "one,two,three "), ("b", "x")],
        );
        check("a=1\\\\\nb=2", &[("a", "1\\"), ("b", "2")]);
        check("k\\ e\\=y=v\\tw\\u0041\\q", &[("k e=y", "v\twAq")]);
        check("a=b\\\n# no comment", &[("a", "b# no comment")]);
        check("# a comment is not continued \\\na=1", &[("a", "1")]);
        check("a=\\", &[("a", "")]);
        check("a=1\na=2", &[("a", "1"), ("a", "2")]);
        assert_eq!(parse(b"a=1\n\nb=\\u00g1"), Err(PropertiesError { line: 3 }));
        assert_eq!(parse(b"a=\\u12"), Err(PropertiesError { line: 1 }));
        assert_eq!(
            parse(b"a=\xe9").unwrap(),
            [("a".to_owned(), "é".to_owned())]
        );
    }
}
