//! Configurations as Apache Kafka 4.4.0 describes and refuses them; every answer was asked of it.

mod alter;
mod describe;

use super::*;
use crate::wire::units::NodeId;

const NODE: NodeId = NodeId(1);

fn settings(pairs: &[(&str, &str)]) -> Overrides {
    pairs
        .iter()
        .map(|(name, raw)| ((*name).to_owned(), (*raw).to_owned()))
        .collect()
}

/// One broker that was started with these settings.
fn cluster(fixed: &[(&str, &str)]) -> Configs {
    let fixed: Vec<_> = settings(fixed).into_iter().collect();
    let mut configs = Configs::new(StaticConfig::read(&fixed, &[], 1).unwrap().0);
    configs.add_node(NODE, settings(&[("node.id", "1"), ("broker.id", "1")]));
    configs
}
