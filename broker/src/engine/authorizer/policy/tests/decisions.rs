//! Who may do what.

use crate::engine::authorizer::policy::{Action, Policies, Policy};
use crate::engine::msk::Place;

const ALICE: &str = "arn:aws:iam::123456789012:user/alice";

/// What the one policy that alice has comes to.
fn decide(statements: &str, action: Action, name: &str) -> Result<String, String> {
    let document = format!("{{\"Statement\":{statements}}}");
    let mut policies = Policies::default();
    policies.put("p", Policy::parse(&document).unwrap());
    assert!(policies.attach("p", ALICE));
    let decision = policies.decide(&Place::default(), ALICE, action, name);
    if decision.is_allowed {
        Ok(decision.why)
    } else {
        Err(decision.why)
    }
}

fn statement(effect: &str, actions: &str, resource: &str) -> String {
    let actions: Vec<_> = actions
        .split(' ')
        .map(|name| format!("\"kafka-cluster:{name}\""))
        .collect();
    let actions = actions.join(",");
    format!(r#"{{"Effect":"{effect}","Action":[{actions}],"Resource":"{resource}"}}"#)
}

fn list(statements: &[String]) -> String {
    format!("[{}]", statements.join(",\n"))
}

const TOPICS: &str = "arn:aws:kafka:us-east-1:123456789012:topic/fauxka/*";

#[test]
fn what_is_not_allowed_is_denied_and_a_denial_is_the_stronger() {
    let connect = statement("Allow", "Connect", "*");
    let read = statement(
        "Allow",
        "DescribeTopic WriteData",
        &format!("{TOPICS}/orders-*"),
    );
    let all = list(&[connect.clone(), read.clone()]);
    let arn = "arn:aws:kafka:us-east-1:123456789012:topic/fauxka/00000000-0000-4000-8000-000000000000-1/orders-1";
    assert_eq!(
        decide(&all, Action::WriteData, "orders-1"),
        Ok(format!(
            "statement 2 of policy p (line 2) allows kafka-cluster:WriteData on {arn}"
        ))
    );
    assert!(decide(&all, Action::WriteData, "orders").is_err());
    assert!(decide(&all, Action::ReadData, "orders-1").is_err());
    let denied = list(&[connect, read, statement("Deny", "*", "*")]);
    assert_eq!(
        decide(&denied, Action::WriteData, "orders-1"),
        Err(format!(
            "statement 3 of policy p (line 3) denies kafka-cluster:WriteData on {arn}"
        ))
    );
    let nobody = Policies::default().decide(&Place::default(), ALICE, Action::Connect, "");
    assert_eq!(
        (nobody.is_allowed, nobody.why),
        (false, format!("{ALICE} has no policy"))
    );
}

/// Each action is allowed by all that AWS requires with it, and denied when one of these is not allowed.
#[test]
fn what_an_action_requires_has_to_be_allowed_as_well() {
    for action in Action::ALL {
        let with: Vec<_> = std::iter::once(&action).chain(action.required()).collect();
        // What is required may require more.
        let more = with.iter().flat_map(|needed| needed.required());
        let mut all: Vec<_> = with.iter().copied().chain(more).collect();
        all.sort();
        all.dedup();
        let allow = |names: &[&Action]| {
            let names = names
                .iter()
                .map(|name| name.name().split_once(':').unwrap().1);
            list(&[statement(
                "Allow",
                &names.collect::<Vec<_>>().join(" "),
                "*",
            )])
        };
        assert!(decide(&allow(&all), action, "x").is_ok(), "{action:?}");
        for lacking in with {
            let rest: Vec<_> = all
                .iter()
                .copied()
                .filter(|other| *other != lacking)
                .collect();
            if rest.is_empty() {
                continue;
            }
            let denied = decide(&allow(&rest), action, "x").unwrap_err();
            assert!(
                denied.contains(lacking.name()),
                "{action:?} without {lacking:?}: {denied}"
            );
        }
    }
}

#[test]
fn wildcards_are_those_of_the_documentation() {
    let allowed = |pattern: &str, topic: &str| {
        let connect = statement("Allow", "Connect", "*");
        let all = list(&[connect, statement("Allow", "DescribeTopic", pattern)]);
        decide(&all, Action::DescribeTopic, topic).is_ok()
    };
    let account = "arn:aws:kafka:us-east-1:123456789012";
    assert!(allowed(&format!("{account}:topic/fauxka/*"), "a"));
    assert!(allowed(&format!("{account}:topic/*/a"), "a"));
    assert!(allowed("arn:aws:kafka:*:*:topic/*", "a"));
    assert!(allowed("arn:*:kafka:us-*:1234567890??:t*/*", "a:b/c"));
    assert!(!allowed(
        &format!("{account}:topic/fauxka/*/*_test"),
        "a_tests"
    ));
    assert!(allowed(
        &format!("{account}:topic/fauxka/*/*_test"),
        "a_test"
    ));
    assert!(!allowed(&format!("{account}:topic/other/*"), "a"));
    assert!(!allowed(&format!("{account}:group/*"), "a"));
    assert!(!allowed("arn:aws:kafka:*:123:topic/*", "a"));
    assert!(!allowed("arn:aws:kafka:eu-west-1:*:topic/*", "a"));
    let action = |pattern: &str, action: Action| {
        let all = list(&[
            statement(
                "Allow",
                "Connect DescribeTopic DescribeTopicDynamicConfiguration",
                "*",
            ),
            statement("Allow", pattern, "*"),
        ]);
        decide(&all, action, "a").is_ok()
    };
    assert!(action("*Topic", Action::DeleteTopic));
    assert!(!action("*Topic", Action::AlterTopicDynamicConfiguration));
    assert!(action("alter*", Action::AlterTopicDynamicConfiguration));
}

#[test]
fn all_but_some_is_a_pattern_too() {
    let all = r#"{"Effect":"Allow","NotAction":"kafka-cluster:Delete*","NotResource":"arn:aws:kafka:*:*:topic/*/secret"}"#;
    assert!(decide(all, Action::AlterTopic, "a").is_ok());
    assert!(decide(all, Action::DeleteTopic, "a").is_err());
    assert!(decide(all, Action::AlterTopic, "secret").is_err());
}

/// A session has the policies of its role.
#[test]
fn a_session_is_its_roles() {
    let mut policies = Policies::default();
    let all = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    policies.put("p", Policy::parse(all).unwrap());
    let role = "arn:aws:iam::123456789012:role/orders";
    assert!(policies.attach("p", role) && policies.attach("p", role));
    let session = "arn:aws:sts::123456789012:assumed-role/orders/alice";
    let other = "arn:aws:sts::123456789012:assumed-role/other/alice";
    let allowed = |who| {
        let decision = policies.decide(&Place::default(), who, Action::WriteData, "x");
        decision.is_allowed
    };
    assert!(allowed(session) && allowed(role) && !allowed(other));
    assert_eq!(policies.keep()[0].principals, [role]);
    assert!(policies.detach("p", role) && !policies.detach("p", role));
    let decision = policies.decide(&Place::default(), session, Action::WriteData, "x");
    assert!(!decision.is_allowed);
    assert!(!policies.attach("q", role));
    assert!(policies.remove("p") && policies.is_empty() && !policies.remove("p"));
}

/// By Kafka's numbers, an action each for what IAM knows, and nothing for what it does not.
#[test]
fn operations_of_kafka_have_their_actions() {
    let mut known = Vec::new();
    for resource in 0..10 {
        known.extend((0..20).filter_map(|operation| Action::of(operation, resource)));
    }
    known.sort();
    let mut all = Action::ALL.to_vec();
    all.retain(|action| *action != Action::Connect);
    assert_eq!(known, all);
    // Nobody is allowed what only brokers do.
    assert_eq!(Action::of(9, 4), None);
}
