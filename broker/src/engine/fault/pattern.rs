//! Names with `*` and `?` in them.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A name, in which `*` stands for any characters, `?` for any one, and a backslash takes the next
/// character as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// Whether it can mean one name only.
    pub(crate) fn is_name(&self) -> bool {
        tokens(&self.0)
            .iter()
            .all(|token| matches!(token, Token::Letter(_)))
    }

    /// Whether it means this name.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let tokens = tokens(&self.0);
        let name: Vec<char> = name.chars().collect();
        // Where the name goes on if the latest star has to take one character more.
        let mut retry: Option<(usize, usize)> = None;
        let (mut at, mut reached) = (0_usize, 0_usize);
        loop {
            let step = match (tokens.get(at), name.get(reached)) {
                (None, None) => return true,
                (Some(Token::Any), _) => {
                    retry = Some((at, reached));
                    at = at.saturating_add(1);
                    continue;
                }
                (Some(Token::One), Some(_)) => true,
                (Some(Token::Letter(letter)), Some(found)) => letter == found,
                (None, Some(_)) | (Some(_), None) => false,
            };
            if step {
                (at, reached) = (at.saturating_add(1), reached.saturating_add(1));
                continue;
            }
            let Some((star, taken)) = retry.filter(|(_, taken)| *taken < name.len()) else {
                return false;
            };
            let taken = taken.saturating_add(1);
            retry = Some((star, taken));
            (at, reached) = (star.saturating_add(1), taken);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Any,
    One,
    Letter(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut letters = text.chars();
    let mut tokens = Vec::new();
    while let Some(letter) = letters.next() {
        tokens.push(match letter {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Letter(letters.next().unwrap_or('\\')),
            letter => Token::Letter(letter),
        });
    }
    tokens
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl FromStr for Pattern {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_match_names() {
        #[track_caller]
        fn check(pattern: &str, yes: &[&str], no: &[&str]) {
            for name in yes {
                assert!(Pattern::from(pattern).matches(name), "{pattern} {name}");
            }
            for name in no {
                assert!(!Pattern::from(pattern).matches(name), "{pattern} {name}");
            }
        }
        check("orders", &["orders"], &["order", "orders2", ""]);
        check("orders*", &["orders", "orders-eu"], &["my-orders"]);
        check("*-dlq", &["a-dlq", "-dlq", "a-dlq-dlq"], &["a-dlq-1"]);
        check("a*b*c", &["abc", "axbxc", "abbcc", "abcbc"], &["acb", "ab"]);
        check("a?c", &["abc", "a\u{e9}c"], &["ac", "abbc"]);
        check("*", &["", "x"], &[]);
        check("", &[""], &["x"]);
        check("a\\*", &["a*"], &["ab", "a\\*"]);
    }
}
