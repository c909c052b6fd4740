//! The parser. Where it refuses, and in which words, is RE2/J's.

mod bracket;
mod escapes;

use std::collections::BTreeSet;

use super::classes::{ALL, Set, between, folded};
use super::program::{Assertion, Program, Step, TooLarge};

const INVALID_ESCAPE: &str = "invalid escape sequence";
const INVALID_NAME: &str = "invalid named capture";
const DUPLICATE_NAME: &str = "duplicate capture group name";
const INVALID_PERL: &str = "invalid or unsupported Perl syntax";
const INVALID_RANGE: &str = "invalid character class range";
const INVALID_REPEAT: &str = "invalid nested repetition operator";
const INVALID_COUNT: &str = "invalid repeat count";
const MISSING_BRACKET: &str = "missing closing ]";
const MISSING_PAREN: &str = "missing closing )";
const NOTHING_TO_REPEAT: &str = "missing argument to repetition operator";
const TRAILING_BACKSLASH: &str = "trailing backslash at end of expression";
/// What RE2/J says of a closing parenthesis that nothing opened.
const UNDERFLOW: &str = "regexp/syntax: internal error";

/// No repetition may ask for more.
const COUNT_MAX: u32 = 1000;

/// Groups may lie no deeper in one another, which is not a bound of RE2/J's.
const DEPTH_MAX: usize = 1000;

type Parsed<T> = Result<T, &'static str>;

impl From<TooLarge> for &'static str {
    fn from(_: TooLarge) -> Self {
        INVALID_COUNT
    }
}

/// A group that is still open, or the whole.
#[derive(Default)]
struct Open {
    /// What the alternatives before this one came to.
    before: Option<Program>,
    /// The pieces of this alternative.
    pieces: Vec<Program>,
    /// Whether letters are the same in both cases, as it was before the group.
    folds_before: bool,
}

struct Parser<'a> {
    rest: &'a str,
    folds: bool,
    open: Vec<Open>,
    names: BTreeSet<&'a str>,
}

pub(super) fn parse(expression: &str) -> Parsed<Program> {
    let mut parser = Parser {
        rest: expression,
        folds: false,
        open: vec![Open::default()],
        names: BTreeSet::new(),
    };
    let mut repeated = false;
    while let Some(c) = parser.peek() {
        repeated = parser.token(c, repeated)?;
    }
    let whole = parser.open.pop().ok_or(UNDERFLOW)?;
    if !parser.open.is_empty() {
        return Err(MISSING_PAREN);
    }
    whole.close()
}

