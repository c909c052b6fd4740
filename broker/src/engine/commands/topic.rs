//! What an admin client does to a topic: each command is the request that such a client sends to the controller, so
//! Kafka's checks and words apply.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::CommandFailure;
use crate::engine::Engine;
use crate::engine::context::Effects;
use crate::engine::time::Now;
use crate::wire::apis::{Request, Response};
use crate::wire::error::ErrorCode;
use crate::wire::messages::create_partitions_request::CreatePartitionsTopic;
use crate::wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use crate::wire::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use crate::wire::messages::{
    CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest,
    IncrementalAlterConfigsRequest, TopicName, str_bytes,
};

/// Versions that name topics and explain their errors.
const CREATE_VERSION: i16 = 7;
const PARTITIONS_VERSION: i16 = 3;
const CONFIGS_VERSION: i16 = 1;
const DELETE_VERSION: i16 = 5;

/// How long such a client waits; everything here is done at once.
const TIMEOUT_MS: i32 = 30_000;

/// What the request calls the broker's own default.
const DEFAULT_PARTITIONS: i32 = -1;
const DEFAULT_REPLICATION: i16 = -1;

/// The kind of resource that a topic is.
const TOPIC_RESOURCE: i8 = 2;

/// What IncrementalAlterConfigs does with a setting.
const SET: i8 = 0;
const DELETE: i8 = 1;

/// What happens to a topic.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TopicCommand {
    Create {
        /// `num.partitions` if there is none.
        partitions: Option<i32>,
        /// `default.replication.factor` if there is none.
        replication: Option<i16>,
        configs: BTreeMap<String, String>,
    },
    Alter {
        /// How many it has then.
        partitions: Option<i32>,
        /// Settings of its own; one without a value goes back to its default.
        configs: BTreeMap<String, Option<String>>,
    },
    Delete,
}

impl Engine {
    pub(super) fn command_topic(
        &mut self,
        now: Now,
        topic: &str,
        act: TopicCommand,
        effects: &mut Effects,
    ) -> Result<(), CommandFailure> {
        self.state.publish_topics(now);
        match act {
            TopicCommand::Create {
                partitions,
                replication,
                configs,
            } => {
                let request = creation(topic, (partitions, replication), &configs);
                self.ask_controller(now, (CREATE_VERSION, request.into()), effects)
            }
            TopicCommand::Alter {
                partitions,
                configs,
            } => self.alter_topic(now, topic, (partitions, &configs), effects),
            TopicCommand::Delete => {
                let request = DeleteTopicsRequest::default()
                    .with_topic_names(vec![name(topic)])
                    .with_timeout_ms(TIMEOUT_MS);
                self.ask_controller(now, (DELETE_VERSION, request.into()), effects)
            }
        }
    }

    /// Both or nothing: the settings are looked at before partitions are added.
    fn alter_topic(
        &mut self,
        now: Now,
        topic: &str,
        (partitions, configs): (Option<i32>, &BTreeMap<String, Option<String>>),
        effects: &mut Effects,
    ) -> Result<(), CommandFailure> {
        let alteration = |only| alteration(topic, configs).with_validate_only(only);
        if !configs.is_empty() {
            self.ask_controller(now, (CONFIGS_VERSION, alteration(true).into()), effects)?;
        }
        if let Some(count) = partitions {
            let wanted = CreatePartitionsTopic::default()
                .with_name(name(topic))
                .with_count(count)
                .with_assignments(None);
            let request = CreatePartitionsRequest::default()
                .with_topics(vec![wanted])
                .with_timeout_ms(TIMEOUT_MS);
            self.ask_controller(now, (PARTITIONS_VERSION, request.into()), effects)?;
        }
        if !configs.is_empty() {
            self.ask_controller(now, (CONFIGS_VERSION, alteration(false).into()), effects)?;
        }
        Ok(())
    }

    /// Asks the controller for something that has one result.
    fn ask_controller(
        &mut self,
        now: Now,
        (version, request): (i16, Request),
        effects: &mut Effects,
    ) -> Result<(), CommandFailure> {
        let controller = self.state.cluster.controller();
        let answer = self.ask_itself(now, (controller, version), request, effects);
        match answer.as_ref().and_then(result) {
            Some((0, _)) => Ok(()),
            Some((code, message)) => Err(CommandFailure::by_kafka(code, message)),
            None => Err(CommandFailure::by_kafka(
                ErrorCode::UnknownServerError.code(),
                None,
            )),
        }
    }
}

/// The code and message of an answer's one result.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "nothing else is asked for here"
)]
fn result(answer: &Response) -> Option<(i16, Option<&str>)> {
    let (code, message) = match answer {
        Response::CreateTopics(answer) => {
            let result = answer.topics.first()?;
            (result.error_code, &result.error_message)
        }
        Response::CreatePartitions(answer) => {
            let result = answer.results.first()?;
            (result.error_code, &result.error_message)
        }
        Response::IncrementalAlterConfigs(answer) => {
            let result = answer.responses.first()?;
            (result.error_code, &result.error_message)
        }
        Response::DeleteTopics(answer) => {
            let result = answer.responses.first()?;
            (result.error_code, &result.error_message)
        }
        _ => return None,
    };
    Some((code, message.as_deref()))
}

