//! What serde says of bad input, in words for people.

use super::names::nearest;

/// What stands before serde's own words where axum passes them on.
const PREFIXES: &[&str] = &[
    "Failed to deserialize the JSON body into the target type: ",
    "Failed to parse the request body as JSON: ",
    "Failed to deserialize query string: ",
    "Failed to deserialize form: ",
    "Invalid URL: ",
];

/// More names than this are no help to anyone who made a slip in one.
const LISTED: usize = 10;

/// A message of serde's as a sentence: what is wrong, and what may have been meant.
pub(crate) fn plain(message: &str) -> String {
    let mut text = message;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        text = rest;
    }
    // Where on a first line that may be the only one, everybody sees.
    if let Some((before, _)) = text.rsplit_once(" at line 1 column ") {
        text = before;
    }
    for (kind, noun) in [("unknown field `", "field"), ("unknown variant `", "value")] {
        if let Some((before, rest)) = text.split_once(kind) {
            let written = rest.split('`').next().unwrap_or_default();
            // What stands before says where; it may be the very name.
            let before = before
                .strip_suffix(&format!("{written}: "))
                .unwrap_or(before);
            return format!("{before}{}", unknown(noun, rest));
        }
    }
    if text.contains("did not match any variant of untagged enum") {
        return "this is none of the forms that are expected".to_owned();
    }
    if let Some((written, _)) = text
        .split_once("Cannot parse `")
        .and_then(|(_, rest)| rest.split_once("` to a `"))
    {
        return format!("{written:?} is not a number");
    }
    for kind in ["invalid type: ", "invalid value: "] {
        if let Some((before, (found, expected))) = text
            .split_once(kind)
            .and_then(|(before, rest)| Some((before, rest.split_once(", expected ")?)))
        {
            return format!("{before}expected {}, not {found}", expected_thing(expected));
        }
    }
    text.to_owned()
}

/// What Rust calls a number is a number to everybody else.
fn expected_thing(expected: &str) -> String {
    let (word, rest) = expected
        .find(' ')
        .map_or((expected, ""), |at| expected.split_at(at));
    match word {
        "u8" | "u16" | "u32" | "u64" | "usize" => format!("a number from 0 on{rest}"),
        "i8" | "i16" | "i32" | "i64" | "isize" => format!("a number{rest}"),
        _ => expected.to_owned(),
    }
}

/// `name`, expected one of `a`, `b` at line 1 column 5
fn unknown(noun: &str, rest: &str) -> String {
    let Some((written, expected)) = rest.split_once('`') else {
        return format!("unknown {noun} `{rest}");
    };
    // Every other part stands between backquotes.
    let names: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let place = expected.rsplit('`').next().unwrap_or_default();
    let place = place.find(" at line ").and_then(|at| place.get(at..));
    let place = place.unwrap_or_default();
    let Some(meant) = nearest(written, names.iter().copied()) else {
        return format!("unknown {noun} `{written}`{place}: there is none");
    };
    let mut said = format!("unknown {noun} `{written}`{place}: did you mean `{meant}`?");
    if names.len() <= LISTED {
        said.push_str(&format!(" There are {}", names.join(", ")));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn serdes_words_become_sentences() {
        for (said, expected) in [
            (
                "Failed to deserialize the JSON body into the target type: topics: unknown field `topics`, \
                 expected one of `topic`, `api` at line 1 column 9",
                "unknown field `topics`: did you mean `topic`? There are topic, api",
            ),
            (
                "rule: unknown field `nths`, expected one of `api`, `nth` at line 3 column 9",
                "rule: unknown field `nths` at line 3 column 9: did you mean `nth`? There are api, nth",
            ),
            (
                "Invalid URL: Cannot parse `x` to a `u64`",
                "\"x\" is not a number",
            ),
            (
                "unknown variant `topic`, expected `topics` or `groups`",
                "unknown value `topic`: did you mean `topics`? There are topics, groups",
            ),
            (
                "unknown field `a`, there are no fields",
                "unknown field `a`: there is none",
            ),
            (
                "Failed to deserialize query string: max: invalid digit found in string",
                "max: invalid digit found in string",
            ),
            (
                "data did not match any variant of untagged enum Advance",
                "this is none of the forms that are expected",
            ),
            (
                "nth: invalid type: string \"x\", expected u64",
                "nth: expected a number from 0 on, not string \"x\"",
            ),
        ] {
            assert_eq!(plain(said), expected);
        }
    }
}
