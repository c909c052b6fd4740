//! Configurations of topics, brokers, groups and client metrics subscriptions: what can be set,
//! to which values, where an effective value comes from.

mod broker_rules;
mod fixed;
mod java_order;
mod key;
mod keys;
mod properties;
mod rule;
mod synonyms;
mod value;

pub(crate) use fixed::{BadSetting, StaticConfig};
pub(crate) use properties::{PropertiesError, parse as parse_properties};
