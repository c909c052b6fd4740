//! IAM policies: what AWS lets its principals do to a cluster of MSK.
//!
//! `document.rs` reads IAM's JSON, `action.rs` has the actions and what they stand for in Kafka, `resource.rs` names what is acted
//! on, `decide.rs` says what comes of a question, and by which statement.

mod action;
mod decide;
mod document;
mod json;
mod pattern;
mod resource;
#[cfg(test)]
mod tests;

pub(crate) use action::Action;
pub(crate) use decide::{Decision, KeptPolicy, Policies};
pub(crate) use document::Policy;
