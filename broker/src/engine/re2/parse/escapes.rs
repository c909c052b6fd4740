//! What a backslash begins.

use super::{INVALID_ESCAPE, INVALID_RANGE, Parsed, Parser, TRAILING_BACKSLASH};
use crate::engine::re2::classes::{Set, fold, perl, unicode};
use crate::engine::re2::program::{Assertion, Step};

impl Parser<'_> {
    pub(super) fn escape(&mut self) -> Parsed<()> {
        let assertion = match self.rest.as_bytes().get(1) {
            Some(b'A') => Some(Assertion::Begin),
            Some(b'z') => Some(Assertion::End),
            Some(b'b') => Some(Assertion::WordBoundary),
            Some(b'B') => Some(Assertion::NoWordBoundary),
            Some(b'C') => return Err(INVALID_ESCAPE),
            _ => None,
        };
        if let Some(assertion) = assertion {
            self.next();
            self.push_assertion(assertion);
            return Ok(());
        }
        if self.eat("\\Q") {
            let (quoted, rest) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
            self.rest = rest;
            quoted.chars().for_each(|c| self.literal(c));
            return Ok(());
        }
        match self.named_set()? {
            Some(set) => self.push(Step::Take(set)),
            None => {
                let c = self.escaped()?;
                self.literal(c);
            }
        }
        Ok(())
    }

    /// `\pL`, `\P{Greek}`, `\d` and the like, if that is what comes next.
    pub(super) fn named_set(&mut self) -> Parsed<Option<Set>> {
        let mut ahead = self.rest.chars();
        if ahead.next() != Some('\\') {
            return Ok(None);
        }
        let Some(letter) = ahead.next() else {
            return Ok(None);
        };
        if letter == 'p' || letter == 'P' {
            self.rest = ahead.as_str();
            return self.unicode_set(letter == 'P').map(Some);
        }
        let set = perl(letter);
        if set.is_some() {
            self.rest = ahead.as_str();
        }
        Ok(set.map(|set| if self.folds { fold(set) } else { set }))
    }

    pub(super) fn unicode_set(&mut self, negated: bool) -> Parsed<Set> {
        if self.eat("{") {
            let (name, rest) = self.rest.split_once('}').ok_or(INVALID_RANGE)?;
            self.rest = rest;
            return self.unicode_named(name, negated);
        }
        let letter = self.next().ok_or(INVALID_RANGE)?;
        self.unicode_named(letter.encode_utf8(&mut [0; 4]), negated)
    }

    pub(super) fn unicode_named(&self, name: &str, negated: bool) -> Parsed<Set> {
        let (name, negated) = match name.strip_prefix('^') {
            Some(name) => (name, !negated),
            None => (name, negated),
        };
        let set = unicode(name).ok_or(INVALID_RANGE)?;
        let set = if self.folds { fold(set) } else { set };
        Ok(if negated { !set } else { set })
    }

    /// A character by its escape.
    pub(super) fn escaped(&mut self) -> Parsed<char> {
        self.next();
        let c = self.next().ok_or(TRAILING_BACKSLASH)?;
        let octal = |c: Option<char>| c.and_then(|c| c.to_digit(8));
        match c {
            'a' => Ok('\u{7}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\u{b}'),
            'x' => self.hexadecimal(),
            '1'..='7' if octal(self.peek()).is_none() => Err(INVALID_ESCAPE),
            '0'..='7' => {
                let mut number = octal(Some(c)).unwrap_or_default();
                for _ in 1..3 {
                    let Some(digit) = octal(self.peek()) else {
                        break;
                    };
                    number = number * 8 + digit;
                    self.next();
                }
                char::from_u32(number).ok_or(INVALID_ESCAPE)
            }
            _ if c.is_ascii_alphanumeric() => Err(INVALID_ESCAPE),
            _ => Ok(c),
        }
    }

    pub(super) fn hexadecimal(&mut self) -> Parsed<char> {
        let digits = match self.rest.strip_prefix('{') {
            Some(inside) => {
                let (digits, rest) = inside.split_once('}').ok_or(INVALID_ESCAPE)?;
                self.rest = rest;
                digits
                    .trim_start_matches('0')
                    .get(..)
                    .filter(|_| !digits.is_empty())
            }
            None => {
                let digits = self.rest.get(..2);
                self.rest = self.rest.get(2..).unwrap_or_default();
                digits
            }
        };
        let digits = digits.ok_or(INVALID_ESCAPE)?;
        if !digits.chars().all(|c| c.is_ascii_hexdigit()) || digits.len() > 6 {
            return Err(INVALID_ESCAPE);
        }
        let number = u32::from_str_radix(digits, 16).unwrap_or_default();
        // A half of a surrogate pair is a character to Java, and in no name.
        match char::from_u32(number) {
            Some(c) => Ok(c),
            None if number <= 0x10_ffff => Ok(char::REPLACEMENT_CHARACTER),
            None => Err(INVALID_ESCAPE),
        }
    }
}
