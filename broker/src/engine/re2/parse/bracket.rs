//! Classes in brackets.

use super::{INVALID_RANGE, MISSING_BRACKET, Parsed, Parser};
use crate::engine::re2::classes::{Set, fold, posix};
use crate::engine::re2::program::Step;

impl Parser<'_> {
    pub(super) fn class(&mut self) -> Parsed<()> {
        self.next();
        let negated = self.eat("^");
        let mut set: Set = 0;
        let mut first = true;
        while first || self.peek() != Some(']') {
            first = false;
            set |= self.class_item()?;
        }
        self.next();
        self.push(Step::Take(if negated { !set } else { set }));
        Ok(())
    }

    pub(super) fn class_item(&mut self) -> Parsed<Set> {
        if let Some(inside) = self.rest.strip_prefix("[:")
            && let Some((name, rest)) = inside.split_once(":]")
        {
            self.rest = rest;
            let set = posix(name).ok_or(INVALID_RANGE)?;
            return Ok(if self.folds { fold(set) } else { set });
        }
        if let Some(set) = self.named_set()? {
            return Ok(set);
        }
        let first = self.class_char()?;
        let ranges = self.rest.starts_with('-') && !self.rest.starts_with("-]");
        if !ranges {
            return Ok(self.range(first, first));
        }
        self.next();
        let last = self.class_char()?;
        if last < first {
            return Err(INVALID_RANGE);
        }
        Ok(self.range(first, last))
    }

    pub(super) fn class_char(&mut self) -> Parsed<char> {
        match self.peek() {
            None => Err(MISSING_BRACKET),
            Some('\\') => self.escaped(),
            Some(c) => {
                self.next();
                Ok(c)
            }
        }
    }
}
