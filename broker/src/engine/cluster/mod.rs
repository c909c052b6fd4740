//! The cluster's state: nodes, topics, configurations.

pub(crate) mod configs;
