//! CreateTopics (key 19), v2–v7.
//!
//! Oracle: names given twice are not made at all; a request is refused as a whole when it has no
//! time, asks for more than 10,000 partitions, or would take the controller more than 10,000
//! records. v5 answers the topic's settings (KIP-525), v7 its id, which `validateOnly` invents.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::engine::api_error::ApiError;
use crate::engine::authorizer::{Operation, ResourceType};
use crate::engine::cluster::configs::{Described, Overrides};
use crate::engine::context::{Answer, Context};
use crate::engine::java::hash_map;
use crate::engine::topics::plan::Plan;
use crate::wire::error::ErrorCode;
use crate::wire::messages::create_topics_request::CreatableTopic;
use crate::wire::messages::create_topics_response::{CreatableTopicConfigs, CreatableTopicResult};
use crate::wire::messages::{CreateTopicsRequest, CreateTopicsResponse, TopicName, str_bytes};

/// Where KRaft keeps what it knows; it is no topic here.
const CLUSTER_METADATA: &str = "__cluster_metadata";

/// The first version that is refused beyond a quota, not throttled (KIP-599).
pub(super) const QUOTA_REFUSES_SINCE: i16 = 6;

/// The first version that answers a topic's settings.
const SETTINGS_SINCE: i16 = 5;

/// How many partitions one request may make, and how many records.
const BATCH: usize = 10_000;

/// Answers at once: the topics are there when the answer is.
pub(crate) fn handle(
    cx: &mut Context<'_>,
    request: CreateTopicsRequest,
) -> Answer<CreateTopicsResponse> {
    let all: Vec<TopicName> = request
        .topics
        .iter()
        .map(|topic| topic.name.clone())
        .collect();
    let results = create(cx, request).unwrap_or_else(|error| {
        let refuse = |name| failed(name, &error);
        all.into_iter().map(refuse).collect()
    });
    let response = CreateTopicsResponse::default().with_topics(results);
    Answer::Reply(response.with_throttle_time_ms(cx.throttle_ms))
}

fn create(
    cx: &mut Context<'_>,
    request: CreateTopicsRequest,
) -> Result<Vec<CreatableTopicResult>, ApiError> {
    if request.timeout_ms <= 0 {
        return Err(ApiError::without_message(ErrorCode::RequestTimedOut));
    }
    let names = request.topics.iter().map(|topic| topic.name.clone());
    let repeated = repeated_in_order(names);
    let (reserved, wanted): (Vec<_>, Vec<_>) = request
        .topics
        .into_iter()
        .filter(|topic| !repeated.contains(&topic.name))
        .partition(|topic| topic.name.as_str() == CLUSTER_METADATA);
    let (wanted, denied) = sorted(cx, wanted);
    check_partitions(cx, &wanted)?;
    let plans: Vec<_> = wanted
        .into_iter()
        .map(|topic| (Plan::of(cx.state, cx.call.node, &topic), topic.name))
        .collect();
    check_records(&plans)?;
    let mut results = Vec::with_capacity(plans.len());
    let mut settings = Settings::default();
    for (plan, name) in plans {
        let node = cx.call.node;
        let plan = plan.and_then(|plan| cx.state.refuse_created(node, &plan).map(|()| plan));
        results.push(match plan {
            Ok(plan) => match cx.charge_mutations(plan.partitions(), QUOTA_REFUSES_SINCE) {
                Ok(()) => made(cx, &mut settings, plan, name, request.validate_only),
                Err(exceeded) => failed(name, &exceeded.into()),
            },
            Err(error) => failed(name, &error),
        });
    }
    let twice = ApiError::new(ErrorCode::InvalidRequest, "Duplicate topic name.");
    results.extend(repeated.into_iter().map(|name| failed(name, &twice)));
    let prohibited = ApiError::new(
        ErrorCode::InvalidRequest,
        format!("Creation of internal topic {CLUSTER_METADATA} is prohibited."),
    );
    let code = ErrorCode::TopicAuthorizationFailed;
    let unauthorized = ApiError::new(code, "Authorization failed.");
    let mut refused: Vec<_> = reserved
        .iter()
        .map(|topic| (&topic.name, &prohibited))
        .collect();
    refused.extend(denied.iter().map(|topic| (&topic.name, &unauthorized)));
    hash_map::sort_by_name(&mut refused, |(name, _)| name);
    results.extend(
        refused
            .into_iter()
            .map(|(name, why)| failed(name.clone(), why)),
    );
    Ok(results)
}

