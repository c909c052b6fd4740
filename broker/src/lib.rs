//! Fauxka: a pure-Rust emulator of an Apache Kafka cluster for tests.

mod engine;
mod wire;
