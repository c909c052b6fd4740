//! Configurations as Apache Kafka 4.4.0 describes and refuses them; every answer was asked of it.

mod alter;
mod describe;
mod resources;

use std::collections::BTreeMap;

use super::*;
use crate::engine::api_error::ApiError;
use crate::wire::error::ErrorCode;
use crate::wire::units::NodeId;

const NODE: NodeId = NodeId(1);

fn settings(pairs: &[(&str, &str)]) -> Overrides {
    pairs
        .iter()
        .map(|(name, raw)| ((*name).to_owned(), (*raw).to_owned()))
        .collect()
}

/// Without a message where it is empty.
fn api_error(code: ErrorCode, message: &str) -> ApiError {
    let message = (!message.is_empty()).then(|| message.to_owned());
    ApiError { code, message }
}

/// One broker that was started with these settings.
fn cluster(fixed: &[(&str, &str)]) -> Configs {
    let fixed: Vec<_> = settings(fixed).into_iter().collect();
    let mut configs = Configs::new(StaticConfig::read(&fixed, &[], 1).unwrap().0);
    configs.add_node(NODE, settings(&[("node.id", "1"), ("broker.id", "1")]));
    configs
}

/// Topics that are nothing but settings.
#[derive(Debug)]
struct Topics(BTreeMap<String, Overrides>);

impl Topics {
    fn of(names: &[&str]) -> Self {
        Self(
            names
                .iter()
                .map(|name| ((*name).to_owned(), Overrides::new()))
                .collect(),
        )
    }
}

impl TopicSettings for Topics {
    fn overrides(&self, topic: &str) -> Option<&Overrides> {
        self.0.get(topic)
    }

    fn set_overrides(&mut self, topic: &str, overrides: Overrides) {
        self.0.insert(topic.to_owned(), overrides);
    }

    fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

fn edit<'a>(configs: &'a mut Configs, topics: &'a mut Topics) -> Editor<'a, Topics> {
    Editor {
        configs,
        topics,
        node: NODE,
        validate_only: false,
    }
}
