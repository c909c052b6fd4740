//! Who a client is by its certificate: `ssl.principal.mapping.rules` (KIP-371) make a name of a distinguished name.

use std::fmt;

use regex_lite::{Captures, Regex};

/// The rules of one listener, in order.
#[derive(Debug, Clone)]
pub(crate) struct MappingRules(Vec<Rule>);

#[derive(Debug, Clone)]
enum Rule {
    /// The distinguished name itself.
    Default,
    /// What a pattern makes of it, if it is all of the name.
    Mapped {
        written: String,
        /// Matches all of the name.
        whole: Regex,
        /// Matches wherever it does, as Java's `replaceAll`.
        anywhere: Regex,
        replacement: String,
        case: Case,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Kept,
    Lower,
    Upper,
}

/// Rules that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadRules(String);

impl MappingRules {
    /// Reads `ssl.principal.mapping.rules`: rules with commas between them, each `DEFAULT` or
    /// `RULE:PATTERN/REPLACEMENT/` with `L` or `U` behind it for lower or upper case.
    ///
    /// # Errors
    /// What is no rule, in Kafka's words, or a pattern that is no regular expression.
    pub(crate) fn parse(text: &str) -> Result<Self, BadRules> {
        let mut rules = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (rule, after) = match rest.strip_prefix("RULE:") {
                Some(body) => parse_mapped(body, rest)?,
                None => parse_default(rest)?,
            };
            rules.push(rule);
            rest = after;
        }
        if rules.is_empty() {
            rules.push(Rule::Default);
        }
        Ok(Self(rules))
    }

    /// What the first rule that is about a distinguished name makes of it.
    ///
    /// # Errors
    /// None is about it; Kafka then closes the connection.
    pub(crate) fn name(&self, distinguished: &str) -> Result<String, String> {
        let mapped = self.0.iter().find_map(|rule| rule.apply(distinguished));
        mapped.ok_or_else(|| format!("No rules apply to {distinguished}, rules {self}"))
    }
}

impl fmt::Display for MappingRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<_> = self.0.iter().map(Rule::shown).collect();
        write!(f, "[{}]", shown.join(", "))
    }
}

impl Rule {
    fn apply(&self, distinguished: &str) -> Option<String> {
        let Self::Mapped {
            whole,
            anywhere,
            replacement,
            case,
            ..
        } = self
        else {
            return Some(distinguished.to_owned());
        };
        if !whole.is_match(distinguished) {
            return None;
        }
        let replaced = anywhere.replace_all(distinguished, |found: &Captures<'_>| {
            expanded(replacement, found)
        });
        Some(match case {
            Case::Kept => replaced.into_owned(),
            Case::Lower => replaced.to_lowercase(),
            Case::Upper => replaced.to_uppercase(),
        })
    }

    fn shown(&self) -> String {
        match self {
            Self::Default => "DEFAULT".to_owned(),
            Self::Mapped { written, .. } => written.clone(),
        }
    }
}

fn parse_default(rest: &str) -> Result<(Rule, &str), BadRules> {
    let (rule, after) = rest.split_once(',').unwrap_or((rest, ""));
    match rule.trim() {
        "DEFAULT" => Ok((Rule::Default, after.trim_start())),
        other => Err(BadRules(format!("Invalid rule: {other}"))),
    }
}

/// `PATTERN/REPLACEMENT/` and a letter; what is behind the next comma comes after it.
fn parse_mapped<'a>(body: &'a str, rest: &'a str) -> Result<(Rule, &'a str), BadRules> {
    let bad = || BadRules(format!("Invalid rule: {rest}"));
    let (pattern, body) = until_slash(body).ok_or_else(bad)?;
    let (replacement, body) = until_slash(body).ok_or_else(bad)?;
    let (letter, after) = body.split_once(',').unwrap_or((body, ""));
    let case = match letter.trim() {
        "" => Case::Kept,
        "L" => Case::Lower,
        "U" => Case::Upper,
        _ => return Err(bad()),
    };
    let regex = |pattern: &str| {
        Regex::new(pattern).map_err(|why| {
            BadRules(format!(
                "the pattern {pattern} of a rule cannot be read: {why}"
            ))
        })
    };
    let rule = Rule::Mapped {
        written: format!("RULE:{pattern}/{replacement}/{}", letter.trim()),
        whole: regex(&format!("^(?:{pattern})$"))?,
        anywhere: regex(pattern)?,
        replacement: replacement.to_owned(),
        case,
    };
    Ok((rule, after.trim_start()))
}

/// What stands before the first slash that has no backslash before it, and what after it.
fn until_slash(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '/' => return Some((text.get(..at)?, text.get(at.checked_add(1)?..)?)),
            _ => {}
        }
    }
    None
}

/// A replacement with `$1` and the like replaced by what the groups matched; a `$` before the number of no group stays,
/// and a backslash makes what follows stand for itself.
fn expanded(replacement: &str, found: &Captures<'_>) -> String {
    let mut text = String::new();
    let mut rest = replacement.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => text.extend(rest.next()),
            '$' => {
                let mut number = String::new();
                while let Some(digit) = rest.peek().filter(|c| c.is_ascii_digit()) {
                    // As Java: as many digits as still name a group.
                    let longer = format!("{number}{digit}");
                    let names = |text: &str| text.parse().is_ok_and(|at: usize| at < found.len());
                    if !number.is_empty() && !names(&longer) {
                        break;
                    }
                    number = longer;
                    rest.next();
                }
                let group = number.parse().ok().filter(|at: &usize| *at < found.len());
                match group {
                    Some(at) => text.push_str(found.get(at).map_or("", |part| part.as_str())),
                    None => {
                        text.push('$');
                        text.push_str(&number);
                    }
                }
            }
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "CN=Duke,OU=ServiceUsers,O=Org,C=US";

    #[track_caller]
    fn check(rules: &str, expected: Result<&str, &str>) {
        let name = MappingRules::parse(rules)
            .map_err(|why| why.to_string())
            .and_then(|rules| rules.name(NAME));
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(name, expected, "{rules}");
    }

    /// As `SslPrincipalMapperTest` of Kafka has them.
    #[test]
    fn the_first_rule_that_matches_names_the_client() {
        check("DEFAULT", Ok(NAME));
        check("", Ok(NAME));
        check("RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/", Ok("Duke"));
        check("RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/L", Ok("duke"));
        check(
            "RULE:^CN=(.*?),OU=(.*?),O=(.*?),C=(.*?)$/$1@$2/U , DEFAULT",
            Ok("DUKE@SERVICEUSERS"),
        );
        check("RULE:^OU=.*$/x/, RULE:^CN=(.*?),.*$/$1/", Ok("Duke"));
        check("RULE:.*\\/no.*/x/,DEFAULT", Ok(NAME));
        check("RULE:^CN=(.*?),.*$/$1$9/", Ok("Duke$9"));
        check(
            "RULE:^OU=.*$/x/",
            Err("No rules apply to CN=Duke,OU=ServiceUsers,O=Org,C=US, rules [RULE:^OU=.*$/x/]"),
        );
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for bad in [
            "default",
            "RULE:a",
            "RULE:a/b",
            "RULE:a/b/X",
            "DEFAULT/L",
            "RULE:(/x/",
        ] {
            assert!(MappingRules::parse(bad).is_err(), "{bad}");
        }
    }
}
