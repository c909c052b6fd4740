//! Black-box conformance suite for brokers that speak the Kafka protocol.
