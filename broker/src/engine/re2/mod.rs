//! Regular expressions over topic names, in the syntax of RE2/J, which Kafka uses (KIP-848).
//!
//! The parser accepts what RE2/J 1.8 accepts and refuses the rest in its words. What is matched is a topic
//! name, thus ASCII: a class is a set of 128 bits, and what lies beyond matches nothing. Matching follows
//! all paths at once, so that no expression takes long.

mod classes;
mod parse;
mod program;

#[cfg(test)]
mod tests;

use program::Program;

/// A regular expression.
#[derive(Debug)]
pub(crate) struct Pattern(Program);

impl Pattern {
    /// Reads an expression; the error is RE2/J's description of what is wrong.
    pub(crate) fn parse(expression: &str) -> Result<Self, &'static str> {
        parse::parse(expression).map(Self)
    }

    /// Whether the expression matches all of `text`.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.0.matches(text.as_bytes())
    }
}