fn creation(
    topic: &str,
    (partitions, replication): (Option<i32>, Option<i16>),
    configs: &BTreeMap<String, String>,
) -> CreateTopicsRequest {
    let configs = configs.iter().map(|(key, value)| {
        CreatableTopicConfig::default()
            .with_name(str_bytes(key))
            .with_value(Some(str_bytes(value)))
    });
    let topic = CreatableTopic::default()
        .with_name(name(topic))
        .with_num_partitions(partitions.unwrap_or(DEFAULT_PARTITIONS))
        .with_replication_factor(replication.unwrap_or(DEFAULT_REPLICATION))
        .with_configs(configs.collect());
    CreateTopicsRequest::default()
        .with_topics(vec![topic])
        .with_timeout_ms(TIMEOUT_MS)
}

fn alteration(
    topic: &str,
    configs: &BTreeMap<String, Option<String>>,
) -> IncrementalAlterConfigsRequest {
    let configs = configs.iter().map(|(key, value)| {
        AlterableConfig::default()
            .with_name(str_bytes(key))
            .with_config_operation(if value.is_some() { SET } else { DELETE })
            .with_value(value.as_deref().map(str_bytes))
    });
    let resource = AlterConfigsResource::default()
        .with_resource_type(TOPIC_RESOURCE)
        .with_resource_name(str_bytes(topic))
        .with_configs(configs.collect());
    IncrementalAlterConfigsRequest::default().with_resources(vec![resource])
}

fn name(topic: &str) -> TopicName {
    TopicName(str_bytes(topic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::Command;
    use crate::engine::testing::Bench;

    fn command(bench: &mut Bench, act: TopicCommand) -> Result<(), String> {
        let topic = "orders".to_owned();
        let done = bench.command(Command::Topic { topic, act });
        done.map(drop).map_err(|refused| refused.to_string())
    }

    fn create(partitions: Option<i32>, configs: &[(&str, &str)]) -> TopicCommand {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        TopicCommand::Create {
            partitions,
            replication: None,
            configs: configs.iter().map(owned).collect(),
        }
    }

    fn alter(partitions: Option<i32>, configs: &[(&str, Option<&str>)]) -> TopicCommand {
        let owned = |(key, value): &(&str, Option<&str>)| {
            ((*key).to_owned(), value.as_ref().map(|v| (*v).to_owned()))
        };
        TopicCommand::Alter {
            partitions,
            configs: configs.iter().map(owned).collect(),
        }
    }

    #[test]
    fn a_topic_comes_changes_and_goes() {
        let mut bench = Bench::of_nodes(3, &[("num.partitions", "2")]);
        command(&mut bench, create(None, &[("cleanup.policy", "compact")])).unwrap();
        let topic = bench.engine.state.cluster.topic("orders").unwrap();
        assert_eq!(topic.partitions.len(), 2);
        assert_eq!(topic.overrides["cleanup.policy"], "compact");
        let changes = [("cleanup.policy", None), ("retention.ms", Some("1000"))];
        command(&mut bench, alter(Some(5), &changes)).unwrap();
        let topic = bench.engine.state.cluster.topic("orders").unwrap();
        assert_eq!(topic.partitions.len(), 5);
        assert_eq!(topic.overrides.get("cleanup.policy"), None);
        assert_eq!(topic.overrides["retention.ms"], "1000");
        command(&mut bench, TopicCommand::Delete).unwrap();
        assert!(bench.engine.state.cluster.topic("orders").is_none());
    }

    #[test]
    fn what_cannot_be_is_said_in_kafkas_words() {
        #[track_caller]
        fn check(bench: &mut Bench, act: TopicCommand, words: &str) {
            assert_eq!(command(bench, act), Err(words.to_owned()));
        }
        let mut bench = Bench::new(&[]);
        let unknown = "UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition.";
        check(&mut bench, TopicCommand::Delete, unknown);
        command(&mut bench, create(Some(3), &[])).unwrap();
        check(
            &mut bench,
            create(Some(3), &[]),
            "TOPIC_ALREADY_EXISTS: Topic 'orders' already exists.",
        );
        let fewer = command(&mut bench, alter(Some(2), &[])).unwrap_err();
        assert!(fewer.starts_with("INVALID_PARTITIONS: "), "{fewer}");
        // Neither is done if one of the two cannot be.
        let bad = alter(Some(7), &[("retention.ms", Some("soon"))]);
        let bad = command(&mut bench, bad).unwrap_err();
        assert!(bad.starts_with("INVALID_CONFIG: "), "{bad}");
        let topic = bench.engine.state.cluster.topic("orders").unwrap();
        assert_eq!(topic.partitions.len(), 3);
    }
}
