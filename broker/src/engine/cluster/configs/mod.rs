//! Configurations of topics, brokers, groups and client metrics subscriptions: what can be set,
//! to which values, where an effective value comes from.
//!
//! [`StaticConfig`] is what brokers were started with, [`Configs`] adds what was set since. A topic
//! keeps its own [`Overrides`]; [`TopicConfig`] and [`BrokerConfig`] hold the values in force.

mod alter;
mod broker_config;
mod broker_rules;
mod changes;
mod describe;
mod fixed;
mod group_rules;
mod key;
mod keys;
mod listener_config;
mod loggers;
mod offset_reset;
mod own;
mod properties;
mod resource;
mod rule;
mod store;
#[cfg(any(feature = "tls", feature = "oauth"))]
mod stores;
mod synonyms;
#[cfg(test)]
mod tests;
#[cfg(feature = "tls")]
mod tls_config;
mod topic_config;
mod unenforced;
mod validate;
mod value;

pub(crate) use alter::{Alteration, Change};
pub(crate) use broker_config::BrokerConfig;
pub(crate) use changes::Changes;
pub(crate) use describe::{Described, Synonym};
pub(crate) use fixed::StaticConfig;
pub(crate) use fixed::Unenforced;
pub(crate) use keys::is_password;
pub(crate) use listener_config::ListenerConfig;
pub(crate) use offset_reset::OffsetReset;
pub(crate) use own::own_settings;
pub(crate) use properties::parse as parse_properties;
pub(crate) use resource::{
    Editor, ResourceKind, TopicSettings, View, changes, named_twice, refuse_repeated, replacement,
    topic_name_fault,
};
pub(crate) use store::{Configs, Overrides};
#[cfg(any(feature = "tls", feature = "oauth"))]
pub(crate) use stores::{Secret, StoreSettings};
pub(crate) use synonyms::is_of_keys;
#[cfg(feature = "tls")]
pub(crate) use tls_config::{ClientAuth, TlsSettings};
pub(crate) use topic_config::TopicConfig;
pub(crate) use unenforced::Ways;
pub(crate) use validate::check_topic;
pub(crate) use value::Value;
