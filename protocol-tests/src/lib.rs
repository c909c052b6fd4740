//! Black-box conformance suite for brokers that speak the Kafka protocol.
//!
//! A [`case::Case`] talks to a broker through a [`context::Context`]: typed requests at a chosen version, or raw bytes.
//! That yields a transcript in which ids, times and addresses have names. The oracle's transcripts are recorded in
//! `fixtures/transcripts`; every other broker's are compared with them.

#![expect(
    clippy::indexing_slicing,
    reason = "indexing a JSON value gives null where there is nothing; slices are indexed by what built them"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the kinds of JSON values and I/O errors, the rest is refused"
)]

pub mod ahead;
mod answer;
pub mod case;
#[path = "../cases/mod.rs"]
pub mod cases;
pub mod certificates;
pub mod clock;
pub mod cluster;
pub mod codec;
pub mod connection;
pub mod context;
pub mod coordinator_records;
pub mod coordinators;
pub mod differential;
pub mod embedded;
pub mod errors;
mod groups;
pub mod labels;
mod nodes;
pub mod oracle;
pub mod profile;
pub mod program;
pub mod quotas;
pub mod records;
pub mod report;
pub mod runner;
pub mod sasl;
pub mod show;
pub mod subscriptions;
pub mod target;
pub mod tls;
mod topics;
pub mod transactions;
pub mod transcripts;
mod waiting;
