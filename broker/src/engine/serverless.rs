//! What MSK Serverless lets nobody do with topics: `--profile msk-serverless`.
//!
//! The settings are those of "Configuration properties for MSK Serverless clusters", the numbers of "MSK Serverless quota", in the Amazon
//! MSK Developer Guide of November 2026. Of its refusals only that of a setting that is altered was published by a user, code and
//! words; the others have the error that Kafka's own policies have.

use super::api_error::ApiError;
use super::cluster::configs::{Alteration, ResourceKind, TopicConfig};
use super::state::State;
use super::topics::plan::Plan;
use crate::wire::error::ErrorCode;
use crate::wire::units::NodeId;

/// What can be altered of a topic.
const ALTERABLE: [&str; 6] = [
    "compression.type",
    "max.message.bytes",
    "message.timestamp.difference.max.ms",
    "message.timestamp.type",
    "retention.bytes",
    "retention.ms",
];
/// What can be said besides while it is made.
const AT_CREATION: &str = "cleanup.policy";
const MESSAGE_BYTES: &str = "max.message.bytes";
const MESSAGE_BYTES_MAX: i64 = 8 * 1024 * 1024;
/// How many partitions the topics of clients may have, those that are compacted and those that are not.
const COMPACTED_MAX: usize = 120;
const OTHERS_MAX: usize = 2400;

impl State {
    const fn is_serverless(&self) -> bool {
        self.sasl.aws.place.serverless
    }

    /// Refuses what cannot be altered.
    ///
    /// # Errors
    /// One of the settings, or a value.
    pub(super) fn refuse_altered(
        &self,
        kind: ResourceKind,
        alteration: &Alteration,
    ) -> Result<(), ApiError> {
        if !self.is_serverless() || kind != ResourceKind::Topic {
            return Ok(());
        }
        match alteration {
            Alteration::Replace(given) => {
                let given = given.iter();
                check(given.map(|(name, value)| (name.as_str(), Some(value.as_str()))))
            }
            Alteration::Changes(changes) => check(
                changes
                    .iter()
                    .map(|change| (change.name.as_str(), change.value.as_deref())),
            ),
        }
    }

    /// Refuses a topic that cannot be made.
    ///
    /// # Errors
    /// One of its settings, a value, or that there would be too many partitions.
    pub(super) fn refuse_created(&self, node: NodeId, plan: &Plan) -> Result<(), ApiError> {
        if !self.is_serverless() {
            return Ok(());
        }
        let given = plan.overrides.iter();
        let given = given.filter(|(name, _)| *name != AT_CREATION);
        check(given.map(|(name, value)| (name.as_str(), Some(value.as_str()))))?;
        let config = TopicConfig::resolve(&self.configs, node, &plan.overrides);
        self.refuse_partitions(config.log.compact, plan.partitions())
    }

    /// Refuses partitions for which there is no room.
    ///
    /// # Errors
    /// There would be too many.
    pub(super) fn refuse_more(&self, topic: &str, more: usize) -> Result<(), ApiError> {
        if !self.is_serverless() {
            return Ok(());
        }
        self.refuse_partitions(self.topic_config(topic).log.compact, more)
    }

    fn refuse_partitions(&self, are_compacted: bool, more: usize) -> Result<(), ApiError> {
        let topics = self.cluster.topics().filter(|topic| !topic.internal);
        let alike = topics.filter(|topic| {
            let config = self.topic_config(&topic.name);
            config.log.compact == are_compacted
        });
        let there: usize = alike.map(|topic| topic.partitions.len()).sum();
        let (most, which) = if are_compacted {
            (COMPACTED_MAX, "compacted topics")
        } else {
            (OTHERS_MAX, "topics that are not compacted")
        };
        if there.saturating_add(more) <= most {
            return Ok(());
        }
        Err(ApiError::new(
            ErrorCode::PolicyViolation,
            format!(
                "MSK Serverless has room for {most} partitions of {which}: there are {there}, and {more} more are asked for."
            ),
        ))
    }
}

