//! The code of a source file, without what is no code: comments, texts, and what is compiled for tests or benches only.

use std::collections::BTreeSet;

const FOR_TESTS: &str = "#[cfg(test)]";

/// What a fuzzer calls, and what is measured in a build of its own, is not compiled for users either.
const MARKS: [&str; 3] = [
    "#[cfg(any(test, benching))]",
    "#[cfg(benching)]",
    "#[cfg(any(test, fuzzing))]",
];

/// What a file has for everybody, and the names of the modules that it has for tests.
pub(crate) fn of(text: &str) -> (String, BTreeSet<String>) {
    let texts = without_texts(text);
    let mut rest = MARKS
        .iter()
        .fold(texts, |code, mark| code.replace(mark, FOR_TESTS));
    let mut code = String::new();
    let mut for_tests = BTreeSet::new();
    while let Some((before, behind)) = rest.split_once(FOR_TESTS) {
        code.push_str(before);
        let (item, after) = behind.split_at(item_length(behind));
        let module = item.split_once("mod ").map(|(_, name)| name);
        let name = module.and_then(|name| name.split([';', ' ']).next());
        for_tests.extend(name.map(str::to_owned));
        rest = after.to_owned();
    }
    code.push_str(&rest);
    (code, for_tests)
}

/// How long the first item is: to its semicolon, or to the end of its braces.
fn item_length(text: &str) -> usize {
    let mut depth = 0_u32;
    for (at, found) in text.char_indices() {
        match found {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

fn without_texts(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = text_length(rest);
        if length == 0 {
            code.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        } else {
            rest = rest.get(length..).unwrap_or_default();
        }
    }
    code
}

/// How much of what begins here is a comment, a text or a character; 0 if it is code.
fn text_length(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    for (open, close) in [("r#\"", "\"#"), ("r\"", "\"")] {
        if let Some(inner) = rest.strip_prefix(open) {
            let end = inner.find(close).unwrap_or(inner.len());
            return open.len() + end + close.len();
        }
    }
    if let Some(inner) = rest.strip_prefix('"') {
        return 1 + unescaped(inner, '"');
    }
    match rest.strip_prefix('\'') {
        Some(inner) if inner.starts_with('\\') => 1 + unescaped(inner, '\''),
        // Not a lifetime.
        Some(inner) if inner.chars().nth(1) == Some('\'') => {
            2 + inner.chars().next().map_or(0, char::len_utf8)
        }
        _ => 0,
    }
}

/// How far it is behind a mark that no backslash stands before.
fn unescaped(text: &str, mark: char) -> usize {
    let mut is_escaped = false;
    for (at, found) in text.char_indices() {
        if found == mark && !is_escaped {
            return at + 1;
        }
        is_escaped = found == '\\' && !is_escaped;
    }
    text.len()
}
