//! IAM's wildcards: `*` for any text, `?` for one character.

/// Whether a text is what a pattern says.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut from) = (0, 0);
    // Behind the last star, and where in the text what follows it was tried last.
    let mut again: Option<(usize, usize)> = None;
    while let Some(letter) = text.get(from) {
        match pattern.get(at) {
            Some('*') => {
                at += 1;
                again = Some((at, from));
            }
            Some(wanted) if wanted == letter || *wanted == '?' => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((behind, tried)) = again else {
                    return false;
                };
                (at, from) = (behind, tried + 1);
                again = Some((behind, tried + 1));
            }
        }
    }
    pattern.iter().skip(at).all(|left| *left == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_any_text() {
        let check = |pattern, text, expected| {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        };
        for pattern in ["", "a", "a*b", "*", "**", "a?c", "?", "*abc*", "a*b*c"] {
            check(pattern, pattern, true);
        }
        check("a*c", "abcbc", true);
        check("a*c", "abcbd", false);
        check("*_test", "orders_test", true);
        check("*_test", "orders_test2", false);
        check("a?c", "ac", false);
        check("?", "", false);
        check("*", "", true);
        check("", "a", false);
        check("Abc", "abc", false);
        check("\u{e9}?", "\u{e9}\u{1F600}", true);
        // Quadratic, not exponential.
        check(&"*a".repeat(300), &"a".repeat(299), false);
    }
}