fn check<'a>(given: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Result<(), ApiError> {
    for (name, value) in given {
        if !ALTERABLE.contains(&name) {
            let alterable = ALTERABLE.join(", ");
            return Err(ApiError::new(
                ErrorCode::InvalidConfig,
                format!(
                    "Amazon MSK Serverless can't alter topic configuration {name}. Only the following topic configurations \
                     are alterable: [{alterable}]. For all topic configurations, MSK Serverless uses defaults that follow \
                     best practices."
                ),
            ));
        }
        let bytes = value.and_then(|value| value.trim().parse::<i64>().ok());
        if name == MESSAGE_BYTES && bytes.is_some_and(|bytes| bytes > MESSAGE_BYTES_MAX) {
            return Err(ApiError::new(
                ErrorCode::InvalidConfig,
                format!("Amazon MSK Serverless takes {MESSAGE_BYTES} up to {MESSAGE_BYTES_MAX}."),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::Bench;
    use crate::wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
    use crate::wire::messages::str_bytes;

    fn bench() -> Bench {
        let mut bench = Bench::new(&[]);
        bench.engine.state.sasl.aws.place.serverless = true;
        bench
    }

    fn refused(bench: &Bench, partitions: i32, configs: &[(&str, &str)]) -> Option<ErrorCode> {
        let configs = configs.iter().map(|(name, value)| {
            CreatableTopicConfig::default()
                .with_name(str_bytes(*name))
                .with_value(Some(str_bytes(*value)))
        });
        let topic = CreatableTopic::default()
            .with_name(str_bytes("t").into())
            .with_num_partitions(partitions)
            .with_replication_factor(1)
            .with_configs(configs.collect());
        let state = &bench.engine.state;
        let plan = Plan::of(state, NodeId(1), &topic).unwrap();
        let refused = state.refuse_created(NodeId(1), &plan).err();
        refused.map(|error| error.code)
    }

    #[test]
    fn topics_have_few_settings_and_so_many_partitions() {
        let mut bench = bench();
        let compacted = [("cleanup.policy", "compact")];
        for (partitions, configs, expected) in [
            (2400, &[][..], None),
            (2401, &[], Some(ErrorCode::PolicyViolation)),
            (120, &compacted, None),
            (121, &compacted, Some(ErrorCode::PolicyViolation)),
            (1, &[("retention.ms", "1000")], None),
            (
                1,
                &[("segment.bytes", "1048576")],
                Some(ErrorCode::InvalidConfig),
            ),
            (1, &[("max.message.bytes", "8388608")], None),
            (
                1,
                &[("max.message.bytes", "8388609")],
                Some(ErrorCode::InvalidConfig),
            ),
        ] {
            assert_eq!(
                refused(&bench, partitions, configs),
                expected,
                "{partitions} {configs:?}"
            );
        }
        bench.topic("u", 2300);
        assert_eq!(refused(&bench, 100, &[]), None);
        assert_eq!(refused(&bench, 101, &[]), Some(ErrorCode::PolicyViolation));
        assert_eq!(
            refused(&bench, 120, &compacted),
            None,
            "these are counted apart"
        );
        assert!(bench.engine.state.refuse_more("u", 100).is_ok());
        assert!(bench.engine.state.refuse_more("u", 101).is_err());
        bench.engine.state.sasl.aws.place.serverless = false;
        assert_eq!(refused(&bench, 5000, &[("segment.bytes", "1048576")]), None);
    }

    #[test]
    fn what_cannot_be_altered_is_said_as_msk_says_it() {
        let bench = bench();
        let given = vec![("cleanup.policy".to_owned(), Some("delete".to_owned()))];
        let alteration = Alteration::replace(given).unwrap();
        let state = &bench.engine.state;
        let refused = state.refuse_altered(ResourceKind::Topic, &alteration);
        let refused = refused.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidConfig);
        let said = refused.wire_message().unwrap().to_string();
        let words = "can't alter topic configuration cleanup.policy. Only the following topic configurations are alterable: \
                     [compression.type, max.message.bytes, message.timestamp.difference.max.ms, message.timestamp.type, \
                     retention.bytes, retention.ms].";
        assert!(said.contains(words), "{said}");
        assert!(
            state
                .refuse_altered(ResourceKind::Broker, &alteration)
                .is_ok()
        );
    }
}