/// Those that the client may make, and those that it may not: it takes CREATE on the cluster or on the topic.
fn sorted(
    cx: &Context<'_>,
    topics: Vec<CreatableTopic>,
) -> (Vec<CreatableTopic>, Vec<CreatableTopic>) {
    let access = cx.access();
    let makes_all = access.allows_cluster_quietly(Operation::Create);
    let may_make =
        |topic: &CreatableTopic| makes_all || access.topic(Operation::Create, &topic.name).is_ok();
    topics.into_iter().partition(may_make)
}

/// Names that stand there more than once, as a set of them has them.
pub(super) fn repeated_in_order(names: impl Iterator<Item = TopicName>) -> Vec<TopicName> {
    let mut seen = BTreeMap::new();
    let mut again = Vec::new();
    for name in names {
        let count = seen.entry(name.clone()).or_insert(0_u32);
        *count = count.saturating_add(1);
        if *count == 2 {
            again.push(name);
        }
    }
    hash_map::sort_by_name(&mut again, |name| name);
    again
}

/// What stands there more than once.
pub(super) fn repeated<T: Ord + Clone>(items: impl Iterator<Item = T>) -> BTreeSet<T> {
    let mut seen = BTreeSet::new();
    items.filter(|item| !seen.insert(item.clone())).collect()
}

fn check_partitions(cx: &Context<'_>, topics: &[CreatableTopic]) -> Result<(), ApiError> {
    let default = cx.state.configs.broker(cx.call.node).num_partitions;
    let partitions = |topic: &CreatableTopic| match topic.num_partitions {
        _ if !topic.assignments.is_empty() => topic.assignments.len(),
        -1 => usize::try_from(default).unwrap_or(0),
        given => usize::try_from(given).unwrap_or(0),
    };
    if topics.iter().map(partitions).sum::<usize>() > BATCH {
        return Err(ApiError::new(
            ErrorCode::PolicyViolation,
            "Excessively large number of partitions per request.",
        ));
    }
    Ok(())
}

fn check_records(plans: &[(Result<Plan, ApiError>, TopicName)]) -> Result<(), ApiError> {
    let good = plans.iter().filter_map(|(plan, _)| plan.as_ref().ok());
    if good.map(Plan::records).sum::<usize>() > BATCH {
        return Err(ApiError::new(
            ErrorCode::PolicyViolation,
            "Unable to perform excessively large batch operation.",
        ));
    }
    Ok(())
}

/// The settings of the topic before, since most topics of a request have the same.
#[derive(Default)]
struct Settings {
    of: Option<Overrides>,
    described: Vec<CreatableTopicConfigs>,
}

impl Settings {
    fn describe(&mut self, cx: &Context<'_>, overrides: &Overrides) -> Vec<CreatableTopicConfigs> {
        if cx.call.version < SETTINGS_SINCE {
            return Vec::new();
        }
        if self.of.as_ref() != Some(overrides) {
            let described = cx.state.configs.describe_created(cx.call.node, overrides);
            self.described = described.into_iter().map(config).collect();
            self.of = Some(overrides.clone());
        }
        self.described.clone()
    }
}

fn made(
    cx: &mut Context<'_>,
    settings: &mut Settings,
    plan: Plan,
    name: TopicName,
    only: bool,
) -> CreatableTopicResult {
    let described = settings.describe(cx, &plan.overrides);
    let partitions = i32::try_from(plan.partitions()).unwrap_or(i32::MAX);
    let factor = i16::try_from(plan.factor()).unwrap_or(i16::MAX);
    let id = if only {
        cx.state.rng.next_uuid()
    } else {
        plan.carry_out(cx.state, cx.now)
    };
    let access = cx.access();
    if !access.allows_quietly(Operation::DescribeConfigs, ResourceType::Topic, &name) {
        let code = ErrorCode::TopicAuthorizationFailed.code();
        return result(name, id).with_topic_config_error_code(code);
    }
    result(name, id)
        .with_num_partitions(partitions)
        .with_replication_factor(factor)
        .with_configs(Some(described))
}

fn failed(name: TopicName, error: &ApiError) -> CreatableTopicResult {
    result(name, Uuid::nil())
        .with_error_code(error.code.code())
        .with_error_message(error.wire_message())
        .with_num_partitions(-1)
        .with_replication_factor(-1)
        .with_configs(Some(Vec::new()))
}

fn result(name: TopicName, id: Uuid) -> CreatableTopicResult {
    CreatableTopicResult::default()
        .with_name(name)
        .with_topic_id(id)
        .with_error_message(None)
}

fn config(setting: Described) -> CreatableTopicConfigs {
    CreatableTopicConfigs::default()
        .with_name(str_bytes(setting.name))
        .with_value(setting.value.map(str_bytes))
        .with_read_only(setting.read_only)
        .with_config_source(setting.source as i8)
        .with_is_sensitive(setting.sensitive)
}
