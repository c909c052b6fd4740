//! Policies as AWS documents them.

mod decisions;
mod documents;
