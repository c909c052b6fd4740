//! Configurations of topics, brokers, groups and client metrics subscriptions: what can be set,
//! to which values, where an effective value comes from.
//!
//! [`StaticConfig`] is what brokers were started with, [`Configs`] adds what was set since. A topic
//! keeps its own [`Overrides`]; [`TopicConfig`] and [`BrokerConfig`] hold the values in force.

mod broker_config;
mod broker_rules;
mod fixed;
mod java_order;
mod key;
mod keys;
mod loggers;
mod properties;
mod rule;
mod store;
mod synonyms;
mod topic_config;
mod value;

pub(crate) use broker_config::BrokerConfig;
pub(crate) use fixed::{BadSetting, StaticConfig};
pub(crate) use properties::{PropertiesError, parse as parse_properties};
pub(crate) use store::{Configs, Overrides, Source};
pub(crate) use topic_config::TopicConfig;