impl Open {
    /// Everything in the group.
    fn close(self) -> Parsed<Program> {
        let mut last = Program::default();
        for piece in &self.pieces {
            last.then(piece)?;
        }
        match self.before {
            None => Ok(last),
            Some(before) => Ok(before.or(&last)?),
        }
    }
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        Some(c)
    }

    fn eat(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes one token; whether another repetition may not follow it.
    fn token(&mut self, c: char, repeated: bool) -> Parsed<bool> {
        match c {
            '(' if self.rest.starts_with("(?") => self.flags_or_name()?,
            '(' => {
                self.next();
                self.open_group(self.folds)?;
            }
            '|' => {
                self.next();
                self.alternative()?;
            }
            ')' => {
                self.next();
                self.close_group()?;
            }
            '^' => self.push_assertion(Assertion::Begin),
            '$' => self.push_assertion(Assertion::End),
            '.' => {
                self.next();
                self.push(Step::Take(ALL));
            }
            '[' => self.class()?,
            '*' | '+' | '?' => {
                self.next();
                let (least, most) = match c {
                    '*' => (0, None),
                    '+' => (1, None),
                    _ => (0, Some(1)),
                };
                self.repeat(least, most, repeated)?;
                return Ok(true);
            }
            '{' => {
                match self.counts()? {
                    Some((least, most)) => self.repeat(least, most, repeated)?,
                    None => self.literal('{'),
                }
                return Ok(true);
            }
            '\\' => self.escape()?,
            _ => {
                self.next();
                self.literal(c);
            }
        }
        Ok(false)
    }

    fn push_assertion(&mut self, assertion: Assertion) {
        self.next();
        self.push(Step::If(assertion));
    }

    fn push(&mut self, step: Step) {
        self.push_program(Program::of(step));
    }

    fn push_program(&mut self, program: Program) {
        if let Some(open) = self.open.last_mut() {
            open.pieces.push(program);
        }
    }

    fn literal(&mut self, c: char) {
        let set = self.range(c, c);
        self.push(Step::Take(set));
    }

    fn range(&self, first: char, last: char) -> Set {
        if self.folds {
            folded(first, last)
        } else {
            between(first, last)
        }
    }

    fn open_group(&mut self, folds: bool) -> Parsed<()> {
        if self.open.len() > DEPTH_MAX {
            return Err(INVALID_COUNT);
        }
        self.open.push(Open {
            folds_before: self.folds,
            ..Open::default()
        });
        self.folds = folds;
        Ok(())
    }

    fn alternative(&mut self) -> Parsed<()> {
        let open = self.open.pop().ok_or(UNDERFLOW)?;
        let folds_before = open.folds_before;
        self.open.push(Open {
            before: Some(open.close()?),
            pieces: Vec::new(),
            folds_before,
        });
        Ok(())
    }

    fn close_group(&mut self) -> Parsed<()> {
        let group = self.open.pop().ok_or(UNDERFLOW)?;
        if self.open.is_empty() {
            return Err(UNDERFLOW);
        }
        self.folds = group.folds_before;
        self.push_program(group.close()?);
        Ok(())
    }

    fn repeat(&mut self, least: u32, most: Option<u32>, repeated: bool) -> Parsed<()> {
        // That it is not greedy matters only to where a match ends.
        self.eat("?");
        if repeated {
            return Err(INVALID_REPEAT);
        }
        let piece = self.open.last_mut().and_then(|open| open.pieces.pop());
        let piece = piece.ok_or(NOTHING_TO_REPEAT)?;
        self.push_program(piece.repeated(least, most)?);
        Ok(())
    }

    /// `{n}`, `{n,}` or `{n,m}`; none, and only the brace is taken, if it is none of them.
    fn counts(&mut self) -> Parsed<Option<(u32, Option<u32>)>> {
        self.next();
        let before = self.rest;
        let counts = self.counts_inside();
        if counts.is_none() {
            self.rest = before;
        }
        let Some((least, most)) = counts else {
            return Ok(None);
        };
        let most = if most == Some(None) {
            None
        } else {
            Some(most.flatten().unwrap_or(least))
        };
        if least > COUNT_MAX || most.is_some_and(|most| most > COUNT_MAX || most < least) {
            return Err(INVALID_COUNT);
        }
        Ok(Some((least, most)))
    }

    /// The least, and what stands after a comma: nothing, or the most.
    fn counts_inside(&mut self) -> Option<(u32, Option<Option<u32>>)> {
        let least = self.number()?;
        if !self.eat(",") {
            return self.eat("}").then_some((least, None));
        }
        if self.eat("}") {
            return Some((least, Some(None)));
        }
        let most = self.number()?;
        self.eat("}").then_some((least, Some(Some(most))))
    }

    /// A number without leading zeros; far too large a one if it has too many digits.
    fn number(&mut self) -> Option<u32> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit());
        let (digits, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        self.rest = rest;
        Some(digits.parse().unwrap_or(u32::MAX))
    }

    fn flags_or_name(&mut self) -> Parsed<()> {
        for begin in ["(?P<", "(?<"] {
            let Some(inside) = self.rest.strip_prefix(begin) else {
                continue;
            };
            let (name, rest) = inside.split_once('>').ok_or(INVALID_NAME)?;
            let valid = |c: char| c == '_' || c.is_ascii_alphanumeric();
            if name.is_empty() || !name.chars().all(valid) {
                return Err(INVALID_NAME);
            }
            self.rest = rest;
            if !self.names.insert(name) {
                return Err(DUPLICATE_NAME);
            }
            return self.open_group(self.folds);
        }
        self.eat("(?");
        self.flags()
    }

    /// `i` changes what matches; `m`, `s` and `U` do not, for a name has no line breaks.
    fn flags(&mut self) -> Parsed<()> {
        let (mut folds, mut sets, mut saw_flag) = (self.folds, true, false);
        while let Some(c) = self.next() {
            match c {
                'i' => (folds, saw_flag) = (sets, true),
                'm' | 's' | 'U' => saw_flag = true,
                '-' if sets => (sets, saw_flag) = (false, false),
                ')' | ':' if sets || saw_flag => {
                    if c == ':' {
                        return self.open_group(folds);
                    }
                    self.folds = folds;
                    return Ok(());
                }
                _ => break,
            }
        }
        Err(INVALID_PERL)
    }
}
