//! The orders in which Java's, Scala's and Kafka's own tables are walked, where an answer or a record shows them.
//!
//! Each function sorts rows that stand in the order in which Kafka puts them in. `fixtures/orders` has what the
//! tables themselves answered. [`text`] is about texts.

pub(crate) mod by_key;
pub(crate) mod hash;
pub(crate) mod hash_map;
pub(crate) mod hash_order;
pub(crate) mod hash_set;
pub(crate) mod pcollections;
pub(crate) mod scala;
#[cfg(test)]
mod tests;
pub(crate) mod text;
pub(crate) mod timeline;
